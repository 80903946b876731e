"""From a document's text to candidates, decisions and a record that is checked."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from examples.docparse import tasks
from examples.docparse.candidates import candidates_of
from examples.docparse.decisions import Answer, Decided, Decisions
from examples.docparse.papers.making import make_papers
from examples.docparse.person import Person
from examples.docparse.record import check
from examples.docparse.values import AMOUNT, DATE, REFERENCE, amount_of, date_of

TEXT = """Oxbow Print Works GmbH
Folio AR-55120-26, drawn up 3 May 2026
colour proofs .... 1.200,00
site survey .... 34,50
net 1.234,50
plus tax 246,90
PLEASE PAY 1.481,40 EUR
no later than 2026-06-02"""
RECORD = {
    "kind": "invoice",
    "number": "AR-55120-26",
    "seller": "Oxbow Print Works GmbH",
    "date": "2026-05-03",
    "due": "2026-06-02",
    "net": "1234.50",
    "tax": "246.90",
    "total": "1481.40",
    "items": [
        {"item": "colour proofs", "amount": "1200.00"},
        {"item": "site survey", "amount": "34.50"},
    ],
}
LABELS = {
    "1.200,00": "line",
    "34,50": "line",
    "1.234,50": "net",
    "246,90": "tax",
    "1.481,40": "total",
    "3 May 2026": "issued",
    "2026-06-02": "due",
    "AR-55120-26": "number",
}


def decisions(**changed: str) -> Decisions:
    """The right decisions about the text, but for amounts, dates and references given here."""
    labels = {**LABELS, **{key.replace("_", ","): label for key, label in changed.items()}}
    made = Decisions([Decided(tasks.KIND, TEXT, Answer(1, "invoice"))])
    for each in candidates_of(TEXT):
        label = labels.get(each.shown, "seller" if each.start == 0 else tasks.OTHER)
        answer = Answer(2, label, {label: 0.9}, unsure=label == "due")
        made.made.append(Decided(each.task, each.input, answer, each))
    seller = made.chosen("seller")
    assert seller is not None
    company = Answer(3, "Oxbow Print Works GmbH")
    made.made.append(Decided(tasks.COMPANY, "", company, seller.candidate))
    for line in made.lines():
        assert line.candidate is not None
        item = line.candidate.line.split(" ..")[0]
        made.made.append(Decided(tasks.ITEM, "", Answer(4, item), line.candidate))
    return made


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1,234.50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1 234,50", "1234.50"),
        ("1234.50", "1234.50"),
        ("7,05", "7.05"),
    ],
)
def test_an_amount_is_found_and_means_the_same_however_it_is_written(
    text: str, amount: str
) -> None:
    (found,) = AMOUNT.findall(f"to pay {text} EUR.")
    assert found == text
    assert amount_of(found) == Decimal(amount)


@pytest.mark.parametrize("text", ["13.50%", "2026.05.03", "058.56-40", "v1.25.2", "1.2345"])
def test_rates_numbers_and_dates_are_no_amounts(text: str) -> None:
    assert AMOUNT.findall(f"it says {text} here") == []


@pytest.mark.parametrize(
    "text", ["2026-05-03", "03.05.2026", "3 May 2026", "3-May-2026", "May 3, 2026"]
)
def test_a_date_is_found_and_means_the_same_however_it_is_written(text: str) -> None:
    (found,) = DATE.findall(f"on {text}, as said")
    assert found == text
    assert date_of(found) == "2026-05-03"


def test_a_day_that_is_none_is_no_date() -> None:
    assert date_of("31.02.2026") is None


@pytest.mark.parametrize(
    "text", ["B32417", "2025/6980", "058.56-40", "LX-66301-25", "2520867", "2026/0417"]
)
def test_numbers_of_documents_are_found(text: str) -> None:
    assert REFERENCE.findall(f"Folio: {text}, of today #{text}") == [text, text]


def test_candidates_show_the_lines_around_them_without_other_amounts() -> None:
    found = {each.shown: each for each in candidates_of(TEXT)}
    assert found["246,90"].input == ("net #\nplus tax >> 246,90 <<\nPLEASE PAY # EUR\n4 of 5")
    assert found["246,90"].line == "plus tax 246,90"
    assert found["AR-55120-26"].task == tasks.REFERENCES
    assert found["Oxbow Print Works GmbH"].input.startswith("(top)\n>> Oxbow")


def test_right_decisions_make_the_record() -> None:
    checked = check(decisions().record())
    assert checked.record == RECORD
    assert (checked.misfits, checked.sums) == ((), ())


def test_a_field_whose_deciding_step_was_unsure_is_asked_about() -> None:
    assert decisions().unsure() == {"due"}


def test_a_field_that_may_be_missing_needs_its_label_and_others_take_the_likeliest() -> None:
    made = decisions(**{"2026-06-02": tasks.OTHER, "246_90": tasks.OTHER})
    assert "due" not in made.record()
    assert made.record()["tax"] == "1200.00"


def test_lines_may_be_priced_with_tax() -> None:
    items = [{"item": "room two nights", "amount": "1481.40"}]
    assert check({**RECORD, "items": items}).sums == ()


def test_an_amount_taken_for_a_line_breaks_the_sums() -> None:
    made = decisions()
    wrong = {**made.record(), "items": [*RECORD["items"], {"item": "net", "amount": "1234.50"}]}
    assert check(wrong).sums == ("the lines are 2469.00, not 1234.50 or 1481.40",)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"total": "1481.04"}, "net 1234.50 and tax 246.90 are 1481.40, not the total 1481.04"),
        (
            {"items": [{"item": "x", "amount": "1.00"}]},
            "the lines are 1.00, not 1234.50 or 1481.40",
        ),
        ({"net": None, "total": "1500.00"}, "the lines are 1234.50, not 1253.10 or 1500.00"),
    ],
)
def test_sums_that_do_not_add_up_are_told(change: dict[str, Any], said: str) -> None:
    record = {name: value for name, value in {**RECORD, **change}.items() if value is not None}
    assert check(record).sums == (said,)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"total": None}, "'total' is a required property"),
        ({"date": "3 May 2026"}, "$.date"),
        ({"kind": "letter"}, "$.kind"),
        ({"items": []}, "$.items"),
        ({"paid": "yes"}, "'paid' was unexpected"),
    ],
)
def test_a_record_that_does_not_fit_the_schema_says_where(
    change: dict[str, Any], place: str
) -> None:
    record = {name: value for name, value in {**RECORD, **change}.items() if value is not None}
    (said,) = check(record).misfits
    assert place in said


def test_the_person_s_right_answers_make_the_true_record_of_every_document() -> None:
    """So nothing but the model's answers keeps a field from being right."""
    for paper in make_papers(40, seed=5):
        if paper.layout.form in ("html", "mail"):
            continue  # their text is another once it is read
        text, person = paper.text.replace(" || ", " "), Person(paper)
        made = Decisions([Decided(tasks.KIND, text, Answer(1, paper.layout.kind))])
        for each in candidates_of(text):
            right = person.right_answer(Decided(each.task, each.input, Answer(1, ""), each))
            assert right is not None
            made.made.append(Decided(each.task, each.input, Answer(1, right, {right: 1.0}), each))
        seller = made.chosen("seller")
        assert seller is not None
        for task, steps in ((tasks.COMPANY, [seller]), (tasks.ITEM, made.lines())):
            for step in steps:
                assert step.candidate is not None
                asked = Decided(task, step.candidate.line, Answer(1, ""), step.candidate)
                right = person.right_answer(asked)
                assert right is not None
                made.made.append(Decided(task, asked.input, Answer(1, right), step.candidate))
        assert person.wrong(made.record()) == set(), (paper.layout.name, text)
