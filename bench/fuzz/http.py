"""Servers that take frames as HTTP bodies: a real process, and the same application in this one.

Some headers are bent too.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx2

from bench.fuzz.frames import CLIENT, ENDLESS, LEGACY, MODERN, envelope

COMMAND = [str(Path(sys.executable).parent / "hypernet-mcp"), "--engine", "echo", "--port", "0"]
TOGETHER = 8
SECONDS = 3.0
NAMED = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
BENT_HEADERS = [
    {"content-type": "text/plain"},
    {"accept": "text/html"},
    {"mcp-protocol-version": "1999-01-01"},
    {"mcp-session-id": "../../x"},
    {"mcp-method": "tools/call", "mcp-name": "nothing"},
    {"content-encoding": "gzip"},
    {"last-event-id": "9" * 50},
]


class Http:
    """Posts frames through a client; `modern` picks the era."""

    def __init__(self, modern: bool | None) -> None:
        self._modern = bool(modern)
        self._rng = random.Random(1)  # noqa: S311  # which header is bent should be repeatable
        self._loop = asyncio.new_event_loop()
        self._session: dict[str, str] = {}
        self._client: httpx2.AsyncClient

    def send(self, frames: list[bytes]) -> list[Any]:
        """Post them, some at once; what was answered."""
        return self._loop.run_until_complete(self._send(frames))

    def probe(self, limit: float) -> bool:
        """Whether a tool call on a fresh connection's state is answered with a result."""
        try:
            return self._loop.run_until_complete(asyncio.wait_for(self._status(), limit))
        except (TimeoutError, httpx2.HTTPError):
            return False

    async def _send(self, frames: list[bytes]) -> list[Any]:
        found: list[Any] = []
        gate = asyncio.Semaphore(TOGETHER)

        async def one(frame: bytes) -> None:
            async with gate:
                extra = self._rng.choice(BENT_HEADERS) if self._rng.random() < 0.1 else {}
                extra = {**self._routing(frame), **extra}
                try:
                    response = await asyncio.wait_for(self._post(frame, extra), SECONDS)
                except (httpx2.HTTPError, TimeoutError) as error:
                    found.append({"unanswered": type(error).__name__})
                else:
                    found.extend(_messages(response))

        await asyncio.gather(*[one(frame) for frame in frames if ENDLESS not in frame])
        return found

    def _routing(self, frame: bytes) -> dict[str, str]:
        """The headers that the stateless era wants to repeat the body, as far as they can be."""
        try:
            body = json.loads(frame)
            named = {"mcp-method": body["method"]}
            if body["method"] in NAMED:
                named["mcp-name"] = body["params"][NAMED[body["method"]]]
        except (ValueError, KeyError, TypeError, RecursionError):
            return {}
        fit = all(isinstance(v, str) and v.isprintable() and v.isascii() for v in named.values())
        return named if self._modern and fit else {}

    async def _post(self, body: bytes, extra: dict[str, str]) -> httpx2.Response:
        headers = {
            "content-type": "application/json",
            "accept": "application/json, text/event-stream",
            **self._session,
            **extra,
        }
        return await self._client.post("/mcp", content=body, headers=headers)

    async def _status(self) -> bool:
        self._session = {}
        if self._modern:
            self._session = {"mcp-protocol-version": MODERN}
        else:
            params = {"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": CLIENT}
            opened = await self._post(_request("open", "initialize", params), {})
            self._session = {
                "mcp-session-id": opened.headers["mcp-session-id"],
                "mcp-protocol-version": LEGACY,
            }
        extra = {"_meta": envelope()} if self._modern else {}
        call = {"name": "status", "arguments": {}, **extra}
        named = {"mcp-method": "tools/call", "mcp-name": "status"} if self._modern else {}
        response = await self._post(_request("probe", "tools/call", call), named)
        return any("result" in each for each in _messages(response))

    def close(self) -> None:
        """Close the client."""
        self._loop.run_until_complete(self._client.aclose())
        self._loop.close()


class HttpServer(Http):
    """A real process on a free port."""

    def __init__(self, folder: Path, modern: bool | None) -> None:
        super().__init__(modern)
        with (folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [*COMMAND, "--transport", "http", "--database", str(folder / "memory.db")],
                stdout=subprocess.DEVNULL,
                stderr=log,
                env=dict(os.environ),
            )
        address = self._address(folder / "log")
        self._client = httpx2.AsyncClient(base_url=address, timeout=SECONDS)
        if not self.probe(SECONDS):
            raise RuntimeError("the server does not answer before anything was sent")

    def _address(self, log: Path) -> str:
        until = time.monotonic() + 60
        while not (found := re.search(r"on (http://127\.0\.0\.1:\d+)", log.read_text())):
            if time.monotonic() > until or not self.alive():
                raise RuntimeError(f"the server does not listen: {log.read_text()[-1000:]}")
            time.sleep(0.05)
        return found[1]

    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def close(self) -> None:
        """End it."""
        super().close()
        self._process.kill()
        self._process.wait()


class InProcess(Http):
    """The ASGI application itself, without a socket."""

    def __init__(self, folder: Path, modern: bool | None) -> None:
        super().__init__(modern)
        self._closing = asyncio.Event()
        ready = self._loop.create_future()
        # Entered and left by one task, as the scopes within demand.
        self._serving = self._loop.create_task(self._serve(folder, ready))
        self._loop.run_until_complete(ready)
        if not self.probe(SECONDS):
            raise RuntimeError("the application does not answer before anything was sent")

    async def _serve(self, folder: Path, ready: asyncio.Future[None]) -> None:
        from mcp_server.app.application import Application
        from mcp_server.app.settings import Settings
        from mcp_server.http.application import build_app
        from mcp_server.protocol.server import build_server

        self._app = Application(Settings(database=folder / "memory.db", engine="echo"))
        mcp = build_server(self._app)
        web = build_app(mcp, self._app)
        transport = httpx2.ASGITransport(web)
        self._client = httpx2.AsyncClient(
            transport=transport, base_url="http://127.0.0.1:8000", timeout=SECONDS
        )
        async with mcp.session_manager.run():
            ready.set_result(None)
            await self._closing.wait()

    def alive(self) -> bool:
        """It lives as long as this process."""
        return True

    def close(self) -> None:
        """Close the application."""
        self._closing.set()
        self._loop.run_until_complete(self._serving)
        self._app.close()
        super().close()


def _messages(response: httpx2.Response) -> list[Any]:
    """The JSON-RPC messages of an answer; a plain refusal counts as an error with its text."""
    text = response.text or ("" if response.status_code < 400 else f"status {response.status_code}")
    if response.headers.get("content-type", "").startswith("text/event-stream"):
        data = [line[5:] for line in text.splitlines() if line.startswith("data:")]
        return [json.loads(each) for each in data if each.strip()]
    try:
        return [json.loads(text)] if text else []
    except ValueError:
        return [{"error": text}] if response.status_code >= 400 else [text]


def _request(number: str, method: str, params: dict[str, Any]) -> bytes:
    frame = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
    return json.dumps(frame).encode()
