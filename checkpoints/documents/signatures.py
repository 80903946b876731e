"""What files that are not read are, by what their bytes begin with, and what to give instead."""

from __future__ import annotations

import io
import re
import zipfile
from codecs import BOM_UTF8

_PICTURE = "run text recognition over it and remember the text"
_SOUND = "write down what is said in it and remember the text"
_PACKED = "unpack it and remember the files in it"
_PROGRAM = "remember its source or its manual"
# What they begin with, from which byte on.
_KINDS: tuple[tuple[bytes, int, str, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", 0, "a PNG picture", _PICTURE),
    (b"\xff\xd8\xff", 0, "a JPEG picture", _PICTURE),
    (b"GIF87a", 0, "a GIF picture", _PICTURE),
    (b"GIF89a", 0, "a GIF picture", _PICTURE),
    (b"II*\x00", 0, "a TIFF picture", _PICTURE),
    (b"MM\x00*", 0, "a TIFF picture", _PICTURE),
    (b"WEBP", 8, "a WebP picture", _PICTURE),
    (b"8BPS", 0, "a Photoshop picture", _PICTURE),
    (b"\x00\x00\x01\x00", 0, "an icon", _PICTURE),
    (b"ftypheic", 4, "an HEIC picture", _PICTURE),
    (b"ftypmif1", 4, "an HEIF picture", _PICTURE),
    (b"ftypavif", 4, "an AVIF picture", _PICTURE),
    (b"AT&TFORM", 0, "a DjVu document", "save it as PDF with its text"),
    (b"ftypM4A", 4, "a sound file", _SOUND),
    (b"ftyp", 4, "a video", _SOUND),
    (b"\x1aE\xdf\xa3", 0, "a video", _SOUND),
    (b"AVI ", 8, "a video", _SOUND),
    (b"WAVE", 8, "a sound file", _SOUND),
    (b"ID3", 0, "a sound file", _SOUND),
    (b"\xff\xfb", 0, "a sound file", _SOUND),
    (b"OggS", 0, "a sound file", _SOUND),
    (b"fLaC", 0, "a sound file", _SOUND),
    (b"\x1f\x8b", 0, "a gzip file", _PACKED),
    (b"BZh", 0, "a bzip2 file", _PACKED),
    (b"\xfd7zXZ\x00", 0, "an xz file", _PACKED),
    (b"7z\xbc\xaf\x27\x1c", 0, "a 7-Zip archive", _PACKED),
    (b"Rar!\x1a\x07", 0, "a RAR archive", _PACKED),
    (b"\x28\xb5\x2f\xfd", 0, "a Zstandard file", _PACKED),
    (b"ustar", 257, "a tar archive", _PACKED),
    (b"\x7fELF", 0, "a program", _PROGRAM),
    (b"MZ\x90", 0, "a program", _PROGRAM),
    (b"\xcf\xfa\xed\xfe", 0, "a program", _PROGRAM),
    (b"\xca\xfe\xba\xbe", 0, "a program", _PROGRAM),
    (b"\x00asm", 0, "a program", _PROGRAM),
    (b"SQLite format 3\x00", 0, "an SQLite database", "export its tables as .csv or .xlsx"),
    (b"PAR1", 0, "a Parquet table", "export it as .csv or .xlsx"),
    (b"wOFF", 0, "a font", "there is no text in it"),
    (b"wOF2", 0, "a font", "there is no text in it"),
    (b"\x00\x01\x00\x00", 0, "a font", "there is no text in it"),
    (b"!<arch>", 0, "a package of programs", _PACKED),
    (b"bplist", 0, "a binary property list", "export it as text"),
    (b"GGUF", 0, "a model's weights", "there is no text in it"),
)
# Text that stands for something else: as it is, nobody would find or understand it.
_TEXTS: tuple[tuple[bytes, str, str], ...] = (
    (b"{\\rtf", "RTF", "save it as .docx, PDF or text"),
    (b"%!PS", "PostScript", "save it as PDF"),
    (b"version https://git-lfs", "a Git LFS pointer", "fetch the file itself with git lfs pull"),
)
_HEAD = 1_024
_NO_TEXT = re.compile(rb"[^\t\n\r -~]")
_OLE = b"\xd0\xcf\x11\xe0"
# Streams by which such a file is known; their names are in UTF-16.
_OLE_KINDS = (
    ("__substg1.0_", "a mail saved by Outlook", "save it as .eml or text"),
    ("EncryptedPackage", "an encrypted Office file", "save a copy without its password"),
    ("WordDocument", "an older Word file", "save it as .docx"),
    ("Workbook", "an older Excel file", "save it as .xlsx"),
    ("PowerPoint Document", "an older PowerPoint file", "save it as .pptx"),
)
_ZIP_KINDS = (
    ("application/epub+zip", "an EPUB book", "save it as PDF, HTML or text"),
    ("application/vnd.oasis.opendocument.text", "an OpenDocument text", "save it as .docx"),
    ("application/vnd.oasis.opendocument.spreadsheet", "an OpenDocument table", "save it as .xlsx"),
    ("application/vnd.oasis.opendocument.presentation", "OpenDocument slides", "save it as .pptx"),
)
_ZIP_PARTS = (
    ("word/document.xml", ".docx"),
    ("xl/workbook.xml", ".xlsx"),
    ("ppt/presentation.xml", ".pptx"),
)
_ZIP_OTHERS = (
    ("xl/workbook.bin", "a binary Excel file", "save it as .xlsx"),
    ("Index/Document.iwa", "a file of Pages, Numbers or Keynote", "export it as PDF or Office"),
    ("META-INF/MANIFEST.MF", "a Java archive", _PROGRAM),
)


def what_it_is(data: bytes) -> str | None:
    """What a file is that is not read as text, and what to do; None where that is not seen."""
    for begin, kind, remedy in _TEXTS:
        if data.startswith(begin, len(BOM_UTF8) if data.startswith(BOM_UTF8) else 0):
            return f"is {kind}; {remedy}"
    head = data[:_HEAD]
    for begin, at, kind, remedy in _KINDS:
        # A text may begin with the same letters.
        if head.startswith(begin, at) and (b"\0" in head or _NO_TEXT.search(begin)):
            return f"is {kind}; {remedy}"
    if data.startswith(_OLE):
        for stream, kind, remedy in _OLE_KINDS:
            if stream.encode("utf-16-le") in data:
                return f"is {kind}; {remedy}"
        return (
            "is an older or an encrypted Office file; save it as .docx, .xlsx or .pptx without "
            "a password"
        )
    if data.startswith(b"BM") and data[6:10] == bytes(4):
        return f"is a BMP picture; {_PICTURE}"
    return None


def office_ending(data: bytes) -> str | None:
    """The ending of the Office file that these bytes are, if they are one."""
    names = set(_names(data))
    return next((ending for part, ending in _ZIP_PARTS if part in names), None)


def which_zip(data: bytes) -> str | None:
    """What a zip that is no Office file is, and what to do; None where it is none."""
    names = set(_names(data))
    if not names and data.startswith(b"PK\x03\x04"):
        return "is a damaged zip archive; fetch it again, unpack it and remember the files in it"
    if not names:
        return None
    if "mimetype" in names:
        with zipfile.ZipFile(io.BytesIO(data)) as package, package.open("mimetype") as held:
            declared = held.read(200).decode(errors="replace").strip()
        for name, kind, remedy in _ZIP_KINDS:
            if declared == name:
                return f"is {kind}; {remedy}"
    for part, kind, remedy in _ZIP_OTHERS:
        if part in names:
            return f"is {kind}; {remedy}"
    shown = ", ".join(sorted(names)[:3])
    return f"is a zip archive ({shown[:200]}, {len(names)} in all); {_PACKED}"


def _names(data: bytes) -> list[str]:
    if not data.startswith(b"PK"):
        return []
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return package.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return []
