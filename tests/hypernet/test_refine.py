"""Gradient steps on a task's own examples, from an adapter already written."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import torch
import torch.nn.functional as F  # noqa: N812  # torch's own customary name
from tiny_models import ActiveFrom, activated, furthest, logits_of, same_bits, tiny_adapter

from hypernet.adapters.cache import MOST_ANSWER_TOKENS, MOST_STEP_TOKENS
from hypernet.adapters.refine import (
    LABEL_SMOOTHING,
    fresh,
    refine,
    refine_together,
)
from hypernet.base_model.chat import ChatFormat
from hypernet.engine.interface import Request
from hypernet.engine.torch.engine import TorchEngine
from hypernet.task import Example, Task

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hypernet.adapters.adapter import Adapter
    from hypernet.base_model.loading import BaseModel

TASK = Task(
    "Say which comes next.",
    (),
    tuple(Example(f"{a}{a}", chr(ord(a) + 1)) for a in "abcdefghij"),
)
RATE = 5e-3  # so that a few steps show on a random model


@pytest.fixture
def start(base: BaseModel) -> Adapter:
    return tiny_adapter(base.forward, 1, strength=0.1)


@pytest.fixture
def chat(base: BaseModel) -> ChatFormat:
    return ChatFormat.of(base.tokenizer)


def mean_loss(
    base: BaseModel, chat: ChatFormat, adapter: Adapter, text: str, smoothing: float = 0.0
) -> float:
    """Mean cross entropy of the examples' answers, each read whole in one pass."""
    losses = []
    for example in TASK.examples:
        prefix, step = chat.prefix_ids(text), chat.step_ids(example.input)
        answer = chat.answer_ids(example.output)
        ids = prefix + step + answer
        behind = len(prefix)
        if adapter.invocation:
            behind += len(chat.input_ids(example.input))
        logits_TV = logits_of(base.forward, ids[:-1], ActiveFrom(adapter, behind))
        found_TV = logits_TV[-len(answer) :]
        losses.append(F.cross_entropy(found_TV, torch.tensor(answer), label_smoothing=smoothing))
    return float(torch.stack(losses).mean())


def loss_of(message: str) -> float:
    """The loss that a message of progress tells."""
    return float(message.partition(", loss ")[2].partition(" ")[0])


def test_an_activated_adapter_is_refined_as_it_will_act(base: BaseModel, chat: ChatFormat) -> None:
    start = tiny_adapter(base.forward, 1, strength=0.3)
    # Each step's loss is told before it is taken: the first one's is the start's own.
    told: list[float] = []
    refined = {}
    for adapter in (start, activated(start, chat)):
        refined[adapter.digest] = refine(
            base.forward, chat, adapter, TASK, steps=2, batch=len(TASK.examples), in_prompt=False,
            progress=lambda _, message: told.append(loss_of(message)),
        )  # fmt: skip
    ids = tuple(chat.invocation_ids())
    assert [one.invocation for one in refined.values()] == [(), ids]
    expected = mean_loss(base, chat, activated(start, chat), "", smoothing=LABEL_SMOOTHING)
    assert told[2] == pytest.approx(expected, abs=2e-3)
    assert told[0] != pytest.approx(expected, abs=2e-3)


@pytest.mark.parametrize("in_prompt", [True, False])
def test_refining_lowers_the_loss_on_the_examples_where_the_text_will_stand(
    base: BaseModel, chat: ChatFormat, start: Adapter, in_prompt: bool
) -> None:
    steps: list[tuple[float, str]] = []
    refined = refine(
        base.forward, chat, start, TASK, rate=RATE, in_prompt=in_prompt,
        progress=lambda share, message: steps.append((share, message)),
    )  # fmt: skip
    text = TASK.without_examples().prefix_text() if in_prompt else ""
    assert mean_loss(base, chat, refined, text) < mean_loss(base, chat, start, text) - 0.5
    losses = [loss_of(message) for _, message in steps]
    assert [message for _, message in steps] == [
        f"refining on the examples, {n + 1} of 20 steps, loss {losses[n]:.3f} "
        "(how unlikely their answers still are, per token; lower is better)"
        for n in range(20)
    ]
    assert refined.refinement is not None
    assert (refined.refinement.steps, refined.refinement.examples) == (20, len(TASK.examples))
    assert refined.refinement.first_loss == pytest.approx(losses[0], abs=1e-3)
    assert refined.refinement.last_loss == pytest.approx(losses[-1], abs=1e-3)
    assert [share for share, _ in steps] == [(n + 1) / 20 for n in range(20)]
    assert losses[-1] < losses[0]


def test_the_start_stays_as_it_is_and_is_named_as_the_parent(
    base: BaseModel, chat: ChatFormat, start: Adapter
) -> None:
    before = replace(
        start, basis={k: (a.clone(), b.clone()) for k, (a, b) in start.factors.items()}
    )
    refined = refine(base.forward, chat, start, TASK, steps=3)
    assert same_bits(start, before)
    assert not any(t.requires_grad for ab in start.factors.values() for t in ab)
    assert not any(t.requires_grad for ab in refined.factors.values() for t in ab)
    assert refined.factors.keys() == start.factors.keys()
    assert furthest(refined, start) > 1e-4
    assert (refined.parent, refined.rank) == (start.digest, start.rank)
    assert refined.digest != start.digest


@pytest.mark.parametrize("acts_on_inputs", [True, False])
def test_lower_layers_keep_the_starts_part_which_acts_while_the_upper_ones_are_trained(
    base: BaseModel, chat: ChatFormat, acts_on_inputs: bool
) -> None:
    written = tiny_adapter(base.forward, 0, strength=0.3)
    start = written if acts_on_inputs else activated(written, chat)
    told: list[float] = []
    refined = refine(
        base.forward, chat, start, TASK, steps=4, batch=len(TASK.examples), rate=RATE, share=0.1,
        in_prompt=False, progress=lambda _, message: told.append(loss_of(message)),
    )  # fmt: skip
    top = base.forward.config.layers - 1
    changed = {
        layer
        for (layer, linear), pair in start.factors.items()
        if any(
            not torch.equal(one.float(), other.float())
            for one, other in zip(pair, refined.factors[layer, linear], strict=True)
        )
    }
    assert changed == {top}
    expected = mean_loss(base, chat, start, "", smoothing=LABEL_SMOOTHING)
    assert told[0] == pytest.approx(expected, abs=2e-3)
    assert told[-1] < told[0]
    whole = refine(base.forward, chat, start, TASK, steps=4, rate=RATE, share=1.0)
    assert whole.digest != refined.digest


def test_the_frozen_base_stays_as_it_is(base: BaseModel, chat: ChatFormat, start: Adapter) -> None:
    before = {name: tensor.clone() for name, tensor in base.forward.weights.items()}
    refine(base.forward, chat, start, TASK, steps=2, rate=RATE)
    assert all(torch.equal(before[name], t) for name, t in base.forward.weights.items())
    assert all(t.grad is None for t in base.forward.weights.values())


def test_the_same_examples_give_the_same_bits_and_digest(
    base: BaseModel, chat: ChatFormat, start: Adapter
) -> None:
    one, two = (refine(base.forward, chat, start, TASK, steps=5, batch=4) for _ in range(2))
    assert one.digest == two.digest
    assert same_bits(one, two)


def test_pauses_between_pieces_of_work_leave_the_bits_as_they_are(
    base: BaseModel, chat: ChatFormat, start: Adapter
) -> None:
    pauses = [0]
    done: list[int] = []

    def between() -> None:
        pauses[0] += 1
        torch.randn(3, 3) @ torch.randn(3, 3)  # what another thread may do meanwhile

    plain = refine(base.forward, chat, start, TASK, steps=2)
    paused = refine(
        base.forward, chat, start, TASK, steps=2,
        progress=lambda *_: done.append(pauses[0]), between=between,
    )  # fmt: skip
    assert plain.digest == paused.digest
    assert same_bits(plain, paused)
    layers = base.forward.config.layers - min(layer for layer, _ in start.factors)
    # There and back, before each of four groups of linears of each layer.
    assert done[1] - done[0] > 7 * layers


def test_an_error_in_a_pause_ends_the_work_there_and_back(
    base: BaseModel, chat: ChatFormat, start: Adapter
) -> None:
    whole = [0]

    def counting() -> None:
        whole[0] += 1

    refine(base.forward, chat, start, TASK, steps=1, between=counting)
    before = same(base)
    for last in range(1, whole[0] + 1):
        left = [last]

        def given_up(left: list[int] = left) -> None:
            left[0] -= 1
            if not left[0]:
                raise GivenUpError

        with pytest.raises(GivenUpError):
            refine(base.forward, chat, start, TASK, steps=1, between=given_up)
    assert torch.equal(before, same(base))


class GivenUpError(BaseException):
    """As a cancellation is one."""


def same(base: BaseModel) -> torch.Tensor:
    """What the base says to one text."""
    return logits_of(base.forward, list(range(40, 60)))


@pytest.mark.parametrize(("examples", "steps"), [(1, 16), (8, 16), (13, 26), (24, 48), (40, 48)])
def test_more_examples_take_more_steps_within_bounds(
    base: BaseModel, chat: ChatFormat, start: Adapter, examples: int, steps: int
) -> None:
    many = tuple(Example(f"{n}", "x") for n in range(examples))
    refined = refine(base.forward, chat, start, replace(TASK, examples=many), batch=1)
    assert refined.refinement is not None
    assert refined.refinement.steps == steps


@pytest.mark.parametrize("size", [1, 4, 5])
def test_every_example_is_used_once_before_any_is_used_again(
    base: BaseModel, chat: ChatFormat, start: Adapter, size: int
) -> None:
    examples = TASK.examples[: size * 2]
    halves: list[float] = []
    whole: list[float] = []
    for steps, batch, losses in ((4, size, halves), (1, size * 2, whole)):
        # At a rate of 0 every step finds the same weights: its loss tells what it was taken on.
        refine(
            base.forward, chat, start, replace(TASK, examples=examples), steps=steps, batch=batch,
            rate=0.0, progress=lambda _, message, kept=losses: kept.append(loss_of(message)),
        )  # fmt: skip
    assert (halves[0] + halves[1]) / 2 == pytest.approx(whole[0], abs=1e-3)
    assert (halves[2] + halves[3]) / 2 == pytest.approx(whole[0], abs=1e-3)
    assert halves[0] != pytest.approx(halves[1], abs=1e-3)


def test_the_digest_tells_apart_all_that_the_steps_depend_on(
    base: BaseModel, chat: ChatFormat, start: Adapter
) -> None:
    other = tiny_adapter(base.forward, 2, strength=0.1)
    variants = [
        refine(base.forward, chat, start, TASK, steps=1),
        refine(base.forward, chat, start, TASK, steps=2),
        refine(base.forward, chat, start, TASK, steps=1, rate=RATE),
        refine(base.forward, chat, start, TASK, steps=1, batch=4),
        refine(base.forward, chat, start, TASK, steps=1, in_prompt=False),
        refine(base.forward, chat, start, replace(TASK, examples=TASK.examples[:4]), steps=1),
        refine(base.forward, chat, start, replace(TASK, description="Another text."), steps=1),
        refine(base.forward, chat, other, TASK, steps=1),
    ]
    assert len({adapter.digest for adapter in variants}) == len(variants)


def test_an_adapter_written_in_inference_mode_can_be_refined(
    base: BaseModel, chat: ChatFormat
) -> None:
    with torch.inference_mode():
        start = tiny_adapter(base.forward, 1, strength=0.1)
    refined = refine(base.forward, chat, start, TASK, steps=2, rate=RATE)
    assert furthest(refined, start) > 1e-4


def test_a_fresh_adapter_adds_nothing_and_learns(base: BaseModel, chat: ChatFormat) -> None:
    start = fresh(base.forward.config, 2, 4, seed=0)
    ids = list(range(40, 60))
    assert torch.equal(
        logits_of(base.forward, ids, ActiveFrom(start)), logits_of(base.forward, ids)
    )
    assert {layer for layer, _ in start.factors} == {2, 3}
    assert same_bits(start, fresh(base.forward.config, 2, 4, seed=0))
    refined = refine(base.forward, chat, start, TASK, rate=RATE)
    text = TASK.without_examples().prefix_text()
    assert mean_loss(base, chat, refined, text) < mean_loss(base, chat, start, text) - 0.3


def test_examples_over_the_limits_are_passed_over(
    base: BaseModel, chat: ChatFormat, start: Adapter
) -> None:
    long = (
        Example("i" * MOST_STEP_TOKENS, "a"),
        Example("i", "a" * MOST_ANSWER_TOKENS),
    )
    mixed = replace(TASK, examples=(*long, *TASK.examples))
    with_them = refine(base.forward, chat, start, mixed, steps=2)
    assert same_bits(with_them, refine(base.forward, chat, start, TASK, steps=2))


@pytest.mark.parametrize(
    "examples",
    [(), (Example("i" * MOST_STEP_TOKENS, "a"), Example("i", "a" * MOST_ANSWER_TOKENS))],
)
def test_no_usable_example_is_refused_by_name(
    base: BaseModel, chat: ChatFormat, start: Adapter, examples: tuple[Example, ...]
) -> None:
    with pytest.raises(ValueError, match=r"^examples: none is within 512 input and 192"):
        refine(base.forward, chat, start, replace(TASK, examples=examples))


def test_refining_takes_the_steps_that_torchs_own_adam_takes(
    base: BaseModel, chat: ChatFormat, start: Adapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Theirs:
        def __init__(self, tensors: list[torch.Tensor]) -> None:
            self.adam = torch.optim.Adam(tensors)

        def step(self, rate: float) -> None:
            self.adam.param_groups[0]["lr"] = rate
            self.adam.step()
            self.adam.zero_grad(set_to_none=True)

    ours = refine(base.forward, chat, start, TASK, steps=5, rate=RATE)
    monkeypatch.setattr("hypernet.adapters.refine.Adam", Theirs)
    assert same_bits(refine(base.forward, chat, start, TASK, steps=5, rate=RATE), ours)


def test_what_is_answered_while_an_adapter_is_refined_has_the_bits_that_it_has_alone(
    base: BaseModel, chat: ChatFormat, start: Adapter
) -> None:
    beside: list[Mapping[str, float]] = []
    with closing(TorchEngine(base)) as engine:
        refine(
            base.forward, chat, start, TASK, steps=1,
            between=lambda: beside.append(shares(engine, len(beside))),
        )  # fmt: skip
    with closing(TorchEngine(base)) as engine:
        alone = [shares(engine, number) for number in range(len(beside))]
    assert len(beside) > 1
    assert beside == alone


def shares(engine: TorchEngine, number: int) -> Mapping[str, float]:
    """What an engine says to a question that it never read before."""
    request = Request(input="ab" * 20, prefix=f"Question {number}.", labels=("b", "c"))
    answer = engine.submit(request).result()
    assert answer.confidence is not None
    return answer.confidence


@pytest.mark.parametrize("share", [1.0, 0.1])
def test_adapters_refined_together_are_what_each_becomes_by_itself(
    base: BaseModel, chat: ChatFormat, share: float
) -> None:
    """Also where one has fewer examples than the others, and longer answers."""
    starts = [activated(tiny_adapter(base.forward, seed, strength=0.1), chat) for seed in (1, 2, 3)]
    parts = (TASK.examples, TASK.examples[3:6], (Example("one", "a longer answer than most"),) * 5)
    tasks = [replace(TASK, examples=examples) for examples in parts]
    told: list[float] = []
    together = refine_together(
        base.forward, chat, list(zip(starts, tasks, strict=True)), steps=4, batch=4, rate=RATE,
        share=share, progress=lambda _, message: told.append(loss_of(message)),
    )  # fmt: skip
    alone = [
        refine(base.forward, chat, start, task, steps=4, batch=4, rate=RATE, share=share)
        for start, task in zip(starts, tasks, strict=True)
    ]
    for one, other, start in zip(together, alone, starts, strict=True):
        assert furthest(one, other) < furthest(other, start) / 50
        assert (one.digest, one.parent) == (other.digest, other.parent)
        assert one.refinement is not None
        assert other.refinement is not None
        assert one.refinement.last_loss == pytest.approx(other.refinement.last_loss, abs=1e-3)
    lasts = [one.refinement.last_loss for one in alone if one.refinement]
    assert told[-1] == pytest.approx(sum(lasts) / 3, abs=2e-3)


def test_adapters_of_unlike_shape_are_not_refined_together(
    base: BaseModel, chat: ChatFormat, start: Adapter
) -> None:
    lacking = replace(start, basis=dict(list(start.factors.items())[1:]))
    for other in (lacking, tiny_adapter(base.forward, 2, rank=2)):
        with pytest.raises(ValueError, match="unlike shape"):
            refine_together(base.forward, chat, [(start, TASK), (other, TASK)], steps=1)


def test_long_answers_of_several_adapters_are_read_in_parts_to_the_same_end(
    base: BaseModel, chat: ChatFormat
) -> None:
    starts = [activated(tiny_adapter(base.forward, seed), chat) for seed in (1, 2)]
    long = tuple(Example(f"input {n}", f"{n} " * (70 + n)) for n in range(6))
    tasks = [replace(TASK, examples=examples) for examples in (long, long[:4])]
    together = refine_together(
        base.forward, chat, list(zip(starts, tasks, strict=True)), steps=2, rate=RATE
    )
    for one, start, task in zip(together, starts, tasks, strict=True):
        alone = refine(base.forward, chat, start, task, steps=2, rate=RATE)
        assert furthest(one, alone) < furthest(alone, start) / 20
