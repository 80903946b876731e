"""Broken lines on stdio, and HTTP as browsers, proxies and people send it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx2

from bench.field.faults.doors import check, listening
from bench.fuzz.stdio import StdioServer

if TYPE_CHECKING:
    from pathlib import Path

PING = '{"jsonrpc":"2.0","id":"%s","method":"ping"%s}'
ACCEPTED = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
SECONDS = 20.0


def _broken() -> dict[str, bytes]:
    """Messages that cannot be read as they stand, each with an id of its own."""
    noted = {
        "surrogate": ',"params":{"_meta":{"a":"\\ud83d"}}',
        "tab": ',"params":{"_meta":{"a":"b\tc"}}',
        "deep": ',"params":{"a":' + "[" * 300 + "]" * 300 + "}",
        "digits": ',"params":{"a":' + "9" * 5_000 + "}",
        "cut": ',"params":{',
    }
    found = {name: (PING % (name, rest)).encode() for name, rest in noted.items()}
    found["mark"] = b"\xef\xbb\xbf" + (PING % ("mark", "")).encode()
    found["bytes"] = (
        (PING % ("bytes", ',"params":{"_meta":{"a":"?"}}')).encode().replace(b"?", b"\xff")
    )
    return found


def every_broken_line_is_answered_with_its_id(folder: Path) -> None:
    """2: on stdio, before a handshake and after it."""
    for modern in (None, False):
        server = StdioServer(folder, modern)
        try:
            for name, line in _broken().items():
                server.send([line])
                check(server.probe(SECONDS), f"after {name} nothing is answered")
                ids = {answer.get("id") for answer in server.send([])}
                check(name in ids, f"{name} was not answered under its id, only {ids}")
        finally:
            server.close()


def every_broken_body_is_answered(folder: Path) -> None:
    """2: over HTTP, with a JSON-RPC message."""
    with listening(folder) as address, httpx2.Client(timeout=SECONDS) as http:
        for name, body in _broken().items():
            answer = http.post(f"{address}/mcp", content=body, headers=ACCEPTED)
            text = answer.text.removeprefix("event: message").strip().removeprefix("data:")
            check("jsonrpc" in json.loads(text), f"{name} was answered with {answer.text!r}")


def pages_of_allowed_origins_may_call(folder: Path) -> None:
    """15: preflight and answer carry the headers that a browser asks for; others get none."""
    page = "https://app.example.org"
    with (
        listening(folder, HYPERNET_MCP_ALLOWED_ORIGINS=page) as address,
        httpx2.Client(timeout=SECONDS) as http,
    ):
        for origin, allowed in ((page, page), ("https://evil.example.org", None)):
            asked = {
                "origin": origin,
                "access-control-request-method": "POST",
                "access-control-request-headers": "content-type, mcp-session-id",
            }
            answer = http.options(f"{address}/mcp", headers=asked)
            found = answer.headers.get("access-control-allow-origin")
            check(found == allowed, f"{origin} was told {found} with {answer.status_code}")
            check(answer.is_success == bool(allowed), f"{origin} got {answer.status_code}")


def both_spellings_of_a_path_answer(folder: Path) -> None:
    """15: without a redirect, and for a host in capitals."""
    ping = (PING % ("p", "")).encode()
    with listening(folder) as address, httpx2.Client(timeout=SECONDS) as http:
        port = address.rsplit(":", 1)[1]
        for path in ("/mcp", "/mcp/"):
            for host in (f"localhost:{port}", f"LOCALHOST:{port}", f"LocalHost.:{port}"):
                headers = {**ACCEPTED, "host": host, "x-forwarded-proto": "https"}
                answer = http.post(f"{address}{path}", content=ping, headers=headers)
                check("jsonrpc" in answer.text, f"{host} {path} got {answer.status_code}")


CASES = (
    every_broken_line_is_answered_with_its_id,
    every_broken_body_is_answered,
    pages_of_allowed_origins_may_call,
    both_spellings_of_a_path_answer,
)
