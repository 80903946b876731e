"""Chat Completions as they are asked for: the wire model, and what it means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from mcp_server.openai.asked import (
    KINDS,
    Asked,
    Said,
    arguments_text,
    conversation,
    forced_tool,
    format_schema,
    session_of,
    text_of,
)
from mcp_server.openai.errors import KEY, ApiError
from mcp_server.openai.fields import unused

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "chat.completions"
FIELDS = {
    "input": "messages",
    "task": "messages",
    "history": "messages",
    "output_schema": "response_format",
}
TEXTS = ("text", "refusal")
Role = Literal["system", "developer", "user", "assistant", "tool", "function"]


class _Wire(BaseModel):
    model_config = ConfigDict(extra="allow")


class CalledFunction(_Wire):
    """A function that was called."""

    name: str
    arguments: str


class ToolCall(_Wire):
    """An earlier answer that was a function's call."""

    function: CalledFunction


class Message(_Wire):
    """One message."""

    role: Role
    content: str | list[dict[str, Any]] | None = None
    tool_calls: list[ToolCall] | None = None

    def said(self, place: str) -> Said:
        """What it says."""
        text = text_of(self.content, place, TEXTS)
        calls = [arguments_text(call.function.arguments) for call in self.tool_calls or []]
        return Said(KINDS[self.role], "\n\n".join(filter(None, [text, *calls])))


class Function(_Wire):
    """A function that may be called."""

    name: str
    parameters: dict[str, Any] | None = None


class ChatTool(_Wire):
    """A tool."""

    type: Literal["function"]
    function: Function


class StreamOptions(_Wire):
    """What a stream holds besides."""

    include_usage: bool | None = None


class ChatRequest(_Wire):
    """The body of `POST /v1/chat/completions`."""

    model: str
    messages: list[Message] = Field(min_length=1)
    max_tokens: int | None = Field(default=None, ge=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    temperature: float | None = None
    seed: int | None = None
    stop: str | list[str] | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    response_format: dict[str, Any] | None = None
    tools: list[ChatTool] | None = None
    tool_choice: str | dict[str, Any] | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = Field(default=None, ge=0)
    metadata: dict[str, Any] | None = None
    store: bool | None = None


def read(body: Any, headers: Mapping[str, str]) -> Asked:
    """What a body asks.

    Raises:
        ValidationError, ApiError: it names what is not supported, or not of its form.
    """
    request = ChatRequest.model_validate(body)
    ignored = unused(request.model_extra or {}, request.temperature or 0.0, request.store)
    said = [each.said(f"messages[{n}]") for n, each in enumerate(request.messages)]
    task, turns, text = conversation(said, "messages")
    choice = request.tool_choice
    by_name = None
    if isinstance(choice, dict):
        by_name = str((choice.get("function") or {}).get("name"))
    tools = [(each.function.name, each.function.parameters) for each in request.tools or []]
    form = request.response_format or {}
    schema = (form.get("json_schema") or {}).get("schema")
    if request.top_logprobs is not None and not request.logprobs:
        raise ApiError(400, "top_logprobs: needs logprobs true", "top_logprobs")
    stop = [request.stop] if isinstance(request.stop, str) else request.stop or []
    return Asked(
        model=request.model,
        task=task,
        turns=turns,
        input=text,
        max_tokens=request.max_completion_tokens or request.max_tokens,
        temperature=request.temperature or 0.0,
        seed=request.seed or 0,
        stop=tuple(stop),
        schema=format_schema(form.get("type"), schema, "response_format"),
        tool=forced_tool(tools, choice, by_name),
        top_logprobs=request.top_logprobs or 0 if request.logprobs else None,
        stream=bool(request.stream),
        count_in_stream=bool(request.stream_options and request.stream_options.include_usage),
        session=session_of(request.metadata, headers),
        step_key=headers.get(KEY.lower()),
        ignored=ignored,
    )
