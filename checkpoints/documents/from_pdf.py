"""PDF to sections: the text of each page.

A page that is only a picture has no text; that is for text recognition.
"""

from __future__ import annotations

import io
import logging
from typing import TYPE_CHECKING

from pypdf import PdfReader

from checkpoints.documents.limits import DocumentError
from checkpoints.documents.pieces import Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from checkpoints.documents.limits import Clock, DocumentLimits

# Its warnings on untidy files would reach the server's log once for each object.
logging.getLogger("pypdf").setLevel(logging.ERROR)


def pdf_sections(name: str, data: bytes, limits: DocumentLimits, clock: Clock) -> Iterator[Section]:
    """The pages; raises DocumentError for a file that is broken, locked, or without any text."""
    try:
        reader = PdfReader(io.BytesIO(data))
        locked = reader.is_encrypted and not reader.decrypt("")
        pages = 0 if locked else len(reader.pages)
    except Exception as error:  # a broken file makes the parser raise nearly anything
        raise DocumentError(name, "is a broken PDF; save it again and retry") from error
    if locked:
        raise DocumentError(name, "is encrypted; save a copy without its password")
    if pages > limits.pages:
        raise DocumentError(name, f"{pages} pages, the limit is {limits.pages}; split the file")
    blank = True
    for number in range(pages):
        clock.check()
        try:
            text = reader.pages[number].extract_text()
        except Exception as error:  # as above
            problem = f"page {number + 1} is broken; save the file again and retry"
            raise DocumentError(name, problem) from error
        text = text.replace("\x00", "").encode(errors="ignore").decode()
        blank = blank and not text.strip()
        yield Section(text, f"p. {number + 1}")
    if blank:
        raise DocumentError(
            name, "holds no text, only pictures; run text recognition over it first"
        )
