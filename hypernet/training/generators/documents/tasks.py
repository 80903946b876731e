"""Tasks of reading receipts, invoices and other papers. Knows nothing of models or training."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from hypernet.training.generators.common import Drawn, GeneratedTask
from hypernet.training.generators.documents.forms import (
    draw_card,
    draw_delivery_note,
    draw_order,
    draw_signature,
)
from hypernet.training.generators.documents.invoices import draw_invoice, plain
from hypernet.training.generators.documents.receipts import draw_receipt
from hypernet.training.generators.documents.wordings import WORDINGS

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from hypernet.training.generators.documents.forms import Form
    from hypernet.training.generators.documents.invoices import Invoice
    from hypernet.training.generators.documents.receipts import Receipt

LONGEST_OUTPUT = 255


def _line(fields: dict[str, Any]) -> str:
    return json.dumps(fields, ensure_ascii=False)


def _receipt_json(receipt: Receipt) -> str:
    return _line({
        "company": receipt.company, "date": receipt.date, "address": receipt.address,
        "total": receipt.total,
    })  # fmt: skip


def _payment_json(receipt: Receipt) -> str:
    fields = {"merchant": receipt.company, "total": receipt.total, "payment": receipt.payment}
    return _line(fields)


def _invoice_json(invoice: Invoice) -> str:
    return _line({
        "invoice_number": invoice.number, "date": invoice.date.isoformat(),
        "vendor": invoice.vendor, "customer": invoice.customer, "currency": invoice.currency,
        "tax": plain(invoice.tax), "total": plain(invoice.total),
    })  # fmt: skip


def _due_json(invoice: Invoice) -> str:
    due = invoice.due.isoformat() if invoice.due else ""
    fields = {"invoice_no": invoice.number, "due_date": due, "amount_due": plain(invoice.total)}
    return _line(fields)


def _parties_json(invoice: Invoice) -> str:
    return _line({
        "seller": invoice.vendor, "buyer": invoice.customer, "currency": invoice.currency,
        "total": invoice.total / 100,
    })  # fmt: skip


def _amounts_json(invoice: Invoice) -> str:
    return _line({
        "subtotal": invoice.subtotal / 100, "tax": invoice.tax / 100, "total": invoice.total / 100,
    })  # fmt: skip


def _from_receipt(rng: random.Random, answer: Callable[[Receipt], str]) -> Drawn:
    while True:
        receipt = draw_receipt(rng)
        output = answer(receipt)
        if len(output) <= LONGEST_OUTPUT:
            return Drawn(receipt.text, output)


def _from_invoice(
    rng: random.Random, answer: Callable[[Invoice], str], with_due: bool = False
) -> Drawn:
    while True:
        invoice = draw_invoice(rng, with_due)
        output = answer(invoice)
        if len(output) <= LONGEST_OUTPUT:
            return Drawn(invoice.text, output)


def _from_form(rng: random.Random, draw: Callable[[random.Random], Form]) -> Drawn:
    while True:
        form = draw(rng)
        output = _line(dict(form.fields))
        if len(output) <= LONGEST_OUTPUT:
            return Drawn(form.text, output)


def _receipt_tasks() -> dict[str, Callable[[random.Random], Drawn]]:
    answers: dict[str, Callable[[Receipt], str]] = {
        "json": _receipt_json,
        "payment_json": _payment_json,
        "total": lambda receipt: receipt.total,
        "date": lambda receipt: receipt.date,
        "company": lambda receipt: receipt.company,
        "address": lambda receipt: receipt.address,
    }
    return {
        f"documents_receipt_{name}": partial(_from_receipt, answer=answer)
        for name, answer in answers.items()
    }


def _invoice_tasks() -> dict[str, Callable[[random.Random], Drawn]]:
    answers: dict[str, Callable[[Invoice], str]] = {
        "json": _invoice_json,
        "due_json": _due_json,
        "parties_json": _parties_json,
        "amounts_json": _amounts_json,
        "number": lambda invoice: invoice.number,
        "total": lambda invoice: f"{invoice.currency} {plain(invoice.total)}",
        "date": lambda invoice: invoice.date.isoformat(),
        "vendor": lambda invoice: invoice.vendor,
        "tax": lambda invoice: plain(invoice.tax),
    }
    return {
        f"documents_invoice_{name}": partial(
            _from_invoice, answer=answer, with_due=name == "due_json"
        )
        for name, answer in answers.items()
    }


def _form_tasks() -> dict[str, Callable[[random.Random], Drawn]]:
    draws = {
        "purchase_order": draw_order, "delivery_note": draw_delivery_note,
        "business_card": draw_card, "signature": draw_signature,
    }  # fmt: skip
    return {
        f"documents_{name}_json": partial(_from_form, draw=draw) for name, draw in draws.items()
    }


def tasks() -> list[GeneratedTask]:
    """Every documents task."""
    draws = _receipt_tasks() | _invoice_tasks() | _form_tasks()
    return [GeneratedTask(name, WORDINGS[name], draw) for name, draw in draws.items()]
