"""Tasks of coding short clinical phrases in ICD-10. Knows nothing of models or training."""

from __future__ import annotations

import json
import re
from functools import partial
from typing import TYPE_CHECKING

from hypernet.training.generators.common import Drawn, GeneratedTask
from hypernet.training.generators.medical import words
from hypernet.training.generators.medical.wordings import WORDINGS, wordings_of_membership

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from hypernet.training.generators.medical.words import Category, Chapter

YES_NO = ("yes", "no")
BY_CHAPTER = {
    chapter.roman: tuple(one for one in words.CATEGORIES if one.chapter == chapter)
    for chapter in words.CHAPTERS
}
# The chapters asked for by yes-or-no tasks, with the word that names each.
MEMBERSHIPS = {
    "I": "infectious", "II": "neoplasms", "V": "mental", "IX": "circulatory", "X": "respiratory",
    "XI": "digestive", "XIII": "musculoskeletal", "XIX": "injury",
}  # fmt: skip
# Other label words for a subset of the chapters: the ward that would see the patient.
WARDS = {
    "IX": "cardiology", "X": "pulmonology", "XI": "gastroenterology", "VI": "neurology",
    "V": "psychiatry", "XII": "dermatology", "XIV": "urology/gynaecology", "II": "oncology",
}  # fmt: skip
SENSES = {"VII": "eye", "VIII": "ear", "XII": "skin", "XIII": "bones and joints"}


# --- phrases ---------------------------------------------------------------------------------


def category_in(rng: random.Random, chapter: Chapter) -> Category:
    """A category of the chapter, all equally likely."""
    return rng.choice(BY_CHAPTER[chapter.roman])


def any_category(rng: random.Random) -> Category:
    """A category of any chapter, the chapters equally likely."""
    return category_in(rng, rng.choice(words.CHAPTERS))


def _sided(rng: random.Random, text: str) -> str:
    side = rng.choice(words.SIDES)
    if "~sided" in text:
        return text.replace("~sided", f"{side}-sided")
    if "~side" in text:
        return " ".join(text.replace("~side", rng.choice((side, f"{side} side", ""))).split())
    return text.replace("~", rng.choice((f"{side} ", f"{side} ", "")))


def _shortened(rng: random.Random, text: str) -> str:
    for long, short in rng.sample(words.SHORTENED, 4):
        text = re.sub(rf"\b{long}\b", short, text)
    return text


def _typo(rng: random.Random, text: str) -> str:
    """Two letters swapped or one left out inside a long word; codes and shorthand stay whole."""
    places = [match.start() for match in re.finditer(r"(?<=[a-z]{3})[a-z]{2}(?=[a-z]{2})", text)]
    if not places:
        return text
    at = rng.choice(places)
    swapped = rng.choice((text[at + 1] + text[at], text[at]))
    return text[:at] + swapped + text[at + 2 :]


def _cased(rng: random.Random, text: str) -> str:
    chance = rng.random()
    if chance < 0.12:
        return text.upper()
    if chance < 0.3:
        return text.lower()
    return text[0].upper() + text[1:] if chance < 0.6 else text


def _has(text: str, signs: tuple[str, ...]) -> bool:
    return any(sign in f" {text.lower()} " for sign in signs)


def _who(rng: random.Random, category: Category, phrase: str) -> str:
    """A patient who may have this: the sex and the age must not contradict the phrase."""
    letter = category.code[0]
    if letter == "P" or category.flag == "n":
        days = rng.randint(1, 20)
        return rng.choice(("newborn", "neonate", f"{days} day old", f"DOL {days} neonate", "baby"))
    sexes: tuple[str, ...] = ("M", "F")
    if letter == "O" or category.flag == "f" or _has(phrase, words.FEMALE_SIGNS):
        sexes = ("F",)
    elif category.flag == "m" or _has(phrase, words.MALE_SIGNS):
        sexes = ("M",)
    low, high = (17, 44) if letter == "O" or category.code in {"Z34", "Z37"} else (19, 91)
    if letter == "Q" or category.flag == "c" or _has(phrase, words.YOUNG_SIGNS):
        low, high = 2, 15
    sex, age = rng.choice(sexes), rng.randint(low, high)
    long = {"M": "male", "F": "female"}[sex]
    forms = (f"{age}{sex}", f"{age}yo {sex}", f"{age} y/o {long}", f"{age} year old {long}")
    return rng.choice((*forms, f"{long}, {age}", f"Pt ({age}{sex.lower()})", f"{age} yr old {sex}"))


def _tail(rng: random.Random, letter: str) -> str:
    if letter == "R":
        return rng.choice(words.SYMPTOM_TAILS)
    if letter in "ST":
        return rng.choice(words.INJURY_TAILS)
    return rng.choice(words.VISIT_TAILS if letter in "VWXYZ" else words.TAILS)


def _frame(rng: random.Random, letter: str) -> str:
    if letter == "Z":
        return rng.choice(words.VISIT_FRAMES)
    return rng.choice(words.EVENT_FRAMES if letter in "VWXY" else words.CLINICAL_FRAMES)


def phrase_of(rng: random.Random, category: Category) -> str:
    """The category as someone would note it down."""
    letter = category.code[0]
    said = category.phrases if rng.random() < 0.88 else (category.title,)
    phrase = _sided(rng, rng.choice(said))
    if rng.random() < 0.35:
        phrase = _shortened(rng, phrase)
    phrase = _cased(rng, phrase)
    if rng.random() < 0.08:
        phrase = _typo(rng, phrase)
    if rng.random() < 0.3:
        phrase += rng.choice((", ", ", ", " - ", "; ")) + _tail(rng, letter)
    who = _who(rng, category, phrase)
    return _frame(rng, letter).replace("{who}", who).replace("{p}", phrase)


# --- answers ---------------------------------------------------------------------------------


def _drawn(rng: random.Random, answer: Callable[[Category], str]) -> Drawn:
    category = any_category(rng)
    return Drawn(phrase_of(rng, category), answer(category))


def _as_json(category: Category) -> str:
    return json.dumps({"code": category.code, "chapter": category.chapter.roman})


def _as_block_json(category: Category) -> str:
    fields = {"code": category.code, "block": category.block, "title": category.title}
    return json.dumps(fields)


def _from_code(rng: random.Random) -> Drawn:
    """From the code itself, with a subdivision now and then, to the chapter."""
    category = any_category(rng)
    detail = rng.choice(
        ("", "", f".{rng.randint(0, 9)}", f".{rng.randint(0, 9)}{rng.randint(0, 9)}")
    )
    code = category.code + detail
    shown = rng.choice((code, f"ICD-10 {code}", f"code {code}", f"{code}: {category.title}"))
    return Drawn(shown, category.chapter.roman)


def _membership(rng: random.Random, roman: str) -> Drawn:
    belongs = rng.random() < 0.5
    chapters = [chapter for chapter in words.CHAPTERS if (chapter.roman == roman) == belongs]
    category = category_in(rng, rng.choice(chapters))
    return Drawn(phrase_of(rng, category), YES_NO[not belongs])


def _named_membership(rng: random.Random) -> Drawn:
    """The chapter asked for stands in the input, so it varies within the task."""
    asked = rng.choice(words.CHAPTERS)
    belongs = rng.random() < 0.5
    chapter = asked
    if not belongs:
        chapter = rng.choice([other for other in words.CHAPTERS if other != asked])
    phrase = phrase_of(rng, category_in(rng, chapter))
    names = (f"{asked.roman} ({asked.title})", f"{asked.title} ({asked.codes})", asked.title)
    chosen = rng.choice(names)
    layouts = (
        f"Chapter: {chosen}\nPhrase: {phrase}",
        f"Phrase: {phrase}\nChapter: {chosen}",
        f"{phrase} | {chosen}",
    )
    return Drawn(rng.choice(layouts), YES_NO[not belongs])


def _subset(rng: random.Random, labels: dict[str, str]) -> Drawn:
    roman = rng.choice(tuple(labels))
    return Drawn(phrase_of(rng, rng.choice(BY_CHAPTER[roman])), labels[roman])


def _pick(rng: random.Random) -> Drawn:
    """Four codes to choose from, two of them from the right one's own chapter."""
    category = any_category(rng)
    near = [one.code for one in BY_CHAPTER[category.chapter.roman] if one != category]
    far = [one.code for one in words.CATEGORIES if one.chapter != category.chapter]
    options = [category.code, *rng.sample(near, 2), rng.choice(far)]
    rng.shuffle(options)
    shown = rng.choice(("Options: ", "Codes: ", "Candidates: ", "")) + ", ".join(options)
    phrase = phrase_of(rng, category)
    return Drawn(rng.choice((f"{phrase}\n{shown}", f"{shown}\n{phrase}")), category.code)


# --- tasks -----------------------------------------------------------------------------------


def _plain(name: str, answer: Callable[[Category], str], labelled: bool) -> GeneratedTask:
    labels: tuple[str, ...] = ()
    if labelled:
        labels = tuple(dict.fromkeys(answer(one) for one in words.CATEGORIES))
    return GeneratedTask(name, WORDINGS[name], partial(_drawn, answer=answer), labels)


def _chapter_tasks() -> list[GeneratedTask]:
    return [
        _plain("medical_icd10_chapter_roman", lambda one: one.chapter.roman, True),
        _plain("medical_icd10_chapter_title", lambda one: one.chapter.title, True),
        _plain("medical_icd10_chapter_short", lambda one: one.chapter.short, True),
        _plain("medical_icd10_chapter_range", lambda one: one.chapter.codes, True),
        _plain("medical_icd10_letter", lambda one: one.code[0], True),
    ]


def _code_tasks() -> list[GeneratedTask]:
    return [
        _plain("medical_icd10_category", lambda one: one.code, False),
        _plain("medical_icd10_block", lambda one: one.block, False),
        _plain("medical_icd10_title", lambda one: one.title, False),
        _plain("medical_icd10_code_and_title", lambda one: f"{one.code} {one.title}", False),
        _plain("medical_icd10_json", _as_json, False),
        _plain("medical_icd10_block_json", _as_block_json, False),
    ]


def _choice_tasks() -> list[GeneratedTask]:
    romans = tuple(chapter.roman for chapter in words.CHAPTERS)
    made: list[tuple[str, Callable[[random.Random], Drawn], tuple[str, ...]]] = [
        ("medical_code_to_chapter", _from_code, romans),
        ("medical_pick_code", _pick, ()),
        ("medical_in_named_chapter", _named_membership, YES_NO),
        ("medical_ward", partial(_subset, labels=WARDS), tuple(WARDS.values())),
        ("medical_eye_ear_skin_bone", partial(_subset, labels=SENSES), tuple(SENSES.values())),
    ]
    return [GeneratedTask(name, WORDINGS[name], draw, labels) for name, draw, labels in made]


def _membership_task(roman: str, word: str) -> GeneratedTask:
    chapter = next(one for one in words.CHAPTERS if one.roman == roman)
    draw = partial(_membership, roman=roman)
    return GeneratedTask(f"medical_is_{word}", wordings_of_membership(chapter), draw, YES_NO)


def tasks() -> list[GeneratedTask]:
    """Every medical task."""
    yes_no = [_membership_task(roman, word) for roman, word in MEMBERSHIPS.items()]
    return [*_chapter_tasks(), *_code_tasks(), *_choice_tasks(), *yes_no]
