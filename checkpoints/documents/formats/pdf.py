"""PDF to sections: the text of each page.

A page that is only a picture has no text, and one that is damaged may lack some: both are noted.
"""

from __future__ import annotations

import io
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pypdf import PdfReader

from checkpoints.documents.pieces import Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pypdf import PageObject

    from checkpoints.documents.limits import Reading

_PICTURE = "only a picture; run text recognition over it first"
_DAMAGED = "damaged; some of its text may be missing"
_FOREIGN = "most of its letters have no meaning in the file; run text recognition over it"


def pdf_sections(reading: Reading, data: bytes) -> Iterator[Section]:
    """The pages; raises DocumentError for a file that is broken, locked, or without any text."""
    log = logging.getLogger("pypdf")
    log.propagate = False  # what it says of untidy files is noted here
    try:
        reader = PdfReader(io.BytesIO(data))
        locked = reader.is_encrypted and not reader.decrypt("")
        pages = 0 if locked else len(reader.pages)
    except Exception as error:  # a broken file makes the parser raise nearly anything
        raise reading.error("is a broken PDF; save it again and retry") from error
    if locked:
        raise reading.error("is encrypted; save a copy without its password")
    if pages > reading.limits.pages:
        raise reading.error(f"{pages} pages, the limit is {reading.limits.pages}; split the file")
    blank = True
    for number in range(pages):
        reading.check()
        place = f"p. {number + 1}"
        try:
            with _complaints(log) as complaints:
                page = reader.pages[number]
                text = page.extract_text()
                picture = not text.strip() and _has_picture(page)
        except Exception:  # as above
            reading.miss("damaged; it could not be read", place)
            continue
        text = text.replace("\x00", "").encode(errors="ignore").decode()
        if picture:
            reading.miss(_PICTURE, place)
        elif complaints:
            reading.miss(_DAMAGED, place)
        if _is_foreign(text):
            reading.miss(_FOREIGN, place)
        blank = blank and not text.strip()
        yield Section(text, place)
    if blank:
        missed = f" ({'; '.join(reading.missed)})" if reading.missed else ""
        raise reading.error(
            f"holds no text, only pictures; run text recognition over it first{missed}"
        )


def _has_picture(page: PageObject) -> bool:
    return len(page.images) > 0


def _is_foreign(text: str) -> bool:
    """Whether most characters are none: of a font whose letters the file does not name."""
    shown = [c for c in text if not c.isspace()]
    return sum(c == "\ufffd" or not c.isprintable() for c in shown) * 2 > len(shown)


@contextmanager
def _complaints(log: logging.Logger) -> Iterator[list[str]]:
    """What the parser says of a page while the block runs."""
    said: list[str] = []

    class Listening(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    handler = Listening(logging.WARNING)
    log.addHandler(handler)
    try:
        yield said
    finally:
        log.removeHandler(handler)
