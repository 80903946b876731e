"""A sequence's text as it grows, fed with chosen tokens."""

from __future__ import annotations

import math
import statistics

import pytest
import torch
from tiny_models import byte_tokenizer

from hypernet.engine.interface import (
    OUTPUT,
    EngineError,
    Generation,
    Request,
    Ticket,
    TokenCounts,
)
from hypernet.engine.torch.sequence import Sequence

TOKENIZER = byte_tokenizer()


def ids_of(raw: bytes) -> list[int]:
    """A token per byte, valid UTF-8 or not."""
    # Through the byte alphabet: GPT-2's table maps each byte to a printable character.
    keep = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [b for b in range(256) if b not in keep]
    character = {b: chr(b) for b in keep} | {b: chr(256 + n) for n, b in enumerate(rest)}
    return TOKENIZER.convert_tokens_to_ids([character[b] for b in raw])


def started(ticket: Ticket) -> Sequence:
    """A sequence whose text is read."""
    sequence = Sequence(ticket, TOKENIZER)
    sequence.start(0, TokenCounts(0, 0, 0, 0), 0.0)
    return sequence


def written(
    ids: list[int], *, stop: tuple[str, ...] = (), max_tokens: int = 1000
) -> tuple[Generation, list[str]]:
    """Feed a sequence with tokens until it stops; its result and its pieces."""
    ticket = Ticket(Request("x", stop=stop, max_tokens=max_tokens))
    sequence = started(ticket)
    for token in ids:
        if sequence.stop_reason is None:
            sequence.accept(
                torch.nn.functional.one_hot(torch.tensor(token), len(TOKENIZER)).float()
            )
    generation = sequence.generation()
    ticket.finish(generation)
    return generation, list(ticket)


END = [TOKENIZER.eos_token_id]


@pytest.mark.parametrize(
    "text",
    ["plain", "é", "éd", "naïve café", "世界 and 世界!", "🙂🙃", "a🙂b\N{COMBINING ACUTE ACCENT}c"],
)
def test_characters_of_several_tokens_come_whole(text: str) -> None:
    generation, pieces = written(ids_of(text.encode()) + END)
    assert generation.text == "".join(pieces) == text
    assert generation.stop_reason == "end"
    assert not any("\N{REPLACEMENT CHARACTER}" in piece for piece in pieces)
    assert len(pieces) == len(text)


def test_bytes_that_are_no_text_do_not_swallow_what_follows() -> None:
    generation, pieces = written(ids_of(b"a\xffb\xc3c") + END)
    assert generation.text == "".join(pieces) == "a\ufffdb\ufffdc"


def test_half_a_character_at_the_end_is_left_out() -> None:
    generation, pieces = written(ids_of("né".encode()), max_tokens=2)
    assert generation.text == "".join(pieces) == "n"
    assert generation.stop_reason == "length"


def test_the_end_mark_is_not_part_of_the_text() -> None:
    generation, pieces = written(ids_of(b"yes") + END + ids_of(b"more"))
    assert generation.text == "".join(pieces) == "yes"
    assert generation.tokens.generated == 3


def test_confidence_of_a_text_is_the_mean_probability_of_its_tokens_and_its_end() -> None:
    sequence = started(Ticket(Request("x")))
    weights = [(ids_of(b"a")[0], 2.0), (ids_of(b"b")[0], 5.0), (*END, 3.0)]
    for token, logit in weights:
        logits_V = torch.zeros(len(TOKENIZER))
        logits_V[token] = logit
        sequence.accept(logits_V)
    others = len(TOKENIZER) - 1
    shares = [math.exp(logit) / (math.exp(logit) + others) for _, logit in weights]
    expected = statistics.geometric_mean(shares)
    assert sequence.generation().confidence == {OUTPUT: pytest.approx(expected, rel=1e-5)}


def test_the_earliest_of_several_stop_strings_cuts() -> None:
    generation, pieces = written(ids_of(b"one END two STOP"), stop=("STOP", "two", "END two"))
    assert generation.text == "".join(pieces) == "one "


def test_what_may_begin_a_stop_string_is_held_back_until_it_is_known() -> None:
    ticket = Ticket(Request("x", stop=("</s>",), max_tokens=100))
    sequence = started(ticket)
    for token in ids_of(b"a </p> b </s"):
        sequence.accept(torch.nn.functional.one_hot(torch.tensor(token), len(TOKENIZER)).float())
    ticket.emit("|")  # marks what had come so far
    sequence.accept(
        torch.nn.functional.one_hot(torch.tensor(ids_of(b">")[0]), len(TOKENIZER)).float()
    )
    ticket.finish(sequence.generation())
    assert "".join(ticket) == "a </p> b |"


def test_a_stop_string_of_several_bytes_per_character_is_found() -> None:
    generation, pieces = written(ids_of("答案: 是。再见".encode()), stop=("。",))
    assert generation.text == "".join(pieces) == "答案: 是"


def test_a_ticket_gives_all_text_that_is_there_and_then_its_end() -> None:
    ticket = Ticket(Request(input="x"))
    for piece in ("one", " two"):
        ticket.emit(piece)
    assert ticket.some() == ["one", " two"]
    ticket.emit(" three")
    ticket.fail(EngineError("over"))
    assert ticket.some() == [" three"]
    assert ticket.ended
    assert ticket.some() == []
