"""HTML to sections: the visible text, one section for each heading.

Scripts, styles and what the page hides are never text: hidden words are where instructions to
models are planted. Nothing that a page links to is fetched. The parser tells of tags as they
come, and no tree is built: whatever a page leaves open, it is read once.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lxml import etree

from checkpoints.documents.formats.markdown import Headings
from checkpoints.documents.formats.text import decoded
from checkpoints.documents.pieces import Section

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from checkpoints.documents.limits import Reading

_DROPPED = frozenset(("script", "style", "noscript", "template", "svg", "iframe", "object"))
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = frozenset(
    "address article aside blockquote body caption dd details div dl dt fieldset figcaption"  # noqa: SIM905  # legible
    " figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol optgroup option p pre section"
    " summary table title tr ul".split()
)
_CELLS = frozenset({"td", "th"})
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_DECLARED = re.compile(rb"(?:charset|encoding)\s{0,9}=\s{0,9}[\"']?([\w.:-]{1,40})")
_STEP = 2**16
# Attributes that hold no tags, unless a quote is left open.
_SHORT = ("class", "id", "href", "src", "title", "alt", "name", "style", "type", "lang")
# Put behind a page: where it does not come out again, something left open has swallowed the rest.
_END = "x-end-of-the-page"
_UNCLOSED = "what follows a comment, tag or hidden element that is never closed is left out"
# The parser looks through all open elements at an end tag that fits none: this many looks, a fifth
# of a second, and at any number of elements this deep.
_LOOKS = 10**8
_NESTED = 6_000


def html_sections(reading: Reading, data: bytes | str) -> Iterator[Section]:
    """The sections of a page; raises DocumentError for one that cannot be read."""
    if isinstance(data, bytes):
        declared = _DECLARED.search(data[:4096])
        data = decoded(reading, data, declared[1].decode() if declared else None)
    whole = data.encode(errors="replace")
    page = _Page(reading, max(_NESTED, _LOOKS // (whole.count(b"</") or 1)))
    parser = etree.HTMLParser(
        target=page,  # type: ignore[arg-type]  # the stubs allow for bytes; it is told text
        encoding="utf-8",
        huge_tree=True,
    )
    try:
        for start in range(0, len(whole), _STEP):
            reading.check()
            parser.feed(whole[start : start + _STEP])
            yield from page.taken()
        parser.feed(f"<{_END}>".encode())
        parser.close()
    except etree.LxmlError as error:
        raise reading.error("is broken HTML; save the page again and retry") from error
    page.end_section()
    if page.is_swallowed:
        reading.miss(_UNCLOSED)
    yield from page.taken()


class _Page:
    """What the parser tells its tags and words to."""

    def __init__(self, reading: Reading, nested: int) -> None:
        self._reading, self._nested = reading, nested
        self._sections: list[Section] = []
        self._headings = Headings()
        self._text: list[str] = []
        self._run: list[str] = []  # words of one block, not yet put down
        self._blocks = [("", 0)]  # those that are open, by tag and number
        self._count = self._last = self._depth = self._unseen = self._level = 0
        self._cell = self._ended = False

    @property
    def is_swallowed(self) -> bool:
        """Whether the page's end came as neither an element nor text that a reader sees."""
        return not self._ended

    def taken(self) -> list[Section]:
        """The sections that are whole."""
        sections, self._sections = self._sections, []
        return sections

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == _END:
            self._ended = not self._unseen
            return
        if any("</" in attributes.get(name, "") for name in _SHORT):
            self._reading.miss("words in a tag whose quote is not closed are left out")
        self._depth += 1
        if self._depth > self._nested:
            raise self._reading.error(
                f"elements inside each other over {self._nested} deep, the limit; save it again"
            )
        if self._unseen or tag in _DROPPED or _is_hidden(attributes):
            self._unseen += 1
            return
        if tag in _BLOCKS:
            self._put_down()
            self._count += 1
            self._blocks.append((tag, self._count))
            self._level = _HEADINGS.get(tag, 0)
        elif tag in _CELLS:
            self._put_down()
            self._cell = True
        elif tag == "br" and not self._level:
            self._put_down()
            self._text.append("\n")
        elif tag == "br":
            self._run.append(" ")

    def end(self, tag: str) -> None:
        if tag == _END:
            return
        self._depth -= 1
        if self._unseen:
            self._unseen -= 1
        elif tag in _BLOCKS:
            self._put_down()
            if self._blocks[-1][0] == tag:
                self._blocks.pop()

    def data(self, words: str) -> None:
        if not self._unseen:
            self._run.append(words)

    def comment(self, text: str) -> None:
        pass

    def close(self) -> None:
        self._put_down()

    def end_section(self) -> None:
        self._put_down()
        self._sections.append(Section("".join(self._text), self._headings.place))
        self._text = []

    def _put_down(self) -> None:
        """The words since the last border: a heading's, or more of a section's text."""
        tag, block = self._blocks[-1]
        words = "".join(self._run)
        self._run = []
        if words.endswith(f"<{_END}>"):  # in an element whose text is taken as it stands
            words, self._ended = words.removesuffix(f"<{_END}>"), True
        level, self._level = self._level, 0
        if not words.strip():
            return
        if tag != "pre":
            words = " ".join(words.split())
        if level:
            self.end_section()
            self._headings.enter(level, words)
        border = "\n\n" if block != self._last else " | " if self._cell else ""
        self._text.append(border + words)
        self._last, self._cell = block, False


def _is_hidden(attributes: Mapping[str, str]) -> bool:
    return "hidden" in attributes or bool(_HIDING.search(attributes.get("style", "")))
