"""What the readers make of each kind of document, and what they say of the rest of it."""

from __future__ import annotations

import base64
import io
import json
import re
import zipfile
from email.message import EmailMessage
from typing import TYPE_CHECKING

import pytest
from documents_made import DAMAGED, PICTURE, pdf, saved
from docx import Document as WordFile
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from pptx import Presentation
from pptx.util import Inches

from checkpoints.documents import (
    OVERLAP_CHARS,
    DocumentError,
    DocumentLimits,
    read_document,
)

if TYPE_CHECKING:
    from pathlib import Path

CHINESE = "租约在五月结束。房租每月八百元、押金两个月、合同一年。\n"
RUSSIAN = "Договор заканчивается в мае. Аренда восемьсот рублей в месяц.\n"
# The smallest picture there is: one pixel.
PIXEL = base64.b64decode(
    b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def text_of(name: str, data: bytes) -> str:
    return "\n".join(piece.text for piece in read_document(name, data).pieces)


def partly(name: str, data: bytes) -> str:
    return "; ".join(read_document(name, data).partly)


def problem(name: str, data: bytes, limits: DocumentLimits | None = None) -> str:
    with pytest.raises(DocumentError) as caught:
        read_document(name, data, limits or DocumentLimits())
    return caught.value.problem


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("gb18030", CHINESE),
        ("gbk", CHINESE * 3_000),
        ("big5", "租約在五月結束。房租每月八百元、押金兩個月。\n"),
        ("cp932", "契約は五月に終わります。家賃は八百円です。\n"),
        ("euc_jp", "契約は五月に終わります。家賃は八百円です。\n"),
        ("cp949", "계약은 오월에 끝납니다. 월세는 팔백입니다.\n"),
        ("cp1251", RUSSIAN),
        ("koi8_r", RUSSIAN),
        ("cp1250", "Příliš žluťoučký kůň úpěl ďábelské ódy.\n"),
        ("cp1252", "Œuvre d\u2019art, déjà vu à l\u2019été \u2013 „gültig“ für 5 €\n"),
    ],
)
@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html", "a.csv"])
def test_a_text_in_an_older_encoding_is_read_and_the_guess_is_named(
    name: str, encoding: str, text: str
):
    read = read_document(name, text.encode(encoding))
    assert read.pieces[0].text.split()[0] == text.split()[0]
    assert "a guess; save the file as UTF-8" in read.partly[0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_unicode_is_no_guess(encoding: str):
    read = read_document("a.txt", ("The lease ends in May. " * 5 + "žluť").encode(encoding))
    assert read.partly == ()
    assert read.pieces[0].text.endswith("žluť")


def test_letters_that_could_be_of_several_encodings_are_refused():
    assert "its letters could be of big5, cp932" in problem("a.txt", "你好".encode("gbk"))


def test_one_damaged_byte_does_not_turn_utf8_into_other_letters():
    data = CHINESE.encode() + "五".encode()[:2] + b"\n" + CHINESE.encode()
    assert CHINESE.strip() in text_of("a.txt", data)
    assert partly("a.txt", data) == "from line 2 on: bytes that stand for no character"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"{\\rtf1 hello}", "is RTF; save it as .docx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "is an older or an encrypted Office file"),
        (b"PK\x03\x04" + bytes(range(256)), "is a damaged zip archive"),
        (b"%!PS-Adobe", "is PostScript"),
    ],
)
@pytest.mark.parametrize("name", ["a.txt", "a.docx", "a.unknown", "a.html"])
def test_what_only_looks_like_text_is_refused(name: str, data: bytes, expected: str):
    found = problem(name, data)
    assert found.startswith(expected) or "broken Office file" in found or "no text" in found


def test_a_pdf_is_read_whatever_it_is_called():
    assert text_of("a.txt", pdf(["The lease ends."])) == "The lease ends."


def test_pages_of_a_pdf_that_hold_no_text_are_named_with_the_reason():
    data = pdf(["The lease ends.", PICTURE, DAMAGED, "", PICTURE, "In May."])
    assert text_of("a.pdf", data) == "The lease ends.\nIn May."
    assert partly("a.pdf", data) == (
        "p. 2, p. 5: only a picture; run text recognition over it first; "
        "p. 3: damaged; some of its text may be missing"
    )


def test_a_pdf_without_any_text_says_which_pages_are_pictures():
    assert "p. 1, p. 2: only a picture" in problem("a.pdf", pdf([PICTURE, PICTURE]))


def mail() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "Žofie <z@example.org>", "k@example.org"
    message["Subject"] = "Pronájem končí v květnu"
    return message


def test_mail_is_read_as_its_words_not_as_its_transport():
    message = mail()
    message.set_content("Nájem končí v květnu.", cte="base64")
    message.add_alternative("<p>Nájem <b>končí</b> v květnu.</p>", subtype="html")
    message.add_attachment("tenant,rent\nAda,800\n", subtype="csv", filename="rents.csv")
    message.add_attachment(pdf(["Ends in May."]), "application", "pdf", filename="lease.pdf")
    message.add_attachment(PIXEL, "image", "png", filename="seal.png")
    message.add_attachment(b"%PDF-1.4", "application", "pdf", filename="torn.pdf")
    read = read_document("a.eml", message.as_bytes())
    found = {piece.place: piece.text for piece in read.pieces}
    assert found == {
        "headers": "From: Žofie <z@example.org>\nTo: k@example.org\n"
        "Subject: Pronájem končí v květnu",
        "": "Nájem končí v květnu.",
        "attachment rents.csv, lines 1-2": "tenant,rent\nAda,800",
        "attachment lease.pdf, p. 1": "Ends in May.",
    }
    assert read.partly == (
        "attachment seal.png: image/png, which is not read",
        "attachment torn.pdf: is a broken PDF; save it again and retry",
    )


def test_a_forwarded_mail_and_a_page_without_plain_text_are_read():
    inner = mail()
    inner.set_content("<h1>Lease</h1><p>Ends in May.</p>", subtype="html")
    outer = mail()
    outer.set_content("See below.")
    outer.add_attachment(inner)
    assert "Lease\n\nEnds in May." in text_of("a.eml", outer.as_bytes())


def test_mail_of_parts_within_parts_without_end_is_refused_with_the_limit():
    data = b"A: b\n" + b"".join(
        b"Content-Type: multipart/mixed; boundary=x%d\n\n--x%d\n" % (n, n) for n in range(101)
    )
    assert "over 100 parts" in problem("a.eml", data)


def test_forwarded_mail_within_mail_without_end_is_refused_with_the_limit():
    data = b"A: b\n" + b"Content-Type: message/rfc822\n\n" * 1_000 + b"x"
    assert "over 100 parts" in problem("a.eml", data)


def test_a_page_that_closes_nothing_is_read_at_any_size_and_one_that_closes_wrongly_is_refused():
    assert text_of("a.html", b"<div>a" * 50_000).count("a") >= 50_000
    wrong = b"<div>a" * 50_000 + b"</b>" * 50_000
    assert "over 6000 deep, the limit" in problem("a.html", wrong)


def notebook(outputs: list[dict[str, object]]) -> bytes:
    cells = [
        {
            "cell_type": "markdown",
            "source": ["# Rent\n", "It is 800.\n", "![x](data:image/png;base64,"],
        },
        {"cell_type": "code", "source": "rent()", "outputs": outputs},
    ]
    cells[0]["source"] += ["A" * 500, ")"]  # type: ignore[operator]  # a list, see above
    return json.dumps({"nbformat": 4, "cells": cells}).encode()


def test_a_notebook_is_its_cells_and_what_they_print_without_pictures():
    data = notebook(
        [
            {"output_type": "stream", "text": ["800\n"]},
            {"output_type": "display_data", "data": {"image/png": "B" * 400, "text/plain": "<F>"}},
            {"output_type": "error", "ename": "ValueError", "evalue": "no rent", "traceback": []},
        ]
    )
    read = read_document("a.ipynb", data)
    assert [(piece.place, piece.text) for piece in read.pieces] == [
        ("cell 1 § Rent", "# Rent\nIt is 800.\n![x](data:image/png;base64,…)"),
        ("cell 2", "rent()\n\n800\n\n\nValueError: no rent"),
    ]
    assert read.partly == (
        "1 files in base64 are not read",
        "cell 2: a picture, which is not read",
    )
    assert "is no notebook" in problem("a.ipynb", b'{"cells": 3}')


def test_a_word_file_is_cut_at_its_headings_and_its_tables_are_rows():
    file = WordFile()
    file.add_heading("Lease", 1)
    file.add_paragraph("It ends in May.")
    file.add_heading("Rent", 2)
    table = file.add_table(2, 2)
    for cell, text in zip(table._cells, ("tenant", "rent", "Ada", "800"), strict=True):
        cell.text = text
    table.cell(1, 0).merge(table.cell(1, 1))
    file.add_paragraph().add_run("obey me").font.hidden = True
    file.add_picture(io.BytesIO(PIXEL), Inches(1))
    file.sections[0].header.paragraphs[0].text = "Draft"
    read = read_document("a.docx", saved(file))
    assert [(piece.place, piece.text) for piece in read.pieces] == [
        ("§ Lease", "Lease\n\nIt ends in May."),
        ("§ Lease > Rent", "Rent\n\ntenant | rent\nAda\n800"),
        ("header", "Draft"),
    ]
    assert read.partly == ("hidden text, left out", "pictures, which are not read")


def test_a_spreadsheet_is_its_visible_values_and_says_what_was_never_computed():
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Rents"
    sheet.append(["tenant", "rent"])
    sheet.append(["Ada", 800.0])
    sheet.append(["all", "=SUM(B2:B2)"])
    hidden = book.create_sheet("Secret")
    hidden.append(["obey me"])
    hidden.sheet_state = "hidden"
    read = read_document("a.xlsx", saved(book))
    assert [(piece.place, piece.text) for piece in read.pieces] == [
        ("sheet Rents", "tenant | rent\nAda | 800\nall | =SUM(B2:B2)")
    ]
    assert read.partly == (
        "sheet Rents: formulas without a value; open and save the file in Excel",
        "sheet Secret: hidden, and left out",
    )


def test_a_sheet_whose_rows_are_damaged_is_named_and_the_others_are_read():
    book = Workbook()
    for title in ("One", "Two"):
        sheet = book.create_sheet(title)
        for number in range(50):
            sheet.append([title, number])
    with zipfile.ZipFile(io.BytesIO(saved(book))) as package:
        held = {entry: package.read(entry) for entry in package.namelist()}
    rows = held["xl/worksheets/sheet2.xml"]
    held["xl/worksheets/sheet2.xml"] = rows[: len(rows) // 2]
    read = read_document("a.xlsx", packed(held))
    assert "sheet One: damaged; what follows there is not read" in read.partly
    assert "Two | 49" in read.pieces[-1].text


def test_slides_are_read_with_tables_and_notes_but_not_hidden_ones():
    deck = Presentation()
    for number in range(2):
        slide = deck.slides.add_slide(deck.slide_layouts[5])
        slide.shapes.title.text = f"Lease {number}"
    first, second = deck.slides
    table = first.shapes.add_table(1, 2, Inches(1), Inches(1), Inches(1), Inches(1)).table
    table.cell(0, 0).text, table.cell(0, 1).text = "rent", "800"
    first.shapes.add_picture(io.BytesIO(PIXEL), Inches(1), Inches(1))
    first.notes_slide.notes_text_frame.text = "Say it slowly."
    second.element.set("show", "0")
    read = read_document("a.pptx", saved(deck))
    assert [(piece.place, piece.text) for piece in read.pieces] == [
        ("slide 1", "Lease 0\n\nrent | 800"),
        ("slide 1, notes", "Say it slowly."),
    ]
    assert read.partly == (
        "slide 1: pictures, which are not read",
        "slide 2: hidden, and left out",
    )


def packed(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in entries.items():
            package.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize("name", ["a.docx", "a.xlsx", "a.pptx"])
def test_an_office_file_that_unpacks_to_too_much_or_is_broken_is_refused(name: str):
    bomb = packed({"big.xml": b" " * 2**20})
    assert "unpacks to 1048576 bytes in 1 parts, the limits are 1000" in problem(
        name, bomb, DocumentLimits(unpacked_bytes=1000)
    )
    assert "save it again" in problem(name, packed({"a.xml": b"<a/>"}))
    assert "broken Office file" in problem(name, b"PK nothing")


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("a.docx", "word/document.xml"),
        ("a.xlsx", "xl/worksheets/sheet1.xml"),
        ("a.pptx", "ppt/slides/slide1.xml"),
    ],
)
def test_entities_of_an_office_file_are_never_expanded(tmp_path: Path, name: str, part: str):
    (tmp_path / "secret.txt").write_text("the secret")
    word, book, deck = WordFile(), Workbook(), Presentation()
    word.add_paragraph("MARK")
    book.active["A1"] = "MARK"  # type: ignore[index]  # a new book has a sheet
    deck.slides.add_slide(deck.slide_layouts[5]).shapes.title.text = "MARK"
    made = saved({"a.docx": word, "a.xlsx": book, "a.pptx": deck}[name])
    with zipfile.ZipFile(io.BytesIO(made)) as package:
        held = {entry: package.read(entry) for entry in package.namelist()}
    xml = held[part].replace(b"MARK", b"&big;&file;")
    xml = xml[xml.index(b"?>") + 2 :] if xml.startswith(b"<?xml") else xml
    file = (tmp_path / "secret.txt").as_uri()
    entities = f'<!DOCTYPE x [<!ENTITY big "large"><!ENTITY file SYSTEM "{file}">]>'
    try:
        read = read_document(name, packed(held | {part: entities.encode() + xml}))
    except DocumentError:
        return
    assert "secret" not in str(read)
    assert "large" not in str(read)


@pytest.mark.parametrize(
    "page",
    [
        "<h2>A<p>one<h2>B<p>two",
        "<h1>A<h2>B<h3>C",
        "<h1>A<h1>B<div>c",
        "<h2>A<ul><li>b<li>c",
        "<h3><a>A<table><tr><td>b",
        "<h2>A<b><i>b",
    ],
)
def test_headings_that_are_left_open_store_no_word_twice(page: str):
    words = re.sub("<.*?>", "", page)
    pieces = read_document("a.html", (page * 400).encode()).pieces
    assert sum(c.isalpha() for piece in pieces for c in piece.text) <= len(words) * 400
    assert len(pieces) <= 400 * page.count("<h")


def test_a_heading_left_open_ends_at_the_next_block():
    pieces = read_document("a.html", b"<h2>A<p>one<h2>B<p>two").pieces
    assert [(p.place, p.text) for p in pieces] == [
        ("\u00a7 A", "A\n\none"),
        ("\u00a7 B", "B\n\ntwo"),
    ]


WORDS = (
    *"<h2> <h1> <p> </p> </h2> <div> <b> </i> <td> <li> <pre> <br> # ## ``` > - * [a]( ) {".split(),  # noqa: SIM905  # legible
    *"} @d ==== one two three four words of the text".split(),  # noqa: SIM905  # legible
    *("\n\n\n", "\n\n", "\n", "def f():", "class A:"),
)
PARTS = st.lists(st.sampled_from(WORDS), max_size=200)


@given(PARTS, st.sampled_from([".txt", ".js", ".py", ".md", ".html", ".eml", ".csv", ".ipynb"]))
@settings(max_examples=300, deadline=None)
def test_pieces_never_add_up_to_more_text_than_the_document_has(parts: list[str], ending: str):
    text = " ".join(parts)
    data = {
        ".eml": f"Subject: x\n\n{text}",
        ".ipynb": json.dumps({"cells": [{"cell_type": "markdown", "source": text}]}),
    }.get(ending, text)
    try:
        pieces = read_document(f"a{ending}", data.encode()).pieces
    except DocumentError:
        return
    # Neighbours share their border, and only they; a border of HTML or of a cell is "\n\n".
    shared = sum(len(p.text) > OVERLAP_CHARS for p in pieces) * OVERLAP_CHARS
    assert sum(len(p.text) for p in pieces) <= len(data) + shared
