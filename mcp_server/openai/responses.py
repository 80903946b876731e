"""Responses as they are asked for: the wire model, and what it means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    from collections.abc import Iterator, Mapping, Sequence

NAME = "responses"
FIELDS = {
    "task": "instructions",
    "history": "input",
    "output_schema": "text.format",
    "max_tokens": "max_output_tokens",
    "logprobs": "top_logprobs",
}
TEXTS = ("input_text", "output_text", "text", "refusal")
LOGPROBS = "message.output_text.logprobs"
# What of an earlier answer is not its text.
SKIPPED = ("reasoning",)


class TextOptions(BaseModel):
    """What the answer's text is like."""

    model_config = ConfigDict(extra="allow")

    format: dict[str, Any] | None = None


class ResponsesRequest(BaseModel):
    """The body of `POST /v1/responses`."""

    model_config = ConfigDict(extra="allow")

    model: str
    input: str | list[dict[str, Any]]
    instructions: str | None = None
    max_output_tokens: int | None = Field(default=None, ge=1)
    temperature: float | None = None
    seed: int | None = None
    stop: str | list[str] | None = None
    stream: bool | None = None
    stream_options: dict[str, Any] | None = None
    text: TextOptions | None = None
    tools: list[dict[str, Any]] | None = None
    tool_choice: str | dict[str, Any] | None = None
    top_logprobs: int | None = Field(default=None, ge=0)
    include: list[str] | None = None
    metadata: dict[str, Any] | None = None
    store: bool | None = None


def read(body: Any, headers: Mapping[str, str]) -> Asked:
    """What a body asks.

    Raises:
        ValidationError, ApiError: it names what is not supported, or not of its form.
    """
    request = ResponsesRequest.model_validate(body)
    ignored = unused(request.model_extra or {}, request.temperature or 0.0, request.store)
    task, turns, text = conversation(list(_said(request)), "input")
    choice = request.tool_choice
    by_name = str(choice.get("name")) if isinstance(choice, dict) else None
    form = (request.text.format if request.text is not None else None) or {}
    asks_logprobs = bool(request.top_logprobs) or LOGPROBS in (request.include or [])
    stop = [request.stop] if isinstance(request.stop, str) else request.stop or []
    return Asked(
        model=request.model,
        task=task,
        turns=turns,
        input=text,
        max_tokens=request.max_output_tokens,
        temperature=request.temperature or 0.0,
        seed=request.seed or 0,
        stop=tuple(stop),
        schema=format_schema(form.get("type"), form.get("schema"), "text.format"),
        tool=forced_tool(_functions(request.tools or [], choice), choice, by_name),
        top_logprobs=request.top_logprobs or 0 if asks_logprobs else None,
        stream=bool(request.stream),
        session=session_of(request.metadata, headers),
        step_key=headers.get(KEY.lower()),
        ignored=ignored,
        echoed={
            "instructions": request.instructions,
            "max_output_tokens": request.max_output_tokens,
            "metadata": request.metadata or {},
            "temperature": request.temperature or 0.0,
            "text": {"format": form or {"type": "text"}},
            "tool_choice": choice or "auto",
            "tools": request.tools or [],
            "top_logprobs": request.top_logprobs or 0,
        },
    )


def _said(request: ResponsesRequest) -> Iterator[Said]:
    if request.instructions is not None:
        yield Said("task", request.instructions)
    if isinstance(request.input, str):
        yield Said("user", request.input)
        return
    for number, item in enumerate(request.input):
        said = _of_item(item, f"input[{number}]")
        if said is not None:
            yield said


def _of_item(item: Mapping[str, Any], place: str) -> Said | None:
    kind = item.get("type", "message")
    if kind in SKIPPED:
        return None
    if kind == "function_call":
        return Said("answer", arguments_text(item.get("arguments", "")))
    if kind == "function_call_output":
        return Said("user", _text(item.get("output"), place))
    if kind != "message":
        raise ApiError(400, f"{place}: {kind} is not supported; send messages", place)
    role = KINDS.get(str(item.get("role")))
    if role is None:
        raise ApiError(
            400,
            f"{place}.role: {item.get('role')!r} is none of system, developer, user and assistant",
            f"{place}.role",
        )
    return Said(role, _text(item.get("content"), place))


def _text(content: Any, place: str) -> str:
    parts = isinstance(content, list) and all(isinstance(part, dict) for part in content)
    if not (content is None or isinstance(content, str) or parts):
        raise ApiError(400, f"{place}.content: must be a text or a list of parts", place)
    return text_of(content, place, TEXTS)


def _functions(
    tools: Sequence[Mapping[str, Any]], choice: Any
) -> list[tuple[str, Mapping[str, Any] | None]]:
    found = []
    for number, tool in enumerate(tools):
        if tool.get("type") != "function" and choice != "none":
            where = f"tools[{number}]"
            raise ApiError(
                400, f"{where}: {tool.get('type')} is not supported; send functions", where
            )
        found.append((str(tool.get("name")), tool.get("parameters")))
    return found
