"""The thresholds of the fit: `known` is earned by what the adapter does without the text."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import torch

from hypernet.hypernetwork.fit import FitGate
from hypernet.task import Task
from hypernet.training.config import Source, TrainConfig
from hypernet.training.data import Instance, TaskData
from hypernet.training.judging.calibrate import (
    NOTHING_KNOWN,
    SAME_TEXT,
    DevResult,
    calibrate,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

CONFIG = TrainConfig("t", (Source("unread"),))
INSTANCES = tuple(Instance(f"word{n} other{n}", ("a",)) for n in range(4))
TRAINED = [TaskData("trained", Task("trained"), INSTANCES)]


def near(text: str) -> float:
    """A text's similarity is what it says behind its last word; nonsense is far."""
    try:
        return float(text.rpartition(" ")[2])
    except ValueError:
        return 0.1


def gate(texts: Sequence[str]) -> Tensor:
    return torch.tensor([near(text) for text in texts])


def held_out(*similarities: float) -> list[TaskData]:
    return [TaskData(f"held {s}", Task(f"held {s}"), INSTANCES) for s in similarities]


def result(similarity: float, matched: float, hybrid: float, source: str = "dev") -> DevResult:
    return DevResult(source, f"text {similarity}", matched, hybrid)


UNSEEN = held_out(*(n / 100 for n in range(30, 70)))
EARNED = [result(0.7 + n / 100, 0.5, 0.6) for n in range(20)]


def known(dev: Sequence[TaskData], results: Sequence[DevResult]) -> float:
    return calibrate(gate, CONFIG, TRAINED, dev, results)["known"]


def test_known_begins_where_the_adapter_does_as_well_without_the_text() -> None:
    worse = [result(0.5 + n / 100, 0.9, 0.5) for n in range(35)]  # up to 0.84
    assert known(UNSEEN, EARNED) == pytest.approx(0.7)
    found = known(UNSEEN, EARNED + worse)
    left = [one for one in EARNED + worse if near(one.text) >= found]
    assert sum(one.matched - one.hybrid for one in left) <= 0
    assert 0.7 < found <= 0.85


def test_known_keeps_out_nearly_all_tasks_that_were_held_out_whole() -> None:
    assert known(held_out(*(n / 100 for n in range(40, 80))), EARNED) > 0.76


def test_each_source_must_bear_it() -> None:
    other = [result(0.88, 0.9, 0.5, "other")]
    assert known(UNSEEN, EARNED + other) == SAME_TEXT  # too few are left above
    assert known(UNSEEN, [*EARNED, replace(other[0], matched=0.4)]) == pytest.approx(0.7)


@pytest.mark.parametrize("results", [[], EARNED[:4], [result(0.9, 0.7, 0.6)] * 9])
def test_without_enough_to_show_for_it_only_the_trained_wordings_are_known(
    results: list[DevResult],
) -> None:
    assert known(UNSEEN, results) == SAME_TEXT


@pytest.mark.parametrize("dev", [UNSEEN, []])
def test_where_the_adapter_alone_does_worse_on_trained_tasks_nothing_is_known(
    dev: list[TaskData],
) -> None:
    own = [replace(result(0.99, 0.9, 0.5), trained=True)] * 5
    assert known(dev, own) == NOTHING_KNOWN
    assert known(dev, own[:4]) == SAME_TEXT  # too few to tell
    assert known(dev, [replace(one, matched=0.4) for one in own]) <= SAME_TEXT
    gated = FitGate(NOTHING_KNOWN, 0.1, ["trained"], torch.eye(8)[:1, None].half().float())
    assert gated.judge(torch.eye(8)[0]).level == "near"


def test_new_wordings_of_trained_tasks_alone_earn_nothing() -> None:
    other_wording = [TaskData("trained", Task("trained otherwise 0.9"), INSTANCES)]
    report = calibrate(gate, CONFIG, TRAINED, other_wording, EARNED)
    assert report["known"] == SAME_TEXT
    assert report["new_wordings_called_known"] == 0
    gated = FitGate(SAME_TEXT, report["near"], ["trained"], torch.eye(8)[:1, None].half().float())
    assert gated.judge(torch.eye(8)[0]).level == "known"
    assert gated.judge(torch.nn.functional.normalize(torch.ones(8), dim=0)).level == "near"
