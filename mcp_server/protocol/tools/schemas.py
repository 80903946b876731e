"""The tools' schemas as clients get them, without what says nothing: they pay for each word."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Schema = dict[str, Any]

# Their keys are names of fields and types, not words of JSON Schema.
NAMING = ("properties", "$defs")
REF = "#/$defs/"


def of_arguments(schema: Schema) -> Schema:
    """Without titles, which repeat the names, and without null as the value of what is left out."""

    def lean(each: Schema) -> Schema:
        nothing = ("title", "default") if each.get("default", "") is None else ("title",)
        return {key: value for key, value in each.items() if key not in nothing}

    return inlined(walked(schema, lean))


def of_result(schema: Schema) -> Schema:
    """Without titles, without the classes' docstrings, and without defaults: all is always sent."""

    def lean(each: Schema) -> Schema:
        return {key: value for key, value in each.items() if key not in ("title", "default")}

    schema = walked(schema, lean)
    for each in (schema, *schema.get("$defs", {}).values()):
        each.pop("description", None)
    return inlined(schema)


def walked(schema: Any, change: Callable[[Schema], Schema]) -> Any:
    """A copy with `change` applied to each schema in it, the innermost first."""
    if isinstance(schema, list):
        return [walked(each, change) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return change(
        {
            key: {name: walked(each, change) for name, each in value.items()}
            if key in NAMING
            else walked(value, change)
            for key, value in schema.items()
        }
    )


def inlined(schema: Schema) -> Schema:
    """With the types that are used in one place written there."""
    defs, text = schema.get("$defs", {}), json.dumps(schema)
    once = [name for name in defs if text.count(f'"{REF}{name}"') == 1]

    def resolved(each: Schema) -> Schema:
        name = each.get("$ref", "").removeprefix(REF)
        if name not in once:
            return each
        found: Schema = walked(defs[name], resolved)
        return found | {key: value for key, value in each.items() if key != "$ref"}

    shared = {name: walked(each, resolved) for name, each in defs.items() if name not in once}
    rest: Schema = walked({k: v for k, v in schema.items() if k != "$defs"}, resolved)
    return {"$defs": shared, **rest} if shared else rest
