"""What a vLLM server, its folder or its settings may do wrong, and what becomes of the steps."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import anyio
import anyio.lowlevel
import httpx2
import pytest
import torch
from starlette.responses import Response
from test_vllm_engine import TEXT, engine_on, named
from tiny_models import save_tiny_base
from vllm_fake import FakeVllm, once

from hypernet.base_model.loading import load_base
from hypernet.base_model.sources import Source
from hypernet.engine.interface import EngineError, Request
from hypernet.engine.vllm.adapters import AdapterFolder
from hypernet.engine.vllm.api import Api

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from hypernet.base_model.loading import BaseModel


@pytest.fixture
def fake(base: BaseModel, tmp_path: Path) -> FakeVllm:
    return FakeVllm(base, tmp_path / "adapters")


def piece(text: str = "", **changes: Any) -> dict[str, Any]:
    """A piece of an answer, by default its end."""
    return {"index": 0, "text": text, "token_ids": [1], "finish_reason": "length", **changes}


def streamed(*pieces: dict[str, Any]) -> Callable[[str], Response | None]:
    """A server's trouble: each completion has these pieces."""
    lines = [f"data: {json.dumps({'choices': [each]}, ensure_ascii=False)}\n\n" for each in pieces]
    body = "".join([*lines, "data: [DONE]\n\n"])
    return lambda path: Response(body) if path == "/v1/completions" else None


def test_an_answer_may_hold_any_end_of_a_line(
    fake: FakeVllm, base: BaseModel, tmp_path: Path
) -> None:
    odd = "a\u2028b\u2029c\x85d\x1ce\rf\ng"
    with engine_on(fake, base, tmp_path / "adapters") as engine:
        fake.trouble = streamed(piece(odd))
        assert engine.submit(Request(TEXT)).result().text == odd


def test_a_line_without_an_end_is_not_read_for_ever(
    fake: FakeVllm, base: BaseModel, tmp_path: Path
) -> None:
    with engine_on(fake, base, tmp_path / "adapters") as engine:
        fake.trouble = streamed(piece("x" * 2**25))
        with pytest.raises(EngineError, match=r"does not answer as vLLM does \(a line .*16 MiB"):
            engine.submit(Request(TEXT)).result()


@pytest.mark.parametrize(
    ("pieces", "fault"),
    [
        ([piece("a", index=1)], "another answer than the one asked for"),
        ([piece("a"), piece("b")], "goes on behind its end"),
        ([piece("a", finish_reason=None)] * 4, "more than 3 tokens"),
        ([piece("a", token_ids=[1, 2, 3, 4])], "more than 3 tokens"),
        ([piece("a", finish_reason="repetition")], "ended an answer by 'repetition'"),
    ],
    ids=["index", "behind the end", "without an end", "too long", "unknown end"],
)
def test_an_answer_that_is_not_the_one_asked_for_is_not_given_out(
    fake: FakeVllm,
    base: BaseModel,
    tmp_path: Path,
    pieces: list[dict[str, Any]],
    fault: str,
) -> None:
    with engine_on(fake, base, tmp_path / "adapters") as engine:
        fake.trouble = streamed(*pieces)
        with pytest.raises(EngineError, match=fault):
            engine.submit(Request(TEXT, max_tokens=3)).result()


@pytest.mark.parametrize("logprob", [float("nan"), float("-inf"), 1e9, None])
def test_a_probability_that_is_none_fails_the_step_by_field(
    fake: FakeVllm, base: BaseModel, tmp_path: Path, logprob: float | None
) -> None:
    with engine_on(fake, base, tmp_path / "adapters") as engine:
        fake.trouble = streamed(piece("a", logprobs={"token_logprobs": [logprob]}))
        with pytest.raises(EngineError, match=r"^output: the logits are not finite"):
            engine.submit(Request(TEXT)).result()


@pytest.mark.parametrize("reason", ["abort", "error"])
def test_a_step_outlives_a_server_that_aborts_its_answer(
    fake: FakeVllm, base: BaseModel, tmp_path: Path, reason: str
) -> None:
    with engine_on(fake, base, tmp_path / "adapters", patience_seconds=60.0) as engine:
        expected = engine.submit(Request(TEXT, max_tokens=4)).result().text
        aborted = streamed(piece(finish_reason=reason))("/v1/completions")
        assert aborted is not None
        with once(fake, lambda: aborted, "/v1/completions"):
            assert engine.submit(Request(TEXT, max_tokens=4)).result().text == expected


@pytest.mark.parametrize(
    ("answer", "most"),
    [
        (lambda: Response(status_code=500), 6),
        (lambda: Response('data: {"error": {"message": "no", "code": 500}}\n\n'), 6),
        (lambda: Response('data: {"error": {"message": "no", "code": 400}}\n\n'), 1),
    ],
    ids=["500", "500 in a stream", "400 in a stream"],
)
def test_what_a_server_fails_at_each_time_is_not_asked_for_until_patience_ends(
    fake: FakeVllm,
    base: BaseModel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    answer: Callable[[], Response],
    most: int,
) -> None:
    monkeypatch.setattr("hypernet.engine.vllm.engine.PAUSES", (0.0,))
    with engine_on(fake, base, tmp_path / "adapters", patience_seconds=60.0) as engine:
        tried: list[str] = []

        def trouble(path: str) -> Response | None:
            streamed = path == "/v1/completions" and fake.asked[-1][1].get("stream")
            if not streamed:
                return None
            tried.append(path)
            return answer()

        fake.trouble = trouble
        with pytest.raises(EngineError, match=r"no|500"):
            engine.submit(Request(TEXT)).result()
        assert len(tried) == most


def test_what_was_given_of_an_answer_is_in_its_result_when_the_server_stays_away(
    fake: FakeVllm, base: BaseModel, tmp_path: Path
) -> None:
    begun = json.dumps({"choices": [piece("ab", finish_reason=None)]})
    answers = [Response(f"data: {begun}\n\n")]

    def trouble(path: str) -> Response:
        return answers.pop() if answers and path == "/v1/completions" else Response(status_code=503)

    with engine_on(fake, base, tmp_path / "adapters", patience_seconds=60.0) as engine:
        fake.trouble = trouble
        ticket = engine.submit(Request(TEXT, max_tokens=12))
        pieces = ticket.some()
        ticket.cancel()
        pieces += list(ticket)
        found = ticket.result()
    assert found.stop_reason == "cancelled"
    assert found.text == "".join(pieces) == "ab"
    assert found.tokens.generated == 1


def test_a_folder_that_cannot_be_written_fails_the_step_by_setting_and_later_ones_go_on(
    base: BaseModel, tmp_path: Path
) -> None:
    place = tmp_path / "adapters"
    place.write_text("a file")
    folder = AdapterFolder(place, "tiny", 2**30)
    with pytest.raises(EngineError, match=r"cannot be written into .*HYPERNET_MCP_ADAPTERS"):
        folder.keep(named(base, 1))
    place.unlink()
    assert (place / folder.keep(named(base, 1))).is_dir()


class Silent(httpx2.AsyncBaseTransport):
    """The way to a server that, once it is known, takes completions and never answers."""

    def __init__(self, fake: FakeVllm) -> None:
        self._there, self.silent = httpx2.ASGITransport(fake.app), False

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if self.silent and request.url.path == "/v1/completions":
            await anyio.sleep_forever()
        return await self._there.handle_async_request(request)


def test_time_and_cancellation_are_heeded_behind_a_silent_server_by_what_runs_and_what_waits(
    fake: FakeVllm, base: BaseModel, tmp_path: Path
) -> None:
    way = Silent(fake)
    with engine_on(fake, base, tmp_path / "adapters", rows=1, transport=way) as engine:
        way.silent = True
        first = engine.submit(Request(TEXT, labels=("yes", "no")))
        late = engine.submit(Request(TEXT, max_seconds=0.1))
        cancelled = engine.submit(Request(TEXT))
        cancelled.cancel()
        assert late.result().stop_reason == "time"
        with pytest.raises(EngineError, match="cancelled before it began"):
            cancelled.result()
        first.cancel()
        assert first.result().stop_reason == "cancelled"


def test_closing_beside_a_silent_server_ends_everything(
    fake: FakeVllm, base: BaseModel, tmp_path: Path
) -> None:
    way = Silent(fake)
    with engine_on(fake, base, tmp_path / "adapters", rows=1, transport=way) as engine:
        way.silent = True
        tickets = [engine.submit(Request(TEXT)) for _ in range(3)]
    engine.close()
    assert all(ticket.done for ticket in tickets)


def test_adapters_that_others_put_into_the_folder_are_left_alone(
    base: BaseModel, tmp_path: Path
) -> None:
    folder = AdapterFolder(tmp_path, "tiny", 1)
    folder.keep(named(base, 1))
    (tmp_path / f"{1:024x}").rename(tmp_path / "my-own-adapter")
    half = tmp_path / ".hypernet-half-written"
    half.mkdir()
    (tmp_path / ".git").mkdir()
    for old in tmp_path.iterdir():
        os.utime(old, (0, 0))
    folder.keep(named(base, 2))
    assert {each.name for each in tmp_path.iterdir()} == {
        "my-own-adapter",
        ".git",
        f"{2:024x}",
    }


@pytest.mark.parametrize("key", ["sésame", "open\nsesame"])
def test_a_key_that_cannot_be_one_is_refused_and_not_shown(key: str) -> None:
    with pytest.raises(EngineError, match="HYPERNET_MCP_ENGINE_KEY") as refused:
        Api("http://vllm.test", key)
    assert "same" not in str(refused.value)


@pytest.mark.parametrize(
    "url", ["http://a:b", "http://[::1", "http://127.0.0.1:99999", "http://127.0.0.1:-5"]
)
def test_an_address_that_cannot_be_one_is_refused_by_its_setting(url: str) -> None:
    with pytest.raises(EngineError, match="HYPERNET_MCP_ENGINE_URL"):
        Api(url)


def test_a_server_that_comes_back_without_the_plugin_is_named_as_that(
    fake: FakeVllm, base: BaseModel, tmp_path: Path
) -> None:
    with engine_on(fake, base, tmp_path / "adapters") as engine:
        fake.folder, fake.activated = None, False
        fake.restarted()
        with pytest.raises(EngineError, match="without the plugin hypernet-mcp-vllm"):
            engine.submit(Request(TEXT, adapter=named(base, 1))).result()


class Dripping(httpx2.AsyncByteStream):
    """A body that never ends, and says nothing."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            yield b": still there\n\n"
            await anyio.lowlevel.checkpoint()


class Endless(Silent):
    """The way to a server that, once it is known, answers nothing in many small pieces."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if self.silent and request.url.path == "/v1/completions":
            return httpx2.Response(200, stream=Dripping())
        return await super().handle_async_request(request)


@pytest.mark.parametrize("labels", [(), ("yes", "no")], ids=["stream", "whole"])
def test_an_answer_of_comments_alone_ends_in_time(
    fake: FakeVllm,
    base: BaseModel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    labels: tuple[str, ...],
) -> None:
    way = Endless(fake)
    with engine_on(fake, base, tmp_path / "adapters", transport=way) as engine:
        monkeypatch.setattr("hypernet.engine.vllm.api.READ_SECONDS", 0.1)
        way.silent = True
        with pytest.raises(EngineError, match=r"did not answer within 0\.1 s; look at its log"):
            engine.submit(Request(TEXT, labels=labels)).result()


def test_a_whole_answer_without_an_end_is_not_read_for_ever(
    fake: FakeVllm, base: BaseModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    way = Endless(fake)
    with engine_on(fake, base, tmp_path / "adapters", transport=way) as engine:
        monkeypatch.setattr("hypernet.engine.vllm.api.MOST_BODY", 2**10)
        way.silent = True
        with pytest.raises(EngineError, match="does not answer as vLLM does"):
            engine.submit(Request(TEXT, labels=("yes", "no"))).result()


def test_pieces_without_anything_in_them_end_an_answer(
    fake: FakeVllm, base: BaseModel, tmp_path: Path
) -> None:
    with engine_on(fake, base, tmp_path / "adapters") as engine:
        fake.trouble = lambda path: (
            Response('data: {"choices": []}\n\n' * 100) if path == "/v1/completions" else None
        )
        with pytest.raises(EngineError, match="more than 3 tokens"):
            engine.submit(Request(TEXT, max_tokens=3)).result()


def test_another_model_under_the_same_name_is_seen_though_no_request_saw_the_server_away(
    fake: FakeVllm, base: BaseModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = save_tiny_base(tmp_path / "other", seed=5)
    with engine_on(fake, base, tmp_path / "adapters") as engine:
        monkeypatch.setattr("hypernet.engine.vllm.contact.QUIET_SECONDS", 0.0)
        fake.base = load_base(Source("settings", str(other)), tmp_path, dtype=torch.float32)
        fake.root = "/models/other"
        with pytest.raises(EngineError, match="which is not"):
            engine.submit(Request("x")).result()


def test_the_same_model_from_another_folder_goes_on(
    fake: FakeVllm, base: BaseModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with engine_on(fake, base, tmp_path / "adapters") as engine:
        monkeypatch.setattr("hypernet.engine.vllm.contact.QUIET_SECONDS", 0.0)
        expected = engine.submit(Request(TEXT, max_tokens=4)).result().text
        fake.root = "/models/the-same"
        assert engine.submit(Request(TEXT, max_tokens=4)).result().text == expected
        fake.asked.clear()
        assert engine.submit(Request(TEXT, max_tokens=4)).result().text == expected
        assert [path for path, _ in fake.asked] == ["/v1/models", "/v1/completions"]


def test_a_server_that_comes_back_with_too_small_a_rank_fails_the_step_by_its_flag(
    fake: FakeVllm, base: BaseModel, tmp_path: Path
) -> None:
    with engine_on(fake, base, tmp_path / "adapters") as engine:
        fake.max_rank = 2
        fake.restarted()
        with pytest.raises(EngineError, match=r"LoRA rank 4 is greater .*--max-lora-rank 4"):
            engine.submit(Request(TEXT, adapter=named(base, 1))).result()


@pytest.mark.parametrize(
    ("status", "said", "remedy"),
    [
        (500, "Use --enable-lora to enable LoRA", "start it with --enable-lora --max-lora-rank 4"),
        (404, "The model does not exist", "VLLM_ALLOW_RUNTIME_LORA_UPDATING=1"),
    ],
)
def test_a_server_that_takes_no_adapters_is_told_apart_by_what_it_says(
    fake: FakeVllm, base: BaseModel, tmp_path: Path, status: int, said: str, remedy: str
) -> None:
    def trouble(path: str) -> Response | None:
        body = fake.asked[-1][1]
        adapted = path == "/v1/completions" and body["model"] != "base"
        told = path == "/v1/load_lora_adapter"
        return Response(said, status) if adapted or told else None

    fake.trouble = trouble
    with (
        pytest.raises(EngineError, match=remedy),
        engine_on(fake, base, tmp_path / "adapters"),
    ):
        pass


def test_an_adapter_is_loaded_once_a_server_that_has_rank_in_its_name_is_back(
    fake: FakeVllm, base: BaseModel, tmp_path: Path
) -> None:
    fake.folder = None
    with engine_on(fake, base, tmp_path / "adapters", patience_seconds=60.0) as engine:
        fake.restarted()
        away = Response("frank is away", status_code=503)
        with once(fake, lambda: away, "/v1/load_lora_adapter") as asked:
            request = Request(TEXT, adapter=named(base, 1), max_tokens=2)
            assert engine.submit(request).result().tokens.generated == 2
        assert asked.count("/v1/load_lora_adapter") == 2


def test_another_server_that_names_models_is_told_to_be_none_of_vllms(
    fake: FakeVllm, base: BaseModel, tmp_path: Path
) -> None:
    fake.trouble = lambda path: None if path == "/v1/models" else Response("not served", 404)
    with (
        pytest.raises(EngineError, match=r"is no vLLM server; .*HYPERNET_MCP_ENGINE_URL"),
        engine_on(fake, base, tmp_path / "adapters"),
    ):
        pass


def test_a_ticket_says_what_it_waits_for(fake: FakeVllm, base: BaseModel, tmp_path: Path) -> None:
    with engine_on(fake, base, tmp_path / "adapters", patience_seconds=60.0) as engine:
        seen: list[str] = []

        def trouble(path: str) -> Response | None:
            seen.append(ticket.trouble)
            return Response(status_code=503) if len(seen) < 3 else None

        ticket = engine.submit(Request(TEXT, max_tokens=2))
        ticket.result()
        assert not ticket.trouble
        fake.trouble = trouble
        ticket = engine.submit(Request(TEXT, max_tokens=2))
        assert ticket.result().tokens.generated == 2
        assert "cannot answer now (503)" in seen[1]
        assert not ticket.trouble


def test_a_server_that_comes_back_with_another_backend_for_grammars_is_named_as_that(
    fake: FakeVllm, base: BaseModel, tmp_path: Path
) -> None:
    with engine_on(fake, base, tmp_path / "adapters", patience_seconds=60.0) as engine:
        fake.grammars = False
        with (
            once(fake, lambda: Response(status_code=503), "/v1/completions"),
            pytest.raises(EngineError, match=r"no longer; start it with .*guidance"),
        ):
            engine.submit(Request("x")).result()


def test_an_adapter_that_is_not_finite_never_reaches_the_folder(
    base: BaseModel, tmp_path: Path
) -> None:
    own = named(base, 1)
    for factors in own.factors.values():
        factors[0].fill_(float("nan"))
    with pytest.raises(EngineError, match=r"holds values that are not finite"):
        AdapterFolder(tmp_path / "adapters", "tiny", 2**30).keep(own)
    assert not [*tmp_path.rglob("*.safetensors")]


def test_a_head_that_never_ends_is_not_waited_for_for_ever(
    fake: FakeVllm, base: BaseModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    way = Silent(fake)
    with engine_on(fake, base, tmp_path / "adapters", transport=way) as engine:
        monkeypatch.setattr("hypernet.engine.vllm.api.READ_SECONDS", 0.1)
        way.silent = True
        with pytest.raises(EngineError, match=r"did not answer within 0\.1 s"):
            engine.submit(Request(TEXT)).result()
