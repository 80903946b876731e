"""Copied answers: always a span of the input, whatever the input holds and the model prefers."""
# ruff: noqa: S106  # the tokens named here are words of a vocabulary

from __future__ import annotations

import os
import random
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from tiny_models import held, merging_tokenizer
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast

from hypernet.copying import Copy, copies, copy_of
from hypernet.engine.echo import EchoEngine
from hypernet.engine.interface import OUTPUT, EngineError, Request
from hypernet.engine.torch.constrain import Grammars
from hypernet.engine.torch.engine import TorchEngine
from hypernet.runtime import RuntimeOptions, load_runtime
from hypernet.task import Example, Task

if TYPE_CHECKING:
    from hypernet.base_model.loading import BaseModel
    from hypernet.engine.interface import Engine
    from hypernet.engine.torch.constrain import Constraint

LETTER = "Dear Ms Käse,\n\nyour order  7741920 of 3 May (7741 EUR) 世界🙂 has left.\n"
TOKENIZER = merging_tokenizer([LETTER, "order 7741920", "the order 3511 of the 3 May"])
GRAMMARS = Grammars(TOKENIZER)
LONGEST_WALK = 400

visible = st.text(min_size=1, max_size=60).filter(str.strip)
# Alphabets this small give inputs that repeat themselves.
inputs = st.one_of(visible, st.text("ab ", min_size=1).filter(str.strip), st.just(LETTER))


@pytest.fixture(params=["torch", "echo"])
def either(request: pytest.FixtureRequest, engine: TorchEngine) -> Engine:
    return engine if request.param == "torch" else EchoEngine()


def walk(copy: Copy, seed: int) -> str:
    """What uniform choices among the allowed tokens write; also when they come to no end."""
    chance, constraint, ids = random.Random(seed), GRAMMARS.start_copy(copy), []  # noqa: S311  # no secret
    for _ in range(LONGEST_WALK):
        token = chance.choice(constraint.allowed_V().nonzero().view(-1).tolist())
        constraint.accept(token)
        if token == TOKENIZER.eos_token_id:
            break
        ids.append(token)
    return str(TOKENIZER.decode(ids))


def feed(constraint: Constraint, text: str) -> None:
    for token in TOKENIZER.encode(text, add_special_tokens=False):
        constraint.accept(token)


def copied(engine: Engine, text: str, **settings: Any) -> str:
    return engine.submit(Request(text, copy=Copy(text), **settings)).result().text


# What may be written


@given(inputs, st.integers(0, 9))
@settings(deadline=None)
def test_whatever_is_chosen_among_the_allowed_tokens_is_a_span(text: str, seed: int) -> None:
    written = walk(Copy(text), seed)
    assert written
    assert written in text
    assert written.strip() == written or set("\x1c\x1d\x1e\x1f") & set(written)


@given(inputs, st.data())
@settings(deadline=None)
def test_every_span_can_be_written_however_it_is_cut_into_tokens(
    text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    span = text[start : data.draw(st.integers(start + 1, len(text)))]
    assume(span == span.strip())
    parts = data.draw(st.sampled_from([[span], list(span), [span[:3], span[3:]]]))
    constraint = GRAMMARS.start_copy(Copy(text))
    for part in parts:
        feed(constraint, part)
    assert constraint.allowed_V()[TOKENIZER.eos_token_id]


def test_a_number_that_the_input_does_not_hold_cannot_be_written() -> None:
    constraint = GRAMMARS.start_copy(Copy(LETTER))
    with pytest.raises(EngineError, match="not among those the copy allows"):
        feed(constraint, "3511")


def test_nothing_found_is_an_answer_only_where_it_is_named() -> None:
    assert {walk(Copy("1", ("none",)), seed) for seed in range(30)} == {"1", "none"}
    assert {walk(Copy("1"), seed) for seed in range(30)} == {"1"}


def test_an_input_of_a_whole_window_is_followed() -> None:
    text = " ".join(str(n) for n in range(30_000))
    constraint = GRAMMARS.start_copy(Copy(text))
    feed(constraint, "19999 20000 20001")
    assert constraint.allowed_V()[TOKENIZER.eos_token_id]


def test_a_tokenizer_whose_tokens_are_not_bytes_cannot_copy() -> None:
    backend = Tokenizer(models.WordPiece(vocab={"[UNK]": 0, "a": 1, "[SEP]": 2}, unk_token="[UNK]"))
    words = PreTrainedTokenizerFast(tokenizer_object=backend, eos_token="[SEP]")
    assert not Grammars(words).can_copy
    assert GRAMMARS.can_copy
    with pytest.raises(EngineError, match="copy: this base's tokenizer cannot be constrained"):
        Grammars(words).start_copy(Copy("a"))


@given(inputs, st.integers(0, 9))
@settings(deadline=None)
def test_a_span_of_whole_words_begins_and_ends_between_words(text: str, seed: int) -> None:
    copy = Copy(text, words=True)
    assert "".join(copy.pieces) == text
    written = walk(copy, seed)
    edges = {sum(map(len, copy.pieces[:n])) for n in range(len(copy.pieces) + 1)}
    starts = [n for n in edges if text.startswith(written, n)]
    assert any(start + len(written) in edges for start in starts)


def test_a_number_is_not_cut_where_words_are_whole() -> None:
    constraint = GRAMMARS.start_copy(Copy("number 7741920", words=True))
    feed(constraint, "7741")
    assert not constraint.allowed_V()[TOKENIZER.eos_token_id]
    feed(constraint, "920")
    assert constraint.done


# Through the engines


@given(text=inputs, temperature=st.sampled_from([0.0, 1.0, 2.0]), most=st.integers(1, 30))
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_an_engine_s_copied_answer_is_a_span_wherever_it_is_cut(
    either: Engine, text: str, temperature: float, most: int
) -> None:
    assert copied(either, text, temperature=temperature, max_tokens=most) in text


def test_a_copied_answer_streams_and_stops_as_any_other(either: Engine) -> None:
    ticket = either.submit(Request(LETTER, copy=Copy(LETTER), max_tokens=9))
    assert "".join(ticket) == ticket.result().text
    assert ticket.result().tokens.generated <= 9


def test_a_copied_answer_ends_at_a_stop_string(engine: TorchEngine) -> None:
    text = "abcdefghijklmnopqrstuvwxyz0123456789"
    whole = copied(engine, text, max_tokens=5)
    assert copied(engine, text, max_tokens=5, stop=(whole[-1],)) == whole[:-1]


def test_the_text_is_copied_from_what_is_named_and_not_from_the_rest_of_the_prompt(
    either: Engine,
) -> None:
    request = Request("0123 abc", copy=Copy("abc"), temperature=1.0)
    assert all(
        either.submit(replace(request, seed=seed)).result().text in "abc" for seed in range(8)
    )


def test_a_copied_row_does_not_change_its_neighbours(base: BaseModel) -> None:
    engine = TorchEngine(base)
    free = Request("the input", max_tokens=12)
    alone = engine.submit(free).result().text
    with held(engine):
        tickets = [engine.submit(r) for r in (free, replace(free, copy=Copy("the input")), free)]
    texts = [ticket.result().text for ticket in tickets]
    assert texts[0] == texts[2] == alone
    assert texts[1] in "the input"
    engine.close()


def test_a_copy_given_up_or_out_of_time_holds_a_span(engine: TorchEngine) -> None:
    late = engine.submit(Request(LETTER, copy=Copy(LETTER), max_seconds=0.0))
    given_up = engine.submit(Request(LETTER, copy=Copy(LETTER), max_tokens=200))
    given_up.cancel()
    assert late.result().text in LETTER
    try:
        assert given_up.result().text in LETTER
    except EngineError as error:
        assert "cancelled before it began" in str(error)  # noqa: PT017  # either may come first


def test_what_cannot_be_copied_is_refused_by_name(either: Engine) -> None:
    for text in ("", " \n\t"):
        with pytest.raises(EngineError, match="copy: the input is empty"):
            either.submit(Request("x", copy=Copy(text)))
    with pytest.raises(EngineError, match="copy: give either labels or copy"):
        either.submit(Request("x", copy=Copy("x"), labels=("a", "b")))
    with pytest.raises(EngineError, match="copy: give either output_schema or copy"):
        either.submit(Request("x", copy=Copy("x"), output_schema={"type": "string"}))


# Where it stands, and when it is asked for


@given(inputs, st.data())
def test_the_offset_is_that_of_the_first_place(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    span = text[start : start + 3]
    first, end = Copy(text).span(span) or (-1, -1)
    assert text[first:end] == span
    assert span not in text[: end - 1]


def test_an_answer_of_nothing_has_no_offset() -> None:
    copy = Copy("none of it", ("none",))
    assert (copy.span("none"), copy.span("non"), copy.span("")) == (None, (0, 3), None)
    assert [copy.allows(answer) for answer in ("no", "of it", "off")] == [True, True, False]


def task(*pairs: tuple[str, str], labels: tuple[str, ...] = ()) -> Task:
    return Task("Which year?", labels, tuple(Example(i, o) for i, o in pairs))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (task(("in 1999", "1999"), ("in 2001", "2001")), True),
        (task(("in 1999", "1999"), ("in 2001", "2001"), ("long ago", "None")), True),
        (task(("in 1999", "1999")), False),
        (task(("in 1999", "1999"), ("long ago", "none")), False),
        (task(("in 1999", "1999"), ("also 1999", "1999")), False),
        (task(("in 1999", "1999"), ("in 2001", "01/2001")), False),
        (task(("in 1999", "1999"), ("in 2001", "2001"), labels=("1999", "2001")), False),
        (task(), False),
    ],
)
def test_examples_that_are_spans_and_differ_ask_for_copying(asked: Task, expected: bool) -> None:
    assert copies(asked) is expected


def test_nothing_is_allowed_in_the_spelling_of_the_examples() -> None:
    asked = task(("in 1999", "1999"), ("long ago", "None"))
    assert copy_of("in 3", asked) == Copy("in 3", ("None",), words=True)


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("7741920", True),
        ("of 3 May", True),
        ("Käse,", True),
        ("世界", True),
        ("界", True),
        ("1920", False),
        ("order  77", False),
        ("äse", False),
    ],
)
def test_answers_are_whole_words_where_those_of_all_examples_are(output: str, words: bool) -> None:
    asked = task((LETTER, output), ("in 1999", "1999"), ("long ago", "none"))
    assert copy_of("x", asked).words is words
    assert not copy_of("x", task()).words


@pytest.mark.model
def test_the_default_model_copies_an_order_number_as_it_is() -> None:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hypernet-mcp"
    runtime = load_runtime(RuntimeOptions(cache=cache))
    prefix = "Which order number does the mail name?\n\n"
    texts = [LETTER, *(f"Order {n * 7919} was paid twice, see {n}." for n in range(1000, 1006))]
    try:
        for text in texts:
            done = runtime.engine.submit(Request(text, prefix, copy=Copy(text))).result()
            assert done.text
            assert done.text in text
            assert 0 < (done.confidence or {})[OUTPUT] <= 1
    finally:
        runtime.close()
