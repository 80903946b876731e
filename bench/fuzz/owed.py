"""Which of the frames sent must be answered, and which of those were not.

A request is owed an answer under its id. Whatever is no JSON-RPC at all is owed a refusal: under
its id if it has a plain one, else under any. Over HTTP a request may also be refused as a whole,
for its headers.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bench.fuzz.frames import ENDLESS

if TYPE_CHECKING:
    from typing_extensions import TypeIs

LONGEST_ID = 2**53
"""Whole numbers beyond it are none to some clients; a refusal of one may come without it."""

Id = str | int


class Owed:
    """The answers that frames sent to one server are owed."""

    def __init__(self, frames: list[bytes], *, by_line: bool) -> None:
        self._ids: dict[Id, bytes] = {}
        self._refusals = 0
        self._by_line = by_line
        for frame in frames:
            for message in frame.split(b"\n") if by_line else [frame]:
                if message.strip() or not by_line:
                    self._add(message)

    def take(self, answers: list[Any]) -> None:
        """Note what was answered."""
        for answer in answers:
            number = answer.get("id") if isinstance(answer, dict) else None
            if isinstance(number, str | int) and number in self._ids:
                del self._ids[number]
            elif isinstance(answer, dict) and ("error" in answer or not _is_plain(number)):
                self._refusals -= 1

    @property
    def missing(self) -> int:
        """How many answers have not come."""
        refusals = max(0, self._refusals) if self._by_line else self._refusals
        return max(0, len(self._ids) + refusals)

    def __str__(self) -> str:
        return f"{self._refusals} refusals, and answers to {list(self._ids.values())}"

    def _text(self, line: bytes) -> str:
        """A line is UTF-8 in any case; a body may tell by its first bytes that it is not."""
        encoding = "utf-8" if self._by_line else json.detect_encoding(line)
        return line.decode(encoding, "replace").lstrip("\ufeff")

    def _add(self, line: bytes) -> None:
        if ENDLESS in line:
            return
        try:
            message = json.loads(self._text(line))
        except (ValueError, RecursionError):
            self._refusals += 1
            return
        if not isinstance(message, dict):
            self._refusals += 1
            return
        number = message.get("id")
        if "method" not in message and ("result" in message or "error" in message):
            return  # a response, which nobody asked for
        if _is_plain(number):
            self._ids[number] = line
        elif "id" in message or "method" not in message:
            self._refusals += 1


def _is_plain(number: Any) -> TypeIs[Id]:
    if isinstance(number, str):
        return number.isprintable() and number.isascii()
    return isinstance(number, int) and not isinstance(number, bool) and abs(number) < LONGEST_ID
