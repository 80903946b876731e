"""The pages' parts that are made from the code: tools, commands, flags, settings, files.

Each is between `<!-- NAME: generated -->` and `<!-- /NAME -->`.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

import click
from pydantic_core import PydanticUndefined

from mcp_server.app.application import Application
from mcp_server.app.settings import Settings
from mcp_server.cli.config import CLIENTS, configuration, starting
from mcp_server.cli.main import main
from mcp_server.protocol.server import build_server

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mcp.types import Tool
    from pydantic.fields import FieldInfo


def filled(text: str, names: Iterable[str]) -> str:
    """A page with the named tables anew.

    Raises:
        ValueError: a table's place is missing.
    """
    made = tables()
    for name in names:
        table = made[name]
        place = re.compile(rf"(<!-- {name}: generated -->\n).*?(<!-- /{name} -->)", re.S)
        parts = place.split(text)
        if len(parts) != 4:
            raise ValueError(f"the page has {len(parts) // 3} places for `{name}`, not one")
        before, opening, closing, after = parts
        text = f"{before}{opening}{table}{closing}{after}"
    return text


def tables() -> dict[str, str]:
    """Each table by its name."""
    config = configuration("claude-desktop", starting("name"))
    return {
        "config": f"```json\n{config}```\n",
        "tools": _table(("tool", "arguments", "what it does"), map(_tool_row, tools())),
        "commands": _table(("command", "what it does"), _command_rows()),
        "flags": _table(("flag", "what it does"), _flag_rows()),
        "settings": _table(
            ("variable", "default", "what it does"),
            (_setting_row(name, field) for name, field in Settings.model_fields.items()),
        ),
        "places": _table(("client", "system", "file"), _place_rows()),
    }


def tools() -> list[Tool]:
    """The server's own tools, as it lists them."""
    with tempfile.TemporaryDirectory() as folder:
        app = Application(Settings(database=Path(folder) / "memory.db", engine="echo"))
        try:
            return asyncio.run(build_server(app).list_tools())
        finally:
            app.close()


def first_sentence(text: str | None) -> str:
    """Up to the first full stop that ends a sentence, on one line."""
    line = " ".join((text or "").split("\n\n")[0].split())
    return re.split(r"(?<=\.)\s+(?=[A-Z])", line)[0]


def _tool_row(tool: Tool) -> tuple[str, ...]:
    schema: dict[str, Any] = tool.input_schema
    needed = schema.get("required", [])
    names = (f"`{n}`" if n in needed else f"`{n}?`" for n in schema.get("properties", {}))
    return f"`{tool.name}`", ", ".join(names), first_sentence(tool.description)


def _command_rows() -> Iterable[tuple[str, ...]]:
    yield "`hypernet-mcp`", "Serve, on stdio unless told otherwise."
    for name, command in sorted(main.commands.items()):
        words = [name, *(param.human_readable_name for param in _arguments(command))]
        if isinstance(command, click.Group):
            words.append("\\|".join(command.commands))
        yield f"`hypernet-mcp {' '.join(words)}`", first_sentence(command.help)


def _place_rows() -> Iterable[tuple[str, ...]]:
    for name, client in CLIENTS.items():
        for system, place in client.places.items():
            yield f"{client.title} (`{name}`)", system, place.replace("\\", "\\\\")


def _arguments(command: click.Command) -> list[click.Parameter]:
    return [param for param in command.params if isinstance(param, click.Argument)]


def _flag_rows() -> Iterable[tuple[str, ...]]:
    for option in main.params:
        if isinstance(option, click.Option) and option.name != "version":
            kind = option.type
            value = (
                "\\|".join(kind.choices) if isinstance(kind, click.Choice) else kind.name.upper()
            )
            yield f"`{option.opts[0]} {value}`", option.help or ""


def _setting_row(name: str, field: FieldInfo) -> tuple[str, ...]:
    return f"`HYPERNET_MCP_{name.upper()}`", _default(field), field.description or ""


def _default(field: FieldInfo) -> str:
    if field.default_factory is not None:
        return "in the user's folders"
    if field.default in (None, (), PydanticUndefined):
        return "unset"
    if isinstance(field.default, PurePath):
        return f"`{field.default.as_posix()}`"
    return f"`{field.default}`".lower() if isinstance(field.default, bool) else f"`{field.default}`"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(' '.join(cell.split()) for cell in row)} |\n" for row in lines)
