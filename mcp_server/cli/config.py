"""What to write into each MCP client's configuration file so that it reaches this server.

The one place that knows the clients' formats; `hypernet-mcp config` prints them, and the files in
`distribution/clients` are made from it.
"""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from hypernet.terminal import Command, shows
from mcp_server.app.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "hypernet-mcp"
Start = Literal["path", "name", "uvx"]


@dataclass(frozen=True)
class Client:
    """One client's file: what it is called, where it is, and how it names things.

    `places` gives the file by system; `key` is the object that holds the servers; `typed` says
    which entries name their transport; `http` whether the file takes addresses, too.
    """

    title: str
    file: str
    places: Mapping[str, str]
    key: str = "mcpServers"
    typed: tuple[str, ...] = ("stdio", "http")
    http: bool = True


CLIENTS: dict[str, Client] = {
    "claude-desktop": Client(
        "Claude Desktop",
        "claude_desktop_config.json",
        {
            "macOS": "~/Library/Application Support/Claude/claude_desktop_config.json",
            "Windows": r"%APPDATA%\Claude\claude_desktop_config.json",
            "Linux": "~/.config/Claude/claude_desktop_config.json",
        },
        typed=(),
        http=False,
    ),
    "claude-code": Client(
        "Claude Code",
        ".mcp.json",
        {"macOS, Linux, Windows": ".mcp.json in the project's folder"},
    ),
    "cursor": Client(
        "Cursor",
        "mcp.json",
        {
            "macOS, Linux": "~/.cursor/mcp.json, or .cursor/mcp.json in a project",
            "Windows": r"%USERPROFILE%\.cursor\mcp.json, or .cursor\mcp.json in a project",
        },
        typed=("stdio",),
    ),
    "vscode": Client(
        "VS Code",
        "mcp.json",
        {
            "macOS, Linux, Windows": ".vscode/mcp.json in a workspace; for all of them the command "
            "`MCP: Open User Configuration`",
        },
        key="servers",
    ),
    "codex": Client(
        "Codex",
        "config.toml",
        {"macOS, Linux": "~/.codex/config.toml", "Windows": r"%USERPROFILE%\.codex\config.toml"},
        key="mcp_servers",
        typed=(),
    ),
}


def configuration(
    client: str,
    command: list[str],
    env: Mapping[str, str] | None = None,
    *,
    url: str | None = None,
) -> str:
    """The text of a client's file with this server in it: JSON, for Codex TOML.

    Args:
        client: a key of CLIENTS.
        command: what the client starts, and its arguments.
        env: environment variables that it gets.
        url: instead of a command, the address of a server that runs already.

    Raises:
        ValueError: the client's file takes no addresses, or an address comes with variables.
    """
    known = CLIENTS[client]
    if url is not None and not known.http:
        raise ValueError(f"{known.title} takes no address in its file; leave --url out")
    if url is not None and env:
        raise ValueError("--env: a server that runs already has its settings; leave it out")
    entry: dict[str, Any] = {}
    if (kind := "http" if url else "stdio") in known.typed:
        entry["type"] = kind
    entry |= {"url": url} if url else {"command": command[0], "args": command[1:]}
    if env:
        entry["env"] = dict(env)
    if client == "codex":
        return _toml(known.key, entry)
    return json.dumps({known.key: {NAME: entry}}, indent=2, ensure_ascii=False) + "\n"


def escaped(text: str, client: str) -> str:
    """A client's file as the terminal can show it: what its encoding lacks as the format has it."""
    if shows(text):
        return text
    if client == "codex":
        return "".join(c if c.isascii() else f"\\U{ord(c):08X}" for c in text)
    return json.dumps(json.loads(text), indent=2) + "\n"


def _toml(table: str, entry: dict[str, Any]) -> str:
    """Strings and lists of strings: their JSON is TOML as well."""
    lines = [f"[{table}.{NAME}]"]
    for key, value in entry.items():
        if isinstance(value, dict):
            pairs = (f"{name} = {_quoted(text)}" for name, text in value.items())
            lines.append(f"{key} = {{ {', '.join(pairs)} }}")
        else:
            lines.append(f"{key} = {_quoted(value)}")
    return "\n".join(lines) + "\n"


def _quoted(value: Any) -> str:
    # The one character that JSON leaves as it is and TOML does not allow.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def starting(how: Start) -> list[str]:
    """The command that starts this server on stdio.

    Args:
        how: `path`, the installed program by its full path, as programs started from a desktop
            often have another PATH than a shell; `name`, by its name alone; `uvx`, through uv.

    Raises:
        ValueError: the program is not installed.
    """
    if how == "uvx":
        return ["uvx", NAME]
    if how == "name":
        return [NAME, "--transport", "stdio"]
    scripts = str(Path(sys.executable).parent)
    found = shutil.which(NAME, path=scripts) or shutil.which(NAME)
    if found is None:
        raise ValueError(f"{NAME} is not installed as a program; use --start uvx")
    return [str(Path(found).absolute()), "--transport", "stdio"]


@click.command("config", cls=Command)
@click.argument("client", type=click.Choice(list(CLIENTS)))
@click.option(
    "--start",
    type=click.Choice(["path", "name", "uvx"]),
    default="path",
    show_default=True,
    help="Start the installed program by its path or name, or fetch it with uv.",
)
@click.option("--env", "variables", multiple=True, metavar="NAME=VALUE", help="A setting to pass.")
@click.option("--url", help="The address of a running server, instead of a command.")
def config(client: str, start: Start, variables: tuple[str, ...], url: str | None) -> None:
    """Print what to put into CLIENT's configuration file, and on stderr where that is."""
    try:
        command = [] if url else starting(start)
        text = configuration(client, command, _variables(variables), url=url)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    known = CLIENTS[client]
    for system, place in known.places.items():
        click.echo(f"{known.title} on {system}: {place}", err=True)
    click.echo(escaped(text, client), nl=False)


def _variables(pairs: tuple[str, ...]) -> dict[str, str]:
    names = {f"HYPERNET_MCP_{name.upper()}" for name in Settings.model_fields}
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or name not in names:
            known = "see `hypernet-mcp settings` for their names"
            raise ValueError(f"--env {pair}: not a setting with its value; {known}")
        found[name] = value
    return found
