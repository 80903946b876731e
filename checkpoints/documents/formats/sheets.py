"""Spreadsheets to sections: the rows of each sheet, a line each, with the values last computed."""

from __future__ import annotations

import io
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from openpyxl import load_workbook

from checkpoints.documents.formats.office import check_package
from checkpoints.documents.limits import DocumentError
from checkpoints.documents.pieces import Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from checkpoints.documents.limits import Reading

_ROWS = 1_000  # between two looks at the clock


def sheet_sections(reading: Reading, data: bytes) -> Iterator[Section]:
    """The sheets; raises DocumentError for a file that is broken or unpacks to too much."""
    check_package(reading, data)
    try:
        # Values and formulas side by side: one that was never computed has no value.
        values, formulas = (
            load_workbook(io.BytesIO(data), read_only=True, data_only=only)
            for only in (True, False)
        )
    except Exception as error:  # a broken file makes the library raise nearly anything
        raise reading.error("is a broken Excel file; save it again and retry") from error
    for chart in values.chartsheets:
        reading.miss("a chart, which is not read", f"sheet {chart.title}")
    for sheet, written in zip(values.worksheets, formulas.worksheets, strict=True):
        place = f"sheet {sheet.title}"
        if sheet.sheet_state != "visible":
            reading.miss("hidden, and left out", place)
            continue
        for each in (sheet, written):
            each.reset_dimensions()  # what the file says of them may be wrong, and huge
        yield from _rows(reading, place, sheet, written)


def _rows(reading: Reading, place: str, sheet: Any, written: Any) -> Iterator[Section]:
    lines: list[str] = []
    both = zip(sheet.iter_rows(values_only=True), written.iter_rows(values_only=True), strict=True)
    try:
        for number, (row, formulas) in enumerate(both):
            if number % _ROWS == 0:
                reading.check()
            cells = [
                _shown(value) if value is not None else _formula(reading, place, formula)
                for value, formula in zip(row, formulas, strict=True)
            ]
            if any(cells):
                lines.append(" | ".join(cell for cell in cells if cell))
            if len(lines) == _ROWS:
                yield Section("\n".join(lines), place)
                lines = []
    except DocumentError:
        raise
    except Exception:  # as above
        reading.miss("damaged; what follows there is not read", place)
    yield Section("\n".join(lines), place)


def _formula(reading: Reading, place: str, formula: object) -> str:
    if formula is None:
        return ""
    reading.miss("formulas without a value; open and save the file in Excel", place)
    return str(formula) if isinstance(formula, str) else ""


def _shown(value: object) -> str:
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return " ".join(str(value).split())
