"""HTML to sections: the visible text, one section for each heading.

Scripts, styles and what the page hides are never text: hidden words are where instructions to
models are planted. Nothing that a page links to is fetched.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bs4 import BeautifulSoup
from bs4.dammit import EncodingDetector
from bs4.element import NavigableString, PreformattedString, Tag
from bs4.exceptions import ParserRejectedMarkup

from checkpoints.documents.from_markdown import heading_place
from checkpoints.documents.limits import DocumentError
from checkpoints.documents.pieces import Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from checkpoints.documents.limits import Clock

_DROPPED = ("script", "style", "noscript", "template", "svg", "iframe", "object")
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = frozenset(
    "address article aside blockquote body caption dd details div dl dt fieldset figcaption"  # noqa: SIM905  # legible
    " figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table"
    " title tr ul".split()
)
_CELLS = frozenset({"td", "th"})
_HIDING = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def html_sections(name: str, data: bytes, clock: Clock) -> Iterator[Section]:
    """The sections of a page; raises DocumentError for one that cannot be parsed."""
    try:
        page = BeautifulSoup(_decoded(data), "html.parser")
    except (ParserRejectedMarkup, RecursionError) as error:
        raise DocumentError(name, "is broken HTML; save the page again and retry") from error
    clock.check()
    for tag in page.find_all(_is_unseen):
        tag.extract()
    text, place, path = list[str](), "", list[tuple[int, str]]()
    for heading, words in _runs(page, clock):
        if heading:
            yield Section("".join(text), place)
            title = " ".join(words.split())
            path = [above for above in path if above[0] < heading] + [(heading, title)]
            text, place = [], heading_place([title for _, title in path])
        text.append(words)
    yield Section("".join(text), place)


def _runs(page: BeautifulSoup, clock: Clock) -> Iterator[tuple[int, str]]:
    """Stretches of text in order; a heading's own, with its level, whole in one."""
    blocks: dict[int, Tag] = {id(page): page}
    last: Tag | None = None
    heading: Tag | None = None
    cell = False
    for count, node in enumerate(page.descendants):
        if count % 10_000 == 0:
            clock.check()
        block = blocks[id(node.parent)]
        if isinstance(node, Tag):
            blocks[id(node)] = node if node.name in _BLOCKS else block
            if node.name in _HEADINGS:
                heading = node
                if node.get_text(strip=True):
                    yield _HEADINGS[node.name], f"\n\n{node.get_text()}"
            elif node.name in _CELLS:
                cell = True
            elif node.name == "br":
                yield 0, "\n"
        elif isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
            if block is heading or not node.strip():
                continue
            words = str(node) if block.name == "pre" else re.sub(r"\s+", " ", node)
            border = "\n\n" if block is not last else " | " if cell else ""
            yield 0, border + words
            last, cell = block, False


def _is_unseen(tag: Tag) -> bool:
    return (
        tag.name in _DROPPED
        or tag.has_attr("hidden")
        or bool(_HIDING.search(str(tag.get("style", ""))))
    )


def _decoded(data: bytes) -> str:
    declared = EncodingDetector.find_declared_encoding(data, is_html=True)
    for encoding in (
        "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8",
        declared,
    ):
        try:
            return data.decode(encoding or "cp1252").replace("\x00", "")
        except (LookupError, UnicodeDecodeError):
            continue
    return data.decode("cp1252", errors="replace").replace("\x00", "")
