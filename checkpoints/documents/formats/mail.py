"""Saved mail and web archives to sections: who wrote to whom, the text, and what is attached."""

from __future__ import annotations

import re
from dataclasses import replace
from email import message_from_bytes
from email.header import decode_header
from email.policy import Compat32
from pathlib import PurePath
from typing import TYPE_CHECKING

from checkpoints.documents.formats.html import html_sections
from checkpoints.documents.formats.text import decoded, without_embedded
from checkpoints.documents.limits import DocumentError
from checkpoints.documents.pieces import Section
from checkpoints.text.graphemes import beginning

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from email.message import Message

    from checkpoints.documents.limits import Reading

    Sections = Callable[[Reading, str, bytes], Iterator[Section]]

_SHOWN = ("From", "To", "Cc", "Date", "Subject")
# The library compares each line with the border of every part around it.
_PARTS = 100
# It cuts long headers again and again from the front.
_HEADER = 4_000
_BORDER = re.compile(rb"(?i)boundary\s{0,9}=|content-type\s{0,9}:\s{0,9}message/")


class _Policy(Compat32):
    """The library's own, with headers of a length that it parses quickly."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name[:200], beginning(value, _HEADER)


def mail_sections(
    reading: Reading, data: bytes, sections_of: Sections, suffixes: Collection[str]
) -> Iterator[Section]:
    """The headers and the text, then attachments of kinds that can be read.

    Raises:
        DocumentError: no mail, or over 100 parts inside each other.
    """
    if len(_BORDER.findall(data)) > _PARTS:
        raise reading.error(f"over {_PARTS} parts with parts of their own, the limit; split it")
    mail = message_from_bytes(data, policy=_Policy())
    if not mail.keys():
        raise reading.error("is no mail: it has no headers; save it again and retry")
    yield _headers(reading, mail, "headers")
    stack = [mail]
    while stack:
        reading.check()
        part = stack.pop()
        if part.is_multipart():
            stack += reversed(_chosen(part))
            if part.get_content_type() == "message/rfc822":
                for inner in _chosen(part):
                    yield _headers(reading, inner, "forwarded headers")
        else:
            yield from _part(reading, part, sections_of, suffixes)


def _headers(reading: Reading, mail: Message, place: str) -> Section:
    values = {name: str(mail[name]) for name in _SHOWN if mail[name]}
    if any(len(value) >= _HEADER for value in values.values()):
        reading.miss(f"over {_HEADER} characters, and cut", place)
    return Section("\n".join(f"{name}: {_shown(value)}" for name, value in values.items()), place)


def _chosen(part: Message) -> list[Message]:
    """The parts to read; of alternatives the plain text, else the last that can be read."""
    inner = [each for each in part.get_payload() if not isinstance(each, str)]
    if part.get_content_type() == "multipart/alternative":
        plain = [p for p in inner if p.get_content_type() == "text/plain" and p.get_payload()]
        return plain[:1] or inner[-1:]
    return inner


def _part(
    reading: Reading, part: Message, sections_of: Sections, suffixes: Collection[str]
) -> Iterator[Section]:
    kind, name = part.get_content_type(), _shown(part.get_filename() or "")
    place = f"attachment {name}" if name else f"part {kind}"
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes) or not data.strip():
        return
    if part.defects:
        reading.miss("damaged; some of it may be missing", place)
    try:
        if kind == "text/html":
            charset = part.get_content_charset()
            yield from html_sections(reading, decoded(reading, data, charset) if charset else data)
        elif kind in ("text/plain", "text/markdown") and not name:
            text = decoded(reading, data, part.get_content_charset())
            yield Section(without_embedded(reading, text))
        elif kind.startswith("text/") or PurePath(name).suffix.lower() in suffixes:
            for section in sections_of(reading, name or "part.txt", data):
                where = f"{place}, {section.place}" if section.place else place
                yield replace(section, place=where)
        else:
            reading.miss(f"{kind}, which is not read", place)
    except DocumentError as error:
        reading.miss(error.problem, place)


def _shown(value: str) -> str:
    """A header's words; those in a form for the wire are put back."""
    words = []
    for text, charset in decode_header(" ".join(beginning(value, _HEADER).split())):
        if isinstance(text, str):
            words.append(text)
            continue
        try:
            words.append(text.decode(charset or "ascii", errors="replace"))
        except LookupError:
            words.append(text.decode("ascii", errors="replace"))
    return "".join(words)
