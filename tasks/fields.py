"""Values of fields: what stands in the document, and what it means in plain form."""

from __future__ import annotations

import re
import unicodedata
import warnings
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import TYPE_CHECKING

from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from faker import Faker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tasks.drawing import Random
    from tasks.specification import Field

FIRST_DAY, DAYS = date(2022, 1, 10), 1900
LOCALES = {"de": "de_DE", "fr": "fr_FR", "es": "es_ES", "it": "it_IT", "nl": "nl_NL",
           "pt": "pt_PT", "pl": "pl_PL"}  # fmt: skip
CURRENCIES = {"en_US": "USD", "en_GB": "GBP", "en_IN": "INR", "pl_PL": "PLN", "en_CA": "CAD",
              "de_CH": "CHF", "sv_SE": "SEK", "en_AU": "AUD"}  # fmt: skip
DATES = ("yyyy-MM-dd", "d MMMM yyyy", "MMMM d, yyyy", "MMM d, yyyy", "d MMM yyyy", "dd.MM.yyyy",
         "dd-MMM-yyyy", "EEE d MMM yyyy", "dd/MM/yyyy", "MM/dd/yyyy")  # fmt: skip
DATES_ABROAD = ("dd.MM.yyyy", "d MMMM yyyy", "yyyy-MM-dd")
RETRIES = 20


@dataclass(frozen=True)
class Value:
    """What a document says in a field."""

    text: str
    plain: str = ""
    """The date in ISO form or the number without marks, if it is one."""
    row: tuple[str, ...] = ()
    """The columns of the choice that it was taken from."""

    @property
    def number(self) -> Decimal:
        """The number behind a plain form."""
        return Decimal(self.plain)


@dataclass(frozen=True)
class Document:
    """A text and what it says."""

    kind: str
    text: str
    language: str
    facts: dict[str, Value]
    """The values of the fields that the text states; one that is missing is not there."""
    rows: dict[str, tuple[dict[str, Value], ...]]


@dataclass
class Scene:
    """What holds for all fields of one document."""

    rng: Random
    language: str
    locale: str
    faker: Faker = field(init=False)
    currency: str = field(init=False)
    dates: str = field(init=False)
    money: str = field(init=False)

    def __post_init__(self) -> None:
        self.faker = _faker(self.locale)
        self.faker.seed_instance(self.rng.getrandbits(32))
        self.currency = CURRENCIES.get(self.locale, "EUR")
        self.dates = self.rng.choice(DATES if self.language == "en" else DATES_ABROAD)
        self.money = self.rng.choice(("symbol", "symbol", "code", "code after"))

    @property
    def numbers(self) -> str:
        """The locale by which numbers are written."""
        return LOCALES.get(self.language, "en_US")


@cache
def _faker(locale: str) -> Faker:
    made = Faker(locale)
    for provider in (each for part in made.factories for each in part.get_providers()):
        # A locale that lists its cities from a set gives them in another order in each process.
        if isinstance(cities := getattr(provider, "cities", None), list):
            cities.sort()
    return made


def value_of(field: Field, scene: Scene, known: Mapping[str, Value]) -> Value:
    """A value for the field, other than those that the document already has."""
    taken = {value.text for value in known.values()}
    for _ in range(RETRIES):
        value = MAKERS[field.make](field, scene, known)
        if value.text not in taken or field.make in ("label", "number", "column"):
            break
    return value


def ascii_name(text: str) -> str:
    """A name as it can stand in an address."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "", plain)


def _fake(name: str) -> Callable[[Field, Scene, Mapping[str, Value]], Value]:
    def make(field: Field, scene: Scene, known: Mapping[str, Value]) -> Value:
        text = str(getattr(scene.faker, name)())
        return Value(re.sub(r"\s*\n\s*", ", ", text).replace("\xa0", " "))

    return make


def _person(field: Field, scene: Scene, known: Mapping[str, Value]) -> Value:
    return Value(f"{scene.faker.first_name()} {scene.faker.last_name()}")


def _email(field: Field, scene: Scene, known: Mapping[str, Value]) -> Value:
    name = known[field.of[0]].text if field.of else scene.faker.first_name()
    user = ".".join(filter(None, (ascii_name(part) for part in name.split()[:2])))
    return Value(f"{user or 'office'}@{scene.faker.domain_name()}")


def _domain(field: Field, scene: Scene, known: Mapping[str, Value]) -> Value:
    if field.of:
        ending = scene.rng.choice(("com", "io", "net", "org", "dev"))
        return Value(f"{ascii_name(known[field.of[0]].text)}.{ending}")
    return Value(scene.faker.domain_name())


def _date(field: Field, scene: Scene, known: Mapping[str, Value]) -> Value:
    rng = scene.rng
    day = FIRST_DAY + timedelta(days=rng.randrange(DAYS))
    if field.of and field.of[0] in known:
        later = field.days or (7, 14, 21, 30)
        day = date.fromisoformat(known[field.of[0]].plain) + timedelta(days=rng.choice(later))
    if field.style:
        return Value(format_date(day, field.style, locale=scene.language))
    style = scene.dates
    # With slashes day and month can only be told apart after the twelfth.
    if "/" in style and day.day <= 12:
        style = "d MMM yyyy"
    locale = scene.numbers if scene.language != "en" else "en"
    return Value(format_date(day, style, locale=locale).replace("\xa0", " "), day.isoformat())


def _span(field: Field, scene: Scene, known: Mapping[str, Value]) -> Value:
    first, last = (date.fromisoformat(known[name].plain) for name in field.of)
    return _told(str((last - first).days + 1))


def _time(field: Field, scene: Scene, known: Mapping[str, Value]) -> Value:
    hour, minute = scene.rng.randrange(7, 21), scene.rng.choice((0, 0, 15, 30, 45, 5, 20, 50))
    plain = f"{hour:02}:{minute:02}"
    short = f"{hour % 12 or 12}:{minute:02} {'pm' if hour >= 12 else 'am'}"
    return Value(plain if scene.dates[0] in "yd" else short, plain)


def _drawn(field: Field, scene: Scene) -> Decimal:
    """A number between the field's bounds; wide bounds are drawn over orders of magnitude."""
    low, high = field.low, field.high
    wide = low > 0 and high / low >= 50
    raw = low * (high / low) ** scene.rng.random() if wide else scene.rng.uniform(low, high)
    return Decimal(str(raw)).quantize(Decimal(1).scaleb(-field.decimals), ROUND_HALF_UP)


def _number(field: Field, scene: Scene, known: Mapping[str, Value]) -> Value:
    number = _drawn(field, scene)
    # Few people group four digits, and nobody does in ports, years and the like.
    digits = _digits(field.decimals, grouped=number >= 10000)
    text = format_decimal(number, format=digits, locale=scene.numbers)
    return Value(f"{text} {field.unit}".strip().replace("\xa0", " "), str(number))


def _percent(field: Field, scene: Scene, known: Mapping[str, Value]) -> Value:
    number = _drawn(field, scene)
    return Value(
        f"{str(number).replace('.', ',' if scene.language != 'en' else '.')}%", str(number)
    )


def _digits(decimals: int, *, grouped: bool = True) -> str:
    return ("#,##0" if grouped else "0") + ("." + "0" * decimals if decimals else "")


def money(amount: Decimal, scene: Scene, decimals: int = 2) -> Value:
    """An amount in the document's currency."""
    amount = amount.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    digits = format_decimal(amount, format=_digits(decimals), locale=scene.numbers)
    if scene.money == "code":
        text = f"{scene.currency} {digits}"
    elif scene.money == "code after":
        text = f"{digits} {scene.currency}"
    else:
        style = "¤" + _digits(decimals) if scene.language == "en" else _digits(decimals) + " ¤"
        text = format_currency(amount, scene.currency, format=style, locale=scene.numbers,
                               currency_digits=False)  # fmt: skip
    return Value(re.sub(r"[\xa0\u202f]", " ", text), str(amount))


def _money(field: Field, scene: Scene, known: Mapping[str, Value]) -> Value:
    return money(_drawn(field, scene), scene, field.decimals)


def _millions(field: Field, scene: Scene, known: Mapping[str, Value]) -> Value:
    number = f"{scene.rng.uniform(field.low, field.high):.1f}"
    sign = {"USD": "$", "GBP": "£", "INR": "₹", "EUR": "€"}.get(
        scene.currency, f"{scene.currency} "
    )
    word = {"symbol": "m", "code": " million"}.get(scene.money, " million")
    return Value(f"{sign}{number}{word}")


def _sum(field: Field, scene: Scene, known: Mapping[str, Value]) -> Value:
    return money(sum((known[name].number for name in field.of), Decimal(0)), scene, field.decimals)


def _product(field: Field, scene: Scene, known: Mapping[str, Value]) -> Value:
    first, second = (known[name].number for name in field.of)
    return money(first * second, scene, field.decimals)


def _share(field: Field, scene: Scene, known: Mapping[str, Value]) -> Value:
    rate, base = (known[name].number for name in field.of)
    return money(rate * base / 100, scene, field.decimals)


def _id(field: Field, scene: Scene, known: Mapping[str, Value]) -> Value:
    rng = scene.rng
    sources = {"#": "0123456789", "?": "ABCDEFGHJKLMNPQRSTUVWXYZ", "&": "0123456789abcdef"}
    pattern = str(rng.choice(field.choices))
    text = "".join(rng.choice(sources[c]) if c in sources else c for c in pattern)
    return Value(re.sub(r"^0", "4", text))


def _choice(field: Field, scene: Scene, known: Mapping[str, Value]) -> Value:
    chosen = scene.rng.choice(field.choices)
    row = (chosen,) if isinstance(chosen, str) else chosen
    return _told(alternatives(row[0], scene.rng), row)


def _told(text: str, row: tuple[str, ...] = ()) -> Value:
    """A text, which may be a number."""
    return Value(text, text if re.fullmatch(r"-?\d+(\.\d+)?", text) else "", row)


def alternatives(text: str, rng: Random) -> str:
    """The text with one of each [[a|b]] chosen."""
    while match := re.search(r"\[\[((?:(?!\[\[|\]\]).)*)\]\]", text, re.DOTALL):
        text = text[: match.start()] + rng.choice(match[1].split("|")) + text[match.end() :]
    return text


def _column(field: Field, scene: Scene, known: Mapping[str, Value]) -> Value:
    return _told(alternatives(known[field.of[0]].row[field.column], scene.rng))


def _label(field: Field, scene: Scene, known: Mapping[str, Value]) -> Value:
    label = scene.rng.choice(tuple(field.labels))
    return Value(label, row=(label, *field.labels[label].more))


@cache
def _diagnoses() -> dict[str, list[tuple[str, str]]]:
    """Short diagnoses with their codes, by the chapter's letter."""
    with warnings.catch_warnings():
        # The package reads its files in a way that is going out of use.
        warnings.simplefilter("ignore", DeprecationWarning)
        import simple_icd_10_cm

    found: dict[str, list[tuple[str, str]]] = {}
    for code in simple_icd_10_cm.get_all_codes(True):
        if code[0] < "V" and len(code) <= 6 and simple_icd_10_cm.is_leaf(code):
            name = str(simple_icd_10_cm.get_description(code))
            if len(name) <= 60:
                found.setdefault(code[0], []).append((name, str(code)))
    return found


def _icd(field: Field, scene: Scene, known: Mapping[str, Value]) -> Value:
    pair = scene.rng.choice(_diagnoses()[scene.rng.choice(sorted(_diagnoses()))])
    return Value(pair[0], row=pair)


MAKERS: dict[str, Callable[[Field, Scene, Mapping[str, Value]], Value]] = {
    "person": _person, "first_name": _fake("first_name"), "company": _fake("company"),
    "city": _fake("city"), "street": _fake("street_address"), "address": _fake("address"),
    "postcode": _fake("postcode"), "country": _fake("country"), "email": _email,
    "phone": _fake("phone_number"), "domain": _domain, "username": _fake("user_name"),
    "date": _date, "span": _span, "time": _time, "number": _number, "percent": _percent,
    "money": _money, "millions": _millions, "id": _id, "choice": _choice, "column": _column,
    "label": _label, "sum": _sum, "product": _product, "share": _share, "icd": _icd,
}  # fmt: skip
