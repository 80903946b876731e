"""What is wrong with a value that a validator refused, in plain words instead of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from checkpoints.text.graphemes import beginning

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

NAME_SHOWN = 100
# By the validator's names for what is wrong; in braces what it says of it.
WORDS = {
    "missing": "is missing",
    "missing_argument": "is missing",
    "extra_forbidden": "is no field here",
    "none_required": "should be left out",
    "literal_error": "should be {expected}",
    "enum": "should be {expected}",
    "union_tag_invalid": "should be one of {expected_tags} in its {discriminator}",
    "union_tag_not_found": "has no {discriminator}, which tells what it is",
    "greater_than": "should be more than {gt}",
    "greater_than_equal": "should be at least {ge}",
    "less_than": "should be less than {lt}",
    "less_than_equal": "should be at most {le}",
    "multiple_of": "should be a multiple of {multiple_of}",
    "finite_number": "should be a number that is not infinite",
    "int_from_float": "should be a whole number",
    "int_parsing_size": "should be a whole number of fewer digits",
    "string_too_short": "should have {min_length} or more characters",
    "string_too_long": "should have {max_length} or fewer characters",
    "too_short": "should have {min_length} or more, and has {actual_length}",
    "too_long": "should have {max_length} or fewer, and has more",
    "string_pattern_mismatch": "does not have the form {pattern}",
    "string_unicode": "should be text without half characters",
    "value_error": "{error}",
    "assertion_error": "{error}",
    "json_invalid": "should be JSON",
    "json_type": "should be JSON",
    "recursion_loop": "holds itself",
}
# By the beginning of these names, which go on with `_type`, `_parsing` and the like.
KINDS = {
    "string": "text",
    "int": "a whole number",
    "float": "a number",
    "decimal": "a number",
    "bool": "true or false",
    "list": "a list",
    "tuple": "a list",
    "set": "a list",
    "frozen": "a list",
    "iterable": "a list",
    "dict": "an object with fields",
    "mapping": "an object with fields",
    "model": "an object with fields",
    "dataclass": "an object with fields",
    "path": "a path",
    "datetime": "a date and time such as 2026-01-31T12:00:00Z",
    "date": "a date such as 2026-01-31",
    "time": "a time of day or a span of time",
    "timezone": "a date and time with its distance from UTC",
    "url": "a web address",
    "uuid": "a UUID",
    "bytes": "bytes",
}


def problem_of(found: ErrorDetails) -> str:
    """What is wrong, as it follows the name of what it is about."""
    kind, context = found["type"], found.get("ctx", {})
    if (words := WORDS.get(kind)) is not None:
        return words.format_map(context)
    if (thing := KINDS.get(kind.partition("_")[0])) is not None:
        return f"should be {thing}"
    return "is not what belongs here"


def place_of(found: ErrorDetails) -> str:
    """The place of a value: `examples[0].input`; empty for the whole."""
    parts = [
        f"[{part}]" if isinstance(part, int) else f".{beginning(part, NAME_SHOWN)}"
        for part in found["loc"]
    ]
    return "".join(parts).removeprefix(".")


def problems_of(error: ValidationError, whole: str, most: int = 5) -> str:
    """The first problems with their places, and how many more there are.

    Args:
        error: the validator's.
        whole: what a problem of no single field is about.
        most: problems to name.
    """
    found: list[Any] = error.errors(include_url=False, include_input=False)
    named = [f"{place_of(each) or whole}: {problem_of(each)}" for each in found[:most]]
    more = len(found) - len(named)
    return "; ".join([*named, *([f"and {more} more"] if more else [])])
