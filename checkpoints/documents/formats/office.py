"""What Word files and slides share: a zip that is no bomb, and XML whose paragraphs are walked."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from checkpoints.documents.limits import Reading

_ENTRIES = 10_000
_ROOT, _STRICT = 2**20, b"http://purl.oclc.org/ooxml/"
# Deleted or moved words, and properties, whose names mean other things.
_PASSED = frozenset({"del", "moveFrom", "pPr", "tblPr", "trPr", "tcPr", "instrText"})
_HOLDING = {"p": "", "tc": "\n", "tr": " | ", "tbl": "\n"}
_SHAPES = frozenset(
    {"sp", "wsp", "grpSp", "pic", "cxnSp", "graphicFrame", "anchor", "inline", "shape", "rect"}
)
_ON = ("1", "true", "on")
_INVISIBLE = re.compile(r"visibility\s*:\s*hidden|display\s*:\s*none")
_PICTURES, _OBJECTS, _MEDIA = (
    f"{what} not read"
    for what in ("pictures, which are", "embedded objects, which are", "sound or video, which is")
)
_UNREAD = {
    "blip": _PICTURES,
    "imagedata": _PICTURES,
    "chart": "charts, which are not read",
    "relIds": "diagrams, which are not read",
    "altChunk": "embedded documents, which are not read",
    "subDoc": "linked documents, which are not read",
    "OLEObject": _OBJECTS,
    "oleObj": _OBJECTS,
    "control": "form controls, which are not read",
    "ddList": "choices in form fields, which are not read",
    "sym": "signs of a special font, which are not read",
    "contentPart": "handwriting, which is not read",
    "model3d": "3D models, which are not read",
    "videoFile": _MEDIA,
    "audioFile": _MEDIA,
    "wavAudioFile": _MEDIA,
    "quickTimeFile": _MEDIA,
}


def check_package(reading: Reading, data: bytes) -> None:
    """Raise DocumentError unless this is a zip that unpacks to a size within the limit."""
    limit = reading.limits.unpacked_bytes
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            entries = package.infolist()
            roots = [e for e in entries if e.filename == "_rels/.rels" and e.file_size < _ROOT]
            strict = any(_STRICT in package.read(entry) for entry in roots)
    except (zipfile.BadZipFile, ValueError, OSError, RuntimeError, zlib.error, EOFError) as error:
        raise reading.error("is a broken Office file; save it again and retry") from error
    size = sum(entry.file_size for entry in entries)
    if size > limit or len(entries) > _ENTRIES:
        raise reading.error(
            f"unpacks to {size} bytes in {len(entries)} parts, the limits are {limit} and "
            f"{_ENTRIES}; split the file"
        )
    if strict:
        raise reading.error(
            "is in the strict form of Open XML; save it as an ordinary .docx, .xlsx or .pptx"
        )


def parsed(data: bytes) -> etree._Element:
    """The root of a part; no entity is expanded, and nothing is fetched."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    return etree.fromstring(data, parser)


class HiddenStyles:
    """Which styles of a Word file hide their text."""

    def __init__(self, styles: etree._Element | None = None) -> None:
        """`styles` is the root of the part that defines them; without it none hides anything."""
        self._own: dict[str, bool | None] = {}
        self._based: dict[str, str] = {}
        self._default: bool | None = None
        self._paragraph = ""
        if styles is None:
            return
        for each in styles.iterfind("{*}docDefaults/{*}rPrDefault/{*}rPr"):
            self._default = _vanishes(each)
        for style in styles.iterfind("{*}style"):
            name = _value(style, "styleId")
            self._own[name] = next(map(_vanishes, style.iterfind("{*}rPr")), None)
            self._based[name] = next((_value(b) for b in style.iterfind("{*}basedOn")), "")
            if _value(style, "type") == "paragraph" and _value(style, "default") in _ON:
                self._paragraph = name

    def paragraph(self, paragraph: etree._Element) -> bool:
        """Whether a paragraph's style hides it."""
        styles = paragraph.iterfind("{*}pPr/{*}pStyle")
        return self._hides(next(map(_value, styles), self._paragraph), self._default)

    def table(self, table: etree._Element) -> bool:
        """Whether a table's style hides it."""
        return any(self._hides(_value(s)) for s in table.iterfind("{*}tblPr/{*}tblStyle"))

    def run(self, run: etree._Element) -> bool | None:
        """Whether a run itself is hidden or shown; None where it is as what it stands in."""
        properties = next(run.iterfind("{*}rPr"), None)
        if properties is None:
            return None
        own = _vanishes(properties)
        if own is None and any(self._hides(_value(s)) for s in properties.iterfind("{*}rStyle")):
            return True
        return own

    def _hides(self, name: str, default: bool | None = None) -> bool:
        """Whether a style hides; what no style above it says is as the default."""
        seen = set[str]()
        while name in self._own and name not in seen:
            seen.add(name)
            own = self._own[name]
            if own is not None:
                self._own.update(dict.fromkeys(seen, own))  # a long line of styles is read once
                return own
            name = self._based[name]
        self._based.update(dict.fromkeys(seen, ""))
        return bool(default)


_SHOWN_AS_IS = HiddenStyles()


def paragraphs(
    reading: Reading, root: etree._Element, place: str, styles: HiddenStyles = _SHOWN_AS_IS
) -> Iterator[tuple[etree._Element, str]]:
    """The paragraphs and tables right below, each with its text; a table's cells are in rows.

    Nothing hidden or deleted; that and what is no text is noted.
    """
    held: list[tuple[str, list[str]]] = []
    unseen: list[bool] = []  # of each that is held, whether its style hides it
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        if not isinstance(element.tag, str):
            continue
        kind = etree.QName(element).localname
        if event == "end":
            if kind in _HOLDING and held:
                _, parts = held.pop()
                unseen.pop()
                text = _HOLDING[kind].join(parts)
                if held:
                    # A text box stands inside a paragraph.
                    held[-1][1].append(f"\n{text}" if held[-1][0] == "p" else text)
                else:
                    yield element, text
        elif kind in _PASSED or (kind == "Fallback" and element.getprevious() is not None):
            if kind == "del" and held:
                reading.miss("tracked deletions, left out", place)
            walk.skip_subtree()
        elif kind == "r" and _is_hidden(styles.run(element), unseen):
            if next(element.iterfind("{*}t"), None) is not None:
                reading.miss("hidden text, left out", place)
            walk.skip_subtree()
        elif kind in _SHAPES and _is_unseen_shape(element):
            reading.miss("hidden shapes, left out", place)
            walk.skip_subtree()
        elif kind in _HOLDING:
            held.append((kind, []))
            hides = {"p": styles.paragraph, "tbl": styles.table}.get(kind)
            above = bool(unseen) and unseen[-1]
            unseen.append(above or (hides is not None and hides(element)))
        elif kind in _UNREAD:
            reading.miss(_UNREAD[kind], place)
        elif held and kind == "t":
            held[-1][1].append(element.text or "")
        elif held and kind == "textpath":
            held[-1][1].append(element.get("string", ""))
        elif held and kind in ("tab", "br", "cr", "noBreakHyphen"):
            held[-1][1].append({"tab": "\t", "noBreakHyphen": "-"}.get(kind, "\n"))


def _is_hidden(own: bool | None, unseen: list[bool]) -> bool:
    return own if own is not None else bool(unseen) and unseen[-1]


def _is_unseen_shape(shape: etree._Element) -> bool:
    if _INVISIBLE.search(shape.get("style", "")):
        return True
    named = next(shape.iterfind("*/{*}cNvPr"), None)
    named = next(shape.iterfind("{*}docPr"), None) if named is None else named
    return named is not None and named.get("hidden") in _ON


def _vanishes(properties: etree._Element) -> bool | None:
    """What properties of text say of its being hidden, if anything."""
    for each in properties.iterfind("{*}vanish"):
        return _value(each) not in ("0", "false", "off")
    return None


def _value(element: etree._Element, name: str = "val") -> str:
    """An attribute, whatever its namespace."""
    return next(
        (str(v) for key, v in element.attrib.items() if etree.QName(key).localname == name), ""
    )
