"""How the time to read a document grows with its size, for every kind and for shapes that hurt.

    python -m bench.reading [--kinds .md,.html] [--json FILE]

Each shape is built at a size that takes some milliseconds to read, then twice and four times as
large. `reader_growth` is the worst factor by which a doubling lengthened the time: 2 is linear.
Times are of the processor, the least of three.
"""

from __future__ import annotations

import argparse
import gc
import io
import json
import logging
import time
from contextlib import suppress
from copy import deepcopy
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docx import Document
from openpyxl import Workbook
from pptx import Presentation
from pypdf import PdfWriter
from pypdf.annotations import FreeText
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from checkpoints.documents import DocumentError, DocumentLimits, read_document

if TYPE_CHECKING:
    from collections.abc import Callable

    Build = Callable[[int], bytes]

LIMITS = DocumentLimits(seconds=600)
START, MOST, LEAST_SECONDS = 2_000, 2_000_000, 0.02
_SENTENCE = "The lease ends in May, unless it is renewed before April. "

_ANY = {
    "prose": _SENTENCE,
    "paragraphs": _SENTENCE + "\n\n",
    "blank lines": "\n",
    "blank lines and a brace": "\n\n}",
    "spaces": " ",
    "spaced lines": " \t \n",
    "one word": "x",
    "full stops": ". ",
    "accents": "é",
    "marks": "\u0301",
    "marks on spaces": " \u0301",
    "flags": "\U0001f1eb\U0001f1f7",
    "controls": "\x85\ufeff",
    "stops with marks": "\u17d4\U0001f3fd",
    "Hangul in parts": "\u1161\u11ab ",
    "Hindi letters with dots": "\u0915\u093c\u0964",
    "Thai": "\u0e01\u0e32",
    "Chinese": "\u6f22\u5b57\u3002",
    "brackets": "[",
    "quotes": ">",
    "hashes": "#",
}
_BY_KIND = {
    ".txt": _ANY | {"base64": "data:image/png;base64," + "A" * 200},
    ".js": _ANY | {"blocks": "function f() {\n  work();\n}\n\n", "comments": "/* "},
    ".py": _ANY
    | {
        "functions": "def f():\n    return 1\n\n\n",
        "comments": "# why\n",
        "decorators": "@d\n",
        "statements": "x = (1, 2)\n",
        "nested": "[[({",
        "strings": '"""a"""\n"',
        "lambdas": "lambda: ",
    },
    ".md": _ANY
    | {
        "headings": "# Title\n\ntext\n\n",
        "long titles": "# " + "w " * 200 + "\n",
        "underlined": "a\n",
        "lists": "- a\n",
        "nested lists": "- ",
        "nested quotes": "> > > > > a\n",
        "links": "[a](",
        "references": "[a]: <b> 'c\n",
        "emphasis": "*a_ ",
        "code": "`",
        "fences": "```\n",
        "fences in lists": "- ```\n",
        "tags": "<a ",
        "comments": "<!-- ",
        "entities": "&amp;",
    },
    ".html": _ANY
    | {
        "paragraphs": f"<p>{_SENTENCE}</p>",
        "unclosed headings": "<h2>A<p>one",
        "headings in headings": "<h1><h2>A",
        "unclosed": "<div>a",
        "unclosed inline": "<b>a<i>",
        "hidden": "<div hidden>a",
        "tables": "<table><tr><td>a",
        "angles": "<",
        "tags": "<a ",
        "attributes": "<a b='",
        "comments": "<!--",
        "declarations": "<![CDATA[",
        "ends": "</p></b>",
        "entities": "&amp;&",
        "breaks": "a<br>",
        "scripts": "<script>a",
        "lists": "<ul><li>a",
    },
}


def _mail(text: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "a@example.org", "Lease"
    mail.set_content(text)
    return mail.as_bytes()


def _notebook(cells: list[dict[str, Any]]) -> bytes:
    return json.dumps({"nbformat": 4, "cells": cells}).encode()


def _pages(pages: list[str]) -> bytes:
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
        fonts = DictionaryObject({NameObject("/F1"): font})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        content = DecodedStreamObject()
        content.set_data(f"BT /F1 12 Tf 20 200 Td {text} ET".encode())
        page[NameObject("/Contents")] = writer._add_object(content)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _word(paragraphs: int, rows: int) -> bytes:
    document = Document()
    for number in range(paragraphs):
        document.add_paragraph(_SENTENCE, style="Heading 1" if number % 10 == 0 else None)
    if rows:
        added = document.add_table(1, 2)
        added.rows[0].cells[0].text = "a"
        (table,) = document.element.body.findall("{*}tbl")
        for _ in range(rows):
            table.append(deepcopy(table[-1]))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _sheet(rows: int, columns: int) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Rents")
    for number in range(rows):
        sheet.append([f"tenant {number}", *range(columns)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _far(rows: int) -> bytes:
    """Rows with a cell in the first and in the last column, and one at the very end."""
    book = Workbook()
    (sheet,) = book.worksheets
    for number in range(1, rows + 1):
        sheet.cell(number, 1, f"tenant {number}")
        sheet.cell(number, 16_384, "x")
    sheet.cell(1_048_576, 16_384, "the end")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _styled(styles: int) -> bytes:
    """Each paragraph in a style that is based on the one before it."""
    document = Document()
    for number in range(styles):
        style = document.styles.element.add_style_of_type(f"s{number}", 1, builtin=False)
        style.basedOn_val = f"s{number - 1}" if number else "Normal"
        document.add_paragraph("a").paragraph_format.element.get_or_add_pPr().style = f"s{number}"
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _noted(notes: int) -> bytes:
    """A page with that many comments and fields."""
    writer = PdfWriter(clone_from=io.BytesIO(_pages(["(The lease ends.) Tj"])))
    for number in range(notes):
        writer.add_annotation(0, FreeText(text=f"note {number}", rect=(1, 1, 9, 9)))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _slides(paragraphs: int) -> bytes:
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.placeholders[1].text_frame.text = "\n".join([_SENTENCE] * paragraphs)
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


def _repeated(unit: str) -> Build:
    return lambda size: (unit * (size // len(unit) + 1)).encode()


def shapes() -> dict[str, dict[str, Build]]:
    """How to build a document of about some bytes, by ending and shape."""
    made: dict[str, dict[str, Build]] = {
        ending: {shape: _repeated(unit) for shape, unit in units.items()}
        for ending, units in _BY_KIND.items()
    }
    made[".js"]["a function of blank lines"] = lambda n: b"f() {\n" + b"\n" * n + b"}\n"
    made[".py"]["a function of blank lines"] = lambda n: b"def f():\n" + b"\n" * n + b"    x\n"
    made[".md"]["a long first title"] = lambda n: b"# " + b"w " * (n // 4) + b"\n## a\n" * (n // 10)
    made[".html"]["a long first title"] = lambda n: (
        b"<h1>" + b"w " * (n // 4) + b"</h1>" + b"<h2>a</h2>" * (n // 20)
    )
    made[".txt"]["gb18030"] = lambda n: ("租约在五月结束。\n" * (n // 17)).encode("gb18030")
    made[".txt"]["cp1252"] = lambda n: ("café é naïve\n" * (n // 13)).encode("cp1252")
    made[".txt"]["cp1251"] = lambda n: ("Договор в мае.\n" * (n // 15)).encode("cp1251")
    made[".txt"]["utf-16"] = lambda n: (_SENTENCE * (n // 116)).encode("utf-16")
    made[".eml"] = {
        "prose": lambda n: _mail((_SENTENCE + "\n") * (n // 60)),
        "blank lines": lambda n: _mail("\n" * n),
        "long header": lambda n: b"From: " + b"a <b>, " * (n // 7) + b"\n\ntext",
        "encoded header": lambda n: b"Subject: " + b"=?a?q?" * (n // 6) + b"\n\ntext",
        "many headers": lambda n: b"A: b\n" * (n // 5) + b"\ntext",
        "parameters": lambda n: b"Content-Type: text/plain" + b";a=b" * (n // 4) + b"\n\ntext",
        "base64 of another kind": lambda n: (
            b"A: b\nContent-Transfer-Encoding: base64\n\n" + b"no base64, it says\n" * (n // 19)
        ),
        "base64 without a name": lambda n: b"A: b\n\n" + (b"QUJD" * 19 + b"\n") * (n // 77),
        "a slow encoding": lambda n: (
            b"Content-Type: text/plain; charset=punycode\n\n" + b"abc\xe9-" * (n // 5)
        ),
        "many alternatives": lambda n: (
            b"A: b\nContent-Type: multipart/alternative; boundary=x\n\n"
            + b"--x\nContent-Type: text/html\n\n<p>text\n" * (n // 42)
        ),
        "many parts": lambda n: (
            b"A: b\nContent-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\ntext\n" * (n // 12)
        ),
    }
    made[".ipynb"] = {
        "cells": lambda n: _notebook(
            [{"cell_type": "markdown", "source": "# A\n" + _SENTENCE}] * (n // 110)
        ),
        "one cell": lambda n: _notebook([{"cell_type": "code", "source": ["x = 1\n"] * (n // 9)}]),
        "nested": lambda n: b"[" * n,
        "odd cells": lambda n: _notebook([{"cell_type": "code", "source": {}}] * (n // 40)),
        "pages": lambda n: _notebook(
            [{"cell_type": "code", "outputs": [{"data": {"text/html": "<b>a" * 50}}]}] * (n // 270)
        ),
        "pictures": lambda n: _notebook(
            [
                {
                    "cell_type": "code",
                    "source": "plot()",
                    "outputs": [{"data": {"image/png": "A" * 1000}}],
                }
            ]
            * (n // 1100)
        ),
    }
    made[".pdf"] = {
        "pages": lambda n: _pages(["(The lease ends in May.) Tj"] * (n // 400 + 1)),
        "one page": lambda n: _pages(["(The lease ends.) Tj 0 -12 Td " * (n // 30 + 1)]),
        "comments": lambda n: _noted(n // 250 + 1),
        "no end": lambda n: b"%PDF-1.4\n" + b"\n" * n,
        "objects": lambda n: b"%PDF-1.4\n" + b"1 0 obj <<>> endobj\n" * (n // 20),
    }
    made[".docx"] = {
        "paragraphs": lambda n: _word(n // 60, 0),
        "a table": lambda n: _word(0, n // 60),
        "styles": lambda n: _styled(n // 300 + 1),
    }
    made[".xlsx"] = {
        "rows": lambda n: _sheet(n // 20, 2),
        "columns": lambda n: _sheet(10, min(n // 50, 16_000)),
        "far cells": lambda n: _far(n // 60 + 1),
    }
    made[".pptx"] = {"paragraphs": lambda n: _slides(n // 60)}
    return made


def growth(ending: str, build: Build) -> tuple[float, float, int]:
    """The factor of a doubling, the seconds at the size that was doubled, and that size."""
    size = START
    while (seconds := _seconds(ending, build(size), 1)) < LEAST_SECONDS and size < MOST:
        size *= 2
    first, last = (_seconds(ending, build(n), 3) for n in (size, 4 * size))
    return (last / first) ** 0.5, seconds, size


def _seconds(ending: str, data: bytes, times: int) -> float:
    taken = []
    for _ in range(times):
        gc.collect()
        gc.disable()  # as `timeit` does: what earlier reading left is not this one's
        started = time.process_time()
        with suppress(DocumentError):  # a refusal must not take long either
            read_document(f"a{ending}", data, LIMITS)
        taken.append(time.process_time() - started)
        gc.enable()
    return max(min(taken), 1e-6)


def measure(kinds: set[str] | None = None, most: int | None = None) -> dict[str, Any]:
    """The growth of each shape of these kinds, or of all, and the worst of them."""
    rows: dict[str, float] = {}
    for ending, builds in shapes().items():
        if kinds is not None and ending not in kinds:
            continue
        for shape, build in list(builds.items())[:most]:
            factor, seconds, size = growth(ending, build)
            rows[f"{ending}: {shape}"] = round(factor, 3)
            print(f"{ending:6} {shape:28} x{factor:.2f}  {seconds:7.3f} s for {size} bytes")
    worst = max(rows, key=lambda name: rows[name])
    return {"reader_growth": rows[worst], "worst": worst, "growth": rows}


def main() -> None:
    """Measure, print, write JSON if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kinds", type=lambda value: set(value.split(",")))
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    logging.disable()  # what the PDF library says of files that are broken on purpose
    report = measure(arguments.kinds)
    print(f"reader_growth {report['reader_growth']} ({report['worst']})")
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
