"""The command line of the agent: `python -m examples.coderag`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path

import anyio

from examples.agent.command import (
    INTERRUPTED,
    add_options,
    check_folder,
    first_cause,
    plain_output,
    write_json,
)
from examples.agent.errors import ExampleError
from examples.agent.server import read_launch
from examples.coderag.agent import Run, run_agent
from examples.coderag.plan import ROOT, Plan, make_plan
from examples.coderag.report import Screen, as_json, problems, summarise
from examples.coderag.tasks import make_tasks

LEARN_SECONDS = 3_600.0


def main(arguments: list[str] | None = None) -> int:
    """Run the agent; 0 when every step was answered within what the job must hold."""
    options = _parser().parse_args(arguments)
    plain_output()
    try:
        check_folder(options.json)
        plan = make_plan(options.seed, make_tasks())
        with Screen() as screen:
            run = _run(plan, options, screen)
        write_json(options.json, as_json(run))
        screen.summary(run)
        missed = problems(summarise(run))
        if missed:
            raise ExampleError("; ".join(missed))
    except* ExampleError as group:
        print(f"coderag: failed: {first_cause(group)}", file=sys.stderr)
        return_code = 1
    except* KeyboardInterrupt:
        return_code = INTERRUPTED
    else:
        return_code = 0
    return return_code


def _run(plan: Plan, options: argparse.Namespace, screen: Screen) -> Run:
    # Windows keeps a killed process's files open for a moment; leftovers there are harmless.
    with tempfile.TemporaryDirectory(prefix="hypernet-coderag-", ignore_cleanup_errors=True) as own:
        folder = Path(own).resolve()
        code = write_code(plan, folder)
        database = options.database or folder / "memory.db"
        launch = read_launch(
            options.config, options.server, database.absolute(), folder / "server.log"
        )
        launch = replace(launch, env={**launch.env, "HYPERNET_MCP_DOCUMENTS": str(code)})
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
