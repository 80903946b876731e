"""What training and development draw: instances, wordings, conditions, from which source."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import torch
from tiny_models import FIRST_LAYER, task_row, tiny_network, tiny_reader, write_rows

from hypernet.hypernetwork.task_encoder import Condition
from hypernet.task import Example
from hypernet.training.config import Source, TrainConfig
from hypernet.training.data import TaskData
from hypernet.training.frozen_states import FrozenStates
from hypernet.training.judging.losses import ARMS, dev_losses, task_losses
from hypernet.training.pool import (
    Draw,
    PoolTask,
    computed,
    development_pool,
    draw,
    draw_tasks,
    in_parts,
    training_pool,
)
from hypernet.training.task_files import read_source

if TYPE_CHECKING:
    from pathlib import Path

    from hypernet.base_model.loading import BaseModel
    from hypernet.hypernetwork.conditioning import ConditionReader
    from hypernet.hypernetwork.encoder import Encoder
    from hypernet.training.pool import DevTask

SOURCE = Source("unread")
CONFIG = TrainConfig(
    "t", (SOURCE,), dev_samples_per_task=3, dev_examples=4, most_examples=4, nothing_read=0.2
)
CLOSE = {"atol": 1e-4, "rtol": 1e-4}


@pytest.fixture
def reader(base: BaseModel, encoder: Encoder) -> ConditionReader:
    return tiny_reader(base, encoder)


@pytest.fixture
def states(reader: ConditionReader) -> FrozenStates:
    return FrozenStates(reader, FIRST_LAYER, 2**30)


@pytest.fixture
def tasks(tmp_path: Path) -> list[TaskData]:
    file = write_rows(tmp_path / "tasks.jsonl", [task_row(n) for n in range(3)])
    other = [{"task": f"task{n}", "descriptions": [f"Say {n}.", f"Give {n}."]} for n in range(3)]
    wordings = write_rows(tmp_path / "wordings.jsonl", other)
    return read_source(Source(str(file), wordings=str(wordings)))


def trained(
    tasks: list[TaskData], reader: ConditionReader, source: Source = SOURCE
) -> list[PoolTask]:
    return training_pool([(task, source) for task in tasks], CONFIG, reader.chat)


def developed(
    tasks: list[TaskData], reader: ConditionReader, config: TrainConfig = CONFIG
) -> list[DevTask]:
    return development_pool([(task, SOURCE) for task in tasks], config, reader.chat)


def rng() -> random.Random:
    return random.Random(0)  # noqa: S311  # sampling, not secrets


# What is drawn


def test_no_example_shown_in_development_is_one_of_the_samples(
    tasks: list[TaskData], reader: ConditionReader
) -> None:
    few = replace(tasks[1], instances=tasks[1].instances[:3])  # enough for the samples alone
    twice = replace(tasks[2], instances=tasks[2].instances[:3] * 2)
    found = developed([tasks[0], few, twice], reader)
    assert [len(task.samples) for task in found] == [3, 3, 3]
    assert [len(task.examples) for task in found[:2]] == [4, 0]
    for task in found:
        assert not {s.input_ids for s in task.examples} & {s.input_ids for s in task.samples}


def test_development_takes_a_fixed_few_tasks_of_each_source_in_their_order(
    tasks: list[TaskData], reader: ConditionReader
) -> None:
    config = replace(CONFIG, dev_tasks=2)
    other = Source("other", held_out=0.5)
    pairs = [(task, SOURCE) for task in tasks] + [(tasks[0], other)]
    first, again = (development_pool(pairs, config, reader.chat) for _ in range(2))
    assert first == again
    assert Counter(task.source for task in first) == {"unread": 2, "other (held out)": 1}
    names = [task.data.name for task in first[:2]]
    assert names == sorted(names)


def test_training_never_shows_a_sample_its_own_input_as_an_example(
    tasks: list[TaskData], reader: ConditionReader
) -> None:
    (task, *_) = trained(tasks, reader)
    drawn, draws = rng(), []
    for _ in range(300):
        one, two = draw(task, CONFIG, drawn)
        assert one.sample != two.sample
        assert replace(one, sample=two.sample) == two
        assert not {one.sample, two.sample} & set(one.examples)
        assert len(one.examples) <= CONFIG.most_examples
        draws.append(one)
    kinds = Counter((d.read_text, bool(d.examples)) for d in draws)
    share = {kind: count / 300 for kind, count in kinds.items()}
    assert share[False, False] == pytest.approx(0.2, abs=0.07)
    assert share[True, False] == pytest.approx(0.35, abs=0.08)
    assert share[True, True] + share[False, True] == pytest.approx(0.45, abs=0.08)
    assert sum(d.in_prompt for d in draws) / 300 == pytest.approx(0.5, abs=0.08)


def test_a_task_with_one_input_has_its_text_read_where_examples_would_be(
    tasks: list[TaskData], reader: ConditionReader
) -> None:
    (task,) = trained([replace(tasks[0], instances=tasks[0].instances[:1])], reader)
    config, drawn = replace(CONFIG, nothing_read=0.0), rng()
    assert all(draw(task, config, drawn)[0].read_text for _ in range(60))


@pytest.mark.parametrize(("share", "expected"), [(0.0, {False}), (1.0, {True})])
def test_in_prompt_says_how_many_samples_have_the_text_in_the_prompt(
    share: float, expected: set[bool], tasks: list[TaskData], reader: ConditionReader
) -> None:
    (task, *_) = trained(tasks, reader)
    config, drawn = replace(CONFIG, in_prompt=share), rng()
    assert {draw(task, config, drawn)[0].in_prompt for _ in range(40)} == expected


def test_of_a_task_at_most_so_many_instances_are_tokenised(
    tasks: list[TaskData], reader: ConditionReader
) -> None:
    pool = trained(tasks, reader, replace(SOURCE, instances=5))
    assert [len(task.samples) for task in pool] == [5, 5, 5]


def test_tasks_over_the_same_inputs_share_their_ids(
    tasks: list[TaskData], reader: ConditionReader
) -> None:
    same = [replace(task, instances=tasks[0].instances) for task in tasks]
    pool = trained(same, reader)
    assert len({id(s.input_ids) for task in pool for s in task.samples}) == len(tasks[0].instances)


def test_a_task_of_which_no_instance_fits_is_left_out(
    tasks: list[TaskData], reader: ConditionReader
) -> None:
    pairs = [(tasks[0], replace(SOURCE, max_answer=1)), (tasks[1], SOURCE)]
    kept = training_pool(pairs, CONFIG, reader.chat)
    assert [task.data.name for task in kept] == ["task1"]


def test_wordings_too_long_for_a_prompt_are_passed_over_unless_all_are(
    tasks: list[TaskData], reader: ConditionReader
) -> None:
    head = len(reader.chat.prefix_ids("\n\n"))
    (short,) = trained(tasks[:1], reader, replace(SOURCE, max_prefix=head + len("Give 0.")))
    assert {w.description for w in short.wordings} == {"Say 0.", "Give 0."}
    (first,) = trained(tasks[:1], reader, replace(SOURCE, max_prefix=1))
    assert [w.description for w in first.wordings] == ["Answer with A."]


# What is shown


def test_a_reading_in_training_is_what_serving_reads(
    tasks: list[TaskData], reader: ConditionReader, states: FrozenStates, base: BaseModel
) -> None:
    (task,) = developed(tasks[:1], reader)
    one = Draw(
        task.samples[0], task.wording, in_prompt=True, read_text=True, examples=task.examples
    )
    ((_, read),) = computed([one], states)
    decode = base.tokenizer.decode
    examples = [Example(decode(s.input_ids), decode(s.answer_ids[:-1])) for s in task.examples]
    text = task.wording.conditioning_text()
    torch.testing.assert_close(read.vector_C, reader.encoder([text])[0])
    torch.testing.assert_close(read.states_TD, reader.texts([task.wording.prefix_text()])[0])
    torch.testing.assert_close(read.examples_E2D, reader.examples(examples), **CLOSE)


def test_a_reading_without_the_text_holds_its_examples_alone(
    tasks: list[TaskData], reader: ConditionReader, states: FrozenStates, base: BaseModel
) -> None:
    (task,) = developed(tasks[:1], reader)
    read = states.reading(task.wording, states.examples(task.examples[:2]), with_text=False)
    assert (len(read.states_TD), len(read.examples_E2D)) == (0, 2)
    network = tiny_network(base, reader.encoder.size)
    nothing = Condition.of([states.reading(task.wording, with_text=False)])
    torch.testing.assert_close(
        network.gains(nothing), network.gains(Condition.null(network.config))
    )


def test_samples_of_about_one_length_stand_together_each_with_its_own_condition(
    tasks: list[TaskData], reader: ConditionReader, states: FrozenStates
) -> None:
    pool, drawn = trained(tasks, reader), rng()
    draws = [one for task in pool * 4 for one in draw(task, CONFIG, drawn)]
    rows = computed(draws, states)
    lengths = [len(sample.hidden_TD) for sample, _ in rows]
    assert lengths == sorted(lengths)
    for most in (1, 3 * lengths[-1], sum(lengths) * len(lengths)):
        parts = list(in_parts(rows, most))
        assert [row for part in parts for row in part] == rows
        assert all(len(p) == 1 or len(p) * len(p[-1][0].hidden_TD) <= most for p in parts)
    alone = [computed([d], states)[0] for d in draws]
    for sample, reading in rows:
        assert any(
            sample.sample == other.sample
            and torch.equal(reading.states_TD, read.states_TD)
            and torch.allclose(reading.examples_E2D, read.examples_E2D, atol=1e-4)
            and torch.allclose(sample.hidden_TD, other.hidden_TD, atol=1e-4)
            for other, read in alone
        )


# Sources


def of_source(source: Source, count: int) -> list[PoolTask]:
    return [PoolTask(TaskData(f"t{n}", None, ()), source, (), ()) for n in range(count)]  # type: ignore[arg-type]  # names are all that counts here


def test_shares_steer_from_which_source_a_batch_comes() -> None:
    much, little = Source("much", share=3), Source("little", share=1)
    pool = of_source(much, 20) + of_source(little, 200)  # not how many tasks each has
    drawn = rng()
    counts = Counter(task.source.tasks for _ in range(500) for task in draw_tasks(pool, 4, drawn))
    assert counts["much"] / counts.total() == pytest.approx(0.75, abs=0.03)


def test_a_batch_has_each_task_at_most_once_and_takes_from_others_when_one_runs_out() -> None:
    much, little = Source("much", share=1000), Source("little")
    pool = of_source(much, 3) + of_source(little, 5)
    drawn = draw_tasks(pool, 6, rng())
    assert len({id(task) for task in drawn}) == 6
    assert Counter(task.source.tasks for task in drawn) == {"much": 3, "little": 3}
    everything = draw_tasks(pool, 99, rng())
    assert len({id(task) for task in everything}) == len(pool)


# Development losses


def test_each_arm_differs_by_what_it_says_it_does(
    tasks: list[TaskData], base: BaseModel, reader: ConditionReader, states: FrozenStates
) -> None:
    dev = developed(tasks, reader)
    network = tiny_network(base, reader.encoder.size)
    losses = dev_losses(network, states, dev)
    figures = {*ARMS, *(f"{arm}_exact" for arm in ARMS)}
    assert set(losses) == {*figures, "sources"}
    assert len({round(losses[arm], 5) for arm in ARMS}) == len(ARMS)
    each = task_losses(network, states, dev, ("examples", "hybrid"))
    mean = sum(loss for loss, _ in each["examples"]) / len(dev)
    assert losses["examples"] == pytest.approx(mean)


def test_each_sources_figures_are_the_means_over_its_own_tasks(
    tasks: list[TaskData], base: BaseModel, reader: ConditionReader, states: FrozenStates
) -> None:
    sources = [SOURCE, SOURCE, Source("other")]
    dev = development_pool(list(zip(tasks, sources, strict=True)), CONFIG, reader.chat)
    network = tiny_network(base, reader.encoder.size)
    found = dev_losses(network, states, dev, ("matched",))
    each = [loss for loss, _ in task_losses(network, states, dev, ("matched",))["matched"]]
    assert found["sources"]["unread"]["matched"] == pytest.approx(sum(each[:2]) / 2)
    assert found["sources"]["other"]["matched"] == pytest.approx(each[2])
    assert found["matched"] == pytest.approx(sum(each) / 3)


def test_a_task_with_no_example_to_show_scores_in_that_arm_as_without(
    tasks: list[TaskData], base: BaseModel, reader: ConditionReader, states: FrozenStates
) -> None:
    few = [replace(task, instances=task.instances[:3]) for task in tasks]
    network = tiny_network(base, reader.encoder.size)
    losses = dev_losses(network, states, developed(few, reader), ("examples", "hybrid"))
    assert losses["examples"] == losses["hybrid"]
