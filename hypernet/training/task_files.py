"""Reading tasks from files and folders, and writing them.

A task file is JSON lines (gzipped when named .gz), either {task, definition, instances: [{input,
output: [...]}], examples?, labels?, license?, paraphrases?, copy?} or {task, task_description,
input, output}. Other wordings may also come from a second file: {task, descriptions}.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypernet.files import PRIVATE, replacing
from hypernet.task import Example, Task, as_read, label_fault
from hypernet.training.data import Instance, TaskData

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hypernet.training.config import Source

# Of rows without a label list: this few different answers, each at least this often, are labels.
MOST_LABELS, OFTEN = 16, 5


class OddRowError(TypeError):
    """A row of a file is of another form than it should be; says what of it."""


def read_source(source: Source) -> list[TaskData]:
    """The tasks of a source: a file or a folder.

    Raises:
        ValueError: something there is not a task; names the file and, in it, the line.
        FileNotFoundError: there is no such file or folder.
    """
    tasks = read_any(Path(source.tasks))
    if source.wordings:
        wordings = _wordings(Path(source.wordings))
        tasks = [replace(t, paraphrases=wordings.get(t.name.partition("#")[0], ())) for t in tasks]
    if source.only:
        tasks = [t for t in tasks if t.name.partition("#")[0] in source.only]
    if not tasks:
        raise ValueError(f"{source.tasks}: no task in it")
    return tasks


def _wordings(path: Path) -> dict[str, tuple[str, ...]]:
    wordings = {}
    for file in task_files(path):
        for number, row in _lines(file):
            try:
                if not isinstance(row["descriptions"], list):
                    raise OddRowError("descriptions must be a list")
                wordings[str(row["task"])] = tuple(str(text) for text in row["descriptions"])
            except (KeyError, TypeError) as error:
                where = f"{file.name} line {number}"
                raise ValueError(f"{where}: not wordings of a task ({_said(error)})") from error
    return wordings


def read_any(path: Path) -> list[TaskData]:
    """Read a task file, a folder of task files, or a folder of tasks with `task.yaml` each.

    Raises:
        ValueError, FileNotFoundError: as `read_source`.
    """
    if path.is_dir() and not _lines_files(path):
        return read_folder(path)
    return [task for file in task_files(path) for task in read_tasks(file)]


def task_files(path: Path) -> list[Path]:
    """All files that `read_any` reads, in the order of their names."""
    if not path.is_dir():
        return [path]
    own = [file for task in path.glob("*/task.yaml") for file in (task, *_lines_files(task.parent))]
    return _lines_files(path) or sorted(own)


def _lines_files(folder: Path) -> list[Path]:
    return sorted([*folder.glob("*.jsonl"), *folder.glob("*.jsonl.gz")])


def read_tasks(file: Path) -> list[TaskData]:
    """Read a task file: one task a line, or one instance a line with its task's description.

    Raises:
        ValueError: a line is neither; names file and line.
    """
    tasks: list[TaskData] = []
    rows: list[dict[str, Any]] = []
    for number, row in _lines(file):
        try:
            if "task_description" in row:
                _outputs(row["output"])
                rows.append(
                    {key: row[key] for key in ("task", "task_description", "input", "output")}
                )
            else:
                tasks.append(_task(row))
        except (AttributeError, KeyError, TypeError) as error:
            where = f"{file.name} line {number}"
            raise ValueError(f"{where}: not a task ({_said(error)})") from error
    return tasks + _grouped(rows)


def write_tasks(file: Path, tasks: Sequence[TaskData]) -> None:
    """Write a task file that `read_tasks` reads, for its owner alone.

    The same tasks give the same bytes.
    """
    rows = [
        {
            "task": task.name,
            "definition": task.task.description,
            "labels": list(task.task.labels) or None,
            "license": task.license,
            "paraphrases": list(task.paraphrases) or None,
            **({"copy": True} if task.copy else {}),
            "instances": [{"input": i.input, "output": list(i.outputs)} for i in task.instances],
        }
        for task in tasks
    ]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    content = text.encode()
    with replacing(file, permissions=PRIVATE) as stream:
        stream.write(gzip.compress(content, mtime=0) if file.suffix == ".gz" else content)


def read_folder(folder: Path) -> list[TaskData]:
    """Read a folder of tasks: in each folder below it `task.yaml` and instances as JSON lines.

    `task.yaml` has `description` and may have `paraphrases`, `labels`, `license` and `copy`; the
    lines of every *.jsonl or *.jsonl.gz beside it are {input, output}.

    Raises:
        ValueError: names the file and the field that is missing or wrong.
    """
    import yaml

    tasks = []
    for file in sorted(folder.glob("*/task.yaml")):
        where = f"{file.parent.name}/task.yaml"
        try:
            about = yaml.safe_load(file.read_text(encoding="utf-8-sig"))
        except UnicodeDecodeError as error:
            raise ValueError(f"{where}: not UTF-8; save it as UTF-8") from error
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = f" from line {mark.line + 1} on" if mark else ""
            raise ValueError(f"{where}: not YAML{line}") from error
        text = about.get("description") if isinstance(about, dict) else None
        if not isinstance(text, str) or not text.strip():
            raise ValueError(f"{where}: description: a text is needed")
        for name in ("paraphrases", "labels"):
            value = about.get(name) or []
            if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
                raise ValueError(f"{where}: {name}: must be a list of texts (quote yes and no)")
        if (problem := label_fault(about.get("labels") or ())) is not None:
            raise ValueError(f"{where}: {problem}")
        copy = _copied(about.get("copy", "auto"), about.get("labels"), where)
        described = Task(text, tuple(about.get("labels") or ()))
        instances = []
        for lines in _lines_files(file.parent):
            for number, row in _lines(lines):
                where = f"{file.parent.name}/{lines.name} line {number}"
                try:
                    instances.append(Instance(str(row["input"]), _outputs(row["output"]), where))
                except (KeyError, TypeError) as error:
                    raise ValueError(f"{where}: not an instance ({_said(error)})") from error
        if not instances:
            raise ValueError(f"{file.parent.name}: no *.jsonl with instances beside task.yaml")
        task = TaskData(
            name=file.parent.name,
            task=described,
            instances=tuple(instances),
            license=str(about.get("license", "the user's own")),
            paraphrases=tuple(about.get("paraphrases") or ()),
        )
        tasks.append(replace(task, copy=task.shows_copying if copy is None else copy))
    if not tasks:
        raise ValueError(f"{folder}: no TASK/task.yaml in it")
    return tasks


def _copied(value: Any, labels: Any, where: str) -> bool | None:
    """What `copy` says; None for auto."""
    if not isinstance(value, bool) and value != "auto":
        raise ValueError(f"{where}: copy: must be true, false or auto")
    if value is True and labels:
        raise ValueError(f"{where}: copy: the task has labels; give either labels or copy")
    return value if isinstance(value, bool) else None


def _task(row: dict[str, Any]) -> TaskData:
    shown = [(_text(e, "input"), _text(e, "output")) for e in row.get("examples") or ()]
    examples = tuple(Example(*pair) for pair in shown)
    if (problem := label_fault(row.get("labels") or ())) is not None:
        raise OddRowError(problem)
    return TaskData(
        name=_text(row, "task"),
        task=Task(_text(row, "definition"), tuple(row.get("labels") or ()), examples),
        instances=tuple(
            Instance(_text(each, "input"), _outputs(each["output"])) for each in row["instances"]
        ),
        license=row.get("license", "Unknown"),
        paraphrases=_texts(row.get("paraphrases") or ()),
        copy=row.get("copy") is True,
    )


def _text(row: dict[str, Any], name: str) -> str:
    value = row[name]
    if not isinstance(value, str):
        raise OddRowError(f"{name} must be a text")
    return value


def _said(error: Exception) -> str:
    """What is wrong with a row, without a word of the language that found it."""
    if isinstance(error, OddRowError):
        return str(error)
    if isinstance(error, KeyError):
        return f"{error.args[0]} is missing"
    return "its fields are not all of the kind that they should be"


def _texts(raw: Any) -> tuple[str, ...]:
    if isinstance(raw, str) or not all(isinstance(text, str) for text in raw):
        raise OddRowError("paraphrases must be a list of texts")
    return tuple(raw)


def _grouped(rows: Sequence[dict[str, Any]]) -> list[TaskData]:
    """One task per description; outputs that are few and come often are its labels."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row["task"], row["task_description"]), []).append(row)
    names = Counter(name for name, _ in groups)
    numbers: Counter[str] = Counter()
    tasks = []
    for (name, description), members in groups.items():
        numbers[name] += 1
        answers = Counter(text for row in members for text in _outputs(row["output"]))
        few = len(answers) <= MOST_LABELS and min(answers.values()) >= OFTEN
        labels = tuple(sorted({as_read(answer) for answer in answers})) if few else ()
        labels = labels if len(labels) > 1 else ()
        tasks.append(
            TaskData(
                name=name if names[name] == 1 else f"{name}#{numbers[name]}",
                task=Task(description, labels),
                instances=tuple(Instance(r["input"], _outputs(r["output"])) for r in members),
            )
        )
    return tasks


def _outputs(raw: Any) -> tuple[str, ...]:
    """One answer may stand alone; none would leave nothing to learn."""
    outputs = tuple(raw) if isinstance(raw, list) else (raw,)
    if not outputs or not all(isinstance(text, str) for text in outputs):
        raise OddRowError("output must be a text or a list of texts")
    return outputs


def _lines(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    opened = gzip.open if file.suffix == ".gz" else open
    with opened(file, "rb") as stream:
        number = 0
        try:
            for number, line in enumerate(stream, 1):
                if line.strip():
                    yield number, json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
        except UnicodeDecodeError as error:
            where = f"{file.name} line {number}"
            raise ValueError(f"{where}: not UTF-8; save the file as UTF-8") from error
        except json.JSONDecodeError as error:
            where = f"{file.name} line {number}"
            raise ValueError(f"{where}: not JSON from column {error.colno} on") from error
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            where = f"{file.name} after line {number}"
            raise ValueError(f"{where}: not gzip, or cut off; make the file again") from error
