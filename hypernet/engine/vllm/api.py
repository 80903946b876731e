"""The calls to a vLLM server, and what can be wrong with them."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import anyio
import httpx2
from pydantic import BaseModel, ValidationError

from hypernet.engine.interface import EngineError
from hypernet.engine.vllm.wire import (
    Completion,
    ModelCard,
    ModelList,
    Problem,
    Refusal,
    Tokens,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

Answer = TypeVar("Answer", bound=BaseModel)

CONNECT_SECONDS = 5.0
KNOWING_SECONDS = 30.0
"""How long it may be silent when it is asked what it serves, for which nothing queues."""
READ_SECONDS = 300.0
"""How long the server may be silent, or take for a whole answer: requests wait in its queue, too.
Comments between the events of a stream are silence."""
MOST_MESSAGE = 300
MOST_LINE = 16 * 2**20
"""Bytes of one event of a stream."""
MOST_BODY = 64 * 2**20
"""Bytes of an answer, whole or in pieces."""
OK, BAD, NOT_FOUND, SERVERS_FAULT, BUSY = 200, 400, 404, 500, 429
AWAY = (BUSY, 502, 503, 504)
"""What a server, or a balancer before it, says that is full, or on its way."""
KEY = "HYPERNET_MCP_ENGINE_KEY"
MODELS, TOKENIZE = "/v1/models", "/tokenize"
END_OF_STREAM = "[DONE]"


class ServerError(EngineError):
    """The server did not do what it was asked."""


class GoneError(ServerError):
    """The server cannot be reached, broke off, or is too busy: later it may answer."""


class FailedError(GoneError):
    """It failed at this very request, or is about to end: a few tries tell which."""


class GarbledError(ServerError):
    """What came back is not what vLLM answers."""


class RefusedError(ServerError):
    """The server says no; `status` is HTTP's."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Reply:
    """A whole answer; `status` is HTTP's."""

    status: int
    text: str


class Api:
    """One server, for the tasks of one event loop."""

    def __init__(
        self,
        url: str,
        key: str | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        """`key` is what the server was given by `--api-key`, if anything.

        Raises:
            EngineError: the address or the key cannot be one; neither is shown.
        """
        if key is not None and not (key.isascii() and key.isprintable()):
            raise EngineError(f"engine vllm: {KEY} holds what no key does; give its letters alone")
        self.url = url.rstrip("/").removesuffix("/v1")
        try:
            urlsplit(self.url).port  # noqa: B018  # raises where it is none
            self._client = httpx2.AsyncClient(
                base_url=self.url,
                headers={"Authorization": f"Bearer {key}"} if key else None,
                timeout=httpx2.Timeout(READ_SECONDS, connect=CONNECT_SECONDS, pool=None),
                limits=httpx2.Limits(max_connections=None, max_keepalive_connections=64),
                transport=transport,
            )
        except (httpx2.InvalidURL, ValueError) as error:
            raise EngineError(f"engine vllm: HYPERNET_MCP_ENGINE_URL is none: {error}") from error

    async def close(self) -> None:
        """End all connections."""
        await self._client.aclose()

    async def models(self) -> tuple[ModelCard, ...]:
        """What the server serves: the base first, then the adapters that it has been told of."""
        try:
            return (await self._call("GET", MODELS, ModelList)).data
        except RefusedError as error:
            if error.status != NOT_FOUND:
                raise
            raise self._garbled(f"{MODELS} is not there") from error

    async def tokenize(self, text: str, model: str) -> tuple[int, ...]:
        """A text's token ids, without those that mark a beginning."""
        body = {"model": model, "prompt": text, "add_special_tokens": False}
        return (await self._call("POST", TOKENIZE, Tokens, body)).tokens

    async def complete(self, body: Mapping[str, Any]) -> Completion:
        """A completion, whole."""
        return await self._call("POST", "/v1/completions", Completion, body)

    @asynccontextmanager
    async def stream(self, body: Mapping[str, Any]) -> AsyncIterator[AsyncIterator[Completion]]:
        """A completion, piece by piece; leaving early makes the server give the request up."""
        asked = {**body, "stream": True, "stream_options": {"include_usage": True}}
        way = self._client.stream("POST", "/v1/completions", json=asked)
        try:
            async with AsyncExitStack() as stack:
                with self._patience(READ_SECONDS):
                    response = await stack.enter_async_context(way)
                if response.status_code != OK:
                    with self._patience(READ_SECONDS):
                        reply = await self._whole(response)
                    raise self._refused(reply)
                yield self._events(response)
        except httpx2.HTTPError as error:
            raise self._gone(error) from error

    async def load(self, name: str, path: str) -> None:
        """Tell the server where an adapter is; that it knows it already is as good."""
        body = {"lora_name": name, "lora_path": path}
        reply = await self._send("POST", "/v1/load_lora_adapter", body)
        if reply.status == OK:
            return
        refused = self._refused(reply)
        if "already been loaded" in str(refused):
            return
        if reply.status == SERVERS_FAULT and "dead" not in str(refused).casefold():
            # vLLM's answer to an adapter that it cannot take.
            refused = self._no(reply)
        raise refused

    async def _call(
        self, method: str, path: str, kind: type[Answer], body: Mapping[str, Any] | None = None
    ) -> Answer:
        reply = await self._send(method, path, body)
        if reply.status != OK:
            raise self._refused(reply)
        return self._read(reply.text, kind)

    async def _send(self, method: str, path: str, body: Mapping[str, Any] | None) -> Reply:
        seconds = KNOWING_SECONDS if path in (MODELS, TOKENIZE) else READ_SECONDS
        timeout = httpx2.Timeout(seconds, connect=CONNECT_SECONDS, pool=None)
        try:
            with self._patience(seconds):
                way = self._client.stream(method, path, json=body, timeout=timeout)
                async with way as response:
                    return await self._whole(response)
        except httpx2.HTTPError as error:
            raise self._gone(error) from error

    @contextmanager
    def _patience(self, seconds: float) -> Iterator[None]:
        """However little the server sends at a time, it is waited for no longer than so."""
        try:
            with anyio.fail_after(seconds):
                yield
        except TimeoutError as error:
            raise GoneError(
                f"engine vllm: {self.url} did not answer within {seconds:g} s; look at its log, "
                "and at how many requests wait there"
            ) from error

    async def _whole(self, response: httpx2.Response) -> Reply:
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > MOST_BODY:
                raise self._garbled(f"an answer has over {MOST_BODY // 2**20} MiB")
        return Reply(response.status_code, body.decode(errors="replace"))

    async def _events(self, response: httpx2.Response) -> AsyncIterator[Completion]:
        lines = self._lines(response)
        while True:
            with self._patience(READ_SECONDS):
                data = await self._next(lines)
            if data == END_OF_STREAM:
                return
            if data.startswith('{"error"'):
                problem = self._read(data, Refusal).error
                raise self._broke_off(problem)
            yield self._read(data, Completion)

    async def _next(self, lines: AsyncIterator[str]) -> str:
        """The data of the next event; comments and other fields are passed over."""
        async for line in lines:
            if line.startswith("data:"):
                return line.removeprefix("data:").strip()
        raise GoneError(f"engine vllm: {self.url} broke off in the middle of an answer")

    async def _lines(self, response: httpx2.Response) -> AsyncIterator[str]:
        """Lines by line feeds alone: text in JSON may hold other ends of lines as they are."""
        rest, read = b"", 0
        async for chunk in response.aiter_bytes():
            if (read := read + len(chunk)) > MOST_BODY:
                raise self._garbled(f"an answer has over {MOST_BODY // 2**20} MiB")
            *whole, rest = (rest + chunk).split(b"\n")
            if len(rest) > MOST_LINE or any(len(line) > MOST_LINE for line in whole):
                raise self._garbled(f"a line of its stream has over {MOST_LINE // 2**20} MiB")
            for line in whole:
                yield line.decode(errors="replace")
        yield rest.decode(errors="replace")

    def _read(self, text: str, kind: type[Answer]) -> Answer:
        try:
            return kind.model_validate_json(text)
        except ValidationError as error:
            found = error.errors(include_input=False, include_url=False)[0]
            place = ".".join(map(str, found["loc"])) or "the answer"
            raise self._garbled(f"{place}: {found['msg']}") from error

    def _garbled(self, fault: str) -> GarbledError:
        return GarbledError(
            f"engine vllm: {self.url} does not answer as vLLM does ({fault}); "
            "look at what listens there, and at HYPERNET_MCP_ENGINE_URL"
        )

    def _refused(self, reply: Reply) -> ServerError:
        status = reply.status
        if status in AWAY:
            return GoneError(f"engine vllm: {self.url} cannot answer now ({_said(reply)})")
        if status >= SERVERS_FAULT:
            return FailedError(
                f"engine vllm: {self.url} failed at it ({_said(reply)}); its log says why"
            )
        if status in (401, 403):
            return RefusedError(
                f"engine vllm: {self.url} takes no requests without its key ({_said(reply)}); "
                f"set {KEY} to what the server was given by --api-key",
                status,
            )
        return self._no(reply)

    def _broke_off(self, problem: Problem) -> ServerError:
        said = f"engine vllm: {self.url} broke off: {_short(problem.message)}"
        code = problem.code
        if isinstance(code, int) and BAD <= code < SERVERS_FAULT and code != BUSY:
            return RefusedError(said, code)
        return FailedError(said)

    def _no(self, reply: Reply) -> RefusedError:
        return RefusedError(f"engine vllm: {self.url} refuses it ({_said(reply)})", reply.status)

    def _gone(self, error: httpx2.HTTPError) -> GoneError:
        said = f"{type(error).__name__}: {error}".removesuffix(": ")
        return GoneError(
            f"engine vllm: {self.url} cannot be reached ({_short(said)}); start the server there, "
            "or set HYPERNET_MCP_ENGINE_URL"
        )


def _said(reply: Reply) -> str:
    try:
        message = Refusal.model_validate_json(reply.text).error.message
    except ValidationError:
        message = reply.text
    return f"{reply.status}: {_short(message)}".removesuffix(": ")


def _short(message: str) -> str:
    line = " ".join(message.split())
    return line if len(line) <= MOST_MESSAGE else line[: MOST_MESSAGE - 1] + "…"
