"""Which reading of a document's amounts is taken: a likely one that adds up."""

from __future__ import annotations

from decimal import Decimal

import pytest

from examples.docparse import tasks
from examples.docparse.candidates import candidates_of
from examples.docparse.decisions import Answer, Decided, Decisions
from examples.docparse.sums import MOST_AMOUNTS, likeliest_reading
from examples.docparse.tasks import AMOUNTS

TEXT = """Tarn Books LLC 2026/0417
oak shelving 100.00
site survey 50.00
net 150.00
tax 30.00
to pay 180.00"""


def shares(label: str, share: float = 0.9) -> dict[str, float]:
    """One label's share; the others have the rest in equal parts."""
    rest = (1 - share) / (len(AMOUNTS.labels) - 1)
    return {each: share if each == label else rest for each in AMOUNTS.labels}


def read(amounts: str, labels: str, share: float = 0.9) -> list[str] | None:
    given = [Decimal(amount) for amount in amounts.split()]
    return likeliest_reading(given, [shares(label, share) for label in labels.split()])


@pytest.mark.parametrize(
    ("amounts", "labels"),
    [
        ("100 50 150 30 180", "line line net tax total"),
        ("180 30 150 100 50", "total tax net line line"),
        ("100 50 30 180", "line line tax total"),
        ("120 60 30 150 180", "line line tax net total"),
        ("100 100 20 120", "line net tax total"),
        ("100 20 120 120", "line tax total total"),
        ("100 20 120 77", "line tax total other"),
    ],
)
def test_a_right_reading_that_adds_up_stays(amounts: str, labels: str) -> None:
    assert read(amounts, labels) == labels.split()


@pytest.mark.parametrize(
    "labels",
    ["line line net tax line", "line line net net total", "tax line net tax total"],
)
def test_one_amount_that_was_taken_for_another_is_put_right_by_the_others(labels: str) -> None:
    assert read("100 50 150 30 180", labels) == ["line", "line", "net", "tax", "total"]


def test_an_odd_reading_does_not_stand_in_for_a_document_whose_sums_are_wrong() -> None:
    """150 could be a total of 100 and 50, if these were no lines."""
    assert read("100 50 150 30 181", "line line net tax total", share=0.97) is None


@pytest.mark.parametrize("amounts", ["", "5", "5 7", "1 2 4 8"])
def test_amounts_of_which_no_reading_adds_up_have_none(amounts: str) -> None:
    assert read(amounts, " ".join(["line"] * len(amounts.split()))) is None


def test_more_amounts_than_can_be_looked_through_have_none() -> None:
    amounts = ["1"] * (MOST_AMOUNTS - 2) + [str(MOST_AMOUNTS - 2), "1", str(MOST_AMOUNTS - 1)]
    assert read(" ".join(amounts), " ".join(["line"] * len(amounts))) is None


def decisions(labels: str, text: str = TEXT, share: float = 0.45) -> Decisions:
    """Steps about the amounts of a text that answered these labels, all of them unsure."""
    made = Decisions([Decided(tasks.KIND, text, Answer(1, "invoice"))])
    amounts = [each for each in candidates_of(text) if each.task == AMOUNTS]
    for each, label in zip(amounts, labels.split(), strict=True):
        answer = Answer(2, label, shares(label, share), unsure=True)
        made.made.append(Decided(AMOUNTS, each.input, answer, each))
    made.read_amounts()
    return made


def taken(made: Decisions) -> list[str]:
    return [each.taken for each in made.of(AMOUNTS)]


def test_amounts_that_add_up_are_taken_and_not_asked_about() -> None:
    made = decisions("line line net line total")
    assert taken(made) == ["line", "line", "net", "tax", "total"]
    assert made.unsure() == set()


def test_the_person_still_sees_what_each_step_answered() -> None:
    made = decisions("line line net line total")
    assert [each.answer.output for each in made.of(AMOUNTS)][3] == "line"


def test_amounts_that_do_not_add_up_are_taken_as_answered_and_asked_about() -> None:
    made = decisions("line line net tax total", TEXT.replace("180.00", "777.77"), 0.97)
    assert taken(made) == ["line", "line", "net", "tax", "total"]
    assert made.unsure() == {"net", "tax", "total", "items"}
