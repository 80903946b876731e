"""The tools' schemas as clients get them, without what says nothing: they pay for each word.

Arguments keep all that a model needs to call. Of results, which are always sent whole and described
in docs/calls.md, there are the names of the fields, all of them required, without schemas: some
clients warn of an empty one.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Schema = dict[str, Any]

# Their keys are names of fields and types, not words of JSON Schema.
NAMING = ("properties", "$defs")
REF = "#/$defs/"
NULL = {"type": "null"}


def of_docstring(text: str) -> str:
    """A docstring's paragraphs as one line each, and its example on a line of its own."""
    return re.sub(r"(?<!\n)\n(?!\n|Example: )", " ", text)


def of_arguments(schema: Schema) -> Schema:
    """Without titles, docstrings of classes, and defaults that leaving out implies.

    Null stays what it is for the server, the same as leaving out, and is not offered to models:
    some clients refuse every tool of a server where an argument has two types, null among them.
    """

    def lean(each: Schema) -> Schema:
        given = {key: value for key, value in each.items() if key != "title"}
        forms = [form for form in given.get("anyOf", []) if form != NULL]
        if len(forms) == 1:
            del given["anyOf"]
            given = forms[0] | given
        # A flag that is left out is off; what else is left out is not given.
        if given.get("default", "") is None or given.get("default") is False:
            del given["default"]
        if given.get("additionalProperties") is True:
            del given["additionalProperties"]
        return given

    schema = walked(schema, lean)
    for each in schema.get("$defs", {}).values():
        each.pop("description", None)
    return inlined(schema)


def of_result(schema: Schema) -> Schema:
    """The outline of a tool's result: the names of its fields, which are always there."""
    return {"required": list(schema["properties"]), "type": "object"}


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
