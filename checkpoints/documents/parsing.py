"""One document's bytes to its pieces, by the suffix of its name or by what its bytes begin with.

The readers are imported when a document needs them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from checkpoints.documents.limits import DocumentLimits, Reading
from checkpoints.documents.pieces import Piece, Section, pieces_of
from checkpoints.documents.signatures import office_ending, what_it_is, which_zip

if TYPE_CHECKING:
    from collections.abc import Iterator

MARKDOWN = frozenset({".md", ".markdown", ".mdx"})
HTML = frozenset({".html", ".htm", ".xhtml"})
PDF = frozenset({".pdf"})
MAIL = frozenset({".eml", ".mht", ".mhtml"})
NOTEBOOK = frozenset({".ipynb"})
WORD = frozenset({".docx", ".docm", ".dotx"})
SHEETS = frozenset({".xlsx", ".xlsm", ".xltx", ".xltm"})
SLIDES = frozenset({".pptx", ".pptm", ".ppsx", ".potx"})
CODE = frozenset(
    ".py .pyi .js .mjs .cjs .jsx .ts .tsx .java .kt .kts .scala .groovy .c .h .cc .cpp .cxx .hpp"  # noqa: SIM905  # legible
    " .cs .go .rs .rb .php .swift .m .mm .lua .pl .pm .r .jl .dart .ex .exs .erl .hs .clj .sh"
    " .bash .zsh .ps1 .sql .proto .gradle .cmake .tf .vue .svelte .css .scss .less".split()
)
PLAIN = frozenset(
    ".txt .text .rst .adoc .org .tex .log .csv .tsv .json .jsonl .yaml .yml .toml .ini .cfg"  # noqa: SIM905  # legible
    " .conf .xml .srt .vtt".split()
)
KNOWN = MARKDOWN | HTML | PDF | MAIL | NOTEBOOK | WORD | SHEETS | SLIDES | CODE | PLAIN


@dataclass(frozen=True)
class Document:
    """What was read: the pieces in their order, and in words what of the document is not there."""

    pieces: list[Piece]
    partly: tuple[str, ...] = ()


def read_document(
    name: str,
    data: bytes,
    limits: DocumentLimits = DocumentLimits(),  # noqa: B008  # frozen, safe to share
) -> Document:
    """The pieces of a document; one with an unknown suffix is read as text.

    Raises:
        DocumentError: empty, broken, encrypted, not text, or over a limit; says what to do.
    """
    reading = Reading(name, limits)
    limits.check_size(name, len(data))
    if not data:
        raise reading.error("is empty; there is nothing to store")
    pieces: list[Piece] = []
    chars = 0
    for section in sections_of(reading, name, data):
        reading.check()
        chars += len(section.text)
        if chars > limits.text_chars:
            raise reading.error(
                f"over {limits.text_chars} characters of text, the limit; split the file"
            )
        pieces += pieces_of(section)
    if not pieces:
        missed = reading.missed
        why = f", only what is not read: {'; '.join(missed)}" if missed else ""
        raise reading.error(f"holds no text{why}; there is nothing to store")
    return Document(pieces, tuple(reading.missed))


def sections_of(reading: Reading, name: str, data: bytes) -> Iterator[Section]:
    """The sections of a document, or of one that another holds, as a file of that name."""
    problem = what_it_is(data)
    if problem is not None:
        raise reading.error(problem)
    # What an Office file or a PDF is does not depend on what it is called.
    suffix = office_ending(data) or PurePath(name).suffix.lower()
    if suffix in PDF or data.startswith(b"%PDF-"):
        from checkpoints.documents.formats.pdf import pdf_sections

        return pdf_sections(reading, data)
    if suffix in WORD:
        from checkpoints.documents.formats.word import word_sections

        return word_sections(reading, data)
    if suffix in SHEETS:
        from checkpoints.documents.formats.sheets import sheet_sections

        return sheet_sections(reading, data)
    if suffix in SLIDES:
        from checkpoints.documents.formats.slides import slide_sections

        return slide_sections(reading, data)
    problem = which_zip(data)
    if problem is not None:
        raise reading.error(problem)
    if suffix in HTML:
        from checkpoints.documents.formats.html import html_sections

        return html_sections(reading, data)
    if suffix in MAIL:
        from checkpoints.documents.formats.mail import mail_sections

        return mail_sections(reading, data, sections_of, KNOWN)
    return _text_sections(reading, suffix, data)


def _text_sections(reading: Reading, suffix: str, data: bytes) -> Iterator[Section]:
    from checkpoints.documents.formats.text import decoded, without_embedded

    text = decoded(reading, data)
    if suffix in NOTEBOOK:
        from checkpoints.documents.formats.notebook import notebook_sections

        return notebook_sections(reading, text)
    text = without_embedded(reading, text)
    if suffix in MARKDOWN:
        from checkpoints.documents.formats.markdown import markdown_sections

        return markdown_sections(text)
    if suffix in CODE:
        from checkpoints.documents.formats.code import code_section

        return iter([code_section(text, python=suffix in {".py", ".pyi"})])
    return iter([Section(text, lines=True)])
