"""The engine and adapter source that need no torch: for tests, dry runs and clients in the making.

It behaves as the real one does at its edges (streaming, limits, labels, cancellation) and answers
by rule, so it needs no model. Words are its tokens.
"""

from __future__ import annotations

import hashlib
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hypernet.adapters.cache import AdapterCache, Refinement, refining
from hypernet.engine.checks import check_fits, check_form, check_labels, check_stop
from hypernet.engine.echo_vectors import echo_embeddings, echo_vectors
from hypernet.engine.interface import (
    OUTPUT,
    Capabilities,
    EngineClosedError,
    EngineError,
    Generation,
    Limits,
    Request,
    StopReason,
    Ticket,
    TokenCounts,
)
from hypernet.hypernetwork.embedding import Embedder
from hypernet.hypernetwork.fit import Fit
from hypernet.progress import silent
from hypernet.runtime import Runtime
from hypernet.task import Task, Turn, adapter_digest, as_read, in_order

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    import torch

    from hypernet.engine.interface import Adapter
    from hypernet.progress import Progress
    from hypernet.runtime import RuntimeOptions


def load(options: RuntimeOptions, progress: Progress) -> Runtime:
    """The runtime around the echo engine: the entry point `echo`."""
    about = {"engine": "echo", "base": "none: answers repeat the input", "hypernetwork": "echo"}
    embedder = Embedder("echo", echo_embeddings)
    return Runtime(EchoEngine(), AdapterCache(EchoSource()), about, embedder)


@dataclass(frozen=True)
class EchoAdapter:
    """An adapter without weights."""

    digest: str
    rank: int = 16
    nbytes: int = 0
    refinement: Refinement | None = None

    def peft_config(self) -> dict[str, Any]:
        """Empty: there are no tensors."""
        return {}

    def peft_tensors(self) -> dict[str, torch.Tensor]:
        """None."""
        return {}


class EchoSource:
    """Writes weightless adapters; the fit is `known` for the tasks it is given."""

    base_fingerprint = "echo"
    version = "echo"

    def __init__(self, known: tuple[str, ...] = ()) -> None:
        self.known = known

    def write(self, task: Task) -> EchoAdapter:
        """The adapter of a task."""
        return EchoAdapter(adapter_digest(task, self.base_fingerprint, self.version))

    def multi_task(self) -> EchoAdapter:
        """The adapter of no task."""
        return EchoAdapter("echo-multi-task")

    def refine(
        self, task: Task, start: Adapter, *, in_prompt: bool, progress: Progress = silent
    ) -> EchoAdapter:
        """An adapter of its own digest, after as many steps as there are examples."""
        if not task.examples:
            raise ValueError("examples: none to refine on")
        steps = len(task.examples)
        for done in range(1, steps + 1):
            progress(done / steps, refining(done, steps, 1 / done))
        digest = f"{start.digest}-refined-{'hybrid' if in_prompt else 'adapter'}"
        return EchoAdapter(digest, refinement=Refinement(steps, steps, 1.0, 1 / steps))

    def refine_together(
        self,
        starts: Sequence[tuple[Task, Adapter]],
        *,
        in_prompt: bool,
        progress: Progress = silent,
    ) -> list[EchoAdapter]:
        """Each by itself."""
        return [
            self.refine(
                task,
                start,
                in_prompt=in_prompt,
                progress=lambda share, message, n=n: progress((n + share) / len(starts), message),
            )
            for n, (task, start) in enumerate(starts)
        ]

    def remembering(self, task: Task) -> AbstractContextManager[EchoSource]:
        """Itself: it reads nothing."""
        return nullcontext(self)

    def fit(self, task: Task) -> Fit:
        """Known by exact description; near when a first word is shared; else unknown."""
        if task.description in self.known:
            return Fit("known", 1.0, (task.description,))
        first = task.description.split()[:1]
        near = tuple(k for k in self.known if k.split()[:1] == first)
        return Fit("near", 0.5, near) if near else Fit("unknown", 0.0, ())


class EchoEngine:
    """Answers with its input's words, or the first label that the input mentions.

    With `states` it gives one where it chooses among labels: a vector of the input's first word.
    With `sure` it is so sure of every text that it writes.

    A copied answer is the input from its first word on, white space and all.

    `before_token`, which may be set at any time, is called before each token with the number so
    far: tests hold it there.
    """

    capabilities = Capabilities(prefix_without_adapter=True, copy=True, schema=False, history=True)

    def __init__(
        self,
        window: int = 8192,
        rows: int = 8,
        before_token: Callable[[int], None] = lambda n: None,
        states: bool = False,
        sure: float | None = None,
    ) -> None:
        self.capabilities = replace(self.capabilities, states=states)
        self._limits = Limits(window=window, rows=rows, slots=2 * rows)
        self.before_token = before_token
        self._sure = sure
        self._pool = ThreadPoolExecutor(rows, thread_name_prefix="echo-engine")
        self._prefixes: set[tuple[tuple[Turn, ...], str]] = set()
        self._histories: set[tuple[Turn, ...]] = set()
        self._lock = threading.Lock()
        self._closed = False
        self._unfinished = 0

    @property
    def limits(self) -> Limits:
        """What the engine can take."""
        return self._limits

    @property
    def busy(self) -> tuple[int, int]:
        """Requests in the queue, and requests running, at this moment."""
        unfinished, rows = self._unfinished, self._limits.rows
        return max(0, unfinished - rows), min(unfinished, rows)

    def count(self, text: str) -> int:
        """Words of a text."""
        return len(text.split())

    def measure(
        self,
        prefix: str,
        input: str,  # noqa: A002  # the wire's own word
        history: Sequence[Turn] = (),
    ) -> tuple[int, int]:
        """Words of history and prefix, and of the input."""
        return self._before(history) + self.count(prefix), self.count(input)

    def check_schema(self, schema: Mapping[str, Any]) -> None:
        """Refuse every schema.

        Raises:
            EngineError: always.
        """
        raise EngineError("output_schema: the echo engine answers by rule and keeps to none")

    def submit(self, request: Request) -> Ticket:
        """Queue a request.

        Raises:
            PromptTooLongError, EngineClosedError, EngineError: nothing was queued.
        """
        check_labels(request.labels)
        check_stop(request.stop)
        check_form(request)
        if request.output_schema is not None:
            self.check_schema(request.output_schema)
        taken = self.measure(request.prefix, request.input, request.history)
        check_fits(self._limits, *taken, request.max_tokens)
        if self._closed:
            raise EngineClosedError("the engine is closed")
        ticket = Ticket(request)
        with self._lock:
            self._unfinished += 1
        self._pool.submit(self._answer, ticket)
        return ticket

    def close(self) -> None:
        """Stop after what runs."""
        self._closed = True
        self._pool.shutdown()

    def _answer(self, ticket: Ticket) -> None:
        try:
            ticket.finish(self._generate(ticket))
        except Exception as error:  # what a test's hook raises belongs to its request
            ticket.fail(error)
        finally:
            with self._lock:
                self._unfinished -= 1

    def _generate(self, ticket: Ticket) -> Generation:
        request = ticket.request
        if request.labels:
            self.before_token(0)
            if ticket.late:
                return self._done(request, "", "time", 0, None)
            labels = in_order(request.labels)
            text = as_read(request.input)
            chosen = next((x for x in labels if as_read(x) in text), labels[0])
            rest = 0.1 / (len(request.labels) - 1)
            confidence = {x: 0.9 if x == chosen else rest for x in request.labels}
            ticket.emit(chosen)
            return self._done(request, chosen, "label", 0, confidence)
        words, reason = self._words(request), "end"
        written: list[str] = []
        for word in words:
            self.before_token(len(written))
            if ticket.cancelled.is_set():
                reason = "cancelled"
                break
            if ticket.late:
                reason = "time"
                break
            if len(written) == request.max_tokens:
                reason = "length"
                break
            if (end := _end(request.stop, "".join([*written, word]))) is not None:
                word, reason = word[: max(0, end - len("".join(written)))], "stop"
            ticket.emit(word)
            written.append(word)
            if reason == "stop":
                break
        sure = None if self._sure is None else {OUTPUT: self._sure}
        return self._done(request, "".join(written), reason, len(written), sure)  # type: ignore[arg-type]  # one of StopReason's words

    def _words(self, request: Request) -> list[str]:
        if request.copy is not None:
            return re.findall(r"(?:^|\s+)\S+", request.copy.text.strip())
        words = self._chosen(request)
        return [*words[:1], *(f" {word}" for word in words[1:])]

    def _before(self, history: Sequence[Turn]) -> int:
        return sum(self.count(turn.user) + self.count(turn.answer) for turn in history)

    def _chosen(self, request: Request) -> list[str]:
        words = request.input.split()
        if request.temperature <= 0:
            return words
        key = f"{request.seed}".encode()
        return sorted(words, key=lambda w: hashlib.sha256(key + w.encode()).digest())

    def _done(
        self,
        request: Request,
        text: str,
        reason: StopReason,
        generated: int,
        confidence: dict[str, float] | None,
    ) -> Generation:
        prefix, prompt = self.measure(request.prefix, request.input, request.history)
        history = request.history
        with self._lock:
            known = [n for n in range(len(history) + 1) if history[:n] in self._histories]
            reused = self._before(history[: max(known, default=0)])
            if (history, request.prefix) in self._prefixes:
                reused = prefix
            self._prefixes.add((history, request.prefix))
            self._histories.add(history)
        counts = TokenCounts(prefix, reused, prompt, generated)
        first, state_D = " ".join(request.input.split()[:1]), None
        if request.labels and self.capabilities.states:
            state_D = echo_vectors([first])[0]
        return Generation(text, reason, counts, 0.0, 0.0, confidence, state_D)


def _end(stop: Sequence[str], text: str) -> int | None:
    """Where a text reaches the first of some texts to stop at."""
    return min((at for each in stop if (at := text.find(each)) >= 0), default=None)
