"""A named task as one JSON file: definition, examples, and what was measured of its versions.

What a file says is checked like any input. What was measured elsewhere is shown and not believed:
the task is measured anew where it is brought to.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from checkpoints import TaskDefinition, TaskExample
from checkpoints.text.problems import problem_of
from hypernet.adapters.plan import Mode  # pydantic reads it
from hypernet.files import PRIVATE, replacing
from hypernet.task import as_read
from mcp_server.schema import limits
from mcp_server.schema.fitting import check_schema, misfit
from mcp_server.tasks.reading import FileError, none_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from checkpoints import TaskVersion, VersionSummary

MOST_BYTES = 64 * 1024**2


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Definition(_Strict):
    """What a task is, as the store keeps it; `copy` has a name of its own in pydantic."""

    description: str
    labels: list[str]
    output_schema: dict[str, Any] | None = Field(alias="schema")
    copied: bool | None = Field(alias="copy")
    ask_below: float | None
    mode: Mode

    def stored(self) -> TaskDefinition:
        """The same for the store, which checks what it may be."""
        return TaskDefinition(
            self.description,
            tuple(self.labels),
            self.output_schema,
            self.copied,
            self.ask_below,
            self.mode,
        )


class FileExample(_Strict):
    """An example; `corrected`: a correction of a step gave it."""

    input: str
    output: str
    source: str = ""
    corrected: bool = False


class Past(_Strict):
    """A version, for people to read."""

    number: int
    cause: str
    created_at: str
    examples: int
    quality: dict[str, Any] | None = None


class TaskFile(_Strict):
    """The whole file."""

    format: Literal["hypernet-mcp task 1"]
    name: str
    version: int
    definition: Definition
    examples: list[FileExample]
    versions: list[Past] = Field(default_factory=list)

    def stored_examples(self) -> list[TaskExample]:
        """Its examples for the store. Those of corrections become given ones."""
        return [TaskExample(each.input, each.output, each.source) for each in self.examples]


def write_task(file: Path, version: TaskVersion, past: Sequence[VersionSummary]) -> int:
    """Write a version, for its owner alone; returns the bytes. Raises OSError."""
    content = {
        "format": "hypernet-mcp task 1",
        "name": version.task,
        "version": version.number,
        "definition": version.definition.to_dict(),
        "examples": [
            {
                "input": each.input,
                "output": each.output,
                "source": each.source,
                "corrected": each.correction is not None,
            }
            for each in version.examples
        ],
        "versions": [
            {
                "number": each.number,
                "cause": each.cause,
                "created_at": each.created_at,
                "examples": each.examples,
                "quality": each.quality,
            }
            for each in past
        ],
    }
    data = (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()
    with replacing(file, permissions=PRIVATE) as stream:
        stream.write(data)
    return len(data)


def read_task(file: Path) -> TaskFile:
    """Read what `write_task` wrote, or somebody else.

    Raises:
        FileError: it is not of that form; names the field.
    """
    try:
        if file.stat().st_size > MOST_BYTES:
            raise FileError(f"{file.name}: over {MOST_BYTES // 1024**2} MiB, which no task has")
        content = json.loads(file.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise FileError(f"{file.name}: {error.strerror or 'cannot be read'}") from error
    except UnicodeDecodeError as error:
        raise FileError(f"{file.name}: is not UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise FileError(
            f"{file.name}: is not JSON; `hypernet-mcp tasks export NAME FILE` writes such a file, "
            "and `hypernet-mcp tasks add` reads CSV and JSON lines"
        ) from error
    try:
        return TaskFile.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the whole"
        raise FileError(f"{file.name}: {place}: {problem_of(first)}") from error


def check_content(content: TaskFile) -> None:
    """Refuse what `save_task` would refuse.

    Raises:
        InputError: names the file's field and the limit.
        EngineError: labels that cannot be chosen from.
    """
    about = content.definition
    limits.check_text("definition.description", about.description, limits.TASK_CHARS)
    limits.check_labels(about.labels)
    limits.check_range("definition.ask_below", about.ask_below or 0.0, (0.0, 1.0))
    if sum((bool(about.labels), about.output_schema is not None, bool(about.copied))) > 1:
        raise limits.InputError("definition: give one of labels, schema and copy")
    if about.output_schema is not None:
        check_schema("definition.schema", about.output_schema)
    labels = {as_read(label) for label in about.labels}
    for number, each in enumerate(content.examples):
        field = f"examples[{number}]"
        limits.check_text(f"{field}.input", each.input, limits.EXAMPLE_CHARS)
        limits.check_text(f"{field}.output", each.output, limits.EXAMPLE_CHARS)
        limits.check_said(f"{field}.source", each.source, limits.SOURCE_CHARS)
        if labels and as_read(each.output) not in labels:
            raise limits.InputError(f"{field}.output: {none_of(each.output, about.labels)}")
        problem = None
        if about.output_schema is not None:
            problem = misfit(each.output, about.output_schema)
        if problem is not None:
            raise limits.InputError(f"{field}.output: {problem}; give one of definition.schema")
