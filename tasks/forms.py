"""Forms in which a fact can be answered, and which facts each of them suits."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tasks.drawing import Random
    from tasks.fields import Value

DATE = re.compile(r"\d{4}-\d\d-\d\d")
CLOCK = re.compile(r"\d\d:\d\d")
NUMBER = re.compile(r"-?\d+(\.\d+)?")


def key_name(name: str, style: str) -> str:
    """A field's name as a key in one of the common styles."""
    words: list[str] = re.findall(r"[A-Za-z0-9]+", name.replace("'s", ""))
    if style == "camel":
        return words[0].lower() + "".join(word.capitalize() for word in words[1:])
    if style == "pascal":
        return "".join(word.capitalize() for word in words)
    if style == "upper":
        return "_".join(words).upper()
    return {"kebab": "-", "given": " "}.get(style, "_").join(words).lower()


def drawn_key(name: str, rng: Random) -> str:
    """A key for a field in a style of its own."""
    style = rng.choice(("snake", "snake", "snake", "camel", "camel", "kebab", "pascal", "upper"))
    return key_name(name, style)


def as_json(value: object) -> str:
    """JSON as it is usually printed."""
    return json.dumps(value, ensure_ascii=False)


# For each form: whether all of these values have it, and how one is written.
SPECIAL: dict[str, tuple[Callable[[Sequence[Value]], bool], Callable[[Value], str]]] = {
    "iso": (lambda vs: _all(DATE, vs) and _differs(vs), lambda v: v.plain),
    "compact": (lambda vs: _all(DATE, vs), lambda v: v.plain.replace("-", "")),
    "slashed": (lambda vs: _all(DATE, vs), lambda v: "/".join(reversed(v.plain.split("-")))),
    "year": (lambda vs: _all(DATE, vs), lambda v: v.plain[:4]),
    "month": (lambda vs: _all(DATE, vs), lambda v: str(int(v.plain[5:7]))),
    "number": (lambda vs: _all(NUMBER, vs) and _differs(vs), lambda v: v.plain),
    "clock": (lambda vs: _all(CLOCK, vs) and _differs(vs), lambda v: v.plain),
    "last4": (lambda vs: all(_is_code(v.text) for v in vs), lambda v: v.text[-4:]),
    "digits": (lambda vs: all(_is_code(v.text) for v in vs), lambda v: re.sub(r"\D", "", v.text)),
    "host": (lambda vs: all("@" in v.text for v in vs), lambda v: v.text.split("@")[-1]),
}
GENERAL: dict[str, tuple[Callable[[Sequence[Value]], bool], Callable[[Value], str]]] = {
    "upper": (lambda vs: any(v.text != v.text.upper() for v in vs), lambda v: v.text.upper()),
    "lower": (lambda vs: any(v.text != v.text.lower() for v in vs), lambda v: v.text.lower()),
    "quoted": (lambda vs: all('"' not in v.text for v in vs), lambda v: f'"{v.text}"'),
    "bracketed": (lambda vs: True, lambda v: f"[{v.text}]"),
    "array": (lambda vs: all('"' not in v.text for v in vs), lambda v: as_json([v.text])),
    "first_word": (lambda vs: _worded(vs), lambda v: v.text.split()[0]),
    "last_word": (lambda vs: _worded(vs), lambda v: v.text.split()[-1]),
}
# These need a key or a title besides the value.
NAMED: dict[str, Callable[[str, str, str], str]] = {
    "json": lambda text, key, title: as_json({key: text}),
    "titled": lambda text, key, title: f"{title}: {text}",
    "tagged": lambda text, key, title: f"<{key}>{text}</{key}>",
    "sentence": lambda text, key, title: f"The {title} is {text}.",
}


def _all(pattern: re.Pattern[str], values: Sequence[Value]) -> bool:
    return all(pattern.fullmatch(value.plain) for value in values)


def _differs(values: Sequence[Value]) -> bool:
    return sum(value.plain != value.text for value in values) * 2 > len(values)


def _is_code(text: str) -> bool:
    """Whether it is an identifier with letters and at least four digits."""
    one_word = re.fullmatch(r"[A-Za-z0-9./#-]{6,}", text) is not None
    return (
        one_word and len(re.findall(r"\d", text)) >= 4 and re.search(r"[A-Za-z]", text) is not None
    )


def _worded(values: Sequence[Value]) -> bool:
    """Whether they have several words whose first and last are clear."""
    return all(re.fullmatch(r"[^\W\d]\w+( [\w-]+)* [^\W\d]\w+", value.text) for value in values)
