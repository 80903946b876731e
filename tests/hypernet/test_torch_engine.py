"""The torch engine through its public door: requests in, generations out."""

from __future__ import annotations

import contextlib
import math
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import torch
from tiny_models import (
    WINDOW,
    ActiveFrom,
    Gate,
    held,
    logits_of,
    slow_greedy,
    tiny_adapter,
)

from hypernet.adapter import Adapter
from hypernet.engine.base import (
    EngineClosedError,
    EngineError,
    Generation,
    PromptTooLongError,
    QueueFullError,
    Request,
)
from hypernet.engine.torch_engine import TorchEngine
from hypernet.models import fingerprint_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hypernet.engine.base import Ticket
    from hypernet.models import BaseModel

TOKENS = 24


@pytest.fixture
def requests(base: BaseModel) -> list[Request]:
    """Base rows and three adapters, with and without prefixes, of different lengths."""
    one, two, three = (tiny_adapter(base.llama, seed) for seed in (1, 2, 3))
    return [
        Request("the first input", adapter=one, max_tokens=TOKENS),
        Request("x", prefix="Translate this.\n\n", adapter=two, max_tokens=TOKENS - 7),
        Request("a base row, and rather a longer one than the others", max_tokens=TOKENS),
        Request("fourth", prefix="Translate this.\n\n", adapter=three, max_tokens=TOKENS + 9),
        Request("fifth", prefix="Another task.\n\n", max_tokens=TOKENS),
    ]


@pytest.fixture
def narrow(base: BaseModel) -> Iterator[TorchEngine]:
    """One row, two slots for adapters, a queue of two."""
    engine = TorchEngine(base, rows=1, slots=3, queue=2, rank=4)
    yield engine
    engine.close()


def together(engine: TorchEngine, requests: list[Request]) -> list[Generation]:
    """Run requests in one batch, each submitted by its own thread."""
    tickets: dict[int, Ticket] = {}

    def submit(number: int) -> None:
        tickets[number] = engine.submit(requests[number])

    with held(engine):
        threads = [threading.Thread(target=submit, args=(n,)) for n in range(len(requests))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return [tickets[n].result() for n in range(len(requests))]


def refusals(engine: TorchEngine, request: Request, kind: type[EngineError], match: str) -> None:
    """The request is refused, and the engine goes on."""
    with pytest.raises(kind, match=match):
        engine.submit(request).result()
    assert engine.submit(Request("after", max_tokens=3)).result().tokens.generated == 3


# What is generated


def test_greedy_text_is_that_of_reading_everything_anew_for_each_token(
    engine: TorchEngine, requests: list[Request]
) -> None:
    for request in requests:
        adapter = request.adapter
        assert adapter is None or isinstance(adapter, Adapter)
        _, expected = slow_greedy(engine, request, adapter)
        assert engine.submit(request).result().text == expected


def test_a_request_gives_the_same_alone_and_in_a_batch_of_other_adapters(
    engine: TorchEngine, requests: list[Request]
) -> None:
    alone = [engine.submit(request).result() for request in requests]
    company = together(engine, requests)
    assert [g.text for g in company] == [g.text for g in alone]
    assert [g.tokens.generated for g in company] == [r.max_tokens for r in requests]


def test_an_adapter_changes_the_text_and_another_one_changes_it_differently(
    engine: TorchEngine, base: BaseModel
) -> None:
    request = Request("the same input", max_tokens=TOKENS)
    adapters = [None, tiny_adapter(base.llama, 1), tiny_adapter(base.llama, 2)]
    texts = {engine.submit(replace(request, adapter=a)).result().text for a in adapters}
    assert len(texts) == 3


def test_more_adapters_than_slots_still_give_each_request_its_own(
    narrow: TorchEngine, base: BaseModel
) -> None:
    for seed in (1, 2, 3, 4, 1, 4, 2):
        adapter = tiny_adapter(base.llama, seed)
        request = Request("the same input", adapter=adapter, max_tokens=8)
        assert narrow.submit(request).result().text == slow_greedy(narrow, request, adapter)[1]


def test_a_slot_keeps_nothing_of_the_adapter_that_had_it_before(
    narrow: TorchEngine, base: BaseModel
) -> None:
    wide = [tiny_adapter(base.llama, seed, rank=4) for seed in (1, 2)]
    small = tiny_adapter(base.llama, 3, rank=1)
    partial = replace(
        small, factors={key: ab for key, ab in small.factors.items() if key[1] == "v_proj"}
    )
    for adapter in (*wide, partial):
        request = Request("the same input", adapter=adapter, max_tokens=8)
        assert narrow.submit(request).result().text == slow_greedy(narrow, request, adapter)[1]


def test_the_base_weights_stay_as_they_are_under_many_adapters(base: BaseModel) -> None:
    before = fingerprint_of(base.llama.weights)
    engine = TorchEngine(base, rows=4, slots=6)
    requests = [
        Request(f"input {n}", adapter=tiny_adapter(base.llama, n % 7), max_tokens=4)
        for n in range(20)
    ]
    for ticket in [engine.submit(request) for request in requests]:
        ticket.result()
    engine.close()
    assert fingerprint_of(base.llama.weights) == before


# The prefix


def test_the_prefix_is_read_by_the_base_alone_and_the_rest_under_the_adapter(
    engine: TorchEngine, base: BaseModel
) -> None:
    # Confidences over single characters are the engine's logits, up to a constant.
    adapter = tiny_adapter(base.llama, 1)
    labels = tuple("abcdefghijklmnop")
    request = Request("the input", prefix="A task.\n\n", adapter=adapter, labels=labels)

    confidence = engine.submit(request).result().confidence

    start = len(engine.chat.prefix_ids(request.prefix))
    masked = brute_force(engine, request, ActiveFrom(adapter, start))
    everywhere = brute_force(engine, request, ActiveFrom(adapter, 0))
    assert confidence == pytest.approx(masked, abs=1e-5)
    assert confidence != pytest.approx(everywhere, abs=1e-3)


def test_a_prefix_is_read_once_whatever_adapter_follows(
    engine: TorchEngine, base: BaseModel
) -> None:
    prefix = "A task with a longer description.\n\n"
    size, prompt = engine.measure(prefix, "the input")
    results = []
    for seed in (1, 2):
        adapter = tiny_adapter(base.llama, seed)
        request = Request("the input", prefix=prefix, adapter=adapter, max_tokens=6)
        results.append(engine.submit(request).result())
        assert results[-1].text == slow_greedy(engine, request, adapter)[1]
    first, second = (g.tokens for g in results)
    assert (first.prefix, first.prefix_reused, first.prompt) == (size, 0, prompt)
    assert (second.prefix, second.prefix_reused, second.prompt) == (size, size, prompt)


def test_another_prefix_is_not_taken_for_one_that_was_read(engine: TorchEngine) -> None:
    for prefix in ("Task one.", "Task two.", "Task one, and more."):
        tokens = engine.submit(Request("x", prefix=prefix, max_tokens=1)).result().tokens
        assert tokens.prefix_reused == 0


# Labels


def brute_force(
    engine: TorchEngine, request: Request, delta: ActiveFrom | None
) -> dict[str, float]:
    """Each label's share, from one whole pass per full answer."""
    prompt = engine.chat.prefix_ids(request.prefix) + engine.chat.step_ids(request.input)
    scores = []
    for label in request.labels:
        answer = engine.chat.answer_ids(label)
        logprobs_TV = logits_of(engine.llama, prompt + answer, delta).log_softmax(-1)
        at = range(len(prompt) - 1, len(prompt) + len(answer) - 1)
        scores.append(sum(float(logprobs_TV[t, i]) for t, i in zip(at, answer, strict=True)))
    shares = torch.softmax(torch.tensor(scores, dtype=torch.float64), 0).tolist()
    return dict(zip(request.labels, shares, strict=True))


@pytest.mark.parametrize("seed", [None, 1, 2])
def test_labels_are_scored_as_whole_answers(
    seed: int | None, engine: TorchEngine, base: BaseModel
) -> None:
    adapter = None if seed is None else tiny_adapter(base.llama, seed)
    # A label that begins another, and different lengths.
    labels = ("no", "not", "nothing at all", "yes", "é")
    request = Request("is it so?", prefix="Judge.\n\n", adapter=adapter, labels=labels)

    result = engine.submit(request).result()

    start = len(engine.chat.prefix_ids(request.prefix))
    expected = brute_force(engine, request, ActiveFrom(adapter, start) if adapter else None)
    assert result.confidence == pytest.approx(expected, abs=1e-5)
    assert result.text == max(expected, key=expected.__getitem__)
    assert math.fsum(result.confidence.values()) == pytest.approx(1)
    assert result.stop_reason == "label"


def test_a_label_is_streamed_and_leaves_running_rows_as_they_were(
    engine: TorchEngine, base: BaseModel
) -> None:
    adapter = tiny_adapter(base.llama, 1)
    texts = [Request(f"input {n}", adapter=adapter, max_tokens=TOKENS) for n in range(2)]
    choice = Request("which?", labels=("left", "right"))
    alone = [engine.submit(request).result().text for request in (*texts, choice)]
    with held(engine):
        tickets = [engine.submit(request) for request in (texts[0], choice, texts[1])]
    company = ["".join(ticket) for ticket in tickets]
    assert company == [alone[0], alone[2], alone[1]]


# Temperature


def test_a_seed_draws_the_same_tokens_alone_and_in_company(
    engine: TorchEngine, requests: list[Request]
) -> None:
    warm = [replace(r, temperature=0.8, seed=n) for n, r in enumerate(requests)]
    alone = [engine.submit(request).result().text for request in warm]
    assert [engine.submit(request).result().text for request in warm] == alone
    assert [g.text for g in together(engine, warm)] == alone


def test_another_seed_and_another_temperature_draw_other_tokens(engine: TorchEngine) -> None:
    request = Request("the input", max_tokens=TOKENS)
    texts = {
        engine.submit(replace(request, temperature=t, seed=seed)).result().text
        for t, seed in ((0.0, 1), (1.0, 1), (1.0, 2), (3.0, 1))
    }
    assert len(texts) == 4


# How it ends


def test_streamed_pieces_join_to_the_text(engine: TorchEngine, requests: list[Request]) -> None:
    with held(engine):
        tickets = [engine.submit(request) for request in requests]
    for ticket in tickets:
        pieces = list(ticket)
        assert len(pieces) > 1
        assert "".join(pieces) == ticket.result().text


def test_generation_ends_at_max_tokens(engine: TorchEngine) -> None:
    result = engine.submit(Request("the input", max_tokens=5)).result()
    assert (result.stop_reason, result.tokens.generated, len(result.text)) == ("length", 5, 5)


def test_a_stop_string_ends_the_text_before_it_and_none_of_it_is_streamed(
    engine: TorchEngine,
) -> None:
    request = Request("the input", max_tokens=TOKENS)
    text = engine.submit(request).result().text
    stop = text[10:14]
    assert stop not in text[:13]  # else this text is no use here

    ticket = engine.submit(replace(request, stop=("never this", stop)))

    pieces = list(ticket)
    assert ticket.result().text == "".join(pieces) == text[:10]
    assert ticket.result().stop_reason == "stop"
    assert ticket.result().tokens.generated == 14


def test_a_text_that_ends_inside_a_stop_string_is_given_whole(engine: TorchEngine) -> None:
    request = Request("the input", max_tokens=TOKENS)
    text = engine.submit(request).result().text
    ticket = engine.submit(replace(request, stop=(text[-3:] + "\N{BELL}",)))
    assert "".join(ticket) == text
    assert ticket.result().stop_reason == "length"


def test_a_cancelled_request_ends_at_the_next_token_and_frees_its_row(base: BaseModel) -> None:
    engine = TorchEngine(base, rows=2, slots=4)
    gate = Gate()
    with held(engine):
        long = engine.submit(Request("the input", max_tokens=200))
        engine.submit(Request("wait", adapter=gate, max_tokens=1))
    first = next(iter(long))  # it runs, and the engine waits at the second gate
    long.cancel()
    gate.opened.set()

    result = long.result()

    assert (result.stop_reason, result.tokens.generated) == ("cancelled", 2)
    assert result.text == first + "".join(long)
    after = [engine.submit(Request(f"input {n}", max_tokens=4)) for n in range(4)]
    assert [t.result().stop_reason for t in after] == ["length"] * 4
    engine.close()


# What is refused


@pytest.mark.parametrize(
    ("request_", "kind", "match"),
    [
        (Request("x" * WINDOW), PromptTooLongError, f"window is {WINDOW}"),
        (Request("x", prefix="x" * WINDOW), PromptTooLongError, "input"),
        (Request("x", max_tokens=WINDOW), PromptTooLongError, f"max_tokens {WINDOW}"),
        (Request("x" * 400, labels=("a", "b" * 100)), PromptTooLongError, "window"),
        (Request("x", max_tokens=0), EngineError, "max_tokens"),
        (Request("x", labels=("one",)), EngineError, "labels: got 1"),
        (Request("x", labels=("same", "same")), EngineError, "labels"),
        (Request("x", labels=("same", " same ")), EngineError, "labels"),
        (Request("x", labels=("a", " ")), EngineError, "labels"),
        (Request("x", labels=tuple(map(str, range(65)))), EngineError, "allowed are 2 to 64"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_request_that_cannot_be_served_is_refused_and_the_engine_goes_on(
    request_: Request, kind: type[EngineError], match: str, engine: TorchEngine
) -> None:
    refusals(engine, request_, kind, match)


def test_a_prompt_may_fill_the_window_to_the_last_token(engine: TorchEngine) -> None:
    prefix, prompt = engine.measure("", "")
    fitting = Request("x" * (WINDOW - prefix - prompt - 2), max_tokens=2)
    assert engine.submit(fitting).result().tokens.generated == 2
    refusals(engine, replace(fitting, max_tokens=3), PromptTooLongError, "make 513")


def test_an_adapter_of_too_high_rank_fails_only_its_own_request(
    engine: TorchEngine, requests: list[Request], base: BaseModel
) -> None:
    alone = [engine.submit(request).result().text for request in requests]
    with held(engine):
        before = [engine.submit(request) for request in requests[:2]]
        bad = engine.submit(Request("x", adapter=tiny_adapter(base.llama, 9, rank=17)))
        after = [engine.submit(request) for request in requests[2:]]
    with pytest.raises(EngineError, match="rank 17 is over the engine's 16"):
        bad.result()
    assert [t.result().text for t in before + after] == alone


def test_an_adapter_made_for_another_base_fails_only_its_own_requests(
    narrow: TorchEngine, base: BaseModel
) -> None:
    good = [tiny_adapter(base.llama, seed) for seed in (1, 2)]
    foreign = Adapter("foreign", 2, {(0, "q_proj"): (torch.ones(48, 2), torch.ones(2, 48))})
    deep = Adapter("deep", 2, {(99, "q_proj"): (torch.ones(32, 2), torch.ones(2, 32))})
    for adapter in (foreign, *good, foreign, deep, *good):
        request = Request("the input", adapter=adapter, max_tokens=4)
        if adapter in good:
            assert narrow.submit(request).result().text == slow_greedy(narrow, request, adapter)[1]
        else:
            refusals(narrow, request, EngineError, "does not fit the base")


def test_an_adapter_that_overflows_fails_only_its_own_requests(
    engine: TorchEngine, requests: list[Request], base: BaseModel
) -> None:
    alone = [engine.submit(request).result().text for request in requests]
    wild = tiny_adapter(base.llama, 1, strength=1e30)
    long = "x" * 100
    with held(engine):  # the bad ones stand first, in the rows that the others take after them
        bad = [
            engine.submit(Request(long, adapter=wild, temperature=1.0)),
            engine.submit(Request(long, adapter=wild)),
            engine.submit(Request(long, adapter=wild, labels=("a", "b"))),
        ]
        tickets = [engine.submit(request) for request in requests]
    for ticket in bad:
        with pytest.raises(EngineError, match="not finite"):
            ticket.result()
    assert [t.result().text for t in tickets] == alone


def test_a_full_queue_refuses_and_serves_what_waits(narrow: TorchEngine) -> None:
    with held(narrow):
        waiting = [narrow.submit(Request(f"input {n}", max_tokens=3)) for n in range(2)]
        with pytest.raises(QueueFullError, match="2 requests wait"):
            narrow.submit(Request("one too many"))
    assert [t.result().tokens.generated for t in waiting] == [3, 3]
    assert narrow.submit(Request("again", max_tokens=3)).result().tokens.generated == 3


def submit_until_refused(engine: TorchEngine) -> None:
    """Until the thread that closes the engine has come so far."""
    while True:
        with contextlib.suppress(QueueFullError):
            engine.submit(Request("late"))


def test_a_closed_engine_refuses_what_comes_and_fails_what_waits(narrow: TorchEngine) -> None:
    with held(narrow) as holding:
        waiting = narrow.submit(Request("waits"))
        closing = threading.Thread(target=narrow.close)
        closing.start()
        with pytest.raises(EngineClosedError):
            submit_until_refused(narrow)
    closing.join()
    for ticket in (holding, waiting):
        with contextlib.suppress(EngineClosedError):
            assert ticket.result().tokens.generated == 1
    with pytest.raises(EngineClosedError):
        waiting.result()
    assert list(waiting) == []
    narrow.close()  # twice is once


def test_an_engine_needs_a_slot_for_every_row_and_one_to_spare(base: BaseModel) -> None:
    with pytest.raises(ValueError, match="slots must be over rows"):
        TorchEngine(base, rows=4, slots=5)


def test_the_engine_counts_as_its_tokenizer_does(engine: TorchEngine) -> None:
    assert engine.count("Grüße") == 7
    assert engine.measure("", "") == (
        len("user\n") + 1,
        len("\nassistant\n") + 2,
    )
    assert engine.limits.window == WINDOW
