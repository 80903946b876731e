"""PDF to sections: the text of each page, what was written into its form, and its comments.

A page that is only a picture has no text, and one that is damaged may lack some: both are noted.
"""

from __future__ import annotations

import io
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from pypdf import PdfReader
from pypdf.errors import DependencyError
from pypdf.generic import StreamObject

from checkpoints.documents.pieces import Section
from checkpoints.text.graphemes import beginning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pypdf import PageObject

    from checkpoints.documents.limits import Reading

T = TypeVar("T", dict[str, Any], list[Any])
_NAME = 200
_PARENTS = 20
_UNSHOWN = 1 << 1 | 1 << 5  # hidden, and not shown on a screen
_MEDIA = frozenset({"/Sound", "/Movie", "/Screen", "/RichMedia", "/3D"})
_PICTURE = "only a picture; run text recognition over it first"
_DAMAGED = "damaged; some of its text may be missing"
_PICTURES = "pictures, which are not read"
_ATTACHED = "attached to the PDF, which is not read; save it beside it and remember that"
_FOREIGN = "most of its letters have no meaning in the file; run text recognition over it"


def pdf_sections(reading: Reading, data: bytes) -> Iterator[Section]:
    """The pages; raises DocumentError for a file that is broken, locked, or without any text."""
    log = logging.getLogger("pypdf")
    log.propagate = False  # what it says of untidy files is noted here
    try:
        reader = PdfReader(io.BytesIO(data))
        locked = reader.is_encrypted and not reader.decrypt("")
        pages = 0 if locked else len(reader.pages)
    except DependencyError as error:
        problem = "is encrypted in a way that takes the Python package `cryptography` to read; "
        raise reading.error(f"{problem}install it, or save a copy without encryption") from error
    except Exception as error:  # a broken file makes the parser raise nearly anything
        raise reading.error("is a broken PDF; save it again and retry") from error
    if locked:
        raise reading.error("is encrypted; save a copy without its password")
    if pages > reading.limits.pages:
        raise reading.error(f"{pages} pages, the limit is {reading.limits.pages}; split the file")
    _miss_attached(reading, reader)
    blank, pictured = True, False
    for number in range(pages):
        reading.check()
        place = f"p. {number + 1}"
        try:
            with _complaints(log) as complaints:
                page = reader.pages[number]
                painted = _Painted()
                text = page.extract_text(visitor_operand_before=painted.see)
                pictures = painted.pictures or _shows_pictures(page, painted.names)
        except Exception:  # as above
            reading.miss("damaged; it could not be read", place)
            continue
        text = text.replace("\x00", "").encode(errors="ignore").decode()
        pictured = pictured or pictures
        if pictures:
            reading.miss(_PICTURES if text.strip() else _PICTURE, place)
        elif complaints:
            reading.miss(_DAMAGED, place)
        if _is_foreign(text):
            reading.miss(_FOREIGN, place)
        beside = list(_beside(reading, page, place))
        blank = blank and not text.strip() and not beside
        yield Section(text, place)
        yield from beside
    if blank:
        missed = f" ({'; '.join(reading.missed)})" if reading.missed else ""
        what = "holds no text, only pictures;" if pictured else "holds no text; if it shows any,"
        raise reading.error(f"{what} run text recognition over it first{missed}")


class _Painted:
    """What a page's operators paint, in the order in which its text is read."""

    def __init__(self) -> None:
        self.names = set[str]()
        """What is painted by the name that the resources have it under."""
        self.pictures = False
        """Whether a picture stands among the operators themselves."""

    def see(self, operator: bytes, operands: Any, *_: Any) -> None:
        """Take note of an operator; pypdf calls this for each."""
        if operator == b"INLINE IMAGE":
            self.pictures = True
        elif operator == b"Do" and operands:
            self.names.add(str(operands[0]))


def _shows_pictures(page: PageObject, painted: set[str]) -> bool:
    """Whether one of what is painted is a picture, on the page itself or in a form on it.

    What the resources have besides may be another page's: some programs write one list for all.
    """
    resources = _resolved(page.get("/Resources"), dict)
    if not resources:  # then no text is looked for, nor what is painted
        return len(page.images) > 0
    left, seen = [resources], set[int]()
    while left:
        objects = _resolved(left.pop().get("/XObject"), dict)
        for each in (_resolved(objects[name], dict) for name in painted & objects.keys()):
            if each.get("/Subtype") == "/Image":
                return True
            if id(each) not in seen:
                seen.add(id(each))
                left.append(_resolved(each.get("/Resources"), dict))
    return False


def _miss_attached(reading: Reading, reader: PdfReader) -> None:
    """Note what the file carries that is on no page."""
    try:
        for name in reader.attachments:
            reading.miss(_ATTACHED, f"attachment {beginning(' '.join(name.split()), _NAME)}")
        layers = _resolved(reader.root_object.get("/OCProperties"), dict)
        shown = _resolved(layers.get("/D"), dict)
        if _resolved(shown.get("/OFF"), list) or shown.get("/BaseState") == "/OFF":
            reading.miss("has hidden layers, whose words are read as if they were shown")
        form = _resolved(reader.root_object.get("/AcroForm"), dict)
        if "/XFA" in form:
            reading.miss("a form that only Adobe's programs show; print it to a new PDF")
    except Exception:  # as above
        reading.miss("its list of attachments is damaged")


def _beside(reading: Reading, page: PageObject, place: str) -> Iterator[Section]:
    """What stands on a page as notes, comments and fields that were filled in."""
    filled, said = list[str](), list[str]()
    try:
        for each in _resolved(page.get("/Annots"), list):
            note = _resolved(each, dict)
            kind, flags = note.get("/Subtype"), int(note.get("/F", 0))
            if kind == "/FileAttachment":
                held = _resolved(note.get("/FS"), dict)
                name = str(held.get("/UF") or held.get("/F") or "without a name")
                reading.miss(_ATTACHED, f"{place}, {beginning(name, _NAME)}")
            elif kind in _MEDIA:
                reading.miss("sound, video or 3D models, which are not read", place)
            words = _field(note) if kind == "/Widget" else _words(note.get("/Contents"))
            if words and flags & _UNSHOWN:
                reading.miss("hidden notes or fields, left out", place)
            elif words and kind == "/Widget":
                filled.append(words)
            elif words and kind != "/Popup":
                said.append(words)
    except Exception:  # as above
        reading.miss("its notes and fields are damaged", place)
    if filled:
        yield Section("\n".join(filled), f"{place}, form")
    if said:
        yield Section("\n\n".join(said), f"{place}, comments")


def _field(note: dict[str, Any]) -> str:
    """A field's name and what was filled in; its parents may hold either."""
    name, kind, value, held = "", None, None, note
    for _ in range(_PARENTS):
        name = name or _words(held.get("/T"))
        kind = kind or held.get("/FT")
        value = held.get("/V") if value is None else value
        held = _resolved(held.get("/Parent"), dict)
    if kind == "/Btn":
        # Of a row of buttons one is chosen; the others say that they are not.
        state = str(note.get("/AS", value))
        words = "" if state in ("/Off", "None") else state.lstrip("/")
    else:
        words = ", ".join(filter(None, map(_words, _resolved(value, list) or [value])))
    return f"{name}: {words}" if name and words else words


def _words(value: Any) -> str:
    value = getattr(value, "get_object", lambda: value)()
    if isinstance(value, StreamObject):
        value = value.get_data()
    if isinstance(value, bytes):
        value = value.decode("utf-8", errors="replace")
    text = str(value) if isinstance(value, str | int | float) else ""
    return text.replace("\x00", "").replace("\r", "\n").encode(errors="ignore").decode().strip()


def _resolved(value: Any, kind: type[T]) -> T:
    """What a reference leads to; empty where that is no `kind`."""
    value = value.get_object() if hasattr(value, "get_object") else value
    return value if isinstance(value, kind) else kind()


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
