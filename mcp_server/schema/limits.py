"""What the tools accept, checked before anything is stored, read by a model or run.

The model's own window is checked by the engine.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from checkpoints.text.graphemes import shortened
from hypernet.engine import checks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from hypernet.task import Turn

TASK_CHARS = 8_000
LABEL_CHARS = 200  # each; how many a step may have is MOST_LABELS in hypernet/engine/checks.py
EXAMPLES = 200
STEP = (1, 2**31 - 1)
EXAMPLE_CHARS = 8_000
INPUT_CHARS = 400_000
INPUTS = 100  # of one call of run_steps
INPUTS_CHARS = 1_000_000  # of these together
# Leaves room for the number of an input behind it: a step's own has 200.
STEPS_KEY_CHARS = 190
TURNS = 2_000
STOPS = 16
DOCUMENTS = 64
DOCUMENT_CHARS = 400_000
PATHS = 64
PATH_CHARS = 4_096
SOURCE_CHARS = 1_000
# What the source of texts is called that came without one.
UNNAMED_SOURCE = "client"
DIGEST_CHARS = 200
FILTERS = 64
ITEMS = 64
# What SQLite counts with.
ITEM_ID = (1, 2**63 - 1)
SEED = (0, 2**63 - 1)
MAX_TOKENS = (1, 2_048)
TEMPERATURE = (0.0, 2.0)
MAX_SECONDS = (1, 3_600)
EXCERPT_TOKENS = 8_192
# Characters of a step's output in its result, about 4,000 tokens: with the largest budget of
# excerpts a result then stays far below the 25,000 tokens at which hosts cut.
OUTPUT_SHOWN = 16_000
# The same of all outputs of one call of run_steps together.
OUTPUTS_SHOWN = 48_000
# Characters of a step's input in its resource: older HTTP clients refuse events over 1 MiB.
INPUT_SHOWN = 100_000


# Characters of a refused value in the message.
QUOTED_CHARS = 60
_DATED = re.compile(r"\d{4}-\d\d-")


class InputError(ValueError):
    """An argument is refused; the message names the field and the limit."""


def beginning(text: str) -> str:
    """A value, short enough for a message."""
    return shortened(text, QUOTED_CHARS)


def check_text(field: str, text: str, most: int) -> None:
    """Refuse an empty or too long text.

    Raises:
        InputError: says which field, its length and the limit.
    """
    if not text.strip():
        raise InputError(f"{field}: must not be empty")
    check_said(field, text, most)


def check_said(field: str, text: str, most: int) -> None:
    """Refuse a text that is too long, or none at all for the models; it may be empty.

    Raises:
        InputError: says which field, its length and the limit.
    """
    if len(text) > most:
        raise InputError(f"{field}: {len(text)} characters, the limit is {most}")
    if "\x00" in text:
        raise InputError(f"{field}: must not hold NUL characters")
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise InputError(f"{field}: holds a lone surrogate; send valid Unicode text")


def check_item(field: str, item_id: int) -> None:
    """Refuse a number that cannot be an item's.

    Raises:
        InputError: says which field, the value and the range.
    """
    check_range(field, item_id, ITEM_ID)


def check_count(field: str, count: int, most: int) -> None:
    """Refuse a list that is too long.

    Raises:
        InputError: says which field, its length and the limit.
    """
    if count > most:
        raise InputError(f"{field}: {count} entries, the limit is {most}")


def check_range(field: str, value: float, bounds: tuple[float, float]) -> None:
    """Refuse a number out of its range, NaN included.

    Raises:
        InputError: says which field, the value and the range.
    """
    if not bounds[0] <= value <= bounds[1]:
        raise InputError(f"{field}: {value} is not between {bounds[0]} and {bounds[1]}")


def moment(value: Any, read: Callable[[Any], datetime]) -> datetime:
    """A time of an argument, as pydantic reads it, but no date alone and no number in a text.

    Raises:
        ValueError: says what is wrong, and which forms are taken.
    """
    forms = "a date and time such as 2026-01-31T12:00:00Z or 2026-01-31T14:00:00+02:00"
    try:
        # A year alone, or a number below zero, would be taken for seconds.
        found = read(value if not isinstance(value, str) or _DATED.match(value) else "")
    except ValueError as error:
        raise ValueError(f"should be {forms}") from error
    if found.tzinfo is None:
        raise ValueError(f"has no time zone; send {forms}")
    return found


def check_labels(labels: Sequence[str]) -> None:
    """Refuse labels that are too long, and lists that the engine would refuse.

    Raises:
        InputError: an empty or a long label.
        EngineError: too few, too many, or a repeated label.
    """
    for number, label in enumerate(labels):
        check_text(f"labels[{number}]", label, LABEL_CHARS)
    checks.check_labels(labels)


def check_inputs(texts: Sequence[str]) -> None:
    """Refuse no or too many inputs, and empty or too long ones.

    Raises:
        InputError: names the input and the limit.
    """
    if not texts:
        raise InputError("inputs: must not be empty")
    check_count("inputs", len(texts), INPUTS)
    if (count := sum(map(len, texts))) > INPUTS_CHARS:
        raise InputError(f"inputs: {count} characters together, the limit is {INPUTS_CHARS}")
    for number, text in enumerate(texts):
        check_text(f"inputs[{number}]", text, INPUT_CHARS)


def numbered_outputs(outputs: Mapping[str, str]) -> dict[int, str]:
    """The right outputs of steps by their numbers, which JSON has as texts.

    Raises:
        InputError: too many, an empty or too long one, or a name that is no step's number.
    """
    check_count("outputs", len(outputs), INPUTS)
    numbered: dict[int, str] = {}
    for name, output in outputs.items():
        field = f"outputs[{shortened(name, 20)}]"
        if not (name.isascii() and name.isdigit() and len(name) <= len(str(STEP[1]))):
            raise InputError(f'{field}: is not the number of a step; give {{"3": "the answer"}}')
        number = int(name)
        check_range(field, number, STEP)
        if number in numbered:
            raise InputError(f"{field}: step {number} is given twice")
        check_text(field, output, EXAMPLE_CHARS)
        numbered[number] = output
    return numbered


def check_history(turns: Sequence[Turn]) -> None:
    """Refuse too many or too long earlier turns.

    Raises:
        InputError: names the turn and the limit.
    """
    check_count("history", len(turns), TURNS)
    for number, turn in enumerate(turns):
        check_said(f"history[{number}].user", turn.user, INPUT_CHARS)
        check_said(f"history[{number}].answer", turn.answer, INPUT_CHARS)


def check_stop(texts: Sequence[str]) -> None:
    """Refuse too many or too long texts to stop at, and empty ones.

    Raises:
        InputError: names the text and the limit.
        EngineError: one is empty.
    """
    check_count("stop", len(texts), STOPS)
    for number, text in enumerate(texts):
        check_said(f"stop[{number}]", text, LABEL_CHARS)
    checks.check_stop(texts)


def check_documents(field: str, texts: Sequence[str]) -> None:
    """Refuse too many, empty or too long documents.

    Raises:
        InputError: names the document and the limit.
    """
    check_count(field, len(texts), DOCUMENTS)
    for number, text in enumerate(texts):
        check_text(f"{field}[{number}]", text, DOCUMENT_CHARS)
