"""Sources, versions and files: what is remembered is found, and what was not read is told."""

from __future__ import annotations

import json
import unicodedata
from email.message import EmailMessage
from io import BytesIO
from typing import TYPE_CHECKING

import anyio
from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from openpyxl import Workbook
from pptx import Presentation

from bench.field.faults.doors import check

if TYPE_CHECKING:
    from bench.field.faults.doors import Door

PAUSED = 5.0
"""Seconds that another call may take while a document is read."""
_NESTED = b"""From: ann@example.org
Content-Type: multipart/alternative; boundary=one

--one
Content-Type: text/plain

See the list.
--one
Content-Type: multipart/mixed; boundary=two

--two
Content-Type: text/html

<p>See the list.</p>
--two
Content-Type: text/csv; name=list.csv

birch twigs,5
--two
Content-Type: image/png; name=seal.png

x
--two--
--one--
"""


async def a_text_has_all_its_sources(door: Door) -> None:
    """4: one of them in quarantine leaves it to the other."""
    session = await door.session()
    text = "The blue kettle boils at noon."
    for source in ("A", "B"):
        await door.call("remember", session_id=session, text=text, source=source)
    check(await door.texts(session, "kettle", sources=["B"]) == [text], "B lost its text")
    await door.call("quarantine_memory", session_id=session, source="A")
    check(await door.texts(session, "kettle") == [text], "quarantining A took it from B")
    check(await door.texts(session, "kettle", sources=["A"]) == [], "A is still found")


async def an_edited_source_replaces_its_earlier_version(door: Door) -> None:
    """5: and the result counts what was added, unchanged and superseded."""
    session = await door.session()
    file = door.papers / "policy.md"
    file.write_text("# Refunds\n\nRefunds take three days.\n\n# Post\n\nParcels go by train.\n")
    await door.call("remember", session_id=session, paths=[str(file)])
    file.write_text("# Refunds\n\nRefunds take five days.\n\n# Post\n\nParcels go by train.\n")
    done = await door.call("remember", session_id=session, paths=[str(file)])
    counts = (done["stored"], done["duplicates"], done["superseded"])
    check(counts == (1, 1, 1), f"added, unchanged and superseded were {counts}")
    found = " ".join(await door.texts(session, "refunds take how many days"))
    check("five" in found and "three" not in found, f"recall gave {found!r}")


async def what_matches_nothing_is_refused_with_near_names(door: Door) -> None:
    """21: a source, a session, an example."""
    session = await door.session()
    await door.call("remember", session_id=session, text="x is y", source="docs/handbook.md")
    text = await door.refused("quarantine_memory", session_id=session, source="handbook.md")
    check("docs/handbook.md" in text, f"refused as {text!r}")
    wrong = {"input": "a", "output": "neither"}
    text = await door.refused("set_task", task="Sort.", labels=["p", "q"], examples=[wrong])
    check("examples[0].output" in text, f"refused as {text!r}")


async def reading_stops_no_other_call(door: Door) -> None:
    """3: whatever the shape of the document."""
    session = await door.session()
    (door.papers / "lines.js").write_text("f() {\n" + "\n" * 20_000 + "}\n")
    (door.papers / "lists.md").write_text("- " * 20_000)
    (door.papers / "nested.html").write_text("<div>" * 20_000)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_remember_all, door, session)
        for _ in range(5):
            with anyio.move_on_after(PAUSED) as scope:
                await door.call("status")
            check(not scope.cancelled_caught, f"status waited {PAUSED} s while files were read")


async def _remember_all(door: Door, session: str) -> None:
    await door.call("remember", session_id=session, paths=[str(door.papers)], max_seconds=60)


async def pieces_are_no_more_text_than_the_document(door: Door) -> None:
    """8: headings that nobody closed."""
    session = await door.session()
    html = "".join(f"<h2>Title {n}<p>word{n} stands here " for n in range(200))
    file = door.papers / "open.html"
    file.write_text(html)
    done = await door.call("remember", session_id=session, paths=[str(file)])
    check(0 < done["stored"] <= 200, f"{done['stored']} pieces of 200 paragraphs")
    found = await door.texts(session, "word7", budget_tokens=200)
    check(any("word7" in text for text in found), "word7 was not found")


async def files_are_read_or_named(door: Door) -> None:
    """10: other encodings, mail, notebooks, Office, and the page of a PDF that is broken."""
    session = await door.session()
    sentence = "仓库的钥匙在红色的盒子里。" * 20
    (door.papers / "gbk.txt").write_bytes(sentence.encode("gbk"))
    mail = EmailMessage()
    mail["Subject"], mail["From"] = "Rent", "ann@example.org"
    mail.set_content("Der Mietvertrag läuft im März aus.", cte="base64")
    (door.papers / "mail.eml").write_bytes(bytes(mail))
    (door.papers / "nested.eml").write_bytes(_NESTED)
    (door.papers / "seal.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(20))
    picture = {
        "output_type": "display_data",
        "data": {"image/png": "iVBORw0KGgo" * 300},
        "metadata": {},
    }
    cell = {
        "cell_type": "code",
        "source": "orchard = 5",
        "outputs": [picture],
        "metadata": {},
        "execution_count": 1,
    }
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
    (door.papers / "book.ipynb").write_text(json.dumps(notebook))
    _office(door)
    (door.papers / "half.pdf").write_bytes(b"%PDF-1.7\n1 0 obj\n<<")
    (door.papers / "noise.docx").write_bytes(b"no zip")
    done = await door.call("remember", session_id=session, paths=[str(door.papers)])
    told = {each["name"].rsplit("/", 1)[-1] for each in done["failed"] + done["partly"]}
    named = {"half.pdf", "noise.docx", "seal.txt", "a.docx", "b.xlsx", "nested.eml"}
    check(named <= told, f"only {told} were named")
    for query, word in (
        ("红色的盒子", "红色的盒子"), ("Mietvertrag", "läuft im März"), ("orchard", "orchard = 5"),
        ("birch", "birch twigs"),
        ("walnut", "walnut"), ("chestnut", "chestnut"), ("hazelnut", "hazelnut"),
    ):  # fmt: skip
        found = " ".join(await door.texts(session, query))
        check(word in found, f"{word} is not in what {query} found: {found[:200]!r}")
    everything = " ".join(await door.texts(session, "iVBORw0KGgo"))
    check("iVBORw0KGgoiVBORw0KGgo" not in everything, "the notebook's picture is in memory")
    planted = " ".join(await door.texts(session, "planted acorn"))
    check("planted" not in planted, "words that a style or a row hides are in memory")


def _office(door: Door) -> None:
    document, workbook, slides = Document(), Workbook(), Presentation()
    document.add_paragraph("The walnut table is in the hall.")
    chairs = workbook.create_sheet("Chairs")
    chairs["A1"], chairs["XFD1048576"], chairs["A2"] = "chestnut chairs", "far", "planted acorn"
    chairs.row_dimensions[2].hidden = True
    document.styles.add_style("Ghost", WD_STYLE_TYPE.PARAGRAPH).font.hidden = True
    document.add_paragraph("planted acorn", style="Ghost")
    shape = slides.slides.add_slide(slides.slide_layouts[5]).shapes.title
    shape.text = "hazelnut shelves"
    for name, made in (("a.docx", document), ("b.xlsx", workbook), ("c.pptx", slides)):
        stream = BytesIO()
        made.save(stream)
        (door.papers / name).write_bytes(stream.getvalue())


async def names_are_found_in_any_form(door: Door) -> None:
    """18: a name in another Unicode form, and a file address."""
    session = await door.session()
    composed = unicodedata.normalize("NFC", "Übersicht é.txt")
    (door.papers / composed).write_text("The plum tree is old.")
    for given in (
        str(door.papers / unicodedata.normalize("NFD", composed)),
        (door.papers / composed).as_uri(),
    ):
        await door.call("remember", session_id=session, paths=[given])
    check(len(await door.texts(session, "plum tree")) == 1, "the plum tree is not found once")


async def odd_dates_and_schemas_get_plain_words(door: Door) -> None:
    """18: at the edges of time, and schemas that refer to themselves."""
    session = await door.session()
    for since in ("0001-01-01T00:00+23:59", "9999-12-31T23:59-23:59", "2020-02-30T00:00Z"):
        result = await door.client.call_tool(
            "recall", {"session_id": session, "query": "a", "since": since}
        )
        text = "".join(block.text for block in result.content if block.type == "text")
        check("not foreseen" not in text, f"since={since} gave {text!r}")


async def phrases_of_languages_without_spaces_are_found(door: Door) -> None:
    """7: also words of two characters."""
    session = await door.session()
    notes = (
        "仓库的钥匙在红色的盒子里。",
        "会议改到星期四下午。",
        "列車は三番線から出ます。",
        "傘は玄関の棚にあります。",
    )
    for number, note in enumerate(notes):
        await door.call("remember", session_id=session, text=note, source=f"n{number}")
    for phrase, place in (
        ("红色的盒子", 0),
        ("星期四下午", 1),
        ("三番線", 2),
        ("玄関の棚", 3),
        ("钥匙", 0),
        ("列車", 2),
    ):
        found = await door.call("recall", session_id=session, query=phrase)
        best = max(found["excerpts"], key=lambda excerpt: excerpt["score"], default=None)
        check(best is not None and notes[place] in best["text"], f"{phrase} found {best}")


CASES = (
    a_text_has_all_its_sources,
    an_edited_source_replaces_its_earlier_version,
    what_matches_nothing_is_refused_with_near_names,
    reading_stops_no_other_call,
    pieces_are_no_more_text_than_the_document,
    files_are_read_or_named,
    names_are_found_in_any_form,
    odd_dates_and_schemas_get_plain_words,
    phrases_of_languages_without_spaces_are_found,
)
