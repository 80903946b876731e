"""Jupyter notebooks to sections: text, code and printed output of each cell; no pictures."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from checkpoints.documents.formats.markdown import markdown_sections
from checkpoints.documents.formats.text import without_embedded
from checkpoints.documents.pieces import Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from checkpoints.documents.limits import Reading


def notebook_sections(reading: Reading, text: str) -> Iterator[Section]:
    """One section for each cell, with what it printed; raises DocumentError for no notebook."""
    try:
        book = json.loads(text)
        # Before version 4 the cells were on sheets.
        sheets = book.get("worksheets") or [book]
        cells = [cell for sheet in sheets for cell in sheet["cells"]]
        held = [(cell["cell_type"], _source(cell), cell.get("outputs") or []) for cell in cells]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise reading.error("is no notebook; save it again in Jupyter and retry") from error
    for number, (kind, source, outputs) in enumerate(held, 1):
        reading.check()
        place = f"cell {number}"
        source = without_embedded(reading, source)
        if kind == "markdown":
            for section in markdown_sections(source):
                yield Section(section.text, f"{place} {section.place}".rstrip())
            continue
        printed = [_printed(reading, output, place) for output in outputs]
        yield Section("\n\n".join([source, *filter(None, printed)]), place)


def _source(cell: dict[str, Any]) -> str:
    return _joined(cell.get("source", cell.get("input", "")))


def _joined(lines: Any) -> str:
    return "".join(map(str, lines)) if isinstance(lines, list) else str(lines)


def _printed(reading: Reading, output: Any, place: str) -> str:
    """What an output says in plain text."""
    if not isinstance(output, dict):
        return ""
    if output.get("output_type") in ("error", "pyerr"):
        return f"{output.get('ename', '')}: {output.get('evalue', '')}"
    if "text" in output:
        return without_embedded(reading, _joined(output["text"]))
    held = output.get("data")
    if not isinstance(held, dict):
        return ""
    if any(str(kind).startswith("image/") for kind in held):
        reading.miss("a picture, which is not read", place)
        return ""
    if "text/plain" not in held and held:
        reading.miss(f"an output in {min(map(str, held))}, which is not read", place)
    return without_embedded(reading, _joined(held.get("text/plain", "")))
