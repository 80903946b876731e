"""The torch engine through its public door: requests in, generations out."""

from __future__ import annotations

import math
import threading
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
import torch
from tiny_models import (
    ActiveFrom,
    Counting,
    Gate,
    activated,
    held,
    logits_of,
    slow_greedy,
    tiny_adapter,
)

from hypernet.adapters.adapter import Adapter
from hypernet.base_model.chat import ChatFormat
from hypernet.base_model.kv_cache import RowCache
from hypernet.base_model.loading import fingerprint_of
from hypernet.engine.echo import EchoAdapter
from hypernet.engine.interface import (
    Generation,
    Request,
)
from hypernet.engine.torch.engine import TorchEngine
from hypernet.engine.torch.labels import NEUTRAL_INPUTS
from hypernet.task import Turn

if TYPE_CHECKING:
    from hypernet.base_model.loading import BaseModel
    from hypernet.engine.interface import Ticket

TOKENS = 24


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
    adapters = [None, tiny_adapter(base.forward, 1), tiny_adapter(base.forward, 2)]
    texts = {engine.submit(replace(request, adapter=a)).result().text for a in adapters}
    assert len(texts) == 3


def test_more_adapters_than_slots_still_give_each_request_its_own(
    narrow: TorchEngine, base: BaseModel
) -> None:
    for seed in (1, 2, 3, 4, 1, 4, 2):
        adapter = tiny_adapter(base.forward, seed)
        request = Request("the same input", adapter=adapter, max_tokens=8)
        assert narrow.submit(request).result().text == slow_greedy(narrow, request, adapter)[1]


def test_an_adapter_in_use_keeps_its_slot_while_others_come_and_go(base: BaseModel) -> None:
    engine = TorchEngine(base, rows=2, slots=4, rank=4)
    first = tiny_adapter(base.forward, 1)
    long = Request("the same input", adapter=first, max_tokens=60)
    with held(engine):
        running = engine.submit(long)
        passing = [
            engine.submit(Request("x", adapter=tiny_adapter(base.forward, seed), max_tokens=3))
            for seed in (2, 3, 4, 5, 6, 7)
        ]
    assert [ticket.result().stop_reason for ticket in passing] == ["length"] * 6
    assert running.result().text == slow_greedy(engine, long, first)[1]
    engine.close()


def test_a_slot_keeps_nothing_of_the_adapter_that_had_it_before(
    narrow: TorchEngine, base: BaseModel
) -> None:
    wide = [tiny_adapter(base.forward, seed, rank=4) for seed in (1, 2)]
    small = tiny_adapter(base.forward, 3, rank=1)
    partial = replace(
        small, basis={key: ab for key, ab in small.factors.items() if key[1] == "v_proj"}
    )
    for adapter in (*wide, partial):
        request = Request("the same input", adapter=adapter, max_tokens=8)
        assert narrow.submit(request).result().text == slow_greedy(narrow, request, adapter)[1]


def test_the_base_weights_stay_as_they_are_under_many_adapters(base: BaseModel) -> None:
    before = fingerprint_of(base.forward.weights)
    engine = TorchEngine(base, rows=4, slots=6)
    requests = [
        Request(f"input {n}", adapter=tiny_adapter(base.forward, n % 7), max_tokens=4)
        for n in range(20)
    ]
    for ticket in [engine.submit(request) for request in requests]:
        ticket.result()
    engine.close()
    assert fingerprint_of(base.forward.weights) == before


@dataclass(frozen=True)
class Foreign:
    """An adapter of which the engine knows PEFT's layout alone."""

    own: Adapter
    digest: str
    rank: int = 4
    nbytes: int = 0

    def peft_config(self) -> dict[str, Any]:
        return self.own.peft_config() | {"lora_alpha": 2 * self.own.rank}

    def peft_tensors(self) -> dict[str, torch.Tensor]:
        return self.own.peft_tensors()


def test_an_adapter_of_another_kind_is_taken_by_its_peft_layout(
    engine: TorchEngine, base: BaseModel
) -> None:
    own = tiny_adapter(base.forward, 1)
    request = Request("the same input", adapter=Foreign(own, "foreign"), max_tokens=TOKENS)
    expected = slow_greedy(engine, request, own.scaled(2.0))[1]
    assert [engine.submit(request).result().text for _ in range(2)] == [expected] * 2


def test_an_adapter_without_weights_adds_nothing(engine: TorchEngine) -> None:
    request = Request("the same input", max_tokens=TOKENS)
    plain = engine.submit(request).result().text
    assert engine.submit(replace(request, adapter=EchoAdapter("echo"))).result().text == plain


# The prefix


def test_the_prefix_is_read_by_the_base_alone_and_the_rest_under_the_adapter(
    engine: TorchEngine, base: BaseModel
) -> None:
    # Confidences over single characters are the engine's logits, up to a constant.
    adapter = tiny_adapter(base.forward, 1)
    labels = tuple("abcdefghijklmnop")
    request = Request("the input", prefix="A task.\n\n", adapter=adapter, labels=labels)

    confidence = engine.submit(request).result().confidence

    start = len(engine.chat.prefix_ids(request.prefix))
    masked = brute_force(engine, request, ActiveFrom(adapter, start))
    everywhere = brute_force(engine, request, ActiveFrom(adapter, 0))
    assert confidence == pytest.approx(masked, abs=1e-5)
    assert confidence != pytest.approx(everywhere, abs=1e-3)


def test_an_activated_adapter_acts_on_the_answer_and_what_opens_it(
    engine: TorchEngine, base: BaseModel
) -> None:
    adapter = activated(tiny_adapter(base.forward, 1), engine.chat)
    labels = tuple("abcdefghijklmnop")
    request = Request("the input", prefix="A task.\n\n", adapter=adapter, labels=labels)

    confidence = engine.submit(request).result().confidence

    behind = len(engine.chat.prefix_ids(request.prefix))
    scores = [
        scores_of(
            engine, request, text,
            ActiveFrom(adapter, behind + len(engine.chat.input_ids(text))),
        )
        for text in (request.input, *NEUTRAL_INPUTS)
    ]  # fmt: skip
    shares = torch.softmax(scores[0] - torch.stack(scores[1:]).mean(0), 0).tolist()
    assert confidence == pytest.approx(dict(zip(labels, shares, strict=True)), abs=1e-5)


@pytest.mark.parametrize("text", ["the input", ""])
def test_rows_of_activated_and_other_adapters_share_a_batch(
    engine: TorchEngine, base: BaseModel, text: str
) -> None:
    plain = tiny_adapter(base.forward, 1)
    adapters = (plain, activated(plain, engine.chat), None)
    requests = [
        Request(text, prefix="A task.\n\n", adapter=one, max_tokens=TOKENS) for one in adapters
    ]
    texts = [generation.text for generation in together(engine, requests)]
    assert texts == [
        slow_greedy(engine, r, one)[1] for r, one in zip(requests, adapters, strict=True)
    ]
    assert len(set(texts)) == (3 if text else 2)  # without an input both act on the same


def test_a_prefix_is_read_once_whatever_adapter_follows(
    engine: TorchEngine, base: BaseModel
) -> None:
    prefix = "A task with a longer description.\n\n"
    size, prompt = engine.measure(prefix, "the input")
    results = []
    for seed in (1, 2):
        adapter = tiny_adapter(base.forward, seed)
        request = Request("the input", prefix=prefix, adapter=adapter, max_tokens=6)
        results.append(engine.submit(request).result())
        assert results[-1].text == slow_greedy(engine, request, adapter)[1]
    first, second = (g.tokens for g in results)
    assert (first.prefix, first.prefix_reused, first.prompt) == (size, 0, prompt)
    assert (second.prefix, second.prefix_reused, second.prompt) == (size, size, prompt)


@pytest.mark.parametrize("acts_on_input", [True, False])
@pytest.mark.parametrize("labels", [(), ("yes", "no", "not at all")])
def test_an_input_that_comes_again_is_answered_as_alone_whatever_was_read_before(
    labels: tuple[str, ...], acts_on_input: bool, base: BaseModel
) -> None:
    adapter = tiny_adapter(base.forward, 1)
    if not acts_on_input:
        adapter = activated(adapter, ChatFormat.of(base.tokenizer))
    once = Request(
        "an input of more than one chunk", prefix="Judge.\n\n", labels=labels, max_tokens=TOKENS
    )
    ways = [replace(once, adapter=one, again=True) for one in (None, adapter, None)]
    results = []
    for order in (ways, ways[::-1], ways[1:2]):
        with closing(TorchEngine(base, rank=4, chunk=16)) as engine:
            results.append([engine.submit(request).result() for request in order])
            for request, result in zip(order, results[-1], strict=True):
                other = engine.submit(replace(request, again=False)).result()
                assert result.text == other.text
                assert result.confidence == pytest.approx(other.confidence, abs=1e-5)
                assert result.tokens.prompt == other.tokens.prompt
    assert results[0][1].confidence == results[1][1].confidence == results[2][0].confidence
    assert results[0][0].confidence == results[0][2].confidence == results[1][0].confidence


@pytest.mark.parametrize("labels", [(), ("yes", "no")])
def test_an_empty_input_may_come_again(
    labels: tuple[str, ...], engine: TorchEngine, base: BaseModel
) -> None:
    adapter = activated(tiny_adapter(base.forward, 1), engine.chat)
    for one in (None, adapter):
        request = Request("", adapter=one, labels=labels, max_tokens=3)
        result = engine.submit(replace(request, again=True)).result()
        assert result.text == engine.submit(request).result().text


def test_an_input_that_comes_again_is_read_once(base: BaseModel) -> None:
    counting = Counting(base.forward)
    with closing(TorchEngine(replace(base, forward=counting), rank=4)) as engine:
        adapters = [activated(tiny_adapter(base.forward, n), engine.chat) for n in (1, 2)]
        request = Request("the input " * 9, prefix="Judge.\n\n", labels=("a", "b"), again=True)
        for adapter in (None, *adapters):
            engine.submit(replace(request, adapter=adapter)).result()
        read = len(engine.chat.input_ids(request.input))
    assert [tokens for tokens in counting.rows if tokens >= read] == [read]


def test_another_prefix_is_not_taken_for_one_that_was_read(engine: TorchEngine) -> None:
    for prefix in ("Task one.", "Task two.", "Task one, and more."):
        tokens = engine.submit(Request("x", prefix=prefix, max_tokens=1)).result().tokens
        assert tokens.prefix_reused == 0


TALK = (Turn("What is it?", "A river of some length."), Turn("Where?", "In the north."))


def test_earlier_turns_are_read_once_whatever_task_and_adapter_follow(
    engine: TorchEngine, base: BaseModel
) -> None:
    size = engine.measure("", "and now?", TALK)[0]
    asked = [
        Request(
            "and now?",
            prefix=prefix,
            adapter=tiny_adapter(base.forward, seed),
            max_tokens=6,
            history=TALK,
        )
        for seed, prefix in enumerate(("", "Name it.\n\n", "Another task.\n\n", "Name it.\n\n"), 1)
    ]
    reused = []
    for request in asked:
        found = engine.submit(request).result()
        whole = engine.measure(request.prefix, request.input, request.history)
        assert (found.tokens.prefix, found.tokens.prompt) == whole
        reused.append(found.tokens.prefix_reused)
    assert reused == [0, size, size, engine.measure("Name it.\n\n", "", TALK)[0]]


def test_an_answer_after_earlier_turns_is_the_same_whatever_was_read_before(
    base: BaseModel,
) -> None:
    request = Request(
        "x", prefix="Task.\n\n", adapter=tiny_adapter(base.forward, 1), max_tokens=8, history=TALK
    )
    choice = replace(request, labels=("left", "right"))
    for before in ([], [Request("x", prefix="Other.\n\n", history=TALK)], [request]):
        engine = TorchEngine(base, chunk=16)
        try:
            for each in before:
                engine.submit(each).result()
            found = [engine.submit(each).result() for each in (request, choice)]
        finally:
            engine.close()
        answers = (found[0].text, found[0].confidence, found[1].confidence)
        if not before:
            fresh = answers
        assert answers == fresh
    shorter = TorchEngine(base, chunk=16)
    try:
        alone = shorter.submit(replace(request, history=TALK[1:])).result()
    finally:
        shorter.close()
    assert alone.confidence != fresh[1]


# Labels


def scores_of(
    engine: TorchEngine, request: Request, text: str, delta: ActiveFrom | None
) -> torch.Tensor:
    """Each label's log-probability after a text, from one whole pass per full answer."""
    prompt = engine.chat.prefix_ids(request.prefix) + engine.chat.step_ids(text)
    scores = []
    for label in request.labels:
        answer = engine.chat.answer_ids(label)
        logprobs_TV = logits_of(engine.base.forward, prompt + answer, delta).log_softmax(-1)
        at = range(len(prompt) - 1, len(prompt) + len(answer) - 1)
        scores.append(sum(float(logprobs_TV[t, i]) for t, i in zip(at, answer, strict=True)))
    return torch.tensor(scores, dtype=torch.float64).log_softmax(0)


def brute_force(
    engine: TorchEngine, request: Request, delta: ActiveFrom | None
) -> dict[str, float]:
    """Each label's share, with what the model says to inputs that say nothing taken off."""
    priors = [scores_of(engine, request, text, delta) for text in NEUTRAL_INPUTS]
    own = scores_of(engine, request, request.input, delta)
    shares = torch.softmax(own - torch.stack(priors).mean(0), 0).tolist()
    return dict(zip(request.labels, shares, strict=True))


@pytest.mark.parametrize("seed", [None, 1, 2])
def test_labels_are_scored_as_whole_answers(
    seed: int | None, engine: TorchEngine, base: BaseModel
) -> None:
    adapter = None if seed is None else tiny_adapter(base.forward, seed)
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


@pytest.mark.parametrize("acts_on_input", [True, False])
def test_long_inputs_and_many_labels_are_scored_as_short_and_few_ones(
    acts_on_input: bool, base: BaseModel
) -> None:
    engine = TorchEngine(base, rank=4, chunk=16)
    adapter = tiny_adapter(base.forward, 1)
    if not acts_on_input:
        adapter = activated(adapter, engine.chat)
    labels = tuple(f"answer {n} of so many that one pass is too short" for n in range(24))
    request = Request("is it so, " * 9, prefix="Judge.\n\n", adapter=adapter, labels=labels)

    result = engine.submit(request).result()

    def delta(text: str) -> ActiveFrom:
        before = len(engine.chat.prefix_ids(request.prefix))
        inputs = 0 if acts_on_input else len(engine.chat.input_ids(text))
        return ActiveFrom(adapter, before + inputs)

    priors = [scores_of(engine, request, text, delta(text)) for text in NEUTRAL_INPUTS]
    own = scores_of(engine, request, request.input, delta(request.input))
    shares = torch.softmax(own - torch.stack(priors).mean(0), 0).tolist()
    assert result.confidence == pytest.approx(dict(zip(labels, shares, strict=True)), abs=1e-4)
    engine.close()


def test_the_order_of_labels_has_no_effect_on_their_shares(
    engine: TorchEngine, base: BaseModel
) -> None:
    adapter = tiny_adapter(base.forward, 1)
    labels = ("no", "Not", "nothing at all", "yes", "é")
    request = Request("is it so?", prefix="Judge.\n\n", adapter=adapter, labels=labels)
    orders = (labels, labels[::-1], labels[2:] + labels[:2])
    results = [engine.submit(replace(request, labels=order)).result() for order in orders]
    assert [result.text for result in results] == [results[0].text] * 3
    assert [result.confidence for result in results] == [results[0].confidence] * 3
    assert [tuple(result.confidence) for result in results] == list(orders)


def test_a_label_is_read_in_one_form_and_answered_in_the_given_one(engine: TorchEngine) -> None:
    request = Request("is it so?", prefix="Judge.\n\n", labels=("not at all", "\u00e9"))
    other = replace(request, labels=(" not  at\tall", "e\u0301"))
    one, same = engine.submit(request).result(), engine.submit(other).result()
    assert request.labels.index(one.text) == other.labels.index(same.text)
    assert one.confidence
    assert same.confidence
    assert list(same.confidence) == list(other.labels)
    assert list(same.confidence.values()) == list(one.confidence.values())


def test_an_input_that_says_nothing_leaves_labels_nearly_even(engine: TorchEngine) -> None:
    labels = ("left", "right", "up")
    shares = [
        engine.submit(Request(text, prefix="Choose.\n\n", labels=labels)).result().confidence
        for text in NEUTRAL_INPUTS
    ]
    for label in labels:
        logs = [math.log(share[label]) for share in shares if share]
        even = [math.log(math.prod(share[x] for x in labels)) / 3 for share in shares if share]
        assert sum(logs) == pytest.approx(sum(even), abs=1e-4)


def test_the_leaning_is_kept_apart_by_adapter_prefix_and_labels(
    engine: TorchEngine, base: BaseModel
) -> None:
    one, two = tiny_adapter(base.forward, 1), tiny_adapter(base.forward, 2)
    first = Request("is it?", adapter=one, labels=("yes", "no"))
    for request in (
        first,
        replace(first, adapter=two),
        replace(first, prefix="Judge.\n\n"),
        replace(first, labels=("no", "yes", "or")),
    ):
        again = engine.submit(request).result().confidence
        start = len(engine.chat.prefix_ids(request.prefix))
        adapter = two if request.adapter is two else one
        assert again == pytest.approx(
            brute_force(engine, request, ActiveFrom(adapter, start)), abs=1e-5
        )


def test_a_label_is_streamed_and_leaves_running_rows_as_they_were(
    engine: TorchEngine, base: BaseModel
) -> None:
    adapter = tiny_adapter(base.forward, 1)
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
    first = next(iter(long))
    gate.reached.wait()  # it has run for a turn, two tokens, and the engine waits at this gate
    long.cancel()
    gate.opened.set()

    result = long.result()

    assert (result.stop_reason, result.tokens.generated) == ("cancelled", 3)
    assert result.text == first + "".join(long)
    after = [engine.submit(Request(f"input {n}", max_tokens=4)) for n in range(4)]
    assert [t.result().stop_reason for t in after] == ["length"] * 4
    engine.close()


def test_room_for_a_long_text_is_given_back_when_nothing_runs_and_made_again_when_needed(
    base: BaseModel,
) -> None:
    long, short = Request("w" * 300, max_tokens=8), Request("a short one", max_tokens=8)
    engine = TorchEngine(base, idle_s=0.0)
    try:
        first = [engine.submit(request).result().text for request in (long, short, long)]
    finally:
        engine.close()
    assert first[0] == first[2]
    cache = RowCache(base.forward.config, 2, base.forward.dtype, base.forward.device)
    before = cache.capacity
    cache.reserve(8 * before)
    assert cache.capacity == 8 * before
    cache.shrink()
    assert cache.capacity == before
