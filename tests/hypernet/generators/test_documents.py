import datetime
import json
import random
import re
from pathlib import Path

import pytest

from hypernet.training.generators.common import Drawn, GeneratedTask
from hypernet.training.generators.documents import tasks as documents
from hypernet.training.generators.documents.invoices import (
    CURRENCIES,
    LAYOUTS,
    Money,
    dates_text,
    draw_invoice,
)
from hypernet.training.generators.documents.receipts import draw_receipt

TASKS = documents.tasks()
BY_NAME = {task.name: task for task in TASKS}
ROOT = Path(__file__).parents[3]
# Keys whose values stand in the input as they are.
COPIED = {
    "company", "merchant", "invoice_number", "invoice_no", "vendor", "customer", "seller", "buyer",
    "po_number", "supplier", "note_number", "recipient", "carrier", "packages", "name", "title",
    "phone", "email",
}  # fmt: skip


def seeded(seed: int = 5) -> random.Random:
    return random.Random(seed)  # noqa: S311  # sampling, not secrets


def drawn(name: str, count: int = 300) -> list[Drawn]:
    rng = seeded()
    return [BY_NAME[name].draw(rng) for _ in range(count)]


def numbers_in(text: str) -> set[int]:
    """Every amount in the text in cents, whichever way its separators go."""
    found = re.findall(r"\d[\d.,' ]*[.,]\d\d(?!\d)", text)
    found += re.findall(r"\d+[.,]\d\d(?!\d)", text)
    return {int(re.sub(r"\D", "", one)) for one in found}


def dates_in(text: str) -> set[str]:
    """Every date in the text, read by rules of its own: month words, else the order that fits."""
    words = "jan feb mar apr may jun jul aug sep oct nov dec"
    names = {name: number for number, name in enumerate(words.split(), 1)}
    found: list[tuple[int, int, int]] = []
    for match in re.finditer(r"(\d{4})([-/.]?)(\d\d)\2(\d\d)(?!\d)", text):
        found.append((int(match[1]), int(match[3]), int(match[4])))
    for match in re.finditer(r"(?<!\d)(\d\d?)([./-])(\d\d?)\2(\d{4}|\d\d)(?!\d)", text):
        first, second, year = int(match[1]), int(match[3]), int(match[4])
        day, month = (second, first) if second > 12 else (first, second)
        found.append((year if year > 99 else 2000 + year, month, day))
    day_first = r"(?<!\d)(\d\d?)(?:st|nd|rd|th)?(?: of)?[ -]([A-Za-z]{3,9})[ -](\d{4}|\d\d)\b"
    for match in re.finditer(day_first, text):
        year = int(match[3]) if int(match[3]) > 99 else 2000 + int(match[3])
        found.append((year, names.get(match[2][:3].lower(), 0), int(match[1])))
    for match in re.finditer(r"([A-Za-z]{3,9}) (\d\d?)(?:st|nd|rd|th)?, (\d{4})", text):
        found.append((int(match[3]), names.get(match[1][:3].lower(), 0), int(match[2])))
    valid = [one for one in found if 0 < one[1] < 13 and 0 < one[2] < 32 and one[0] > 1999]
    return {f"{year}-{month:02}-{day:02}" for year, month, day in valid}


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_wordings_are_at_least_26_different_ones_and_filled_in(task: GeneratedTask):
    assert task.name.startswith("documents_")
    assert len({wording.lower() for wording in task.wordings}) == len(task.wordings) >= 26
    assert not any(re.search(r"\{[a-z]\}", wording) for wording in task.wordings)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_instances_are_varied_short_and_repeatable(task: GeneratedTask):
    instances = drawn(task.name)
    assert instances == drawn(task.name)
    assert len({one.input for one in instances}) >= 290
    for one in instances:
        assert 20 < len(one.input) < 700
        assert 0 < len(one.output) < 260
        assert "\n" not in one.output
        assert not re.search(r"[{}~]", one.input)


@pytest.mark.parametrize("name", [name for name in BY_NAME if name.endswith("_json")])
def test_json_answers_parse_and_copied_values_stand_in_the_input(name: str):
    keys = set()
    for one in drawn(name):
        fields = json.loads(one.output)
        keys.add(tuple(fields))
        for key in COPIED & set(fields):
            assert fields[key] in one.input
    assert len(keys) == 1


def test_every_json_wording_names_its_keys():
    for name, task in BY_NAME.items():
        if name.endswith("_json"):
            keys = json.loads(task.draw(seeded()).output)
            for wording in task.wordings:
                assert all(re.search(rf"\b{key}\b", wording) for key in keys), wording


def test_receipt_values_are_as_printed_and_the_address_follows_the_lines():
    for one in drawn("documents_receipt_json"):
        fields = json.loads(one.output)
        assert list(fields) == ["company", "date", "address", "total"]
        lines = one.input.split("\n")
        assert any(line.startswith(fields["company"]) for line in lines)
        assert fields["address"] in " ".join(lines)
        assert fields["date"] in one.input
        assert any(line.endswith(fields["total"]) or fields["total"] + " " in line
                   for line in lines)  # fmt: skip


def test_receipt_totals_are_the_sum_of_what_was_bought():
    rng = seeded()
    for _ in range(500):
        receipt = draw_receipt(rng)
        sums = receipt.sums
        expected = sum(item.count * item.price for item in receipt.items)
        expected += sums.service - sums.discount + sums.rounding
        expected += sums.tax if sums.tax_added else 0
        assert expected == sums.total == int(re.sub(r"\D", "", receipt.total))
        assert abs(sums.rounding) <= 2


def test_receipt_total_is_on_a_line_that_says_so():
    words = re.compile("TOTAL|DUE|PAYABLE", re.IGNORECASE)
    for one in drawn("documents_receipt_total"):
        assert any(words.search(line) and one.output in line for line in one.input.split("\n"))


def test_single_receipt_fields_agree_with_the_json():
    whole = drawn("documents_receipt_json", 30)
    for key in ("company", "date", "address", "total"):
        for one, other in zip(whole, drawn(f"documents_receipt_{key}", 30), strict=True):
            if one.input == other.input:
                assert json.loads(one.output)[key] == other.output


def test_receipt_payment_is_cash_or_card_as_the_lines_say():
    for one in drawn("documents_receipt_payment_json"):
        said = json.loads(one.output)["payment"]
        paid_in_cash = re.search(r"^(TENDERED )?CASH( :| TENDERED|:| RECEIVED)? [^A-Z]*\d",
                                 re.sub(r"RM|EUR|AED|DHS|PHP|KSH|KES|S\$|A\$|Rs\.|P|R(?=\d)", "",
                                        one.input), re.MULTILINE)  # fmt: skip
        assert (said == "cash") == bool(paid_in_cash)


def test_invoice_answers_follow_from_the_text():
    for one in drawn("documents_invoice_json", 800):
        fields = json.loads(one.output)
        assert fields["date"] in dates_in(one.input), one.input
        assert fields["currency"] in CURRENCIES
        amounts = numbers_in(one.input)
        for key in ("tax", "total"):
            assert re.fullmatch(r"\d+\.\d\d", fields[key])
            assert int(fields[key].replace(".", "")) in amounts, (one.input, fields)
        marks = (fields["currency"], *(mark.strip() for mark in CURRENCIES[fields["currency"]]))
        assert any(mark in one.input for mark in marks)


def test_no_symbol_stands_for_two_currencies():
    marks = [mark.strip() for marks in CURRENCIES.values() for mark in set(marks)]
    marks += [code for code in CURRENCIES if code not in marks]
    assert len(marks) - len(set(marks)) == 1  # R, with and without a space, is one mark


def test_invoice_totals_are_sums():
    rng = seeded()
    for _ in range(500):
        invoice = draw_invoice(rng)
        assert invoice.subtotal == sum(count * price for _, count, price in invoice.items)
        assert abs(invoice.tax * 100 - invoice.subtotal * invoice.rate) <= 50
        assert invoice.total == invoice.subtotal + invoice.tax


def test_due_dates_are_printed_and_later_than_the_invoice():
    for one in drawn("documents_invoice_due_json"):
        fields = json.loads(one.output)
        dates = dates_in(one.input)
        assert fields["due_date"] in dates
        assert fields["due_date"] == max(dates)
        assert len(dates) >= 2


def test_invoice_fields_in_normal_form():
    for one in drawn("documents_invoice_total"):
        assert re.fullmatch(r"[A-Z]{3} \d+\.\d\d", one.output)
    for one in drawn("documents_invoice_date"):
        assert datetime.date.fromisoformat(one.output).isoformat() == one.output
    for name in ("documents_invoice_number", "documents_invoice_vendor"):
        assert all(one.output in one.input for one in drawn(name))
    for one in drawn("documents_invoice_tax"):
        assert int(one.output.replace(".", "")) in numbers_in(one.input)


def test_amounts_are_numbers_that_add_up():
    for one in drawn("documents_invoice_amounts_json"):
        fields = json.loads(one.output)
        assert round(fields["subtotal"] + fields["tax"], 2) == fields["total"]
        assert {round(value * 100) for value in fields.values()} <= numbers_in(one.input)
    for one in drawn("documents_invoice_parties_json"):
        assert isinstance(json.loads(one.output)["total"], float)


def test_orders_and_notes_give_dates_and_totals_of_their_text():
    for one in drawn("documents_purchase_order_json"):
        fields = json.loads(one.output)
        assert fields["delivery_date"] == max(dates_in(one.input))
        assert int(fields["total"].replace(".", "")) in numbers_in(one.input)
    for one in drawn("documents_delivery_note_json"):
        assert json.loads(one.output)["date"] in dates_in(one.input)


def test_dates_of_any_form_are_read_back_as_the_same_day():
    rng = seeded()
    for number in range(1500):
        day = datetime.date(2018, 1, 1) + datetime.timedelta(number * 2)
        (text,) = dates_text(rng, day)
        assert day.isoformat() in dates_in(text), text


def test_money_prints_the_separators_asked_for():
    money = Money("€", "EUR", "code after", ".", ",")
    assert money.total(123456789) == "1.234.567,89 EUR"
    assert Money("$", "USD", "symbol", ",", ".").some(500) == "$5.00"


def test_there_are_many_layouts():
    assert len(set(LAYOUTS)) >= 15


def test_dev_files_have_thirty_wordings_each():
    text = (ROOT / "recipes/wordings/documents.jsonl").read_text("utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    names = {"sroie_receipt_json", "sroie_total", "synthetic_invoice_json"}
    assert {row["task"] for row in rows} == names
    generated = {wording for task in TASKS for wording in task.wordings}
    for row in rows:
        assert len(set(row["descriptions"])) == 30
        assert not generated & set(row["descriptions"])
