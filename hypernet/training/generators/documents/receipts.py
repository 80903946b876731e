"""Receipts as text recognition gives them: the text with the fields that stand in it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hypernet.training.generators.documents.lands import (
    LANDS,
    LESS_LABELS,
    MALAYSIA,
    NUMBER_LABELS,
    PLACE_LABELS,
    ROUNDED_LABELS,
    ROUNDING_LABELS,
    SERVICE_LABELS,
    STAFF_LABELS,
    SUB_LABELS,
    TITLES,
    TOTAL_LABELS,
    Land,
)
from hypernet.training.generators.documents.words import LISTS, fill

if TYPE_CHECKING:
    import random

LONGEST = 695
TRADES = tuple(name[: -len("_kind")] for name in LISTS if name.endswith("_kind"))


@dataclass(frozen=True)
class Item:
    """A line of goods; amounts in cents."""

    name: str
    count: int
    price: int

    @property
    def amount(self) -> int:
        """What the line comes to."""
        return self.count * self.price


@dataclass(frozen=True)
class Sums:
    """The amounts of a receipt, in cents."""

    items: int
    discount: int
    service: int
    tax: int
    tax_added: bool  # else the prices include it
    rounding: int
    total: int


@dataclass(frozen=True)
class Receipt:
    """The text, and the fields as they are printed in it."""

    text: str
    company: str
    date: str
    address: str
    total: str
    payment: str
    items: tuple[Item, ...]
    sums: Sums


@dataclass
class _Paper:
    """Groups of lines in their order; a group that may go is dropped when space is short."""

    groups: list[tuple[bool, list[str]]] = field(default_factory=list)

    def keep(self, *lines: str) -> None:
        self.groups.append((False, list(lines)))

    def may(self, *lines: str) -> None:
        self.groups.append((True, list(lines)))

    def text(self) -> str:
        return "\n".join(line for _, lines in self.groups for line in lines if line)

    def fitted(self, rng: random.Random) -> str | None:
        """The text, with as many groups left out as the length asks; None if it never fits."""
        while len(self.text()) > LONGEST:
            loose = [place for place, (may_go, _) in enumerate(self.groups) if may_go]
            if not loose:
                return None
            del self.groups[rng.choice(loose)]
        return self.text()


def date_parts(day: datetime.date) -> dict[str, str]:
    """The pieces that date formats are put together from; month names in capitals."""
    month = day.strftime("%B")
    return {
        "dd": f"{day.day:02}", "d": str(day.day), "mm": f"{day.month:02}", "m": str(day.month),
        "yyyy": str(day.year), "yy": f"{day.year % 100:02}", "Mon": month[:3].upper(),
        "Month": month,
    }  # fmt: skip


def any_day(rng: random.Random, first: int = 2014, last: int = 2025) -> datetime.date:
    """A day of those years."""
    start = datetime.date(first, 1, 1)
    days = (datetime.date(last, 12, 31) - start).days
    return start + datetime.timedelta(rng.randint(0, days))


def _clock(rng: random.Random) -> str:
    hour, minute, second = rng.randint(7, 22), rng.randint(0, 59), rng.randint(0, 59)
    noon = f"{hour % 12 or 12}:{minute:02}"
    half = "AM" if hour < 12 else "PM"
    long = f"{hour:02}:{minute:02}:{second:02}"
    return rng.choice((long, long, f"{hour:02}:{minute:02}", f"{noon} {half}", f"{noon}{half}"))


def _amount(cents: int, comma: bool) -> str:
    text = f"{cents / 100:,.2f}"
    return text.translate(str.maketrans(",.", ".,")) if comma else text


def _money(cents: int, mark: str, comma: bool) -> str:
    sign = "-" if cents < 0 else ""
    return f"{sign}{mark}{_amount(abs(cents), comma)}"


def _goods(rng: random.Random, trade: str) -> tuple[Item, ...]:
    many = rng.choice((1, 1, 2, 2, 3, 3, 4, 5, 6))
    names = rng.sample(LISTS[trade], many)
    top = rng.choice((500, 1000, 1500, 3000, 9000))
    return tuple(
        Item(name, rng.choice((1, 1, 1, 1, 2, 2, 3, 5, 10)), max(50, rng.randint(50, top) // 5 * 5))
        for name in names
    )


def _sums(rng: random.Random, land: Land, items: tuple[Item, ...]) -> tuple[Sums, int]:
    """The amounts and the tax rate."""
    rate = rng.choice(land.rates)
    goods = sum(item.amount for item in items)
    discount = goods // rng.choice((10, 20)) if rng.random() < 0.12 else 0
    net = goods - discount
    service = round(net / 10) if rng.random() < 0.1 else 0
    added = rng.random() < 0.4
    base = net + service
    tax = round(base * rate / 100) if added else round(base * rate / (100 + rate))
    exact = base + (tax if added else 0)
    total = exact if land.cents else (exact + 2) // 5 * 5
    return Sums(goods, discount, service, tax, added, total - exact, total), rate


def _noisy(rng: random.Random, line: str) -> str:
    """A slip of the recognition, in a line that holds none of the answers."""
    slips = ((".", " ."), ("O", "0"), ("I", "1"), (" ", ""), ("S", "5"), (",", "."), (":", ";"))
    old, new = rng.choice(slips)
    return line.replace(old, new, 1) if rng.random() < 0.06 else line


def _item_lines(rng: random.Random, items: tuple[Item, ...], mark: str, comma: bool) -> list[str]:
    style = rng.randrange(9)
    code = "".join(rng.choices("0123456789", k=rng.choice((5, 7, 13))))
    tail = rng.choice(("", "", " SR", " S", " Z", " T", " *"))
    heads = (
        "QTY DESCRIPTION AMOUNT", "DESCRIPTION QTY PRICE AMT", "", "ITEM QTY TOTAL",
        "DESCRIPTION QTY U.PRICE TOTAL", "CODE/DESC PRICE DISC AMOUNT", "", "QTY ITEM TOTAL", "",
    )  # fmt: skip
    lines = [heads[style]]
    for place, item in enumerate(items):
        each, amount = _money(item.price, mark, comma), _money(item.amount, mark, comma)
        bare = _amount(item.price, comma)
        number = str(int(code) + 37 * place).zfill(len(code))
        printed = (
            [f"{item.count} {item.name} {amount}{tail}"],
            [f"{item.name} {item.count} {each} {amount}{tail}"],
            [item.name, f"{number} {item.count} X {bare} {amount}{tail}"],
            [item.name, f"{each} {item.count} {amount}{tail}"],
            [f"{place + 1}. {item.name}", f"{item.count} X {bare} {amount}{tail}"],
            [f"{number}", f"{item.name}", f"{item.count} @ {each} 0.00 {amount}{tail}"],
            [f"{item.count}x{item.name}" if item.count > 1 else item.name, amount],
            [f"{item.count}X {bare} {amount}", f"*{item.name}"],
            [f"{item.name}", f"{item.count}PC @ {bare} {amount}{tail}"],
        )[style]  # fmt: skip
        lines += [_noisy(rng, line) for line in printed]
    return lines


def _total_labels(tax: str, rate: int, added: bool) -> tuple[str, ...]:
    if added:
        return (*TOTAL_LABELS, f"TOTAL (INCLUSIVE OF {tax}):", f"TOTAL WITH {tax}")
    return (*TOTAL_LABELS, f"TOTAL INCL. {tax}@{rate}%", f"TOTAL INCLUSIVE {tax}:",
            f"TOTAL ({tax} INCL)",
            f"TOTAL SALES (INCLUSIVE OF {tax}) :", f"TOTAL INCLUDING {tax} {rate}%")  # fmt: skip


@dataclass(frozen=True)
class _Style:
    land: Land
    mark: str  # printed right before small amounts, or nothing
    total_mark: str  # printed before the total; glued on, it belongs to the total as printed
    caps: bool

    def money(self, cents: int) -> str:
        return _money(cents, self.mark, self.land.comma)

    def total(self, cents: int) -> str:
        return _money(cents, self.total_mark.strip(), self.land.comma)


def _style(rng: random.Random) -> _Style:
    land = MALAYSIA if rng.random() < 0.45 else rng.choice(LANDS[1:])
    mark = rng.choice(land.marks)
    glued = mark if rng.random() < 0.35 and len(mark) < 4 else ""
    return _Style(land, glued, glued, rng.random() < 0.8)


def _header(
    rng: random.Random, paper: _Paper, style: _Style, company: str, place: list[str]
) -> None:
    land = style.land
    registration = fill(rng, rng.choice((
        "({r}-@)", "({r} @)", "CO. REG NO: {r}-@", "(CO.REG :{r}-@)", "{r}-@", "ROC NO. {r}",
        "REG. NO. 20%#0%00####", "COMPANY NO. {r}",
    )), {"r": ("%#####", "%######", "%####")})  # fmt: skip
    phone = fill(rng, land.phone, {"my_phone": ("03-####%###", "07-38#####", "01%-### ####")})
    label = rng.choice(
        ("TEL: ", "TEL : ", "Tel ", "PHONE: ", "TEL/FAX: ", "T: ", "H/P: ", "", "CONTACT ")
    )
    brand = f"{fill(rng, '{brand}')}"
    if rng.random() < 0.12:
        paper.may(fill(rng, rng.choice(("3180#0#", "%", "POSTED", "*** COPY ***", "RECEIPT", "="))))
    if rng.random() < 0.08:
        paper.may(f"WELCOME TO {brand}")
    local = land is MALAYSIA
    if company.upper().endswith("BHD") and rng.random() < 0.1:
        paper.may(brand)  # the shop sign over the name of the company
    if local and rng.random() < 0.15:
        paper.keep(f"{company} {fill(rng, '(%#####-@)')}")
    else:
        paper.keep(company)
        if rng.random() < (0.75 if local else 0.15):
            paper.may(registration)
    paper.keep(*place)
    if rng.random() < 0.7:
        fax = f" FAX: {phone[:-2]}{rng.randint(10, 99)}" if rng.random() < 0.2 else ""
        paper.may(label + phone + fax)
    if rng.random() < 0.7:
        paper.may(fill(rng, rng.choice(land.tax_id)))
    if rng.random() < 0.15:
        paper.may(f"({brand})" if rng.random() < 0.5 else f"BRANCH: {brand}")
    paper.may(rng.choice(TITLES))


def _dated(rng: random.Random, date: str) -> str:
    clock = _clock(rng)
    serial = rng.randint(1000, 999999)
    return rng.choice((
        f"DATE: {date}", f"DATE : {date} {clock}", f"DATE: {date} TIME: {clock}", f"{date} {clock}",
        f"{date} {clock}", f"DATE {date}", f"DATE/TIME: {date} {clock}", f"{date} - {clock}",
        f"BILL DATE : {date}", f"INVOICE DATE: {date}", f"#{serial} {date} {clock}", date,
        f"{date} {clock} SH{serial % 10:02} T{serial % 5} R{serial:09}", f"DATE:{date} {clock}",
        f"REG {serial % 90:02} {date} {clock} {serial}", f"TRANS. DATE: {date}",
        f"DT: {date} {clock}",
        f"PRINTED {date} {clock}", f"ORD #{serial % 90} -REG #{serial % 20}- {date} {clock}",
    ))  # fmt: skip


def _meta(rng: random.Random) -> list[str]:
    person = fill(rng, "{first}").upper()
    lines = [
        fill(rng, rng.choice(NUMBER_LABELS)),
        rng.choice(STAFF_LABELS) + person,
        fill(rng, rng.choice(PLACE_LABELS)),
    ]
    return rng.sample(lines, rng.choice((0, 1, 2, 2, 3)))


def _totals(
    rng: random.Random, paper: _Paper, style: _Style, sums: Sums, rate: int, total: str
) -> None:
    tax, money = style.land.tax.upper(), style.money
    rounded = sums.rounding != 0
    if rounded or sums.discount or sums.service or sums.tax_added or rng.random() < 0.35:
        paper.may(f"{rng.choice(SUB_LABELS)} {money(sums.items)}")
    if sums.discount:
        paper.keep(f"{rng.choice(LESS_LABELS)} -{money(sums.discount)}")
    if sums.service:
        paper.keep(f"{rng.choice(SERVICE_LABELS)} {money(sums.service)}")
    if sums.tax_added:
        labels = (f"{tax} {rate}%", f"{tax} @{rate}%:", f"ADD {tax} ({rate}%)", f"TOTAL {tax}:")
        paper.keep(f"{rng.choice(labels)} {money(sums.tax)}")
        if rng.random() < 0.15:
            paper.may(f"TOTAL EXCL {tax} {money(sums.items - sums.discount + sums.service)}")
    if rounded or (style.land is MALAYSIA and rng.random() < 0.3):
        if rounded and rng.random() < 0.4:
            paper.may(f"TOTAL BEFORE ROUNDING {money(sums.total - sums.rounding)}")
        paper.keep(f"{rng.choice(ROUNDING_LABELS)} {money(sums.rounding)}")
    usual = _total_labels(tax, rate, sums.tax_added)
    label = rng.choice(ROUNDED_LABELS if rounded and rng.random() < 0.5 else usual)
    # A mark that stands apart is no part of the total as printed.
    apart = rng.choice(style.land.marks) if not style.total_mark and rng.random() < 0.4 else ""
    if style.land.comma and apart and rng.random() < 0.5:
        paper.keep(f"{label} {total} {apart}")
    else:
        paper.keep(" ".join(part for part in (label, apart, total) if part))


def _payment(rng: random.Random, paper: _Paper, style: _Style, sums: Sums, rate: int) -> str:
    money, tax = style.money, style.land.tax.upper()
    kind = rng.choice(("cash", "cash", "card"))
    if kind == "cash":
        step = rng.choice((100, 500, 1000, 5000))
        paid = sums.total if rng.random() < 0.3 else -(-sums.total // step) * step
        name = rng.choice(("CASH", "CASH :", "CASH TENDERED", "TENDERED CASH:", "CASH RECEIVED"))
        change = rng.choice(
            ("CHANGE", "CHANGE :", "CHANGE DUE", "BALANCE CHANGE", "CHANGE RETURNED")
        )
        paper.keep(f"{name} {money(paid)}")
        if paid > sums.total or rng.random() < 0.5:
            paper.may(f"{change} {money(paid - sums.total)}")
    else:
        name = rng.choice(
            ("VISA", "MASTERCARD", "DEBIT CARD", "CREDIT CARD", "MASTER CARD", "AMEX")
        )
        paper.keep(f"{name} {money(sums.total)}")
        if rng.random() < 0.4:
            paper.may(f"XXXX-XXXX-XXXX-{rng.randint(1000, 9999)}")
    if rng.random() < 0.45:
        net = sums.total - sums.rounding - sums.tax
        head = rng.choice(("SUMMARY AMOUNT TAX", "SUMMARY AMT TAX", "ANALYSIS"))
        code = rng.choice((f"SR @{rate}%", f"S={rate}%", f"SR = {rate}%"))
        paper.may(f"{tax} {head}", f"{code} {money(net)} {money(sums.tax)}")
    elif not sums.tax_added and rng.random() < 0.5:
        paper.may(rng.choice((f"{tax} @{rate}% INCLUDED IN TOTAL {money(sums.tax)}",
                              f"TOTAL INCLUDES {rate}% {tax} {money(sums.tax)}")))  # fmt: skip
    return kind


def _place(rng: random.Random, land: Land) -> list[str]:
    lines = fill(rng, land.address).split("|")
    if rng.random() < 0.7:
        lines = [f"{line}," for line in lines[:-1]] + lines[-1:]
    if rng.random() < 0.15:
        lines[-1] += "."
    return lines


def _attempt(rng: random.Random) -> Receipt | None:
    style = _style(rng)
    land = style.land
    trade = rng.choice(TRADES)
    company = fill(rng, land.shop, {"kind": LISTS[f"{trade}_kind"]})
    place = _place(rng, land)
    if style.caps:
        company, place = company.upper(), [line.upper() for line in place]
    elif land is not MALAYSIA and company.upper() != company:
        company = " ".join(
            word.title() if word.isupper() and len(word) > 3 else word for word in company.split()
        )
    date = rng.choice(land.dates).format(**date_parts(any_day(rng)))
    items = _goods(rng, trade)
    sums, rate = _sums(rng, land, items)
    total = style.total(sums.total)
    paper = _Paper()
    _header(rng, paper, style, company, place)
    spot = rng.random()
    meta = _meta(rng)
    if spot < 0.85:
        meta.insert(rng.randint(0, len(meta)), "\0")
    for line in meta:
        if line == "\0":
            paper.keep(_dated(rng, date))
        else:
            paper.may(_noisy(rng, line))
    if rng.random() < 0.2:
        items_line = f"ITEM(S) : {len(items)} QTY(S) : {sum(item.count for item in items)}"
    else:
        items_line = ""
    paper.keep(*_item_lines(rng, items, style.mark, land.comma), items_line)
    _totals(rng, paper, style, sums, rate, total)
    payment = _payment(rng, paper, style, sums, rate)
    if spot >= 0.85:
        paper.keep(_dated(rng, date))
    for _ in range(rng.choice((0, 1, 2, 3, 3, 4))):
        paper.may(_noisy(rng, fill(rng, "{footer}")))
    text = paper.fitted(rng)
    if text is None:
        return None
    return Receipt(text, company, date, " ".join(place), total, payment, items, sums)


def draw_receipt(rng: random.Random) -> Receipt:
    """A receipt that fits the longest input."""
    while True:
        receipt = _attempt(rng)
        if receipt is not None:
            return receipt
