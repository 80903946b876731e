"""Drawn tasks about contracts and privacy policies. Knows nothing of models or training."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from hypernet.training.generators.common import Drawn, GeneratedTask
from hypernet.training.generators.filling import fill, items, labelled, wordings
from hypernet.training.generators.legal import clause_words, privacy_words, words
from hypernet.training.generators.legal.clauses import (
    CLAUSES,
    Slots,
    around,
    clause,
    figures,
    in_figures,
    in_words,
    scene,
    sentence_case,
)

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping, Sequence

    Draw = Callable[[random.Random], Drawn]

NOTICES = items(clause_words.NOTICES)
TERMS = items(clause_words.TERMS)
CAPS = items(clause_words.CAPS)
NOUNS = {purpose: items(text) for purpose, text in privacy_words.PURPOSE_NOUNS.items()}
ACTS = {purpose: items(text) for purpose, text in privacy_words.PURPOSE_ACTS.items()}
NOT_SPECIFIED = items(privacy_words.NOT_SPECIFIED)
EXTRAS = items(privacy_words.EXTRA)
PRACTICES = {
    "first party": (items(privacy_words.FIRST_NOUN), items(privacy_words.FIRST_ACT)),
    "third party": (items(privacy_words.THIRD_NOUN), items(privacy_words.THIRD_ACT)),
}


def draw_kind(rng: random.Random, labels: Mapping[str, str]) -> Drawn:
    """A clause and the label of its kind."""
    kind = rng.choice(list(labels))
    return Drawn(clause(rng, kind), labels[kind])


def draw_is_kind(rng: random.Random, kind: str, yes: str, no: str) -> Drawn:
    """A clause and whether it is of the kind."""
    if rng.random() < 0.5:
        return Drawn(clause(rng, kind), yes)
    return Drawn(clause(rng, rng.choice([other for other in CLAUSES if other != kind])), no)


def notice_period(rng: random.Random) -> tuple[int, str]:
    """A period of notice, as often as in contracts."""
    if rng.random() < 0.35:
        return rng.choice(
            ((1, "months"), (3, "months"), (6, "months"), (12, "months"), (1, "years"))
        )
    common = (30, 30, 60, 60, 90, 90, 120, 180)
    rare = (5, 10, 14, 15, 20, 25, 45, 65, 75, 99, 100, 150, 270)
    return rng.choice(common if rng.random() < 0.7 else rare), "days"


def term_period(rng: random.Random) -> tuple[int, str]:
    """How long a contract lasts."""
    if rng.random() < 0.3:
        return rng.choice((6, 9, 12, 18, 24, 30, 36, 48, 60)), "months"
    return rng.choice((1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 99)), "years"


def renewal_slots(rng: random.Random) -> tuple[Slots, dict[str, str]]:
    """The three periods of a renewal clause in words, and in figures."""
    slots = scene(rng)
    drawn = {"it": term_period(rng), "rt": term_period(rng), "np": notice_period(rng)}
    for slot, (count, unit) in drawn.items():
        slots[slot] = in_words(rng, count, unit)
    slots["npp"] = f"{slots['np']}{rng.choice(chr(39) + '  ').strip()}"
    return slots, {slot: in_figures(*period) for slot, period in drawn.items()}


def draw_notice(rng: random.Random) -> Drawn:
    """A renewal clause and its notice period."""
    slots, answers = renewal_slots(rng)
    return Drawn(around(rng, fill(rng, rng.choice(NOTICES), slots), slots), answers["np"])


def draw_term(rng: random.Random) -> Drawn:
    """A clause on the term and its length."""
    slots, answers = renewal_slots(rng)
    return Drawn(around(rng, fill(rng, rng.choice(TERMS), slots), slots), answers["it"])


def draw_renewal(rng: random.Random) -> Drawn:
    """A renewal clause with all three periods, and those as JSON."""
    slots, answers = renewal_slots(rng)
    full = [phrase for phrase in NOTICES if "{it}" in phrase and "{rt}" in phrase]
    text = around(rng, fill(rng, rng.choice(full), slots), slots)
    found = {
        "initial_term": answers["it"],
        "renewal_term": answers["rt"],
        "notice_period": answers["np"],
    }
    return Drawn(text, json.dumps(found))


def draw_place(rng: random.Random) -> Drawn:
    """A governing-law clause and its place; other places may stand near."""
    slots = scene(rng)
    place, name = rng.choice(words.PLACES)
    elsewhere = rng.choice([other for _, other in words.PLACES if other != name])
    # The capitals of a heading would not show the name as the answer writes it.
    slots |= {"place": place, "PLACE": place}
    text = sentence_case(fill(rng, rng.choice(CLAUSES["Governing Law"]), slots))
    if rng.random() < 0.25:
        text = f"{slots['a']}, organized in {elsewhere}, enters into {slots['agr']}. {text}"
    return Drawn(around(rng, text, slots), name)


def draw_cap(rng: random.Random) -> Drawn:
    """A limit of liability and its amount; another amount may stand near."""
    slots = scene(rng)
    cap = figures(rng)
    slots |= {"cap": cap, "CAP": cap, "other": figures}
    return Drawn(around(rng, fill(rng, rng.choice(CAPS), slots), slots), cap)


def practice(rng: random.Random, actor: str, purpose: str) -> str:
    """A sentence on data use, in the words of a policy or of somebody who sums one up."""
    summaries, sentences = PRACTICES[actor]
    data, yours = rng.choice(words.DATA), rng.choice(words.YOURS)
    slots = {
        "data": data,
        "data_cap": data[0].upper() + data[1:],
        "yours": yours,
        "yours_cap": yours[0].upper() + yours[1:],
        "noun": rng.choice(NOUNS[purpose]),
        "act": rng.choice(ACTS[purpose]),
        "count": str(rng.choice((3, 6, 12, 18, 24, 30, 60, 90))),
    }
    phrases = summaries if rng.random() < 0.6 else sentences
    text = fill(rng, rng.choice(phrases), slots)
    for extra in rng.sample(EXTRAS, rng.choice((0, 0, 1, 1, 2))):
        text = f"{text} {fill(rng, extra, slots)}"
    return text


def without_purpose(rng: random.Random) -> str:
    """A sentence of a policy on something else than collection or sharing."""
    data = rng.choice(words.DATA)
    slots = {
        "data": data,
        "data_cap": data[0].upper() + data[1:],
        "count": str(rng.choice((3, 6, 10, 12, 18, 24, 30, 60, 90))),
    }
    count = rng.choice((1, 1, 2))
    return " ".join(fill(rng, phrase, slots) for phrase in rng.sample(NOT_SPECIFIED, count))


def draw_purpose(rng: random.Random, labels: Mapping[str, str]) -> Drawn:
    """A privacy sentence and the label of its purpose."""
    label = rng.choice(sorted(set(labels.values())))
    purpose = rng.choice([name for name in labels if labels[name] == label])
    if purpose == "Not Specified":
        return Drawn(without_purpose(rng), label)
    return Drawn(practice(rng, rng.choice(list(PRACTICES)), purpose), label)


def draw_actor(rng: random.Random) -> Drawn:
    """A privacy sentence and who handles the data."""
    actor = rng.choice(list(PRACTICES))
    return Drawn(practice(rng, actor, rng.choice(list(NOUNS))), actor)


def kind_task(name: str, labels: Mapping[str, str]) -> GeneratedTask:
    """Which kind of clause, in the words of these labels."""
    answers = tuple(labels.values())
    texts = labelled(words.CLAUSE_CORES, words.CLAUSE_ENDINGS, answers, words.FRAMES)
    return GeneratedTask(name, texts, partial(draw_kind, labels=labels), answers)


def is_kind_task(kind: str) -> GeneratedTask:
    """Whether the clause is of this kind."""
    name, action, yes, no = words.KIND_QUESTIONS[kind]
    texts = wordings(
        words.IS_CORES,
        words.IS_ENDINGS,
        words.FRAMES,
        does=action,
        do=action,
        name=name,
        yes=yes,
        no=no,
    )
    draw = partial(draw_is_kind, kind=kind, yes=yes, no=no)
    slug = kind.lower().replace("-", "_").replace(" ", "_")
    return GeneratedTask(f"legal_is_{slug}", texts, draw, (yes, no))


def purpose_task(name: str, labels: Mapping[str, str]) -> GeneratedTask:
    """Which purpose of data use, in the words of these labels."""
    answers = tuple(dict.fromkeys(labels.values()))
    texts = labelled(words.PURPOSE_CORES, words.PURPOSE_ENDINGS, answers, words.FRAMES)
    return GeneratedTask(name, texts, partial(draw_purpose, labels=labels), answers)


def extraction_tasks() -> list[GeneratedTask]:
    """Terms to be read out of a clause."""
    parts: list[tuple[str, Sequence[str], Sequence[str], Draw]] = [
        ("legal_notice_period", words.NOTICE_CORES, words.NOTICE_ENDINGS, draw_notice),
        ("legal_governing_law_place", words.PLACE_CORES, words.PLACE_ENDINGS, draw_place),
        ("legal_cap_amount", words.CAP_CORES, words.CAP_ENDINGS, draw_cap),
        ("legal_term_length", words.TERM_CORES, words.TERM_ENDINGS, draw_term),
        ("legal_renewal_json", words.RENEWAL_CORES, words.RENEWAL_ENDINGS, draw_renewal),
    ]
    return [
        GeneratedTask(name, wordings(cores, endings, words.FRAMES), draw)
        for name, cores, endings, draw in parts
    ]


def tasks() -> list[GeneratedTask]:
    """All legal tasks."""
    actor_texts = wordings(words.SHARED_CORES, words.SHARED_ENDINGS, words.FRAMES)
    return [
        kind_task("legal_clause_type", {kind: kind for kind in words.CORE_KINDS}),
        kind_task("legal_clause_type_wide", {kind: kind for kind in words.HEADINGS}),
        kind_task("legal_clause_topic_short", words.SHORT_KINDS),
        kind_task("legal_clause_type_snake", words.SNAKE_KINDS),
        *(is_kind_task(kind) for kind in words.KIND_QUESTIONS),
        *extraction_tasks(),
        purpose_task("legal_privacy_purpose", {purpose: purpose for purpose in words.PURPOSES}),
        purpose_task("legal_privacy_purpose_short", words.SHORT_PURPOSES),
        GeneratedTask("legal_privacy_actor", actor_texts, draw_actor, tuple(PRACTICES)),
    ]
