"""Slides to sections: the text of each one, its notes and comments, and what layouts add."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from pptx.opc.package import PartFactory
from pptx.package import Package
from pptx.parts.presentation import PresentationPart

from checkpoints.documents.formats.office import check_package, paragraphs, parsed
from checkpoints.documents.limits import DocumentError
from checkpoints.documents.pieces import Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree
    from pptx.slide import Slide, SlideLayout

    from checkpoints.documents.limits import Reading

# Templates and slide shows, whose slides are the same.
for _kind in (
    "application/vnd.openxmlformats-officedocument.presentationml.slideshow.main+xml",
    "application/vnd.openxmlformats-officedocument.presentationml.template.main+xml",
):
    PartFactory.part_type_for[_kind] = PresentationPart
# What notes show of the slide and the page, beside what was written.
_NO_NOTES = frozenset({"sldImg", "sldNum", "hdr", "ftr", "dt"})


def slide_sections(reading: Reading, data: bytes) -> Iterator[Section]:
    """The slides; raises DocumentError for a file that is broken or over a limit."""
    check_package(reading, data)
    try:
        slides = list(Package.open(io.BytesIO(data)).main_document_part.presentation.slides)
    except Exception as error:  # a broken file makes the library raise nearly anything
        raise reading.error("is a broken PowerPoint file; save it again and retry") from error
    if len(slides) > reading.limits.pages:
        limit = reading.limits.pages
        raise reading.error(f"{len(slides)} slides, the limit is {limit}; split the file")
    layouts: dict[int, SlideLayout] = {}
    for number, slide in enumerate(slides, 1):
        reading.check()
        place = f"slide {number}"
        if slide.element.get("show") in ("0", "false"):
            reading.miss("hidden, and left out", place)
            continue
        yield Section(_text(reading, slide.element, place), place)
        try:
            layouts.setdefault(id(slide.slide_layout.part), slide.slide_layout)
            yield from _beside(reading, slide, place)
        except DocumentError:
            raise
        except Exception:  # as above
            reading.miss("its notes, comments or layout are damaged", place)
    yield from _layouts(reading, list(layouts.values()))


def _text(reading: Reading, root: etree._Element, place: str) -> str:
    return "\n\n".join(words for _, words in paragraphs(reading, root, place))


def _beside(reading: Reading, slide: Slide, place: str) -> Iterator[Section]:
    """A slide's notes and comments."""
    if slide.has_notes_slide:
        where = f"{place}, notes"
        shapes = slide.notes_slide.element.iterfind("{*}cSld/{*}spTree/*")
        texts = [_text(reading, s, where) for s in shapes if _placeholder(s) not in _NO_NOTES]
        yield Section("\n\n".join(filter(None, texts)), where)
    for relation in slide.part.rels.values():
        if not relation.is_external and relation.reltype.endswith("/comments"):
            root = parsed(relation.target_part.blob)
            texts = [each.text or "" for each in root.iter("{*}text", "{*}t")]
            yield Section("\n\n".join(texts), f"{place}, comments")


def _layouts(reading: Reading, layouts: list[SlideLayout]) -> Iterator[Section]:
    """What layouts and their masters show on every slide, such as a footer's words."""
    masters = {id(each.slide_master.part): each.slide_master for each in layouts}
    for each in (*layouts, *masters.values()):
        place = f"layout {each.name}" if each.name else "layout of the slides"
        shapes = each.element.iterfind("{*}cSld/{*}spTree/*")
        texts = [_text(reading, s, place) for s in shapes if _placeholder(s) is None]
        yield Section("\n\n".join(filter(None, texts)), place)


def _placeholder(shape: etree._Element) -> str | None:
    """What a shape is the place for; None where it is none."""
    found = next(shape.iterfind("*/{*}nvPr/{*}ph"), None)
    return None if found is None else found.get("type", "obj")
