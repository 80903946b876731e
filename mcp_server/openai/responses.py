"""Responses as they are asked for: the wire model, and what it means."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pydantic import Field

from mcp_server.openai.asked import (
    KINDS,
    Said,
    conversation,
    forced_tool,
    format_schema,
    text_of,
    told,
)
from mcp_server.openai.errors import ApiError
from mcp_server.openai.fields import ApiRequest, Listed, Text, Wire
from mcp_server.schema.limits import beginning

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mcp_server.openai.asked import Asked

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


class TextOptions(Wire):
    """What the answer's text is like."""

    format: dict[str, Any] | None = None


class ResponsesRequest(ApiRequest):
    """The body of `POST /v1/responses`."""

    input: Text[dict[str, Any]]
    instructions: str | None = None
    max_output_tokens: int | None = Field(default=None, ge=1)
    stream_options: dict[str, Any] | None = None
    text: TextOptions | None = None
    tools: Listed[dict[str, Any]] | None = None
    include: Listed[str] | None = None


def read(body: Any, headers: Mapping[str, str]) -> Asked:
    """What a body asks.

    Raises:
        ValidationError, ApiError: it names what is not supported, or not of its form.
    """
    request = ResponsesRequest.model_validate(body)
    ignored = (*request.unused(), *_unheard(request))
    talk = conversation(list(_said(request)), "input")
    form = request.text.format if request.text is not None else None
    form = {"type": "text"} if form is None else form
    choice, tools = request.tool_choice, request.tools or []
    asked = request.asked(
        headers,
        talk,
        ignored=ignored,
        max_tokens=request.max_output_tokens,
        schema=format_schema(form.get("type"), form.get("schema"), "text.format"),
        tool=forced_tool(_functions(tools, choice), choice, choice),
        logprobs=bool(request.top_logprobs) or LOGPROBS in (request.include or []),
    )
    return replace(
        asked,
        echoed={
            "instructions": request.instructions,
            "max_output_tokens": request.max_output_tokens,
            "metadata": request.metadata or {},
            "temperature": asked.temperature,
            "text": {"format": form},
            "tool_choice": choice or "auto",
            "tools": tools,
            "top_logprobs": request.top_logprobs or 0,
        },
    )


def _unheard(request: ResponsesRequest) -> Iterator[str]:
    """What has no effect of fields that hold others."""
    for name in sorted((request.text.model_extra or {}) if request.text is not None else {}):
        if name != "verbosity":
            yield f"text.{beginning(name)}"
    for name in sorted({*(request.include or ())} - {LOGPROBS}):
        yield f"include: {beginning(name)}"


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
        called = item.get("arguments", "")
        text = called if isinstance(called, str) else json.dumps(called, ensure_ascii=False)
        return Said("answer", text)
    if kind == "function_call_output":
        return Said("user", _text(item.get("output"), f"{place}.output"))
    if kind != "message":
        raise ApiError(
            400, f"{place}: {told(kind, 'an item')} is not supported; send messages", place
        )
    named = item.get("role")
    role = KINDS.get(named) if isinstance(named, str) else None
    if role is None:
        raise ApiError(
            400,
            f"{place}.role: should be system, developer, user or assistant",
            f"{place}.role",
        )
    return Said(role, _text(item.get("content"), f"{place}.content"))


def _text(content: Any, place: str) -> str:
    parts = isinstance(content, list) and all(isinstance(part, dict) for part in content)
    if not (content is None or isinstance(content, str) or parts):
        raise ApiError(400, f"{place}: must be a text or a list of parts", place)
    return text_of(content, place, TEXTS)


def _functions(
    tools: Sequence[Mapping[str, Any]], choice: Any
) -> list[tuple[str, Mapping[str, Any] | None]]:
    if choice == "none":
        return []
    found: list[tuple[str, Mapping[str, Any] | None]] = []
    for number, tool in enumerate(tools):
        where, parameters = f"tools[{number}]", tool.get("parameters")
        if tool.get("type") != "function":
            raise ApiError(
                400,
                f"{where}: {told(tool.get('type'), 'a tool')} is not supported; send functions",
                where,
            )
        if not isinstance(tool.get("name"), str):
            raise ApiError(400, f"{where}.name: must be a text", f"{where}.name")
        if not (parameters is None or isinstance(parameters, dict)):
            where += ".parameters"
            raise ApiError(400, f"{where}: must be a JSON Schema, a JSON object", where)
        found.append((tool["name"], parameters))
    return found
