"""What the torch engine refuses or fails, and that it goes on serving afterwards."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
import torch
from tiny_models import WINDOW, held, slow_greedy, tiny_adapter

from hypernet.adapters.adapter import Adapter
from hypernet.engine.interface import (
    EngineClosedError,
    EngineError,
    PromptTooLongError,
    QueueFullError,
    Request,
)
from hypernet.engine.torch.engine import TorchEngine

if TYPE_CHECKING:
    from hypernet.base_model.loading import BaseModel


def test_an_adapter_that_acts_from_other_tokens_on_is_refused(
    engine: TorchEngine, base: BaseModel
) -> None:
    adapter = replace(tiny_adapter(base.forward, 1), digest="other tokens", invocation=(7, 8))
    request = Request("x", adapter=adapter, max_tokens=3)
    refusals(engine, request, EngineError, "acts from other tokens on .alora_invocation_tokens.")


def refusals(engine: TorchEngine, request: Request, kind: type[EngineError], match: str) -> None:
    """The request is refused, and the engine goes on."""
    with pytest.raises(kind, match=match):
        engine.submit(request).result()
    assert engine.submit(Request("after", max_tokens=3)).result().tokens.generated == 3


@pytest.mark.parametrize(
    ("request_", "kind", "match"),
    [
        (Request("x" * WINDOW), PromptTooLongError, f"window is {WINDOW}"),
        (Request("x", prefix="x" * WINDOW), PromptTooLongError, "input"),
        (Request("x", max_tokens=WINDOW), PromptTooLongError, f"max_tokens {WINDOW}"),
        (Request("x" * 400, labels=("a", "b" * 100)), PromptTooLongError, "window"),
        (Request("x", max_tokens=0), EngineError, "max_tokens"),
        (Request("x", labels=("one",)), EngineError, "labels: 1 given"),
        (Request("x", labels=("same", "same")), EngineError, "labels"),
        (Request("x", labels=("same", " same ")), EngineError, "labels"),
        (Request("x", labels=("a b", "a  b")), EngineError, r"labels\[0\] and labels\[1\]"),
        (Request("x", labels=("\u00e9", "e\u0301")), EngineError, r"labels\[0\] and labels\[1\]"),
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
        bad = engine.submit(Request("x", adapter=tiny_adapter(base.forward, 9, rank=17)))
        after = [engine.submit(request) for request in requests[2:]]
    with pytest.raises(EngineError, match="rank 17 is over the engine's 16"):
        bad.result()
    assert [t.result().text for t in before + after] == alone


def test_an_adapter_made_for_another_base_fails_only_its_own_requests(
    narrow: TorchEngine, base: BaseModel
) -> None:
    good = [tiny_adapter(base.forward, seed) for seed in (1, 2)]
    foreign = Adapter("foreign", 2, {(0, "q_proj"): (torch.ones(48, 2), torch.ones(2, 48))})
    deep = Adapter("deep", 2, {(99, "q_proj"): (torch.ones(32, 2), torch.ones(2, 32))})
    for adapter in (foreign, *good, foreign, deep, *good):
        request = Request("the input", adapter=adapter, max_tokens=4)
        if adapter in good:
            assert narrow.submit(request).result().text == slow_greedy(narrow, request, adapter)[1]
        else:
            refusals(narrow, request, EngineError, "does not fit the base")


@dataclass(frozen=True)
class Odd:
    """An adapter whose PEFT layout is not plain LoRA."""

    tensors: dict[str, torch.Tensor]
    digest: str = "odd"
    rank: int = 4
    nbytes: int = 0

    def peft_config(self) -> dict[str, Any]:
        return {"peft_type": "LORA", "r": 4, "lora_alpha": 4, "use_dora": True}

    def peft_tensors(self) -> dict[str, torch.Tensor]:
        return self.tensors


def test_a_peft_layout_that_is_not_read_fails_only_its_own_request(
    engine: TorchEngine, base: BaseModel
) -> None:
    odd = Odd(tiny_adapter(base.forward, 1).peft_tensors())
    refusals(engine, Request("x", adapter=odd), EngineError, "^adapter: .*use_dora")


def test_an_adapter_that_overflows_fails_only_its_own_requests(
    engine: TorchEngine, requests: list[Request], base: BaseModel
) -> None:
    alone = [engine.submit(request).result().text for request in requests]
    wild = tiny_adapter(base.forward, 1, strength=1e30)
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


def test_an_adapter_that_overflows_in_mid_text_fails_only_its_own_request(
    engine: TorchEngine, requests: list[Request], base: BaseModel
) -> None:
    alone = [engine.submit(request).result().text for request in requests]
    # In the last layer: shut where a token points one way, overflowing where the other.
    way_I1 = torch.randn(32, 1, generator=torch.Generator().manual_seed(7))
    flood_1O = torch.full((1, base.forward.config.intermediate), 1e36)
    wild = [
        Adapter(
            f"wild {sign}", 1, {(3, x): (sign * way_I1, flood_1O) for x in ("gate_proj", "up_proj")}
        )
        for sign in (1, -1)
    ]
    with held(engine):
        bad = [engine.submit(Request("x", adapter=adapter, max_tokens=200)) for adapter in wild]
        tickets = [engine.submit(request) for request in requests]
    said = [list(ticket) for ticket in bad]
    for ticket in bad:
        with pytest.raises(EngineError, match="not finite"):
            ticket.result()
    assert any(said)  # one of them failed after its first token, with the others beside it
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
