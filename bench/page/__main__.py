"""Every figure of the page in one file.

    python -m bench.page [--json page-report.json] [--only PART,...] [--quick]

Minutes, on an idle machine with Playwright, Chromium and axe (`make page-report`). A part that
cannot be measured here is named in `not_measured` with its reason, and the exit code is 1: a figure
is either measured or missing.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from bench import page_cost
from bench.engine import processor
from bench.http_load import server
from bench.page import injection, made, timing
from bench.page.browser import LOOKS, ROOT, chromium, missing
from bench.page.payloads import payloads, ways
from bench.page.views import VIEWS, looked_at

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Goal:
    """One figure and what it has to be at most."""

    key: str
    most: float


GOALS = (
    Goal("failed", 0),
    Goal("violations", 0),
    Goal("view_ms", 100),
    Goal("view_bytes", 200_000),
    Goal("watched_vs_alone", 1.10),
    Goal("injected", 0),
)
# What a test may have beside its name.
BAD = ("failure", "error", "skipped")


def driven(quick: bool) -> dict[str, Any]:
    """The tests that drive views and actions; `failed` counts those that were skipped too."""
    require_browser()
    chosen = "browser and not model" if quick else "browser"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tests.xml"
        command = [sys.executable, "-m", "pytest", "tests/page", "-q", "-m", chosen]
        done = subprocess.run(
            [*command, f"--junit-xml={file}"], cwd=ROOT, capture_output=True, text=True, check=False
        )
        if not file.exists():
            raise RuntimeError((done.stdout + done.stderr).strip()[-1000:])
        cases = list(ElementTree.parse(file).iter("testcase"))  # noqa: S314  # just written by pytest
    bad = [case for case in cases if any(case.find(kind) is not None for kind in BAD)]
    names = [f"{case.get('classname')}::{case.get('name')}" for case in bad]
    return {"driven": len(cases), "failed": len(bad), "failed_tests": names}


def looks(_: bool) -> dict[str, Any]:
    """What axe finds, and what else is wrong, in every view, light, dark and on a phone."""
    require_browser()
    violations, wrong = list[str](), list[str]()
    with tempfile.TemporaryDirectory() as made_in:
        folder = Path(made_in)
        job = made.small(folder / "memory.db")
        with server(folder) as address, chromium() as browser:
            for view in VIEWS:
                for look in LOOKS:
                    found = looked_at(browser, address, view, job, look)
                    violations += [f"{view.name}, {look}: {each}" for each in found.violations]
                    wrong += [f"{view.name}, {look}: {each}" for each in found.wrong]
    return {
        "looked_at": len(VIEWS) * len(LOOKS),
        "violations": len(violations),
        "violated": violations,
        "wrong": wrong,
    }


def times(quick: bool) -> dict[str, Any]:
    """Milliseconds and bytes of every view with a job of 10,000 steps."""
    with tempfile.TemporaryDirectory() as made_in:
        folder = Path(made_in)
        job = made.long(folder / "memory.db", 1_000 if quick else 10_000)
        with server(folder) as address:
            return timing.measure(address, job, rounds=10 if quick else 40)


def cost(quick: bool) -> dict[str, Any]:
    """What pages that watch cost a step."""
    return page_cost.measure(rounds=2) if quick else page_cost.measure()


def scripts(quick: bool) -> dict[str, Any]:
    """Payloads in every text field."""
    require_browser()
    with chromium() as browser:
        return injection.measure(browser, ways() if quick else payloads())


PARTS: dict[str, Callable[[bool], dict[str, Any]]] = {
    "driven": driven,
    "looks": looks,
    "times": times,
    "cost": cost,
    "scripts": scripts,
}


def require_browser() -> None:
    """Raises RuntimeError: what is missing, and what installs it."""
    if (reason := missing()) is not None:
        raise RuntimeError(reason)


def run(parts: list[str], quick: bool, file: Path | None) -> dict[str, Any]:
    """Measure part by part; the file is written anew after each, so that none is lost."""
    report: dict[str, Any] = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "quick": quick,
        "cpu": processor(),
        "not_measured": {},
        "parts": {},
    }
    for part in parts:
        print(f"{part} ...", flush=True)
        try:
            report["parts"][part] = figures = PARTS[part](quick)
            report |= {goal.key: figures[goal.key] for goal in GOALS if goal.key in figures}
        except (Exception, SystemExit) as error:  # the other parts' figures are worth having
            report["not_measured"][part] = f"{type(error).__name__}: {error}"
        if file:
            file.write_text(json.dumps(report, indent=1) + "\n")
    return report


def show(report: dict[str, Any]) -> bool:
    """Print the figures beside their goals; whether all that were measured are met."""
    met = True
    print(f"\n{'figure':20} {'measured':>12}   goal")
    for goal in GOALS:
        if goal.key in report:
            met = met and report[goal.key] <= goal.most
            print(f"{goal.key:20} {report[goal.key]:>12}   at most {goal.most:g}")
    for part, reason in report["not_measured"].items():
        print(f"{part} was not measured: {reason}")
    return met and not report["not_measured"]


def main() -> None:
    """Measure, print, write JSON if asked; fails where a figure is missing or misses its goal."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only", help="parts, separated by commas: " + ", ".join(PARTS))
    parser.add_argument("--quick", action="store_true", help="fewer rounds, steps and payloads")
    arguments = parser.parse_args()
    parts = arguments.only.split(",") if arguments.only else list(PARTS)
    if unknown := [part for part in parts if part not in PARTS]:
        parser.error(f"--only: no part is called {', '.join(unknown)}")
    if not show(run(parts, arguments.quick, arguments.json)):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
