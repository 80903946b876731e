"""Drawn tasks about markets, reports and earnings calls. Knows nothing of models or training."""

from __future__ import annotations

import json
import re
import string
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from hypernet.training.generators.common import Drawn, GeneratedTask
from hypernet.training.generators.filling import fill, items, labelled, one_of, wordings
from hypernet.training.generators.finance import report_words, tweet_words, words
from hypernet.training.generators.finance.tables import (
    draw_figure,
    draw_label,
    draw_lookup,
    draw_row,
    draw_year,
)

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping, Sequence

    Draw = Callable[[random.Random], Drawn]

TWEET_CHARACTERS = 140
ANSWER = re.compile("«(.*)»")
PLAIN_FIGURE = re.compile(r"^\$?[\d.,]+( million| billion)?%?$")
REPORTED = re.compile(r"^(q\d) ([a-z ,&-]+?) (\$[\d.]+(?: million| billion)?)\.$")
RISING = re.compile(r" rose | grew |^raises |, up ")
FALLING = re.compile(r" fell |^lowers |, down |^to cut |^reduced ")


class Tweet(NamedTuple):
    """A phrase of a tweet and what it is about."""

    topic: str
    text: str


class Fact(NamedTuple):
    """A sentence of a report with its answer marked, and a question on it."""

    text: str
    question: str


class Bullet(NamedTuple):
    """A sentence of an earnings call, and the same as a wire-service line."""

    text: str
    summary: str


TWEETS = {
    sentiment: [Tweet(*line.split(": ", 1)) for line in items(text)]
    for sentiment, text in tweet_words.TWEETS.items()
}
TWEET_LISTS = {slot: text.split("; ") for slot, text in tweet_words.SLOTS.items()}
FACTS = [Fact(*line.split(" ? ", 1)) for line in items(report_words.FACTS)]
REPORT_LISTS = {slot: text.split("; ") for slot, text in report_words.SLOTS.items()}
FILLERS = items(report_words.FILLERS)
BULLETS = [Bullet(*line.split(" => ", 1)) for line in items(report_words.BULLETS)]
OPENERS = items(report_words.OPENERS)
TOPICS = ("analyst", "earnings", "market", "company", "macro", "commodity")


def company(rng: random.Random) -> str:
    """A made-up name."""
    name = rng.choice(words.NAME_HEADS) + rng.choice(words.NAME_TAILS)
    return f"{name} {rng.choice(words.NAME_SUFFIXES)}".strip().removesuffix(".")


def ticker(rng: random.Random) -> str:
    """A made-up symbol."""
    return "".join(
        rng.choice(string.ascii_uppercase) for _ in range(rng.choice((2, 3, 3, 4, 4, 4)))
    )


def number(rng: random.Random, low: float, high: float, places: int) -> str:
    """A number in figures."""
    return f"{rng.uniform(low, high):,.{places}f}"


def percent(rng: random.Random) -> str:
    """A moderate share, more often with a decimal."""
    return number(rng, 1, 20, rng.choice((0, 1, 1)))


def tweet_slots(rng: random.Random) -> dict[str, object]:
    """What one tweet speaks of."""
    low = rng.randint(5, 290)
    name, symbol = company(rng), ticker(rng)
    cents = rng.randint(2, 95)
    drawn: dict[str, object] = {slot: one_of(values) for slot, values in TWEET_LISTS.items()}
    return drawn | {
        "co": name,
        "co2": company(rng),
        "t": symbol,
        "t2": ticker(rng),
        "tick": f"${symbol}",
        "tick2": f"${ticker(rng)}",
        "lo": low,
        "hi": low + max(1, round(low * rng.uniform(0.04, 0.5))),
        "pct": percent,
        "bigpct": str(rng.randint(22, 190)),
        "cents": f"0.{rng.randint(1, 60):02d}",
        "eps": f"{rng.randint(1, 4)}.{cents:02d}",
        "epslow": f"0.{rng.randint(2, 95):02d}",
        "mil": lambda rng: str(rng.choice((12, 25, 40, 75, 120, 150, 200, 350, 500, 750, 900))),
        "big": lambda rng: f"{rng.randint(1_200, 9_900):,}",
        "q": str(rng.randint(1, 4)),
        "n": lambda rng: str(rng.randint(2, 12)),
        "n2": lambda rng: str(rng.randint(13, 420)),
        "year": str(rng.randint(2015, 2024)),
        "yy": str(rng.randint(15, 24)),
        "oldyear": str(rng.randint(1998, 2014)),
    }


def link(rng: random.Random) -> str:
    """A shortened address."""
    return "https://t.co/" + "".join(rng.choices(string.ascii_letters + string.digits, k=10))


def posted(rng: random.Random, text: str, slots: Mapping[str, object]) -> str:
    """The phrase as it is posted: symbols, tags, links, a careless hand."""
    if rng.random() < 0.25 and text.startswith(str(slots["co"])):
        text = f"{slots['tick']}{rng.choice((' - ', ': ', ' '))}{text}"
    if rng.random() < 0.06:
        text = rng.choice(("UPDATE 1-", "BRIEF-", "JUST IN: ", "BREAKING: ", "UPDATE: ")) + text
    if rng.random() < 0.06:
        text = text.lower()
    if rng.random() < 0.07:
        text = text.replace("'", "\u2019").replace(" and ", " &amp; ")
    if rng.random() < 0.14:
        text = f"{text} {' '.join(rng.sample(words.TAGS, rng.choice((1, 1, 2, 3))))}"
    if rng.random() < 0.05:
        text = f"{text}."
    if len(text) > TWEET_CHARACTERS - 30 and rng.random() < 0.4:
        text = text[: text.rindex(" ")] + "\u2026"
    for _ in range(rng.choices((0, 1, 2), (0.55, 0.38, 0.07))[0]):
        text = f"{text} {link(rng)}"
    return text


def tweet(rng: random.Random, phrases: Sequence[Tweet]) -> str:
    """A tweet of one of the phrases."""
    slots = tweet_slots(rng)
    text = fill(rng, rng.choice(phrases).text, slots)
    # A sign has no place in front of some slots, yet tables of words cannot know that.
    return posted(rng, re.sub(r" +", " ", text).replace("+-", "-").strip(), slots)


def draw_sentiment(rng: random.Random, labels: Mapping[str, str]) -> Drawn:
    """A tweet and the label of its sentiment."""
    sentiment = rng.choice(list(labels))
    topic = rng.choice(TOPICS)
    phrases = [phrase for phrase in TWEETS[sentiment] if phrase.topic == topic]
    return Drawn(tweet(rng, phrases), labels[sentiment])


def draw_topic(rng: random.Random) -> Drawn:
    """A tweet and its topic."""
    topic = rng.choice(TOPICS)
    phrases = [phrase for group in TWEETS.values() for phrase in group if phrase.topic == topic]
    return Drawn(tweet(rng, phrases), topic)


def amounts(rng: random.Random, count: int) -> list[str]:
    """Amounts of like size as a report writes them, no two the same."""
    size, places, unit = rng.choice(
        (
            (400, 1, " million"),
            (40, 1, " million"),
            (600, 0, " million"),
            (9, 1, " billion"),
            (300, 0, ",000"),
        )
    )
    found: dict[str, None] = {}
    base = rng.uniform(0.2, 1) * size
    while len(found) < count:
        found[f"${base * rng.uniform(0.6, 1.6) + 1:.{places}f}{unit}"] = None
    return list(found)


def len_then_text(figure: str) -> tuple[int, str]:
    """Orders amounts of one unit and precision."""
    return len(figure), figure


def report_slots(rng: random.Random) -> dict[str, object]:
    """What one sentence of a report speaks of."""
    year = rng.randint(2015, 2023)
    drawn: dict[str, object] = {slot: rng.choice(values) for slot, values in REPORT_LISTS.items()}
    first, second = rng.sample(range(20, 400), 2)
    first_amount, second_amount, third_amount = amounts(rng, 3)
    heads, fewer = (f"{rng.randint(1, 90)},{rng.randint(100, 999)}" for _ in range(2))
    return drawn | {
        "y0": str(year + 1),
        "y1": str(year),
        "y2": str(year - 1),
        "y3": str(year - 2),
        "mbig": max(first_amount, second_amount, key=len_then_text),
        "msmall": min(first_amount, second_amount, key=len_then_text),
        "m1": first_amount,
        "m2": second_amount,
        "m3": third_amount,
        "p3": f"{rng.randint(11, 60) / 10:.1f}",
        "p4": f"{rng.randint(61, 90) / 10:.1f}",
        "p1": f"{first / 10:.1f}",
        "p2": f"{second / 10:.1f}",
        "yrs": rng.choice(("1.4", "1.8", "2.1", "2.5", "2.7", "3.2", "three", "two")),
        "heads": heads,
        "heads2": fewer,
        "t": ticker(rng),
        "co2": company(rng),
        "cents": f"0.{rng.randint(3, 98):02d}",
    }


def passage(rng: random.Random) -> tuple[str, str, str]:
    """A passage, a question on it and the answer, which stands in the passage once marked."""
    fact, other = rng.sample(FACTS, 2)
    slots = report_slots(rng)
    text = fill(rng, fact.text, slots)
    found = ANSWER.search(text)
    answer = found[1] if found else ""
    parts = [text.replace("«", "").replace("»", "")]
    # A second fact of the same kind would make the question ambiguous.
    if rng.random() < 0.45 and fact.text[:12] != other.text[:12].replace("«", ""):
        distractor = fill(rng, other.text, report_slots(rng))
        parts.append(distractor.replace("«", "").replace("»", ""))
    fillers = rng.sample(FILLERS, rng.choice((0, 1, 1, 2)))
    parts += [fill(rng, filler, {"n": str(rng.randint(2, 21))}) for filler in fillers]
    rng.shuffle(parts)
    question = fill(rng, fact.question, slots)
    return " ".join(part[0].upper() + part[1:] for part in parts), question, answer


def draw_span(rng: random.Random) -> Drawn:
    """A passage with a question, and the words that answer it."""
    text, question, answer = passage(rng)
    return Drawn(f"Passage: {text}\nQuestion: {question}", answer)


def draw_amount(rng: random.Random) -> Drawn:
    """A passage with a question whose answer is a figure."""
    while True:
        drawn = draw_span(rng)
        if PLAIN_FIGURE.match(drawn.output):
            return drawn


def call_slots(rng: random.Random) -> dict[str, object]:
    """What one sentence of an earnings call speaks of."""
    quarter = rng.randint(1, 4)
    cents = rng.randint(12, 620)
    millions = rng.randint(120, 9_900)
    billions = rng.randint(11, 640)
    lower_cents = cents - rng.randint(2, 9)
    name, part = company(rng), rng.choice(REPORT_LISTS["seg"])
    share = rng.randint(11, 180)
    return {
        "q": str(quarter),
        "quarter": words.QUARTERS[quarter - 1],
        "year": str(rng.randint(2016, 2025)),
        "eps": f"{cents / 100:.2f}",
        "epslo": f"{lower_cents / 100:.2f}",
        "eps2": f"{rng.randint(5, 620) / 100:.2f}",
        "m": f"{millions / 10:.1f}",
        "mlo": f"{(millions - rng.randint(10, 90)) / 10:.1f}",
        "m2": number(rng, 20, 900, 1),
        "b": f"{billions / 10:.1f}",
        "blo": f"{(billions - rng.randint(1, 6)) / 10:.1f}",
        "pct": f"{share / 10:.1f}" if rng.random() < 0.6 else str(share // 10),
        "pcthi": str(share // 10 + rng.randint(1, 4)),
        "pct90": number(rng, 84, 99, 1),
        "bps": str(rng.randint(3, 24) * 10),
        "cents": f"0.{rng.randint(4, 95):02d}",
        "n": str(rng.randint(2, 40)),
        "n2": str(rng.randint(41, 120)),
        "thou": str(rng.randint(20, 480)),
        "x": number(rng, 1, 4, 1),
        "co": name,
        "co_low": name.lower(),
        "seg": part,
        "seg_low": part.lower(),
        "driver": one_of(TWEET_LISTS["driver"]),
        "drag": one_of(TWEET_LISTS["drag"]),
    }


def spoken(rng: random.Random, bullets: Sequence[Bullet]) -> Drawn:
    """A sentence of an earnings call and its line, with the talk around it at times."""
    bullet = rng.choice(bullets)
    slots = call_slots(rng)
    text = fill(rng, bullet.text, slots)
    text = text[0].upper() + text[1:]
    if rng.random() < 0.15:
        names = {"first": rng.choice(words.FIRST_NAMES), "n": str(rng.randint(3, 18))}
        text = f"{fill(rng, rng.choice(OPENERS), names)} {text}"
    if rng.random() < 0.05:
        text = text.replace(" million", " million [Phonetic]", 1)
    return Drawn(text, fill(rng, bullet.summary, slots))


def draw_bullet(rng: random.Random) -> Drawn:
    """A sentence of an earnings call, and the same in a few words."""
    return spoken(rng, BULLETS)


def draw_metric(rng: random.Random) -> Drawn:
    """A reported result, and its parts as JSON."""
    while True:
        drawn = spoken(rng, BULLETS)
        if found := REPORTED.match(drawn.output):
            period, metric, value = found.groups()
            parts = {"period": period, "metric": metric, "value": value}
            return Drawn(drawn.input, json.dumps(parts))


def draw_trend(rng: random.Random) -> Drawn:
    """A sentence of an earnings call, and which way it goes."""
    label, sign = rng.choice((("up", RISING), ("down", FALLING)))
    return Drawn(spoken(rng, [one for one in BULLETS if sign.search(one.summary)]).input, label)


def choice_task(
    name: str, labels: Sequence[str], cores: Sequence[str], endings: Sequence[str], draw: Draw
) -> GeneratedTask:
    """A classification."""
    texts = labelled(cores, endings, labels, words.FRAMES)
    return GeneratedTask(name, texts, draw, tuple(labels))


def sentiment_task(name: str, labels: Mapping[str, str]) -> GeneratedTask:
    """The sentiment of a tweet, in the words of these labels."""
    cores, endings = words.SENTIMENT_CORES, words.SENTIMENT_ENDINGS
    if len(labels) == 2:
        cores, endings = words.NEWS_CORES, words.NEWS_ENDINGS
    draw = partial(draw_sentiment, labels=labels)
    return choice_task(name, tuple(labels.values()), cores, endings, draw)


def free_tasks() -> list[GeneratedTask]:
    """The tasks that are no classification."""
    parts: list[tuple[str, Sequence[str], Sequence[str], Draw]] = [
        ("finance_table_lookup", words.LOOKUP_CORES, words.LOOKUP_ENDINGS, draw_lookup),
        ("finance_table_figure", words.FIGURE_CORES, words.LOOKUP_ENDINGS, draw_figure),
        ("finance_table_year", words.YEAR_CORES, words.YEAR_ENDINGS, draw_year),
        ("finance_table_label", words.LABEL_CORES, words.LABEL_ENDINGS, draw_label),
        ("finance_table_row_json", words.ROW_CORES, words.ROW_ENDINGS, draw_row),
        ("finance_passage_span", words.SPAN_CORES, words.SPAN_ENDINGS, draw_span),
        ("finance_passage_amount", words.AMOUNT_CORES, words.SPAN_ENDINGS, draw_amount),
        ("finance_earnings_bullet", words.BULLET_CORES, words.BULLET_ENDINGS, draw_bullet),
        ("finance_earnings_json", words.METRIC_CORES, words.METRIC_ENDINGS, draw_metric),
    ]
    return [
        GeneratedTask(name, wordings(cores, endings, words.FRAMES), draw)
        for name, cores, endings, draw in parts
    ]


def tasks() -> list[GeneratedTask]:
    """All finance tasks."""
    same = {name: name for name in ("negative", "neutral", "positive")}
    stance = {"negative": "bearish", "neutral": "neutral", "positive": "bullish"}
    topic_parts = words.TOPIC_CORES, words.TOPIC_ENDINGS
    trend_parts = words.TREND_CORES, words.TREND_ENDINGS
    return [
        sentiment_task("finance_tweet_sentiment", same),
        sentiment_task("finance_tweet_stance", stance),
        sentiment_task("finance_news_polarity", {"negative": "bad news", "positive": "good news"}),
        choice_task("finance_tweet_topic", TOPICS, *topic_parts, draw_topic),
        *free_tasks(),
        choice_task("finance_earnings_trend", ("up", "down"), *trend_parts, draw_trend),
    ]
