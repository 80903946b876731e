"""The engine `vllm` beside our own, on a stand-in for the server that answers as vLLM does."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
import torch
from starlette.responses import JSONResponse, Response
from tiny_models import activated, save_tiny_base, tiny_adapter
from vllm_fake import FakeVllm, once

from hypernet.base_model.chat import ChatFormat
from hypernet.base_model.loading import load_base
from hypernet.base_model.sources import Source
from hypernet.copying import Copy
from hypernet.engine.interface import (
    EngineClosedError,
    EngineError,
    PromptTooLongError,
    Request,
)
from hypernet.engine.torch.engine import TorchEngine
from hypernet.engine.vllm.adapters import AdapterFolder
from hypernet.engine.vllm.engine import VllmEngine
from hypernet.task import Turn

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hypernet.adapters.adapter import Adapter
    from hypernet.base_model.loading import BaseModel

URL = "http://vllm.test:8000"
TEXT = "Order 7741920 was sent on 3 May."
SCHEMA = {
    "type": "object",
    "properties": {"a": {"type": "integer"}},
    "required": ["a"],
    "additionalProperties": False,
}


@pytest.fixture
def own(base: BaseModel) -> Iterator[TorchEngine]:
    engine = TorchEngine(base, rank=4)
    yield engine
    engine.close()


@pytest.fixture
def fake(base: BaseModel, tmp_path: Path) -> FakeVllm:
    return FakeVllm(base, tmp_path / "adapters")


@pytest.fixture
def adapter(base: BaseModel) -> Adapter:
    return named(base, 1)


def named(base: BaseModel, seed: int) -> Adapter:
    """An adapter whose digest is one, as those of real ones are."""
    own = activated(tiny_adapter(base.forward, seed), ChatFormat.of(base.tokenizer))
    return replace(own, digest=f"{seed:024x}")


@contextmanager
def engine_on(
    fake: FakeVllm, base: BaseModel, folder: Path, **changes: Any
) -> Iterator[VllmEngine]:
    chat = ChatFormat.of(base.tokenizer)
    options: dict[str, Any] = {
        "probe": activated(tiny_adapter(base.forward, 99), chat),
        "patience_seconds": 0.0,
        "transport": httpx2.ASGITransport(fake.app),
        **changes,
    }
    kept = AdapterFolder(folder, "tiny", 2**30)
    engine = VllmEngine(URL, base, kept, **options)
    try:
        yield engine
    finally:
        engine.close()


@pytest.fixture
def engine(fake: FakeVllm, base: BaseModel, tmp_path: Path) -> Iterator[VllmEngine]:
    with engine_on(fake, base, tmp_path / "adapters") as engine:
        yield engine


# What is generated


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"prefix": "Translate this.\n\n"},
        {"history": (Turn("What is it?", "A test."), Turn("Whose?", "Ours."))},
        {"stop": ("e",)},
        {"labels": ("yes", "no", "not at all")},
        {"prefix": "Is it sent?\n\n", "labels": ("yes", "no", "not at all")},
        {"output_schema": SCHEMA},
        {"copy": Copy(TEXT, ("none",), words=True)},
    ],
    ids=["input", "prefix", "history", "stop", "labels", "labels behind a text", "schema", "copy"],
)
@pytest.mark.parametrize("adapted", [True, False], ids=["adapter", "base"])
def test_an_answer_is_that_of_our_own_engine(
    own: TorchEngine,
    engine: VllmEngine,
    adapter: Adapter,
    changes: dict[str, Any],
    adapted: bool,
) -> None:
    request = Request(TEXT, adapter=adapter if adapted else None, max_tokens=16, **changes)
    expected, ticket = own.submit(request).result(), engine.submit(request)
    pieces = "".join(ticket)
    found = ticket.result()
    assert (found.text, found.stop_reason) == (expected.text, expected.stop_reason)
    assert pieces == found.text
    assert found.tokens.prompt == expected.tokens.prompt
    assert found.tokens.prefix == expected.tokens.prefix
    assert found.tokens.generated == expected.tokens.generated
    assert expected.confidence is not None
    assert found.confidence == pytest.approx(expected.confidence, rel=1e-3)


def test_the_same_seed_draws_the_same_and_another_one_does_not(engine: VllmEngine) -> None:
    request = Request(TEXT, max_tokens=24, temperature=2.0, seed=7)
    texts = [engine.submit(replace(request, seed=seed)).result().text for seed in (7, 7, 8)]
    assert texts[0] == texts[1] != texts[2]


def test_many_at_once_get_each_their_own(
    engine: VllmEngine, own: TorchEngine, base: BaseModel
) -> None:
    requests = [Request(f"Input {n}", adapter=named(base, n % 5), max_tokens=8) for n in range(20)]
    tickets = [engine.submit(request) for request in requests]
    found = [ticket.result().text for ticket in tickets]
    assert found == [own.submit(request).result().text for request in requests]


def test_what_the_server_has_in_its_cache_is_told(engine: VllmEngine) -> None:
    tokens = engine.submit(Request("x", prefix="A rather long text.\n\n", max_tokens=2)).result()
    assert tokens.tokens.prefix_reused == 16


def test_earlier_turns_and_texts_count_as_on_our_own_engine(
    engine: VllmEngine, own: TorchEngine
) -> None:
    told = ("A text.\n\n", "An input.", (Turn("Who?", "I."),))
    assert engine.measure(*told) == own.measure(*told)
    assert engine.count("An input.") == own.count("An input.")


# What is refused


def test_what_does_not_fit_the_servers_window_is_refused(engine: VllmEngine) -> None:
    with pytest.raises(PromptTooLongError, match="max_tokens 600 make"):
        engine.submit(Request("x", max_tokens=600))


def test_a_closed_engine_takes_nothing(fake: FakeVllm, base: BaseModel, tmp_path: Path) -> None:
    with engine_on(fake, base, tmp_path / "adapters") as engine:
        pass
    with pytest.raises(EngineClosedError):
        engine.submit(Request("x"))


def test_a_request_whose_time_is_over_gives_what_there_is(engine: VllmEngine) -> None:
    found = engine.submit(Request("x", max_tokens=400, max_seconds=0.0)).result()
    assert (found.stop_reason, found.text) == ("time", "")


# Getting to know the server


def test_a_server_of_another_base_is_refused_by_what_it_writes(
    fake: FakeVllm, base: BaseModel, tmp_path: Path
) -> None:
    other = save_tiny_base(tmp_path / "other", seed=5)
    fake.base = load_base(Source("settings", str(other)), tmp_path, dtype=torch.float32)
    with (
        pytest.raises(EngineError, match=r"'base', which is not .*start it with the same weights"),
        engine_on(fake, base, tmp_path / "adapters"),
    ):
        pass


def test_a_server_with_other_tokens_is_refused(
    fake: FakeVllm, base: BaseModel, tmp_path: Path
) -> None:
    with (
        once(fake, lambda: JSONResponse({"tokens": [1, 2, 3]}), "/tokenize"),
        pytest.raises(EngineError, match="whose tokens are not those of"),
        engine_on(fake, base, tmp_path / "adapters"),
    ):
        pass


def test_a_server_that_hides_its_tokenizer_is_known_by_what_it_writes(
    fake: FakeVllm, base: BaseModel, tmp_path: Path
) -> None:
    fake.trouble = lambda path: Response(status_code=404) if path == "/tokenize" else None
    with engine_on(fake, base, tmp_path / "adapters") as engine:
        assert engine.submit(Request("x", max_tokens=2)).result().tokens.generated == 2


def test_without_the_plugin_adapters_act_on_the_whole_prompt_under_names_of_their_own(
    fake: FakeVllm, base: BaseModel, adapter: Adapter, tmp_path: Path
) -> None:
    fake.folder, fake.activated = None, False
    with engine_on(fake, base, tmp_path / "adapters") as engine:
        assert not engine.server.activated
        assert engine.capabilities.prefix_without_adapter
        engine.submit(Request("x", adapter=adapter, max_tokens=2)).result()
    assert len(fake.adapters) == 2  # the one that it was tried with, and the step's
    assert all(name.endswith("-on-all") for name in fake.adapters)


def test_with_adapters_that_act_on_inputs_too_hybrid_is_not_to_be_had(
    fake: FakeVllm, base: BaseModel, tmp_path: Path
) -> None:
    plain = tiny_adapter(base.forward, 99)
    with engine_on(fake, base, tmp_path / "adapters", probe=plain) as engine:
        assert not engine.capabilities.prefix_without_adapter


def test_a_server_with_another_backend_for_grammars_says_so_by_field(
    fake: FakeVllm, base: BaseModel, tmp_path: Path
) -> None:
    fake.grammars = False
    with engine_on(fake, base, tmp_path / "adapters") as engine:
        assert not engine.capabilities.copy
        for field, request in (
            ("copy", Request(TEXT, copy=Copy(TEXT))),
            ("output_schema", Request(TEXT, output_schema=SCHEMA)),
        ):
            with pytest.raises(
                EngineError, match=f"^{field}: the vLLM server does not hold .*guidance"
            ):
                engine.submit(request)


@pytest.mark.parametrize(
    ("changes", "remedy"),
    [
        ({"max_rank": 2}, r"LoRA rank 4 is greater .*--max-lora-rank 4"),
        ({"max_rank": 2, "folder": None}, r"LoRA rank 4 is greater .*--max-lora-rank 4"),
        ({"folder": None, "updates": False}, "VLLM_ALLOW_RUNTIME_LORA_UPDATING=1"),
        ({"key": "secret"}, "set HYPERNET_MCP_ENGINE_KEY"),
    ],
    ids=["rank", "rank, without the plugin", "no adapters", "key"],
)
def test_a_server_that_takes_no_adapters_is_refused_with_what_helps(
    fake: FakeVllm, base: BaseModel, tmp_path: Path, changes: dict[str, Any], remedy: str
) -> None:
    with (
        pytest.raises(EngineError, match=remedy),
        engine_on(replace(fake, **changes), base, tmp_path / "adapters"),
    ):
        pass


def test_a_server_is_told_its_key(fake: FakeVllm, base: BaseModel, tmp_path: Path) -> None:
    fake.key = "secret"
    with engine_on(fake, base, tmp_path / "adapters", key="secret") as engine:
        assert engine.submit(Request("x", max_tokens=2)).result().tokens.generated == 2


def test_without_a_hypernetwork_no_adapter_is_tried(
    fake: FakeVllm, base: BaseModel, tmp_path: Path
) -> None:
    fake.updates, fake.folder = False, None
    with engine_on(fake, base, tmp_path / "adapters", probe=None) as engine:
        assert engine.submit(Request("x", max_tokens=2)).result().text


# Faults of the server


def test_a_server_without_the_plugin_that_was_started_again_is_told_its_adapters_again(
    fake: FakeVllm, base: BaseModel, adapter: Adapter, tmp_path: Path
) -> None:
    fake.folder = None
    request = Request(TEXT, adapter=adapter, max_tokens=8)
    with engine_on(fake, base, tmp_path / "adapters") as engine:
        first = engine.submit(request).result().text
        fake.restarted()
        assert engine.submit(request).result().text == first


def test_an_adapter_whose_directory_was_deleted_is_written_again(
    fake: FakeVllm, base: BaseModel, adapter: Adapter, tmp_path: Path
) -> None:
    folder = tmp_path / "adapters"
    request = Request(TEXT, adapter=adapter, max_tokens=8)
    with engine_on(fake, base, folder) as engine:
        first = engine.submit(request).result().text
        fake.restarted()
        for file in (folder / adapter.digest).iterdir():
            file.unlink()
        assert engine.submit(request).result().text == first


@pytest.mark.parametrize(
    "trouble",
    [
        lambda: Response(status_code=503),
        lambda: JSONResponse({"error": {"message": "EngineCore died", "code": 500}}, 500),
        lambda: Response("<html>It works!</html>"),
        lambda: Response('data: {"choices": [{"index": 0, "text": ""}]}\n\n'),
    ],
    ids=["full", "died", "garbage", "cut short"],
)
def test_a_step_outlives_a_server_that_is_away_for_a_moment(
    fake: FakeVllm, base: BaseModel, own: TorchEngine, tmp_path: Path, trouble: Any
) -> None:
    request = Request(TEXT, max_tokens=8)
    with engine_on(fake, base, tmp_path / "adapters", patience_seconds=60.0) as engine:
        with once(fake, trouble, "/v1/completions") as asked:
            found = engine.submit(request).result()
        assert "/v1/models" in asked  # it was seen again whether it is the same server
    assert found.text == own.submit(request).result().text


def test_a_server_that_stays_away_fails_the_step_with_its_address_and_what_helps(
    fake: FakeVllm, base: BaseModel, tmp_path: Path
) -> None:
    def refused(path: str) -> Response:
        raise httpx2.ConnectError("All connection attempts failed")

    with engine_on(fake, base, tmp_path / "adapters") as engine:
        fake.trouble = refused
        with pytest.raises(EngineError, match=rf"{URL} cannot be reached .*start the server there"):
            engine.submit(Request("x")).result()
        fake.trouble = lambda path: None
        assert engine.submit(Request("x", max_tokens=2)).result().text


def test_a_server_that_answers_garbage_fails_the_step_after_a_few_tries(
    fake: FakeVllm, base: BaseModel, tmp_path: Path
) -> None:
    with engine_on(fake, base, tmp_path / "adapters", patience_seconds=60.0) as engine:
        fake.asked.clear()
        fake.trouble = lambda path: Response("<html>It works!</html>")
        with pytest.raises(EngineError, match=f"{URL} does not answer as vLLM does"):
            engine.submit(Request("x")).result()
        assert len(fake.asked) <= 6


def test_a_server_that_comes_back_with_another_model_answers_nothing(
    fake: FakeVllm, base: BaseModel, tmp_path: Path
) -> None:
    other = save_tiny_base(tmp_path / "other", seed=5)
    with engine_on(fake, base, tmp_path / "adapters", patience_seconds=60.0) as engine:
        fake.base = load_base(Source("settings", str(other)), tmp_path, dtype=torch.float32)
        with (
            once(fake, lambda: Response(status_code=503), "/v1/completions"),
            pytest.raises(EngineError, match="which is not"),
        ):
            engine.submit(Request("x")).result()


def test_an_answer_goes_on_where_the_server_broke_off(
    fake: FakeVllm, base: BaseModel, own: TorchEngine, tmp_path: Path
) -> None:
    broken = threading.Event()

    def break_off(number: int) -> None:
        if number == 3 and not broken.is_set():
            broken.set()
            raise httpx2.ReadError("Connection reset by peer")

    fake.after_piece = break_off
    request = Request(TEXT, max_tokens=12)
    with engine_on(fake, base, tmp_path / "adapters", patience_seconds=60.0) as engine:
        ticket = engine.submit(request)
        assert "".join(ticket) == own.submit(request).result().text
    assert broken.is_set()


# Adapters by digest


def test_two_that_write_an_adapter_at_once_end_with_one_whole_directory(
    base: BaseModel, adapter: Adapter, tmp_path: Path
) -> None:
    folder = AdapterFolder(tmp_path, "tiny", 2**30)
    start = threading.Barrier(8)

    def write() -> None:
        start.wait()
        folder.keep(adapter)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [each.name for each in tmp_path.iterdir()] == [adapter.digest]
    assert {each.name for each in (tmp_path / adapter.digest).iterdir()} == {
        "adapter_config.json",
        "adapter_model.safetensors",
    }


def test_a_directory_that_is_not_whole_is_replaced(
    base: BaseModel, adapter: Adapter, tmp_path: Path
) -> None:
    (tmp_path / adapter.digest).mkdir()
    (tmp_path / adapter.digest / "adapter_config.json").write_text("{}")
    AdapterFolder(tmp_path, "tiny", 2**30).keep(adapter)
    assert "LORA" in (tmp_path / adapter.digest / "adapter_config.json").read_text()


def test_adapters_that_were_not_used_for_long_leave_a_full_folder(
    base: BaseModel, tmp_path: Path
) -> None:
    folder = AdapterFolder(tmp_path, "tiny", 1)
    first, second, third = (named(base, seed) for seed in range(3))
    folder.keep(first)
    folder.keep(second)
    os.utime(tmp_path / first.digest, (0, 0))
    folder.keep(third)
    assert {each.name for each in tmp_path.iterdir()} == {second.digest, third.digest}


@pytest.mark.parametrize("digest", ["../../etc/passwd", "A B", "x", "tiny-1-4-0.3", ""])
def test_a_digest_that_is_no_name_never_becomes_a_path(
    base: BaseModel, tmp_path: Path, digest: str
) -> None:
    odd = replace(tiny_adapter(base.forward, 1), digest=digest)
    name = AdapterFolder(tmp_path / "adapters", "tiny", 2**30).keep(odd)
    assert [each.name for each in (tmp_path / "adapters").iterdir()] == [name]
    assert name.isalnum()
