"""`hypernet-mcp tokens`: who may reach the HTTP transports.

Works beside a running server, which rereads the file when it changes.
"""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from hypernet.terminal import Group
from mcp_server.http.tokens import TokenFileError, add_token, read_tokens, revoke_tokens

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mcp_server.app.settings import Settings


@click.group(cls=Group)
def tokens() -> None:
    """Issue and revoke the tokens of the HTTP transports.

    Name the file first: `hypernet-mcp --tokens FILE tokens ...`, or HYPERNET_MCP_TOKENS.
    """


@tokens.command("add")
@click.argument("name")
@click.pass_obj
def add(settings: Settings, name: str) -> None:
    """Make a token for NAME and print it, this once: the file keeps only its hash."""
    with refusals():
        token = add_token(_file(settings), name)
    click.echo(token)
    click.echo(f"For {name}. It is not shown again; send it as `Authorization: Bearer`.", err=True)


@tokens.command("list")
@click.pass_obj
def list_tokens(settings: Settings) -> None:
    """List the names that have tokens, and how many each has."""
    with refusals():
        counts = Counter(name for name, _ in read_tokens(_file(settings)))
    if not counts:
        click.echo("no tokens yet")
    for name, count in sorted(counts.items()):
        click.echo(f"{name}\t{count}")


@tokens.command("revoke")
@click.argument("name")
@click.pass_obj
def revoke(settings: Settings, name: str) -> None:
    """Take all tokens of NAME away; its sessions stay, for a token issued to it later."""
    with refusals():
        count = revoke_tokens(_file(settings), name)
    if not count:
        raise click.ClickException(f"{name} has no token; `tokens list` shows who has")
    click.echo(f"revoked {count}")


@contextmanager
def refusals() -> Iterator[None]:
    """Show what is wrong with the file instead of a stack."""
    try:
        yield
    except TokenFileError as error:
        raise click.ClickException(str(error)) from error


def _file(settings: Settings) -> Path:
    if settings.tokens is None:
        raise click.ClickException("tokens: name the file with --tokens or HYPERNET_MCP_TOKENS")
    return settings.tokens
