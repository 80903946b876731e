"""Tasks read through the frozen base: which states, of which tokens, how much of a long text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
from tiny_models import FIRST_LAYER, tiny_reader

from hypernet.base_model import frozen_prefix
from hypernet.base_model.chat import Sample
from hypernet.base_model.kv_cache import Recorder
from hypernet.hypernetwork.conditioning import (
    BATCH,
    MOST_ANSWER_TOKENS,
    MOST_INPUT_TOKENS,
    MOST_TEXT_TOKENS,
    ConditionReader,
    example_states,
)
from hypernet.task import Example

if TYPE_CHECKING:
    from torch import Tensor

    from hypernet.base_model.loading import BaseModel
    from hypernet.hypernetwork.encoder import Encoder

CLOSE = {"atol": 1e-4, "rtol": 1e-4}


@pytest.fixture
def reader(base: BaseModel, encoder: Encoder) -> ConditionReader:
    return tiny_reader(base, encoder)


@torch.inference_mode()
def plain(reader: ConditionReader, ids: list[int]) -> Tensor:
    """States [T, D] entering the first adapted layer, of one text in one pass."""
    x_1TD = reader.base.embed(torch.tensor([ids]))
    positions_1T = torch.arange(len(ids))[None]
    return reader.base.run(x_1TD, positions_1T, Recorder(), None, layers=range(FIRST_LAYER))[0]


# Texts


def test_every_token_of_a_text_is_read_as_a_steps_prefix(reader: ConditionReader) -> None:
    texts = ["Say yes.", "A much longer description of what is asked for.", "x"]
    for text, states_TD in zip(texts, reader.texts(texts), strict=True):
        ids = reader.chat.prefix_ids(text)
        assert states_TD.shape == (len(ids), 32)
        torch.testing.assert_close(states_TD, plain(reader, ids), **CLOSE)


def test_of_a_long_text_the_head_is_read(reader: ConditionReader) -> None:
    text = "word " * MOST_TEXT_TOKENS
    (states_TD,) = reader.texts([text])
    assert len(states_TD) == MOST_TEXT_TOKENS
    torch.testing.assert_close(
        states_TD, plain(reader, reader.chat.prefix_ids(text)[:MOST_TEXT_TOKENS]), **CLOSE
    )


def test_more_texts_than_a_batch_come_back_in_their_order(reader: ConditionReader) -> None:
    texts = ["ab" * ((7 * n) % 23 + 1) for n in range(2 * BATCH + 3)]
    for text, states_TD in zip(texts, reader.texts(texts), strict=True):
        torch.testing.assert_close(states_TD, reader.texts([text])[0], **CLOSE)


# Examples


def test_an_example_is_read_at_its_inputs_last_token_and_over_its_answer(
    reader: ConditionReader,
) -> None:
    example = Example("seven and two", "nine")
    chat = reader.chat
    step = chat.prefix_ids("") + chat.step_ids(example.input)
    answer = chat.answer_ids(example.output)[:-1]  # without the end mark
    states_TD = plain(reader, step + answer)

    (pair_2D,) = reader.examples([example])

    torch.testing.assert_close(pair_2D[0], states_TD[len(step) - 1], **CLOSE)
    torch.testing.assert_close(pair_2D[1], states_TD[len(step) :].mean(0), **CLOSE)


def test_reading_examples_equals_reading_each_alone(reader: ConditionReader) -> None:
    examples = [Example("in " * (n % 5 + 1), "out" * (n % 3 + 1)) for n in range(BATCH + 4)]
    together = reader.examples(examples)
    alone = torch.cat([reader.examples([example]) for example in examples])
    torch.testing.assert_close(together, alone, **CLOSE)


def test_no_example_reads_as_an_empty_tensor(reader: ConditionReader) -> None:
    assert reader.examples([]).shape == (0, 2, 32)


def test_an_empty_answer_is_read_at_the_inputs_last_token(reader: ConditionReader) -> None:
    (pair_2D,) = reader.examples([Example("in", "")])
    assert torch.equal(pair_2D[0], pair_2D[1])


def test_a_long_input_loses_its_middle_and_keeps_the_closing_markup(
    reader: ConditionReader,
) -> None:
    chat = reader.chat
    text = "b" * 40 + "c" * 2 * MOST_INPUT_TOKENS
    tail = chat.step_ids("")
    kept = chat.step_ids(text)[: MOST_INPUT_TOKENS - len(tail)] + tail
    assert len(kept) == MOST_INPUT_TOKENS
    ids = chat.prefix_ids("") + kept + chat.answer_ids("yes")[:-1]
    states_TD = plain(reader, ids)

    (pair_2D,) = reader.examples([Example(text, "yes")])

    torch.testing.assert_close(pair_2D[0], states_TD[-4], **CLOSE)
    torch.testing.assert_close(pair_2D[1], states_TD[-3:].mean(0), **CLOSE)


def test_an_input_of_just_the_limit_is_read_whole(reader: ConditionReader) -> None:
    room = MOST_INPUT_TOKENS - len(reader.chat.step_ids(""))
    exact, over = "a" * room, "a" * room + "b"
    one, two = reader.examples([Example(exact, "x"), Example(over, "x")])
    torch.testing.assert_close(one, two, **CLOSE)  # what is over is what is left out


def test_of_a_long_answer_the_head_is_read(reader: ConditionReader) -> None:
    one, two = reader.examples(
        [Example("in", "a" * MOST_ANSWER_TOKENS), Example("in", "a" * MOST_ANSWER_TOKENS + "bcd")]
    )
    torch.testing.assert_close(one, two, **CLOSE)


def test_serving_reads_an_example_as_training_computed_it(reader: ConditionReader) -> None:
    example = Example("the input", "the output")
    chat = reader.chat
    step, answer = chat.step_ids(example.input), chat.answer_ids(example.output)
    sample = Sample((), tuple(step), tuple(answer))
    (computed,) = frozen_prefix.compute(reader.base, FIRST_LAYER, chat.prefix_ids(""), [sample])
    trained_2D = example_states(computed.hidden_TD, len(step))
    torch.testing.assert_close(reader.examples([example])[0], trained_2D, **CLOSE)
