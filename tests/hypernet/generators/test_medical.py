import json
import random
import re
from collections import Counter
from itertools import pairwise

import pytest

from hypernet.training.generators.common import Drawn, GeneratedTask
from hypernet.training.generators.medical import tasks as medical
from hypernet.training.generators.medical.words import BLOCKS, CATEGORIES, CHAPTERS

TASKS = medical.tasks()
BY_NAME = {task.name: task for task in TASKS}
# Written a second time, from the letters, so that a slip in the table is found.
ROMAN_OF_LETTERS = {
    "AB": "I", "C": "II", "E": "IV", "F": "V", "G": "VI", "I": "IX", "J": "X", "K": "XI",
    "L": "XII", "M": "XIII", "N": "XIV", "O": "XV", "P": "XVI", "Q": "XVII", "R": "XVIII",
    "ST": "XIX", "VWXY": "XX", "Z": "XXI",
}  # fmt: skip


def roman_of(code: str) -> str:
    if code[0] == "D":
        return "II" if int(code[1:3]) < 50 else "III"
    if code[0] == "H":
        return "VII" if int(code[1:3]) < 60 else "VIII"
    return next(roman for letters, roman in ROMAN_OF_LETTERS.items() if code[0] in letters)


def drawn(task: GeneratedTask, count: int = 300, seed: int = 5) -> list[Drawn]:
    rng = random.Random(seed)  # noqa: S311  # sampling, not secrets
    return [task.draw(rng) for _ in range(count)]


def test_every_category_stands_in_the_chapter_of_its_letter():
    for category in CATEGORIES:
        assert re.fullmatch(r"[A-TV-Z]\d\d", category.code)
        assert category.chapter.roman == roman_of(category.code), category.code


def test_every_block_holds_its_codes_and_lies_in_their_chapter():
    for category in CATEGORIES:
        first, last = category.block.split("-")
        assert first <= category.code <= last
        assert roman_of(first) == roman_of(last) == category.chapter.roman


def test_blocks_and_chapters_do_not_overlap():
    for before, after in pairwise(BLOCKS):
        assert before[4:] < after[:3], (before, after)
    for chapter, following in pairwise(CHAPTERS):
        assert chapter.last < following.first


def test_there_are_many_codes_and_each_is_said_in_three_or_more_ways():
    assert len({category.code for category in CATEGORIES}) == len(CATEGORIES) > 250
    assert all(len(set(category.phrases)) >= 3 for category in CATEGORIES)
    assert all(count >= 15 for count in Counter(one.chapter.roman for one in CATEGORIES).values())


def test_no_phrase_stands_for_two_codes():
    owners: dict[str, str] = {}
    for category in CATEGORIES:
        for phrase in (*category.phrases, category.title):
            assert phrase.strip() == phrase != ""
            assert owners.setdefault(phrase.lower(), category.code) == category.code, phrase


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_wordings_are_thirty_different_ones_and_filled_in(task: GeneratedTask):
    assert task.name.startswith("medical_")
    assert len({wording.lower() for wording in task.wordings}) == len(task.wordings) >= 30
    assert not any("{t}" in wording or "{a}" in wording for wording in task.wordings)
    assert not any("{b}" in wording for wording in task.wordings)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_instances_are_varied_short_and_repeatable(task: GeneratedTask):
    instances = drawn(task)
    assert instances == drawn(task)
    assert len({one.input for one in instances}) >= 250
    for one in instances:
        assert 1 < len(one.input) < 900
        assert 0 < len(one.output) < 300
        assert "~" not in one.input
        assert "{" not in one.input
        assert one.input == one.input.strip()
        if task.labels:
            assert one.output in task.labels


@pytest.mark.parametrize("task", [one for one in TASKS if one.labels], ids=lambda task: task.name)
def test_labels_of_chapters_and_answers_are_about_equally_likely(task: GeneratedTask):
    counts = Counter(one.output for one in drawn(task, 2100))
    assert set(counts) == set(task.labels)
    if task.name == "medical_icd10_letter":  # letters of the larger chapters come more often
        return
    assert max(counts.values()) < 2 * min(counts.values())


def test_the_forms_of_one_category_agree():
    names = ("medical_icd10_chapter_roman", "medical_icd10_category", "medical_icd10_block")
    for roman, code, block in zip(*(drawn(BY_NAME[name]) for name in names), strict=True):
        assert roman.input == code.input == block.input
        assert roman.output == roman_of(code.output)
        assert block.output[:3] <= code.output <= block.output[4:]


def test_json_answers_parse_and_fit_the_letter():
    for one in drawn(BY_NAME["medical_icd10_json"]):
        fields = json.loads(one.output)
        assert list(fields) == ["code", "chapter"]
        assert fields["chapter"] == roman_of(fields["code"])
    for one in drawn(BY_NAME["medical_icd10_block_json"]):
        fields = json.loads(one.output)
        assert list(fields) == ["code", "block", "title"]
        assert fields["block"][:3] <= fields["code"] <= fields["block"][4:]


def test_a_code_in_the_input_gives_its_chapter():
    for one in drawn(BY_NAME["medical_code_to_chapter"]):
        found = re.search(r"\b[A-Z]\d\d", one.input.replace("ICD-10", ""))
        assert found is not None
        assert one.output == roman_of(found[0])


def test_the_code_to_pick_is_offered_once_among_four():
    for one in drawn(BY_NAME["medical_pick_code"]):
        line = next(line for line in one.input.split("\n") if line.count(", ") >= 3 and
                    len(re.findall(r"\b[A-Z]\d\d\b", line)) == 4)  # fmt: skip
        offered = re.findall(r"\b[A-Z]\d\d\b", line)
        assert len(set(offered)) == 4
        assert offered.count(one.output) == 1


def test_yes_means_that_the_phrase_lies_in_the_chapter():
    task = BY_NAME["medical_is_circulatory"]
    shown = {one.input.lower(): one.output for one in drawn(task, 2000)}
    hearts = [one for one in CATEGORIES if one.code[0] == "I"]
    others = [one for one in CATEGORIES if one.code[0] != "I"]
    for categories, answer in ((hearts, "yes"), (others, "no")):
        phrases = {phrase.lower() for one in categories for phrase in one.phrases}
        seen = [shown[phrase] for phrase in phrases if phrase in shown]
        assert seen
        assert set(seen) == {answer}


def test_patients_do_not_contradict_their_condition():
    for category in CATEGORIES:
        rng = random.Random(category.code)  # noqa: S311  # sampling, not secrets
        texts = " | ".join(medical.phrase_of(rng, category) for _ in range(40))
        if category.flag == "m":
            assert not re.search(r"\b\d+F\b|\bfemale\b", texts)
        if category.code[0] == "O":
            assert not re.search(r"\b\d+M\b|\bmale\b", texts)


def test_data_gives_instances_under_the_task():
    data = BY_NAME["medical_icd10_category"].data(50, 1)
    assert len(data.instances) == 50
