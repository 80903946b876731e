"""Contract clauses in many registers, and what surrounds a sentence in them.

Knows nothing of labels or tasks.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hypernet.training.generators.filling import fill, items, one_of
from hypernet.training.generators.legal import clause_words, words

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

MOST_CHARACTERS = 880
CLAUSE_LENGTHS = (60, 90, 120, 120, 150, 200, 280, 380)
NOTICE = re.compile(r"\b(days|months|years) ((?:prior |advance |written )*notice)")
PERIOD_AS_ADJECTIVE = re.compile(r"\b(year|month)s (periods?|terms?|Renewal|renewals|base)\b")
SENTENCE_START = re.compile(r"(^|[.] )([a-z])")
# Only such words lose their capital after a preamble; the others may be names.
PLAIN_STARTS = frozenset(
    words.apart(
        "This The Any All Each Either Neither No In Under Such Upon If During Not You We Both For "
        "After Should Except Nothing Title Failure Notice An A These Those It To Where Save "
        "Ownership Subject Following Thereafter Unless By At Damages Losses"
    )
)
SMALL_NUMBERS = words.apart(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty"
)
NUMBER_NAMES = dict(enumerate(SMALL_NUMBERS)) | {
    24: "twenty-four",
    25: "twenty-five",
    30: "thirty",
    36: "thirty-six",
    45: "forty-five",
    48: "forty-eight",
    60: "sixty",
    65: "sixty-five",
    75: "seventy-five",
    90: "ninety",
    99: "ninety-nine",
    100: "one hundred",
    120: "one hundred twenty",
    150: "one hundred fifty",
    180: "one hundred eighty",
    270: "two hundred seventy",
}
Slots = dict[str, "str | Callable[[random.Random], str]"]


CLAUSES = {kind: items(text) for kind, text in clause_words.CLAUSES.items()}
TAILS = items(clause_words.TAILS)
PREAMBLES = items(clause_words.PREAMBLES)


def in_words(rng: random.Random, count: int, unit: str) -> str:
    """A period as contracts write it."""
    name = NUMBER_NAMES.get(count, str(count))
    unit = unit if count > 1 else unit.removesuffix("s")
    styles = (f"{name} ({count}) {unit}",) * 4 + (f"{count} {unit}",) * 3 + (f"{name} {unit}",)
    return rng.choice(styles)


def in_figures(count: int, unit: str) -> str:
    """A period as the answers write it."""
    return f"{count} {unit if count > 1 else unit.removesuffix('s')}"


def days(rng: random.Random) -> str:
    """A period of notice."""
    return in_words(rng, rng.choice((5, 7, 10, 14, 15, 20, 30, 30, 45, 60, 60, 90, 120)), "days")


def years(rng: random.Random) -> str:
    """A long period."""
    if rng.random() < 0.25:
        return in_words(rng, rng.choice((6, 12, 18, 24, 36)), "months")
    return in_words(rng, rng.choice((1, 2, 2, 3, 3, 4, 5, 5, 7, 10)), "years")


def figures(rng: random.Random) -> str:
    """An amount of money in figures."""
    count = rng.choice((1, 2, 3, 5, 10, 15, 20, 25, 50, 75))
    size = rng.choice((1_000, 10_000, 100_000, 1_000_000))
    sign = rng.choice(("$", "$", "$", "$", "US$", "USD ", "€", "£", "CAD$"))
    if size == 1_000_000 and rng.random() < 0.4:
        return f"{sign}{count} million"
    return f"{sign}{count * size:,}" + rng.choice(("", "", "", ".00"))


def money(rng: random.Random) -> str:
    """An amount as contracts write it."""
    if rng.random() < 0.3:
        count = rng.choice((1, 2, 3, 5, 10))
        name = NUMBER_NAMES[count]
        return rng.choice((f"{name} million dollars (${count},000,000)", f"{name} million dollars"))
    return figures(rng)


def percent(rng: random.Random) -> str:
    """A share."""
    count = rng.choice((1, 2, 3, 5, 5, 7, 10, 15, 20, 25, 50))
    return rng.choice((f"{NUMBER_NAMES.get(count, count)} percent ({count}%)", f"{count}%"))


def section(rng: random.Random) -> str:
    """A reference to another place of the contract."""
    number = rng.randint(1, 24)
    return rng.choice(
        (
            f"Section {number}",
            f"Section {number}.{rng.randint(1, 12)}",
            f"Section {number}({rng.choice('abcdef')})",
            f"Article {rng.choice(('II', 'IV', 'V', 'VII', 'IX', 'XI', 'XIV'))}",
            f"Clause {number}.{rng.randint(1, 9)}",
            f"Paragraph {number}",
        )
    )


def date(rng: random.Random) -> str:
    """A day."""
    month = rng.choice(words.MONTHS)
    return f"{month} {rng.randint(1, 28)}, {rng.randint(1996, 2023)}"


def company(rng: random.Random) -> str:
    """A made-up name."""
    name = rng.choice(words.NAME_HEADS) + rng.choice(words.NAME_TAILS)
    if rng.random() < 0.12:
        name = "".join(rng.choice("ABCDEFGHIKLMNPRSTVW") for _ in range(3))
    return name + rng.choice(words.NAME_SUFFIXES)


def parties(rng: random.Random) -> tuple[str, str]:
    """Two parties, by role or by name, in either order."""
    one, other = rng.choice(words.ROLES)
    if rng.random() < 0.5:
        one, other = company(rng), company(rng)
    elif rng.random() < 0.15:
        other = company(rng)
    return (one, other) if rng.random() < 0.5 else (other, one)


def scene(rng: random.Random) -> Slots:
    """What one contract speaks of; the same party keeps its name all through."""
    one, other = parties(rng)
    place = rng.choice(words.PLACES)[0]
    return {
        "a": one,
        "b": other,
        "A": one.upper(),
        "B": other.upper(),
        "agr": rng.choice(words.AGREEMENTS),
        "place": place,
        "PLACE": place.upper(),
        "thing": rng.choice(words.THINGS),
        "biz": rng.choice(words.BUSINESSES),
        "days": days,
        "DAYS": lambda rng: days(rng).upper(),
        "years": years,
        "money": money,
        "MONEY": lambda rng: money(rng).upper(),
        "pct": percent,
        "sec": section,
        "secno": lambda rng: str(rng.randint(2, 19)),
        "city": one_of(words.CITIES),
        "count": lambda rng: str(rng.choice((2, 3, 5, 6, 10, 12, 15, 20, 24, 25, 50, 100))),
        "surname": one_of(words.SURNAMES),
        "Name": company,
        "domain": lambda rng: f"www.{company(rng).split()[0].lower()}.com",
        "date": date,
    }


def sentence_case(text: str) -> str:
    """A capital where a sentence begins."""
    return SENTENCE_START.sub(lambda found: found[1] + found[2].upper(), text)


def with_preamble(rng: random.Random, body: str, slots: Slots) -> str:
    """The sentence after an opening phrase."""
    preamble = fill(rng, rng.choice(PREAMBLES), slots)
    first = body.split(" ", 1)[0]
    if first in PLAIN_STARTS:
        body = body[0].lower() + body[1:]
    return sentence_case(f"{preamble} {body}")


def numbered(rng: random.Random, text: str) -> str:
    """The paragraph with its number, as it is often cut out of a contract."""
    number = f"{rng.randint(1, 22)}.{rng.randint(1, 12)}"
    mark = rng.choice(
        (number, f"{number}.", f"({rng.choice('abcdefgh')})", f"{number}.1", "(ii)", "-")
    )
    return f"{mark} {text}"


def at_a_space(rng: random.Random, text: str, inserted: str) -> str:
    """The text with something in place of one of its spaces."""
    spaces = [place for place, letter in enumerate(text) if letter == " "]
    place = rng.choice(spaces)
    return text[:place] + inserted + text[place + 1 :]


def scanned(rng: random.Random, text: str) -> str:
    """The text as scanning, typing and filing leave it; no answer can be lost by it."""
    text = PERIOD_AS_ADJECTIVE.sub(r"\1 \2", text)
    if rng.random() < 0.5:
        text = NOTICE.sub(r"\1' \2", text)
    if rng.random() < 0.15:
        text = numbered(rng, text)
    if rng.random() < 0.06:
        text = at_a_space(rng, text, f" {'-' * rng.randint(6, 28)} ")
    if rng.random() < 0.06:
        text = at_a_space(rng, text, "  ")
    if rng.random() < 0.03:
        text = text.replace(", ", ",", 1)
    if rng.random() < 0.1:
        text = text.replace("'", "\u2019")
    if rng.random() < 0.08:
        text = text.rstrip(".")
    return text


def redacted(rng: random.Random, text: str) -> str:
    """The text with a figure hidden, as in filings with confidential treatment."""
    numbers = list(re.finditer(r"\$?\b\d[\d,.]*\b", text))
    if not numbers or rng.random() > 0.08:
        return text
    number = rng.choice(numbers)
    blank = rng.choice(("[***]", "[*]", "[**]", "_____", "[...***...]", "XX", "[ ]"))
    return text[: number.start()] + blank + text[number.end() :]


def clause(rng: random.Random, kind: str) -> str:
    """A clause of the kind, with further sentences of it up to a length no kind can be told by."""
    slots = scene(rng)
    wanted = rng.choice(CLAUSE_LENGTHS)
    sentences: list[str] = []
    for phrase in rng.sample(CLAUSES[kind], 6):
        sentences.append(sentence_case(fill(rng, phrase, slots)))
        if len(" ".join(sentences)) >= wanted:
            break
    if rng.random() < 0.25:
        sentences[0] = with_preamble(rng, sentences[0], slots)
    if rng.random() < 0.22:
        sentences.append(sentence_case(fill(rng, rng.choice(TAILS), slots)))
    text = " ".join(sentences)
    if rng.random() < 0.07:
        text = f"{rng.choice(words.HEADINGS[kind])}. {text}"
    if rng.random() < 0.03:
        text = text.upper()
    return scanned(rng, redacted(rng, text))[:MOST_CHARACTERS]


def around(rng: random.Random, body: str, slots: Slots) -> str:
    """A sentence with the answer in it, in its surroundings."""
    text = sentence_case(body)
    if rng.random() < 0.25:
        text = with_preamble(rng, text, slots)
    if rng.random() < 0.3:
        text = f"{text} {sentence_case(fill(rng, rng.choice(TAILS), slots))}"
    return scanned(rng, text)
