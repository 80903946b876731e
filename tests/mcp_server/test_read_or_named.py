"""Every part of a document is stored or named in the result, and what is hidden is not stored."""

from __future__ import annotations

import base64
import io
import json
import os
import zipfile
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

import pytest
from documents_made import pdf, saved
from docx import Document as WordFile
from docx.enum.style import WD_STYLE_TYPE
from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches
from pypdf import PdfWriter
from pypdf.annotations import FreeText
from pypdf.generic import (
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)
from support import connected

from checkpoints.documents import read_document

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mcp_server.app.application import Application

    MakeApp = Callable[..., Application]

pytestmark = pytest.mark.anyio

PIXEL = base64.b64decode(
    b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def edited(data: bytes, edits: dict[str, tuple[str, str]]) -> bytes:
    """An Office file of which parts have something replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            held = source.read(name)
            if name in edits:
                old, new = edits[name]
                assert old.encode() in held, (name, old, held)
                held = held.replace(old.encode(), new.encode())
            target.writestr(name, held)
    return out.getvalue()


@dataclass(frozen=True)
class Told:
    """What a call of `remember` said, and what `recall` finds after it."""

    text: str
    partly: str
    failed: str


def shown(excerpt: dict[str, Any]) -> str:
    """An excerpt's pieces, each behind its place."""
    text = excerpt["text"]
    whole = [{"place": excerpt["place"], "start": 0, "end": len(text)}]
    return "\n".join(
        f"[{each['place']}] {text[each['start'] : each['end']]}"
        for each in excerpt["pieces"] or whole
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "papers"
    made.mkdir()
    return made


@pytest.fixture
def told(make_app: MakeApp, folder: Path) -> Callable[..., Any]:
    """Remembers a file with some bytes by its path, and looks for the word `lease`."""

    async def tell(name: str, data: bytes) -> Told:
        (folder / name).write_bytes(data)
        async with connected(make_app(documents=(folder,))) as call:
            session = await call.begin()
            asked = {"session_id": session, "paths": [name]}
            result = await call.client.call_tool("remember", asked)
            if result.is_error:
                return Told("", "", str(getattr(result.content[0], "text", "")))
            done = result.structured_content
            assert done is not None
            found = await call("recall", session_id=session, query="lease", budget_tokens=8000)
        partly, failed = (
            "; ".join(each["problem"] for each in done[kind]) for kind in ("partly", "failed")
        )
        return Told("\n".join(map(shown, found["excerpts"])), partly, failed)

    return tell


@pytest.mark.parametrize("cell", ["XFD1", "A1048576", "XFD1048576"])
async def test_a_sheet_takes_as_long_as_the_cells_that_it_holds(
    told: Callable[..., Any], cell: str
):
    book = Workbook()
    sheet = book.worksheets[0]
    for row in range(1, 1_000):
        sheet.cell(row, 1, f"lease {row}")
    sheet[cell] = "the last lease"
    before = await told("a.xlsx", saved(book))
    assert "the last lease" in before.text
    assert before.partly == before.failed == ""


async def test_of_a_workbook_what_is_beside_the_cells_is_read_or_named(told: Callable[..., Any]):
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Rents"
    for row in (("tenant of the lease", "rent", "note"), ("Ada", 800, "lease"), ("Bo", 900, "x")):
        sheet.append(row)
    sheet.append(["obey me, lease"])
    sheet.row_dimensions[4].hidden = True
    sheet["D1"] = "secret lease"
    sheet.column_dimensions["D"].hidden = True
    sheet["E1"] = "white lease"
    sheet["E1"].number_format = ";;;"
    sheet["A6"] = "=SUM(B2:B3)"
    sheet["B2"].comment = Comment("lease checked by Eve", "Eve")
    sheet.oddHeader.center.text = "&BDraft of the lease"
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=3))
    sheet.add_chart(chart, "G1")
    sheet.add_image(Image(io.BytesIO(PIXEL)), "G20")
    read = await told("a.xlsx", saved(book))
    assert "tenant of the lease | rent | note\nAda | 800 | lease\nBo | 900 | x" in read.text
    assert "[sheet Rents, comments] B2: lease checked by Eve" in read.text
    assert "[sheet Rents, header or footer] Draft of the lease" in read.text
    assert not any(word in read.text for word in ("obey", "secret", "white"))
    for named in (
        "sheet Rents: 1 hidden rows, left out",
        "sheet Rents: 2 hidden cells, left out",
        "sheet Rents: formulas without a value",
        "sheet Rents: charts, which are not read",
        "sheet Rents: pictures, which are not read",
    ):
        assert named in read.partly


async def test_a_damaged_cell_costs_no_other_and_a_missing_sheet_is_named(
    told: Callable[..., Any],
):
    book = Workbook()
    book.worksheets[0].append([1.5, "lease"])
    book.create_sheet("Other")["A1"] = "another lease"
    data = edited(
        saved(book),
        {
            "xl/worksheets/sheet1.xml": ("<v>1.5</v>", "<v>1,5</v>"),
            "xl/workbook.xml": ('name="Other" ', 'name="Other" '),
            "xl/_rels/workbook.xml.rels": ("sheet2.xml", "sheet9.xml"),
        },
    )
    read = await told("a.xlsx", data)
    assert "lease" in read.text
    assert "sheet Sheet: damaged cells, left out" in read.partly
    assert "sheet Other: is not in the file" in read.partly


async def test_text_that_a_style_hides_is_no_text_of_a_word_file(told: Callable[..., Any]):
    file = WordFile()
    for name, kind in (("Ghost", WD_STYLE_TYPE.PARAGRAPH), ("Wisp", WD_STYLE_TYPE.CHARACTER)):
        file.styles.add_style(name, kind).font.hidden = True
    heir = file.styles.add_style("Heir", WD_STYLE_TYPE.PARAGRAPH)
    heir.base_style = file.styles["Ghost"]
    file.add_paragraph("obey the lease", style="Ghost")
    file.add_paragraph("obey the lease too", style="Heir")
    shown = file.add_paragraph("", style="Ghost").add_run("This lease is shown.")
    shown.font.hidden = False
    file.add_paragraph("The lease ends. ").add_run("obey this lease", style="Wisp")
    read = await told("a.docx", saved(file))
    assert "This lease is shown." in read.text
    assert "The lease ends." in read.text
    assert "obey" not in read.text
    assert read.partly == "hidden text, left out"


async def test_of_a_word_file_what_is_beside_its_text_is_read_or_named(told: Callable[..., Any]):
    file = WordFile()
    run = file.add_paragraph().add_run("The lease ends in May. ")
    file.add_comment(run, text="Is this lease signed?", author="Eve")
    file.sections[0].footer.paragraphs[0].text = "Footer of the lease"
    file.add_picture(io.BytesIO(PIXEL), Inches(1))
    file.add_paragraph("MARK")
    box = (
        '<w:r><w:t>box: </w:t></w:r><w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml">'
        "<v:textbox><w:txbxContent><w:p><w:r><w:t>lease in a box</w:t></w:r></w:p>"
        "</w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
        '<w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml" style="visibility:hidden">'
        "<v:textbox><w:txbxContent><w:p><w:r><w:t>obey the lease</w:t></w:r></w:p>"
        "</w:txbxContent></v:textbox></v:shape></w:pict></w:r>"
        '<w:del w:id="9" w:author="Eve"><w:r><w:delText>old lease</w:delText></w:r></w:del>'
    )
    data = edited(saved(file), {"word/document.xml": ("<w:r><w:t>MARK</w:t></w:r>", box)})
    read = await told("a.docx", data)
    assert "lease in a box" in read.text
    assert "[comments] Is this lease signed?" in read.text
    assert "[footer] Footer of the lease" in read.text
    assert "old lease" not in read.text
    assert "obey" not in read.text
    for named in ("pictures, which", "hidden shapes, left out", "tracked deletions, left out"):
        assert named in read.partly


@pytest.mark.parametrize("ending", [".docm", ".txt", ".bin"])
async def test_a_word_file_is_read_whatever_it_is_called_and_with_macros(
    told: Callable[..., Any], ending: str
):
    file = WordFile()
    file.add_paragraph("The lease ends.")
    kind = "application/vnd.ms-word.document.macroEnabled.main+xml"
    old = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    data = edited(saved(file), {"[Content_Types].xml": (old, kind)})
    assert "The lease ends." in (await told(f"a{ending}", data)).text


async def test_of_slides_what_is_beside_their_text_is_read_or_named(told: Callable[..., Any]):
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "The lease"
    hidden = slide.shapes.add_textbox(0, 0, 9, 9)
    hidden.text_frame.text = "obey the lease"
    hidden._element.nvSpPr.cNvPr.set("hidden", "1")
    chart = CategoryChartData()
    chart.categories = ["rent"]
    chart.add_series("lease", (800,))
    slide.shapes.add_chart(XL_CHART_TYPE.PIE, 0, 0, Inches(1), Inches(1), chart)
    slide.notes_slide.notes_text_frame.text = "Read the lease slowly."
    frame = deck.slide_layouts[5].placeholders[1]
    frame._element.getparent().append(hidden._element.__copy__())
    added = frame._element.getparent()[-1]
    del added.nvSpPr.cNvPr.attrib["hidden"]
    added.txBody[-1][0][-1].text = "Every lease of ours"
    read = await told("a.pptx", saved(deck))
    assert "The lease" in read.text
    assert "[slide 1, notes] Read the lease slowly." in read.text
    assert "Every lease of ours" in read.text
    assert "obey" not in read.text
    assert "slide 1: hidden shapes, left out" in read.partly
    assert "slide 1: charts, which are not read" in read.partly


def leased(*pages: str) -> PdfWriter:
    return PdfWriter(clone_from=io.BytesIO(pdf(pages or ["The lease ends."])))


async def test_of_a_pdf_its_form_comments_and_attachments_are_read_or_named(
    told: Callable[..., Any],
):
    writer = leased()
    writer.add_attachment("rents.xlsx", b"abc")
    writer.add_annotation(0, FreeText(text="Not before this lease!", rect=(1, 1, 9, 9)))
    for name, value, flags in (("tenant", "lease of Ada", 4), ("trap", "obey the lease", 2)):
        field = DictionaryObject(
            {
                NameObject("/Subtype"): NameObject("/Widget"),
                NameObject("/FT"): NameObject("/Tx"),
                NameObject("/T"): TextStringObject(name),
                NameObject("/V"): TextStringObject(value),
                NameObject("/F"): NumberObject(flags),
            }
        )
        writer.pages[0]["/Annots"].append(writer._add_object(field))
    read = await told("a.pdf", saved(writer, "write"))
    assert "[p. 1] The lease ends." in read.text
    assert "[p. 1, comments] Not before this lease!" in read.text
    assert "[p. 1, form] tenant: lease of Ada" in read.text
    assert "obey" not in read.text
    assert "attachment rents.xlsx: attached to the PDF, which is not read" in read.partly
    assert "p. 1: hidden notes or fields, left out" in read.partly


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-128", "AES-256"])
async def test_a_pdf_that_only_forbids_printing_is_read_and_a_locked_one_is_named(
    make_app: MakeApp, folder: Path, algorithm: str
):
    for name, password in (("open.pdf", ""), ("locked.pdf", "user")):
        writer = leased()
        writer.encrypt(password, "owner", algorithm=algorithm)
        (folder / name).write_bytes(saved(writer, "write"))
    async with connected(make_app(documents=(folder,))) as call:
        session = await call.begin()
        done = await call("remember", session_id=session, paths=["."])
    assert done["stored"] == 1
    (locked,) = done["failed"]
    assert locked["name"] == "papers/locked.pdf"
    assert "is encrypted; save a copy" in locked["problem"]


def mailed(structure: str, parts: dict[str, bytes]) -> bytes:
    """A mail of nested parts: `mixed(plain alternative(html pdf))`, each name a part's lines."""
    out, stack, number = [b"From: ada@example.org\nSubject: The lease"], [], 0
    for word in structure.replace("(", " ( ").replace(")", " ) ").split():
        if word == "(":
            continue
        if word == ")":
            out.append(b"--%s--" % stack.pop())
            continue
        border = b"--%s\n" % stack[-1] if stack else b""
        if word in parts:
            out.append(border + parts[word])
            continue
        number += 1
        boundary = b"b%d" % number
        out.append(
            border + b"Content-Type: multipart/%s; boundary=%s\n" % (word.encode(), boundary)
        )
        stack.append(boundary)
    return b"\n".join(out)


PARTS = {
    "plain": b"Content-Type: text/plain; charset=utf-8\n\nThe lease in plain words.",
    "short": b"Content-Type: text/plain\n\nlease",
    "html": b"Content-Type: text/html\n\n<p>The lease in <b>plain</b> words.</p>",
    "footer": b"Content-Type: text/plain\n\nSent from the list of leases (lease).",
    "csv": b"Content-Type: text/csv\nContent-Disposition: attachment; filename=rents.csv\n\n"
    b"lease,800",
    "png": b"Content-Type: image/png; name=seal.png\nContent-Transfer-Encoding: base64\n\n"
    + base64.encodebytes(PIXEL),
    "signature": b"Content-Type: application/pkcs7-signature; name=smime.p7s\n\nMIAG",
    "winmail": b"Content-Type: application/ms-tnef; name=winmail.dat\n\n\x78\x9f\x3e\x22",
    "calendar": b"Content-Type: text/calendar\n\nSUMMARY:lease day",
    "mail": b"Content-Type: message/rfc822\n\nFrom: eve@example.org\n\nInner lease.",
    "coded": b"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
    + base64.encodebytes(b"From: eve@example.org\nSubject: inner\n\nInner lease."),
    "status": b"Content-Type: message/delivery-status\n\nReporting-MTA: dns; lease.example.org\n\n"
    b"Final-Recipient: rfc822; bo@example.org\nStatus: 5.1.1 (lease)\n",
    "empty": b"Content-Type: application/pdf; name=nothing.pdf\n\n",
    "elsewhere": b"Content-Type: message/external-body; access-type=x\n\nContent-Type: a/b\n\n",
    "css": b"Content-Type: text/css\n\np {}",
    "nameless": b"Content-Type: text/x-python\n\nlease = 800",
}


@pytest.mark.parametrize(
    ("structure", "stored", "named"),
    [
        ("alternative(plain mixed(html csv png))", ["plain words", "lease,800"], ["seal.png"]),
        ("alternative(mixed(plain csv) html)", ["plain words", "lease,800"], []),
        ("alternative(plain related(html png))", ["plain words"], ["seal.png"]),
        ("alternative(short html)", ["The lease in plain words."], []),
        ("alternative(html)", ["The lease in plain words."], []),
        ("alternative(plain html calendar)", ["plain words", "lease day"], []),
        ("alternative(plain mixed(html footer))", ["plain words", "list of leases"], []),
        (
            "alternative(plain mixed(alternative(plain html) csv))",
            ["plain words", "lease,800"],
            [],
        ),
        ("mixed(alternative(plain html) csv)", ["plain words", "lease,800"], []),
        ("signed(mixed(plain csv) signature)", ["plain words", "lease,800"], ["smime.p7s"]),
        ("mixed(plain winmail)", ["plain words"], ["winmail.dat: attachments in a form of"]),
        ("mixed(plain mail)", ["plain words", "From: eve", "Inner lease."], []),
        ("mixed(plain coded)", ["plain words", "From: eve", "Inner lease."], []),
        ("report(plain status)", ["plain words", "lease.example.org", "5.1.1 (lease)"], []),
        ("mixed(plain empty)", ["plain words"], ["nothing.pdf: is empty"]),
        ("mixed(plain nameless)", ["plain words", "lease = 800"], []),
        ("mixed(plain elsewhere)", ["plain words"], ["kept elsewhere, and not read"]),
        ("related(html css)", ["plain words"], ["part text/css: of the page alone"]),
    ],
)
async def test_every_part_of_a_mail_is_read_or_named_wherever_it_stands(
    told: Callable[..., Any], structure: str, stored: list[str], named: list[str]
):
    data = mailed(structure, PARTS)
    read = await told("a.eml", data)
    text = "\n".join(piece.text for piece in read_document("a.eml", data).pieces)
    assert [part for part in stored if part not in text] == []
    assert text.count("plain words") <= 1
    assert [part for part in named if part not in read.partly] == []
    assert bool(named) == bool(read.partly)


@pytest.mark.parametrize(
    ("head", "body", "stored", "named"),
    [
        ("Content-Transfer-Encoding: base64", b"The lease ends, it says here.", "ends", "as it"),
        ("X: y", base64.encodebytes(b"The lease ends. " * 20), "The lease ends.", "in base64"),
        ("Content-Transfer-Encoding: x-odd", b"The lease ends.", "The lease ends.", ""),
        ("Content-Type: text/plain; charset=punycode", b"The lease ends.", "The lease", ""),
        ("Content-Type: text/plain; charset=zlib", b"The lease: caf\xe9", "café", "a guess"),
        ("Content-Type: text/plain; charset=nowhere", "The lease: café".encode(), "café", ""),
        ("Content-Type: text/plain; charset=ascii", b"The lease: caf\xe9", "café", ""),
        (
            "Content-Type: text/plain; charset=iso-2022-jp",
            "lease 契約は五月".encode("iso2022_jp"),
            "契約は五月",
            "",
        ),
        (
            "Content-Transfer-Encoding: base64",
            base64.encodebytes(b"The lease ends. " * 20) + b"____\nA list of ours, with a footer\n",
            "The lease ends.",
            "damaged",
        ),
    ],
)
async def test_a_mail_in_another_form_than_it_names_is_read_as_what_it_is(
    told: Callable[..., Any], head: str, body: bytes, stored: str, named: str
):
    read = await told("a.eml", b"From: a@example.org\n" + head.encode() + b"\n\n" + body)
    assert stored in read.text
    assert named in read.partly
    assert bool(named) == bool(read.partly)


async def test_attachments_of_kinds_that_are_read_are_read_by_name_or_by_type(
    told: Callable[..., Any],
):
    word = WordFile()
    word.add_paragraph("The lease in Word.")
    message = EmailMessage()
    message["From"] = "ada@example.org"
    message.set_content("See the lease.")
    for name in ("lease.docx", None):
        message.add_attachment(
            saved(word),
            "application",
            "vnd.openxmlformats-officedocument.wordprocessingml.document",
            filename=name,
        )
    message.add_attachment(PIXEL, "application", "octet-stream", filename="lease.dat")
    read = await told("a.eml", message.as_bytes())
    assert "The lease in Word." in read.text
    assert "lease.dat: is a PNG picture" in read.partly
    pieces = read_document("a.eml", message.as_bytes()).pieces
    assert sum(piece.text == "The lease in Word." for piece in pieces) == 2


def pdf_page(paints: bytes, objects: dict[str, StreamObject] | None, text: str = "lease") -> bytes:
    """A PDF of one page with a line of text, and with objects that it may paint by their names."""
    writer = PdfWriter(clone_from=io.BytesIO(pdf([text])))
    (page,) = writer.pages
    if objects is None:
        del page["/Resources"]
    else:
        held = {NameObject(name): writer._add_object(each) for name, each in objects.items()}
        page["/Resources"][NameObject("/XObject")] = DictionaryObject(held)
    content = DecodedStreamObject()
    content.set_data(page.get_contents().get_data() + b"\n" + paints)
    page[NameObject("/Contents")] = writer._add_object(content)
    return saved(writer, "write")


def drawn(kind: str, data: bytes = b"\x00" * 12, **resources: StreamObject) -> StreamObject:
    """A picture, or a form that may paint what its resources name."""
    made = DecodedStreamObject()
    made.set_data(data)
    made[NameObject("/Type")] = NameObject("/XObject")
    made[NameObject("/Subtype")] = NameObject(kind)
    if resources:
        objects = DictionaryObject({NameObject(f"/{name}"): x for name, x in resources.items()})
        made[NameObject("/Resources")] = DictionaryObject({NameObject("/XObject"): objects})
    return made


INLINE = b"BI /W 1 /H 1 /BPC 8 /CS /G ID \x00 EI"


@pytest.mark.parametrize(
    ("paints", "objects", "named"),
    [
        (b"/I1 Do", {"/I1": drawn("/Image")}, True),
        (b"", {"/I1": drawn("/Image")}, False),
        (b"/F1 Do", {"/F1": drawn("/Form", b"/I1 Do", I1=drawn("/Image"))}, True),
        (b"/F1 Do", {"/F1": drawn("/Form", b"", I1=drawn("/Image"))}, False),
        (INLINE, {}, True),
    ],
    ids=["painted", "another page's", "in a form", "of a form, not painted", "inline"],
)
async def test_a_picture_of_a_pdf_is_named_where_a_page_shows_it(
    told: Callable[..., Any], paints: bytes, objects: dict[str, StreamObject], named: bool
):
    read = await told("a.pdf", pdf_page(paints, objects))
    assert "lease" in read.text
    assert read.partly == ("p. 1: pictures, which are not read" if named else "")


@pytest.mark.parametrize(
    ("paints", "objects", "expected"),
    [
        (b"", {"/I1": drawn("/Image")}, "holds no text; if it shows any, run text recognition"),
        (INLINE, None, "holds no text, only pictures; run text recognition"),
    ],
    ids=["another page's", "without resources"],
)
async def test_a_pdf_without_text_is_called_pictures_only_where_it_shows_some(
    told: Callable[..., Any], paints: bytes, objects: dict[str, StreamObject] | None, expected: str
):
    assert expected in (await told("a.pdf", pdf_page(paints, objects, text=""))).failed


async def test_a_mail_that_was_cut_off_says_so(told: Callable[..., Any]):
    data = mailed("mixed(plain png)", PARTS)
    read = await told("a.eml", data[: data.rindex(b"--b1--")])
    assert "damaged or cut off" in read.partly
    assert message_from_bytes(data).is_multipart()


NOTEBOOK_3 = {
    "nbformat": 3,
    "worksheets": [
        {
            "cells": [
                {"cell_type": "heading", "level": 2, "source": ["The lease"]},
                {
                    "cell_type": "code",
                    "input": "lease()",
                    "outputs": [
                        {"output_type": "pyout", "text": ["800 a lease"], "prompt_number": 1},
                        {"output_type": "display_data", "png": "A" * 400, "text": "<Figure>"},
                        {"output_type": "display_data", "html": "<b>a lease</b> in bold"},
                        {"output_type": "pyerr", "ename": "E", "evalue": "no lease"},
                        {"output_type": "stream", "stream": "stdout", "text": "printed lease"},
                    ],
                },
            ]
        }
    ],
}


async def test_a_notebook_of_version_3_is_read_with_its_pictures_named(told: Callable[..., Any]):
    read = await told("a.ipynb", json.dumps(NOTEBOOK_3).encode())
    for stored in ("[cell 1 § The lease]", "800 a lease", "a lease in bold", "E: no lease"):
        assert stored in read.text
    assert "printed lease" in read.text
    assert "Figure" not in read.text
    assert "AAAA" not in read.text
    assert read.partly == "cell 2: a picture, which is not read"


ODD_CELLS: list[tuple[Any, str]] = [
    ({"cell_type": "code", "source": {"a": 1}}, "source: is no text"),
    ({"cell_type": "code", "source": 5}, "source: is no text"),
    ({"cell_type": "code", "source": ["x", {"a": 1}]}, "source: is no text"),
    ({"cell_type": "code", "source": "", "outputs": 3}, "outputs: are no list"),
    ({"cell_type": "code", "source": "", "outputs": {"a": 1}}, "outputs: are no list"),
    ({"cell_type": "code", "outputs": ["x"]}, "output: is no output"),
    ({"cell_type": "code", "outputs": [{"data": 5}]}, "output: is no output"),
    ({"outputs": [{"data": {"text/plain": {"a": 1}}}]}, "output: is no text"),
    ({"outputs": [{"output_type": "stream", "text": 5}]}, "output: is no text"),
    ({"outputs": [{"data": {"application/x": "y"}}]}, "an output in application/x"),
    ({"cell_type": "markdown", "source": "", "attachments": {"a.png": {}}}, "a.png: attached"),
    ("text", "is no cell"),
    (None, "is no cell"),
]


async def test_a_cell_of_an_odd_form_is_named_and_the_others_are_read(
    make_app: MakeApp, folder: Path
):
    good = {"cell_type": "code", "source": "the_lease()"}
    for number, (cell, _) in enumerate(ODD_CELLS):
        book = {"nbformat": 4, "cells": [cell, good]}
        (folder / f"{number}.ipynb").write_text(json.dumps(book))
    async with connected(make_app(documents=(folder,))) as call:
        session = await call.begin()
        done = await call("remember", session_id=session, paths=["."])
    assert done["files"] == len(ODD_CELLS)
    assert done["failed"] == []
    named = {each["name"]: each["problem"] for each in done["partly"]}
    for number, (_, problem) in enumerate(ODD_CELLS):
        found = named[f"papers/{number}.ipynb"]
        assert found.startswith("cell 1")
        assert problem in found


async def test_what_has_no_cells_is_no_notebook(make_app: MakeApp, folder: Path):
    books: list[Any] = [[], 5, None, {}, {"cells": 3}, {"worksheets": [3]}]
    for number, book in enumerate(books):
        (folder / f"{number}.ipynb").write_text(json.dumps(book))
    async with connected(make_app(documents=(folder,))) as call:
        session = await call.begin()
        message = await call.refused("remember", session_id=session, paths=["."])
    assert message.count("is no notebook") == len(books)


def zipped(**entries: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, text in entries.items():
            package.writestr(name, text)
    return out.getvalue()


KINDS = {
    PIXEL: "is a PNG picture; run text recognition over it",
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00": "is a JPEG picture; run text",
    b"GIF89a\x01\x00\x01\x00": "is a GIF picture",
    b"RIFF\x24\x00\x00\x00WEBPVP8 ": "is a WebP picture",
    b"BM\x46\x00\x00\x00\x00\x00\x00\x00": "is a BMP picture",
    b"\x00\x00\x00\x18ftypmp42": "is a video; write down what is said",
    b"ID3\x04\x00\x00": "is a sound file",
    b"\x1f\x8b\x08\x00": "is a gzip file; unpack it",
    b"\x7fELF\x02\x01\x01": "is a program",
    b"SQLite format 3\x00": "is an SQLite database; export its tables",
    b"{\\rtf1 hello}": "is RTF; save it as .docx",
    b"version https://git-lfs.github.com/spec/v1\n": "is a Git LFS pointer; fetch",
    b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"): "is an encrypted Office",
    b"\xd0\xcf\x11\xe0" + "WordDocument".encode("utf-16-le"): "is an older Word file",
    b"\xd0\xcf\x11\xe0" + "__substg1.0_".encode("utf-16-le"): "is a mail saved by Outlook",
}


@pytest.mark.parametrize("ending", [".png", ".txt", "", ".docx", ".md", ".eml", ".ipynb"])
async def test_a_file_that_is_no_text_is_named_by_its_kind_with_what_to_give_instead(
    make_app: MakeApp, folder: Path, ending: str
):
    for number, data in enumerate(KINDS):
        (folder / f"a{number}{ending}").write_bytes(data)
    (folder / "b.txt").write_text("The lease.")
    paths = [f"a{number}{ending}" for number in range(len(KINDS))]
    async with connected(make_app(documents=(folder,))) as call:
        session = await call.begin()
        done = await call("remember", session_id=session, paths=[*paths, "b.txt"])
    assert done["files"] == 1
    problems = {each["name"]: each["problem"] for each in done["failed"]}
    for path, kind in zip(paths, KINDS.values(), strict=True):
        assert problems[f"papers/{path}"].startswith(kind)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (zipped(mimetype="application/epub+zip"), "is an EPUB book; save it as PDF"),
        (
            zipped(mimetype="application/vnd.oasis.opendocument.text"),
            "is an OpenDocument text; save it as .docx",
        ),
        (zipped(a="b"), "is a zip archive (a, 1 in all); unpack it"),
        (bytes(range(256)) * 4, "is not a text file; convert it to"),
    ],
)
async def test_an_archive_is_named_by_its_kind(told: Callable[..., Any], data: bytes, problem: str):
    assert problem in (await told("a.bin", data)).failed


async def test_a_text_that_begins_as_another_kind_of_file_does_is_a_text(
    make_app: MakeApp, folder: Path
):
    begins = ("ID3", "GIF89a", "BZh", "MM", "BM", "OggS", "wOFF")
    for begin in begins:
        (folder / f"{begin}.txt").write_text(f"{begin} of the lease")
    async with connected(make_app(documents=(folder,))) as call:
        session = await call.begin()
        done = await call("remember", session_id=session, paths=["."])
    assert (done["files"], done["stored"]) == (len(begins), len(begins))


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "iso2022_jp", "iso2022_kr"])
async def test_encodings_that_look_like_another_are_told_apart(
    told: Callable[..., Any], encoding: str
):
    text = (
        "계약은 오월에 끝납니다. lease\n"
        if encoding == "iso2022_kr"
        else "契約は五月に終わります lease\n"
    )
    read = await told("a.txt", (text * 3).encode(encoding))
    assert text.strip() in read.text
    assert read.partly == ""


@pytest.mark.parametrize(
    ("page", "hidden"),
    [
        ("<p>The lease.</p><div hidden>obey the lease", True),
        ("<p>The lease.</p><!-- obey the lease", True),
        ("<p>The lease.</p><svg><text>obey the lease", True),
        ("<p>The lease.</p><template><p>obey the lease", True),
        ("<p>The lease.</p><noscript>obey the lease", True),
        ("<p>The lease.</p><a href='obey the lease", True),
        ("<p>The lease.</p><a href='x>obey the lease</a><p>and <b>more", True),
        ("<p>The lease.</p><div hidden>obey the lease</div><p>end", False),
        ("<p>The lease.</p><!-- obey the lease --><script>x <!-- y --></script>", False),
        ("<p>The lease. 1 < 2", False),
    ],
)
async def test_a_page_says_when_something_left_open_hides_the_rest(
    told: Callable[..., Any], page: str, hidden: bool
):
    read = await told("a.html", page.encode())
    assert "The lease." in read.text
    assert "obey" not in read.text
    assert ("never closed is left out" in read.partly) == hidden


async def test_words_that_an_open_quote_swallows_up_to_the_next_are_named(
    told: Callable[..., Any],
):
    page = '<p>The lease.</p><p title="x>swallowed</p><p title="y">The end of the lease.</p>'
    read = await told("a.html", page.encode())
    assert "The end of the lease." in read.text
    assert read.partly == "words in a tag whose quote is not closed are left out"


async def test_links_that_lead_nowhere_and_pipes_of_a_folder_are_named(
    make_app: MakeApp, folder: Path
):
    (folder / "a.md").write_text("The lease.")
    (folder / "b.md").symlink_to(folder / "gone.md")
    (folder / "c.md").symlink_to(folder / "d.md")
    (folder / "d.md").symlink_to(folder / "c.md")
    (folder / "line\nbreak.md").write_text("Another lease.")
    os.mkfifo(folder / "e.txt")
    async with connected(make_app(documents=(folder,))) as call:
        session = await call.begin()
        done = await call("remember", session_id=session, paths=["."])
    assert done["files"] == 2
    assert {each["name"]: each["problem"].split(";")[0] for each in done["failed"]} == {
        "papers/b.md": "is a link that leads nowhere",
        "papers/c.md": "is a link that leads nowhere",
        "papers/d.md": "is a link that leads nowhere",
        "papers/e.txt": "is not an ordinary file",
    }


async def test_a_folder_that_cannot_be_opened_is_named(make_app: MakeApp, folder: Path):
    (folder / "a.md").write_text("The lease.")
    at = os.open(folder, os.O_RDONLY)
    for _ in range(20):  # deeper than a path may be long
        os.mkdir("d" * 250, dir_fd=at)
        inner = os.open("d" * 250, os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = inner
    os.close(at)
    async with connected(make_app(documents=(folder,))) as call:
        session = await call.begin()
        done = await call("remember", session_id=session, paths=["."])
    assert done["files"] == 1
    assert "make the folder readable" in done["failed"][0]["problem"]
