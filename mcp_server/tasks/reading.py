"""Examples from files and texts: CSV, JSON lines, and the folders of `hypernet train`.

Every line that is no example is told with its number and the reason; none is passed over silently.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hypernet.task import as_read, label_fault
from hypernet.terminal import MARKS, TextError, check_text, lines_of
from mcp_server.schema.fitting import misfit
from mcp_server.schema.limits import EXAMPLE_CHARS, beginning

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

INPUTS = ("input", "text", "question", "prompt")
OUTPUTS = ("output", "label", "answer", "target", "completion")
"""Columns that are taken unasked, in any case of letters, the first of them that is there."""
DELIMITERS = ",;\t"
MOST_BYTES = 256 * 1024**2
"""Of a file: what a task can hold is far less."""

OPTIONS = ("give --input-column", "give --output-column")
IN_TEXTS = ("call one of them input", "call one of them output")
"""What to do about a column that is missing."""

Row = tuple[str, "dict[str, Any] | str"]
"""Where it stands, and its fields by name, or why there are none."""


class FileError(ValueError):
    """A file or folder of which nothing can be read; the message says why."""


@dataclass(frozen=True)
class Found:
    """An example and where it stands, as in `tickets.csv line 3`."""

    where: str
    input: str
    output: str


@dataclass(frozen=True)
class Read:
    """What was read: examples in their order, and places that gave none, each with the reason.

    The definition is that of a folder's `task.yaml`; None and empty where nothing says.
    """

    examples: tuple[Found, ...]
    problems: tuple[tuple[str, str], ...]
    description: str | None = None
    labels: tuple[str, ...] = ()
    copy: bool | None = None

    @property
    def repeated(self) -> list[tuple[Found, Found]]:
        """Examples that say the same as an earlier one, with that one."""
        return [(each, first) for each, first in self._again() if _same(each, first)]

    @property
    def contradictions(self) -> list[tuple[Found, Found]]:
        """Examples that give another output to the input of an earlier one, with that one."""
        return [(each, first) for each, first in self._again() if not _same(each, first)]

    def allowed(self, labels: Sequence[str]) -> Read:
        """Those whose output is a label, in its spelling; the others become problems."""
        if not labels:
            return self
        known = {as_read(label): label for label in labels}
        kept, problems = [], list(self.problems)
        for each in self.examples:
            label = known.get(as_read(each.output))
            if label is None:
                problems.append((each.where, none_of(each.output, labels)))
            else:
                kept.append(replace(each, output=label))
        return replace(self, examples=tuple(kept), problems=_in_order(problems))

    def fitting(self, schema: Mapping[str, Any] | None) -> Read:
        """Those whose output is an answer of a schema; the others become problems."""
        if schema is None:
            return self
        kept, problems = [], list(self.problems)
        for each in self.examples:
            fault = misfit(each.output, schema)
            if fault is None:
                kept.append(each)
            else:
                problems.append((each.where, f"{fault} (the task has a schema)"))
        return replace(self, examples=tuple(kept), problems=_in_order(problems))

    def _again(self) -> Iterator[tuple[Found, Found]]:
        first: dict[str, Found] = {}
        for each in self.examples:
            before = first.setdefault(as_read(each.input), each)
            if before is not each:
                yield each, before


def _in_order(problems: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """As the lines stand in their files."""

    def place(problem: tuple[str, str]) -> tuple[str, int]:
        file, _, line = problem[0].rpartition(" ")
        return file, int(line)

    return tuple(sorted(problems, key=place))


def none_of(output: str, labels: Sequence[str]) -> str:
    """What is wrong with an output that is no label."""
    shown = ", ".join(repr(beginning(label)) for label in labels[:5])
    more = ", …" if len(labels) > 5 else ""
    return f"{beginning(output)!r} is none of the labels ({shown}{more})"


def read_examples(path: Path, input_column: str | None, output_column: str | None) -> Read:
    """Read a CSV or JSON-lines file, or a task's folder with `task.yaml` and JSON lines.

    Args:
        path: what to read; by its ending, or else by how it begins, JSON lines or CSV.
        input_column: the field that holds inputs; None: the first of `INPUTS` that is there.
        output_column: the same for outputs.

    Raises:
        FileError: nothing can be read there; says why.
    """
    if path.is_dir():
        return _folder(path, input_column, output_column)
    return _examples(_rows(path, path.name), input_column, output_column)


def read_text(text: str, name: str) -> Read:
    """Read examples out of a text: CSV with a line of names, or JSON lines.

    Args:
        text: what to read; JSON lines where it begins with a brace.
        name: what places in it are called.

    Raises:
        FileError: nothing can be read of it; says why.
    """
    data = text.encode(errors="replace")
    rows = _json_lines(data, name) if text.lstrip()[:1] == "{" else _csv(data, name)
    return _examples(rows, None, None, IN_TEXTS)


def _folder(path: Path, input_column: str | None, output_column: str | None) -> Read:
    own = path if (path / "task.yaml").is_file() else None
    if own is None:
        below = sorted(file.parent for file in path.glob("*/task.yaml"))
        if len(below) != 1:
            names = ", ".join(folder.name for folder in below[:10])
            what = f"holds {len(below)} tasks ({names}); name the folder of one" if below else ""
            raise FileError(f"{path.name}: {what or 'no task.yaml in it, nor in a folder below'}")
        own = below[0]
    files = sorted([*own.glob("*.jsonl"), *own.glob("*.jsonl.gz")])
    if not files:
        raise FileError(f"{own.name}: no *.jsonl with instances beside task.yaml")
    rows = (row for file in files for row in _rows(file, file.name))
    description, labels, copy = _definition(own / "task.yaml")
    read = _examples(rows, input_column, output_column)
    return replace(read, description=description, labels=labels, copy=copy)


def _definition(file: Path) -> tuple[str, tuple[str, ...], bool | None]:
    """Description, labels and `copy` of a task.yaml; what else it has is for training."""
    import yaml

    try:
        about = yaml.safe_load(_text(file.read_bytes(), file.name))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" from line {mark.line + 1} on" if mark else ""
        raise FileError(f"{file.name}: not YAML{line}") from error
    about = about if isinstance(about, dict) else {}
    text, labels, copy = about.get("description"), about.get("labels") or [], about.get("copy")
    if not isinstance(text, str) or not text.strip():
        raise FileError(f"{file.name}: description: a text is needed")
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise FileError(f"{file.name}: labels: must be a list of texts (quote yes and no)")
    if (fault := label_fault(labels)) is not None:
        raise FileError(f"{file.name}: {fault}")
    if copy not in (None, "auto", True, False):
        raise FileError(f"{file.name}: copy: must be true, false or auto")
    return text, tuple(labels), copy if isinstance(copy, bool) and not labels else None


def _rows(file: Path, name: str) -> Iterator[Row]:
    data = _bytes(file, name)
    stem = file.name.removesuffix(".gz").lower()
    as_lines = stem.endswith((".jsonl", ".ndjson", ".json"))
    if not stem.endswith((".csv", ".tsv")):
        as_lines = as_lines or data.lstrip()[:1] == b"{"
    return _json_lines(data, name) if as_lines else _csv(data, name)


def _bytes(file: Path, name: str) -> bytes:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise FileError(f"{name}: over {MOST_BYTES // 1024**2} MiB; give a part of it")
        if file.suffix != ".gz":
            return file.read_bytes()
        with gzip.open(file) as stream:
            data = stream.read(MOST_BYTES + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise FileError(f"{name}: not a whole gzip file") from error
    except OSError as error:
        raise FileError(f"{name}: {error.strerror or 'cannot be read'}") from error
    if len(data) > MOST_BYTES:
        raise FileError(f"{name}: over {MOST_BYTES // 1024**2} MiB unpacked; give a part of it")
    return data


def _json_lines(data: bytes, name: str) -> Iterator[Row]:
    for number, line in lines_of(data):
        where = f"{name} line {number}"
        if isinstance(line, TextError):
            yield where, str(line)
        elif line:
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                yield where, "is not JSON; each line holds one object"
            else:
                yield where, row if isinstance(row, dict) else "is no JSON object"


def _csv(data: bytes, name: str) -> Iterator[Row]:
    text = _text(data, name)
    head = next(iter(text.lstrip().splitlines()), "")
    delimiter = max(DELIMITERS, key=head.count)
    if "\t" in head and name.lower().removesuffix(".gz").endswith(".tsv"):
        delimiter = "\t"  # names may hold commas
    csv.field_size_limit(MOST_BYTES)  # what is too long is told as such, and the rest is read
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    names: list[str] | None = None
    began = 1
    while True:
        try:
            row = next(rows, None)
        except csv.Error as error:
            yield f"{name} line {began}", f"is not CSV from here on ({error})"
            return
        if row is None:
            return
        where, began = f"{name} line {began}", rows.line_num + 1
        if not any(cell.strip() for cell in row):
            continue
        if names is None:
            names = [cell.strip() for cell in row]
            if len(set(names)) < len(names):
                raise FileError(f"{name}: its first line names a column twice")
        elif len(row) != len(names):
            yield where, f"has {len(row)} columns, the first line {len(names)}"
        else:
            yield where, dict(zip(names, row, strict=True))


def _text(data: bytes, name: str) -> str:
    encoding = next((each for mark, each in MARKS if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise FileError(
            f"{name} line {line}: is not UTF-8; save the file as UTF-8, and read it again"
        ) from error


def _examples(
    rows: Iterator[Row],
    input_column: str | None,
    output_column: str | None,
    advice: tuple[str, str] = OPTIONS,
) -> Read:
    found: list[Found] = []
    problems: list[tuple[str, str]] = []
    for where, row in rows:
        example = (
            row
            if isinstance(row, str)
            else _example(where, row, input_column, output_column, advice)
        )
        if isinstance(example, str):
            problems.append((where, example))
        else:
            found.append(example)
    return Read(tuple(found), tuple(problems))


def _example(
    where: str,
    row: dict[str, Any],
    input_column: str | None,
    output_column: str | None,
    advice: tuple[str, str],
) -> Found | str:
    """The example of a row, or why it is none."""
    values = []
    for asked, usual, advised in (
        (input_column, INPUTS, advice[0]),
        (output_column, OUTPUTS, advice[1]),
    ):
        name = _column(row, asked, usual)
        if name is None:
            there = ", ".join(repr(beginning(str(each))) for each in list(row)[:10])
            return f"has no {asked or usual[0]!r}, but {there or 'nothing'}; {advised}"
        value = row[name]
        if isinstance(value, list) and value and usual is OUTPUTS:
            value = value[0]  # of several right answers the first
        if not isinstance(value, str):
            return f"{name} must be a text"
        fault = _fault(value)
        if fault is not None:
            return f"{name} {fault}"
        values.append(value)
    return Found(where, *values)


def _column(row: dict[str, Any], asked: str | None, usual: Sequence[str]) -> str | None:
    if asked is not None:
        return asked if asked in row else None
    folded = {name.casefold(): name for name in reversed(row)}
    return next((folded[name] for name in usual if name in folded), None)


def _fault(text: str) -> str | None:
    if not text.strip():
        return "is empty"
    if len(text) > EXAMPLE_CHARS:
        return f"has {len(text)} characters, the limit is {EXAMPLE_CHARS}"
    try:
        check_text(text)
    except TextError as error:
        return str(error)
    return None


def _same(one: Found, other: Found) -> bool:
    return as_read(one.output) == as_read(other.output)
