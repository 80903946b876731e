"""Scores of answers, and intervals over tasks."""

from __future__ import annotations

import sys

import pytest

from hypernet.evaluation import scores
from hypernet.evaluation.arms import Arm
from hypernet.evaluation.scores import exact, interval, ratio_interval, report_of, rouge_l


@pytest.mark.parametrize(
    ("answer", "outputs", "score"),
    [
        ("the cat sat", ("the cat sat",), 1.0),
        ("The CAT sat.", ("the cat sat",), 1.0),
        ("cats", ("cat",), 1.0),  # stemmed
        ("the cat sat", ("the dog sat",), 2 / 3),
        ("the cat sat", ("the cat sat down",), 6 / 7),
        ("sat cat the", ("the cat sat",), 1 / 3),  # order counts
        ("wrong", ("the cat sat", "wrong"), 1.0),  # the best of those accepted
        ("", ("the cat sat",), 0.0),
        ("neither", ("the cat sat",), 0.0),
    ],
)
def test_rouge_l_of_known_pairs(answer: str, outputs: tuple[str, ...], score: float):
    assert rouge_l(answer, outputs) == pytest.approx(score)


@pytest.mark.parametrize("answer", ["Yes", " yes\n", "YES.", "yes ."])
def test_case_outer_space_and_a_last_full_stop_do_not_make_an_answer_wrong(answer: str):
    assert exact(answer, ("no", "yes"))


@pytest.mark.parametrize("answer", ["", "ye", "yes yes", "yes!", "yes.."])
def test_anything_else_does(answer: str):
    assert not exact(answer, ("no", "yes"))


def test_an_interval_contains_its_mean_and_is_the_same_each_time():
    values = [0.1, 0.4, 0.35, 0.9, 0.2, 0.6]
    found = interval(values)
    assert found["low"] < found["mean"] < found["high"]
    assert found["mean"] == pytest.approx(sum(values) / 6)
    assert interval(values) == found


def test_an_interval_narrows_with_more_tasks():
    few, many = interval([0.0, 1.0] * 4), interval([0.0, 1.0] * 100)
    assert many["high"] - many["low"] < (few["high"] - few["low"]) / 3


def test_an_interval_has_about_the_width_that_theory_gives():
    found = interval([0.0, 1.0] * 200)
    assert found["high"] - found["low"] == pytest.approx(2 * 1.96 * 0.5 / 20, rel=0.1)


def test_the_interval_of_one_task_is_a_point():
    assert interval([0.3]) == pytest.approx({"mean": 0.3, "low": 0.3, "high": 0.3})


def test_a_constant_difference_has_no_spread_though_the_tasks_have():
    a, b = [0.9, 0.5, 0.2], [0.8, 0.4, 0.1]
    found = interval([x - y for x, y in zip(a, b, strict=True)])
    assert found["high"] - found["low"] == pytest.approx(0.0)


def test_a_ratio_is_that_of_the_means_and_of_the_same_tasks():
    assert ratio_interval([1.0, 3.0], [2.0, 6.0]) == pytest.approx(
        {"ratio": 0.5, "low": 0.5, "high": 0.5}
    )


def test_a_ratio_to_nothing_is_not_defined():
    assert ratio_interval([1.0, 1.0], [0.0, 0.0]) is None


def test_a_missing_package_is_told_with_what_mends_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "rouge_score.rouge_scorer", None)
    scores.scorer.cache_clear()
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'hypernet-mcp\[evaluate\]'"):
        rouge_l("a", ("a",))


# The report


def cell(rouge: float, label: float | None = None) -> dict[str, float | None]:
    return {
        "rouge_l": rouge, "exact": rouge, "label_accuracy": label, "prefix_tokens": 10 * rouge,
        "new_tokens": 5.0, "examples_used": 0, "seconds": 1.0,
    }  # fmt: skip


def test_the_report_averages_over_seeds_then_tasks_and_pairs_the_contrasts():
    cells = {
        "0": {"x": {"matched": cell(0.5, 1.0), "base": cell(0.1, 0.5)},
              "y": {"matched": cell(0.7), "base": cell(0.4)}},
        "4": {"x": {"matched": cell(0.9, 1.0), "base": cell(0.3, 0.0)},
              "y": {"matched": cell(0.3), "base": cell(0.2)}},
    }  # fmt: skip
    arms = (Arm("matched"), Arm("base"))
    report = report_of(cells, arms, 1, {"matched": 1.0, "base": 1.0})
    matched, contrast = report["arms"]["matched"], report["contrasts"]["matched-base"]
    assert matched["rouge_l"] == pytest.approx((0.7 + 0.5) / 2)
    assert matched["prompt_tokens"] == pytest.approx(6 + 5)
    assert matched["label_accuracy"] == 1.0
    assert matched["seconds"] == 4.0
    assert contrast["mean"] == pytest.approx((0.5 + 0.2) / 2)
    assert contrast["per_seed"] == pytest.approx([(0.4 + 0.3) / 2, (0.6 + 0.1) / 2])
    assert report["contrasts_label"]["matched-base"]["mean"] == pytest.approx(0.75)
    assert report["per_task"]["y"]["base"] == pytest.approx(
        {"rouge_l": 0.3, "exact": 0.3, "label_accuracy": None}
    )
    assert report["seeds"] == [0, 4]


def test_without_labelled_tasks_there_are_no_label_contrasts():
    cells = {"0": {"x": {"matched": cell(0.5), "base": cell(0.1)}}}
    arms = (Arm("matched"), Arm("base"))
    report = report_of(cells, arms, 1, {"matched": 1.0, "base": 1.0})
    assert report["contrasts_label"] == {}
    assert report["arms"]["base"]["label_accuracy"] is None
