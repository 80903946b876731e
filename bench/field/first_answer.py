"""From process start to the first answer, here and in an earlier checkout, by turns on one machine.

    git worktree add ../before COMMIT
    python -m bench.field.first_answer ../before [--rounds 5] [--json FILE]

Each way of starting is measured in both checkouts, one after the other, in rounds whose order turns
round: `hypernet run` with labels, which are scored, and without, where tokens are decoded; the
server over stdio, whose first `set_task` and `run_step` wait for the model; and what `make demo`
starts, up to its first step. Both trees run by the same interpreter and read the same models, which
are converted before the first round. The ratios are of wall time and of processor time; the second
tells more where others use the machine. Memory is the most that one process of a start had at once.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import median
from typing import IO, TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

HERE = Path(__file__).parents[2]
TASK = "Say whether a review of a product is good or bad."
INPUT = "The battery died after two days and nobody answers the phone."
LABELS = ("good", "bad")
# As the console scripts, but of the tree that PYTHONPATH names.
RUN = "from hypernet.cli.main import main; main()"
SERVE = "from mcp_server.cli.main import main; main()"
INITIALIZE = {
    "protocolVersion": "2025-06-18",
    "capabilities": {},
    "clientInfo": {"name": "bench", "version": "0"},
}
LONGEST_S = 600


@dataclass(frozen=True)
class Start:
    """One start: wall and processor seconds to the first answer, and the most memory of it."""

    seconds: float
    cpu_seconds: float
    megabytes: float
    answer: str


def run_shell(tree: Path, *labels: str) -> Start:
    """`hypernet run` on one input, to the line that it answers."""
    options = [each for label in labels for each in ("--label", label)]
    command = [sys.executable, "-c", RUN, "run", "--json", "--task", TASK, *options, INPUT]
    started = time.perf_counter()
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=_environment(tree),
        cwd=tree,
    ) as process:
        line = _lines(process.stdout).readline()
        seconds = time.perf_counter() - started
        cpu, megabytes = _used(process.pid)
        _, errors = process.communicate(timeout=LONGEST_S)
    if process.returncode or not line:
        raise RuntimeError(f"{tree}: {errors.decode(errors='replace')[-2000:]}")
    return Start(seconds, cpu, megabytes, json.loads(line)["output"])


def serve(tree: Path, *labels: str) -> Start:
    """The server, to the results of its first `set_task` and the `run_step` behind it."""
    with tempfile.TemporaryDirectory() as folder:
        env = _environment(tree, HYPERNET_MCP_DATABASE=str(Path(folder) / "m.db"))
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=env,
            cwd=tree,
        )
        try:
            call = _client(process)
            call("initialize", INITIALIZE)
            call("notifications/initialized", None)
            task = {"task": TASK, **({"labels": labels} if labels else {})}
            begun = call("tools/call", {"name": "set_task", "arguments": task})
            session = begun["structuredContent"]["session_id"]
            step = {"session_id": session, "input": INPUT}
            result = call("tools/call", {"name": "run_step", "arguments": step})
            seconds = time.perf_counter() - started
            cpu, megabytes = _used(process.pid)
        finally:
            process.kill()
            process.communicate()
    return Start(seconds, cpu, megabytes, result["structuredContent"]["output"])


def demonstrate(tree: Path) -> Start:
    """The demo, to the row of its first step."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "examples.competitive_intel"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(tree, COLUMNS="200"),
        cwd=tree,
        start_new_session=True,  # its server ends with it
    )
    try:
        rows = iter(_lines(process.stdout).readline, b"")
        row = next((row for row in rows if row.split()[:1] == [b"1"]), None)
        seconds = time.perf_counter() - started
        cpu, megabytes = _used(process.pid)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    if row is None:
        raise RuntimeError(f"{tree}: the demo ended before its first step")
    return Start(seconds, cpu, megabytes, row.split()[-1].decode())


STARTS: dict[str, Callable[[Path], Start]] = {
    "run_labels": lambda tree: run_shell(tree, *LABELS),
    "run_text": run_shell,
    "server_labels": lambda tree: serve(tree, *LABELS),
    "server_text": serve,
    "demo": demonstrate,
}


def measure(before: Path, rounds: int = 5, starts: Sequence[str] = tuple(STARTS)) -> dict[str, Any]:
    """Each way of starting, in both trees.

    Args:
        before: another checkout, such as a git worktree of an earlier commit.
        rounds: starts of each kind in each tree.
        starts: names in `STARTS`.

    Raises:
        RuntimeError: a start failed, or the two trees gave different answers.
    """
    if not (before / "hypernet" / "cli" / "main.py").is_file():
        raise RuntimeError(f"{before} is no checkout of this project")
    trees = {"before": before.resolve(), "now": HERE}
    figures = {name: _both(STARTS[name], trees, rounds, name) for name in starts}
    asked = [figures[name] for name in figures if name.startswith("run")]
    report: dict[str, Any] = {"starts": figures, "rounds": rounds}
    if asked:  # the worse of the two ways to ask the shell
        report["first_answer_vs_before"] = max(each["vs_before"] for each in asked)
        report["first_answer_mb"] = max(each["mb"] for each in asked)
    return report


def _both(
    start: Callable[[Path], Start], trees: dict[str, Path], rounds: int, name: str
) -> dict[str, Any]:
    """Medians of one way of starting, and the median ratio of the rounds."""
    found: dict[str, list[Start]] = {tree: [] for tree in trees}
    for turn in range(rounds + 1):
        for tree in list(trees) if turn % 2 else list(reversed(trees)):
            one = start(trees[tree])
            print(
                f"{name:13} {tree:6} {one.seconds:6.2f} s, processor {one.cpu_seconds:5.2f} s, "
                f"{one.megabytes:5.0f} MB, {one.answer!r}{'' if turn else ' (not counted)'}",
                file=sys.stderr,
            )
            if turn:  # the first round converts, compiles, and fills the file cache
                found[tree].append(one)
    before, now = found["before"], found["now"]
    if len({one.answer for one in (*before, *now)}) > 1:
        raise RuntimeError(f"{name}: the two trees answer differently")
    pairs = list(zip(before, now, strict=True))
    return {
        "vs_before": round(median(b.seconds / a.seconds for a, b in pairs), 3),
        "cpu_vs_before": round(median(b.cpu_seconds / a.cpu_seconds for a, b in pairs), 3),
        "s": round(median(one.seconds for one in now), 2),
        "s_before": round(median(one.seconds for one in before), 2),
        "cpu_s": round(median(one.cpu_seconds for one in now), 2),
        "cpu_s_before": round(median(one.cpu_seconds for one in before), 2),
        "mb": round(max(one.megabytes for one in now)),
        "mb_before": round(max(one.megabytes for one in before)),
    }


def _environment(tree: Path, **own: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(tree), **own}


def _used(pid: int) -> tuple[float, float]:
    """Processor seconds of a process and its children; the most MB that one of them had."""
    whole, most = 0.0, 0.0
    process = psutil.Process(pid)
    for each in (process, *process.children(recursive=True)):
        times = each.cpu_times()
        whole += times.user + times.system
        most = max(most, _peak(each) / 1e6)
    return whole, most


def _peak(process: psutil.Process) -> int:
    """Bytes of the largest resident set so far, or of the one now where no system tells more."""
    status = Path(f"/proc/{process.pid}/status")
    if status.is_file():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return 1024 * int(line.split()[1])
    memory = process.memory_info()
    return int(getattr(memory, "peak_wset", memory.rss))


def _client(process: subprocess.Popen[bytes]) -> Callable[[str, dict[str, Any] | None], Any]:
    """Calls of an MCP server over its pipes, one after the other."""
    ids = count(1)

    def call(method: str, params: dict[str, Any] | None) -> Any:
        message: dict[str, Any] = {"jsonrpc": "2.0", "method": method}
        number = next(ids)
        if params is not None:
            message |= {"id": number, "params": params}
        if process.stdin is None:
            raise RuntimeError("no pipes")
        process.stdin.write(json.dumps(message).encode() + b"\n")
        process.stdin.flush()
        if params is None:  # a notification, which nobody answers
            return None
        for line in iter(_lines(process.stdout).readline, b""):
            reply = json.loads(line)
            if reply.get("id") == number:
                if "result" not in reply or reply["result"].get("isError"):
                    raise RuntimeError(f"{method}: {reply}")
                return reply["result"]
        raise RuntimeError(f"{method}: the server ended")

    return call


def _lines(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise RuntimeError("no pipes")
    return stream


def main() -> None:
    """Measure, print a table, write JSON if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("before", type=Path, help="another checkout, to compare with")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--starts", nargs="+", choices=tuple(STARTS), default=list(STARTS))
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    report = measure(arguments.before, arguments.rounds, arguments.starts)
    for name, figures in report["starts"].items():
        print(
            f"{name:13} {figures['s']:6.2f} s, before {figures['s_before']:6.2f} s, "
            f"ratio {figures['vs_before']:.3f} (processor {figures['cpu_vs_before']:.3f}); "
            f"{figures['mb']} MB, before {figures['mb_before']} MB"
        )
    for name in ("first_answer_vs_before", "first_answer_mb"):
        if name in report:
            print(f"{name:24} {report[name]}")
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
