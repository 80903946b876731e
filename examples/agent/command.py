"""What the examples' command lines share: options, files for machines, how they end."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

from examples.agent.errors import ExampleError
from examples.agent.server import read_launch

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from examples.agent.server import Launch

CONFIG = Path(__file__).resolve().parents[2] / "mcp.json"
INTERRUPTED = 130


def run_command(
    name: str, job: Callable[[argparse.Namespace], int], options: argparse.Namespace
) -> int:
    """Run an example's job and give the exit code: the job's own unless it is broken off.

    Args:
        name: begins the line that says why it failed.
        job: gives 0 where all that must hold does.
        options: `json` of them is checked before the job.
    """
    _plain_output()
    try:
        _check_folder(options.json)
        code = job(options)
    except* ExampleError as group:
        print(f"{name}: failed: {_first_cause(group)}", file=sys.stderr)
        code = 1
    except* KeyboardInterrupt:
        code = INTERRUPTED
    return code


def add_json_option(parser: argparse.ArgumentParser) -> None:
    """The option that every example has."""
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the run here")


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options that every agent has."""
    add_json_option(parser)
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


def launch_of(options: argparse.Namespace, folder: Path, documents: Path | None = None) -> Launch:
    """How to start the server by the agents' options.

    Args:
        options: the agents' own, see `add_options`.
        folder: receives the server's log, and its database where no other is named.
        documents: where the server may read; None: nowhere.

    Raises:
        ExampleError: no such file, entry or command.
    """
    database = options.database or folder / "memory.db"
    launch = read_launch(options.config, options.server, database.absolute(), folder / "server.log")
    if documents is None:
        return launch
    return replace(launch, env={**launch.env, "HYPERNET_MCP_DOCUMENTS": str(documents)})


def write_json(file: Path | None, data: dict[str, Any]) -> None:
    """Write a run for machines, where it is wanted.

    Raises:
        ExampleError: it cannot be written.
    """
    if file is None:
        return
    text = json.dumps(data, indent=2, ensure_ascii=False)
    try:
        file.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise ExampleError(f"cannot write {file}: {error.strerror}") from error


def _plain_output() -> None:
    """A model or a package may use a character that an old terminal cannot show."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def _check_folder(file: Path | None) -> None:
    """Refuse a file that could not be written, before minutes of work.

    Raises:
        ExampleError: there is no such folder.
    """
    if file is not None and not file.absolute().parent.is_dir():
        raise ExampleError(f"cannot write {file}: there is no such folder")


def _first_cause(error: BaseException) -> BaseException:
    """The first cause inside nested groups: task groups wrap what happens in them."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
