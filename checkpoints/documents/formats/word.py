"""Word files to sections: one for each heading, then notes, comments, headers and footers."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

from docx.opc.part import Part, PartFactory
from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.package import Package
from docx.parts.document import DocumentPart

from checkpoints.documents.formats.markdown import Headings
from checkpoints.documents.formats.office import HiddenStyles, check_package, paragraphs
from checkpoints.documents.pieces import Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docx.document import Document as WordDocument
    from lxml import etree

    from checkpoints.documents.limits import Reading

_HEADING = re.compile(r"heading (\d)")
# Templates and files with macros, whose text is the same.
for _kind in (
    "application/vnd.ms-word.document.macroEnabled.main+xml",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml",
):
    PartFactory.part_type_for[_kind] = DocumentPart
_BESIDE = re.compile(r".*\.(header|footer|footnotes|endnotes|comments)\+xml")


def word_sections(reading: Reading, data: bytes) -> Iterator[Section]:
    """The sections; raises DocumentError for a file that is broken or unpacks to too much."""
    check_package(reading, data)
    try:
        document = Package.open(io.BytesIO(data)).main_document_part.document
        body = document.element.body
        levels = _levels(document.styles.element)
        styles = HiddenStyles(document.styles.element)
        beside = [
            (found[1], parse_xml(part.blob))
            for part in _parts(document)
            if (found := _BESIDE.fullmatch(str(part.content_type)))
        ]
    except Exception as error:  # a broken file makes the library raise nearly anything
        raise reading.error("is a broken Word file; save it again and retry") from error
    headings, text = Headings(), list[str]()
    for element, words in paragraphs(reading, body, "", styles):
        reading.check()
        level = _level(element, levels)
        if level and words.strip():
            yield Section("\n\n".join(text), headings.place)
            headings.enter(level, words)
            text = []
        text.append(words)
    yield Section("\n\n".join(text), headings.place)
    for place, root in sorted(beside, key=lambda each: each[0]):
        reading.check()
        words = "\n\n".join(text for _, text in paragraphs(reading, root, place, styles))
        yield Section(words, place)


def _parts(document: WordDocument) -> list[Part]:
    """The parts that the text refers to."""
    related = document.part.rels.values()
    return [each.target_part for each in related if not each.is_external]


def _levels(styles: etree._Element) -> dict[str, int]:
    """The styles that are headings, by id, whatever language they are named in."""
    levels: dict[str, int] = {}
    for style in styles.iterchildren(qn("w:style")):
        name = style.find(qn("w:name"))
        found = _HEADING.fullmatch(str(name.get(qn("w:val"))).lower()) if name is not None else None
        outline = style.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}")
        if found:
            levels[str(style.get(qn("w:styleId")))] = int(found[1])
        elif outline is not None and str(outline.get(qn("w:val"))) in "012345678":
            levels[str(style.get(qn("w:styleId")))] = int(str(outline.get(qn("w:val")))) + 1
    return levels


def _level(element: etree._Element, levels: dict[str, int]) -> int:
    style = element.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
    return levels.get(str(style.get(qn("w:val"))), 0) if style is not None else 0
