"""What each arm of the evaluation asks of the engine, on tiny models."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tiny_evaluation import (
    ALL,
    TASKS,
    task_row,
    write_tasks,
)

from hypernet.base_model.chat import ChatFormat
from hypernet.evaluation import evaluate as module
from hypernet.evaluation.arms import Arm, pairs, parse_arm, parse_arms
from hypernet.evaluation.evaluate import evaluate
from hypernet.hypernetwork.generator import load_generator
from hypernet.task import Example, Task

if TYPE_CHECKING:
    from pathlib import Path

    from hypernet.base_model.loading import BaseModel
    from hypernet.engine.interface import Request
    from hypernet.evaluation.evaluate import EvaluateOptions
    from hypernet.hypernetwork.encoder import Encoder
    from hypernet.hypernetwork.generator import Generator


pytestmark = pytest.mark.slow


@pytest.fixture
def generator(hypernetwork: Path, base: BaseModel, encoder: Encoder) -> Generator:
    return load_generator(hypernetwork, base, ChatFormat.of(base.tokenizer), encoder)


def by_arm(
    options: EvaluateOptions, asked: list[Request], *arms: str
) -> dict[str, dict[str, list[Request]]]:
    """The free requests of each arm by task, under the first seed."""
    evaluate(replace(options, arms=arms, seeds=(0,), labels=False, out=None))
    order = [(arm, task) for task in TASKS for arm in arms]
    assert len(asked) == len(order) * options.per_task
    found: dict[str, dict[str, list[Request]]] = {arm: {} for arm in arms}
    for number, (arm, task) in enumerate(order):
        found[arm][task] = asked[number * options.per_task :][: options.per_task]
    return found


def adapter_of(found: dict[str, dict[str, list[Request]]], arm: str, task: str) -> str:
    digests = {r.adapter.digest for r in found[arm][task] if r.adapter is not None}
    assert len(digests) == 1
    return digests.pop()


def prefixes(found: dict[str, dict[str, list[Request]]], arm: str) -> list[str]:
    return [requests[0].prefix for requests in found[arm].values()]


def text_of(task: str) -> str:
    return Task(f"Say the {task}.", TASKS[task]).prefix_text()


def test_every_arm_answers_the_same_inputs_greedily(options: EvaluateOptions, asked: list[Request]):
    found = by_arm(options, asked, *ALL)
    for task in TASKS:
        inputs = {tuple(r.input for r in found[arm][task]) for arm in ALL}
        assert len(inputs) == 1
        assert len(set(inputs.pop())) == options.per_task
        assert len({r.max_tokens for arm in ALL for r in found[arm][task]}) == 1
    assert {r.temperature for r in asked} == {0.0}


def test_answers_may_be_a_little_longer_than_the_longest_accepted_one(
    options: EvaluateOptions, asked: list[Request]
):
    found = by_arm(options, asked, "base")
    longest = {"colour": "blue", "shout": "OUT 10", "sign": "minus"}
    for task, output in longest.items():
        assert found["base"][task][0].max_tokens == len(output) + 8  # a byte is a token


def test_the_base_has_neither_prefix_nor_adapter(options: EvaluateOptions, asked: list[Request]):
    by_arm(options, asked, "base")
    assert {(r.prefix, r.adapter) for r in asked} == {("", None)}


def test_prompted_has_the_tasks_text_without_the_files_examples_and_no_adapter(
    options: EvaluateOptions, asked: list[Request]
):
    found = by_arm(options, asked, "prompted")
    assert prefixes(found, "prompted") == [text_of(task) for task in TASKS]
    assert {r.adapter for r in asked} == {None}


def test_few_shot_shows_so_many_examples_none_of_which_is_asked(
    options: EvaluateOptions, asked: list[Request]
):
    found = by_arm(options, asked, "few_shot@2", "few_shot@4")
    for task in TASKS:
        two, four = (found[arm][task][0].prefix for arm in ("few_shot@2", "few_shot@4"))
        assert (two.count("\nOutput: "), four.count("\nOutput: ")) == (2, 4)
        assert four.startswith(two)  # k is a prefix of the same list
        for request in found["few_shot@4"][task]:
            assert f"Input: {request.input}\n" not in four
    assert {r.adapter for r in asked} == {None}


def test_matched_has_the_tasks_own_adapter_and_no_text(
    options: EvaluateOptions, asked: list[Request], generator: Generator
):
    found = by_arm(options, asked, "matched")
    assert prefixes(found, "matched") == [""] * 3
    for task in TASKS:
        own = generator.write(Task(f"Say the {task}.", TASKS[task]))
        assert adapter_of(found, "matched", task) == own.digest


def test_shuffled_arms_have_the_adapter_of_the_task_half_the_list_away(
    options: EvaluateOptions, asked: list[Request]
):
    found = by_arm(options, asked, "matched", "shuffled", "hybrid", "hybrid_shuffled")
    for task, other in (("colour", "shout"), ("shout", "sign"), ("sign", "colour")):
        assert adapter_of(found, "shuffled", task) == adapter_of(found, "matched", other)
        assert adapter_of(found, "hybrid_shuffled", task) == adapter_of(found, "hybrid", other)
    assert prefixes(found, "shuffled") == [""] * 3
    assert prefixes(found, "hybrid_shuffled") == [text_of(task) for task in TASKS]


def test_junk_is_written_for_twelve_words_of_the_inputs(
    options: EvaluateOptions, asked: list[Request], monkeypatch: pytest.MonkeyPatch
):
    described: list[str] = []
    write = module.Maker.write

    def recording(self: Any, arm: Arm, case: Any) -> Any:
        described.append(case.junk.description)
        return write(self, arm, case)

    monkeypatch.setattr(module.Maker, "write", recording)
    found = by_arm(options, asked, "junk", "matched")
    words = [text.split() for text in dict.fromkeys(described)]
    assert [len(w) for w in words] == [12] * 3
    assert {w for each in words for w in each} <= {*TASKS, *map(str, range(12))}
    for task in TASKS:
        assert adapter_of(found, "junk", task) != adapter_of(found, "matched", task)


def test_static_and_multi_task_have_one_adapter_for_all_tasks(
    options: EvaluateOptions, asked: list[Request], generator: Generator
):
    arms = ("static", "static_prompted", "multi_task", "multi_task_prompted")
    found = by_arm(options, asked, *arms)
    for arm in arms:
        assert len({adapter_of(found, arm, task) for task in TASKS}) == 1
        prompted = arm.endswith("prompted")
        assert prefixes(found, arm) == [text_of(task) if prompted else "" for task in TASKS]
    assert adapter_of(found, "multi_task", "sign") == generator.multi_task().digest
    assert (
        adapter_of(found, "static", "sign") == adapter_of(found, "static_prompted", "sign") + "x2"
    )


def test_arms_have_their_own_scale_and_controls_that_of_what_they_control(
    options: EvaluateOptions, asked: list[Request]
):
    arms = ("matched", "hybrid", "hybrid_shuffled", "examples@2", "examples_shuffled@2")
    found = by_arm(options, asked, *arms, "examples_only@2")
    scale = {arm: adapter_of(found, arm, "sign").partition("x")[2] for arm in arms}
    assert scale == {
        "matched": "", "hybrid": "0.5", "hybrid_shuffled": "0.5",
        "examples@2": "0.25", "examples_shuffled@2": "0.25",
    }  # fmt: skip
    assert "x" not in adapter_of(found, "examples_only@2", "sign")


def test_examples_arms_keep_them_out_of_the_prompt_and_read_as_many_as_asked(
    options: EvaluateOptions, asked: list[Request], generator: Generator
):
    arms = ("few_shot@2", "examples@2", "examples_only@2", "examples_shuffled@2")
    found = by_arm(options, asked, *arms)
    examples = {}
    for task in TASKS:
        blocks = found["few_shot@2"][task][0].prefix.strip().split("\n\n")[1:]
        halves = [block.removeprefix("Input: ").split("\nOutput: ") for block in blocks]
        examples[task] = tuple(Example(*half) for half in halves)
    for task, other in (("colour", "shout"), ("shout", "sign")):
        own = Task(f"Say the {task}.", TASKS[task])
        written = generator.write(replace(own, examples=examples[task])).digest
        mixed = generator.write(replace(own, examples=examples[other])).digest
        assert adapter_of(found, "examples@2", task) == f"{written}x0.25"
        assert adapter_of(found, "examples_only@2", task) == written
        assert adapter_of(found, "examples_shuffled@2", task) == f"{mixed}x0.25"
    assert prefixes(found, "examples@2") == [text_of(task) for task in TASKS]
    assert prefixes(found, "examples_only@2") == [""] * 3


def test_refined_goes_on_from_the_examples_arm_and_scratch_from_the_static_one(
    options: EvaluateOptions, asked: list[Request]
):
    found = by_arm(
        options, asked, "examples@2", "refined@2", "static_prompted", "scratch@2", "oracle"
    )
    for task in TASKS:
        parents = {arm: found[arm][task][0].adapter for arm in ("refined@2", "scratch@2")}
        starts = {arm: adapter.parent for arm, adapter in parents.items()}  # type: ignore[union-attr]
        assert starts == {
            "refined@2": adapter_of(found, "examples@2", task),
            "scratch@2": adapter_of(found, "static_prompted", task),
        }
        trained = [adapter_of(found, a, task) for a in ("refined@2", "scratch@2", "oracle")]
        assert len(set(trained)) == 3
    assert prefixes(found, "refined@2") == [text_of(task) for task in TASKS]
    assert prefixes(found, "oracle") == [""] * 3


def test_the_oracle_never_trains_on_what_is_asked(
    options: EvaluateOptions, asked: list[Request], monkeypatch: pytest.MonkeyPatch
):
    trained_on: list[tuple[set[str], int, int, bool]] = []
    train = module.Maker.train

    def recording(
        self: Any, start: Any, task: Task, examples: Any, steps: int, *, in_prompt: bool, batch: int
    ) -> Any:
        trained_on.append(({e.input for e in examples}, steps, batch, in_prompt))
        return train(self, start, task, examples, 1, in_prompt=in_prompt, batch=batch)

    monkeypatch.setattr(module.Maker, "train", recording)
    found = by_arm(options, asked, "oracle")
    for task, (inputs, *how) in zip(TASKS, trained_on, strict=True):
        assert inputs == {f"{task} {n}" for n in range(12)} - {
            r.input for r in found["oracle"][task]
        }
        assert how == [60, 16, False]


def test_routed_follows_the_fit(options: EvaluateOptions, asked: list[Request]):
    """All are near: their text stays in the prompt, and their adapter acts."""
    found = by_arm(options, asked, "routed")
    assert prefixes(found, "routed") == [text_of(task) for task in TASKS]
    assert all(r.adapter is not None for r in asked)


def test_examples_that_do_not_fit_the_window_are_left_out_and_reported(
    options: EvaluateOptions, asked: list[Request], base: BaseModel, tmp_path: Path
):
    row = task_row("long", ())
    row["instances"] = [{"input": f"{n} " + "x" * 98, "output": "y"} for n in range(12)]
    one = replace(options, tasks=(write_tasks(tmp_path / "long.jsonl", row),), arms=("few_shot@8",))
    report = evaluate(one)
    used = report["arms"]["few_shot@8"]["examples_used"]
    assert 0 < used < 8
    assert asked[0].prefix.count("\nOutput: ") == used


# Their names


@pytest.mark.parametrize(
    "name", ["bse", "", "few_shot", "few_shot@", "few_shot@0", "few_shot@33", "few_shot@x",
             "examples@-1", "matched@2", "oracle@8"],
)  # fmt: skip
def test_an_unknown_or_malformed_arm_is_refused_by_name(name: str):
    with pytest.raises(ValueError, match=f"arm '{name}'"):
        parse_arm(name)


def test_arms_are_read_with_their_number_of_examples_and_once():
    assert parse_arms(["few_shot@8", " base", "base", "examples@32"]) == (
        Arm("few_shot", 8), Arm("base"), Arm("examples", 32),
    )  # fmt: skip
    assert [parse_arm(name).name for name in ALL] == list(ALL)


def test_arms_with_examples_are_compared_at_equal_numbers():
    arms = parse_arms(["few_shot@2", "few_shot@8", "examples@8", "hybrid"])
    assert pairs(arms, "examples", "few_shot") == [("examples@8", "few_shot@8")]
    assert pairs(arms, "hybrid", "few_shot") == [
        ("hybrid", "few_shot@2"), ("hybrid", "few_shot@8"),
    ]  # fmt: skip
