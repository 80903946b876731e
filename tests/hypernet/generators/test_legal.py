"""The drawn legal tasks: right, varied, repeatable."""

import json
import random
import re
from collections import Counter
from pathlib import Path

import pytest

from hypernet.training.generators.common import GeneratedTask
from hypernet.training.generators.legal import clauses
from hypernet.training.generators.legal import tasks as legal
from hypernet.training.generators.legal import words as legal_words

TASKS = {task.name: task for task in legal.tasks()}
RECIPE = Path(__file__).parents[3] / "recipes" / "wordings" / "legal.jsonl"
UNDER_TEST = pytest.mark.parametrize("task", TASKS.values(), ids=list(TASKS))
CHECKED = 300


def drawn(task: GeneratedTask, seed: int = 7) -> list[tuple[str, str]]:
    rng = random.Random(seed)  # noqa: S311
    return [tuple(task.draw(rng)) for _ in range(CHECKED)]


def stands_in(period: str, text: str) -> bool:
    """Whether the period is written in the text, in figures or in words."""
    count, unit = period.split()
    name = clauses.NUMBER_NAMES.get(int(count), count)
    stem = unit.removesuffix("s")
    return re.search(rf"(\b{count}|\({count}\)|\b{name})\s+(-+ +)?{stem}", text) is not None


@UNDER_TEST
def test_no_placeholder_is_left_over(task: GeneratedTask):
    for text, answer in drawn(task):
        assert not re.search(r"[<>{}|]", text)
        assert answer.strip() == answer != ""
    if task.name != "legal_renewal_json":
        assert not any(re.search(r"[{}]", wording) for wording in task.wordings)


@pytest.mark.parametrize("task", [task for task in TASKS.values() if task.labels])
def test_answers_are_labels_and_balanced(task: GeneratedTask):
    rng = random.Random(3)  # noqa: S311
    counts = Counter(task.draw(rng).output for _ in range(100 * len(task.labels)))
    assert set(counts) == set(task.labels)
    assert min(counts.values()) > 60
    assert max(counts.values()) < 145


@pytest.mark.parametrize("kind", legal_words.HEADINGS)
def test_every_kind_of_clause_has_thirty_phrases_and_a_usual_length(kind: str):
    assert len(clauses.CLAUSES[kind]) >= 30
    rng = random.Random(1)  # noqa: S311
    lengths = [len(clauses.clause(rng, kind)) for _ in range(CHECKED)]
    assert 150 < sum(lengths) / len(lengths) < 330


@pytest.mark.parametrize("name", ["legal_notice_period", "legal_term_length"])
def test_the_period_stands_in_the_clause(name: str):
    for text, answer in drawn(TASKS[name]):
        assert stands_in(answer, text), text


def test_the_notice_period_is_the_one_next_to_a_word_of_notice_or_end():
    near = re.compile(r"notice|prior|before|advance|earlier|ahead", re.IGNORECASE)
    for text, answer in drawn(TASKS["legal_notice_period"]):
        count, unit = answer.split()
        name = clauses.NUMBER_NAMES.get(int(count), count)
        spots = re.finditer(rf"\b({count}|{name})\b\S* +(\({count}\))? *(-+ +)?{unit[:3]}", text)
        windows = [text[max(0, spot.start() - 60) : spot.end() + 40] for spot in spots]
        assert any(near.search(window) for window in windows), text


def test_renewal_json_parses_and_its_periods_stand_in_the_clause():
    for text, answer in drawn(TASKS["legal_renewal_json"]):
        found = json.loads(answer)
        assert list(found) == ["initial_term", "renewal_term", "notice_period"]
        assert all(stands_in(period, text) for period in found.values())


def test_the_place_follows_a_word_of_law_or_choice():
    names = {name for _, name in legal_words.PLACES}
    for text, answer in drawn(TASKS["legal_governing_law_place"]):
        assert answer in names
        spaced = " ".join(re.sub(r"-{5,}", " ", text).split())
        assert answer in spaced
        elsewhere = re.search(r"organized in (.*?), enters into", spaced)
        assert elsewhere is None or elsewhere[1] != answer


def test_the_cap_stands_in_the_clause():
    for text, answer in drawn(TASKS["legal_cap_amount"]):
        assert answer in " ".join(re.sub(r"-{5,}", " ", text).split())


def test_privacy_sentences_without_purpose_name_none():
    purposes = [noun for nouns in legal.NOUNS.values() for noun in nouns]
    task = TASKS["legal_privacy_purpose"]
    for text, answer in drawn(task):
        if answer == "Not Specified":
            assert not any(f"for {noun}" in text for noun in purposes)


def test_third_party_sentences_name_an_outsider():
    outsider = re.compile(
        r"third.part|partner|vendor|outside|another company|companies|others|unaffiliated|service",
        re.IGNORECASE,
    )
    for text, answer in drawn(TASKS["legal_privacy_actor"]):
        if answer == "third party":
            assert outsider.search(text)


def test_recipe_has_thirty_wordings_for_every_development_task():
    rows = [json.loads(line) for line in RECIPE.read_text(encoding="utf-8").splitlines()]
    assert {row["task"] for row in rows} == {
        "cuad_clause_type",
        "cuad_is_audit_rights",
        "cuad_notice_period_extraction",
        "privacy_policy_purpose",
    }
    for row in rows:
        assert len(set(row["descriptions"])) == len(row["descriptions"]) == 30
