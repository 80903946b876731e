"""Purchase orders, delivery notes, business cards and signatures with their fields."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, NamedTuple

from hypernet.training.generators.documents.invoices import (
    currency,
    dates_text,
    goods,
    item_lines,
    money_of,
    plain,
)
from hypernet.training.generators.documents.receipts import any_day
from hypernet.training.generators.documents.words import fill

if TYPE_CHECKING:
    import random

LONGEST = 695


class Form(NamedTuple):
    """A document and its fields, as they are to be answered."""

    text: str
    fields: dict[str, str]


ORDER_LAYOUTS = (
    "PURCHASE ORDER {po}\n{supplier_}: {supplier}\n{buyer_}: {buyer}\nOrder date: {ordered}\n"
    "{deliver_}: {delivery}\n{items}\n{total_}: {total}\n{note}",
    "{buyer}\n{street}\n\nPO No. {po}          {ordered}\n{supplier_}: {supplier}\n{items}\n"
    "{total_} {total}\n{deliver_} {delivery}\n{note}",
    "Dear {supplier},\nwe hereby order under number {po}:\n{items}\n{total_}: {total}\n"
    "{deliver_}: {delivery}.\n{note}\nRegards,\n{buyer}",
    "| PO | {po} |\n| {buyer_} | {buyer} |\n| {supplier_} | {supplier} |\n| {deliver_} | "
    "{delivery} |\n{items}\n| {total_} | {total} |",
    "ORDER FORM\nIssued: {ordered}\n{supplier_}\n  {supplier}\n{buyer_}\n  {buyer}\nLines\n"
    "{items}\n{total_}  {total}\n{deliver_}  {delivery}\nAuthorised: {person}   PO#: {po}",
    "P.O. {po} / {buyer_} {buyer} / {supplier_} {supplier} / {deliver_} {delivery} / {total_} "
    "{total}\n{items}\n{note}",
    "From: {person} <purchasing@order.example>\nSubject: Purchase order {po}\n\nHello {supplier},\n"
    "please deliver to {buyer}, {street}:\n{items}\n{deliver_}: {delivery}\n{total_}: {total}",
)
NOTE_LAYOUTS = (
    "DELIVERY NOTE {note_no}\n{on_}: {date}\n{to_}: {recipient}\n{street}\n{carrier_}: {carrier}\n"
    "{goods}\n{packages_}: {packages}\nReceived in good order: ________",
    "{sender}\nDelivery note no. {note_no} of {date}\nCarrier {carrier}, driver {person}\n"
    "{to_}\n{recipient}\n{goods}\nTotal {packages} {unit}, {weight} kg",
    "Packing slip\nSlip #: {note_no}\nShipped {date} via {carrier}\n{packages_}: {packages}\n"
    "{to_}: {recipient}\n{from_}: {sender}\n{goods}",
    "{goods}\n---\n{packages_}: {packages}   Weight: {weight} kg\n{carrier_}: {carrier}\n{on_}: "
    "{date}\n{to_}: {recipient}\nNote: {note_no}",
    "GOODS DESPATCHED / DN {note_no}\n{from_} {sender}, {street}\n{to_} {recipient}\n{on_} {date}\n"
    "{packages} {unit} by {carrier}\n{goods}\nSigned {person}",
    "Dear {recipient},\nyour consignment ({packages} {unit}) left us on {date} with {carrier}.\n"
    "Delivery note: {note_no}\n{goods}\nBest regards, {sender}",
)
LETTERS = (
    "Thanks for the call earlier. I'll send the draft over shortly.", "Hi {other},",
    "Please find the file attached.", "Could we move our meeting to Thursday at 3?",
    "As discussed, the samples will ship next week.", "Let me know if you have any questions.",
    "Happy to help with the tender.", "See my comments below.", "Dear {other},\nnoted, thank you.",
    "Following up on my last message about the quote.", "The report is ready for review.",
    "I am out of the office until Monday.", "Sure, that works for us!", "",
    "Quick reminder: the deadline is Friday.", "Great meeting you at the fair.",
)  # fmt: skip
GREETINGS = (
    "Best regards,", "Kind regards", "Regards,", "Cheers,", "Sincerely,", "Thanks,", "--", "BR",
    "Yours faithfully,", "Many thanks", "Mit freundlichen Grüßen", "Warm regards,", "Best,", "",
)  # fmt: skip
ENDINGS = (
    "This email is confidential.", "Please consider the environment before printing.", "",
    "Follow us on LinkedIn", "Sent from my phone", "Registered in England no. %######", "",
    "If you are not the intended recipient, delete this message.", "Book a meeting: cal.%##", "",
)  # fmt: skip


def _fitting(rng: random.Random, layouts: tuple[str, ...], fields: dict[str, str]) -> str | None:
    text = rng.choice(layouts).format(**fields).strip()
    return text if len(text) <= LONGEST else None


def _label(rng: random.Random, text: str) -> str:
    return rng.choice(text.split("; "))


def _order_try(rng: random.Random) -> Form | None:
    items = goods(rng, 4)
    money = money_of(rng, currency(rng))
    total = sum(count * price for _, count, price in items)
    ordered = any_day(rng, 2018, 2026)
    delivery = ordered + datetime.timedelta(rng.randint(3, 60))
    ordered_text, delivery_text = dates_text(rng, ordered, delivery)
    po = fill(
        rng, _label(rng, "PO-%####; %#####; PO%###/%#; 45000%####; @@-%###; PO 20%#-%##; P%####")
    )
    supplier, buyer = fill(rng, "{firm}"), fill(rng, "{client}")
    text = _fitting(rng, ORDER_LAYOUTS, {
        "po": po, "supplier": supplier, "buyer": buyer, "ordered": ordered_text,
        "delivery": delivery_text, "items": "\n".join(item_lines(rng, items, money)),
        "total": money.total(total), "street": fill(rng, "%# {street}, {uk_city}"),
        "person": fill(rng, "{first} {last}"),
        "supplier_": _label(rng, "Supplier; Vendor; Seller; Order to"),
        "buyer_": _label(rng, "Buyer; Ordered by; Purchaser; Bill to; From"),
        "deliver_": _label(rng, "Delivery date; Deliver by; Required by; Needed on; Delivery due"),
        "total_": _label(rng, "Total; Order total; Order value; TOTAL; Total amount"),
        "note": _label(rng, "Please confirm receipt.; Terms: net 30; Quote the PO on all papers.; "
                       "Partial deliveries accepted.; Incoterms: DAP; No substitutes please."),
    })  # fmt: skip
    fields = {"po_number": po, "supplier": supplier, "buyer": buyer,
              "delivery_date": delivery.isoformat(), "total": plain(total)}  # fmt: skip
    return Form(text, fields) if text else None


def _note_try(rng: random.Random) -> Form | None:
    date = any_day(rng, 2018, 2026)
    packages, unit = (
        str(rng.randint(2, 60)),
        _label(rng, "cartons; pallets; parcels; boxes; crates"),
    )
    note_no = fill(
        rng, _label(rng, "DN-%####; %######; LS%####; DN/%#/%##; @%###; 80%######; D-20%#-%##")
    )
    recipient, carrier = fill(rng, "{client}"), fill(rng, "{carrier}")
    style = _label(rng, "{n} x {g}; - {g}: {n} pcs; {g} ({n}); {n} {g}; {g} / {n} units")
    shipped = [style.format(n=count, g=name) for name, count, _ in goods(rng, 4)]
    text = _fitting(rng, NOTE_LAYOUTS, {
        "note_no": note_no, "date": dates_text(rng, date)[0], "recipient": recipient,
        "carrier": carrier, "packages": packages, "unit": unit, "goods": "\n".join(shipped),
        "sender": fill(rng, "{firm}"), "person": fill(rng, "{first} {last}"),
        "street": fill(rng, "%# {street}, {uk_city}"), "weight": str(rng.randint(70, 900)),
        "to_": _label(rng, "Deliver to; Ship to; Consignee; Recipient; Delivered to"),
        "from_": _label(rng, "From; Shipper; Sender; Dispatched by"),
        "on_": _label(rng, "Date; Delivery date; Shipped on; Dispatch date"),
        "carrier_": _label(rng, "Carrier; Shipped via; Transport; Courier"),
        "packages_": _label(rng, "Packages; No. of packages; Parcels; Colli; Cartons"),
    })  # fmt: skip
    fields = {"note_number": note_no, "date": date.isoformat(), "recipient": recipient,
              "carrier": carrier, "packages": packages}  # fmt: skip
    return Form(text, fields) if text else None


def _plain_letters(text: str) -> str:
    table = str.maketrans({"ü": "ue", "í": "i", "ö": "oe", "'": "", " ": ".", "é": "e", "ß": "ss"})
    return text.lower().translate(table)


def _person(rng: random.Random) -> dict[str, str]:
    first, last, company = fill(rng, "{first}"), fill(rng, "{last}"), fill(rng, "{firm}")
    initial = fill(rng, "@")
    words = "".join(one for one in _plain_letters(company) if one.isalnum() or one == ".")
    domain = "".join(words.split(".")[:2]) + "." + fill(rng, "{domain_end}")
    user = rng.choice(
        (f"{first}.{last}", f"{first[0]}{last}", first, f"{first}_{last}", "info", "office")
    )
    return {
        "name": rng.choice((f"{first} {last}", f"{first} {last}", f"{first} {initial}. {last}",
                            f"Dr. {first} {last}")),
        "title": fill(rng, "{job}"), "company": company, "phone": fill(rng, "{phone}"),
        "email": f"{_plain_letters(user)}@{domain}", "site": f"www.{domain}",
    }  # fmt: skip


def _phone_line(rng: random.Random, phone: str) -> str:
    return (
        rng.choice(("T ", "Tel: ", "Phone: ", "", "M: ", "Mobile ", "tel. ", "P: ", "(p) ")) + phone
    )


def draw_card(rng: random.Random) -> Form:
    """The text read from a business card; the lines stand in any order."""
    who = _person(rng)
    if rng.random() < 0.2:
        who["name"] = who["name"].upper()
    if rng.random() < 0.15:
        who["company"] = who["company"].upper()
    address = fill(rng, "{uk_address}" if rng.random() < 0.5 else "{us_address}").replace("|", ", ")
    top = [[who["name"], who["title"]], [who["company"]]]
    extras = [
        _phone_line(rng, who["phone"]), rng.choice(("", "E ", "Email: ", "e-mail ")) + who["email"],
    ]  # fmt: skip
    extras += [line for line in (address, who["site"]) if rng.random() < 0.6]
    if rng.random() < 0.2:
        extras.append(fill(rng, "Fax: %## %##-####"))
    rng.shuffle(top)
    rng.shuffle(extras)
    lines = [line for group in top for line in group] + extras
    joint = rng.choice(("\n", "\n", "\n", " | ", "\n\n", ", "))
    fields = {key: who[key] for key in ("name", "title", "company", "phone", "email")}
    return Form(joint.join(lines), fields)


def draw_signature(rng: random.Random) -> Form:
    """The end of an email, with the sender's signature."""
    who = _person(rng)
    letter = rng.sample(LETTERS, rng.choice((0, 1, 2)))
    other = fill(rng, "{first}")
    job = rng.choice((
        [who["title"], who["company"]], [f"{who['title']} | {who['company']}"], [who["company"]],
        [f"{who['title']}, {who['company']}"], [who["company"], who["title"]],
    ))  # fmt: skip
    reach = [_phone_line(rng, who["phone"]), rng.choice(("", "E: ", "Mail: ")) + who["email"]]
    if rng.random() < 0.4:
        reach.append(who["site"])
    rng.shuffle(reach)
    if rng.random() < 0.25:
        reach = [" | ".join(reach)]
    ending = fill(rng, rng.choice(ENDINGS))
    lines = [*(text.replace("{other}", other) for text in letter), rng.choice(GREETINGS),
             who["name"], *job, *reach, ending]  # fmt: skip
    fields = {key: who[key] for key in ("name", "company", "email", "phone")}
    return Form("\n".join(line for line in lines if line), fields)


def draw_order(rng: random.Random) -> Form:
    """A purchase order."""
    while True:
        form = _order_try(rng)
        if form:
            return form


def draw_delivery_note(rng: random.Random) -> Form:
    """A delivery note or packing slip."""
    while True:
        form = _note_try(rng)
        if form:
            return form
