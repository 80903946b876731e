"""A call's arguments as they were sent: text stays text, null is left out, strangers are told.

The SDK reads JSON out of every text whose argument may also be null, and drops what has a name
that no argument has.
"""

from __future__ import annotations

import difflib
import json
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mcp.server.mcpserver.utilities.func_metadata import FuncMetadata
from mcp.types import CallToolResult, TextContent

from checkpoints.text.graphemes import beginning
from mcp_server.schema.results import ExampleArgument

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# What n8n puts into every call beside the arguments.
N8N_FIELDS = frozenset({"sessionId", "action", "chatInput", "toolCallId"})
EXAMPLE_FIELDS = frozenset(ExampleArgument.model_fields)
STRANGERS_SHOWN = 10
NAME_SHOWN = 60


class Arguments(FuncMetadata):
    """The arguments of one tool."""

    @cached_property
    def schemas(self) -> Mapping[str, dict[str, Any]]:
        """Each argument's schema, by its name on the wire."""
        found: dict[str, dict[str, Any]] = self.arg_model.model_json_schema()["properties"]
        return found

    @cached_property
    def structures(self) -> frozenset[str]:
        """The arguments that are a list or an object, and never a text."""
        return frozenset(
            name
            for name, schema in self.schemas.items()
            if {"array", "object"} & (types := _types(schema)) and "string" not in types
        )

    @cached_property
    def numbers(self) -> frozenset[str]:
        """The arguments that are a number, or a list of numbers."""
        return frozenset(
            name
            for name, schema in self.schemas.items()
            for form in schema.get("anyOf", [schema])
            if {"integer", "number"} & _types(form.get("items", form))
        )

    def pre_parse_json(self, data: dict[str, Any]) -> dict[str, Any]:
        """What was sent, without nulls, and with the lists and objects that came as JSON text.

        Some hosts send those so. A text that is asked for is never looked into.
        """
        return {name: self._given(name, value) for name, value in data.items() if value is not None}

    def _given(self, name: str, value: Any) -> Any:
        given = _parsed(value) if name in self.structures else value
        return _counted(given) if name in self.numbers else given

    def strangers(self, sent: Mapping[str, Any]) -> list[str]:
        """The names that were sent with a value and are no arguments.

        n8n's own are left out, but for a `sessionId` where a `session_id` could have been meant.
        """
        meant = "session_id" in self.schemas and sent.get("session_id") is None
        names = [
            name
            for name, value in sent.items()
            if name not in self.schemas
            and value is not None
            and (name not in N8N_FIELDS or (name == "sessionId" and meant))
        ]
        examples = _parsed(sent.get("examples")) if "examples" in self.schemas else None
        for number, example in enumerate(examples if isinstance(examples, list) else []):
            fields = example if isinstance(example, dict) else {}
            names += [f"examples[{number}].{name}" for name in fields if name not in EXAMPLE_FIELDS]
        return names

    def note_on(self, strangers: Iterable[str]) -> str:
        """A sentence on names that are no arguments, with the nearest that are."""
        near = {_plain(name): name for name in self.schemas}
        parts = []
        for name in strangers:
            plain = "" if "[" in name else _plain(name[:NAME_SHOWN])
            found = difflib.get_close_matches(plain, near, n=1)
            hint = f", did you mean {near[found[0]]}?" if found else ""
            parts.append(f"{_shown(name)} is no argument{hint}")
        more = len(parts) - STRANGERS_SHOWN
        return "; ".join([*parts[:STRANGERS_SHOWN], *([f"and {more} more"] if more > 0 else [])])


def told(result: CallToolResult, strangers: list[str], note: str) -> CallToolResult:
    """A result that also names what was sent and ignored.

    The published schemas do not list these fields: every client pays for what they list.
    """
    shown = [_shown(name) for name in strangers[:STRANGERS_SHOWN]]
    content = {**(result.structured_content or {}), "ignored": shown, "ignored_note": note}
    text = TextContent(type="text", text=json.dumps(content, ensure_ascii=False))
    return result.model_copy(
        update={"structured_content": content, "content": [text, *result.content[1:]]}
    )


def _types(schema: Mapping[str, Any]) -> set[str]:
    return {str(each.get("type")) for each in schema.get("anyOf", [schema])}


def _parsed(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        parsed = json.loads(value)
    except (ValueError, RecursionError):
        return value
    return parsed if isinstance(parsed, list | dict) else value


def _counted(value: Any) -> Any:
    """A number or a list of them, with what is refused for true and false, which are none."""
    if isinstance(value, list):
        return [_counted(each) for each in value]
    return {} if isinstance(value, bool) else value


def _plain(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())


def _shown(name: str) -> str:
    return beginning(name, NAME_SHOWN).encode(errors="replace").decode()
