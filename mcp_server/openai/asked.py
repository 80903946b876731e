"""What a client asks of a model, in one form for both APIs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from hypernet.task import Example, Turn
from mcp_server.openai.errors import KEY, ApiError
from mcp_server.schema.limits import beginning

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Kind = Literal["task", "user", "answer", "example input", "example output"]
BETWEEN = "\n\n"
NO_PARAMETERS = {"type": "object", "properties": {}, "additionalProperties": False}
# What the schema of no parameters may hold.
SAYING_NOTHING = frozenset({"type", "properties", "required", "title", "description", "$schema"})
KINDS: dict[str, Kind] = {
    "system": "task", "developer": "task", "user": "user", "tool": "user", "function": "user",
    "assistant": "answer",
}  # fmt: skip
EXAMPLES: dict[str | None, Kind] = {
    "example_user": "example input", "example_assistant": "example output",
}  # fmt: skip
"""Names by which a system message is part of a solved example (OpenAI's cookbook, "How to format
inputs to ChatGPT models")."""


@dataclass(frozen=True)
class Said:
    """One message: the task, a user's (or a tool's), an earlier answer, or part of an example."""

    kind: Kind
    text: str


@dataclass(frozen=True)
class Conversation:
    """What the messages say: the task, its solved examples, the earlier turns, the last input."""

    task: str | None
    examples: tuple[Example, ...]
    turns: tuple[Turn, ...]
    input: str


@dataclass(frozen=True)
class Tool:
    """A function that a client forces: its parameters are the schema of the answer."""

    name: str
    schema: Mapping[str, Any]
    required: bool
    """Whether it was forced as the only one there is, and not by its name."""


@dataclass(frozen=True)
class Asked:
    """One call. `max_tokens` None: as many as there is room for.

    `top_logprobs` None: none are asked for. `ignored` says what has no effect.
    """

    model: str
    said: Conversation
    max_tokens: int | None = None
    temperature: float = 0.0
    seed: int = 0
    stop: tuple[str, ...] = ()
    schema: dict[str, Any] | None = None
    tool: Tool | None = None
    top_logprobs: int | None = None
    stream: bool = False
    count_in_stream: bool = False
    session: str | None = None
    step_key: str | None = None
    key_field: str = KEY
    """Where the client wrote the step's key."""
    ignored: tuple[str, ...] = ()
    echoed: Mapping[str, Any] = field(default_factory=dict)
    """What the answer repeats of the request."""


def conversation(said: Sequence[Said], param: str) -> Conversation:
    """The task, its examples, the earlier turns, and what was said last: all since the last answer.

    Raises:
        ApiError: nothing was, or an example lacks its other half.
    """
    tasks: list[str] = []
    turns: list[tuple[list[str], list[str]]] = []
    pending: list[str] = []
    shown: list[Said] = []
    for each in said:
        if each.kind == "task":
            tasks.append(each.text)
        elif each.kind == "user":
            pending.append(each.text)
        elif each.kind != "answer":
            shown.append(each)
        elif pending or not turns:
            turns.append((pending, [each.text]))
            pending = []
        else:
            turns[-1][1].append(each.text)
    if not pending:
        raise ApiError(400, f"{param}: the last one must be a user's (or a tool's)", param)
    task = BETWEEN.join(tasks)
    return Conversation(
        task=task if task.strip() else None,
        examples=_examples(shown, param),
        turns=tuple(Turn(BETWEEN.join(user), BETWEEN.join(answer)) for user, answer in turns),
        input=BETWEEN.join(pending),
    )


def _examples(said: Sequence[Said], param: str) -> tuple[Example, ...]:
    inputs, outputs = said[::2], said[1::2]
    kinds = {each.kind for each in inputs}, {each.kind for each in outputs}
    if said and (len(said) % 2 or kinds != ({"example input"}, {"example output"})):
        raise ApiError(
            400,
            f"{param}: each system message named example_user must be followed by one named "
            "example_assistant",
            param,
        )
    return tuple(Example(i.text, o.text) for i, o in zip(inputs, outputs, strict=True))


def text_of(content: Any, place: str, kinds: Sequence[str]) -> str:
    """The text of what stands in this place: a text, or parts of these kinds.

    Raises:
        ApiError: another kind of part, or one without a text, by name.
    """
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    texts = []
    for number, part in enumerate(content):
        kind = part.get("type")
        text = part.get("text", part.get("refusal"))
        where = f"{place}[{number}]"
        if kind not in kinds:
            raise ApiError(
                400, f"{where}: {told(kind, 'a part')} is not supported; send text", where
            )
        if not isinstance(text, str):
            raise ApiError(400, f"{where}.text: must be a text", f"{where}.text")
        texts.append(text)
    return "".join(texts)


def told(kind: Any, what: str) -> str:
    """The kind that a client calls something, short enough for a message."""
    return beginning(kind) if isinstance(kind, str) else f"{what} without a type"


def forced_tool(
    tools: Sequence[tuple[str, Mapping[str, Any] | None]], choice: Any, named: Any
) -> Tool | None:
    """The function that a call forces; None where it has no tools, or none may be called.

    Args:
        tools: names and parameters.
        choice: `tool_choice` as it was sent.
        named: where it is an object, what of it has the function's name.

    Raises:
        ApiError: the choice is left to the model, names none of the tools, or there are none.
    """
    by_name = isinstance(choice, dict)
    if choice == "none" or (not tools and choice in (None, "auto")):
        return None
    if not tools and not by_name:
        raise ApiError(
            400,
            f"tool_choice: {beginning(choice)!r} needs tools; send some, or leave it out",
            "tool_choice",
        )
    if not by_name and not (choice == "required" and len(tools) == 1):
        raise ApiError(
            400,
            "tool_choice: a free choice among tools is not supported; force one by its name, or "
            'send "none"',
            "tool_choice",
        )
    name = named.get("name") if isinstance(named, dict) else None
    for each, parameters in tools:
        if not by_name or each == name:
            return Tool(each, _schema(parameters or {}), required=not by_name)
    found = (
        f"{beginning(name)!r} is none of tools" if isinstance(name, str) else "it names no function"
    )
    raise ApiError(400, f"tool_choice: {found}", "tool_choice")


def _schema(parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the arguments are held to. Clients write in several ways that there are none."""
    nothing = not (parameters.get("properties", parameters) or parameters.get("required"))
    return NO_PARAMETERS if nothing and parameters.keys() <= SAYING_NOTHING else parameters


def format_schema(kind: Any, schema: Any, param: str) -> dict[str, Any] | None:
    """The schema that a response format stands for; None: text.

    Raises:
        ApiError: there is no such format, it does not say which it is, or it has no schema.
    """
    if kind == "text":
        return None
    if kind == "json_object":
        return {"type": "object"}
    if kind == "json_schema" and isinstance(schema, dict):
        return schema
    if kind == "json_schema":
        raise ApiError(400, f"{param}: json_schema needs a schema, a JSON object", param)
    where = f"{param}.type"
    other = f", not {beginning(kind)!r}" if isinstance(kind, str) else ""
    raise ApiError(400, f"{where}: should be text, json_object or json_schema{other}", where)
