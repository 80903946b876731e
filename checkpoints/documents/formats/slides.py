"""Slides to sections: the text of each one, with its notes."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from pptx import Presentation

from checkpoints.documents.formats.office import check_package, paragraphs
from checkpoints.documents.pieces import Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from checkpoints.documents.limits import Reading


def slide_sections(reading: Reading, data: bytes) -> Iterator[Section]:
    """The slides; raises DocumentError for a file that is broken or over a limit."""
    check_package(reading, data)
    try:
        slides = list(Presentation(io.BytesIO(data)).slides)
    except Exception as error:  # a broken file makes the library raise nearly anything
        raise reading.error("is a broken PowerPoint file; save it again and retry") from error
    if len(slides) > reading.limits.pages:
        limit = reading.limits.pages
        raise reading.error(f"{len(slides)} slides, the limit is {limit}; split the file")
    for number, slide in enumerate(slides, 1):
        reading.check()
        place = f"slide {number}"
        if slide.element.get("show") in ("0", "false"):
            reading.miss("hidden, and left out", place)
            continue
        text = [words for _, words in paragraphs(reading, slide.element, place)]
        yield Section("\n\n".join(text), place)
        try:
            frame = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
        except Exception:  # as above
            reading.miss("its notes are damaged", place)
            continue
        if frame is not None:
            yield Section(frame.text, f"{place}, notes")
