"""Sentiment tasks: product reviews, stars, tweets, hotel and restaurant aspects.

Knows nothing of models or training.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hypernet.training.generators.common import Drawn, GeneratedTask
from hypernet.training.generators.grammar import (
    capital,
    classify_wordings,
    expand,
    frame_wordings,
    maybe,
    tidy,
    typo,
)
from hypernet.training.generators.sentiment import tweets, words
from hypernet.training.generators.sentiment.wordings import (
    ASPECT_JSON_DETAILS,
    ASPECT_JSON_VERBS,
    OWN,
)

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping, Sequence

_PARTS = [name for names in words.PARTS for name in names.split("|")]
_SLOTS: dict[str, Sequence[str]] = {
    "product": words.PRODUCTS,
    "brand": words.BRANDS,
    "relative": words.RELATIVES,
    "month": words.MONTHS,
    "part": _PARTS,
    "dish": words.DISHES,
    "worker": words.WORKERS,
}
_TWEET_SLOTS: dict[str, Sequence[str]] = {
    **tweets.SLOTS,
    "year": [str(year) for year in range(2014, 2025)],
}
_SUBJECTS = (
    "the {part} {says}",
    "the {part} {says}",
    "the {part} on [this|my|the] {product} {says}",
    "{part} {says}",
    "[i think|i find|i'd say|imo|my {relative} says] the {part} {says}",
    "its {part} {says}",
    "[unfortunately|sadly|i'm afraid|oh and] the {part} {says}",
    "[luckily|happily|thankfully|oh and] the {part} {says}",
)
_EMOTIONS4 = ("anger", "joy", "optimism", "sadness")
_EMOTIONS6 = ("anger", "fear", "joy", "love", "sadness", "surprise")
_GOOD_BAD = ("positive", "negative")


def _part_clause(rng: random.Random, good: bool) -> str:
    """Something said of one part of the product."""
    names, says = rng.choice(list(words.PARTS.items()))
    subjects = _SUBJECTS[:6] + (_SUBJECTS[7:] if good else _SUBJECTS[6:7])
    subject = rng.choice(subjects).replace("{part}", rng.choice(names.split("|")))
    said = expand(rng, f"[{says[0] if good else says[1]}]", _SLOTS)
    return expand(rng, subject.replace("{says}", said), _SLOTS)


def _overall(rng: random.Random, good: bool) -> str:
    return expand(rng, rng.choice(words.OPINIONS_GOOD if good else words.OPINIONS_BAD), _SLOTS)


def _claim(rng: random.Random, good: bool) -> str:
    return _overall(rng, good) if maybe(rng, 0.55) else _part_clause(rng, good)


def _opinion(rng: random.Random, good: bool) -> str:
    """One review sentence, at times with a word for the other side."""
    main = _claim(rng, good)
    if maybe(rng, 0.2):
        turn = rng.choice(words.TURNS)
        main = turn.format(weak=_part_clause(rng, not good), main=main)
    elif maybe(rng, 0.3):
        main += rng.choice(words.JOINS) + _claim(rng, good)
    if maybe(rng, 0.12):
        fact = expand(rng, rng.choice(words.FACTS), _SLOTS)
        main = f"{fact}{rng.choice(words.JOINS)}{main}"
    if maybe(rng, 0.15):
        main += rng.choice(words.JOINS) + _part_clause(rng, good)
    if maybe(rng, 0.15):
        main = f"{expand(rng, rng.choice(words.OPENINGS), _SLOTS)} {main}"
    return main


def _spoken(rng: random.Random, text: str) -> str:
    """The review as people and corpora write it: casing, loose tokens, slips, end marks."""
    text = tidy(text)
    style = rng.random()
    if style > 0.6:
        text = ". ".join(capital(piece) for piece in text.split(". ")).replace(" i ", " I ")
    elif style < 0.15:
        text = text.replace("n't", "n 't").replace("'s", " 's")
    if maybe(rng, 0.12):
        text = typo(rng, text)
    return text + rng.choice((".", ".", ".", "", "!", ".!", "!!", "...", " ."))


def _draw_polarity(rng: random.Random, labels: Sequence[str]) -> Drawn:
    good = maybe(rng, 0.5)
    return Drawn(_spoken(rng, _opinion(rng, good)), labels[0 if good else 1])


def _draw_three(rng: random.Random) -> Drawn:
    label = rng.choice(("positive", "negative", "neutral"))
    if label != "neutral":
        return Drawn(_spoken(rng, _opinion(rng, label == "positive")), label)
    said = [expand(rng, text, _SLOTS) for text in rng.sample(words.FACTS, rng.choice((1, 1, 2)))]
    return Drawn(_spoken(rng, rng.choice(words.JOINS).join(said)), label)


def _starred(rng: random.Random, stars: int) -> list[str]:
    """Three remarks, the mix of which makes so many stars."""
    if stars == 3:
        return [
            _claim(rng, True),
            _part_clause(rng, False),
            expand(rng, rng.choice(words.MIDDLING), _SLOTS),
        ]
    if stars in (2, 4):
        relief = words.QUIBBLES if stars == 4 else words.FAINT
        remarks = [_claim(rng, stars == 4) for _ in range(2)]
        return [*remarks, expand(rng, rng.choice(relief), _SLOTS)]
    return [_opinion(rng, stars == 5), _overall(rng, stars == 5), _claim(rng, stars == 5)]


def _draw_stars(rng: random.Random, labels: Sequence[str]) -> Drawn:
    stars = rng.randint(1, 5)
    remarks = _starred(rng, stars)
    if maybe(rng, 0.4):
        remarks.append(expand(rng, rng.choice(words.FACTS), _SLOTS))
    rng.shuffle(remarks)
    return Drawn(_spoken(rng, ". ".join(remarks)), labels[stars - 1])


def _decorated(rng: random.Random, text: str, emotion: str) -> str:
    """The tweet with mentions, tags, emojis and the casual ends of real ones."""
    if maybe(rng, 0.22):
        text = f"{rng.choice(tweets.STARTS)} {text}"
    if maybe(rng, 0.22):
        text += " " + expand(rng, rng.choice(tweets.ENDS), _TWEET_SLOTS)
    if maybe(rng, 0.35) and not text.startswith("@"):
        text = f"{rng.choice(tweets.SLOTS['user'])} {text}"
    if maybe(rng, 0.3):
        own_tags = rng.sample(tweets.TAGS[emotion], rng.choice((1, 1, 2)))
        text += " " + " ".join(own_tags)
    if maybe(rng, 0.25):
        text += " " + rng.choice(tweets.EMOJIS[emotion]) * rng.choice((1, 1, 2, 3))
    return text


def _tweet(rng: random.Random, emotion: str) -> str:
    """A tweet that expresses the emotion."""
    text = expand(rng, rng.choice(tweets.TWEETS[emotion]), _TWEET_SLOTS)
    if maybe(rng, 0.25):
        more = expand(rng, rng.choice(tweets.TWEETS[emotion]), _TWEET_SLOTS)
        text += rng.choice((". ", " . ", "! ", " ", "... ", "\n")) + more
    text = tidy(_decorated(rng, text, emotion))
    style = rng.random()
    if style < 0.4:
        text = ". ".join(capital(piece) for piece in text.split(". ")).replace(" i ", " I ")
    elif style < 0.48:
        text = text.replace("you", "u").replace(" are ", " r ").replace(" to ", " 2 ")
    elif style < 0.53:
        text = text.upper().replace("@USER", "@user").replace("&AMP;", "&amp;")
    if maybe(rng, 0.1):
        text = typo(rng, text)
    return text


def _draw_emotion(rng: random.Random, emotions: Sequence[str]) -> Drawn:
    emotion = rng.choice(emotions)
    return Drawn(_tweet(rng, emotion), emotion)


def _draw_is_angry(rng: random.Random) -> Drawn:
    angry = maybe(rng, 0.5)
    emotion = "anger" if angry else rng.choice([e for e in _EMOTIONS6 if e != "anger"])
    return Drawn(_tweet(rng, emotion), "yes" if angry else "no")


def _draw_mood(rng: random.Random) -> Drawn:
    label = rng.choice(("pleasant", "unpleasant"))
    moods = ("joy", "optimism", "love") if label == "pleasant" else ("anger", "sadness", "fear")
    return Drawn(_tweet(rng, rng.choice(moods)), label)


def _remark(rng: random.Random, aspect: str, good: bool) -> str:
    """Something said of one aspect of a hotel or restaurant."""
    return expand(rng, f"[{words.ASPECTS_PLACE[aspect][0 if good else 1]}]", _SLOTS)


def _place_review(rng: random.Random, remarks: Sequence[str]) -> str:
    pieces = list(remarks)
    if maybe(rng, 0.4):
        pieces.insert(0, expand(rng, f"[{'|'.join(words.PLACES)}]", _SLOTS))
    return _spoken(rng, rng.choice((". ", ". ", " , ", " . ", "! ", " - ")).join(pieces))


def _draw_place_aspect(rng: random.Random, labels: Sequence[str]) -> Drawn:
    """With a third label, it stands for aspects that the review does not mention."""
    *said, asked = rng.sample(sorted(words.ASPECTS_PLACE), rng.randint(3, 4))
    label = rng.choice(labels)
    remarks = [_remark(rng, aspect, maybe(rng, 0.5)) for aspect in said]
    if label in labels[:2]:
        del remarks[0]
        remarks.append(_remark(rng, asked, label == labels[0]))
    rng.shuffle(remarks)
    review = _place_review(rng, remarks)
    return Drawn(rng.choice((f"Review: {review}\nAspect: {asked}", f"{review}\n{asked}")), label)


def _draw_place_json(rng: random.Random) -> Drawn:
    aspects = rng.sample(sorted(words.ASPECTS_PLACE), rng.randint(1, 3))
    found = {aspect: rng.choice(_GOOD_BAD) for aspect in aspects}
    remarks = [_remark(rng, aspect, said == "positive") for aspect, said in found.items()]
    return Drawn(_place_review(rng, remarks), json.dumps(found))


def _draw_complaint(rng: random.Random) -> Drawn:
    blamed, *others = rng.sample(sorted(words.ASPECTS_PLACE), rng.randint(2, 3))
    remarks = [_remark(rng, blamed, False), *(_remark(rng, other, True) for other in others)]
    rng.shuffle(remarks)
    return Drawn(_place_review(rng, remarks), blamed)


def _draw_place_polarity(rng: random.Random) -> Drawn:
    good = maybe(rng, 0.5)
    aspects = rng.sample(sorted(words.ASPECTS_PLACE), rng.randint(1, 3))
    review = _place_review(rng, [_remark(rng, aspect, good) for aspect in aspects])
    return Drawn(review, "happy" if good else "unhappy")


def _task(
    name: str,
    thing: str,
    aspect: str,
    labels: Sequence[str],
    draw: Callable[[random.Random], Drawn],
    meanings: Mapping[str, str] | None = None,
) -> GeneratedTask:
    wordings = classify_wordings(name, thing, aspect, labels, OWN[name], meanings)
    return GeneratedTask(name, wordings, draw, tuple(labels))


_EMOTION_MEANINGS = {
    "anger": "the writer is furious, annoyed or outraged",
    "joy": "the writer is happy, amused or celebrating",
    "optimism": "the writer is hopeful or encourages others",
    "sadness": "the writer is down, hurt or grieving",
}
_STAR_WORDS = ("terrible", "poor", "average", "good", "excellent")


def _review_tasks() -> list[GeneratedTask]:
    stars = ("1", "2", "3", "4", "5")
    return [
        _task(
            "sentiment_review_polarity",
            "sentence of a product review",
            "the opinion about the product",
            _GOOD_BAD,
            lambda rng: _draw_polarity(rng, _GOOD_BAD),
            {"positive": "the customer praises the product", "negative": "the customer complains"},
        ),
        _task(
            "sentiment_review_recommends",
            "customer review",
            "whether the customer speaks well of the product",
            ("yes", "no"),
            lambda rng: _draw_polarity(rng, ("yes", "no")),
        ),
        _task(
            "sentiment_review_praise_complaint",
            "piece of customer feedback",
            "the kind of feedback",
            ("praise", "complaint"),
            lambda rng: _draw_polarity(rng, ("praise", "complaint")),
        ),
        _task(
            "sentiment_review_three_way",
            "sentence of a product review",
            "the sentiment",
            (*_GOOD_BAD, "neutral"),
            _draw_three,
            {
                "positive": "the writer is pleased",
                "negative": "the writer is displeased",
                "neutral": "only facts are given",
            },
        ),
        _task(
            "sentiment_review_stars",
            "product review",
            "the number of stars that the customer gave",
            stars,
            lambda rng: _draw_stars(rng, stars),
        ),
        _task(
            "sentiment_review_grade",
            "product review",
            "the overall grade that the review implies",
            _STAR_WORDS,
            lambda rng: _draw_stars(rng, _STAR_WORDS),
        ),
    ]


def _tweet_tasks() -> list[GeneratedTask]:
    return [
        _task(
            "sentiment_tweet_emotion4",
            "tweet",
            "the emotion",
            _EMOTIONS4,
            lambda rng: _draw_emotion(rng, _EMOTIONS4),
            _EMOTION_MEANINGS,
        ),
        _task(
            "sentiment_tweet_emotion6",
            "tweet",
            "the main emotion",
            _EMOTIONS6,
            lambda rng: _draw_emotion(rng, _EMOTIONS6),
        ),
        _task(
            "sentiment_tweet_is_angry",
            "tweet",
            "whether the writer is angry",
            ("yes", "no"),
            _draw_is_angry,
        ),
        _task(
            "sentiment_tweet_mood",
            "social media post",
            "the mood of the writer",
            ("pleasant", "unpleasant"),
            _draw_mood,
        ),
    ]


def _place_tasks() -> list[GeneratedTask]:
    absent = (*_GOOD_BAD, "not mentioned")
    return [
        _task(
            "sentiment_place_aspect",
            "review of a hotel or restaurant and one aspect",
            "the opinion on that aspect",
            _GOOD_BAD,
            lambda rng: _draw_place_aspect(rng, _GOOD_BAD),
        ),
        _task(
            "sentiment_place_aspect_absent",
            "review of a hotel or restaurant and one aspect",
            "the opinion on that aspect",
            absent,
            lambda rng: _draw_place_aspect(rng, absent),
        ),
        _task(
            "sentiment_place_complaint",
            "review of a hotel or restaurant",
            "the aspect that the guest complains about",
            tuple(words.ASPECTS_PLACE),
            _draw_complaint,
        ),
        _task(
            "sentiment_place_guest_happy",
            "guest review",
            "whether the guest is satisfied",
            ("happy", "unhappy"),
            _draw_place_polarity,
        ),
        GeneratedTask(
            "sentiment_place_aspects_json",
            frame_wordings("sentiment_place_json", ASPECT_JSON_VERBS, ASPECT_JSON_DETAILS),
            _draw_place_json,
        ),
    ]


def tasks() -> list[GeneratedTask]:
    """All sentiment tasks."""
    return [*_review_tasks(), *_tweet_tasks(), *_place_tasks()]
