"""Who runs when: chunks of long texts, sessions that share, time limits, growing prefixes."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tiny_models import Gate, held, slow_greedy, tiny_adapter

from hypernet.engine.interface import EngineError, Generation, Request, Ticket
from hypernet.engine.torch.engine import TorchEngine
from hypernet.engine.torch.scheduler import Scheduler
from hypernet.engine.torch.sequence import Sequence

if TYPE_CHECKING:
    from hypernet.base_model.loading import BaseModel

CHUNK = 16


# Who is next


def test_the_session_with_the_fewest_rows_is_served_first_and_in_it_who_came_first() -> None:
    scheduler = Scheduler(rows=8, queue=6)
    order = []

    def start_next() -> None:
        sequence = scheduler.schedule()
        assert sequence is not None
        order.append(sequence.ticket.request.input)
        scheduler.started()

    for n, session in enumerate("ac"):
        scheduler.add(Sequence(Ticket(Request(f"running {n}", session=session)), None))
        start_next()
    for n, session in enumerate("aaabcb"):
        scheduler.add(Sequence(Ticket(Request(str(n), session=session)), None))
    while scheduler.busy[0]:
        start_next()
    assert order[2:] == ["3", "0", "4", "5", "1", "2"]


def test_rows_stay_dense_and_what_is_being_read_stays_behind_them() -> None:
    scheduler = Scheduler(rows=4, queue=4)
    sequences = [Sequence(Ticket(Request(str(n))), None) for n in range(4)]
    for sequence in sequences:
        scheduler.add(sequence)
        scheduler.schedule()
        if sequence is not sequences[3]:
            scheduler.started()
    first, second, third, reading = sequences
    assert [sequence.row for sequence in sequences] == [0, 1, 2, 3]
    first.stop_reason = third.stop_reason = "end"
    assert scheduler.batch() == []
    assert scheduler.finished() == [third, first]
    assert scheduler.leave(third) == [(3, 2)]
    assert scheduler.leave(first) == [(1, 0), (2, 1)]
    assert (second.row, reading.row) == (0, 1)
    assert scheduler.batch() == [second]
    assert scheduler.schedule() is reading


def test_deciding_who_runs_next_needs_no_tensors() -> None:
    code = "import sys, hypernet.engine.torch.scheduler; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_session_with_many_requests_does_not_keep_another_waiting(
    base: BaseModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = TorchEngine(base, rows=2, slots=4)
    ended: list[str] = []
    finish = Ticket.finish

    def noting(ticket: Ticket, generation: Generation) -> None:
        ended.append(ticket.request.input)
        finish(ticket, generation)

    monkeypatch.setattr(Ticket, "finish", noting)
    with held(engine):
        tickets = [engine.submit(Request("long", session="busy", max_tokens=60))]
        tickets += [
            engine.submit(Request(f"busy {n}", session="busy", max_tokens=2)) for n in "123"
        ]
        tickets.append(engine.submit(Request("other", session="other", max_tokens=2)))
    for ticket in tickets:
        ticket.result()
    assert ended == ["wait", "other", "busy 1", "busy 2", "busy 3", "long"]
    engine.close()


# Time


def test_a_request_whose_time_is_over_gives_what_is_there(base: BaseModel) -> None:
    engine = TorchEngine(base, rows=2, slots=4)
    gate = Gate()
    with held(engine):
        running = engine.submit(Request("the input", max_tokens=200, max_seconds=3600))
        holding = engine.submit(Request("x", adapter=gate, max_tokens=1))
    gate.reached.wait()
    object.__setattr__(running.request, "max_seconds", 0.0)
    gate.opened.set()
    holding.result()
    result = running.result()
    assert result.stop_reason == "time"
    assert 0 < result.tokens.generated < 200
    engine.close()


def test_a_request_whose_time_is_over_before_its_turn_ends_with_nothing(
    engine: TorchEngine,
) -> None:
    with held(engine):
        late = engine.submit(Request("x", max_seconds=0.0))
        fine = engine.submit(Request("x", max_tokens=3, max_seconds=3600))
        while not late.late:
            time.monotonic()
    assert (late.result().text, late.result().stop_reason) == ("", "time")
    assert fine.result().stop_reason == "length"


# Chunks


def test_a_text_read_in_chunks_gives_what_it_gives_when_read_whole(base: BaseModel) -> None:
    engine = TorchEngine(base, rank=4, chunk=CHUNK)
    adapter = tiny_adapter(base.forward, 1)
    for length in (1, CHUNK, CHUNK + 1, 5 * CHUNK - 3):
        request = Request("abcdefgh" * length, prefix="Judge this.\n\n" * 3, adapter=adapter,
                          max_tokens=8)  # fmt: skip
        request = replace(request, input=request.input[:length])
        assert engine.submit(request).result().text == slow_greedy(engine, request, adapter)[1]
    engine.close()


def test_a_running_row_makes_tokens_while_a_long_text_is_read(base: BaseModel) -> None:
    engine = TorchEngine(base, rows=2, slots=4, chunk=CHUNK)
    made_before_long_began: list[int] = []
    with held(engine):
        short = engine.submit(Request("short", max_tokens=40))
        long = engine.submit(Request("z" * 20 * CHUNK, max_tokens=1))
    for pieces, _ in enumerate(short):
        if not long.done:
            made_before_long_began.append(pieces)
    assert len(made_before_long_began) >= 15
    assert long.result().stop_reason == "length"
    engine.close()


def test_rows_that_leave_while_another_is_read_do_not_disturb_it(base: BaseModel) -> None:
    engine = TorchEngine(base, rows=4, slots=8, rank=4, chunk=CHUNK)
    requests = [
        Request("a" * n, adapter=tiny_adapter(base.forward, n % 3), max_tokens=2 + n % 5)
        for n in (3, 90, 5, 120, 7, 60, 9, 150)
    ]
    alone = [engine.submit(request).result().text for request in requests]
    with held(engine):
        tickets = [engine.submit(request) for request in requests]
    assert [ticket.result().text for ticket in tickets] == alone
    engine.close()


def test_cancelling_a_text_that_is_being_read_ends_it_and_frees_its_slot(base: BaseModel) -> None:
    engine = TorchEngine(base, rows=1, slots=3, rank=4, chunk=CHUNK)
    with held(engine):
        long = engine.submit(Request("z" * 20 * CHUNK, adapter=tiny_adapter(base.forward, 1)))
        long.cancel()
    with pytest.raises(EngineError, match="cancelled before it began"):
        long.result()
    for seed in (2, 3, 4):
        request = Request("x", adapter=tiny_adapter(base.forward, seed), max_tokens=2)
        assert engine.submit(request).result().stop_reason == "length"
    engine.close()


# Prefixes that grow


def test_a_history_that_grows_is_read_from_where_it_was_read_before(base: BaseModel) -> None:
    engine = TorchEngine(base, rank=4, chunk=CHUNK)
    adapter = tiny_adapter(base.forward, 1)
    history = "What was said so far. " * 5
    size, _ = engine.measure(history, "x")
    first = engine.submit(Request("x", prefix=history, adapter=adapter, max_tokens=1)).result()
    longer = Request("y", prefix=history + "And more of it.", adapter=adapter, max_tokens=12)
    second = engine.submit(longer).result()
    assert first.tokens.prefix_reused == 0
    assert second.tokens.prefix_reused == (size - 1) // CHUNK * CHUNK
    anew = TorchEngine(base, rank=4, chunk=CHUNK)
    assert anew.submit(longer).result().text == second.text
    assert second.text == slow_greedy(engine, longer, adapter)[1]
    engine.close()
    anew.close()


# Schemas


def test_an_answer_keeps_to_the_schema_beside_rows_that_have_none(base: BaseModel) -> None:
    schema = {"enum": ["left", "right"]}
    engine = TorchEngine(base)
    free = Request("the input", max_tokens=12)
    bound = Request("the input", output_schema=schema, max_tokens=40)
    alone = engine.submit(free).result().text
    with held(engine):
        tickets = [engine.submit(request) for request in (free, bound, free)]
    texts = [ticket.result().text for ticket in tickets]
    assert texts[0] == texts[2] == alone
    assert texts[1] in ('"left"', '"right"')
    assert tickets[1].result().stop_reason == "end"
    warm = replace(bound, temperature=1.0)
    drawn = {engine.submit(replace(warm, seed=seed)).result().text for seed in range(12)}
    assert drawn == {'"left"', '"right"'}
    engine.close()


def test_a_schema_that_cannot_be_kept_is_refused_before_it_waits(engine: TorchEngine) -> None:
    with pytest.raises(EngineError, match="output_schema: "):
        engine.submit(Request("x", output_schema={"type": "strnig"}))
    with pytest.raises(EngineError, match="either labels or a schema"):
        engine.submit(Request("x", labels=("a", "b"), output_schema={"type": "string"}))


# Memory


def test_memory_is_the_same_after_many_adapters(base: BaseModel) -> None:
    engine = TorchEngine(base, rows=2, slots=6, rank=4)

    def pool_bytes() -> int:
        return sum(t.numel() for pair in engine.runner.slots.factors.values() for t in pair)

    for seed in range(8):
        adapter = tiny_adapter(base.forward, seed)
        engine.submit(Request("x", adapter=adapter, max_tokens=1)).result()
    full = pool_bytes()
    for seed in range(8, 40):
        adapter = tiny_adapter(base.forward, seed)
        engine.submit(Request("x", adapter=adapter, max_tokens=1)).result()
    assert pool_bytes() == full
    engine.close()
