"""Ways to put a question: templates, filled with names, told forms and some carelessness."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tasks.specification import PLACEHOLDER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tasks.drawing import Random
    from tasks.fields import Document

FILE = Path(__file__).parent / "wordings.yaml"
ATTEMPTS = 12
# Names that fit all kinds, and tell nothing.
ANY_KIND = ("text", "document")
SLOPPY, ROLE, CONTEXT, ENDING, TOLD_NONE, BARE = 0.3, 0.1, 0.12, 0.15, 0.6, 0.25


@dataclass(frozen=True)
class Names:
    """Variants of a phrase; those of `unseen` stand in held-out wordings only."""

    seen: tuple[str, ...]
    unseen: tuple[str, ...] = ()

    def of(self, unseen: bool) -> tuple[str, ...]:
        """The variants for held-out wordings, where the others are known too, or the known."""
        return self.seen + self.unseen * 3 if unseen else self.seen


@dataclass(frozen=True)
class Asked:
    """What the wordings of one question have to say."""

    family: str
    slots: Mapping[str, Names]
    form: str = ""
    """The form of the answer, one of those in `wordings.yaml`; none for the plain one."""
    about_form: Mapping[str, str] = field(default_factory=dict)
    absent: str = ""
    """What to answer where the document does not say it."""
    vertical: str = ""
    bare: bool = False
    """Whether a wording may leave out the labels."""


@dataclass(frozen=True)
class Question:
    """Something that can be asked of each document of a kind."""

    name: str
    asked: Asked
    answer: Callable[[Document], str | None]
    """The right answer; nothing where the question is not asked of the document."""
    fields: tuple[str, ...] = ()
    """The fields that it is about."""
    labels: tuple[str, ...] = ()


@cache
def phrases() -> dict[str, Any]:
    """The content of `wordings.yaml`."""
    return dict(yaml.safe_load(FILE.read_text(encoding="utf-8")))


def wordings_of(
    asked: Asked, count: int, rng: Random, taken: dict[str, str], owner: str, *, unseen: bool
) -> list[str]:
    """Up to `count` different wordings of a question.

    Args:
        asked: what they have to say.
        count: how many.
        rng: draws them.
        taken: the wordings of all questions over the same documents, and whose they are; the new
            ones are added.
        owner: whose the new ones are.
        unseen: whether they are held out.
    """
    side = "unseen" if unseen else "seen"
    found: list[str] = []
    order: list[str] = []
    for _ in range(count * ATTEMPTS):
        if len(found) == count:
            break
        family = "bare" if asked.bare and rng.random() < BARE else asked.family
        if not order:
            order = list(phrases()["templates"][family][side])
            rng.shuffle(order)
        text = _wording(order.pop(), asked, rng, side)
        if text and taken.setdefault(normalised(text), owner) == owner and text not in found:
            found.append(text)
    return found


def normalised(text: str) -> str:
    """A wording without insignificant differences."""
    return re.sub(r"\s+", " ", text.lower()).strip(" .?!")


def _wording(template: str, asked: Asked, rng: Random, side: str) -> str:
    """One wording, or nothing if the template needs what the question lacks."""
    slots = {name: rng.choice(n.of(side == "unseen")) for name, n in asked.slots.items() if n.seen}
    slots["a_kind"] = with_article(slots["kind"])
    if any(name not in slots for name in PLACEHOLDER.findall(template)):
        return ""
    if slots.get("yes", "yes") != "yes" and "{yes}" not in template:
        return ""
    sloppy = rng.random() < SLOPPY
    text = PLACEHOLDER.sub(lambda m: slots[m[1]], _careless(template, rng) if sloppy else template)
    text = text if sloppy else text[0].upper() + text[1:]
    return " ".join(_around(_finished(text), asked, slots, rng, side, sloppy=sloppy))


def _around(
    text: str, asked: Asked, slots: dict[str, str], rng: Random, side: str, *, sloppy: bool
) -> Sequence[str]:
    """The wording with what stands before and behind it."""
    known = phrases()
    pieces = [text]
    named = slots["kind"] not in ANY_KIND and slots["a_kind"] not in text
    if named and not sloppy and rng.random() < CONTEXT:
        pieces.insert(0, _filled(rng.choice(known["contexts"][side]), slots))
    roles = known["roles"][side]
    if not sloppy and rng.random() < ROLE:
        pieces.insert(0, rng.choice(roles.get(asked.vertical) or roles.get("any") or [""]))
    if asked.form:
        clause = rng.choice(known["forms"][asked.form][side])
        if sloppy and clause[1:2].islower():
            clause = clause[0].lower() + clause[1:]
        pieces.append(_filled(clause, {**slots, **asked.about_form}))
        if clause[0].islower() and pieces[-2].endswith("."):
            pieces[-2] = pieces[-2][:-1] + ","
        elif pieces[-2][-1] not in ".?!:":
            pieces[-2] += "." if clause[0].isupper() else ","
    if asked.absent and (asked.absent != "none" or asked.form or rng.random() < TOLD_NONE):
        ways = known["absent in json" if asked.form == "json" else "absent"][side]
        pieces.append(_filled(rng.choice(ways), {"absent": asked.absent}))
        if pieces[-2][-1] not in ".?!:,":
            pieces[-2] += "." if pieces[-1][0].isupper() else ","
    if not sloppy and pieces[-1][-1] in ".?!" and rng.random() < ENDING:
        pieces.append(rng.choice(known["endings"][side]))
    return [piece for piece in pieces if piece]


def _filled(template: str, slots: Mapping[str, str]) -> str:
    return template.format_map(dict(slots))


def _finished(text: str) -> str:
    return re.sub(r"([.?!])\.(?=\s|$)", r"\1", text)


def with_article(noun: str) -> str:
    """The noun behind a or an."""
    vowel = re.match(r"[aeioAEIO]|un|hour|[FHLMNRSX][A-Z]|Rx", noun) and not re.match(
        r"(?i)uni|one\b|eu|usu", noun
    )
    return f"{'an' if vowel else 'a'} {noun}"


def _careless(template: str, rng: Random) -> str:
    """The template as somebody types it in a hurry; what is filled in stays right."""
    text = template[0].lower() + template[1:]
    text = re.sub(r"(?<=[.:?] )[A-Z]", lambda m: m[0].lower(), text)
    if rng.random() < 0.5:
        text = re.sub(r"\b[Tt]he (?=\{(field|fields|kind)\})", "", text)
        text = text.replace("{a_kind}", "{kind}")
    if rng.random() < 0.6:
        text = text.rstrip(".?")
    if rng.random() < 0.3:
        text = _mistyped(text, rng)
    return text


def _mistyped(text: str, rng: Random) -> str:
    """Two letters swapped inside one word that is no placeholder."""
    words = list(re.finditer(r"(?<![{\w])[a-z]{5,}(?![}\w])", text))
    if not words:
        return text
    word = rng.choice(words)
    at = word.start() + rng.randrange(1, len(word[0]) - 2)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def series_of(names: Sequence[str]) -> str:
    """The names as a sentence lists them."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def listed(mapping: dict[str, str], rng: Random) -> tuple[str, ...]:
    """The labels in several orders and notations."""
    variants = []
    for _ in range(12):
        labels = rng.sample(list(mapping.values()), len(mapping))
        either = f"{', '.join(labels[:-1])} or {labels[-1]}"
        notations = (
            either,
            either,
            ", ".join(labels),
            " / ".join(labels),
            "|".join(labels),
            ", ".join(f'"{label}"' for label in labels),
            f"[{', '.join(labels)}]",
        )
        variants.append(rng.choice(notations))
    return tuple(variants)


def mapped(mapping: dict[str, str], rng: Random) -> tuple[str, ...]:
    """Which code stands for which label, in several orders and notations."""
    variants = []
    for _ in range(12):
        pairs = rng.sample(list(mapping.items()), len(mapping))
        notation = rng.choice(("{1} for {0}", "{1} for {0}", "{1} = {0}", "{1} if {0}", "{1}: {0}"))
        joint = "; " if ":" in notation else ", "
        variants.append(joint.join(notation.format(*pair) for pair in pairs))
    return tuple(variants)
