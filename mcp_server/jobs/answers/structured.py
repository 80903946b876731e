"""A structured answer is whole or an error: half of one is no JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from checkpoints.text.graphemes import beginning
from mcp_server.schema import limits
from mcp_server.schema.limits import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from checkpoints import StepRecord
    from hypernet.engine.interface import Generation
    from mcp_server.schema.calls import StepCall

# Words of a schema without which a value may be of any kind, and an object among others.
FORMS = frozenset({"type", "enum", "const", "$ref", "anyOf", "oneOf", "allOf"})
CLOSING = ("additionalProperties", "unevaluatedProperties")
# Of a value that ends with one of these nothing more can come.
ENDS = ("}", "]", '"', "true", "false", "null")


def check_whole(call: StepCall, generation: Generation) -> None:
    """Refuse to record a structured answer that was cut.

    Raises:
        InputError: says what to send again, and holds what there is.
    """
    if call.output_schema is None or is_whole(generation.text, generation.stop_reason):
        return
    same = "" if call.step_key is None else "the same step_key and "
    if generation.stop_reason == "length":
        problem = f"max_tokens: the JSON was cut after {generation.tokens.generated} tokens"
        remedy = f"more max_tokens, {limits.MAX_TOKENS[1]} at most, or a smaller schema"
        if allows_more(call.output_schema):
            remedy += (
                "; it allows more fields than it names: close its objects with "
                "additionalProperties: false"
            )
    elif generation.stop_reason == "time":
        problem = "max_seconds: the time was over before the JSON was whole"
        remedy = "more max_seconds"
    elif generation.stop_reason == "stop":
        problem = "stop: one of its texts ended the JSON before it was whole"
        remedy = "texts that the answer cannot hold"
    else:
        problem = f"output_schema: the answer is no JSON (stop_reason {generation.stop_reason})"
        remedy = "another schema"
    raise InputError(
        f"{problem}; no step was recorded. Call again with {same}{remedy}. What there is: "
        f"{beginning(generation.text, limits.OUTPUT_SHOWN)}"
    )


def check_recorded(call: StepCall, step: StepRecord) -> None:
    """Refuse to give back a structured answer that was recorded although it was cut.

    Raises:
        InputError: as above; the key is taken.
    """
    if call.output_schema is None or is_whole(step.output, str(step.result.get("stop_reason"))):
        return
    raise InputError(
        f"step_key: {call.step_key!r} belongs to step {step.n}, whose output is no whole JSON; "
        "nothing ran. Call again with another step_key and more max_tokens. What there is: "
        f"{beginning(step.output, limits.OUTPUT_SHOWN)}"
    )


def allows_more(schema: Any) -> bool:
    """Whether an object that a schema allows may have fields that it does not name."""
    if schema is True or schema == {}:
        return True
    if not isinstance(schema, dict):
        return False
    kind = schema.get("type", [])
    kinds = [kind] if isinstance(kind, str) else kind
    if "object" in kinds or "properties" in schema or not (FORMS & schema.keys()):
        closed = (schema.get(name) is False for name in CLOSING)
        if not any(closed):
            return True
    return any(map(allows_more, _within(schema)))


def _within(schema: dict[str, Any]) -> Iterator[Any]:
    """The schemas of what a value holds, and those that it has to fit besides."""
    for name in ("items", "anyOf", "oneOf", "allOf", "prefixItems"):
        found = schema.get(name, [])
        yield from found if isinstance(found, list) else [found]
    for name in ("properties", "patternProperties", "$defs", "definitions"):
        found = schema.get(name, {})
        yield from found.values() if isinstance(found, dict) else []


def is_whole(text: str, stop_reason: str) -> bool:
    """Whether a text is a JSON value that ended by itself, or that cannot go on."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return stop_reason in ("end", "stop") or text.rstrip().endswith(ENDS)
