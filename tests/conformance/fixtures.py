"""What the official conformance suite calls by name: tools, resources and prompts of known content.

`add_fixtures` puts them on our own server object, so that our transports, middleware and limits
are what is tested. The names and texts are the suite's. Test-only: no wheel holds it.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import anyio
from conformance.long_work import add_long_work
from conformance.questions import add_questions
from mcp import MCPError
from mcp.server.mcpserver import Context  # noqa: TC002  # the SDK evaluates annotations
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.prompts.base import UserMessage
from mcp.types import (
    MISSING_REQUIRED_CLIENT_CAPABILITY,
    AudioContent,
    EmbeddedResource,
    EmptyResult,
    ImageContent,
    SetLevelRequestParams,
    SubscribeRequestParams,
    TextContent,
    TextResourceContents,
    UnsubscribeRequestParams,
)

if TYPE_CHECKING:
    from mcp.server import MCPServer

    from mcp_server.app.application import Application

# A red pixel, and an empty sound at 8 kHz.
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/"
    "iZk9HQAAAABJRU5ErkJggg=="
)
WAV = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA="
PAUSE_S = 0.05


def add_fixtures(mcp: MCPServer[Application]) -> None:
    """Put everything the suite asks for on a server.

    Args:
        mcp: our server, with its own tools on it.
    """
    _contents(mcp)
    _notifications(mcp)
    _changes(mcp)
    add_questions(mcp)
    add_long_work(mcp)
    _resources(mcp)
    _prompts(mcp)
    _handshake_era(mcp)


def _text(text: str) -> TextContent:
    return TextContent(type="text", text=text)


def _image() -> ImageContent:
    return ImageContent(type="image", data=PNG, mime_type="image/png")


def _embedded(uri: str, mime_type: str, text: str) -> EmbeddedResource:
    contents = TextResourceContents(uri=uri, mime_type=mime_type, text=text)
    return EmbeddedResource(type="resource", resource=contents)


def _contents(mcp: MCPServer[Application]) -> None:
    @mcp.tool(structured_output=False)
    async def test_simple_text() -> str:
        """Return a text."""
        return "This is a simple text response for testing."

    @mcp.tool(structured_output=False)
    async def test_image_content() -> ImageContent:
        """Return an image."""
        return _image()

    @mcp.tool(structured_output=False)
    async def test_audio_content() -> AudioContent:
        """Return a sound."""
        return AudioContent(type="audio", data=WAV, mime_type="audio/wav")

    @mcp.tool(structured_output=False)
    async def test_embedded_resource() -> EmbeddedResource:
        """Return a resource by its content."""
        text = "This is an embedded resource content."
        return _embedded("test://embedded-resource", "text/plain", text)

    @mcp.tool(structured_output=False)
    async def test_multiple_content_types() -> list[TextContent | ImageContent | EmbeddedResource]:
        """Return a text, an image and a resource."""
        data = '{"test":"data","value":123}'
        return [
            _text("Multiple content types test:"),
            _image(),
            _embedded("test://mixed-content-resource", "application/json", data),
        ]

    @mcp.tool(structured_output=False)
    async def test_error_handling() -> str:
        """Fail."""
        raise ToolError("This tool intentionally returns an error for testing")


def _notifications(mcp: MCPServer[Application]) -> None:
    @mcp.tool(structured_output=False)
    async def test_tool_with_progress(ctx: Context) -> str:
        """Report progress three times."""
        for done in (0, 50, 100):
            await ctx.report_progress(done, 100, f"{done} of 100")
            await anyio.sleep(PAUSE_S)
        return "progress was reported"

    @mcp.tool(structured_output=False)
    async def test_tool_with_logging(ctx: Context) -> str:
        """Log three times."""
        for text in (
            "Tool execution started",
            "Tool processing data",
            "Tool execution completed",
        ):
            await ctx.info(text)
            await anyio.sleep(PAUSE_S)
        return "messages were logged"

    @mcp.tool(structured_output=False)
    async def test_logging_tool(ctx: Context) -> str:
        """Log once, which reaches only who asked for it."""
        await ctx.info("logged")
        return "a message was logged"


def _changes(mcp: MCPServer[Application]) -> None:
    @mcp.tool(structured_output=False)
    async def test_trigger_tool_change(ctx: Context) -> str:
        """Say that the list of tools changed."""
        await ctx.notify_tools_changed()
        return "said so"

    @mcp.tool(structured_output=False)
    async def test_trigger_prompt_change(ctx: Context) -> str:
        """Say that the list of prompts changed."""
        await ctx.notify_prompts_changed()
        return "said so"

    @mcp.tool(structured_output=False)
    async def test_missing_capability(ctx: Context) -> str:
        """Need sampling of the client."""
        capabilities = ctx.client_capabilities
        if capabilities is None or capabilities.sampling is None:
            raise MCPError(
                MISSING_REQUIRED_CLIENT_CAPABILITY,
                "this tool needs sampling",
                {"requiredCapabilities": {"sampling": {}}},
            )
        return "the client can sample"


def _resources(mcp: MCPServer[Application]) -> None:
    @mcp.resource("test://static-text", mime_type="text/plain")
    async def static_text() -> str:
        """A text."""
        return "This is the content of the static text resource."

    @mcp.resource("test://static-binary", mime_type="image/png")
    async def static_binary() -> bytes:
        """An image."""
        return base64.b64decode(PNG)

    @mcp.resource("test://watched-resource", mime_type="text/plain")
    async def watched_resource() -> str:
        """A text that may be subscribed to."""
        return "watched"

    @mcp.resource("test://template/{id}/data", mime_type="application/json")
    async def template_data(id: str) -> dict[str, Any]:  # noqa: A002  # the suite's own word
        """A structure with the id in it."""
        return {"id": id, "templateTest": True, "data": f"Data for ID: {id}"}


def _prompts(mcp: MCPServer[Application]) -> None:
    @mcp.prompt()
    async def test_simple_prompt() -> str:
        """A prompt without arguments."""
        return "This is a simple prompt for testing."

    @mcp.prompt()
    async def test_prompt_with_arguments(arg1: str, arg2: str) -> str:
        """A prompt with two arguments."""
        return f"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'"

    @mcp.prompt()
    async def test_prompt_with_embedded_resource(
        resourceUri: str,  # the suite's own word
    ) -> list[UserMessage]:
        """A prompt with a resource in it."""
        text = "Embedded resource content for testing."
        return [
            UserMessage(_embedded(resourceUri, "text/plain", text)),
            UserMessage("Please process the embedded resource above."),
        ]

    @mcp.prompt()
    async def test_prompt_with_image() -> list[UserMessage]:
        """A prompt with an image in it."""
        return [UserMessage(_image()), UserMessage("Please analyze the image above.")]


def _handshake_era(mcp: MCPServer[Application]) -> None:
    """Subscriptions and log levels as the revisions with a handshake have them.

    The SDK serves their successors by itself, and these only where a server asks for them.
    """
    server = mcp._lowlevel_server  # the SDK has no public door to these methods

    async def nothing(_: Any, __: Any) -> EmptyResult:
        return EmptyResult()

    server.add_request_handler("resources/subscribe", SubscribeRequestParams, nothing)
    server.add_request_handler("resources/unsubscribe", UnsubscribeRequestParams, nothing)
    server.add_request_handler("logging/setLevel", SetLevelRequestParams, nothing)
    if "completion/complete" not in server._request_handlers:

        @mcp.completion()
        async def complete(*_: Any) -> None:
            return None
