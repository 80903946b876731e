"""One document's bytes to its pieces, by the suffix of its name.

The parsers are imported when a document needs them.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from checkpoints.documents.limits import Clock, DocumentError, DocumentLimits
from checkpoints.documents.pieces import Piece, Section, pieces_of

if TYPE_CHECKING:
    from collections.abc import Iterator

MARKDOWN = frozenset({".md", ".markdown", ".mdx"})
HTML = frozenset({".html", ".htm", ".xhtml"})
PDF = frozenset({".pdf"})
CODE = frozenset(
    ".py .pyi .js .mjs .cjs .jsx .ts .tsx .java .kt .kts .scala .groovy .c .h .cc .cpp .cxx .hpp"  # noqa: SIM905  # legible
    " .cs .go .rs .rb .php .swift .m .mm .lua .pl .pm .r .jl .dart .ex .exs .erl .hs .clj .sh"
    " .bash .zsh .ps1 .sql .proto .gradle .cmake .tf .vue .svelte .css .scss .less".split()
)
PLAIN = frozenset(
    ".txt .text .rst .adoc .org .tex .log .csv .tsv .json .jsonl .yaml .yml .toml .ini .cfg"  # noqa: SIM905  # legible
    " .conf .xml .srt .vtt .eml".split()
)
KNOWN = MARKDOWN | HTML | PDF | CODE | PLAIN


def read_document(
    name: str,
    data: bytes,
    limits: DocumentLimits = DocumentLimits(),  # noqa: B008  # frozen, safe to share
) -> list[Piece]:
    """The pieces of a document in their order; one with an unknown suffix is read as text.

    Raises:
        DocumentError: empty, broken, encrypted, not text, or over a limit; says what to do.
    """
    if len(data) > limits.file_bytes:
        raise DocumentError(
            name, f"{len(data)} bytes, the limit is {limits.file_bytes}; split the file"
        )
    if not data:
        raise DocumentError(name, "is empty; there is nothing to store")
    clock = Clock(name, limits.seconds)
    pieces: list[Piece] = []
    for section in _sections(name, data, limits, clock):
        clock.check()
        pieces += pieces_of(section)
    if not pieces:
        raise DocumentError(name, "holds no text; there is nothing to store")
    return pieces


def _sections(name: str, data: bytes, limits: DocumentLimits, clock: Clock) -> Iterator[Section]:
    suffix = PurePath(name).suffix.lower()
    if suffix in PDF:
        from checkpoints.documents.from_pdf import pdf_sections

        return pdf_sections(name, data, limits, clock)
    if suffix in HTML:
        from checkpoints.documents.from_html import html_sections

        return html_sections(name, data, clock)
    text = decoded(name, data)
    if suffix in MARKDOWN:
        from checkpoints.documents.from_markdown import markdown_sections

        return markdown_sections(text)
    if suffix in CODE:
        from checkpoints.documents.from_code import code_section

        return iter([code_section(text, python=suffix in {".py", ".pyi"})])
    return iter([Section(text, lines=True)])


def decoded(name: str, data: bytes) -> str:
    """The text of a file: UTF-8, UTF-16 with its mark, or else Windows' western code page.

    Raises:
        DocumentError: it is none of these.
    """
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text.replace("\r\n", "\n").replace("\r", "\n")
    raise DocumentError(name, "is not a text file; convert it to UTF-8 text, Markdown, HTML or PDF")
