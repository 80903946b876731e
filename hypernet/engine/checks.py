"""The usual checks of an engine, before it queues a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypernet.engine.interface import EngineError, PromptTooLongError
from hypernet.task import label_fault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypernet.engine.interface import Limits, Request

MOST_LABELS = 64


def check_fits(
    limits: Limits,
    prefix: int,
    prompt: int,
    max_tokens: int,
    remedy: str = "shorten the input",
) -> None:
    """Refuse what does not fit the window.

    Args:
        limits: the engine's.
        prefix: its tokens.
        prompt: tokens of the rest of the prompt.
        max_tokens: room for the answer.
        remedy: what the caller can do about it.

    Raises:
        PromptTooLongError: says by how much, and of what.
    """
    total = prefix + prompt + max_tokens
    if total > limits.window:
        raise PromptTooLongError(
            f"input: {prefix + prompt} prompt tokens and max_tokens {max_tokens} make {total}, "
            f"the model's window is {limits.window}; {remedy}"
        )


def check_labels(labels: Sequence[str]) -> None:
    """Refuse a label list that cannot be chosen from; an empty one means no labels.

    Raises:
        EngineError: one label, too many, an empty one, or two that look the same.
    """
    if not labels:
        return
    if not 2 <= len(labels) <= MOST_LABELS:
        raise EngineError(f"labels: {len(labels)} given, allowed are 2 to {MOST_LABELS} (or none)")
    if any(not label.strip() for label in labels):
        raise EngineError("labels: an empty label cannot be chosen")
    if (problem := label_fault(labels)) is not None:
        raise EngineError(problem)


def check_stop(stop: Sequence[str]) -> None:
    """Refuse texts to stop at that end every answer at once.

    Raises:
        EngineError: one is empty.
    """
    if "" in stop:
        raise EngineError("stop: an empty text would end every answer at once")


def check_form(request: Request) -> None:
    """Refuse an answer that is to have two forms at once, or to be copied from nothing.

    Raises:
        EngineError: names the fields.
    """
    if request.copy is not None and not request.copy.text.strip():
        raise EngineError("copy: the input is empty, there is nothing to copy from")
    if request.output_schema is not None and request.labels:
        raise EngineError("output_schema: give either labels or a schema")
    if request.copy is not None and request.labels:
        raise EngineError("copy: give either labels or copy")
    if request.copy is not None and request.output_schema is not None:
        raise EngineError("copy: give either output_schema or copy")
