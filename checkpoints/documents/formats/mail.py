"""Saved mail and web archives to sections: who wrote to whom, the text, and what is attached."""

from __future__ import annotations

import base64
import mimetypes
import re
from codecs import BOM_UTF8
from dataclasses import replace
from email import message_from_bytes
from email.header import decode_header
from email.policy import Compat32
from itertools import takewhile
from pathlib import PurePath
from typing import TYPE_CHECKING

from checkpoints.documents.formats.html import html_sections
from checkpoints.documents.formats.text import decoded, without_embedded
from checkpoints.documents.limits import DocumentError
from checkpoints.documents.pieces import Section
from checkpoints.documents.signatures import what_it_is
from checkpoints.text.graphemes import beginning

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from email.message import Message

    from checkpoints.documents.limits import Reading

    Sections = Callable[[Reading, str, bytes], Iterator[Section]]

_SHOWN = ("From", "To", "Cc", "Date", "Subject")
# The library compares each line with the border of every part around it.
_PARTS = 100
# The kinds of `message/…` that are mails, and not a report's fields.
_MAILS = frozenset({"rfc822", "global", "news", "partial", "external-body"})
_BODIES = frozenset({"text/plain", "text/html", "text/enriched", "text/x-amp-html"})
_REFUSED = {
    "application/ms-tnef": "attachments in a form of Outlook alone; ask for the files themselves",
    "application/pkcs7-mime": "encrypted or signed as a whole; save it from the program that "
    "opens it",
}
_ELSEWHERE = {
    "message/external-body": "an attachment that is kept elsewhere, and not read",
    "message/partial": "one of several mails that are one; the others are not in this file",
}
_ENDINGS = {
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
    "application/x-ipynb+json": ".ipynb",
    "message/rfc822": ".eml",
    "text/plain": ".txt",
    "text/markdown": ".md",
}
_PLAIN = frozenset({"", "7bit", "8bit", "binary"})
_CODED = re.compile(rb"[A-Za-z0-9+/]*={0,2}")
_BASE64 = re.compile(rb"\s*(?:[A-Za-z0-9+/]{76}\r?\n)+[A-Za-z0-9+/]{1,76}={0,2}\s*")
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
    data = data.removeprefix(BOM_UTF8).lstrip(b"\r\n")
    mail = message_from_bytes(data, policy=_Policy())
    if not mail.keys():
        raise reading.error("is no mail: it has no headers; save it again and retry")
    yield _headers(reading, mail, "headers")
    reader = _Parts(reading, sections_of, suffixes)
    stack = [mail]
    while stack:
        reading.check()
        part = stack.pop()
        if not part.is_multipart():
            yield from reader.sections(part)
            continue
        if part.defects:
            reading.miss("damaged or cut off; some of it may be missing", part.get_content_type())
        inner = [each for each in part.get_payload() if not isinstance(each, str)]
        if part.get_content_type() == "multipart/alternative":
            yield from reader.text_of(inner)
        elif part.get_content_maintype() == "message":
            kind = part.get_content_type()
            if kind in _ELSEWHERE:
                reading.miss(_ELSEWHERE[kind], kind)
            inner = [_undone(part, each) for each in inner]
            for each in inner:
                yield _headers(reading, each, "forwarded headers", part.get_content_subtype())
        stack += reversed(inner)


def _headers(reading: Reading, mail: Message, place: str, kind: str = "rfc822") -> Section:
    """Who wrote to whom; of a report all that its headers say."""
    names = _SHOWN if kind in _MAILS else dict.fromkeys(map(str, mail.keys()))
    values = {name: str(mail[name]) for name in names if mail[name]}
    if any(len(value) >= _HEADER for value in values.values()):
        reading.miss(f"over {_HEADER} characters, and cut", place)
    return Section("\n".join(f"{name}: {_shown(value)}" for name, value in values.items()), place)


def _undone(part: Message, inner: Message) -> Message:
    """A forwarded mail, decoded where it is in a form for the wire."""
    coding = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
    held = inner.get_payload()
    if coding not in ("base64", "quoted-printable") or inner.keys() or not isinstance(held, str):
        return inner
    inner["Content-Transfer-Encoding"] = coding
    data = inner.get_payload(decode=True)
    return message_from_bytes(data, policy=_Policy()) if isinstance(data, bytes) else inner


class _Parts:
    """Reads the parts of a mail that have none of their own."""

    def __init__(self, reading: Reading, sections_of: Sections, suffixes: Collection[str]) -> None:
        self._reading, self._sections_of, self._suffixes = reading, sections_of, suffixes
        self._taken: set[int] = set()

    def text_of(self, forms: list[Message]) -> Iterator[Section]:
        """The text that several forms give: the plain one, unless it says much less.

        What else they hold, such as attachments beside one of them, is left to be read.
        """
        bodies = [body for form in forms if (body := _body(form)) is not None]
        known = any(id(body) in self._taken for body in bodies)  # to the forms around these
        self._taken.update(map(id, bodies))
        if known:
            return
        read = [(body.get_content_type(), list(self._sections(body))) for body in bodies]
        best = max((_letters(sections) for _, sections in read), default=0)
        plain = [
            sections
            for kind, sections in read
            if kind == "text/plain" and _letters(sections) * 2 >= best
        ]
        yield from (
            plain[0]
            if plain
            else next((sections for _, sections in reversed(read) if _letters(sections)), [])
        )

    def sections(self, part: Message) -> Iterator[Section]:
        """What a part holds; one that is not read is noted."""
        if id(part) not in self._taken:
            yield from self._sections(part)

    def _sections(self, part: Message) -> Iterator[Section]:
        reading, kind = self._reading, part.get_content_type()
        if part.get_content_maintype() == "multipart":  # without what would tell its parts apart
            kind = "text/plain"
        name = " ".join(_shown(part.get_filename() or "").split())
        place = f"attachment {name}" if name else f"part {kind}"
        data = _data(reading, part, place)
        if not data.strip():
            if name:
                reading.miss("is empty", place)
            return
        ending = PurePath(name).suffix.lower()
        if ending not in self._suffixes:
            ending = _ENDINGS.get(kind) or mimetypes.guess_extension(kind) or ending
        try:
            if kind == "text/html" and not name:
                yield from html_sections(reading, _as_page(reading, part, data))
            elif kind in ("text/plain", "text/markdown") and not name:
                text = decoded(reading, data, part.get_content_charset())
                yield Section(without_embedded(reading, text))
            elif kind in ("text/css", "text/javascript") and not name:
                reading.miss("of the page alone, and not read", place)
            elif kind in _REFUSED:
                reading.miss(_REFUSED[kind], place)
            elif kind.startswith("text/") or ending in self._suffixes:
                if kind.startswith("text/") and (charset := part.get_content_charset()):
                    data = decoded(reading, data, charset).encode()
                for section in self._sections_of(reading, f"part{ending or '.txt'}", data):
                    where = f"{place}, {section.place}" if section.place else place
                    yield replace(section, place=where)
            else:
                seen = what_it_is(data) if kind == "application/octet-stream" else None
                reading.miss(seen or f"{kind}, which is not read", place)
        except DocumentError as error:
            reading.miss(error.problem, place)


def _body(form: Message) -> Message | None:
    """The text of one form of a mail: its first part that is text and no attachment."""
    stack = [form]
    while stack:
        part = stack.pop()
        if part.is_multipart():
            if part.get_content_maintype() == "multipart":
                stack += reversed([p for p in part.get_payload() if not isinstance(p, str)])
        elif part.get_content_type() in _BODIES and not part.get_filename():
            return part
    return None


def _letters(sections: list[Section]) -> int:
    return sum(not c.isspace() for section in sections for c in section.text)


def _as_page(reading: Reading, part: Message, data: bytes) -> str | bytes:
    charset = part.get_content_charset()
    return decoded(reading, data, charset) if charset else data


def _data(reading: Reading, part: Message, place: str) -> bytes:
    """A part's bytes; where they are not in the form that it names, as they stand."""
    coding = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
    data = part.get_payload(decode=True)
    if coding not in ("base64", *_PLAIN):
        pass
    elif coding in _PLAIN:
        if isinstance(data, bytes) and _BASE64.fullmatch(data):
            reading.miss("in base64 that it does not name", place)
            return base64.b64decode(data)
    elif part.defects:
        part.replace_header("Content-Transfer-Encoding", "8bit")
        written = part.get_payload(decode=True)
        lines = written.strip().splitlines() if isinstance(written, bytes) else []
        coded = list(takewhile(_CODED.fullmatch, map(bytes.strip, lines)))
        if sum(map(len, coded)) * 2 < sum(map(len, lines)):
            reading.miss("not in the base64 that it names; read as it stands", place)
            return b"\n".join(lines)
        data = b"".join(coded)
        data = base64.b64decode(data[: len(data) // 4 * 4])
    if part.defects:
        reading.miss("damaged; some of it may be missing", place)
    return data if isinstance(data, bytes) else b""


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
