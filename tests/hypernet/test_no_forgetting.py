"""The base forgets nothing: adapters are written, run and refined, and it stays bit for bit."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import torch
from tiny_models import FIRST_LAYER, furthest, logits_of, tiny_generator

from bench import forgetting
from bench.forgetting import fine_tuned, generated_task, mean_loss, read_whole
from hypernet.base_model import frozen_prefix
from hypernet.base_model.chat import ChatFormat
from hypernet.base_model.loading import fingerprint_of
from hypernet.engine.interface import Request
from hypernet.task import Example, Task
from hypernet.training.data import Instance, Sample, TaskData

if TYPE_CHECKING:
    from pathlib import Path

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
    return [logits_of(base.llama, chat.prefix_ids("") + chat.step_ids(text)) for text in TEXTS]


def answers(engine: TorchEngine) -> list[str]:
    tickets = [engine.submit(Request(text, max_tokens=16)) for text in TEXTS]
    return [ticket.result().text for ticket in tickets]


def test_the_base_is_bit_for_bit_what_it_was_after_adapters_were_written_run_and_refined(
    base: BaseModel, generator: Generator, engine: TorchEngine
):
    before, said = logits(base, engine.chat), answers(engine)
    weights = fingerprint_of(base.llama.weights)
    adapted = []
    for task in TASKS:
        written = generator.write(task)
        refined = generator.refine(task, written, in_prompt=True, say=lambda *what: None)
        assert furthest(refined, written) > 0  # the steps were real ones
        adapted += [
            engine.submit(Request(text, prefix, adapter, max_tokens=16))
            for adapter in (written, refined, generator.multi_task())
            for prefix in ("", task.without_examples().prefix_text())
            for text in TEXTS
        ]
        # Base rows in one batch with adapted ones.
        assert answers(engine) == said
    assert len({ticket.result().text for ticket in adapted}) > len(TEXTS)
    after = logits(base, engine.chat)
    assert all(torch.equal(one, two) for one, two in zip(before, after, strict=True))
    assert answers(engine) == said
    assert fingerprint_of(base.llama.weights) == weights


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
    prefixed = frozen_prefix.compute(base.llama, FIRST_LAYER, prefix_ids, samples)
    whole = read_whole(base.llama, chat, FIRST_LAYER, data, samples)
    assert len(samples) == len(EXAMPLES)
    expected = mean_loss(base.llama, FIRST_LAYER, prefixed)
    assert mean_loss(base.llama, FIRST_LAYER, whole) == pytest.approx(expected, abs=1e-4)


def test_fine_tuning_learns_in_a_copy_of_the_upper_layers_alone(
    base: BaseModel,
    chat: ChatFormat,
    data: TaskData,
    samples: list[Sample],
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(forgetting, "RATE", 1e-2)
    weights = fingerprint_of(base.llama.weights)
    tuned = fine_tuned(base.llama, chat, FIRST_LAYER, data, samples, 5)
    assert fingerprint_of(base.llama.weights) == weights
    changed = {n for n, t in tuned.weights.items() if not torch.equal(t, base.llama.weights[n])}
    upper = {n for n in base.llama.weights if n.startswith(("model.layers.2.", "model.layers.3."))}
    assert changed == upper
    assert not any(tensor.requires_grad for tensor in tuned.weights.values())
    ready = read_whole(base.llama, chat, FIRST_LAYER, data, samples)
    before = mean_loss(base.llama, FIRST_LAYER, ready)
    assert mean_loss(tuned, FIRST_LAYER, ready) < before - 0.5


@pytest.mark.slow
def test_losses_of_an_earlier_report_serve_again_if_it_asked_the_same(
    generator: Generator, monkeypatch: pytest.MonkeyPatch
):
    generator = replace(generator, card={"data": {"tasks": [{"name": forgetting.LEARNT}]}})
    report = forgetting.compare(generator, steps=1, count=2)
    monkeypatch.setattr(forgetting, "fine_tuned", None)  # cannot be called again
    marked = copy.deepcopy(report)
    for losses in marked["tasks"].values():
        losses["fine_tuned"] += 100
    again = forgetting.compare(generator, steps=1, count=2, earlier=marked)
    assert "earlier report" in again["about"]
    for name, losses in again["tasks"].items():
        assert losses["fine_tuned"] == marked["tasks"][name]["fine_tuned"]
        assert losses["adapter"] == pytest.approx(report["tasks"][name]["adapter"])
    with pytest.raises(ValueError, match=r"steps': 1.*not .*steps': 2"):
        forgetting.compare(generator, steps=2, count=2, earlier=marked)
    marked["tasks"][forgetting.LEARNT]["base"] += 0.1
    with pytest.raises(ValueError, match=f"{forgetting.LEARNT}: the base's loss is"):
        forgetting.compare(generator, steps=1, count=2, earlier=marked)
    with pytest.raises(ValueError, match=f"no fine-tuned loss of {forgetting.LEARNT}"):
        forgetting.compare(generator, steps=1, count=2, earlier={"steps": 1})


def test_what_is_asked_is_neither_learnt_nor_what_training_drew():
    seeds = (0, forgetting.ASKED_SEED, forgetting.LEARNT_SEED, forgetting.SHOWN_SEED)
    drawn = [
        {i.input for i in generated_task(forgetting.LEARNT, 40, seed).instances} for seed in seeds
    ]
    assert sum(map(len, drawn)) == len(set.union(*drawn))


def test_the_rest_are_twelve_tasks_of_every_other_vertical():
    assert len({replace(generated_task(n, 1, 0), instances=()).name for n in forgetting.REST}) == 12
    others = {name.partition("_")[0] for name in forgetting.REST}
    assert others == {
        "code", "finance", "legal", "medical", "research", "sentiment", "support"
    }  # fmt: skip
