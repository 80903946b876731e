"""Tasks that learn: what is held out, which way serves, and what its confidence means."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from hypernet.adapters.cache import AdapterCache
from hypernet.engine.echo import EchoAdapter, EchoEngine, EchoSource
from hypernet.engine.echo_vectors import echo_embeddings, echo_vectors
from hypernet.engine.interface import Request
from hypernet.hypernetwork.embedding import Embedder
from hypernet.learning.answers import Answer, likeness
from hypernet.learning.folds import folds
from hypernet.learning.gate import choose
from hypernet.learning.judges.blend import Blend, fitted, usual
from hypernet.learning.judges.calibration import Calibration, calibrated, expected_error
from hypernet.learning.judges.probe import Probe
from hypernet.learning.judges.words import WordsModel
from hypernet.learning.learn import learn
from hypernet.learning.measure import HeldOut
from hypernet.learning.quality import Figure, Quality
from hypernet.learning.serve import serve
from hypernet.runtime import Runtime
from hypernet.task import Example, Task

if TYPE_CHECKING:
    from pathlib import Path

    from hypernet.engine.interface import Ticket
    from hypernet.learning.judges.blend import Judged

LABELS = ("billing", "shipping")
# The first word tells the label, and no input mentions a label.
COINS = tuple(
    Example(f"{('money', 'parcel')[n % 2]} question number {n}", LABELS[n % 2]) for n in range(16)
)
SPOKEN = tuple(Example(f"about {LABELS[n % 2]}, number {n}", LABELS[n % 2]) for n in range(16))
ECHOED = tuple(Example(f"word {n}", f"word {n}") for n in range(8))


class Asked(EchoEngine):
    """The echo engine, counting what it is asked."""

    requests = 0

    def submit(self, request: Request) -> Ticket:
        self.requests += 1
        return super().submit(request)


def runtime(engine: EchoEngine | None = None) -> Runtime:
    library = AdapterCache(EchoSource())
    return Runtime(engine or EchoEngine(), library, {}, Embedder("echo", echo_embeddings))


# What is held out


@pytest.mark.parametrize("count", [4, 7, 16, 24])
def test_of_few_examples_each_is_held_out_once(count: int) -> None:
    task = Task("Sort.", LABELS, COINS[:count] if count <= 16 else COINS + SPOKEN[:8])
    parts = list(folds(task))
    held = [example for _, part in parts for example in part]
    assert sorted(held, key=repr) == sorted(task.examples, key=repr)
    assert all(not {e.input for e in kept} & {e.input for e in part} for kept, part in parts)
    assert all(len(kept) + len(part) == count for kept, part in parts)


def test_of_many_a_part_is_held_out_once_with_every_label_in_it() -> None:
    many = tuple(Example(f"text {n}", "abcd"[n % 4]) for n in range(64))
    ((kept, held),) = folds(Task("Sort.", tuple("abcd"), many))
    assert (len(kept), len(held)) == (48, 16)
    assert {e.output for e in held} == set("abcd") == {e.output for e in kept}


def test_a_new_example_moves_no_other_one_to_another_part() -> None:
    before = [held for _, held in folds(Task("Sort.", LABELS, COINS[:12]))]
    after = [held for _, held in folds(Task("Sort.", LABELS, COINS[:13]))]
    assert all(set(one) <= set(other) for one, other in zip(before, after, strict=True))


def test_one_input_is_never_on_both_sides() -> None:
    twice = (*COINS[:8], *(Example(e.input, LABELS[0]) for e in COINS[:8]))
    for kept, held in folds(Task("Sort.", LABELS, twice)):
        assert not {e.input for e in kept} & {e.input for e in held}


def test_too_few_examples_are_refused_with_their_number() -> None:
    with pytest.raises(ValueError, match="examples: 3 different inputs, 4 are needed"):
        learn(runtime(), Task("Sort.", LABELS, COINS[:3]))


# Which way serves


def test_a_task_that_words_tell_apart_is_served_with_the_classifier() -> None:
    task = Task("Sort.", LABELS, COINS)
    quality = learn(runtime(), task)
    assert quality.figures["prompted"].share == 0.5
    assert quality.figures["words"].right == 16
    assert quality.serving in ("words", "both")
    serving = serve(runtime(), task, quality, "auto")
    model = Answer("billing", 0.9, {"billing": 0.9, "shipping": 0.1})
    settled = serving.settle("parcel question of another kind", model)
    assert settled.output == "shipping"
    assert settled.shares is not None
    assert math.isclose(sum(settled.shares.values()), 1.0)
    assert settled.confidence == settled.shares["shipping"]


def test_a_task_that_the_model_alone_can_do_keeps_its_answers() -> None:
    odd = tuple(Example(f"{e.input} {n % 3}", e.output) for n, e in enumerate(SPOKEN))
    task = Task("Sort.", LABELS, odd)
    quality = learn(runtime(), task)
    assert quality.figures[quality.serving].right == 16
    serving = serve(runtime(), task, quality, "auto")
    model = Answer("shipping", 0.9, {"billing": 0.1, "shipping": 0.9})
    assert serving.settle("about shipping, another", model).output == "shipping"


def test_a_task_without_labels_is_served_by_the_way_that_was_right_most_often() -> None:
    quality = learn(runtime(), Task("Repeat.", (), ECHOED))
    assert quality.serving == quality.plan == "trained"
    assert quality.figures["trained"] == Figure(8, 8, likeness=1.0)
    assert quality.blend is None
    assert "words" not in quality.figures


def held_out(**right: str) -> HeldOut:
    """Ways by name, with a sign for each answer: right (+) or wrong (-)."""
    examples = tuple(Example(f"in {n}", "yes") for n in range(len(right["prompted"])))
    answers = {
        way: tuple(Answer("yes" if sign == "+" else "no", 0.5) for sign in signs)
        for way, signs in right.items()
    }
    return HeldOut(examples, answers)  # type: ignore[arg-type]  # the ways' names


def summaries(**answers: str) -> HeldOut:
    """Held-out summaries, and what each way answered to all of them."""
    examples = tuple(Example(f"text {n}", f"reads {n} files at a time") for n in range(8))
    return HeldOut(
        examples,
        {way: tuple(Answer(answer.format(n)) for n in range(8)) for way, answer in answers.items()},
    )


def test_where_no_answer_is_the_examples_word_by_word_the_nearest_ones_serve() -> None:
    held = summaries(prompted="Reads files.", text="no idea {}", trained="the end")

    found = choose(held, before="trained")

    assert (found.serving, found.judged_by) == ("prompted", "likeness")
    assert found.figures["prompted"].right == 0


def test_one_lucky_answer_among_free_ones_serves_no_way_that_is_far_from_the_rest() -> None:
    held = summaries(prompted="it reads {} files at a time", trained="reads 3 files at a time")
    lucky = Answer("reads 0 files at a time")
    far = HeldOut(held.examples, {**held.answers, "text": (lucky, *[Answer("?")] * 7)})

    found = choose(far, before="text")

    assert found.figures["text"].right == 1 > found.figures["prompted"].right
    assert found.serving == "prompted"


def test_where_a_quarter_is_right_the_way_with_more_right_answers_serves() -> None:
    held = summaries(prompted="it reads {} files at a time")
    quarter = (*(Answer(one.output) for one in held.examples[:2]), *[Answer("?")] * 6)

    found = choose(HeldOut(held.examples, {**held.answers, "trained": quarter}))

    assert (found.serving, found.judged_by) == ("trained", "right")


def test_labels_are_right_or_not_however_alike_they_are() -> None:
    found = learn(runtime(), Task("Sort it.", LABELS, examples=COINS))

    assert found.judged_by == "right"
    assert all(figure.likeness is None for figure in found.figures.values())


@pytest.mark.parametrize(
    ("given", "wanted", "near"),
    [
        ("Reads THREE files.", "reads three files .", 1.0),
        ("one two", "two one", 0.5),
        ("読み込みます", "読み取ります", 2 / 3),
        ("", "", 1.0),
        ("", "something", 0.0),
    ],
)
def test_likeness_is_of_words_in_their_order(given: str, wanted: str, near: float) -> None:
    assert likeness(Answer(given), Example("in", wanted)) == pytest.approx(near)


def test_the_way_that_serves_goes_on_unless_another_did_better() -> None:
    even = held_out(prompted="++--", text="+-+-", examples="--++", trained="-++-")
    assert choose(even).serving == "trained"
    assert choose(even, before="text").serving == "text"
    better = held_out(prompted="++--", text="+-+-", examples="-+++", trained="-++-")
    assert choose(better, before="text").serving == "examples"
    worse = held_out(prompted="----", text="+++-", examples="-+--", trained="-++-")
    assert choose(worse, before="trained").serving == "text"


def labelled(**right: str) -> HeldOut:
    """Held-out examples of two labels, and which of them each way has right."""
    examples = tuple(Example(f"text {n}", LABELS[n % 2]) for n in range(8))

    def answers(marks: str) -> tuple[Answer, ...]:
        sure = (0.7 if mark == "+" else 0.3 for mark in marks)
        shares = ({LABELS[n % 2]: p, LABELS[1 - n % 2]: 1 - p} for n, p in enumerate(sure))
        return tuple(Answer.likeliest(each) for each in shares)

    return HeldOut(examples, {way: answers(marks) for way, marks in right.items()})


def test_one_judge_serves_alone_only_where_it_has_two_more_right_than_several() -> None:
    # Where they differ the classifier is as often right as the model, and together they stay so.
    lucky = labelled(prompted="++++----", trained="++++++--", words="++++++--")
    found = choose(lucky)
    assert found.figures["both"].right == 6
    assert (found.serving, found.plan) == ("both", "trained")
    one_more = choose(labelled(prompted="+++++++-", trained="++++++--", words="++++++--"))
    assert one_more.figures["prompted"].right == one_more.figures["both"].right + 1
    assert one_more.serving == "both"
    two_more = choose(labelled(prompted="++++++++", trained="++++++--", words="++++++--"))
    assert two_more.serving == "prompted"


def test_quality_reads_back_what_it_wrote_and_refuses_the_rest() -> None:
    for task in (Task("Sort.", LABELS, COINS), Task("Repeat.", (), ECHOED)):
        quality = learn(runtime(), task)
        assert Quality.from_dict(quality.to_dict()) == quality
        with pytest.raises((ValueError, KeyError)):
            Quality.from_dict(quality.to_dict() | {"plan": "magic"})


def test_an_interval_holds_at_the_edges_and_narrows_with_what_was_asked() -> None:
    low, high = Figure(8, 8).interval
    assert (0.6 < low < 0.7, high) == (True, 1.0)
    assert Figure(80, 80).interval[0] > low
    assert Figure(0, 8).interval[0] == 0.0


def test_few_right_answers_promise_no_certainty_and_tell_how_many_more_are_needed() -> None:
    sure = Quality({"text": Figure(64, 64), "trained": Figure(8, 64)}, "text", "text", 64)
    unsure = Quality({"text": Figure(3, 4), "trained": Figure(2, 4)}, "text", "text", 4)
    assert unsure.expected_accuracy == pytest.approx(4 / 6)
    assert sure.expected_accuracy < 1
    assert sure.needed == 0
    assert 20 < unsure.needed < 60


# Interrupted


def test_who_is_interrupted_goes_on_from_what_was_measured(tmp_path: Path) -> None:
    task, partial = Task("Sort.", LABELS, COINS), tmp_path / "partial.json"
    whole = Asked()
    expected = learn(runtime(whole), task)

    def give_up(fraction: float, message: str) -> None:
        if fraction > 0.4 and "asking" in message:
            raise InterruptedError

    first, second = Asked(), Asked()
    with pytest.raises(InterruptedError):
        learn(runtime(first), task, progress=give_up, partial=partial)
    assert partial.stat().st_mode & 0o077 == 0
    assert learn(runtime(second), task, partial=partial) == expected
    assert first.requests > 0
    assert first.requests + second.requests == whole.requests


class Together(EchoSource):
    """The echo source, keeping how many examples each adapter has that it refines together."""

    def __init__(self) -> None:
        super().__init__()
        self.together: list[list[int]] = []

    def refine_together(self, starts: Any, **named: Any) -> list[EchoAdapter]:
        self.together.append([len(task.examples) for task, _ in starts])
        return super().refine_together(starts, **named)


def test_the_parts_are_trained_on_together_and_again_only_where_they_were_not_asked_yet(
    tmp_path: Path,
) -> None:
    task, partial, source = Task("Sort.", LABELS, COINS), tmp_path / "partial.json", Together()
    model = replace(runtime(), library=AdapterCache(source))

    def give_up(fraction: float, message: str) -> None:
        if "part 3 of 4" in message:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        learn(model, task, progress=give_up, partial=partial)
    learn(model, task, partial=partial)
    assert source.together == [[12] * 4, [12] * 2]


@pytest.mark.parametrize("content", ["", "[]", '{"key": 1}', '{"key"'])
def test_a_damaged_file_of_what_was_measured_is_as_good_as_none(
    tmp_path: Path, content: str
) -> None:
    task, partial = Task("Sort.", LABELS, COINS), tmp_path / "partial.json"
    partial.write_text(content)
    assert learn(runtime(), task, partial=partial) == learn(runtime(), task)


def test_what_was_measured_with_other_examples_is_not_gone_on_from(tmp_path: Path) -> None:
    partial = tmp_path / "partial.json"
    learn(runtime(), Task("Sort.", LABELS, COINS), partial=partial)
    other = Task("Sort.", LABELS, SPOKEN)
    assert learn(runtime(), other, partial=partial) == learn(runtime(), other)


def test_progress_rises_to_the_end_and_says_what_is_done() -> None:
    told: list[tuple[float, str]] = []
    learn(
        runtime(),
        Task("Sort.", LABELS, COINS),
        progress=lambda fraction, message: told.append((fraction, message)),
    )
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1.0)
    assert any("held-out part 2 of 4" in message for _, message in told)


# What a confidence means


def test_without_any_answer_shares_stay_as_they_are() -> None:
    assert fitted([], "model") == Blend(model=1.0)
    blend = fitted([], "model", "probe")
    assert blend == Blend(model=usual(2), probe=usual(2))
    assert 0.5 < blend.model < 1.0
    assert calibrated([], Calibration(0.5, 2.0)) == Calibration(0.5, 2.0)


def test_a_judge_that_is_often_wrong_is_believed_less_than_one_that_is_right() -> None:
    good, bad = {"a": 0.9, "b": 0.1}, {"a": 0.1, "b": 0.9}
    split: Judged = ({"model": bad, "words": good}, "a")
    agreed: Judged = ({"model": good, "words": good}, "a")
    blend = fitted([split] * 12 + [agreed] * 4, "model", "words")
    assert blend.words > blend.model
    assert blend(split[0])["a"] > 0.5


def test_a_sure_judge_that_is_half_wrong_becomes_unsure() -> None:
    sure = {"a": 0.99, "b": 0.01}
    blend = fitted([({"model": sure}, "a"), ({"model": sure}, "b")] * 10, "model")
    assert blend.heard == ["model"]
    assert blend({"model": sure})["a"] < 0.7


def test_the_order_of_labels_changes_no_bit_of_a_blends_shares() -> None:
    shares = {str(n): 1 / (n * n + 1.3) for n in range(12)}
    turned = dict(sorted(shares.items(), key=lambda each: -float(each[1])))
    back = dict(reversed(shares.items()))
    blend = Blend(model=0.7)
    found = blend({"model": shares})
    for other in (turned, back):
        again = blend({"model": other})
        assert list(again) == list(other)
        assert all(again[label] == found[label] for label in shares)


def test_a_calibrated_confidence_rises_with_the_raw_one_and_meets_what_was_measured() -> None:
    answers = [(0.9, n % 2 == 0) for n in range(40)] + [(0.5, n % 5 == 0) for n in range(40)]
    curve = calibrated(answers, Calibration())
    assert 0.4 < curve(0.9) < 0.6
    assert curve(0.5) < curve(0.9) < curve(0.99)
    falling = [(0.9, False)] * 30 + [(0.2, True)] * 30
    assert calibrated(falling, Calibration()).slope >= 0


def test_the_expected_error_is_none_where_confidence_and_accuracy_agree() -> None:
    assert expected_error([(0.75, n % 4 > 0) for n in range(40)]) == pytest.approx(0.0)
    assert expected_error([(1.0, False)] * 10) == pytest.approx(1.0)


# A linear probe


def test_how_often_a_label_comes_counts_for_the_classifier_once_there_are_many_examples() -> None:
    def rarer(times: int) -> float:
        """The share of the label that a quarter of the examples has, for what says nothing."""
        outputs = [LABELS[n % 4 == 0] for n in range(4 * times)]
        examples = [Example("the same words", output) for output in outputs]
        model = WordsModel.fit(examples, LABELS, Embedder("echo", echo_embeddings))
        return model.shares(["the same words"])[0][LABELS[1]]

    few, many = rarer(2), rarer(100)
    assert 0.4 < few < 0.5
    assert many == pytest.approx(0.25, abs=0.05)


def test_a_probe_finds_the_label_in_a_state_whose_own_choice_is_wrong() -> None:
    task = Task("Sort.", LABELS, COINS)
    quality = learn(runtime(EchoEngine(states=True)), task)
    assert quality.figures["text"].share == 0.5
    assert quality.figures["probe"].right == 16
    assert (quality.serving, quality.plan) == ("probe", "text")
    engine = EchoEngine(states=True)
    serving = serve(runtime(engine), task, quality, "auto")
    request = Request("parcel question of another kind", labels=LABELS)
    said = Answer.of(engine.submit(request).result())
    engine.close()
    settled = serving.settle(request.input, said)
    assert (said.output, settled.output) == ("billing", "shipping")
    assert settled.shares is not None
    assert math.isclose(sum(settled.shares.values()), 1.0)


def test_a_probe_reads_back_to_the_bit_and_refuses_what_does_not_fit() -> None:
    states = list(echo_vectors([f"{('money', 'parcel')[n % 2]} {n}" for n in range(8)]))
    probe = Probe.fit(states, [LABELS[n % 2] for n in range(8)])
    data = probe.to_dict()
    again = Probe.from_dict(json.loads(json.dumps(data)))
    assert again == probe
    assert again.shares(states[0]) == probe.shares(states[0])
    for damage in ({"mean": "?"}, {"bias": data["mean"]}, {"labels": []}, {"scale": None}):
        with pytest.raises((ValueError, TypeError)):
            Probe.from_dict({**data, **damage})
    with pytest.raises(ValueError, match="state"):
        probe.shares(states[0][:4])


def test_a_probe_of_one_label_knows_that_one_alone() -> None:
    probe = Probe.fit(list(echo_vectors(["one", "two"])), ["billing", "billing"])
    assert probe.shares(echo_vectors(["three"])[0]) == {"billing": 1.0}


def test_labels_without_an_example_stay_possible() -> None:
    task = Task("Sort.", (*LABELS, "returns"), COINS)
    quality = learn(runtime(EchoEngine(states=True)), task)
    assert quality.serving == "probe"
    serving = serve(runtime(), task, quality, "auto")
    sure = {"billing": 1e-4, "shipping": 1e-4, "returns": 1.0}
    state_D = echo_vectors(["about something else"])[0]
    settled = serving.settle("x", Answer("returns", 1.0, sure, state_D))
    assert settled.shares is not None
    assert settled.shares["returns"] > 0
