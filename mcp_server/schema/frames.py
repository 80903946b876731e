"""JSON-RPC messages as they arrive: what can be mended in one, and the id in a broken one."""

from __future__ import annotations

import gc
import json
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

BYTE_ORDER_MARK = "\ufeff"
_BEFORE = BYTE_ORDER_MARK + " \t\r\n"
# Of a message that no parser reads, this much is looked through for its id.
LOOKED_THROUGH = 1024**2
INT_DIGITS = 30
WRONG_ID = "id: must be a text or a whole number"
_HIGH, _LOW = r"\\u[dD][89abAB][0-9a-fA-F]{2}", r"\\u[dD][c-fC-F][0-9a-fA-F]{2}"
# Each escape in turn, so that a backslash that is itself escaped begins none.
_ESCAPES = re.compile(rf"({_HIGH}{_LOW})|({_HIGH}|{_LOW})|\\.", re.DOTALL)
_LONE = re.compile(rf"{_HIGH}(?!{_LOW})|(?<!\\u[dD][89abAB]..){_LOW}".encode())
_MARKED = re.compile(rb"\A[ \t\r\n]*(?:\xef\xbb\xbf[ \t\r\n]*)+")
_WORDS = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s"{}\[\]:,]+', re.DOTALL)


def mended(text: str) -> str:
    """A message without byte-order marks before it, and without halves of surrogate pairs."""
    return _ESCAPES.sub(lambda found: r"\ufffd" if found[2] else found[0], text.lstrip(_BEFORE))


def mended_body(body: bytes) -> bytes:
    """The same of bytes. Those that need no mending are passed on without another look."""
    body = _MARKED.sub(b"", body, count=1)
    if _LONE.search(body) is None:
        return body
    return mended(body.decode("latin-1")).encode("latin-1")


def request_id(text: str) -> str | int | None:
    """The id of the request that a message was to be, as far as it can be made out; else None."""
    try:
        with without_collection():
            message = json.loads(text, strict=False, parse_int=_whole)
    except (ValueError, RecursionError):
        message = _outermost(text[:LOOKED_THROUGH])
    if not isinstance(message, dict):
        return None
    found = message.get("id")
    answers = "method" not in message and ("result" in message or "error" in message)
    if answers or isinstance(found, bool) or not isinstance(found, str | int):
        return None
    return found.encode(errors="replace").decode() if isinstance(found, str) else found


def has_wrong_id(text: str) -> bool:
    """Whether a message that the protocol layer takes for a notification was to be a request.

    Its id is neither a text nor a whole number; of a notification's own methods null does no harm.
    """
    try:
        with without_collection():
            message = json.loads(text)
    except (ValueError, RecursionError):
        return False
    if not isinstance(message, dict) or not {"id", "method"} <= message.keys():
        return False
    found = message["id"]
    if found is None:
        return not str(message["method"]).startswith("notifications/")
    return isinstance(found, bool) or not isinstance(found, str | int)


@contextmanager
def without_collection() -> Iterator[None]:
    """Do not look for garbage meanwhile: while millions of small lists are made there is none.

    The search takes most of the time that reading such a message takes.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _whole(digits: str) -> int | None:
    return int(digits) if len(digits) <= INT_DIGITS else None


def _outermost(text: str) -> dict[str, Any]:
    """The names in the first object of what is no JSON, and their values if they are plain."""
    found: dict[str, Any] = {}
    depth, before, name = 0, "", ""
    for match in _WORDS.finditer(text):
        word = match[0]
        if word in "{[":
            depth, name = depth + 1, ""
        elif word in "}]":
            depth -= 1
            if depth <= 0:
                break
        elif word == ":":
            name = str(_plain(before)) if depth == 1 else ""
            found.update({name: None} if name else {})
        elif word != "," and name:
            found[name], name = _plain(word), ""
        before = word
    return found


def _plain(word: str) -> Any:
    try:
        return json.loads(word, strict=False, parse_int=_whole)
    except ValueError:
        return None
