"""The command line of the agent: `python -m examples.coderag`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from functools import partial
from pathlib import Path

import anyio

from examples.agent.command import add_options, launch_of, run_command, write_json
from examples.agent.errors import ExampleError
from examples.agent.learning import LEARN_SECONDS
from examples.coderag.agent import Run, run_agent
from examples.coderag.plan import ROOT, Plan, make_plan
from examples.coderag.report import Screen, as_json, problems, summarise
from examples.coderag.tasks import make_tasks


def main(arguments: list[str] | None = None) -> int:
    """Run the agent; 0 when every step was answered within what the job must hold."""
    options = _parser().parse_args(arguments)
    return run_command("coderag", _job, options)


def _job(options: argparse.Namespace) -> int:
    plan = make_plan(options.seed, make_tasks())
    with Screen() as screen:
        run = _run(plan, options, screen)
    write_json(options.json, as_json(run))
    screen.summary(run)
    missed = problems(summarise(run))
    if missed:
        raise ExampleError("; ".join(missed))
    return 0


def _run(plan: Plan, options: argparse.Namespace, screen: Screen) -> Run:
    # Windows keeps a killed process's files open for a moment; leftovers there are harmless.
    with tempfile.TemporaryDirectory(prefix="hypernet-coderag-", ignore_cleanup_errors=True) as own:
        folder = Path(own).resolve()
        code = write_code(plan, folder)
        launch = launch_of(options, folder, documents=code)
        return anyio.run(partial(run_agent, plan, launch, options.learn_seconds, screen))


def write_code(plan: Plan, folder: Path) -> Path:
    """Put the code base into a folder, and give its place there."""
    code = folder / ROOT
    for file, text in plan.files.items():
        (code / file).parent.mkdir(parents=True, exist_ok=True)
        (code / file).write_text(text, encoding="utf-8")
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m examples.coderag",
        description="Twelve questions about the sources of installed packages.",
    )
    add_options(parser)
    parser.add_argument(
        "--seed",
        type=int,
        default=1,
        metavar="N",
        help="draws packages and functions (%(default)s)",
    )
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
