"""The command line of the demo: `python -m examples.competitive_intel`."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from functools import partial
from io import TextIOWrapper
from pathlib import Path

import anyio

from examples.competitive_intel.agent import Run, run_agent
from examples.competitive_intel.errors import DemoError
from examples.competitive_intel.facts import installed
from examples.competitive_intel.plan import Plan, make_plan
from examples.competitive_intel.report import Screen, as_json
from examples.competitive_intel.server import read_launch

CONFIG = Path(__file__).resolve().parents[2] / "mcp.json"
INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Run the demo; 0 when every step was answered and the kill lost nothing."""
    options = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        # A model or a package may use a character that an old terminal cannot show.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        if options.json is not None and not options.json.absolute().parent.is_dir():
            raise DemoError(f"cannot write {options.json}: there is no such folder")
        plan = make_plan(installed())
        with Screen() as screen:
            run = _run(plan, options, screen)
        if options.json is not None:
            _write(options.json, run, plan)
        screen.summary(run, plan.tasks)
    except* DemoError as group:
        print(f"demo: failed: {_first(group)}", file=sys.stderr)
        return_code = 1
    except* KeyboardInterrupt:
        return_code = INTERRUPTED
    else:
        return_code = 0
    return return_code


def _run(plan: Plan, options: argparse.Namespace, screen: Screen) -> Run:
    # Windows keeps a killed process's files open for a moment; leftovers there are harmless.
    with tempfile.TemporaryDirectory(prefix="hypernet-demo-", ignore_cleanup_errors=True) as folder:
        database = options.database or Path(folder) / "memory.db"
        log = Path(folder) / "server.log"
        launch = read_launch(options.config, options.server, database.absolute(), log)
        return anyio.run(partial(run_agent, plan, launch, screen))


def _write(file: Path, run: Run, plan: Plan) -> None:
    text = json.dumps(as_json(run, plan.tasks), indent=2, ensure_ascii=False)
    try:
        file.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise DemoError(f"cannot write {file}: {error.strerror}") from error


def _first(error: BaseException) -> BaseException:
    """The first cause inside nested groups: task groups wrap what happens in them."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m examples.competitive_intel",
        description="Compare installed Python packages in 14 steps, killing the server on the way.",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the run here")
    parser.add_argument(
        "--config",
        type=Path,
        default=CONFIG,
        metavar="FILE",
        help="default: the project's mcp.json",
    )
    parser.add_argument(
        "--server", default="hypernet-mcp", metavar="NAME", help="the entry there (%(default)s)"
    )
    parser.add_argument(
        "--database",
        type=Path,
        metavar="FILE",
        help="keep the memory here; default: a temporary file",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
