"""Kills a working server again and again, and looks each time whether it kept its promises.

    python -m bench.crash --kills 1000 [--json FILE] [--seed N]

A worker runs steps, documents, checkpoints, restores, deletions, prunes and corrections through the
real server with the echo engine, saves tasks that it learns in the background, and notes what was
answered. It dies at random moments or at named points;
after a third of the deaths the power is cut as well (`bench.unsynced`): what SQLite had not synced
is gone. Then the server starts on what is left, and `bench.crash_check` compares. Two controls show
that the test can fail: without kills, and with a server that does not sync.

`ready` is the time from a new application over the file to its first answer with the sessions in
it, on a process that runs already.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
from mcp import Client

from bench import unsynced
from bench.crash_check import Promised, check, first_release
from bench.crash_tasks import finish
from bench.crash_worker import AFTER_ANSWERS, MIGRATING, POINTS, Orders, Point, work
from bench.old_database import write_version_1
from checkpoints import MemoryFault, Store
from mcp_server.app.application import Application
from mcp_server.app.settings import Settings
from mcp_server.protocol.server import build_server

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

ROUND = 20
"""Deaths after which a new database begins, as the first release wrote it."""
RANDOM_SHARE = 0.4
CUT_SHARE = 1 / 3
LONGEST_LIFE_S = 0.4
READY_LIMIT_MS = 1000.0
CONTROL_KILLS = 2
TELL_EVERY = 50
ENCODER = "echo"
# As a kill and TerminateProcess end a process.
KILLED = {-getattr(signal, "SIGKILL", signal.SIGTERM), -signal.SIGTERM, int(signal.SIGTERM)}


@dataclass
class Report:
    """What came of a series; `lost` counts answered operations that were not there any more."""

    wanted: int
    kills: int = 0
    power_cuts: int = 0
    lost: int = 0
    wrong: list[str] = field(default_factory=list)
    ready_ms: list[float] = field(default_factory=list)
    points: Counter[str] = field(default_factory=Counter)
    corrections: int = 0
    versions: int = 0
    learned: int = 0
    """Versions that were measured in the background and accepted, and looked for after kills."""

    @property
    def passed(self) -> bool:
        """Whether as many kills took place as were wanted, and nothing was lost or wrong."""
        return self.kills >= self.wanted and not self.lost and not self.wrong

    @property
    def p95_ready_ms(self) -> float:
        """95th percentile, nearest rank."""
        times = sorted(self.ready_ms) or [0.0]
        return times[math.ceil(0.95 * len(times)) - 1]


def run(
    kills: int,
    folder: Path,
    seed: int,
    *,
    kill: bool = True,
    sync: bool = True,
    cut_share: float = CUT_SHARE,
) -> Report:
    """One series of deaths; `kill` and `sync` False are the two controls."""
    context = multiprocessing.get_context("spawn" if sys.platform == "win32" else "forkserver")
    context.set_forkserver_preload(["bench.crash_worker"])
    rng = random.Random(seed)  # noqa: S311  # sampling, not secrets
    report = Report(kills)
    database, log, synced = folder / "memory.db", folder / "log.jsonl", folder / "synced"
    promised, age = Promised(), 0
    for _ in range(2 * kills + 2):
        if report.kills >= kills:
            break
        if age % ROUND == 0:
            if age:
                _finish(database, promised, report)
            promised = _begin(database, log)
        point = _point(rng, first=age % ROUND == 0) if sync else AFTER_ANSWERS
        point = point if kill else None
        cut = unsynced.available() and rng.random() < cut_share
        orders = replace(
            _orders(promised, database, log, rng),
            point=point,
            synced=synced if cut else None,
            sync=sync,
        )
        if cut:
            unsynced.begin(database, synced)
        life = rng.uniform(0, LONGEST_LIFE_S)
        exit_code = _live(context, orders, life if kill and point is None else None)
        if exit_code in KILLED:
            report.kills += 1
            report.points[point.name if point else "at random"] += 1
            if report.kills % TELL_EVERY == 0:
                print(f"{report.kills} kills, {report.lost} lost", file=sys.stderr, flush=True)
            if cut:
                unsynced.cut_power(database, synced)
                report.power_cuts += 1
        elif exit_code != 0:
            report.wrong.append(f"the worker ended with status {exit_code}, seed {orders.seed}")
        promised.follow(log)
        # What went wrong once would be found again each time.
        age = age + 1 if _look(database, promised, report) else 0
    if age:
        _finish(database, promised, report)
    return report


def _finish(database: Path, promised: Promised, report: Report) -> None:
    """Learn what was being learned, undisturbed, and compare."""
    taught = promised.taught
    if taught.tasks:
        report.wrong += anyio.run(finish, database, taught, promised.inputs)
        report.corrections += taught.corrections
        report.versions += sum(each.version for each in taught.tasks.values())
        report.learned += sum(map(len, taught.accepted.values()))


def _begin(database: Path, log: Path) -> Promised:
    shutil.rmtree(database.parent, ignore_errors=True)
    database.parent.mkdir(parents=True)
    steps = 7
    return first_release(write_version_1(database, steps), steps)


def _point(rng: random.Random, *, first: bool) -> Point | None:
    if first:
        return rng.choice(MIGRATING)
    return None if rng.random() < RANDOM_SHARE else rng.choice(POINTS)


def _orders(promised: Promised, database: Path, log: Path, rng: random.Random) -> Orders:
    marks: dict[str, list[str]] = {}
    for checkpoint, (name, _) in promised.marks.items():
        marks.setdefault(name, []).append(checkpoint)
    again = promised.unanswered if rng.random() < 0.5 else None
    return Orders(
        database=database,
        log=log,
        seed=rng.randrange(2**31),
        first=promised.next,
        sessions={name: i for name, i in promised.sessions.items() if name != "old"},
        checkpoints=marks,
        taught=len(promised.inputs),
        retry=again,
    )


def _live(context: Any, orders: Orders, seconds: float | None) -> int | None:
    """A worker's life; it is killed `seconds` after it began to work, if given."""
    ready, says = context.Pipe(duplex=False)
    process: BaseProcess = context.Process(target=work, args=(orders, says))
    process.start()
    says.close()
    if seconds is not None:
        try:
            ready.recv()
            time.sleep(seconds)
        except EOFError:
            pass  # it died before it began; its exit status tells why
        process.kill()
    process.join()
    ready.close()
    return process.exitcode


def _look(database: Path, promised: Promised, report: Report) -> bool:
    """Start a server on what is left, and compare; whether all is as it should be."""
    try:
        report.ready_ms.append(anyio.run(_ready_ms, database))
        with Store.open(database) as store:
            findings = check(store, promised, ENCODER)
    except (MemoryFault, RuntimeError) as error:
        report.lost += sum(map(len, promised.events.values()))
        report.wrong.append(f"does not open: {error}")
        return False
    report.lost += findings.lost
    report.wrong += findings.wrong
    return not findings.wrong


async def _ready_ms(database: Path) -> float:
    started = time.perf_counter()
    app = Application(Settings(database=database, engine="echo", cache=database.parent))
    try:
        async with Client(build_server(app)) as client:
            result = await client.call_tool("status", {})
            elapsed = time.perf_counter() - started
            if result.is_error:
                raise RuntimeError(str(result.content))
    finally:
        app.close()
    return 1000 * elapsed


def controls(folder: Path, seed: int) -> dict[str, Report]:
    """The two series that must not pass."""
    reports = {"without kills": run(1, folder / "without", seed, kill=False)}
    if unsynced.available():
        reports["without syncs"] = run(
            CONTROL_KILLS, folder / "unsynced", seed, sync=False, cut_share=1.0
        )
    return reports


def summary(report: Report, control: dict[str, Report]) -> dict[str, Any]:
    """The report as JSON."""
    without_syncs = control.get("without syncs")
    return {
        "kills": report.kills,
        "power_cuts": report.power_cuts,
        "lost": report.lost,
        "wrong": report.wrong[:20],
        "controls_failed": not control["without kills"].passed
        and control["without kills"].kills == 0
        and without_syncs is not None
        and without_syncs.lost > 0,
        "lost_without_syncs": None if without_syncs is None else without_syncs.lost,
        "corrections": report.corrections,
        "versions": report.versions,
        "learned": report.learned,
        "p95_ready_ms": round(report.p95_ready_ms, 1),
        "max_ready_ms": round(max(report.ready_ms, default=0.0), 1),
        "points": dict(sorted(report.points.items())),
    }


def main() -> None:
    """Run the series and the controls, print the report, write JSON if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = run(arguments.kills, Path(folder) / "kills", arguments.seed)
        control = controls(Path(folder), arguments.seed)
    result = summary(report, control)
    for name, value in result.items():
        print(f"{name:20} {value}")
    if result["max_ready_ms"] > READY_LIMIT_MS:
        print(f"at least one start took more than {READY_LIMIT_MS:.0f} ms")
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1) + "\n")
    sys.exit(0 if report.passed and result["controls_failed"] else 1)


if __name__ == "__main__":
    main()
