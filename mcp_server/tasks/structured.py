"""Structured answers as an engine writes them, so that a task learns what it is to write.

An engine writes the fields of an object in the order of the schema, without spaces. The database
keeps schemas without an order, so it is that of the examples.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class _Number:
    """A number as it was written: 42.50 is no other digits than in the input it comes from."""

    text: str


def in_examples_order(schema: Mapping[str, Any], outputs: Sequence[str]) -> dict[str, Any]:
    """A schema whose fields come in the order in which some answers have them first."""
    ordered: dict[str, Any] = _ordered(dict(schema), [_read(each) for each in outputs])
    return ordered


def as_written(output: str, schema: Mapping[str, Any]) -> str:
    """An answer with its fields in a schema's order and without spaces; as it is if it is no JSON.

    Numbers keep their digits.
    """
    value = _read(output)
    return output if value is None else _text(value, schema)


def _read(output: str) -> Any:
    try:
        return json.loads(output, parse_float=_Number, parse_int=_Number)
    except (ValueError, RecursionError):
        return None


def _ordered(schema: Any, values: list[Any]) -> Any:
    if not isinstance(schema, dict):  # true and false are schemas too
        return schema
    fields, items = schema.get("properties"), schema.get("items")
    if isinstance(fields, dict):
        objects = [each for each in values if isinstance(each, dict)]
        seen = dict.fromkeys(name for each in objects for name in each if name in fields)
        held = {name: [each[name] for each in objects if name in each] for name in fields}
        schema = schema | {
            "properties": {
                name: _ordered(fields[name], held[name]) for name in dict.fromkeys([*seen, *fields])
            }
        }
    if isinstance(items, dict):
        lists = [each for each in values if isinstance(each, list)]
        schema = schema | {"items": _ordered(items, [value for each in lists for value in each])}
    return schema


def _text(value: Any, schema: Any) -> str:
    schema = schema if isinstance(schema, dict) else {}
    if isinstance(value, _Number):
        return value.text
    if isinstance(value, list):
        return f"[{','.join(_text(each, schema.get('items')) for each in value)}]"
    if isinstance(value, dict):
        fields = schema.get("properties", {})
        names = [
            *(name for name in fields if name in value),
            *(n for n in value if n not in fields),
        ]
        pairs = (
            f"{json.dumps(n, ensure_ascii=False)}:{_text(value[n], fields.get(n))}" for n in names
        )
        return f"{{{','.join(pairs)}}}"
    return json.dumps(value, ensure_ascii=False)
