"""What the documents look like: forty-odd words for the same few facts, in four forms of file.

In a text `{name}` is a fact, `[[a|b]]` one of several wordings, `{rows}` on a line of its own the
lines of the bill. A line whose fact is missing is left out. In PDFs `||` parts left from right.
None of these layouts is one of the generators in `tasks/`, which the shipped weights saw.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Form = Literal["pdf", "scan", "html", "mail"]
Kind = Literal["invoice", "receipt"]


@dataclass(frozen=True)
class Layout:
    """One way to set out a document; `row` is one line of the bill, `subject` a mail's."""

    name: str
    form: Form
    kind: Kind
    text: str
    row: str
    subject: str = ""


LAYOUTS = (
    Layout(
        "letterhead",
        "pdf",
        "invoice",
        """{seller} || [[Tax invoice|Invoice]]
{street} || Our ref [[no|nr]] {number}
{town} || [[Drawn up|Issued]] {date}

To [[the attention of|]] {buyer}

Description || Charge ({currency})
{rows}

Value of goods and services || {net}
Tax at {rate} % || {tax}
To be settled || {total}
[[Kindly settle not later than|Please settle before the end of]] {due}""",
        "{quantity} {item} || {amount}",
    ),
    Layout(
        "totals-first",
        "pdf",
        "invoice",
        """[[You owe|Sum to transfer]] || {currency} {total}
[[Transfer by|Latest day]] || {due}

INVOICE || {number}
{seller} || {date}
[[Account of|Client]] {buyer}

{rows}

[[Before tax|Net of tax]] || {net}
Tax {rate}% || {tax}""",
        "{item} ({quantity}) || {amount}",
    ),
    Layout(
        "hours",
        "pdf",
        "invoice",
        """[[Statement of work|Work done]] for {buyer}

by {seller}, {street}, {town}
[[Sheet|File]] {number} || [[closed on|made on]] {date}

{rows}

[[Work in all|Fees]] {net} || tax on it {tax}
[[Payable|Amount claimed]] {currency} {total} || [[falls due|within terms until]] {due}""",
        "{item}, {quantity} h || {amount}",
    ),
    Layout(
        "hotel",
        "pdf",
        "receipt",
        """{seller}
{street}, {town}

Guest folio {number} || Departure {date}

{rows}

Included levy {rate} % || {tax}
Without levy || {net}
[[Settled in full|Charged]] || {currency} {total}
[[Settled by|Means]] || {method}""",
        "{item} || {amount}",
    ),
    Layout(
        "ticket",
        "pdf",
        "receipt",
        """[[Proof of purchase|Purchase slip]] || {number}
{rows}
[[All told|Everything]] || {total} {currency}
[[of which tax|tax therein]] || {tax}
[[net worth|tax free part]] || {net}
{method} || {date}
[[Thank you for travelling with|Sold to you by]] {seller}""",
        "{item} x{quantity} || {amount}",
    ),
    Layout(
        "typed",
        "scan",
        "invoice",
        """{seller}      {town}
--------------------------------
ACCOUNT RENDERED      {date}
Folio: {number}
Messrs {buyer}
--------------------------------
{rows}
--------------------------------
carried    {net}
{rate} pct tax    {tax}
[[SUM DUE|BALANCE]] {currency}    {total}
[[Terms: pay up to|To be met by]] {due}""",
        "{quantity}  {item}    {amount}",
    ),
    Layout(
        "form",
        "scan",
        "invoice",
        """1 Biller: {seller}
2 Document: {number}
3 Made: {date}
4 [[Recipient|Debtor]]: {buyer}
5 Particulars:
{rows}
6 Taxable: {net}
7 Tax ({rate}%): {tax}
8 [[Final sum|Sum claimed]] {currency}: {total}
9 [[Deadline|Pay until]]: {due}""",
        "  - {item}: {amount}",
    ),
    Layout(
        "workshop",
        "scan",
        "invoice",
        """Job card {number}        {seller}
[[Vehicle handed over|Work finished]] {date}
for {buyer}

{rows}

labour and parts {net}
plus tax {tax}
PLEASE PAY {total} {currency}
[[no later than|on or before]] {due}""",
        "{item} .... {amount}",
    ),
    Layout(
        "till",
        "scan",
        "receipt",
        """{seller}
{town}
{rows}
==============
[[AMT|DUE]] {currency} {total}
{method} {total}
TAX {rate}% {tax}
EXCL {net}
{date} #{number}""",
        "{item}  {amount}",
    ),
    Layout(
        "taxi",
        "scan",
        "receipt",
        """RIDE {number}
{date}
{rows}
[[Fare paid|You paid]]: {total} {currency} ({method})
Tax inside {tax}
Net fare {net}
Driver for {seller}""",
        "{item} - {amount}",
    ),
    Layout(
        "web-shop",
        "html",
        "invoice",
        """<html><body><p>{seller} &middot; {street}</p>
<table><tr><td>Bill</td><td>{number}</td></tr>
<tr><td>[[Day|Written]]</td><td>{date}</td></tr>
<tr><td>Charged to</td><td>{buyer}</td></tr>
<tr><td>[[Money must arrive by|Payment expected]]</td><td>{due}</td></tr></table>
<table><tr><th>What</th><th>How many</th><th>{currency}</th></tr>
{rows}
<tr><td>Goods</td><td></td><td>{net}</td></tr>
<tr><td>Tax {rate}%</td><td></td><td>{tax}</td></tr>
<tr><td>[[Altogether|In all]]</td><td></td><td>{total}</td></tr></table></body></html>""",
        "<tr><td>{item}</td><td>{quantity}</td><td>{amount}</td></tr>",
    ),
    Layout(
        "subscription",
        "html",
        "invoice",
        """<html><body><div>Hi {buyer},</div>
<div>[[your plan was renewed|a new period has begun]] on {date}.</div>
<div>Charge id {number}</div>
<ul>
{rows}
</ul>
<div>Plan price {net}, tax {tax}</div>
<div>[[We will collect|To be collected]]: {currency} {total} on {due}</div>
<footer>Provided by {seller}, {town}</footer></body></html>""",
        "<li>{item}: {amount}</li>",
    ),
    Layout(
        "portal",
        "html",
        "invoice",
        """<html><body><dl>
<dt>[[Creditor|Provider]]</dt><dd>{seller}</dd>
<dt>Debtor</dt><dd>{buyer}</dd>
<dt>Voucher</dt><dd>{number}</dd>
<dt>Booked</dt><dd>{date}</dd>
<dt>Open until</dt><dd>{due}</dd></dl>
<table>
{rows}
</table>
<dl><dt>[[Base|Assessed on]]</dt><dd>{net}</dd><dt>Duty ({rate}%)</dt><dd>{tax}</dd>
<dt>[[Claim|Open amount]]</dt><dd>{total} {currency}</dd></dl></body></html>""",
        "<tr><td>{quantity} x</td><td>{item}</td><td>{amount}</td></tr>",
    ),
    Layout(
        "restaurant",
        "html",
        "receipt",
        """<html><body><div>{seller}</div><div>{street}</div>
<div>Check {number}, {date}</div>
<table>
{rows}
</table>
<div>[[Guest pays|Check comes to]] {currency} {total}</div>
<div>incl. {rate}% tax {tax}, food and drink {net}</div>
<div>[[Closed with|Tendered]]: {method}</div></body></html>""",
        "<tr><td>{quantity}</td><td>{item}</td><td>{amount}</td></tr>",
    ),
    Layout(
        "parking",
        "html",
        "receipt",
        """<html><body><p>Exit ticket {number}</p>
<p>{rows}</p>
<p>[[Debited|Taken]]: <b>{total}</b> {currency} from {method}<br>
tax share {tax}<br>net share {net}</p>
<p>left on {date}</p><p>[[Run by|Operator]] {seller}, {town}</p></body></html>""",
        "{item}: {amount}<br>",
    ),
    Layout(
        "reminder",
        "mail",
        "invoice",
        """Dear {buyer},

[[we have booked|there is now]] {currency} {total} to your account under {number}, dated {date}.
It is made up of:
{rows}
That is {net} for the goods and {tax} of tax.
[[We look for your money by|Please let us have it by]] {due}.

{seller}
{street}, {town}""",
        "* {item}, {amount}",
        "[[Your account with us|Charges this month]]",
    ),
    Layout(
        "freelance",
        "mail",
        "invoice",
        """Hi there,

[[here is what I did|my hours]] for {buyer}:

{rows}

[[Fee|Makes]] {net}
Tax {rate}% {tax}
[[So please send|Comes to]] {total} {currency}

[[Use this reference|Quote]]: {number}
Written on {date}, [[good until|I hope to see it by]] {due}.
Cheers, {seller}""",
        "{amount}  {item} ({quantity})",
        "Bill for {buyer}",
    ),
    Layout(
        "utility",
        "mail",
        "invoice",
        """{seller} - customer service

Household of {buyer}
Period bill {number} of {date}
{rows}
Consumption and fees: {net}
Levy: {tax}
[[Will be drawn from your account|Direct debit]]: {currency} {total}
[[Day of the debit|Debit day]]: {due}""",
        "{item} = {amount}",
        "New bill in your [[mailbox|portal]]",
    ),
    Layout(
        "order",
        "mail",
        "receipt",
        """Thanks for [[shopping|your visit]]!
Ref. {number} / {date}

{rows}

[[You were charged|Card charge]] {currency} {total} ({method})
Tax part: {tax}
Rest: {net}

{seller}, {street}, {town}""",
        "{quantity} of {item} -> {amount}",
        "Thank you",
    ),
    Layout(
        "donation",
        "mail",
        "receipt",
        """[[We got your payment|Your payment went through]].

paid to: {seller}
on: {date}
with: {method}
token: {number}
{rows}
together: {total} {currency}
tax in it: {tax}
clear of tax: {net}""",
        "+ {item} {amount}",
        "Payment [[confirmed|received]]",
    ),
)
