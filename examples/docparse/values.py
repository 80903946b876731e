"""Dates, amounts, references and company names as they are written, found and put into one form."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
DATE = re.compile(
    rf"\b\d{{4}}-\d\d-\d\d\b|\b\d\d\.\d\d\.\d{{4}}\b"
    rf"|\b\d{{1,2}}[ -]{_MONTH}[ -]\d{{4}}\b|\b{_MONTH} \d{{1,2}}, \d{{4}}\b"
)
_END = r"(?![\w%]|[.,/-]?\d)"
AMOUNT = re.compile(rf"(?<![\w.,/-])(?:\d{{1,3}}(?:[., ]\d{{3}})+|\d+)[.,]\d{{2}}{_END}")
REFERENCE = re.compile(
    r"(?<![\w@.,:/+-])(?=[\w./-]*\d[\w./-]*\d[\w./-]*\d[\w./-]*\d)[A-Z]{0,3}[\d./-]*\d(?!\w|[:@])"
)
NAME = re.compile(r"[A-Z][a-z]+(?:-[A-Z][a-z]+)?(?: & | )[A-Z]\w")


def amount_of(text: str) -> Decimal:
    """The amount, whatever parts its thousands: the last mark is the decimal one."""
    digits = re.sub(r"\D", "", text)
    return Decimal(f"{digits[:-2]}.{digits[-2:]}")


def date_of(text: str) -> str | None:
    """The date in ISO's form; None where there is no such day."""
    numbers = [int(part) for part in re.findall(r"\d+", text)]
    word = re.search(r"[A-Za-z]{3}", text)
    if word is None:
        year, month, day = numbers if len(text.split("-")[0]) == 4 else reversed(numbers)
    else:
        (day, year), month = numbers, MONTHS.index(word[0].lower()) + 1
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None
