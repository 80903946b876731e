"""Jupyter notebooks to sections: text, code and printed output of each cell; no pictures."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from checkpoints.documents.formats.html import html_sections
from checkpoints.documents.formats.markdown import markdown_sections
from checkpoints.documents.formats.text import without_embedded
from checkpoints.documents.limits import DocumentError
from checkpoints.documents.pieces import Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from checkpoints.documents.limits import Reading

# Of one output's forms the first that is there; `text` is what version 3 called the plain one.
_TEXTS = ("text/plain", "text", "text/markdown", "text/latex", "latex")
_PICTURES = frozenset({"png", "jpeg", "svg", "pdf"})
# What an output of version 3 holds beside its forms.
_ABOUT = frozenset({"output_type", "prompt_number", "metadata", "execution_count", "stream"})


def notebook_sections(reading: Reading, text: str) -> Iterator[Section]:
    """One section for each cell, with what it printed; raises DocumentError for no notebook."""
    try:
        book = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise reading.error("is no notebook; save it again in Jupyter and retry") from error
    for number, cell in enumerate(_cells(reading, book), 1):
        reading.check()
        yield from _cell(reading, cell, f"cell {number}")


def _cells(reading: Reading, book: Any) -> list[Any]:
    """The cells, which before version 4 were on sheets."""
    held = book if isinstance(book, dict) else {}
    sheets = held.get("worksheets") or [held]
    cells, found = list[Any](), False
    for number, sheet in enumerate(sheets if isinstance(sheets, list) else [sheets], 1):
        inner = sheet.get("cells") if isinstance(sheet, dict) else None
        if isinstance(inner, list):
            found = True
            cells += inner
        elif held.get("worksheets"):
            reading.miss("has no list of cells, and is left out", f"worksheet {number}")
    if not found:
        raise reading.error("is no notebook: it has no list of cells; save it again in Jupyter")
    return cells


def _cell(reading: Reading, cell: Any, place: str) -> Iterator[Section]:
    if not isinstance(cell, dict):
        reading.miss("is no cell, and left out", place)
        return
    kind = cell.get("cell_type")
    source = _text(reading, cell.get("source", cell.get("input", "")), f"{place}, source")
    attached = cell.get("attachments")
    for name in attached if isinstance(attached, dict) else ():
        reading.miss("attached, and not read", f"{place}, {name}")
    if kind in ("markdown", "heading"):
        level = cell.get("level")
        marks = "#" * level if kind == "heading" and isinstance(level, int) and level < 7 else ""
        for section in markdown_sections(f"{marks} {source}" if marks else source):
            yield Section(section.text, f"{place} {section.place}".rstrip())
        return
    outputs = cell.get("outputs") or []
    if not isinstance(outputs, list):
        reading.miss("are no list, and left out", f"{place}, outputs")
        outputs = []
    printed = [_printed(reading, output, place) for output in outputs]
    yield Section("\n\n".join(filter(None, [source, *printed])), place)


def _text(reading: Reading, lines: Any, place: str) -> str:
    """The words of a text or of a list of its lines; others are noted."""
    parts = lines if isinstance(lines, list) else [lines]
    if any(part is not None and not isinstance(part, str) for part in parts):
        reading.miss("is no text, and left out", place)
    return without_embedded(reading, "".join(part for part in parts if isinstance(part, str)))


def _printed(reading: Reading, output: Any, place: str) -> str:
    """What an output says in words."""
    where = f"{place}, output"
    if not isinstance(output, dict):
        reading.miss("is no output, and left out", where)
        return ""
    if output.get("output_type") in ("error", "pyerr"):
        name, said = (_text(reading, output.get(key), where) for key in ("ename", "evalue"))
        return f"{name}: {said}"
    if output.get("output_type") == "stream":
        return _text(reading, output.get("text"), where)
    held = output.get("data")
    if held is None:
        held = {key: value for key, value in output.items() if key not in _ABOUT}
    if not isinstance(held, dict):
        reading.miss("is no output, and left out", where)
        return ""
    forms = list(map(str, held))
    if any(form.startswith("image/") or form in _PICTURES for form in forms):
        # Its text is only the name of a picture in the program that drew it.
        reading.miss("a picture, which is not read", place)
        return ""
    for form in _TEXTS:
        if form in held:
            return _text(reading, held[form], where)
    page = next((held[form] for form in ("text/html", "html") if form in held), None)
    if page is not None:
        return _of_page(reading, _text(reading, page, where), where)
    if forms:
        reading.miss(f"an output in {min(forms)}, which is not read", place)
    return ""


def _of_page(reading: Reading, page: str, place: str) -> str:
    try:
        return "\n\n".join(section.text for section in html_sections(reading, page))
    except DocumentError as error:
        reading.miss(error.problem, place)
        return ""
