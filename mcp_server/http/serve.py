"""Running the HTTP application in a process of its own, with the limits of the settings."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import uvicorn

from mcp_server.http.application import build_app
from mcp_server.http.names import EVERY_ADDRESS, UNNAMED
from mcp_server.http.refusal_log import AtMost
from mcp_server.http.tokens import Tokens

if TYPE_CHECKING:
    from mcp.server import MCPServer

    from mcp_server.app.application import Application

LOG = logging.getLogger(__name__)
# Open streams would keep the process for ever; what was acknowledged is committed anyway.
CLOSE_SECONDS = 1


def serve(mcp: MCPServer[Application], app: Application) -> None:
    """Serve until the process is told to stop.

    Raises:
        TokenFileError: the file of tokens cannot be used.
    """
    settings = app.settings
    tokens = None if settings.tokens is None else Tokens(settings.tokens)
    if settings.host in EVERY_ADDRESS and not settings.allowed_hosts:
        LOG.warning(UNNAMED)
    # A line for each request that is no HTTP, or one too many.
    logging.getLogger("uvicorn.error").addFilter(AtMost())
    uvicorn.run(
        build_app(mcp, app, tokens),
        host=settings.host,
        port=settings.port,
        # Its lines go where all others go. Where it listens is logged at any level.
        log_config=None,
        log_level="info",
        access_log=False,
        limit_concurrency=settings.connections,
        timeout_keep_alive=settings.idle_seconds,
        timeout_graceful_shutdown=CLOSE_SECONDS,
        server_header=False,
        # An address that a client claims is not one to count failed log-ins by. Whose claims are
        # believed is a setting, which the application follows.
        proxy_headers=False,
    )
