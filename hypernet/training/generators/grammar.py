"""Small text grammar for the generators: slots, alternatives, noise, wordings of a task.

`{word}` draws from a list, `{2-9}` a number, `[a|b|]` one of the alternatives.
Knows nothing of models or training.
"""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

from hypernet.training.generators.grammar_words import CLASSIFY, FRAMES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{(\w+)\}")
_NUMBER = re.compile(r"\{(\d+)-(\d+)\}")
_SPACES = re.compile(r" {2,}")
_LOOSE = re.compile(r" ([,.!?;](?:\s|$))")


def expand(rng: random.Random, text: str, words: Mapping[str, Sequence[str]]) -> str:
    """One sentence of the grammar, alternatives before slots so that unused slots cost nothing."""
    while True:
        if found := _CHOICE.search(text):
            drawn = rng.choice(found.group(1).split("|"))
        elif found := _NUMBER.search(text):
            drawn = str(rng.randint(int(found.group(1)), int(found.group(2))))
        elif found := _SLOT.search(text):
            drawn = rng.choice(words[found.group(1)])
        else:
            return tidy(text)
        text = text[: found.start()] + drawn + text[found.end() :]


def tidy(text: str) -> str:
    """Without the doubled spaces and loose commas that empty alternatives leave."""
    return _LOOSE.sub(r"\1", _SPACES.sub(" ", text)).strip(" ,")


def capital(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


def maybe(rng: random.Random, chance: float) -> bool:
    """True with this chance."""
    return rng.random() < chance


def typo(rng: random.Random, text: str) -> str:
    """The text with one slip of the keyboard inside a longer word."""
    spots = [found.start() for found in re.finditer(r"(?<=[a-z]{2})[a-z](?=[a-z]{2})", text)]
    if not spots:
        return text
    spot = rng.choice(spots)
    if maybe(rng, 0.4):
        return text[:spot] + text[spot + 1 :]
    if maybe(rng, 0.4):
        return text[:spot] + text[spot] + text[spot:]
    return text[:spot] + text[spot + 1] + text[spot] + text[spot + 2 :]


def listed(labels: Sequence[str], last: str = "or") -> str:
    """`a, b or c`."""
    return f"{', '.join(labels[:-1])} {last} {labels[-1]}" if len(labels) > 1 else labels[0]


def article(thing: str) -> str:
    """`a tweet`, `an utterance`."""
    return f"{'an' if thing[0] in 'aeiou' else 'a'} {thing}"


def classify_wordings(
    name: str,
    thing: str,
    aspect: str,
    labels: Sequence[str],
    own: Sequence[str] = (),
    meanings: Mapping[str, str] | None = None,
    count: int = 34,
) -> tuple[str, ...]:
    """Descriptions of a classification: those given, then frames drawn for this name.

    Args:
        name: seeds the choice of frames, so that tasks do not all share the same ones.
        thing: what is classified, a singular noun ("tweet").
        aspect: what is asked for ("the main emotion").
        labels: the answers.
        own: descriptions written for this very task, first of all.
        meanings: for each label when it applies, as a clause ("the writer is angry").
        count: how many in all.
    """
    rng = random.Random(name)  # noqa: S311  # sampling, not secrets
    glossed = listed([f"{label} if {why}" for label, why in meanings.items()]) if meanings else ""
    needs = ("{glossed}", "{defined}")
    frames = [f for f in CLASSIFY if meanings or not any(need in f for need in needs)]
    fields = {
        "thing": thing,
        "a_thing": article(thing),
        "aspect": aspect,
        "comma": ", ".join(labels),
        "either": listed(labels),
        "slashes": "/".join(labels),
        "bullets": "\n".join(f"- {label}" for label in labels),
        "glossed": glossed,
        "defined": "\n".join(f"{label}: {why}" for label, why in (meanings or {}).items()),
    }
    drawn = [frame.format(**fields) for frame in rng.sample(frames, len(frames))]
    found = dict.fromkeys([*own, *(capital(text) for text in drawn)])
    return tuple(found)[:count]


def frame_wordings(
    name: str, verbs: Sequence[str], details: Sequence[str], count: int = 34
) -> tuple[str, ...]:
    """Descriptions of a free-form task: imperative sentences, each with some of the details.

    Args:
        name: seeds the choice.
        verbs: what to do, imperative without the full stop ("split the question into steps").
        details: full sentences on the format; every one true of every instance.
        count: how many in all.
    """
    rng = random.Random(name)  # noqa: S311  # sampling, not secrets
    found: dict[str, None] = {}
    while len(found) < count:
        verb, detail = rng.choice(verbs), rng.choice(details)
        frame = rng.choice(FRAMES)
        found.setdefault(capital(frame.format(verb=verb, Verb=capital(verb), detail=detail)), None)
    return tuple(found)
