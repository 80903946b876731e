"""The page's views inside clients that show them: the extension MCP Apps.

`io.modelcontextprotocol/ui` (SEP-1865, 2026-01-26): some tools name a `ui://` document, which the
client shows in a frame and gives their results; from there it reads views as resources. Only
clients that announce it hear of it, and nothing is other than before for all others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from mcp.server.apps import APP_MIME_TYPE, EXTENSION_ID, client_supports_apps
from mcp.shared.exceptions import MCPError
from mcp.types import INVALID_PARAMS, SERVER_INFO_META_KEY
from mcp.types.version import MODERN_PROTOCOL_VERSIONS

from checkpoints.text.graphemes import beginning
from mcp_server.app.threads import in_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mcp.server.context import CallNext, HandlerResult, ServerMiddleware, ServerRequestContext

    from mcp_server.app.application import Application

ROOT = "ui://hypernet-mcp"
DOCUMENT = f"{ROOT}/app"
SHOWN = ("run_step", "status", "restore_memory")
# It is sent nothing from elsewhere, and sends nothing there.
FRAME: dict[str, Any] = {"ui": {"csp": {}, "prefersBorder": True}}
URI_CHARS = 10_000


def apps_middleware(
    app: Application, stamp: Callable[[], Mapping[str, Any]]
) -> ServerMiddleware[Any]:
    """Middleware that tells clients of the document, and gives it and its views to them.

    `stamp` says what this server is, for results that are made here.
    """

    async def shown(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        if not announced(ctx):
            return await call_next(ctx)
        uri = (ctx.params or {}).get("uri")
        if ctx.method == "resources/read" and isinstance(uri, str) and uri.startswith(f"{ROOT}/"):
            content = await in_thread(lambda: content_of(app, uri))
            modern: dict[str, Any] = {
                "resultType": "complete",
                "ttlMs": 0,
                "cacheScope": "private",
                "_meta": {SERVER_INFO_META_KEY: dict(stamp())},
            }
            return {
                "contents": [content],
                **(modern if ctx.protocol_version in MODERN_PROTOCOL_VERSIONS else {}),
            }
        result = await call_next(ctx)
        if isinstance(result, dict):
            if ctx.method == "tools/list":
                return {**result, "tools": [_with_document(tool) for tool in result["tools"]]}
            if ctx.method in ("initialize", "server/discover"):
                return _announcing(result)
        return result

    return shown


def announced(ctx: ServerRequestContext[Any, Any]) -> bool:
    """Whether the client shows documents of MCP Apps."""
    if ctx.method != "initialize":
        return client_supports_apps(ctx)
    offered = (ctx.params or {}).get("capabilities")
    extensions = offered.get("extensions") if isinstance(offered, dict) else None
    settings = extensions.get(EXTENSION_ID) if isinstance(extensions, dict) else None
    return isinstance(settings, dict) and APP_MIME_TYPE in (settings.get("mimeTypes") or ())


def content_of(app: Application, uri: str) -> dict[str, Any]:
    """The document, or the view of a path below the root.

    Raises:
        MCPError: there is no such view, or what it is of (-32602).
    """
    # Here: who speaks no MCP Apps need not wait for the templates.
    from mcp_server.page.inside import NoViewError, view_of
    from mcp_server.page.rendering import app_document

    if uri == DOCUMENT:
        return {"uri": uri, "mimeType": APP_MIME_TYPE, "text": app_document(), "_meta": FRAME}
    if len(uri) > URI_CHARS:
        raise MCPError(INVALID_PARAMS, f"uri: over {URI_CHARS} characters, the limit")
    path, _, query = uri.removeprefix(ROOT).partition("?")
    try:
        text = view_of(app, unquote(path), dict(parse_qsl(query)))
    except NoViewError as error:
        raise MCPError(INVALID_PARAMS, f"uri: {beginning(str(error), 300)}") from error
    return {"uri": uri, "mimeType": "text/html", "text": text}


def _with_document(tool: dict[str, Any]) -> dict[str, Any]:
    if tool["name"] not in SHOWN:
        return tool
    return {**tool, "_meta": {**tool.get("_meta", {}), "ui": {"resourceUri": DOCUMENT}}}


def _announcing(result: dict[str, Any]) -> dict[str, Any]:
    capabilities = dict(result["capabilities"])
    extensions = {**(capabilities.get("extensions") or {}), EXTENSION_ID: {}}
    return {**result, "capabilities": {**capabilities, "extensions": extensions}}
