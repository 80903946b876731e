"""What the agents' command lines share: options of the server, and files for machines."""

from __future__ import annotations

import json
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

from examples.agent.errors import ExampleError

if TYPE_CHECKING:
    import argparse

CONFIG = Path(__file__).resolve().parents[2] / "mcp.json"
INTERRUPTED = 130


def plain_output() -> None:
    """A model or a package may use a character that an old terminal cannot show."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options that every agent has."""
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


def check_folder(file: Path | None) -> None:
    """Refuse a file that could not be written, before minutes of work.

    Raises:
        ExampleError: there is no such folder.
    """
    if file is not None and not file.absolute().parent.is_dir():
        raise ExampleError(f"cannot write {file}: there is no such folder")


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


def first_cause(error: BaseException) -> BaseException:
    """The first cause inside nested groups: task groups wrap what happens in them."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
