"""Texts from templates with choices and slots, and wordings from cores and frames.

Knows nothing of any vertical.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping, Sequence

CHOICE_OR_SLOT = re.compile(r"<([^<>]*)>|\{(\w+)\}")


def items(text: str) -> list[str]:
    """The phrases of a block, one per "- "."""
    return [" ".join(part.split()) for part in f"\n{text.strip()}".split("\n- ") if part.strip()]


def fill(rng: random.Random, text: str, slots: Mapping[str, object]) -> str:
    """Make the choices <x|y> and fill the {slots}, also those inside the values."""
    while found := CHOICE_OR_SLOT.search(text):
        choices, slot = found.groups()
        if slot is None:
            value = rng.choice(choices.split("|"))
        else:
            filler = slots[slot]
            value = str(filler(rng)) if callable(filler) else str(filler)
        text = text[: found.start()] + value + text[found.end() :]
    return text


def one_of(values: Sequence[str]) -> Callable[[random.Random], str]:
    """A slot that takes any of the values."""
    return lambda rng: rng.choice(values)


def listed(labels: Sequence[str], number: int) -> str:
    """The labels in one of the ways people write a list."""
    marks = (", ", " / ", "; ", ", ")
    if number % 5 == 4:
        return ", ".join(f'"{label}"' for label in labels)
    return marks[number % len(marks)].join(labels)


def wordings(
    cores: Sequence[str],
    endings: Sequence[str],
    frames: Sequence[str],
    **values: str,
) -> tuple[str, ...]:
    """Every core in half of the frames, so that neighbours differ in more than a word."""
    found: dict[str, None] = {}
    for number, core in enumerate(cores):
        own = core.format(**values)
        for shift in (0, 1, 2):
            frame = frames[(number + 2 * shift) % len(frames)]
            found[
                frame.format(
                    core=own,
                    ending=endings[(number + shift) % len(endings)],
                    sloppy=own[0].lower() + own[1:].rstrip(".?"),
                )
            ] = None
    return tuple(found)


def labelled(
    cores: Sequence[str],
    endings: Sequence[str],
    labels: Sequence[str],
    frames: Sequence[str],
) -> tuple[str, ...]:
    """The wordings with the labels in them, listed in several ways."""
    own = [core.format(labels=listed(labels, number)) for number, core in enumerate(cores)]
    return wordings([core.replace("{", "{{").replace("}", "}}") for core in own], endings, frames)
