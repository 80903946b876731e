"""Every figure of the MCP server in one file, each measured by its own part of the bench.

    python -m bench.mcp_report [--json mcp-report.json] [--only PART,...] [--quick]

Minutes, on an idle machine with the models and `.node` set up (`make mcp-report`). A part that
cannot be measured here is named in `not_measured` with its reason, and the exit code is 1: a figure
is either measured or missing. Knows only what each part returns.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import http_load, mcp_cancel, mcp_overhead, startup
from bench.engine import processor
from bench.fuzz import batches as fuzz

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parent.parent
PACKAGES = ("mcp", "torch", "hypernet-mcp")


@dataclass(frozen=True)
class Goal:
    """One figure and what it has to be."""

    key: str
    said: str
    met: Callable[[Any], bool]


GOALS = (
    Goal("conformance_2025_11_25_ok", "all required scenarios", lambda value: value is True),
    Goal("conformance_2026_07_28_ok", "all required scenarios", lambda value: value is True),
    Goal("initialize_s", "under 1.5", lambda value: value < 1.5),
    Goal("torch_imported", "no", lambda value: value is False),
    Goal("overhead_ms", "under 5", lambda value: value < 5),
    Goal("errors", "none", lambda value: value == 0),
    Goal("p99_over_p50", "at most 10", lambda value: value <= 10),
    Goal("cancel_tokens", "at most 2", lambda value: value <= 2),
    Goal("fuzzed", "100,000", lambda value: value >= 100_000),
    Goal("fuzz_failures", "none", lambda value: value == 0),
)
HEADLINES = {goal.key for goal in GOALS} | {goal.key.removesuffix("_ok") for goal in GOALS}


def conformance(_: bool) -> dict[str, Any]:
    """The official suite, by the same command as `make conformance`."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "conformance.json"
        done = subprocess.run(
            [sys.executable, "-m", "conformance.run", "--json", str(file)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests")))},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        if not file.exists():
            raise RuntimeError(done.stderr.strip() or f"the suite ended with {done.returncode}")
        report: dict[str, Any] = json.loads(file.read_text())
    return report


def start(quick: bool) -> dict[str, Any]:
    """From process start to the `initialize` reply."""
    return startup.measure(rounds=3 if quick else 9)


def overhead(quick: bool) -> dict[str, Any]:
    """What the server adds to a step."""
    return asyncio.run(mcp_overhead.measure(steps=60 if quick else 600))


def load(quick: bool) -> dict[str, Any]:
    """Many clients over HTTP at once."""
    return http_load.measure(clients=16, seconds=5) if quick else http_load.measure()


def cancellation(quick: bool) -> dict[str, Any]:
    """From a client's cancellation to the freed sequence."""
    return asyncio.run(mcp_cancel.measure(rounds=2 if quick else 10))


def fuzzing(quick: bool) -> dict[str, Any]:
    """Malformed messages survived."""
    tally = fuzz.Tally()
    fuzz.fuzz(1_000 if quick else 100_000, 1, tally)
    wrong = ("exits", "hangs", "leaks", "strays")
    return {
        "fuzzed": tally.fuzzed,
        "fuzz_failures": len(tally.failures),
        **{f"fuzz_{name}": getattr(tally, name) for name in wrong},
    }


PARTS: dict[str, Callable[[bool], dict[str, Any]]] = {
    "conformance": conformance,
    "start": start,
    "overhead": overhead,
    "load": load,
    "cancellation": cancellation,
    "fuzzing": fuzzing,
}


def run(parts: list[str], quick: bool, file: Path | None) -> dict[str, Any]:
    """Measure part by part; the file is written anew after each, so that none is lost."""
    report: dict[str, Any] = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "quick": quick,
        "cpu": processor(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in PACKAGES},
        "not_measured": {},
        "parts": {},
    }
    for part in parts:
        print(f"{part} ...", flush=True)
        try:
            report["parts"][part] = figures = PARTS[part](quick)
            report |= {key: figures[key] for key in HEADLINES if key in figures}
        except (Exception, SystemExit) as error:  # the other parts' figures are worth having
            report["not_measured"][part] = f"{type(error).__name__}: {error}"
        if file:
            file.write_text(json.dumps(report, indent=1) + "\n")
    return report


def show(report: dict[str, Any]) -> bool:
    """Print the figures beside their goals; whether all that were measured are met."""
    met = True
    print(f"\n{'figure':28} {'measured':>12}   goal")
    for goal in GOALS:
        if goal.key not in report:
            continue
        value = report[goal.key]
        name = goal.key.removesuffix("_ok")
        text, kept = report.get(name, value), goal.met(value)
        met = met and kept
        print(f"{name:28} {text!s:>12}   {goal.said}{'' if kept else '   MISSED'}")
    for part, reason in report["not_measured"].items():
        print(f"{part}: not measured, {reason}")
    return met


def main() -> int:
    """Measure, print, write; 1 when a goal was missed or a part not measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only", help=f"parts, separated by commas: {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="small numbers, to try it out")
    arguments = parser.parse_args()
    parts = arguments.only.split(",") if arguments.only else list(PARTS)
    if unknown := [part for part in parts if part not in PARTS]:
        parser.error(f"--only: no part is named {', '.join(unknown)}; there are {', '.join(PARTS)}")
    report = run(parts, arguments.quick, arguments.json)
    return 0 if show(report) and not report["not_measured"] else 1


if __name__ == "__main__":
    sys.exit(main())
