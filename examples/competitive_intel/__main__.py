"""The command line of the demo: `python -m examples.competitive_intel`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from functools import partial
from pathlib import Path

import anyio

from examples.agent.command import add_options, launch_of, run_command, write_json
from examples.agent.learning import LEARN_SECONDS
from examples.competitive_intel.agent import Run, run_agent
from examples.competitive_intel.facts import installed
from examples.competitive_intel.plan import Plan, make_plan
from examples.competitive_intel.report import Screen, as_json


def main(arguments: list[str] | None = None) -> int:
    """Run the demo; 0 when every step was answered and the kill lost nothing."""
    options = _parser().parse_args(arguments)
    return run_command("demo", _job, options)


def _job(options: argparse.Namespace) -> int:
    plan = make_plan(installed())
    with Screen() as screen:
        run = _run(plan, options, screen)
    write_json(options.json, as_json(run, plan.tasks))
    screen.summary(run, plan.tasks)
    return 0


def _run(plan: Plan, options: argparse.Namespace, screen: Screen) -> Run:
    # Windows keeps a killed process's files open for a moment; leftovers there are harmless.
    with tempfile.TemporaryDirectory(prefix="hypernet-demo-", ignore_cleanup_errors=True) as folder:
        launch = launch_of(options, Path(folder))
        return anyio.run(partial(run_agent, plan, launch, options.learn_seconds, screen))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m examples.competitive_intel",
        description="Compare installed Python packages in 14 steps, killing the server on the way.",
    )
    add_options(parser)
    parser.add_argument(
        "--learn-seconds",
        type=float,
        default=LEARN_SECONDS,
        metavar="S",
        help="the longest to wait until the tasks are learned; 0: go at once (%(default)s)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
