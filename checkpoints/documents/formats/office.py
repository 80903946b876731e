"""What Word files and slides share: a zip that is no bomb, and XML whose paragraphs are walked."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from checkpoints.documents.limits import Reading

_ENTRIES = 10_000
# Deleted or moved words, what else was chosen over, and properties, whose names mean other things.
_PASSED = frozenset({"del", "moveFrom", "Fallback", "pPr", "tblPr", "trPr", "tcPr", "instrText"})
_HOLDING = {"p": "", "tc": "\n", "tr": " | ", "tbl": "\n"}
_UNREAD = {
    "pic": "pictures, which are not read",
    "pict": "pictures, which are not read",
    "chart": "charts, which are not read",
    "relIds": "diagrams, which are not read",
    "altChunk": "embedded documents, which are not read",
    "OLEObject": "embedded objects, which are not read",
    "oleObj": "embedded objects, which are not read",
}


def check_package(reading: Reading, data: bytes) -> None:
    """Raise DocumentError unless this is a zip that unpacks to a size within the limit."""
    limit = reading.limits.unpacked_bytes
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            entries = package.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise reading.error("is a broken Office file; save it again and retry") from error
    size = sum(entry.file_size for entry in entries)
    if size > limit or len(entries) > _ENTRIES:
        raise reading.error(
            f"unpacks to {size} bytes in {len(entries)} parts, the limits are {limit} and "
            f"{_ENTRIES}; split the file"
        )


def paragraphs(
    reading: Reading, root: etree._Element, place: str
) -> Iterator[tuple[etree._Element, str]]:
    """The paragraphs and tables right below, each with its text; a table's cells are in rows.

    Nothing hidden or deleted; what is no text is noted.
    """
    held: list[tuple[str, list[str]]] = []
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        if not isinstance(element.tag, str):
            continue
        kind = etree.QName(element).localname
        if event == "end":
            if kind in _HOLDING and held:
                _, parts = held.pop()
                text = _HOLDING[kind].join(parts)
                if held:
                    # A text box stands inside a paragraph.
                    held[-1][1].append(f"\n{text}" if held[-1][0] == "p" else text)
                else:
                    yield element, text
        elif kind in _PASSED or (kind == "r" and _is_hidden(element)):
            walk.skip_subtree()
        elif kind in _HOLDING:
            held.append((kind, []))
        elif kind in _UNREAD:
            reading.miss(_UNREAD[kind], place)
        elif held and kind == "t":
            held[-1][1].append(element.text or "")
        elif held and kind in ("tab", "br", "cr", "noBreakHyphen"):
            held[-1][1].append({"tab": "\t", "noBreakHyphen": "-"}.get(kind, "\n"))


def _is_hidden(run: etree._Element) -> bool:
    for properties in run:
        if isinstance(properties.tag, str) and etree.QName(properties).localname == "rPr":
            for each in properties:
                if isinstance(each.tag, str) and etree.QName(each).localname == "vanish":
                    return not any(v in ("0", "false", "off") for v in each.attrib.values())
    return False
