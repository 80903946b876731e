"""Invoices in many layouts: the text with the fields that stand in it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hypernet.training.generators.documents.receipts import any_day, date_parts
from hypernet.training.generators.documents.words import LISTS, fill

if TYPE_CHECKING:
    import random

LONGEST = 695
# Currency codes with the symbols that mean that currency and no other here.
CURRENCIES = {
    "USD": ("$", "$", "US$"), "EUR": ("€",), "GBP": ("£",), "MYR": ("RM",), "INR": ("₹", "Rs. "),
    "SGD": ("S$",), "AUD": ("A$", "AU$"), "CAD": ("C$", "CA$"), "CHF": ("CHF ", "Fr. "),
    "ZAR": ("R ", "R"), "NZD": ("NZ$",), "HKD": ("HK$",), "BRL": ("R$",), "PLN": ("zł ",),
    "NGN": ("₦",), "KES": ("KSh ",), "PHP": ("₱",), "AED": ("AED ",), "SEK": ("SEK ",),
    "MXN": ("MX$",), "ILS": ("₪",), "THB": ("฿",), "TRY": ("₺",),
}  # fmt: skip
COMMON = ("USD", "EUR", "GBP")
COMMA_MONEY = ("EUR", "BRL", "PLN", "SEK", "TRY")
RATES = (5, 6, 7, 8, 9, 10, 12, 13, 15, 16, 18, 19, 20, 21, 22, 23, 25)
# Ways that leave no doubt which number is the day.
DATES = (
    "{yyyy}-{mm}-{dd}", "{yyyy}-{mm}-{dd}", "{yyyy}-{mm}-{dd}", "{Month} {d}, {yyyy}",
    "{Month} {d}, {yyyy}", "{d} {Month} {yyyy}", "{Mon} {d}, {yyyy}", "{dd} {Mon} {yyyy}",
    "{dd}-{Mon}-{yyyy}", "{dd}-{Mon}-{yy}", "{dd}.{mm}.{yyyy}", "{d}.{m}.{yyyy}",
    "{yyyy}/{mm}/{dd}", "{day} {Month} {yyyy}", "{Month} {day}, {yyyy}", "{yyyy}{mm}{dd}",
    "{weekday}, {d} {Month} {yyyy}", "{yyyy}.{mm}.{dd}", "the {day} of {Month} {yyyy}",
)  # fmt: skip
LATE_DATES = ("{dd}/{mm}/{yyyy}", "{mm}/{dd}/{yyyy}", "{dd}-{mm}-{yyyy}", "{dd}/{mm}/{yy}")

LABELS = {
    "no": ("Invoice No", "Invoice No.", "Invoice #", "Inv. No.", "Invoice number", "Invoice ID",
           "Document no.", "Bill No.", "Our invoice", "INVOICE NO", "Inv#"),
    "on": ("Date", "Invoice date", "Issued", "Date of issue", "Issue date", "Dated", "DATE",
           "Billing date", "Invoice Date"),
    "from": ("From", "Seller", "Supplier", "Vendor", "Issued by", "Remit to", "Billed by", "FROM"),
    "to": ("Bill To", "To", "Customer", "Billed to", "Sold to", "Client", "Invoice to", "BILL TO",
           "Buyer", "For"),
    "sub": ("Subtotal", "Net", "Sub-total", "Net amount", "Sum", "Amount before tax", "SUBTOTAL"),
    "tax": ("Tax", "VAT", "GST", "Sales tax", "TAX", "IVA", "MwSt", "HST"),
    "total": ("Total", "Amount due", "Grand total", "Total due", "TOTAL", "Balance due",
              "Total payable", "Invoice total", "To pay", "Gross amount", "Please pay"),
    "due": ("Due date", "Payment due", "Due", "Pay by", "Payable by", "Due on"),
}  # fmt: skip
TERMS = (
    "Payment within 30 days.", "Net 14", "Thank you for your business!", "Terms: net 30 days", "",
    "Bank transfer only. Acct 00%####-###", "Late payments bear interest at 1.5% a month.", "", "",
    "Questions? billing@example.%##", "IBAN XX%# #### #### ####", "All prices in local currency.",
    "Goods remain our property until paid.", "Contact: {first} {last}, ext. %##", "Page 1 of 1",
    "Please quote the invoice number with payment.", "Your order no. PO-%###", "Cheques accepted.",
    "Delivered by {carrier}.", "Ref: %####/@", "Registered office: {street}", "E&OE", "",
)  # fmt: skip

# {due_line} is empty or a line of its own; {due_text} empty or a sentence.
LAYOUTS = (
    "{vendor}\nINVOICE\n{no}: {number}\n{on}: {date}{due_line}\n{to}: {customer}\n{items}\n"
    "{sub_}: {sub}\n{tax_} ({rate}%): {tax}\n{total_}: {total}\n{terms}",
    "TAX INVOICE #{number}\n{from_} {vendor} on {date}{due_line}\n{to}: {customer}   Ref: {ref}\n"
    "{items}\n{sub_} {sub}\n{tax_} {rate}% {tax}\n{total_} {total}\n{terms}",
    "{from_}: {vendor}\n{to}: {customer}\nInvoice number {number}, invoice date {date}\n{items}\n"
    "{sub_} {sub}; {tax_} {tax}; {total_} {total}.{due_text} {terms}",
    "INVOICE {number}          {date}\n\n{vendor}\n{address}\n\n{to}\n{customer}{due_line}\n"
    "------------------------------\n{items}\n------------------------------\n"
    "{sub_}   {sub}\n{tax_} {rate}%   {tax}\n{total_}   {total}\n{terms}",
    "Dear {customer},\nplease find our invoice {number} of {date} for the following:\n{items}\n"
    "{sub_} {sub}, plus {rate}% {tax_} {tax}, makes {total} altogether.{due_text}\n{terms}\n"
    "Kind regards\n{vendor}",
    "| {no} | {number} |\n| {on} | {date} |\n| {from_} | {vendor} |\n| {to} | {customer} |"
    "{due_row}\n{items}\n| {sub_} | {sub} |\n| {tax_} | {tax} |\n| {total_} | {total} |\n{terms}",
    "{vendor} - {address}\n{to}: {customer}\n{on}: {date}    {no}: {number}{due_line}\n{items}\n"
    "{total_}: {total} (incl. {rate}% {tax_}: {tax})\n{sub_}: {sub}\n{terms}",
    "{no},{number}\n{on},\"{date}\"\n{from_},\"{vendor}\"\n{to},\"{customer}\"{due_csv}\n{items}\n"
    "{sub_},\"{sub}\"\n{tax_} {rate}%,\"{tax}\"\n{total_},\"{total}\"",
    "Subject: Invoice {number} from {vendor}\n\nHi {customer} team,\n\nYour invoice dated {date} "
    "is ready.\n{items}\n{sub_}: {sub}\n{tax_}: {tax}\n{total_}: {total}{due_line}\n\n{terms}",
    "INVOICE\n{to}\n{customer}\n{no} {number}\n{on} {date}{due_line}\nDescription Qty Amount\n"
    "{items}\n{sub_} {sub}\n{tax_} @ {rate}% {tax}\n{total_} {total}\n{vendor}\n{address}\n{terms}",
    "*** {vendor} ***\n{address}\nINV {number} / {date}\nCUST: {customer}{due_line}\n{items}\n"
    "{total_}.....{total}\n  of which {tax_}.....{tax}\n  {sub_}.....{sub}\n{terms}",
    "{customer}\n{street}\n\n{date}\n\nInvoice {number}\n\nFor goods and services supplied:\n"
    "{items}\n{sub_}: {sub}\n{tax_} {rate}%: {tax}\n{total_}: {total}{due_line}\n{terms}\n{vendor}",
    "{no}: {number} | {on}: {date} | {from_}: {vendor} | {to}: {customer}{due_bar} | {items} | "
    "{sub_}: {sub} | {tax_}: {tax} | {total_}: {total}",
    "From                To\n{vendor}  ->  {customer}\n{no} {number}; {on} {date}{due_line}\n"
    "{items}\n{sub_} = {sub}\n+ {tax_} {rate}% = {tax}\n= {total_} {total}\n{terms}",
    "PRO-FORMA? NO - FINAL INVOICE\n{on}: {date}\n{to}: {customer}\nShip to: {street}\n{items}\n"
    "{sub_}\t{sub}\n{tax_} ({rate} %)\t{tax}\n{total_}\t{total}{due_line}\n{no}: {number}\n"
    "{from_}: {vendor}\n{terms}",
    "{vendor}\nRechnung / Invoice {number}\n{date}\nKunde / Client: {customer}{due_line}\n{items}\n"
    "Netto / {sub_}: {sub}\nSteuer / {tax_} {rate}%: {tax}\nSumme / {total_}: {total}\n{terms}",
    "Invoice {number}\nThis invoice was issued on {date} by {vendor} to {customer}."
    "{due_text}\n{items}\nThe {sub_} comes to {sub}, {tax_} to {tax} and the {total_} to {total}.",
    "{to}: {customer}\n{from_}: {vendor}\n{total_}: {total}\n{tax_} included: {tax}\n{no}: "
    "{number}\n{on}: {date}{due_line}\n\nDetails\n{items}\n{sub_}: {sub}\n{terms}",
    "{from_}\n  {vendor}\n  {address}\n{to}\n  {customer}\n{no}\n  {number}\n{on}\n  {date}"
    "{due_line}\n{items}\n{sub_}\n  {sub}\n{tax_}\n  {tax}\n{total_}\n  {total}\n{terms}",
    "# Invoice {number}\n**{vendor}**\n*{date}*\n\n{to}: **{customer}**{due_line}\n\n{items}\n\n"
    "{sub_} {sub}  \n{tax_} ({rate}%) {tax}  \n**{total_} {total}**\n{terms}",
)  # fmt: skip


@dataclass(frozen=True)
class Invoice:
    """The text, and what it says; amounts in cents."""

    text: str
    number: str
    date: datetime.date
    due: datetime.date | None
    vendor: str
    customer: str
    currency: str
    rate: int
    items: tuple[tuple[str, int, int], ...]  # goods, count, price of one
    subtotal: int
    tax: int
    total: int


def plain(cents: int) -> str:
    """Two decimals, no separators."""
    return f"{cents / 100:.2f}"


def _day_text(rng: random.Random, day: datetime.date, form: str) -> str:
    parts = date_parts(day)
    parts["Mon"] = rng.choice((parts["Mon"], parts["Mon"].title(), parts["Mon"].title()))
    ending = "th" if 11 <= day.day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")
    return form.format(**parts, day=f"{day.day}{ending}", weekday=day.strftime("%A"))


def date_form(rng: random.Random, *days: datetime.date) -> str:
    """A form in which none of these days can be misread."""
    if all(day.day > 12 for day in days) and rng.random() < 0.6:
        return rng.choice(LATE_DATES)
    return rng.choice(DATES)


def dates_text(rng: random.Random, *days: datetime.date) -> list[str]:
    """The days, all printed in one form."""
    form = date_form(rng, *days)
    return [_day_text(rng, day, form) for day in days]


@dataclass(frozen=True)
class Money:
    """How a document prints amounts: the symbol, where it stands, the separators."""

    symbol: str
    code: str
    place: str  # "symbol", "code before", "code after", "total only"
    thousands: str
    point: str

    def bare(self, cents: int) -> str:
        """Digits only."""
        separators: dict[str, str | int | None] = {",": self.thousands, ".": self.point}
        return f"{cents / 100:,.2f}".translate(str.maketrans(separators))

    def some(self, cents: int) -> str:
        """An amount that is not the total."""
        if self.place == "total only":
            return self.bare(cents)
        return self.total(cents)

    def total(self, cents: int) -> str:
        """The total, always with the currency."""
        number = self.bare(cents)
        if self.place == "symbol":
            return f"{self.symbol}{number}"
        return f"{number} {self.code}" if self.place == "code after" else f"{self.code} {number}"


def money_of(rng: random.Random, code: str) -> Money:
    """A way of printing that currency."""
    separators = rng.choice(((",", "."), (",", "."), (",", "."), ("", ".")))
    if code == "CHF" and rng.random() < 0.5:
        separators = ("'", ".")
    elif code in COMMA_MONEY and rng.random() < 0.35:
        separators = rng.choice(((".", ","), (" ", ","), ("", ",")))
    place = rng.choice(("symbol", "symbol", "code before", "code after", "total only"))
    return Money(rng.choice(CURRENCIES[code]), code, place, *separators)


def currency(rng: random.Random) -> str:
    """An ISO code, the common ones more often."""
    return rng.choice(COMMON if rng.random() < 0.5 else tuple(CURRENCIES))


def goods(rng: random.Random, most: int = 3) -> tuple[tuple[str, int, int], ...]:
    """Items with counts and prices in cents."""
    names = rng.sample(LISTS["goods"], rng.randint(1, most))
    top = rng.choice((3000, 15000, 60000, 250000))
    return tuple((name, rng.randint(1, 12), rng.randint(150, top)) for name in names)


def item_lines(
    rng: random.Random, items: tuple[tuple[str, int, int], ...], money: Money
) -> list[str]:
    """The items in one of many styles."""
    style = rng.randrange(10)
    lines = ["Qty | Item | Unit | Amount"] if style == 1 else []
    for place, (name, count, price) in enumerate(items, 1):
        each, amount = money.some(price), money.some(count * price)
        bare, bare_amount = money.bare(price), money.bare(count * price)
        lines.append((
            f"{name} x{count} @ {bare} = {bare_amount}",
            f"{count} | {name} | {bare} | {bare_amount}",
            f"- {count} {name}, {each} each",
            f"{place}. {name} {count} {bare} {bare_amount}",
            f"{name}: {count} at {each} = {amount}",
            f"* {count} x {name} ({each})",
            f"{name}\t{count}\t{bare}\t{bare_amount}",
            f"{name} ({count} pcs) ........ {amount}",
            f"{count} units of {name} priced {each}",
            f"{place:03} {name} / qty {count} / {amount}",
        )[style])  # fmt: skip
    return lines


def _labels(rng: random.Random, layout: str) -> dict[str, str]:
    chosen = {key: rng.choice(options) for key, options in LABELS.items()}
    fields = {f"{key}_" if key in {"from", "sub", "tax", "total"} else key: word
              for key, word in chosen.items()}  # fmt: skip
    fields["due_"] = fields.pop("due")
    if "The {sub_}" in layout or "altogether" in layout:
        fields["sub_"] = fields["sub_"].lower()
        fields["total_"] = rng.choice(("total", "grand total", "amount due", "total due"))
    if "{from_} {vendor} on" in layout:
        fields["from_"] = rng.choice(("Issued by", "Sold by", "Billed by"))
    return fields


def _due_fields(label: str, text: str | None) -> dict[str, str]:
    if text is None:
        return dict.fromkeys(("due_line", "due_text", "due_row", "due_csv", "due_bar"), "")
    return {
        "due_line": f"\n{label}: {text}", "due_text": f" {label} {text}.",
        "due_row": f"\n| {label} | {text} |", "due_csv": f'\n{label},"{text}"',
        "due_bar": f" | {label}: {text}",
    }  # fmt: skip


def _attempt(rng: random.Random, with_due: bool) -> Invoice:
    layout = rng.choice(LAYOUTS)
    code = currency(rng)
    money = money_of(rng, code)
    items = goods(rng)
    rate = rng.choice(RATES)
    subtotal = sum(count * price for _, count, price in items)
    tax = round(subtotal * rate / 100)
    date = any_day(rng, 2017, 2026)
    due = date + datetime.timedelta(rng.choice((7, 10, 14, 21, 30, 30, 45, 60)))
    shown_due = due if with_due or rng.random() < 0.3 else None
    dates = dates_text(rng, date, shown_due) if shown_due else dates_text(rng, date)
    vendor, customer = fill(rng, "{firm}"), fill(rng, "{client}")
    number = fill(rng, "{number}")
    fields = _labels(rng, layout)
    fields |= _due_fields(fields["due_"], dates[1] if shown_due else None)
    joint = " | " if "{due_bar}" in layout else "\n"
    fields |= {
        "vendor": vendor, "customer": customer, "number": number, "date": dates[0],
        "items": joint.join(item_lines(rng, items, money)), "rate": str(rate),
        "sub": money.some(subtotal), "tax": money.some(tax), "total": money.total(subtotal + tax),
        "terms": fill(rng, rng.choice(TERMS)), "ref": fill(rng, "PO-%###"),
        "street": fill(rng, "%# {street}"), "address": fill(rng, "%# {street}, {uk_city}"),
    }  # fmt: skip
    text = "\n".join(line.rstrip() for line in layout.format(**fields).strip().split("\n"))
    return Invoice(
        text, number, date, shown_due, vendor, customer, code, rate, items, subtotal, tax,
        subtotal + tax,
    )  # fmt: skip


def draw_invoice(rng: random.Random, with_due: bool = False) -> Invoice:
    """An invoice that fits the longest input; with a due date if that is asked for."""
    while True:
        invoice = _attempt(rng, with_due)
        if len(invoice.text) <= LONGEST:
            return invoice
