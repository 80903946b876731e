"""A real vLLM server with the real base: `make vllm` installs it, `make vllm-test` runs these."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import httpx2
import pytest
import torch
from mcp import Client
from tiny_models import save_tiny_base
from vllm_fake import FakeVllm

from bench.vllm.server import ENVIRONMENT, VllmServer, running
from hypernet.base_model.loading import base_folder, load_base
from hypernet.base_model.sources import Source, base_source
from hypernet.copying import Copy
from hypernet.engine.interface import Request
from hypernet.engine.torch.engine import TorchEngine
from hypernet.engine.vllm import load
from hypernet.progress import silent
from hypernet.runtime import RuntimeOptions
from hypernet.task import Task, Turn
from mcp_server.app.application import Application
from mcp_server.app.settings import Settings
from mcp_server.protocol.server import build_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hypernet.engine.interface import Adapter
    from hypernet.runtime import Runtime

pytestmark = [
    pytest.mark.vllm,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not (ENVIRONMENT / "bin/python").exists(), reason="needs `make vllm`"),
]
REVIEW = "The soup was cold and the waiter rude."
ORDER = "Order 7741920 was sent on 3 May to Maria Lopez."
SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string", "maxLength": 20}, "age": {"type": "integer"}},
    "required": ["name", "age"],
    "additionalProperties": False,
}
TASKS = (
    Task("Say whether the review is positive or negative.", ("positive", "negative")),
    Task("Give the name of the person in the text."),
    Task("Give the order's number."),
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VllmServer]:
    folder = tmp_path_factory.mktemp("vllm")
    model = base_folder(base_source(None), RuntimeOptions().cache)
    with running(VllmServer(model, folder / "adapters", folder / "log")) as server:
        yield server


@pytest.fixture(scope="module")
def vllm(server: VllmServer) -> Iterator[Runtime]:
    options = RuntimeOptions(engine_url=server.url, adapters=server.adapters)
    with closing(load(options, silent)) as runtime:
        yield runtime


@pytest.fixture(scope="module")
def own() -> Iterator[TorchEngine]:
    base = load_base(base_source(None), RuntimeOptions().cache, dtype=torch.float32)
    with closing(TorchEngine(base, rank=32)) as engine:
        yield engine


def adapter_of(vllm: Runtime, task: Task) -> Adapter:
    assert vllm.library is not None
    return vllm.library.get(task).adapter


def test_the_server_is_known_to_take_activated_adapters_and_grammars(vllm: Runtime) -> None:
    assert vllm.engine.capabilities.prefix_without_adapter
    assert vllm.engine.capabilities.copy
    assert vllm.engine.limits.window == 4096


@pytest.mark.parametrize(
    "request_of",
    [
        lambda a: Request(REVIEW, adapter=a[0], max_tokens=16),
        lambda a: Request(REVIEW, prefix=TASKS[0].prefix_text(), adapter=a[0], max_tokens=16),
        lambda a: Request(ORDER, adapter=a[1], max_tokens=16),
        lambda a: Request("Name three fruits.", max_tokens=24),
        lambda a: Request("Name three fruits.", max_tokens=24, stop=("2.",)),
        lambda a: Request(REVIEW, adapter=a[0], labels=("positive", "negative")),
        lambda a: Request(REVIEW, prefix="Which?\n\n", labels=("good", "neither of them", "bad")),
        lambda a: Request(
            "Maria is 31.", prefix="As JSON.\n\n", max_tokens=30, output_schema=SCHEMA
        ),
        lambda a: Request(
            ORDER, adapter=a[2], max_tokens=16, copy=Copy(ORDER, ("none",), words=True)
        ),
        lambda a: Request(
            "And of Italy?", history=(Turn("What is the capital of France?", "Paris."),),
            max_tokens=8,
        ),
    ],
    ids=[
        "adapter", "hybrid", "another adapter", "base", "stop", "labels", "labels of the base",
        "schema", "copy", "history",
    ],
)  # fmt: skip
def test_an_answer_is_that_of_our_own_engine(
    own: TorchEngine, vllm: Runtime, request_of: Any
) -> None:
    request = request_of([adapter_of(vllm, task) for task in TASKS])
    expected, found = own.submit(request).result(), vllm.engine.submit(request).result()
    assert (found.text, found.stop_reason) == (expected.text, expected.stop_reason)
    assert found.tokens.generated == expected.tokens.generated
    assert found.confidence == pytest.approx(expected.confidence, rel=1e-2, abs=1e-4)


def test_requests_of_the_base_and_of_several_adapters_get_beside_each_other_what_they_get_alone(
    vllm: Runtime,
) -> None:
    adapters = [None, *(adapter_of(vllm, task) for task in TASKS)]
    requests = [
        Request(text, adapter=adapter, max_tokens=12)
        for text in (REVIEW, ORDER, "Name three fruits.")
        for adapter in adapters
    ]
    alone = [vllm.engine.submit(request).result().text for request in requests]
    tickets = [vllm.engine.submit(request) for request in requests]
    assert [ticket.result().text for ticket in tickets] == alone


def test_what_was_read_before_an_adapter_acts_serves_other_adapters_from_the_cache(
    vllm: Runtime,
) -> None:
    prefix = "Read the note, and answer in one word. " * 30
    first, second = (
        vllm.engine.submit(
            Request("Well?", prefix=prefix, adapter=adapter_of(vllm, task), max_tokens=2)
        ).result()
        for task in TASKS[:2]
    )
    assert first.tokens.prefix_reused == 0
    assert second.tokens.prefix_reused >= second.tokens.prefix // 2


def test_a_cancelled_request_is_given_up_by_the_server(vllm: Runtime, server: VllmServer) -> None:
    ticket = vllm.engine.submit(Request("Count from one to a thousand.", max_tokens=3000))
    next(iter(ticket))
    ticket.cancel()
    assert ticket.result().stop_reason == "cancelled"

    async def running_now() -> float:
        async with httpx2.AsyncClient(base_url=server.url) as http:
            while True:
                text = (await http.get("/metrics")).text
                lines = [x for x in text.splitlines() if x.startswith("vllm:num_requests_running{")]
                if not sum(float(line.rsplit(" ", 1)[1]) for line in lines):
                    return 0.0
                await anyio.sleep(0.1)

    assert anyio.run(running_now) == 0.0


def test_answers_have_the_form_of_the_stand_ins(
    server: VllmServer, vllm: Runtime, tmp_path: Path
) -> None:
    tiny = load_base(
        Source("settings", str(save_tiny_base(tmp_path / "tiny"))), tmp_path, dtype=torch.float32
    )
    fake = FakeVllm(tiny)
    bodies: list[dict[str, Any]] = [
        {"max_tokens": 3, "logprobs": 0, "return_token_ids": True},
        {"max_tokens": 3, "logprobs": 0, "return_token_ids": True, "stream": True},
        {
            "max_tokens": 1, "logprobs": 2, "logprob_token_ids": [40, 50],
            "return_tokens_as_token_ids": True,
        },
        {"max_tokens": 3, "structured_outputs": {"grammar": "start: /[0-9]+/"}},
        {"model": "0123456789abcdef"},
    ]  # fmt: skip

    async def forms(client: httpx2.AsyncClient) -> list[Any]:
        async with client:
            found = [form_of((await client.get("/v1/models")).json())]
            asked = {"model": "base", "prompt": "x", "add_special_tokens": False}
            found.append(form_of((await client.post("/tokenize", json=asked)).json()))
            for body in bodies:
                asked = {
                    "model": "base",
                    "prompt": [40, 41, 42],
                    "temperature": 0,
                    "seed": 1,
                    **body,
                }
                response = await client.post("/v1/completions", json=asked)
                found.append((response.status_code, form_of_text(response.text)))
            asked = {"lora_name": "no", "lora_path": "/nowhere"}
            response = await client.post("/v1/load_lora_adapter", json=asked)
            found.append((response.status_code, form_of_text(response.text)))
            return found

    real = anyio.run(forms, httpx2.AsyncClient(base_url=server.url, timeout=60))
    transport = httpx2.ASGITransport(fake.app)
    stand_in = anyio.run(forms, httpx2.AsyncClient(base_url="http://fake", transport=transport))
    pairs = zip(real, stand_in, strict=True)
    assert [lacking(other, one) for one, other in pairs] == [[] for _ in real]


def test_a_step_outlives_a_server_that_is_killed_and_has_forgotten_all_adapters(
    vllm: Runtime, server: VllmServer
) -> None:
    request = Request(REVIEW, adapter=adapter_of(vllm, TASKS[0]), max_tokens=16)
    before = vllm.engine.submit(request).result().text
    server.kill()
    tickets = [vllm.engine.submit(request) for _ in range(4)]
    server.start()
    assert {ticket.result().text for ticket in tickets} == {before}


def test_a_job_through_the_tools_goes_on_after_the_server_was_killed_and_records_each_step_once(
    server: VllmServer, tmp_path: Path
) -> None:
    settings = Settings(
        database=tmp_path / "memory.db",
        engine="vllm",
        engine_url=server.url,
        adapters=server.adapters.absolute(),
    )

    async def job() -> tuple[list[dict[str, Any]], dict[str, Any]]:
        app = Application(settings)
        try:
            async with Client(build_server(app)) as client:

                async def call(tool: str, **arguments: Any) -> dict[str, Any]:
                    result = await client.call_tool(tool, arguments)
                    assert not result.is_error, result.content
                    assert result.structured_content is not None
                    return result.structured_content

                task = TASKS[0]
                opened = await call("set_task", task=task.description, labels=list(task.labels))
                asked = {
                    "session_id": opened["session_id"],
                    "input": REVIEW,
                    "max_seconds": 300,  # a server takes a minute to start on a busy machine
                }
                steps = [await call("run_step", **asked, step_key="one")]
                server.kill()
                async with anyio.create_task_group() as group:
                    group.start_soon(anyio.to_thread.run_sync, server.start)
                    steps.append(await call("run_step", **asked, step_key="two"))
                steps.append(await call("run_step", **asked, step_key="two"))
                return steps, await call("status", session_id=opened["session_id"])
        finally:
            app.close()

    steps, status = anyio.run(job)
    assert [step["step"] for step in steps] == [1, 2, 2]
    assert {step["output"] for step in steps} == {"negative"}
    assert [step["replayed"] for step in steps] == [False, False, True]
    assert status["sessions"][0]["steps"] == 2


def form_of_text(text: str) -> Any:
    """That of a JSON body, or of the first and last events of a stream."""
    if not text.startswith("data: "):
        return form_of(json.loads(text))
    events = [line.removeprefix("data: ") for line in text.splitlines() if line]
    assert events[-1] == "[DONE]"
    return form_of(json.loads(events[0]))


def form_of(value: Any) -> Any:
    """A body's fields, without what they hold."""
    if isinstance(value, dict):
        numbered = all(key.startswith("token_id:") for key in value) and value
        return {"token_id:": 0} if numbered else {k: form_of(v) for k, v in value.items()}
    if isinstance(value, list):
        return [form_of(value[0])] if value else []
    return None


def lacking(part: Any, whole: Any) -> list[str]:
    """The fields that the first has and the second lacks."""
    if isinstance(part, tuple):
        status = [] if part[0] == whole[0] else [f"{part[0]} {whole[0]}"]
        return [*status, *lacking(part[1], whole[1])]
    if isinstance(part, dict):
        if not isinstance(whole, dict):
            return ["an object"]
        return [key for key in part if key not in whole] + [
            f"{key}.{each}"
            for key in part
            if key in whole
            for each in lacking(part[key], whole[key])
        ]
    if isinstance(part, list) and part:
        return lacking(part[0], whole[0]) if isinstance(whole, list) and whole else ["a list"]
    return []
