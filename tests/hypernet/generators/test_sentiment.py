from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import pytest

from hypernet.training.generators.sentiment import tasks as sentiment
from hypernet.training.generators.sentiment import tweets as sentiment_tweets
from hypernet.training.generators.sentiment import words as sentiment_words

if TYPE_CHECKING:
    from hypernet.training.generators.common import Drawn, GeneratedTask

TASKS = {task.name: task for task in sentiment.tasks()}
each_task = pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)


def draws(task: GeneratedTask, count: int = 300, seed: int = 1) -> list[Drawn]:
    rng = random.Random(seed)  # noqa: S311  # sampling, not secrets
    return [task.draw(rng) for _ in range(count)]


@each_task
def test_inputs_differ_and_have_the_length_of_real_ones(task: GeneratedTask) -> None:
    found = draws(task)
    assert len({drawn.input for drawn in found}) >= 250
    assert all(5 <= len(drawn.input) <= 900 and len(drawn.output) <= 300 for drawn in found)


@each_task
def test_no_slot_or_alternative_is_left_in_the_text(task: GeneratedTask) -> None:
    assert not any(mark in drawn.input for drawn in draws(task) for mark in "{}[]|")


@each_task
def test_every_label_is_drawn_about_equally_often(task: GeneratedTask) -> None:
    if task.labels:
        counts = [sum(d.output == label for d in draws(task, 600)) for label in task.labels]
        assert sum(counts) == 600
        assert min(counts) > 0.6 * 600 / len(counts)


def test_each_emotion_has_its_own_skeletons_tags_and_emojis() -> None:
    for kinds in (sentiment_tweets.TWEETS, sentiment_tweets.TAGS):
        seen = [text for texts in kinds.values() for text in texts]
        assert len(seen) == len(set(seen))
    assert all(len(kinds) >= 20 for kinds in sentiment_tweets.TWEETS.values())


def test_praise_and_complaint_share_no_skeleton() -> None:
    good, bad = set(sentiment_words.OPINIONS_GOOD), set(sentiment_words.OPINIONS_BAD)
    assert not good & bad
    assert min(len(good), len(bad)) >= 30


def test_the_json_names_only_known_aspects_and_sentiments() -> None:
    for drawn in draws(TASKS["sentiment_place_aspects_json"]):
        found = json.loads(drawn.output)
        assert set(found) <= set(sentiment_words.ASPECTS_PLACE)
        assert set(found.values()) <= {"positive", "negative"}


def test_the_aspect_asked_for_stands_at_the_end() -> None:
    for drawn in draws(TASKS["sentiment_place_aspect"]):
        last = drawn.input.split("\n")[-1].removeprefix("Aspect: ")
        assert last in sentiment_words.ASPECTS_PLACE
