"""Chat Completions as they are asked for: the wire model, and what it means."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from mcp_server.openai.asked import (
    BETWEEN,
    EXAMPLES,
    KINDS,
    Said,
    conversation,
    forced_tool,
    format_schema,
    text_of,
)
from mcp_server.openai.errors import ApiError
from mcp_server.openai.fields import ApiRequest, Listed, Text, Wire

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mcp_server.openai.asked import Asked

NAME = "chat.completions"
FIELDS = {
    "input": "messages",
    "task": "messages",
    "examples": "messages",
    "history": "messages",
    "output_schema": "response_format",
}
TEXTS = ("text", "refusal")
Role = Literal["system", "developer", "user", "assistant", "tool", "function"]


class CalledFunction(Wire):
    """A function that was called."""

    name: str
    arguments: str


class ToolCall(Wire):
    """An earlier answer that was a function's call."""

    function: CalledFunction


class Message(Wire):
    """One message."""

    role: Role
    content: Text[dict[str, Any]] | None = None
    name: str | None = None
    """Whose it is; that of a system message says whether it is part of an example."""
    refusal: str | None = None
    tool_calls: Listed[ToolCall] | None = None
    function_call: CalledFunction | None = None
    """As calls were told before there were tools."""

    def said(self, place: str) -> Said:
        """What it says."""
        text = text_of(self.content, f"{place}.content", TEXTS) or self.refusal
        called = [call.function for call in self.tool_calls or []]
        called += [self.function_call] if self.function_call is not None else []
        calls = [each.arguments for each in called]
        kind = KINDS[self.role]
        if kind == "task":
            kind = EXAMPLES.get(self.name, kind)
        return Said(kind, BETWEEN.join(filter(None, [text, *calls])))


class Function(Wire):
    """A function that may be called."""

    name: str
    parameters: dict[str, Any] | None = None


class ChatTool(Wire):
    """A tool."""

    type: Literal["function"]
    function: Function


class StreamOptions(Wire):
    """What a stream holds besides."""

    include_usage: bool | None = None


class ResponseFormat(Wire):
    """The form of the answer."""

    type: Any = None
    json_schema: dict[str, Any] | None = None


class ChatRequest(ApiRequest):
    """The body of `POST /v1/chat/completions`."""

    messages: Listed[Message] = Field(min_length=1)
    max_tokens: int | None = Field(default=None, ge=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    stream_options: StreamOptions | None = None
    response_format: ResponseFormat | None = None
    tools: Listed[ChatTool] | None = None
    logprobs: bool | None = None


def read(body: Any, headers: Mapping[str, str]) -> Asked:
    """What a body asks.

    Raises:
        ValidationError, ApiError: it names what is not supported, or not of its form.
    """
    request = ChatRequest.model_validate(body)
    ignored = request.unused()
    said = [each.said(f"messages[{n}]") for n, each in enumerate(request.messages)]
    talk = conversation(said, "messages")
    if request.top_logprobs is not None and not request.logprobs:
        raise ApiError(400, "top_logprobs: needs logprobs true", "top_logprobs")
    form = request.response_format
    schema = None if form is None else (form.json_schema or {}).get("schema")
    tools = [(each.function.name, each.function.parameters) for each in request.tools or []]
    choice = request.tool_choice
    named = choice.get("function") if isinstance(choice, dict) else None
    asked = request.asked(
        headers,
        talk,
        ignored=ignored,
        max_tokens=request.max_completion_tokens or request.max_tokens,
        schema=format_schema("text" if form is None else form.type, schema, "response_format"),
        tool=forced_tool(tools, choice, named),
        logprobs=bool(request.logprobs),
    )
    counted = bool(request.stream_options and request.stream_options.include_usage)
    return replace(asked, count_in_stream=counted)
