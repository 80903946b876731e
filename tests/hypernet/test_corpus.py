"""Tasks made ready to train and evaluate on: what is drawn, what is shown, from which source."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import torch
from tiny_models import FIRST_LAYER, task_row, tiny_network, tiny_reader, write_rows

from hypernet.hypernetwork.task_encoder import Condition
from hypernet.progress import silent
from hypernet.task import Example
from hypernet.training.config import Source, TrainConfig
from hypernet.training.corpus import ReadyTask, prepare, short_examples
from hypernet.training.data import TaskData, read_source
from hypernet.training.losses import ARMS, dev_losses, task_losses
from hypernet.training.train import draw_tasks, reading_for

if TYPE_CHECKING:
    from pathlib import Path

    from hypernet.base_model.loading import BaseModel
    from hypernet.hypernetwork.conditioning import ConditionReader
    from hypernet.hypernetwork.encoder import Encoder

SOURCE = Source("unread", samples_per_task=6, prefixed_per_task=6)
CONFIG = TrainConfig("t", (SOURCE,), dev_samples_per_task=3, dev_examples=4)


@pytest.fixture
def reader(base: BaseModel, encoder: Encoder) -> ConditionReader:
    return tiny_reader(base, encoder)


@pytest.fixture
def tasks(tmp_path: Path) -> list[TaskData]:
    file = write_rows(tmp_path / "tasks.jsonl", [task_row(n) for n in range(3)])
    other = [{"task": f"task{n}", "descriptions": [f"Say {n}.", f"Give {n}."]} for n in range(3)]
    wordings = write_rows(tmp_path / "wordings.jsonl", other)
    return read_source(Source(str(file), wordings=str(wordings)))


def prepared(
    tasks: list[TaskData],
    base: BaseModel,
    reader: ConditionReader,
    *,
    dev: bool,
    folder: Path | None = None,
) -> list[ReadyTask]:
    pairs = [(task, SOURCE) for task in tasks]
    return prepare(pairs, CONFIG, base, reader, folder, silent, dev=dev)


def inputs(task: ReadyTask, *, prompted: bool) -> list[tuple[int, ...]]:
    return [r.sample.step_ids for r in task.samples if (r.sample.wording is not None) is prompted]


# What is drawn


def test_development_draws_the_same_inputs_with_and_without_the_task_in_the_prompt(
    tasks: list[TaskData], base: BaseModel, reader: ConditionReader
) -> None:
    for task in prepared(tasks, base, reader, dev=True):
        assert len(inputs(task, prompted=False)) == 3
        assert inputs(task, prompted=True) == inputs(task, prompted=False)


def test_examples_shown_in_a_prompt_are_part_of_its_prefix_and_none_of_its_samples(
    tasks: list[TaskData], base: BaseModel, reader: ConditionReader
) -> None:
    config = replace(CONFIG, prefix_shown=2, most_examples=4)
    pairs = [(task, SOURCE) for task in tasks]
    for task in prepare(pairs, config, base, reader, None, silent, dev=False):
        wordings = task.data.wordings()
        with_some = [r for r in task.samples if r.sample.examples]
        assert len({r.sample.examples for r in with_some}) == 2
        for one in with_some:
            assert one.sample.wording in task.texts
            prompted = replace(wordings[one.sample.wording or 0], examples=one.sample.examples)
            prefix_ids = reader.chat.prefix_ids(prompted.prefix_text())
            assert one.prefix.k_LGPd.shape[2] == len(prefix_ids)
            assert one.sample.step_ids not in {
                tuple(reader.chat.step_ids(e.input)) for e in one.sample.examples
            }


def test_beside_examples_in_the_prompt_the_condition_has_text_and_examples_or_nothing(
    tasks: list[TaskData], base: BaseModel, reader: ConditionReader
) -> None:
    config = replace(CONFIG, prefix_shown=2, most_examples=4, examples_read=0.0, nothing_read=0.3)
    (task,) = prepare([(tasks[0], SOURCE)], config, base, reader, None, silent, dev=False)
    rng = random.Random(0)  # noqa: S311  # sampling, not secrets
    for with_some in (True, False):
        asked = [r for r in task.samples if bool(r.sample.examples) is with_some]
        read = [reading_for(task, rng.choice(asked), config, rng) for _ in range(60)]
        kinds = {(len(r.states_TD) > 0, len(r.examples_E2D) > 0) for r in read}
        assert kinds == {(False, False), (True, with_some)}


@pytest.mark.parametrize(
    ("given", "answers"),
    [
        ("aaaaaa", "aaaa"),
        ("aaaabb", "abaa"),  # each answer once before any again
        ("aLb", "ab"),  # one that is too long is passed over
        ("L", ""),
    ],
)
def test_a_prompt_shows_four_short_examples_at_most(given: str, answers: str) -> None:
    examples = [
        Example(str(n) * (400 if answer == "L" else 1), answer) for n, answer in enumerate(given)
    ]
    chosen = short_examples(examples)
    assert "".join(e.output for e in chosen) == answers
    assert len(set(chosen)) == len(chosen)


def test_no_example_shown_in_development_is_one_of_the_samples(
    tasks: list[TaskData], base: BaseModel, reader: ConditionReader
) -> None:
    few = replace(tasks[1], instances=tasks[1].instances[:3])  # enough for the samples alone
    for task, count in zip(prepared([tasks[0], few], base, reader, dev=True), (4, 0), strict=True):
        pool = {r.sample.step_ids for r in task.pool}
        assert len(task.pool) == count
        assert not pool & {r.sample.step_ids for r in task.samples}


def test_training_never_shows_a_sample_its_own_input_as_an_example(
    tasks: list[TaskData], base: BaseModel, reader: ConditionReader
) -> None:
    for task in prepared(tasks, base, reader, dev=False):
        assert task.pool
        assert all(r.sample.wording is None for r in task.pool)
        for one in task.samples:
            shown = task.examples_for(one.sample)
            assert one.sample.step_ids not in {r.sample.step_ids for r in shown}
            assert len(shown) >= len(task.pool) - 1


def test_a_wording_that_stands_in_a_prompt_is_one_that_was_read(
    tasks: list[TaskData], base: BaseModel, reader: ConditionReader
) -> None:
    for task in prepared(tasks, base, reader, dev=False):
        standing = {r.sample.wording for r in task.samples} - {None}
        assert standing <= set(task.texts)
        assert len(standing) == CONFIG.prefix_wordings


def test_a_task_of_which_no_instance_fits_is_left_out(
    tasks: list[TaskData], base: BaseModel, reader: ConditionReader
) -> None:
    pairs = [(tasks[0], replace(SOURCE, max_answer=1)), (tasks[1], SOURCE)]
    kept = prepare(pairs, CONFIG, base, reader, None, silent, dev=False)
    assert [task.data.name for task in kept] == ["task1"]


def test_what_was_kept_on_disk_is_what_was_computed(
    tasks: list[TaskData], base: BaseModel, reader: ConditionReader, tmp_path: Path
) -> None:
    computed = prepared(tasks, base, reader, dev=False, folder=tmp_path / "lower")
    files = {file: file.stat().st_mtime_ns for file in (tmp_path / "lower").iterdir()}
    kept = prepared(tasks, base, reader, dev=False, folder=tmp_path / "lower")
    assert {file: file.stat().st_mtime_ns for file in (tmp_path / "lower").iterdir()} == files
    for one, two in zip(computed, kept, strict=True):
        assert [r.sample for r in one.samples] == [r.sample for r in two.samples]
        for mine, other in zip((*one.samples, *one.pool), (*two.samples, *two.pool), strict=True):
            assert torch.equal(mine.hidden_TD, other.hidden_TD)
            assert torch.equal(mine.prefix.k_LGPd, other.prefix.k_LGPd)
        for wording, (vector_C, states_TD) in one.texts.items():
            assert torch.equal(two.texts[wording][0], vector_C)
            assert torch.equal(two.texts[wording][1], states_TD)


# What is shown


def test_a_reading_in_training_is_what_serving_reads(
    tasks: list[TaskData], base: BaseModel, reader: ConditionReader
) -> None:
    (task,) = prepared(tasks[:1], base, reader, dev=True)
    read = task.reading(None, task.pool)
    wording = task.data.wordings()[0]
    decode = base.tokenizer.decode
    tail = len(reader.chat.step_ids(""))
    examples = [
        Example(decode(r.sample.step_ids[:-tail]), decode(r.sample.answer_ids[:-1]))
        for r in task.pool
    ]
    torch.testing.assert_close(read.vector_C, reader.encoder([wording.conditioning_text()])[0])
    torch.testing.assert_close(read.states_TD, reader.texts([wording.prefix_text()])[0])
    torch.testing.assert_close(read.examples_E2D, reader.examples(examples), atol=1e-4, rtol=1e-4)


def test_a_reading_without_the_text_holds_its_examples_alone(
    tasks: list[TaskData], base: BaseModel, reader: ConditionReader
) -> None:
    (task,) = prepared(tasks[:1], base, reader, dev=True)
    read = task.reading(None, task.pool[:2], with_text=False)
    assert (len(read.states_TD), len(read.examples_E2D)) == (0, 2)
    network = tiny_network(base, reader.encoder.size)
    nothing = Condition.of([task.reading(None, with_text=False)])
    torch.testing.assert_close(
        network.gains(nothing), network.gains(Condition.null(network.config))
    )


# Sources


def of_source(source: Source, count: int) -> list[ReadyTask]:
    return [ReadyTask(TaskData(f"t{n}", None, ()), source, [], [], {}) for n in range(count)]  # type: ignore[arg-type]  # names are all that counts here


def test_shares_steer_from_which_source_a_batch_comes() -> None:
    much, little = Source("much", share=3), Source("little", share=1)
    corpus = of_source(much, 20) + of_source(little, 200)  # not how many tasks each has
    rng = random.Random(0)  # noqa: S311  # sampling, not secrets
    drawn = Counter(task.source.tasks for _ in range(500) for task in draw_tasks(corpus, 4, rng))
    assert drawn["much"] / drawn.total() == pytest.approx(0.75, abs=0.03)


def test_a_batch_has_each_task_at_most_once_and_takes_from_others_when_one_runs_out() -> None:
    much, little = Source("much", share=1000), Source("little")
    corpus = of_source(much, 3) + of_source(little, 5)
    drawn = draw_tasks(corpus, 6, random.Random(0))  # noqa: S311  # sampling, not secrets
    assert len({id(task) for task in drawn}) == 6
    assert Counter(task.source.tasks for task in drawn) == {"much": 3, "little": 3}
    everything = draw_tasks(corpus, 99, random.Random(0))  # noqa: S311  # as above
    assert len({id(task) for task in everything}) == len(corpus)


# Development losses


def test_each_arm_differs_by_what_it_says_it_does(
    tasks: list[TaskData], base: BaseModel, reader: ConditionReader
) -> None:
    dev = prepared(tasks, base, reader, dev=True)
    network = tiny_network(base, reader.encoder.size)
    losses = dev_losses(network, base.forward, FIRST_LAYER, dev)
    assert set(losses) == {*ARMS, *(f"{arm}_exact" for arm in ARMS)}
    assert len({round(losses[arm], 5) for arm in ARMS}) == len(ARMS)
    each = task_losses(network, base.forward, FIRST_LAYER, dev, ("examples", "hybrid"))
    mean = sum(loss for loss, _ in each["examples"]) / len(dev)
    assert losses["examples"] == pytest.approx(mean)


def test_a_task_with_no_example_to_show_scores_in_that_arm_as_without(
    tasks: list[TaskData], base: BaseModel, reader: ConditionReader
) -> None:
    few = [replace(task, instances=task.instances[:3]) for task in tasks]
    dev = prepared(few, base, reader, dev=True)
    network = tiny_network(base, reader.encoder.size)
    losses = dev_losses(network, base.forward, FIRST_LAYER, dev, ("examples", "hybrid"))
    assert losses["examples"] == losses["hybrid"]
