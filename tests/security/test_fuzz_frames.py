"""A share of the frame fuzzer in the tests; the whole is `python -m bench.fuzz`."""

from __future__ import annotations

import pytest

from bench.fuzz import batches as fuzz
from bench.fuzz.owed import Owed

WAYS = ["asgi:legacy", "asgi:modern", "stdio:legacy", "stdio:modern", "stdio:raw", "http:legacy"]


# The protocol library leaves a stream of an abandoned request for the collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.crash
@pytest.mark.parametrize("way", WAYS)
def test_malformed_messages_end_no_server_and_bring_out_nothing_of_its_inside(way: str):
    tally = fuzz.Tally()
    fuzz.run(way, [f"{way}:1-{number}" for number in range(10)], tally)
    assert tally.failures == []
    assert tally.fuzzed == 500
    assert tally.errors > 50


def test_the_fuzzer_sees_a_leak_an_exit_a_hang_and_a_missing_answer():
    class Broken:
        def __init__(self, answers: list[object], alive: bool, sound: bool) -> None:
            self.answers, self._alive, self._sound = answers, alive, sound

        def send(self, frames: list[bytes]) -> list[object]:
            return self.answers if frames else []

        def probe(self, limit: float) -> bool:
            return self._sound

        def alive(self) -> bool:
            return self._alive

    owed = [{"id": None, "error": {}} for _ in range(fuzz.BATCH)]  # over HTTP: refused as a whole
    tally = fuzz.Tally()
    leak = {"id": 1, "error": {"code": -1, "message": 'File "/x/y.py", line 3, in f'}}
    assert fuzz.batch(Broken([*owed, leak, b"not json"], True, True), "a:b:1", False, tally)
    assert not fuzz.batch(Broken([], False, False), "a:b:2", False, tally)
    assert not fuzz.batch(Broken([], True, False), "a:b:3", False, tally)
    assert (tally.leaks, tally.strays, tally.exits, tally.hangs) == (1, 1, 1, 1)
    assert fuzz.batch(Broken([], True, True), "a:b:4", False, tally)
    assert 0 < tally.unanswered <= fuzz.BATCH
    seeds = [each["seed"] for each in tally.failures]
    assert seeds == ["a:b:1", "a:b:1", "a:b:2", "a:b:3", "a:b:4"]


def test_of_what_is_sent_requests_and_what_is_no_message_are_owed_an_answer():
    request = b'{"jsonrpc":"2.0","id":7,"method":"ping"}'
    notice = b'{"jsonrpc":"2.0","method":"notifications/initialized"}'
    answer = b'{"jsonrpc":"2.0","id":8,"result":{}}'
    owed = Owed([request, notice, answer, b"{", b" "], by_line=True)
    assert owed.missing == 2
    owed.take([{"id": 8, "result": {}}, {"id": None, "error": {}}])
    assert owed.missing == 1
    owed.take([{"id": 7, "result": {}}])
    assert owed.missing == 0
