"""Questions over documents of several kinds: what kind it is, which field, which language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasks.drawing import random_from
from tasks.questions import CODES
from tasks.wordings import Asked, Names, Question, listed, mapped, with_article

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tasks.drawing import Random
    from tasks.fields import Document
    from tasks.specification import Kind

GROUPS, FIELD_GROUPS, LANGUAGE_GROUPS = 24, 8, 4
NOUN = Names(("document", "text", "input", "message"), ("piece of writing",))
KIND = Names(
    ("kind of document", "document type", "type of this text", "doc type"),
    ("sort of paper", "genre of the text"),
)
FIELD = Names(("field of business", "domain", "subject area", "department it belongs to"),
              ("line of work",))  # fmt: skip
LANGUAGE = Names(("language", "language of the text", "lang"), ("tongue it is written in",))
LANGUAGES = {"en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian",
             "nl": "Dutch", "pt": "Portuguese", "pl": "Polish"}  # fmt: skip
FIELDS = {"legal": "law", "finance": "accounting and finance", "medical": "health care",
          "sentiment": "opinions", "support": "customer support", "documents": "office papers",
          "code": "software", "research": "science", "intelligence": "market news",
          "ecommerce": "online shopping", "hr": "human resources",
          "logistics": "transport and travel"}  # fmt: skip


def shared_questions(
    kinds: Sequence[Kind], documents: Sequence[Document], seed: int
) -> list[Question]:
    """Questions whose answer depends on what the document is, over documents of all kinds."""
    rng = random_from(seed, "shared")
    names = {kind.kind: kind.names[0] for kind in kinds}
    areas: dict[str, list[str]] = {}
    for kind in kinds:
        areas.setdefault(kind.vertical, []).append(kind.kind)
    groups = [members for members in areas.values() if len(members) > 1]
    for _ in range(GROUPS if len(names) > 6 else 0):
        groups.append(rng.sample(sorted(names), rng.randint(2, 6)))
    made = []
    for number, group in enumerate(groups):
        mapping = {kind: names[kind] for kind in group[:6]}
        made += _classified(f"kind{number}", KIND, mapping, lambda d: d.kind, rng)
    for number in range(FIELD_GROUPS if len(areas) > 5 else 0):
        some = rng.sample(sorted(areas), rng.randint(3, 5))
        answers = {kind: FIELDS[area] for area in some for kind in areas[area]}
        made += _classified(f"field{number}", FIELD, answers, lambda d: d.kind, rng)
    made += [_is_kind(kind) for kind in kinds]
    spoken = sorted({document.language for document in documents})
    if len(spoken) > 1:
        by_name = {code: LANGUAGES[code] for code in spoken}
        made += _classified("language", LANGUAGE, by_name, lambda d: d.language, rng)
        for number in range(LANGUAGE_GROUPS if len(spoken) > 3 else 0):
            few = {code: LANGUAGES[code] for code in rng.sample(spoken, rng.randint(3, 4))}
            made += _classified(f"language{number}", LANGUAGE, few, lambda d: d.language, rng)
        codes = {code: code for code in spoken}
        made += _classified("code", LANGUAGE, codes, lambda d: d.language, rng)
        made.append(_is_english())
    return made


def _classified(
    title: str, field: Names, answers: dict[str, str], key: Callable[[Document], str], rng: Random
) -> list[Question]:
    """The classification with the labels themselves and with codes for them."""
    labels = tuple(dict.fromkeys(answers.values()))
    codes = rng.choice(CODES)
    made = []
    coded = dict(zip(labels, codes, strict=False))
    for family in ("label", "mapped"):
        if family == "mapped" and len(coded) < len(labels):
            continue
        said = coded if family == "mapped" else {label: label for label in labels}

        def answer(document: Document, said: dict[str, str] = said) -> str | None:
            label = answers.get(key(document))
            return None if label is None else said[label]

        variants = mapped(said, rng) if family == "mapped" else listed(said, rng)
        slots = {"kind": NOUN, "field": field, "labels": Names(variants)}
        name = f"{title}/{family}"
        made.append(Question(name, Asked(family, slots), answer, (), tuple(said.values())))
    return made


def _yes_no(
    title: str, claims: Names, questions: Names, holds: Callable[[Document], bool]
) -> Question:
    slots = {"kind": NOUN, "claim": claims, "question": questions}
    slots |= {"yes": Names(("yes",)), "no": Names(("no",))}
    asked = Asked("yesno", slots)
    return Question(title, asked, lambda d: "yes" if holds(d) else "no", (), ("yes", "no"))


def _is_kind(kind: Kind) -> Question:
    nouns = [with_article(name) for name in kind.names[:2]]
    claims = Names(tuple(f"this is {noun}" for noun in nouns))
    questions = Names(tuple(f"Is this {noun}?" for noun in nouns))
    return _yes_no(f"is {kind.kind}", claims, questions, lambda d: d.kind == kind.kind)


def _is_english() -> Question:
    claims = Names(("the text is in English", "this is written in English"))
    questions = Names(("Is this in English?", "Is the text English?"))
    return _yes_no("is English", claims, questions, lambda d: d.language == "en")
