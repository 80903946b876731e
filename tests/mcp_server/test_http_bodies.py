"""Bodies over HTTP get what lines on standard input get: mended, or an error with their id."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from mcp.types import PARSE_ERROR
from serving import listening, requests_to

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from mcp_server.app.application import Application

    MakeApp = Callable[..., Application]

pytestmark = pytest.mark.anyio

LEGACY = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
MARK = b"\xef\xbb\xbf"
OPENING = {
    "jsonrpc": "2.0",
    "id": "first",
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "HALF", "version": "0"},
    },
}
HALF = json.dumps(OPENING).replace("HALF", r"\ud83d").encode()
MENDED = {"a half": HALF, "a mark": MARK + json.dumps(OPENING).encode(), "both": MARK * 2 + HALF}
BROKEN = {
    "a raw tab": b'{"jsonrpc":"2.0","id":"x","method":"ping","params":{"a":"\t"}}',
    "300 lists": b'{"jsonrpc":"2.0","method":"ping","id":"x","params":%s' % (b"[" * 300),
    "a comma": b'{"jsonrpc":"2.0","id":"x","method":"ping",}',
    "5,000 digits": b'{"jsonrpc":"2.0","id":"x","method":"ping","params":{"a":%s}}' % (b"9" * 5000),
    "no UTF-8": b'{"jsonrpc":"2.0","id":"x","method":"ping","params":{"a":"\xff"}}',
}


async def post(client: httpx2.AsyncClient, body: Any) -> httpx2.Response:
    return await client.post("/mcp", content=body, headers=LEGACY)


def answer_in(response: httpx2.Response) -> dict[str, Any]:
    """The JSON-RPC answer, sent alone or as an event."""
    lines = [line.removeprefix("data: ") for line in response.text.splitlines()]
    (answer,) = [json.loads(line) for line in lines if line.startswith("{")]
    assert isinstance(answer, dict)
    return answer


@pytest.mark.parametrize("body", MENDED.values(), ids=MENDED)
async def test_marks_are_skipped_and_halves_of_surrogate_pairs_replaced(
    make_app: MakeApp, body: bytes
):
    async def in_parts() -> AsyncIterator[bytes]:
        for number in range(0, len(body), 7):
            yield body[number : number + 7]

    async with requests_to(make_app()) as client:
        for each in (body, in_parts()):
            answer = answer_in(await post(client, each))
            assert answer["id"] == "first"
            assert answer["result"]["serverInfo"]["name"] == "hypernet-mcp"


@pytest.mark.parametrize("modern", [False, True])
@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
async def test_a_body_that_cannot_be_read_is_an_error_with_its_id(
    make_app: MakeApp, body: bytes, modern: bool
):
    headers = LEGACY | ({"MCP-Protocol-Version": "2026-07-28"} if modern else {})
    async with requests_to(make_app()) as client:
        response = await client.post("/mcp", content=body, headers=headers)
    answer = response.json()
    assert response.status_code == 400
    assert answer["id"] == "x"
    assert answer["error"]["code"] == PARSE_ERROR
    assert len(response.text) < 400


@pytest.mark.parametrize("number", ["1.5", "true", "null", "[1]"])
@pytest.mark.parametrize("modern", [False, True])
async def test_a_request_under_an_id_of_another_type_is_not_taken_for_a_notification(
    make_app: MakeApp, number: str, modern: bool
):
    headers = LEGACY | ({"MCP-Protocol-Version": "2026-07-28"} if modern else {})
    async with requests_to(make_app()) as client:
        opened = await post(client, json.dumps(OPENING).encode())
        headers |= {"MCP-Session-Id": opened.headers["MCP-Session-Id"]}
        asked = '{"jsonrpc":"2.0","id":%s,"method":"%s"}'
        request = await client.post("/mcp", content=asked % (number, "ping"), headers=headers)
        note = await client.post(
            "/mcp",
            content='{"jsonrpc":"2.0","id":null,"method":"notifications/initialized"}',
            headers=LEGACY | {"MCP-Session-Id": opened.headers["MCP-Session-Id"]},
        )
    assert (request.status_code, request.json()["id"]) == (400, None)
    assert request.json()["error"]["code"] < 0
    assert note.status_code == 202


async def test_the_older_transport_says_the_same_of_a_body_that_cannot_be_read(make_app: MakeApp):
    async with (
        listening(make_app()) as address,
        httpx2.AsyncClient(base_url=address) as client,
        client.stream("GET", "/sse") as events,
    ):
        async for line in events.aiter_lines():
            if line.startswith("data: "):
                break
        response = await client.post(
            line.removeprefix("data: "), content=BROKEN["a comma"], headers=LEGACY
        )
    assert response.status_code == 400
    assert response.json()["id"] == "x"
    assert response.json()["error"]["code"] == PARSE_ERROR
