"""The JSON that a document becomes, its schema, and whether its sums add up."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator

if TYPE_CHECKING:
    from collections.abc import Sequence

AMOUNT = {"type": "string", "pattern": r"^\d+\.\d\d$"}
DATE = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"}
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "kind": {"enum": ["invoice", "receipt"]},
        "number": {"type": "string", "minLength": 1},
        "seller": {"type": "string", "minLength": 1},
        "date": DATE,
        "due": DATE,
        "net": AMOUNT,
        "tax": AMOUNT,
        "total": AMOUNT,
        "items": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "properties": {"item": {"type": "string", "minLength": 1}, "amount": AMOUNT},
                "required": ["item", "amount"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["kind", "number", "seller", "date", "tax", "total", "items"],
    "additionalProperties": False,
}
"""`due` and `net` are left out where a document does not say them."""
FIELDS: tuple[str, ...] = tuple(SCHEMA["properties"])
_VALIDATOR = Draft202012Validator(SCHEMA)


@dataclass(frozen=True)
class Checked:
    """A record and what is wrong with it; nothing where it stands as it is."""

    record: dict[str, Any]
    misfits: tuple[str, ...]
    """Against the schema."""
    sums: tuple[str, ...]
    """What does not add up."""


def check(record: dict[str, Any]) -> Checked:
    """A record with what speaks against it."""
    errors = sorted(_VALIDATOR.iter_errors(record), key=lambda error: error.json_path)
    misfits = tuple(f"{error.json_path}: {error.message}" for error in errors)
    return Checked(record, misfits, tuple(_sums(record)))


def _sums(record: dict[str, Any]) -> Sequence[str]:
    net, tax, total = (_number(record.get(name)) for name in ("net", "tax", "total"))
    found = []
    if net is not None and tax is not None and total is not None and net + tax != total:
        found.append(f"net {net} and tax {tax} are {net + tax}, not the total {total}")
    if net is None and tax is not None and total is not None:
        net = total - tax
    # Some sellers price their lines without tax, others with it.
    wanted = [amount for amount in (net, total) if amount is not None]
    lines = sum((Decimal(each["amount"]) for each in record.get("items", ())), Decimal(0))
    if wanted and record.get("items") and lines not in wanted:
        found.append(f"the lines are {lines}, not {' or '.join(map(str, wanted))}")
    return found


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
