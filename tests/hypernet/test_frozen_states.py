"""What the frozen layers gave: equal to reading all in one pass, read once, within the budget."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest
import torch
from tiny_models import Counting, logits_of, save_tiny_base, save_tiny_family

from hypernet.base_model.chat import ChatFormat, Sample
from hypernet.base_model.frozen_prefix import answer_logits, compute
from hypernet.base_model.kv_cache import Recorder
from hypernet.base_model.loading import load_base
from hypernet.base_model.reading import Run, read_together
from hypernet.base_model.sources import Source
from hypernet.hypernetwork.conditioning import ConditionReader, example_states
from hypernet.task import Task
from hypernet.training.frozen_states import FrozenStates

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from torch import Tensor

    from hypernet.base_model.loading import BaseModel
    from hypernet.hypernetwork.encoder import Encoder

KINDS = ("llama", "gpt_neox", "gemma")
PLACES = ((2, 2), (1, 2), (0, 2), (0, 0))
CLOSE = {"atol": 1e-4, "rtol": 1e-4}
TASKS = (Task("Which letter comes first?"), Task("Say the last word.", ("a", "b")))


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, BaseModel]:
    found = {}
    for kind in KINDS:
        folder = tmp_path_factory.mktemp(kind)
        if kind == "llama":
            save_tiny_base(folder)
        else:
            save_tiny_family(folder, kind)
        found[kind] = load_base(Source("settings", str(folder)), folder, dtype=torch.float32)
    return found


def states_of(
    base: BaseModel, encoder: Encoder, first: int, read: int, budget: int = 2**30
) -> FrozenStates:
    chat = ChatFormat.of(base.tokenizer)
    return FrozenStates(ConditionReader(base.forward, chat, encoder, read), first, budget)


def samples_of(states: FrozenStates, count: int = 5) -> list[Sample]:
    chat, draw = states.reader.chat, random.Random(1)  # noqa: S311  # sampling, not secrets
    texts = ["".join(draw.choices("abcdef ", k=3 + 5 * n)) for n in range(count)]
    answers = ["", *("yes" * n for n in range(1, count))]
    pairs = zip(texts, answers, strict=True)
    return [sample_of(chat, text, answer) for text, answer in pairs]


def sample_of(chat: ChatFormat, text: str, answer: str) -> Sample:
    invocation = tuple(chat.invocation_ids())
    return Sample(tuple(chat.input_ids(text)), invocation, tuple(chat.answer_ids(answer)))


def whole_logits(base: BaseModel, prefix: Sequence[int], sample: Sample) -> Tensor:
    """Logits at every answer token, all read in one pass."""
    ids = [*prefix, *sample.input_ids, *sample.invocation_ids, *sample.answer_ids]
    return logits_of(base.forward, ids)[-len(sample.answer_ids) - 1 : -1]


@torch.inference_mode()
def entering(base: BaseModel, ids: Sequence[int], layer: int) -> Tensor:
    """States [T, D] of one text after the lowest layers, in one pass."""
    x_1TD = base.forward.embed(torch.tensor([list(ids)]))
    positions_1T = torch.arange(len(ids))[None]
    if layer:
        x_1TD = base.forward.run(x_1TD, positions_1T, Recorder(), None, layers=range(layer))
    return x_1TD[0]


@pytest.mark.parametrize("first", [0, 1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_answers_of_any_lengths_read_side_by_side_are_what_one_pass_gives(
    kind: str, first: int, bases: dict[str, BaseModel], encoder: Encoder
) -> None:
    base = bases[kind]
    chat = ChatFormat.of(base.tokenizer)
    head = chat.prefix_ids("A task's text.")
    answers = ("no", "an answer of some length", "", "yes " * 40, "of three words", "x" * 30)
    samples = [sample_of(chat, "ab " * (9 - n), text) for n, text in enumerate(answers)]

    computed = compute(base.forward, first, head, samples)

    assert [one.sample for one in computed] == samples
    with torch.no_grad():
        logits_NV, _, rows_N = answer_logits(base.forward, first, computed, None)
    for n, sample in enumerate(samples):
        expected = whole_logits(base, head, sample)
        torch.testing.assert_close(logits_NV[rows_N == n], expected, **CLOSE)


@pytest.mark.parametrize(("first", "read"), PLACES)
@pytest.mark.parametrize("kind", KINDS)
def test_computed_on_demand_is_what_one_pass_gives(
    kind: str, first: int, read: int, bases: dict[str, BaseModel], encoder: Encoder
) -> None:
    base = bases[kind]
    states = states_of(base, encoder, first, read)
    chat, samples = states.reader.chat, samples_of(states)
    head = chat.prefix_ids("")

    plain = states.plain(samples)
    wordings = [TASKS[n % 2] for n in range(len(samples))]
    prefixed = states.prefixed(samples, wordings)
    for rows, prefixes in (
        (plain, [head] * len(samples)),
        (prefixed, [chat.prefix_ids(task.prefix_text()) for task in wordings]),
    ):
        with torch.no_grad():
            logits_NV, _, rows_N = answer_logits(base.forward, first, rows, None)
        for n, (sample, prefix) in enumerate(zip(samples, prefixes, strict=True)):
            expected = whole_logits(base, prefix, sample)
            torch.testing.assert_close(logits_NV[rows_N == n], expected, **CLOSE)

    for sample, pair_2D in zip(samples, states.examples(samples), strict=True):
        step = len(head) + len(sample.input_ids) + len(sample.invocation_ids)
        ids = [*head, *sample.input_ids, *sample.acted_ids]
        expected = example_states(entering(base, ids, read), step)
        torch.testing.assert_close(pair_2D, expected, **CLOSE)
    for task in TASKS:
        ids = chat.prefix_ids(task.prefix_text())
        torch.testing.assert_close(states.text(task).states_TD, entering(base, ids, read), **CLOSE)


def test_a_layer_to_read_below_the_adapted_ones_is_refused(
    base: BaseModel, encoder: Encoder
) -> None:
    with pytest.raises(ValueError, match="read at layer 1, below the first adapted one, 2"):
        states_of(base, encoder, 2, 1)


def test_an_input_that_many_tasks_share_is_read_once(base: BaseModel, encoder: Encoder) -> None:
    counting = Counting(base.forward)
    chat = ChatFormat.of(base.tokenizer)
    states = FrozenStates(ConditionReader(counting, chat, encoder, 2), 1, 2**30)
    document = "a document that is longer than any answer to it"
    answers = [sample_of(chat, document, f"answer {n}") for n in range(6)]
    counting.ids.clear()
    states.plain(answers[:3])
    states.plain(answers[3:])
    states.examples(answers)
    states.examples(answers)
    assert counting.times([*chat.prefix_ids(""), *answers[0].input_ids]) == 1
    for answer in answers:  # behind it, as a sample and as an example
        assert counting.times(answer.acted_ids) == 2


def test_a_text_that_is_prefix_and_condition_is_read_once(
    base: BaseModel, encoder: Encoder
) -> None:
    counting = Counting(base.forward)
    chat = ChatFormat.of(base.tokenizer)
    states = FrozenStates(ConditionReader(counting, chat, encoder, 2), 2, 2**30)
    counting.ids.clear()
    for _ in range(3):
        states.prefixes([TASKS[0], TASKS[0]])
        states.reading(TASKS[0])
    assert counting.times(chat.prefix_ids(TASKS[0].prefix_text())) == 1


def held(states: FrozenStates) -> int:
    """Bytes of memory that what is kept holds on to, whatever part of it is looked at."""
    tensors: list[Tensor] = []
    pending: list[Any] = list(states.kept.values())
    while pending:
        one = pending.pop()
        if isinstance(one, torch.Tensor):
            tensors.append(one)
        else:
            pending += vars(one).values()
    return sum({t.data_ptr(): t.untyped_storage().nbytes() for t in tensors}.values())


@pytest.mark.parametrize(("first", "read"), PLACES)
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_kept_stays_within_the_budget_and_is_counted_to_the_byte(
    kind: str, first: int, read: int, bases: dict[str, BaseModel], encoder: Encoder
) -> None:
    budget = 60_000
    states = states_of(bases[kind], encoder, first, read, budget)
    samples = samples_of(states, 12)
    for _ in range(2):
        for n, sample in enumerate(samples):
            states.plain([sample])
            states.examples([sample])
            states.prefixed([sample], [Task(f"Task number {n}.")])
            states.reading(Task(f"Task number {n}."))
            assert 0 < states.nbytes <= budget
            assert held(states) == states.nbytes


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_what_is_read_beside_a_text_changes_no_bit_of_it(
    dtype: torch.dtype, bases: dict[str, BaseModel], tmp_path: Path
) -> None:
    forward = load_base(bases["llama"].source, tmp_path, dtype=dtype).forward
    draw = random.Random(2)  # noqa: S311  # sampling, not secrets

    def text(tokens: int) -> list[int]:
        return draw.choices(range(3, forward.config.vocab), k=tokens)

    (past,) = read_together(forward, [Run(text(40))], 0)
    runs = [
        Run(text(tokens), past.segment() if n % 2 else None)
        for n, tokens in enumerate((70, 3, 1, 300, 33, 129, 520, 64, 2, 90))
    ]

    nothing = Run([], past.segment())

    *together, none = read_together(forward, [*runs, nothing], 2)

    for run, one in zip(runs, together, strict=True):
        (alone,) = read_together(forward, [run], 2)
        assert torch.equal(one.states_TD, alone.states_TD)
        assert torch.equal(one.segment().k_LGTd, alone.segment().k_LGTd)
        assert torch.equal(one.segment().v_LGTd, alone.segment().v_LGTd)
    assert len(none.states_TD) == 0
    assert torch.equal(none.segment().k_LGTd, past.segment().k_LGTd)


def test_with_room_for_nothing_the_results_are_the_same(base: BaseModel, encoder: Encoder) -> None:
    much, none = (states_of(base, encoder, 1, 2, budget) for budget in (2**30, 1))
    samples = samples_of(much)
    much.plain(samples[2:])  # what is known already changes no bit either
    for one, two in zip(much.plain(samples), none.plain(samples), strict=True):
        assert torch.equal(one.hidden_TD, two.hidden_TD)
    assert torch.equal(much.text(TASKS[0]).states_TD, none.text(TASKS[0]).states_TD)
    assert none.nbytes == 0
