"""`hypernet-mcp view`: the database as a page, read-only, beside whoever has it."""

from __future__ import annotations

import contextlib
import socket
import webbrowser
from typing import TYPE_CHECKING

import click

from mcp_server.cli.opening import Refusal, Words, reader
from mcp_server.cli.sessions import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mcp_server.app.settings import Settings

HERE = "127.0.0.1"
EARLIER_WORDS = Words(fields=WORDS.fields)


@click.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=0,
    help="Port of this machine to serve it on. [default: a free one]",
)
@click.option("--browser/--no-browser", default=True, help="Open it in a browser.")
@click.pass_obj
def view(settings: Settings, port: int, browser: bool) -> None:
    """Show the database as a page in a browser: read only, beside a server that has it.

    With a server over HTTP its own page at / does the same, and controls too.
    """
    import uvicorn

    from mcp_server.app.application import Application
    from mcp_server.http.application import build_reader

    with reader(settings, EARLIER_WORDS) as store, _listening(port) as listening:
        app = Application(settings.model_copy(update={"tokens": None, "host": HERE}))
        app.opened = store
        address = f"http://{HERE}:{listening.getsockname()[1]}/"
        click.echo(f"{settings.database} is shown at {address} (read only; Ctrl+C ends it)")
        if browser:
            webbrowser.open(address)
        server = uvicorn.Server(
            uvicorn.Config(
                build_reader(app), log_config=None, access_log=False, server_header=False
            )
        )
        with contextlib.suppress(KeyboardInterrupt):
            server.run([listening])


@contextlib.contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    try:
        with socket.create_server((HERE, port)) as listening:
            yield listening
    except OSError as error:
        problem = error.strerror or "cannot be listened on"
        raise Refusal(f"--port {port}: {problem}; leave it out for a free one") from error
