"""The base forgets nothing: adapters are written, run and refined, and it stays bit for bit."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import torch
from tiny_models import FIRST_LAYER, furthest, logits_of, tiny_generator

from bench import forgetting
from bench.forgetting import fine_tuned, mean_loss, read_whole
from hypernet.base_model import frozen_prefix
from hypernet.base_model.chat import ChatFormat
from hypernet.base_model.loading import fingerprint_of
from hypernet.engine.interface import Request
from hypernet.progress import silent
from hypernet.task import Example, Task
from hypernet.training.data import Instance, TaskData
from hypernet.training.task_files import write_tasks

if TYPE_CHECKING:
    from pathlib import Path

    from hypernet.base_model.chat import Sample
    from hypernet.base_model.loading import BaseModel
    from hypernet.engine.torch.engine import TorchEngine
    from hypernet.hypernetwork.encoder import Encoder
    from hypernet.hypernetwork.generator import Generator

TEXTS = ("a text of the base's own", "Translate this.\n\nx", "third")
EXAMPLES = tuple(Example(f"in {n}", f"out {n}") for n in range(6))
TASKS = (Task("Say which comes next.", (), EXAMPLES), Task("Shout.", ("yes", "no"), EXAMPLES))


@pytest.fixture
def generator(base: BaseModel, encoder: Encoder, tmp_path: Path) -> Generator:
    return tiny_generator(base, encoder, tmp_path, [task.description for task in TASKS])


def logits(base: BaseModel, chat: ChatFormat) -> list[torch.Tensor]:
    return [logits_of(base.forward, chat.prefix_ids("") + chat.step_ids(text)) for text in TEXTS]


def answers(engine: TorchEngine) -> list[str]:
    tickets = [engine.submit(Request(text, max_tokens=16)) for text in TEXTS]
    return [ticket.result().text for ticket in tickets]


def test_the_base_is_bit_for_bit_what_it_was_after_adapters_were_written_run_and_refined(
    base: BaseModel, generator: Generator, engine: TorchEngine
):
    before, alone = logits(base, engine.chat), answers(engine)
    weights = fingerprint_of(base.forward.weights)
    adapted = []
    for task in TASKS:
        written = generator.write(task)
        refined = generator.refine(task, written, in_prompt=True, progress=silent)
        assert furthest(refined, written) > 0  # the steps were real ones
        adapted += [
            engine.submit(Request(text, prefix, adapter, max_tokens=16))
            for adapter in (written, refined, generator.multi_task())
            for prefix in ("", task.without_examples().prefix_text())
            for text in TEXTS
        ]
        # Base requests in one batch with adapted ones.
        assert answers(engine) == alone
    assert len({ticket.result().text for ticket in adapted}) > len(TEXTS)
    after = logits(base, engine.chat)
    assert all(torch.equal(one, two) for one, two in zip(before, after, strict=True))
    assert answers(engine) == alone
    assert fingerprint_of(base.forward.weights) == weights


# The bench


@pytest.fixture
def chat(base: BaseModel) -> ChatFormat:
    return ChatFormat.of(base.tokenizer)


@pytest.fixture
def data() -> TaskData:
    instances = tuple(Instance(e.input, (e.output,)) for e in EXAMPLES)
    return TaskData("next", TASKS[0].without_examples(), instances)


@pytest.fixture
def samples(chat: ChatFormat, data: TaskData) -> list[Sample]:
    return forgetting.tokenised(chat, data, 6)


def test_reading_the_text_whole_or_as_prefix_is_the_same_to_the_base(
    base: BaseModel, chat: ChatFormat, data: TaskData, samples: list[Sample]
):
    prefix_ids = chat.prefix_ids(data.task.prefix_text())
    prefixed = frozen_prefix.compute(base.forward, FIRST_LAYER, prefix_ids, samples)
    whole = read_whole(base.forward, chat, FIRST_LAYER, data, samples)
    assert len(samples) == len(EXAMPLES)
    expected = mean_loss(base.forward, FIRST_LAYER, prefixed)
    assert mean_loss(base.forward, FIRST_LAYER, whole) == pytest.approx(expected, abs=1e-4)


def test_fine_tuning_learns_in_a_copy_of_the_last_layers_alone(
    base: BaseModel,
    chat: ChatFormat,
    data: TaskData,
    samples: list[Sample],
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(forgetting, "RATE", 1e-2)
    weights = fingerprint_of(base.forward.weights)
    tuned = fine_tuned(base.forward, chat, FIRST_LAYER, data, samples, 5)
    assert fingerprint_of(base.forward.weights) == weights
    changed = {n for n, t in tuned.weights.items() if not torch.equal(t, base.forward.weights[n])}
    last = {n for n in base.forward.weights if n.startswith(("model.layers.2.", "model.layers.3."))}
    assert changed == last
    assert not any(tensor.requires_grad for tensor in tuned.weights.values())
    computed = read_whole(base.forward, chat, FIRST_LAYER, data, samples)
    before = mean_loss(base.forward, FIRST_LAYER, computed)
    assert mean_loss(tuned, FIRST_LAYER, computed) < before - 0.5


def a_task(name: str, count: int = 24) -> TaskData:
    instances = tuple(Instance(f"{name} {n}", (f"out {n % 3}",)) for n in range(count))
    return TaskData(name, Task(f"Do {name}."), instances)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Two task files, with the learnt task in the second one."""
    groups = [[a_task(f"other{n}", 4) for n in range(9)],
              [a_task("learnt"), *(a_task(f"more{n}", 4) for n in range(6))]]  # fmt: skip
    paths = [tmp_path / "one.jsonl", tmp_path / "two.jsonl"]
    for path, tasks in zip(paths, groups, strict=True):
        write_tasks(path, tasks)
    return paths


def test_what_is_asked_refined_on_and_learnt_are_different_instances(files: list[Path]):
    tasks = forgetting.read_all(files, "learnt", 2)
    parts = [
        [i.input for i in tasks.asked[0].instances],
        [e.input for e in tasks.examples],
        [i.input for i in tasks.learnt.instances],
    ]
    assert [len(part) for part in parts] == [2, forgetting.EXAMPLES, 24 - 2 - forgetting.EXAMPLES]
    assert len({text for part in parts for text in part}) == 24


def test_twelve_other_tasks_are_asked_spread_over_the_files(files: list[Path]):
    tasks = forgetting.read_all(files, "learnt", 2)
    assert tasks.asked[0].name == tasks.learnt.name == "learnt"
    assert len(set(tasks.others)) == forgetting.OTHERS
    assert "learnt" not in tasks.others
    assert {name[:4] for name in tasks.others} == {"othe", "more"}
    few = forgetting.read_all(files[1:], "learnt", 2)
    assert few.others == tuple(f"more{n}" for n in range(6))


def test_a_task_that_is_missing_alone_or_too_small_is_refused(files: list[Path], tmp_path: Path):
    with pytest.raises(ValueError, match=r"no task 'unheard' in the files; .* learnt, more0"):
        forgetting.read_all(files, "unheard", 2)
    with pytest.raises(ValueError, match="learnt: 24 different instances, but 8 are asked"):
        forgetting.read_all(files, "learnt", 8)
    write_tasks(tmp_path / "alone.jsonl", [a_task("learnt")])
    with pytest.raises(ValueError, match="nothing to forget"):
        forgetting.read_all([tmp_path / "alone.jsonl"], "learnt", 2)


@pytest.mark.slow
def test_losses_of_an_earlier_report_serve_again_if_it_asked_the_same(
    generator: Generator, files: list[Path], monkeypatch: pytest.MonkeyPatch
):
    tasks = forgetting.read_all(files, "learnt", 2)
    generator = replace(generator, card={"data": {"tasks": [{"name": "learnt"}]}})
    report = forgetting.compare(generator, tasks, steps=1, count=2)
    assert (report["learnt"], report["base_unchanged"]) == ("learnt", True)
    assert report["trained_on"] == ["learnt"]
    monkeypatch.setattr(forgetting, "fine_tuned", None)  # cannot be called again
    marked = copy.deepcopy(report)
    for losses in marked["tasks"].values():
        losses["fine_tuned"] += 100
    again = forgetting.compare(generator, tasks, steps=1, count=2, earlier=marked)
    assert "earlier report" in again["about"]
    for name, losses in again["tasks"].items():
        assert losses["fine_tuned"] == marked["tasks"][name]["fine_tuned"]
        assert losses["adapter"] == pytest.approx(report["tasks"][name]["adapter"])
    with pytest.raises(ValueError, match=r"steps': 1.*not .*steps': 2"):
        forgetting.compare(generator, tasks, steps=2, count=2, earlier=marked)
    marked["tasks"]["learnt"]["base"] += 0.1
    with pytest.raises(ValueError, match="learnt: the base's loss is"):
        forgetting.compare(generator, tasks, steps=1, count=2, earlier=marked)
    with pytest.raises(ValueError, match="no fine-tuned loss of learnt"):
        forgetting.compare(generator, tasks, steps=1, count=2, earlier={"steps": 1})
