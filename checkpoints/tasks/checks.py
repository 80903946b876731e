"""What a named task may be: checks before anything is written, naming field and limit."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

from checkpoints.errors import BadValue, LimitExceeded
from checkpoints.limits import check_json, check_name, check_text
from checkpoints.records import one_form
from checkpoints.text.graphemes import beginning

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from checkpoints.limits import StoreLimits
    from checkpoints.tasks.values import TaskDefinition, TaskExample

_IN_NAMES = "-_."
_SHOWN = 60


def check_task_name(name: str, limits: StoreLimits) -> str:
    """The name in its one Unicode form. Raises BadValue or LimitExceeded."""
    check_text("name", name, limits.task_name_chars)
    form = unicodedata.normalize("NFC", name)
    # Marks are what vowels are written with in many scripts.
    plain = all(c in _IN_NAMES or c == " " or unicodedata.category(c)[0] in "LMN" for c in form)
    if not plain or form != form.strip() or not form[:1].isalnum():
        raise BadValue(
            "name",
            f"{beginning(name, _SHOWN)!r} is none; a task's name has 1 to {limits.task_name_chars} "
            "letters, digits, '-', '_', '.' and spaces, and begins with a letter or a digit",
        )
    return form


def check_definition(definition: TaskDefinition, limits: StoreLimits) -> tuple[TaskDefinition, str]:
    """The definition, and as canonical JSON. Raises BadValue or LimitExceeded."""
    _filled("description", definition.description, limits.task_description_chars)
    labels = tuple(definition.labels)
    if len(labels) > limits.task_labels:
        raise LimitExceeded("labels", len(labels), limits.task_labels, "labels", "give fewer")
    for position, label in enumerate(labels):
        _filled(f"labels[{position}]", label, limits.label_chars)
    if len({same(label) for label in labels}) < len(labels):
        raise BadValue("labels", "names a label twice; give each once")
    if labels and definition.schema is not None:
        raise BadValue("schema", "give either labels or a schema")
    if labels and definition.copy:
        raise BadValue("copy", "give either labels or copy")
    below = definition.ask_below
    if below is not None and not 0 <= below <= 1:
        raise BadValue("ask_below", f"{below} is not between 0 and 1")
    check_name("mode", definition.mode, limits.name_chars)
    checked = replace(definition, labels=labels, ask_below=None if below is None else float(below))
    if checked.schema is not None:
        check_json("schema", checked.schema, limits.json_chars)
    return checked, check_json("definition", checked.to_dict(), limits.json_chars)


def check_examples(
    examples: Sequence[TaskExample], labels: Sequence[str], limits: StoreLimits
) -> list[TaskExample]:
    """The examples, each output in its label's own spelling. Raises BadValue or LimitExceeded."""
    if len(examples) > limits.task_examples:
        raise LimitExceeded(
            "examples", len(examples), limits.task_examples, "examples", "give the most telling"
        )
    checked = []
    for position, example in enumerate(examples):
        field = f"examples[{position}]"
        _filled(f"{field}.input", example.input, limits.example_chars)
        _filled(f"{field}.output", example.output, limits.example_chars)
        check_text(f"{field}.source", example.source, limits.source_chars)
        output = as_label(example.output, labels) if labels else example.output
        if output is None:
            raise BadValue(f"{field}.output", none_of_labels(example.output, labels))
        checked.append(replace(example, output=output, correction=None))
    return checked


def same(text: str) -> str:
    """The form in which inputs, outputs and labels are compared."""
    return one_form(text).strip()


def as_label(output: str, labels: Iterable[str]) -> str | None:
    """The label that an output is, in the label's own spelling."""
    form = same(output)
    return next((label for label in labels if same(label) == form), None)


def none_of_labels(output: str, labels: Iterable[str]) -> str:
    """What is wrong with an output that is no label."""
    known = ", ".join(repr(beginning(label, _SHOWN)) for label in list(labels)[:20])
    return f"{beginning(output, _SHOWN)!r} is none of the labels ({known})"


def check_output(output: str, limits: StoreLimits) -> str:
    """A correction's output unchanged. Raises BadValue or LimitExceeded."""
    _filled("output", output, limits.text_chars)
    return output


def check_quality(quality: Mapping[str, Any], limits: StoreLimits) -> str:
    """What was measured, as canonical JSON. Raises BadValue or LimitExceeded."""
    return check_json("quality", quality, limits.quality_chars)


def _filled(field: str, text: str, limit: int) -> None:
    if not text.strip():
        raise BadValue(field, "is empty")
    check_text(field, text, limit)
