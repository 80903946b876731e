"""How users would word the documents tasks: thirty or more descriptions each."""

from __future__ import annotations

import re
from dataclasses import dataclass

# {d} is the document, {k} the keys, {h} how the values are to be written; taken in turn.
_JSON_FRAMES = (
    "Extract {k} from the {d} as JSON. {h}",
    "Turn the {d} into a JSON object with the keys {k}.",
    "You are a data entry clerk. Read the {d} and output JSON with {k}. {h}",
    "What are {k}? Answer as one JSON object with exactly these keys.",
    "Information extraction from a {d}. Output: single-line JSON, keys {k}. {h}",
    "json please: {k}",
    "Given a {d}, return a JSON object holding {k}. {h} No other text.",
    "Our system imports JSON. From each {d} produce the fields {k}, in this order.",
    "Parse the {d}. Respond with JSON only; the keys are {k}. {h}",
    "Find {k} in the {d} and give them back in JSON.",
    "The input is the raw text of a {d}. The output must be valid JSON containing {k}. {h}",
    "Please read the {d} carefully and fill in these fields: {k}. Return the result as JSON.",
    "Convert unstructured text ({d}) to a structured record with {k}; JSON, one line. {h}",
    "Could you pull {k} out of this {d}? I need it as JSON.",
    "{d} -> JSON ({k})",
    "Act as a document understanding service: the {d} goes in, a JSON object with {k} comes out.",
    "Write a JSON object for the {d}. Keys: {k}. {h}",
    "I have a stack of these. For every {d}, capture {k} and print a flat JSON object.",
    "Key information extraction. Fields wanted: {k}. Format: JSON object on a single line. {h}",
    "Ignore everything in the {d} except {k}; output those as JSON key-value pairs.",
    "From the text below, which comes from a {d}, make JSON having the keys {k}. {h}",
    "Return {k} as JSON, without explanation or markdown.",
    "As an accounts assistant, record {k} of the {d} in a JSON object. {h}",
    "Scan the {d} and answer with a JSON dictionary whose keys are {k}.",
)
_FIELD_FRAMES = (
    "Give {f} of the {d}. {h}",
    "What is {f} on this {d}?",
    "Read the {d} and answer with {f} only. {h}",
    "You are a data entry clerk. Type {f} of the {d}, nothing else.",
    "Extract {f}. {h}",
    "{f}?",
    "From the text of the {d}, find {f} and output just that. {h}",
    "Return {f} as it should go in our books. {h}",
    "Look through the {d} and tell me {f}.",
    "The input is a {d}. The output is {f}. {h}",
    "Single field extraction: {f} from the {d}. {h}",
    "Locate {f} in the {d} and reply with it, without any other word.",
    "Please find {f} in the following {d}. {h}",
    "Which is {f}? Answer briefly.",
    "need {f} from the {d}, thx",
    "Identify {f}. Ignore all other numbers, names and lines of the {d}. {h}",
    "Act as an information extraction model: {d} in, {f} out.",
    "Report {f} stated in the {d}. {h} No explanation.",
    "Could you read off {f} from this {d}?",
    "Someone handed in a {d}. I only want to know {f}. {h}",
    "Pick out {f} from the {d} below.",
    "Output {f}, and only it. {h}",
    "For expense reporting we need {f} of each {d}. {h}",
    "Given the {d}, state {f}.",
)


@dataclass(frozen=True)
class _Said:
    docs: tuple[str, ...]
    wanted: tuple[str, ...]
    how: tuple[str, ...]
    own: tuple[str, ...]


_RECEIPTS = ("receipt", "shop receipt", "receipt scan", "till slip", "paper receipt")
_INVOICES = ("invoice", "invoice text", "bill from a supplier", "vendor invoice")
_ORDERS = ("purchase order", "order form", "PO", "supplier order")
_NOTES = ("delivery note", "packing slip", "despatch note", "goods delivery document")
_CARDS = ("business card", "visiting card text", "scanned business card", "contact card")
_SIGNATURES = ("email", "email ending with a signature", "mail message", "email signature block")
_PRINTED = (
    "Copy the values as printed.", "Values must be exactly as they stand on the document.",
    "Do not reformat anything.", "Keep spelling, case and punctuation of the original.",
)  # fmt: skip
_AMOUNTS = (
    "Dates as YYYY-MM-DD, amounts with two decimals and no separators.",
    "Use ISO dates and plain amounts like 1234.50.",
    "Normalise dates to YYYY-MM-DD and numbers to two decimals.",
)

_JSON = {
    "documents_receipt_json": _Said(
        _RECEIPTS,
        ("company, date, address and total", '"company", "date", "address", "total"',
         "company / date / address / total", "the company, date, address and total"),
        _PRINTED,
        (
            "Receipt parser: company name, date, address and total amount as JSON with the keys "
            "company, date, address, total.",
            "Give me a JSON with the shop's company, its address, the date and the total to pay "
            "(keys company, date, address, total). Address lines are joined with spaces.",
            "Who sold it, when, where, for how much? JSON keys company, date, address, total; "
            "strings as printed.",
            "Produce {\"company\": ..., \"date\": ..., \"address\": ..., \"total\": ...} from the "
            "receipt.",
            "company date address total in json pls",
            "Digitise receipts for bookkeeping. Fields: company, date, address, total. JSON.",
        ),
    ),
    "documents_receipt_payment_json": _Said(
        _RECEIPTS,
        ("merchant, total and payment", '"merchant", "total", "payment"',
         "merchant, total, payment (cash or card)"),
        ("payment is cash or card; the others as printed.",
         "Say cash or card for payment.", "For payment write cash or card."),
        (
            "JSON with merchant (as printed), total (as printed) and payment (cash or card).",
            "Who was paid, how much and by what means? Keys merchant, total, payment.",
            "Return merchant, total and payment in JSON; payment must be 'cash' or 'card'.",
            "merchant/total/payment json. payment = cash|card",
            "Expense tool: give merchant name, total amount and payment type (cash, card) as JSON "
            "with keys merchant, total, payment.",
            "Was it paid in cash or by card? Include merchant and total too, as JSON with the keys "
            "merchant, total and payment.",
        ),
    ),
    "documents_invoice_json": _Said(
        _INVOICES,
        ("invoice_number, date, vendor, customer, currency, tax and total",
         '"invoice_number", "date", "vendor", "customer", "currency", "tax", "total"',
         "invoice_number, date (YYYY-MM-DD), vendor, customer, currency (ISO code), tax, total"),
        ("Date as YYYY-MM-DD, currency as ISO code, tax and total with two decimals.",
         "Use the ISO currency code, an ISO date and plain amounts with two decimals.",
         "Amounts without symbols or thousands separators; date in ISO form."),
        (
            "Invoice to JSON: invoice_number, date, vendor, customer, currency, tax, total. Dates "
            "YYYY-MM-DD, currency like USD, amounts like 1234.50.",
            "Read the bill and give invoice_number, date, vendor, customer, currency, tax and "
            "total in JSON, normalising date, currency code and amounts.",
            "Make a ledger entry from the invoice. JSON keys: invoice_number, date, vendor, "
            "customer, currency, tax, total. All values strings.",
            "invoice -> {invoice_number, date, vendor, customer, currency, tax, total}, iso date, "
            "iso currency, 2 decimals",
            "Who bills whom, when and how much, tax included? JSON with invoice_number, date, "
            "vendor, customer, currency, tax, total.",
            "Strict output: a JSON object with seven string fields (invoice_number, date, vendor, "
            "customer, currency, tax, total).",
        ),
    ),
    "documents_invoice_due_json": _Said(
        _INVOICES,
        ("invoice_no, due_date and amount_due", '"invoice_no", "due_date", "amount_due"',
         "invoice_no, due_date (YYYY-MM-DD), amount_due"),
        _AMOUNTS,
        (
            "When must this be paid and how much? JSON: invoice_no, due_date, amount_due.",
            "Payment reminder data from the invoice: invoice_no, due_date in ISO form, amount_due "
            "with two decimals, as JSON.",
            "json: invoice_no due_date amount_due",
            "Return the number, the due date (not the issue date) and the total to pay, under the "
            "keys invoice_no, due_date and amount_due.",
            "Accounts payable needs invoice_no, due_date and amount_due from each bill, in JSON.",
            "Create the payment record {invoice_no, due_date, amount_due} of the invoice.",
        ),
    ),
    "documents_invoice_parties_json": _Said(
        _INVOICES,
        ("seller, buyer, currency and total", '"seller", "buyer", "currency", "total"',
         "seller, buyer, currency (ISO code), total (a number)"),
        ("currency is an ISO code and total a JSON number.",
         "Write total as a number, not a string, and currency as a three-letter code.",
         "total: number without quotes; currency: ISO 4217."),
        (
            "Who sells, who buys, in what currency and for how much? JSON with seller, buyer, "
            "currency and total, the total as a number.",
            "Give seller, buyer, ISO currency and numeric total as a JSON object.",
            "json with seller buyer currency total (total numeric)",
            "Name both parties of the invoice and the amount: seller, buyer, currency, total.",
            "Parties and amount of the invoice, as {\"seller\", \"buyer\", \"currency\", "
            "\"total\"}; total unquoted.",
            "For the sales register output seller, buyer, currency and total in JSON.",
        ),
    ),
    "documents_invoice_amounts_json": _Said(
        _INVOICES,
        ("subtotal, tax and total", '"subtotal", "tax", "total"', "subtotal, tax, total (numbers)"),
        ("All three are JSON numbers.", "Numbers, not strings; no currency.",
         "Plain numbers without separators or quotes."),
        (
            "Net, tax and gross of the invoice as JSON numbers under subtotal, tax and total.",
            "json numbers: subtotal, tax, total",
            "How much before tax, how much tax, how much in all? Numbers: subtotal, tax, total.",
            "Check sums need subtotal, tax and total. Give them as numbers in a JSON object.",
            "Only the amounts, please: {\"subtotal\": n, \"tax\": n, \"total\": n}.",
            "Read the three amounts (subtotal, tax, total) off the invoice into JSON, unquoted.",
        ),
    ),
    "documents_purchase_order_json": _Said(
        _ORDERS,
        ("po_number, supplier, buyer, delivery_date and total",
         '"po_number", "supplier", "buyer", "delivery_date", "total"',
         "po_number, supplier, buyer, delivery_date (YYYY-MM-DD), total"),
        _AMOUNTS,
        (
            "Purchase order to JSON with po_number, supplier, buyer, delivery_date, total.",
            "Who orders what from whom until when? Keys po_number, supplier, buyer, delivery_date, "
            "total; ISO date, plain total.",
            "po json: po_number supplier buyer delivery_date total",
            "Enter the order in the ERP: po_number, supplier, buyer, delivery_date (the day needed,"
            " not the order date) and total as JSON.",
            "Extract order data: number, supplier, buyer, delivery date, total. JSON keys "
            "po_number, supplier, buyer, delivery_date, total.",
            "The procurement bot expects JSON: po_number, supplier, buyer, delivery_date, total.",
        ),
    ),
    "documents_delivery_note_json": _Said(
        _NOTES,
        ("note_number, date, recipient, carrier and packages",
         '"note_number", "date", "recipient", "carrier", "packages"',
         "note_number, date (YYYY-MM-DD), recipient, carrier, packages"),
        ("Date as YYYY-MM-DD, packages as a string of digits.", "Use an ISO date.",
         "The date becomes YYYY-MM-DD; all values are strings."),
        (
            "Delivery note to JSON: note_number, date, recipient, carrier, packages.",
            "What was delivered to whom by which carrier, in how many packages? JSON keys "
            "note_number, date, recipient, carrier, packages.",
            "json for goods-in: note_number date recipient carrier packages",
            "Log the consignment as JSON (note_number, date, recipient, carrier, packages).",
            "Warehouse entry: give note_number, ISO date, recipient, carrier and the number of "
            "packages as a JSON object.",
            "Read the slip and return {note_number, date, recipient, carrier, packages}.",
        ),
    ),
    "documents_business_card_json": _Said(
        _CARDS,
        ("name, title, company, phone and email", '"name", "title", "company", "phone", "email"',
         "name, title (job), company, phone, email"),
        _PRINTED,
        (
            "Business card to contact JSON with name, title, company, phone, email.",
            "Add this person to my contacts: JSON with name, title, company, phone and email.",
            "card -> name title company phone email (json)",
            "Whose card is this? Return JSON: name, title, company, phone, email.",
            "Read the card in any order of lines; output name, title, company, phone, email in "
            "this order as JSON.",
            "CRM import: keys name, title, company, phone, email; no fax, no website.",
        ),
    ),
    "documents_signature_json": _Said(
        _SIGNATURES,
        ("name, company, email and phone", '"name", "company", "email", "phone"',
         "name, company, email, phone of the sender"),
        _PRINTED,
        (
            "Find the sender's details: JSON with name, company, email and phone.",
            "Who wrote this mail? Output JSON with the keys name, company, email, phone.",
            "contact from signature as json (name, company, email, phone)",
            "Get the contact data out of the signature, not the body: name, company, email, phone.",
            "Save the sender as a contact. JSON keys: name, company, email, phone.",
            "Parse the sign-off of the message and give name, company, email, phone in JSON.",
        ),
    ),
}  # fmt: skip

_TOTAL_HOW = (
    "As printed.", "Copy the amount exactly as printed.", "Just the amount.",
    "After tax, discount and rounding.",
)  # fmt: skip
_FIELD = {
    "documents_receipt_total": _Said(
        _RECEIPTS,
        ("the total amount to pay", "the total", "the final amount", "the grand total"),
        _TOTAL_HOW,
        (
            "How much did the customer have to pay in the end?",
            "total on receipt, amount only",
            "Not the cash given, not the change: the total of the purchase, as printed.",
            "Sum to be paid according to the receipt; answer with the amount only.",
            "Read the bill and say what it comes to, digits as on the paper.",
            "Which number is the total due after rounding? Copy it.",
        ),
    ),
    "documents_receipt_date": _Said(
        _RECEIPTS,
        ("the date", "the date of purchase", "the day it was issued, as printed"),
        ("As printed, without the time.", "Copy the date exactly; leave out the time.",
         "Same format as on the paper."),
        (
            "When was this bought? Copy the date as printed.",
            "date on receipt pls, same format",
            "On what day was the receipt printed? Don't reformat, don't add the time.",
            "Copy the transaction date from the text.",
            "Find the purchase date. Output it character for character.",
            "Only the date string of the till slip, with no clock time.",
        ),
    ),
    "documents_receipt_company": _Said(
        _RECEIPTS,
        ("the name of the company", "the company name", "the seller's name as printed"),
        _PRINTED,
        (
            "Which company issued the receipt?",
            "shop / company name only",
            "Name the business that the money was paid to, as printed.",
            "Who is the merchant? Copy the company name without registration number.",
            "The full legal or trading name of the seller at the head of the receipt, please.",
            "Copy the vendor name from the receipt text.",
        ),
    ),
    "documents_receipt_address": _Said(
        _RECEIPTS,
        ("the address of the shop", "the seller's address on one line", "the full printed address"),
        ("Join its lines with spaces.", "On one line, as printed.",
         "Keep commas and full stops as they are, lines joined by a space."),
        (
            "Where is the shop? Give the whole address on one line.",
            "address pls (one line)",
            "Copy the company's postal address, its lines joined with a space.",
            "Write the location printed under the company name, all lines in one.",
            "Street, area, postcode and city as they stand on the receipt, in one line.",
            "Which address does the receipt show? Do not include phone or tax numbers.",
        ),
    ),
    "documents_invoice_number": _Said(
        _INVOICES,
        ("the invoice number", "the number of the invoice", "the invoice's own reference number"),
        ("Copy it exactly.", "As printed.", "Not the order number."),
        (
            "Under which number was this billed?",
            "inv no?",
            "Copy the invoice ID and nothing else.",
            "We file bills by their number. Which number does this one have?",
            "Don't confuse it with the PO reference: what is the invoice number?",
            "Invoice number only please.",
        ),
    ),
    "documents_invoice_total": _Said(
        _INVOICES,
        ("the total with its ISO currency code", "the total amount due, e.g. EUR 1234.50",
         "the currency code and gross total"),
        ("Format: ISO code, space, amount with two decimals.", "Like USD 99.00.",
         "Plain digits with two decimals after the three-letter currency code."),
        (
            "How much is to be paid, tax included? Write it like GBP 1200.00.",
            "total + currency (format: USD 12.34)",
            "Currency code and grand total, no thousands separator, e.g. CHF 10450.75.",
            "Convert the printed total to the form CODE AMOUNT, with the ISO code in front.",
            "Normalise the gross amount of the invoice: three letters, space, two decimals.",
            "Gross total as 'ISO amount', for example EUR 35.90.",
        ),
    ),
    "documents_invoice_date": _Said(
        _INVOICES,
        ("the invoice date as YYYY-MM-DD", "the issue date in ISO format (YYYY-MM-DD)",
         "the date of the invoice, written YYYY-MM-DD"),
        ("Year, month, day with hyphens.", "Not the due date.", "Use the form 2024-03-31."),
        (
            "When was it issued? Give YYYY-MM-DD.",
            "invoice date -> iso",
            "Convert the date of the invoice to ISO 8601 (YYYY-MM-DD), whatever its format.",
            "Rewrite the issue date like 2023-07-05.",
            "On which day was it billed? YYYY-MM-DD, and never the payment deadline.",
            "Normalise the billing date: four-digit year, two-digit month, two-digit day.",
        ),
    ),
    "documents_invoice_vendor": _Said(
        _INVOICES,
        ("the vendor", "the name of the company that issued it", "the seller's name"),
        ("Not the customer.", "Copy the name as printed.", "Name only, without address."),
        (
            "Who sent the bill?",
            "vendor name only",
            "Which firm gets the money? Copy its name.",
            "Name the supplier, not the one who is billed.",
            "Whose invoice is it? Give the issuing company as printed.",
            "The biller's name, please.",
        ),
    ),
    "documents_invoice_tax": _Said(
        _INVOICES,
        ("the tax amount", "the amount of VAT, GST or sales tax", "how much of it is tax"),
        ("Two decimals, no currency.", "Plain number like 134.92.",
         "No symbol, no thousands separator, two decimals."),
        (
            "How much tax is charged? Answer with digits and two decimals.",
            "tax amount, plain number",
            "Read off the VAT/GST figure (not the rate) as a plain number.",
            "The tax in money, not in percent, e.g. 88.40.",
            "Input tax for our return: give the amount without currency sign.",
            "What does the tax line come to? Write it as 1234.56.",
        ),
    ),
}  # fmt: skip


def _framed(said: _Said, frames: tuple[str, ...]) -> tuple[str, ...]:
    made = []
    for place, frame in enumerate(frames):
        # Different steps, so that the same words do not always meet.
        text = frame.replace("{d}", said.docs[place % len(said.docs)])
        for slot in ("{k}", "{f}"):
            text = text.replace(slot, said.wanted[place // 2 % len(said.wanted)])
        text = text.replace("{h}", said.how[place // 3 % len(said.how)])
        text = re.sub(r"\ba (?=[aeiou])", "an ", text)
        made.append(text[0].upper() + text[1:])
    return (*said.own, *made)


WORDINGS = {name: _framed(said, _JSON_FRAMES) for name, said in _JSON.items()} | {
    name: _framed(said, _FIELD_FRAMES) for name, said in _FIELD.items()
}
