"""Spreadsheets to sections: the rows of each sheet, a line each, with the values last computed.

Then what stands beside the cells: comments, text boxes, headers and footers. Time and memory go
with the cells that are there, not with the rectangle they lie in.
"""

from __future__ import annotations

import io
import re
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from lxml import etree
from openpyxl.packaging.relationship import get_dependents, get_rels_path
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.numbers import builtin_format_code
from openpyxl.worksheet._reader import WorkSheetParser
from openpyxl.xml.constants import SHEET_MAIN_NS

from checkpoints.documents.formats.office import check_package, paragraphs, parsed
from checkpoints.documents.limits import DocumentError
from checkpoints.documents.pieces import Section

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zipfile import ZipFile

    from checkpoints.documents.limits import Reading

_ROWS = 1_000  # between two looks at the clock
_COLUMNS = 16_384
_MAIN = f"{{{SHEET_MAIN_NS}}}"
_ROW, _COLUMN, _HEADER = (f"{_MAIN}{n}" for n in ("row", "col", "headerFooter"))
_FORMULA, _VALUE = f"{_MAIN}f", f"{_MAIN}v"
_OWN_FORMATS = 164  # the first number of a format that the file itself defines
_HEADER_CODE = re.compile(r"&(?:\"[^\"]*\"|\d+|K[0-9A-Fa-f+-]{6}|[A-Z])")
# Parts that a sheet or the workbook refers to, by the last word of how.
_UNREAD = {
    "oleObject": "embedded objects, which are not read",
    "package": "embedded objects, which are not read",
    "control": "form controls, which are not read",
    "ctrlProp": "form controls, which are not read",
    "image": "pictures, which are not read",
    "vbaProject": "macros, which are not read",
    "powerPivotData": "a data model, which is not read",
}


def sheet_sections(reading: Reading, data: bytes) -> Iterator[Section]:
    """The sheets; raises DocumentError for a file that is broken or unpacks to too much."""
    check_package(reading, data)
    try:
        opened = _Book(reading, io.BytesIO(data))
        opened.read()
        # Any: what the library holds of its files and styles, which its types do not show.
        book: Any = opened.wb
    except Exception as error:  # a broken file makes the library raise nearly anything
        raise reading.error("is a broken Excel file; save it again and retry") from error
    package: ZipFile = book._archive
    _check_listed(reading, {*book.sheetnames, *opened.charts}, package)
    for kind, _ in _parts(package, "xl/workbook.xml"):
        if kind in _UNREAD:
            reading.miss(_UNREAD[kind])
    for sheet in book.worksheets:
        place = f"sheet {sheet.title}"
        if sheet.sheet_state != "visible":
            reading.miss("hidden, and left out", place)
            continue
        yield from _rows(reading, place, book, package, sheet)
        yield from _beside(reading, place, package, sheet._worksheet_path)


class _Book(ExcelReader):
    """Opens a workbook without what is no text in it, and what may be broken there."""

    def __init__(self, reading: Reading, file: io.BytesIO) -> None:
        super().__init__(file, read_only=True, data_only=True)
        self._reading = reading
        self.charts: list[str] = []

    def read_properties(self) -> None:
        pass

    def read_custom(self) -> None:
        pass

    def read_theme(self) -> None:
        pass

    def read_chartsheet(self, sheet: Any, rel: Any) -> None:  # as it is called
        self._reading.miss("a chart, which is not read", f"sheet {sheet.name}")
        self.charts.append(sheet.name)


def _check_listed(reading: Reading, held: set[str], package: ZipFile) -> None:
    """Note the sheets that the file lists and does not hold."""
    try:
        listed = parsed(package.read("xl/workbook.xml")).iter(f"{_MAIN}sheet")
    except (KeyError, etree.LxmlError):
        return  # under another name, which the library has found
    for each in listed:
        if each.get("name") not in held:
            reading.miss("is not in the file", f"sheet {each.get('name')}")


def _parts(package: ZipFile, path: str) -> list[tuple[str, str]]:
    """The parts that one refers to: the last word of how, and their paths."""
    try:
        found = get_dependents(package, get_rels_path(path))  # type: ignore[no-untyped-call]  # of the stubs
    except Exception:  # there are none, or they are broken
        return []
    return [
        (str(each.Type).rsplit("/", 1)[-1], str(each.target))
        for each in found
        if each.TargetMode != "External"
    ]


def _rows(
    reading: Reading, place: str, book: Any, package: ZipFile, sheet: Any
) -> Iterator[Section]:
    lines: list[str] = []
    cells = _Cells(reading, place, book, sheet)
    try:
        with package.open(sheet._worksheet_path) as source:
            for line in cells.lines(source):
                lines.append(line)
                if len(lines) == _ROWS:
                    yield Section("\n".join(lines), place)
                    lines = []
    except DocumentError:
        raise
    except Exception:  # as above
        reading.miss("damaged; what follows there is not read", place)
    yield Section("\n".join(lines), place)
    for count, what in ((cells.hidden_rows, "rows"), (cells.hidden_cells, "cells")):
        if count:
            reading.miss(f"{count} hidden {what}, left out", place)
    for words in cells.headers:
        yield Section(words, f"{place}, header or footer")


class _Cells(WorkSheetParser):
    """Reads the cells that a sheet's file holds, and notes what of them is not shown."""

    def __init__(self, reading: Reading, place: str, book: Any, sheet: Any) -> None:
        super().__init__(
            io.BytesIO(),
            sheet._shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        self._reading, self._place = reading, place
        self._unshown = _unshown_styles(book)
        # One for each column: a file may name the same ones any number of times.
        self._hidden_columns = bytearray(_COLUMNS + 1)
        self.hidden_rows = self.hidden_cells = 0
        self.headers: list[str] = []

    def lines(self, source: Any) -> Iterator[str]:
        """A line for each row with something in it."""
        tags = (_ROW, _COLUMN, _HEADER)
        for count, (_, element) in enumerate(
            etree.iterparse(source, tag=tags, resolve_entities=False, huge_tree=True)
        ):
            if count % _ROWS == 0:
                self._reading.check()
            if element.tag == _ROW:
                line = self._line(element)
                if line:
                    yield line
            elif element.tag == _COLUMN:
                self._take_column(element)
            else:
                self._take_headers(element)
            element.clear()
            while (before := element.getprevious()) is not None:
                before.getparent().remove(before)

    def _line(self, row: etree._Element) -> str:
        self.row_counter = _number(row.get("r"), self.row_counter + 1)
        self.col_counter = 0
        cells = [cell for element in row if (cell := self._cell(element))]
        if cells and _is_hidden(row, "ht"):
            self.hidden_rows += 1
            return ""
        return " | ".join(cells)

    def _cell(self, element: etree._Element) -> str:
        """What a cell shows; nothing of one that is hidden."""
        try:
            cell = self.parse_cell(element)
            formula = element.find(_FORMULA)
            value: Any = cell["value"]
            if value is None and element.get("t") == "str" and element.find(_VALUE) is not None:
                value = ""  # what a formula gave
            if formula is not None and (value is None or formula.get("t") == "shared"):
                # One that has its value may be what another one without is shared from.
                written = self.parse_formula(element)  # type: ignore[no-untyped-call]  # of the stubs
                value = self._formula(written) if value is None else value
        except Exception:  # as above
            self._reading.miss("damaged cells, left out", self._place)
            return ""
        shown = _shown(value) if value is not None else ""
        if shown and (self._is_hidden_column(cell["column"]) or cell["style_id"] in self._unshown):
            self.hidden_cells += 1
            return ""
        return shown

    def _formula(self, written: Any) -> str | None:
        self._reading.miss("formulas without a value; open and save the file in Excel", self._place)
        text = written if isinstance(written, str) else getattr(written, "text", None)
        return text if isinstance(text, str) and text != "=" else None

    def _take_column(self, element: etree._Element) -> None:
        if _is_hidden(element, "width"):
            first, last = (_number(element.get(end), 0) for end in ("min", "max"))
            first, last = max(first, 1), min(last, _COLUMNS)
            self._hidden_columns[first : last + 1] = b"\1" * max(0, last + 1 - first)

    def _is_hidden_column(self, number: int) -> bool:
        return number <= _COLUMNS and bool(self._hidden_columns[number])

    def _take_headers(self, element: etree._Element) -> None:
        for each in element:
            words = " ".join(_HEADER_CODE.sub(" ", each.text or "").replace("&&", "&").split())
            if words and words not in self.headers:
                self.headers.append(words)


def _is_hidden(element: etree._Element, size: str) -> bool:
    return element.get("hidden") in ("1", "true") or _is_zero(element.get(size, "1"))


def _number(text: str | None, default: int) -> int:
    return int(text) if text is not None and text.isdecimal() and len(text) < 9 else default


def _is_zero(text: str) -> bool:
    try:
        return float(text) == 0
    except ValueError:
        return False


def _unshown_styles(book: Any) -> set[int]:
    """The styles whose number format shows nothing: `;;;`."""
    own = list(book._number_formats)
    return {
        number
        for number, style in enumerate(book._cell_styles)
        if _format(own, style.numFmtId).replace(" ", "").startswith(";;;")
    }


def _format(own: list[str], number: int) -> str:
    if number < _OWN_FORMATS:
        return str(builtin_format_code(number))
    return own[number - _OWN_FORMATS] if number - _OWN_FORMATS < len(own) else ""


def _beside(reading: Reading, place: str, package: ZipFile, path: str) -> Iterator[Section]:
    """Comments and text boxes; what else a sheet refers to is noted."""
    parts = _parts(package, path)
    threads = any(kind == "threadedComment" for kind, _ in parts)
    for kind, target in parts:
        reading.check()
        if kind in _UNREAD:
            reading.miss(_UNREAD[kind], place)
        if kind not in ("comments", "threadedComment", "drawing"):
            continue
        try:
            root = parsed(package.read(target))
        except (KeyError, etree.LxmlError):
            reading.miss(f"a {kind} part is damaged", place)
            continue
        if kind == "drawing":
            words = [text for _, text in paragraphs(reading, root, place) if text.strip()]
            yield Section("\n\n".join(words), f"{place}, text boxes")
        else:
            yield Section("\n".join(_comments(root, threads)), f"{place}, comments")


def _comments(root: etree._Element, threads: bool) -> Iterator[str]:
    for each in root.iter("{*}comment", "{*}threadedComment"):
        texts = each.iter("{*}t", "{*}text")
        words = " ".join("".join(t.text or "" for t in texts).split())
        # Older programs are shown this in place of a thread, which has a part of its own.
        if words and not (threads and words.startswith("[Threaded comment]")):
            yield f"{each.get('ref', '')}: {words}"


def _shown(value: object) -> str:
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return " ".join(str(value).split())
