"""Documents that tests make: a PDF, Office files, mail."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, StreamObject

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

PICTURE = "[picture]"
DAMAGED = "[damaged]"


def pdf(pages: Sequence[str], password: str | None = None) -> bytes:
    """A PDF with a line of text on each page; an empty one is a blank page."""
    writer = PdfWriter()
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    for text in pages:
        page = writer.add_blank_page(300, 300)
        resources = DictionaryObject()
        page[NameObject("/Resources")] = resources
        content: StreamObject = DecodedStreamObject()
        if text == PICTURE:
            image = DecodedStreamObject()
            image.set_data(b"\x00" * 12)
            image[NameObject("/Type")] = NameObject("/XObject")
            image[NameObject("/Subtype")] = NameObject("/Image")
            images = DictionaryObject({NameObject("/I1"): writer._add_object(image)})
            resources[NameObject("/XObject")] = images
            content.set_data(b"q 200 0 0 200 0 0 cm /I1 Do Q")
        elif text == DAMAGED:
            content.set_data(b"these bytes are not compressed")
            content[NameObject("/Filter")] = NameObject("/FlateDecode")
        else:
            resources[NameObject("/Font")] = DictionaryObject({NameObject("/F1"): font})
            content.set_data(f"BT /F1 12 Tf 20 200 Td ({text}) Tj ET".encode())
        page[NameObject("/Contents")] = writer._add_object(content)
    if password is not None:
        writer.encrypt(password, algorithm="RC4-128")
    return saved(writer, "write")


def saved(document: Any, method: str = "save") -> bytes:
    """The bytes that a library's document is saved as."""
    out = io.BytesIO()
    getattr(document, method)(out)
    return out.getvalue()
