"""The engine: steps run on a vLLM server, under adapters written here.

One thread has an event loop, in which each request is a task: it waits its turn, sees to it that
the server has its adapter, and passes the answer on as it comes.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import anyio
from anyio.from_thread import BlockingPortal

from hypernet.base_model.chat import ChatFormat
from hypernet.engine.checks import check_fits, check_form, check_labels, check_stop
from hypernet.engine.interface import (
    Capabilities,
    EngineClosedError,
    EngineError,
    Generation,
    Limits,
    Request,
    Ticket,
    TokenCounts,
)
from hypernet.engine.torch.constrain import check_schema
from hypernet.engine.vllm.answer import Answer
from hypernet.engine.vllm.api import (
    Api,
    FailedError,
    GarbledError,
    GoneError,
    RefusedError,
)
from hypernet.engine.vllm.contact import Contact
from hypernet.engine.vllm.forms import form_of
from hypernet.engine.vllm.line import Line
from hypernet.engine.vllm.scoring import Scoring
from hypernet.engine.vllm.server import GUIDANCE, Acquaintance, Server, lacks_adapter
from hypernet.task import as_read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import httpx2

    from hypernet.base_model.loading import BaseModel
    from hypernet.engine.interface import Adapter
    from hypernet.engine.vllm.adapters import AdapterFolder
    from hypernet.task import Turn

QUEUE = 256
WATCH_SECONDS = 0.02
"""How often it is looked whether a request is still wanted."""
SWEEP_SECONDS = 0.1
"""How often the same is looked for those that wait."""
PATIENCE_SECONDS = 90.0
"""For how long a server that is away is tried again."""
MOST_GARBLED = 3
MOST_FAILED = 6
"""Tries of what the server fails at: one that ends for good refuses connections before."""
PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0)
"""Seconds between tries; the last one again and again."""
UNCONSTRAINED = (
    f"the vLLM server does not hold answers to llguidance's grammars; start it with {GUIDANCE}"
)


class VllmEngine:
    """A vLLM server as an engine; see `interface.Engine` for the contract."""

    capabilities = Capabilities(prefix_without_adapter=True, copy=True, history=True)

    def __init__(
        self,
        url: str,
        base: BaseModel,
        folder: AdapterFolder,
        *,
        probe: Adapter | None,
        rows: int = 8,
        queue: int = QUEUE,
        key: str | None = None,
        patience_seconds: float = PATIENCE_SECONDS,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        """Start the thread, and get to know the server.

        Args:
            url: the server's address.
            base: the same model as the server's, for tokens, comparison and what writes adapters.
            folder: where adapters are kept for the server.
            probe: an adapter to try the server with; None where there is no hypernetwork.
            rows: requests that are at the server at once.
            queue: requests that may wait here.
            key: what the server was given by `--api-key`.
            patience_seconds: for how long a server that is away is tried again.
            transport: another way to the server than the network.

        Raises:
            EngineError: the server cannot be reached, serves another base, or takes no adapters.
        """
        self.chat = ChatFormat.of(base.tokenizer)
        self._line = Line(rows, queue)
        self._patience = patience_seconds
        opened: Future[None] = Future()
        self._closed = False
        api = Api(url, key, transport)
        acquaintance = Acquaintance(api, base, folder, probe)
        self._thread = threading.Thread(
            target=self._live,
            args=(api, acquaintance, folder, opened),
            name="hypernet-vllm",
            daemon=True,
        )
        self._thread.start()
        opened.result()
        self.capabilities = Capabilities(
            prefix_without_adapter=self._server.hybrid,
            copy=self._server.constrained,
            schema=self._server.constrained,
            history=True,
        )
        self._limits = Limits(window=self._server.window, rows=rows, slots=rows, queue=queue)

    @property
    def limits(self) -> Limits:
        """What the engine can take."""
        return self._limits

    @property
    def server(self) -> Server:
        """What is known of the server."""
        return self._server

    @property
    def busy(self) -> tuple[int, int]:
        """Requests in the queue, and requests at the server, at this moment."""
        return self._line.busy

    def count(self, text: str) -> int:
        """Tokens of a text."""
        return self.chat.count(text)

    def measure(
        self,
        prefix: str,
        input: str,  # noqa: A002  # the wire's own word
        history: Sequence[Turn] = (),
    ) -> tuple[int, int]:
        """Tokens that history and prefix, and the input, take in the prompt, markup included."""
        return len(self._before(prefix, history)), len(self.chat.step_ids(input))

    def check_schema(self, schema: Mapping[str, Any]) -> None:
        """Refuse a schema that answers cannot be kept to.

        Raises:
            EngineError: says why.
        """
        if not self._server.constrained:
            raise EngineError(f"output_schema: {UNCONSTRAINED}")
        check_schema(schema)

    def submit(self, request: Request) -> Ticket:
        """Queue a request.

        Raises:
            PromptTooLongError, QueueFullError, EngineClosedError, EngineError: nothing was queued.
        """
        if request.max_tokens < 1:
            raise EngineError(f"max_tokens: {request.max_tokens} is under 1")
        check_stop(request.stop)
        check_labels(request.labels)
        check_form(request)
        if request.copy is not None and not self.capabilities.copy:
            raise EngineError(f"copy: {UNCONSTRAINED}")
        if request.output_schema is not None:
            self.check_schema(request.output_schema)
        labels = [self.chat.answer_ids(as_read(label)) for label in request.labels]
        room = max((len(ids) + 1 for ids in labels), default=request.max_tokens)
        before = self._before(request.prefix, request.history)
        step = self.chat.step_ids(request.input)
        check_fits(self._limits, len(before), len(step), room)
        ticket = Ticket(request)
        self._line.add(Answer(ticket, before, step))
        try:
            self._portal.start_task_soon(self._work)
        except RuntimeError as error:  # closed meanwhile, or its thread has died
            raise EngineClosedError("the engine is closed") from error
        return ticket

    def close(self) -> None:
        """Cancel what runs, fail what waits, and stop the thread."""
        if self._closed:
            return
        self._closed = True
        waiting, running = self._line.close()
        for answer in waiting:
            answer.ticket.fail(EngineClosedError("the engine was closed"))
        for answer in running:
            answer.ticket.cancel()
        with suppress(RuntimeError):  # its thread has died
            self._portal.call(self._portal.stop)
        self._thread.join()  # after what runs, which ends at once

    def _live(
        self, api: Api, acquaintance: Acquaintance, folder: AdapterFolder, opened: Future[None]
    ) -> None:
        """The thread. Whatever ends it, nobody waits for what will not come."""
        try:
            anyio.run(self._serve, api, acquaintance, folder, opened)
        finally:
            if not opened.done():
                opened.set_exception(EngineError("engine vllm: its thread cannot run"))
            waiting, running = self._line.close()
            for answer in (*waiting, *running):
                if not answer.ticket.done:
                    answer.ticket.fail(EngineClosedError("the engine's thread has ended"))

    async def _serve(
        self, api: Api, acquaintance: Acquaintance, folder: AdapterFolder, opened: Future[None]
    ) -> None:
        """Get to know the server, then run requests as they come, until the engine is closed."""
        try:
            await self._open(api, acquaintance, folder)
        except Exception as error:  # for who waits for the engine
            opened.set_exception(error)
            await api.close()
            return
        async with BlockingPortal() as self._portal:
            opened.set_result(None)
            async with anyio.create_task_group() as group:
                group.start_soon(self._sweep)
                await self._portal.sleep_until_stopped()
                group.cancel_scope.cancel()
        await api.close()

    async def _open(self, api: Api, acquaintance: Acquaintance, folder: AdapterFolder) -> None:
        self._api, self._scoring = api, Scoring(api, self.chat)
        self._server = await acquaintance.make()
        self._contact = Contact(api, acquaintance, self._server, folder)

    def _before(self, prefix: str, history: Sequence[Turn]) -> list[int]:
        return [*self.chat.history_ids(history), *self.chat.prefix_ids(prefix, history)]

    async def _sweep(self) -> None:
        """End what waits in the line and is no longer wanted, however long the others take."""
        while True:
            for answer in self._line.unwanted():
                try:
                    end_early(answer.ticket)
                except EngineError as error:
                    answer.ticket.fail(error)
            await anyio.sleep(SWEEP_SECONDS)

    async def _work(self) -> None:
        """Run requests until as many run as may, or none waits."""
        while (answer := self._line.take()) is not None:
            try:
                await self._run(answer)
            except Exception as error:  # it belongs to its request; the next one is served
                answer.ticket.fail(error)
            finally:
                self._line.done(answer)

    async def _run(self, answer: Answer) -> None:
        """See the request through, until it has its answer or nobody wants one."""
        ticket = answer.ticket
        if end_early(ticket):
            return
        failure: Exception | None = None
        async with anyio.create_task_group() as group:
            group.start_soon(_watch, ticket, group.cancel_scope)
            try:
                await self._persist(answer)
            except Exception as error:  # kept from the group, which would wrap it
                failure = error
            group.cancel_scope.cancel()
        if failure is not None:
            raise failure
        if answer.stop_reason is None:
            answer.give_up()
        ticket.finish(answer.generation())

    async def _persist(self, answer: Answer) -> None:
        """Try until there is an answer, for as long as trying again can help."""
        since, tries, garbled, failed = time.monotonic(), 0, 0, 0
        while True:
            try:
                await self._try(answer)
                answer.ticket.trouble = ""
                return
            except (GoneError, GarbledError) as error:
                self._contact.lost()
                garbled += isinstance(error, GarbledError)
                failed += isinstance(error, FailedError)
                in_vain = garbled >= MOST_GARBLED or failed >= MOST_FAILED
                if in_vain or time.monotonic() - since > self._patience:
                    raise
                answer.ticket.trouble = str(error)
            await anyio.sleep(PAUSES[min(tries, len(PAUSES) - 1)])
            tries += 1

    async def _try(self, answer: Answer) -> None:
        """One try: the server is known, has the adapter, and answers."""
        if await self._contact.know():
            self._scoring.forget()
        answer.begin()
        adapter = answer.request.adapter
        name = self._server.model if adapter is None else await self._contact.name_of(adapter)
        try:
            await self._ask(answer, name)
        except RefusedError as error:
            if adapter is None or not lacks_adapter(error):
                raise
            await self._ask(answer, await self._contact.tell(adapter))
        self._contact.answered()

    async def _ask(self, answer: Answer, model: str) -> None:
        request = answer.request
        if request.labels:
            await self._scoring.choose_label(answer, model)
            return
        form = form_of(request)
        body = {
            "model": model,
            "prompt": answer.prompt_ids,
            "max_tokens": request.max_tokens,
            "temperature": max(0.0, request.temperature),
            "seed": request.seed,
            "stop": list(request.stop),
            "logprobs": 0,
            "return_token_ids": True,
            "skip_special_tokens": False,
            **form,
        }
        async with self._api.stream(body) as pieces:
            async for piece in pieces:
                answer.take(piece)
        if answer.stop_reason is None:
            raise GarbledError("engine vllm: the server ended its answer without an end")
        copied = request.copy
        if copied is not None and not copied.allows(answer.text):
            raise EngineError("copy: the output is not a span of the input")
        if form:
            await self._scoring.rate(answer, model, int(self.chat.tokenizer.eos_token_id))


def end_early(ticket: Ticket) -> bool:
    """End a request that was cancelled, or whose time is over, before it began.

    Raises:
        EngineError: it was cancelled.
    """
    if ticket.cancelled.is_set():
        raise EngineError("the request was cancelled before it began")
    if ticket.late:
        ticket.finish(Generation("", "time", TokenCounts(0, 0, 0, 0), 0.0, 0.0))
        return True
    return False


async def _watch(ticket: Ticket, wanted: anyio.CancelScope) -> None:
    """End the request once it was cancelled, or its time is over."""
    while not (ticket.cancelled.is_set() or ticket.late):  # noqa: ASYNC110  # set by any thread
        await anyio.sleep(WATCH_SECONDS)
    wanted.cancel()
