"""What the commands of `hypernet` share: options, paths that do not work, and where errors go."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from hypernet import terminal
from hypernet.runtime import RuntimeOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

ERRORS = Console(stderr=True)
MODELS = ("base", "hypernetwork", "encoder")
# What requests and settings name, and the options that stand for it here.
OPTIONS = (
    (r"\blabels\[(\d+)\]", lambda found: f"number {int(found[1]) + 1}"),
    (r"^labels:", "--label:"),
    (r"^copy:", "--copy:"),
    (r"\bmax_tokens\b", "--max-tokens"),
    (r"\bset HYPERNET_MCP_DEVICE=", "give --device "),
    (r"\bHYPERNET_MCP_CACHE or --cache\b", "--cache"),
)


def in_shell_words(error: Exception) -> str:
    """What an error says, with the options' names for what tools and settings name otherwise."""
    text = str(error)
    for pattern, instead in OPTIONS:
        text = re.sub(pattern, instead, text)
    return text


class Command(terminal.Command):
    """A command that names the option whose path the system refused, instead of a stack."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except OSError as error:
            option = _option_of(ctx, error.filename)
            if option is None:
                raise
            raise click.ClickException(f"{option}: {error.filename}: {error.strerror}") from error


def _option_of(ctx: click.Context, file: Any) -> str | None:
    """The parameter that gave a path, a folder that it is in, or the file that it is part of."""
    if not isinstance(file, str):
        return None
    refused = os.path.abspath(file)
    for parameter in ctx.command.params:
        value = ctx.params.get(parameter.name or "")
        for given in value if isinstance(value, tuple) else (value,):
            if isinstance(given, Path) or (given and parameter.name in MODELS):
                own = os.path.abspath(Path(given).expanduser())
                if refused.startswith(own) or own.startswith(refused):
                    return parameter.get_error_hint(ctx)
    return None


def writable(context: click.Context, option: click.Parameter, file: Path | None) -> Path | None:
    """Refuse, before any work is done, a file that could not be written in the end."""
    if file is not None:
        try:
            tempfile.TemporaryFile(dir=file.parent).close()
        except OSError as error:
            raise click.BadParameter(f"{file} cannot be written: {error.strerror}") from error
    return file


def output(*names: str, help: str) -> Decorator:  # noqa: A002  # as click has it
    """An option that names a file to write."""
    kind = click.Path(dir_okay=False, path_type=Path)
    return click.option(*names, type=kind, callback=writable, help=help)


base_option = click.option(
    "--base", help="Base model: folder, .gguf or hub name. [default: embedded]"
)
weights_option = click.option(
    "--hypernetwork", help="Hypernetwork folder. [default: the shipped one]"
)
encoder_option = click.option(
    "--encoder", help="Text encoder: folder or hub name. [default: MiniLM]"
)
cache_option = click.option(
    "--cache",
    type=click.Path(file_okay=False, path_type=Path),
    default=RuntimeOptions().cache,
    help="Where converted models are kept.",
)
