"""One ASGI application for both HTTP transports, OpenAI's form, health and metrics.

`/mcp` is streamable HTTP, `/sse` with `/messages/` the older transport; `/v1` is for OpenAI's
clients, `/` and what is below `/jobs`, `/tasks`, `/compare` and `/server` the page for people.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
from anyio import to_thread
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from checkpoints import MemoryFault
from mcp_server import __version__
from mcp_server.http.gate import Gate
from mcp_server.http.names import transport_security
from mcp_server.openai import serving
from mcp_server.page.routes import routes as page_routes
from mcp_server.telemetry import metrics
from mcp_server.telemetry.history import History

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from mcp.server import MCPServer
    from starlette.requests import Request
    from starlette.types import ASGIApp

    from mcp_server.app.application import Application
    from mcp_server.http.tokens import Tokens

THREADS = 512
FOLLOWS_SECONDS = 1.0
"""How often a reader looks whether there is something new."""


def build_app(
    mcp: MCPServer[Application], app: Application, tokens: Tokens | None = None
) -> ASGIApp:
    """The application that serves `mcp` to everyone, or with `tokens` to who has one."""
    counted = app.metrics = metrics.Metrics()
    add_gauges(app, counted)
    history = app.history = History(
        counted,
        lambda: busy_of(app),
        lambda: round(sum(database_bytes(app.settings.database).values())),
    )
    security = transport_security(app.settings)
    options: dict[str, Any] = {
        "transport_security": security,
        "max_request_body_size": app.settings.body_bytes,
    }
    streamable, sse = mcp.streamable_http_app(**options), mcp.sse_app(**options)

    async def healthz(_: Request) -> Response:
        health = await health_of(app)
        return JSONResponse(health, 503 if health["status"] == "failed" else 200)

    async def readyz(_: Request) -> Response:
        health = await health_of(app)
        return JSONResponse(health, 200 if health["status"] == "ready" else 503)

    async def show_metrics(_: Request) -> Response:
        # On a thread: some of it is looked up in the database.
        text = await to_thread.run_sync(counted.text)
        return Response(text, headers={"Content-Type": metrics.CONTENT_TYPE})

    routes = [
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/metrics", show_metrics),
        *serving.routes(app),
        *page_routes(app, leaves=tokens is not None),
        *streamable.routes,
        *sse.routes,
    ]

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        # A call that waits for the model holds a thread: those that do not wait must find one.
        to_thread.current_default_thread_limiter().total_tokens = THREADS
        # It keeps the connections of streamable HTTP and loads the model; a connection over SSE
        # enters the server's own lifespan anew.
        async with mcp.session_manager.run(), anyio.create_task_group() as tasks:
            tasks.start_soon(history.keep)
            yield
            tasks.cancel_scope.cancel()

    inner = Starlette(routes=routes, lifespan=lifespan)
    # The gate gives each path its one spelling: a redirect would name what is behind a proxy.
    inner.router.redirect_slashes = False
    gate = Gate(inner, app.settings, security, tokens, counted)
    if not app.settings.trusted_proxies:
        return gate
    behind: Any = ProxyHeadersMiddleware  # uvicorn has types of its own for the same
    proxied: ASGIApp = behind(gate, list(app.settings.trusted_proxies))
    return proxied


def build_reader(app: Application) -> ASGIApp:
    """The application that shows the page of `app` to this machine, to be read only."""
    counted = app.metrics = metrics.Metrics()

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(follow, app)
            yield
            tasks.cancel_scope.cancel()

    inner = Starlette(routes=page_routes(app, may_change=False), lifespan=lifespan)
    inner.router.redirect_slashes = False
    return Gate(inner, app.settings, transport_security(app.settings), None, counted)


async def follow(app: Application) -> None:
    """Tell open pages when another process has written to the database, for ever."""
    seen = await to_thread.run_sync(app.store().maintenance.others_wrote)
    while True:
        await anyio.sleep(FOLLOWS_SECONDS)
        with contextlib.suppress(MemoryFault):  # said on the page itself
            now = await to_thread.run_sync(app.store().maintenance.others_wrote)
            if now != seen:
                seen = now
                app.running.anything_changed()


async def health_of(app: Application) -> dict[str, Any]:
    """Whether calls can be answered. For everyone, so it says what and not why."""

    def opened() -> bool:
        try:
            app.store()
        except MemoryFault as error:
            app.faults.note(str(error))
            return False
        return True

    def damaged() -> bool:
        return app.opened is not None and app.opened.maintenance.checked()[0] == "damaged"

    # Once it is open no thread is asked for, of which a busy server may have none left.
    there = app.opened is not None or await to_thread.run_sync(opened)
    store = "damaged" if damaged() else "open" if there else "failed"
    model = app.loader.state
    status = model if store == "open" else "failed"
    return {"status": status, "model": model, "store": store, "version": __version__}


def add_gauges(app: Application, counted: metrics.Metrics) -> None:
    """Show what the model side is doing when the metrics are fetched."""

    gauge = counted.add_gauge
    gauge("queue_length", "Requests that wait for the model.", lambda: busy_of(app)[0])
    gauge("rows_busy", "Requests that the model works on.", lambda: busy_of(app)[1])
    gauge("model_ready", "1 once the model is loaded.", lambda: app.loader.state == "ready")
    gauge("sessions", "Sessions in the database.", lambda: sum(sessions_of(app).values()))
    counted.add_gauges(
        "principal_sessions",
        "Sessions in the database, by whose.",
        "principal",
        lambda: by_principal(counted, sessions_of(app)),
    )
    gauge("saved_tasks", "Saved tasks in the database.", lambda: sum(saved_tasks(app).values()))
    counted.add_gauges(
        "principal_saved_tasks",
        "Saved tasks in the database, by whose.",
        "principal",
        lambda: by_principal(counted, saved_tasks(app)),
    )
    counted.add_gauges(
        "database_bytes",
        "Size of the database, and of its write-ahead log.",
        "part",
        lambda: database_bytes(app.settings.database),
    )


def busy_of(app: Application) -> tuple[int, int]:
    """Requests that wait for the model, and that it works on."""
    runtime = app.loader.runtime
    return (0, 0) if runtime is None else runtime.engine.busy


def sessions_of(app: Application) -> Mapping[str | None, int]:
    """How many sessions each principal has; empty while the database is not open or unreadable."""
    try:
        return {} if app.opened is None else app.opened.maintenance.sessions_by_principal()
    except MemoryFault:
        return {}


def saved_tasks(app: Application) -> Mapping[str | None, int]:
    """How many saved tasks each principal has; empty as above."""
    try:
        return {} if app.opened is None else app.opened.maintenance.tasks_by_principal()
    except MemoryFault:
        return {}


def by_principal(counted: metrics.Metrics, numbers: Mapping[str | None, int]) -> dict[str, float]:
    """Numbers by the principals' names in labels, the largest first to get one."""
    sums: Counter[str] = Counter()
    for name, number in sorted(numbers.items(), key=lambda each: -each[1]):
        sums[counted.principal(name)] += number
    return dict(sums)


def database_bytes(database: Path) -> dict[str, float]:
    """Sizes of the database's two files, as far as they are there."""
    sizes = {}
    for part, file in (("file", database), ("wal", Path(f"{database}-wal"))):
        with contextlib.suppress(OSError):
            sizes[part] = float(file.stat().st_size)
    return sizes
