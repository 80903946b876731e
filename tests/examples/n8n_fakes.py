"""An n8n and a server whose workflow is killed, as its example sees them; for the tests."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from examples.n8n.instance import Execution
from examples.n8n.job import Job, expected, make_rows
from examples.n8n.pages import read_pages
from examples.n8n.workflow import called_tools, read_workflow
from examples.serving.memory_server import Counts

if TYPE_CHECKING:
    from collections.abc import Callable

PAGES = read_pages()
NODES = tuple(node for node, tool in called_tools(read_workflow()).items() if tool == "run_step")
ALL = len(NODES) * len(PAGES)
SESSION = "session-1"


def step(number: int) -> dict[str, Any]:
    """A step as hypernet-mcp holds it."""
    node, page = NODES[(number - 1) // len(PAGES)], PAGES[(number - 1) % len(PAGES)]
    return {
        "step": number,
        "step_key": f"{node} {page.name}",
        "task": f"the task of {node}",
        "output": expected(node, page),
    }


def result(number: int, *, replayed: bool) -> dict[str, Any]:
    """The same step as a node got it."""
    node = NODES[(number - 1) // len(PAGES)]
    return {
        "step": number,
        "output": step(number)["output"],
        "mode": "hybrid",
        "fit": "near",
        "adapter_digest": f"adapter-of-{node}",
        "checkpoint": {"checkpoint_id": f"checkpoint-{number}"} if number % 3 == 0 else None,
        "replayed": replayed,
    }


def execution(replayed: set[int], status: str = "success") -> Execution:
    """A finished execution in which these steps were replayed."""
    items: dict[str, list[dict[str, Any]]] = {
        "List the pages": [{"page": page.name} for page in PAGES],
        "Knowledge: remember": [{"structuredContent": {"stored": 0}} for _ in PAGES],
    }
    for number in range(1, ALL + 1):
        node = NODES[(number - 1) // len(PAGES)]
        got = {"structuredContent": result(number, replayed=number in replayed)}
        items.setdefault(node, []).append(got)
    return Execution("1", status, "", items)


def a_job(**changes: Any) -> Job:
    """A job that was killed after ten steps, and in which all went well."""
    held = [step(number) for number in range(1, ALL + 1)]
    again = execution(set(range(1, ALL + 1)))
    first = execution({9, 10})
    job = Job(
        session=SESSION,
        rows=make_rows(NODES, PAGES, first, again, held),
        executions=(first, again),
        kept=tuple(held[:10]),
        kept_checkpoint=9,
        ran_after=ALL - 10,
        held=tuple(held),
        stored_again=0,
    )
    return replace(job, **changes)


class FakeServer:
    """A server that holds ten steps when it is killed, and all of them in the end."""

    def __init__(self) -> None:
        self.started_again = threading.Event()
        self._lists = 0

    def counts(self) -> Counts:
        return Counts(ALL - 10 if self.started_again.is_set() else 10, 1)

    def kill(self) -> int:
        return 7

    def start(self, show: Callable[[str], None]) -> None:
        self.started_again.set()

    def last_session(self) -> dict[str, Any]:
        return {"session_id": SESSION, "last_checkpoint_step": 9}

    def steps(self, session: str) -> list[dict[str, Any]]:
        assert session == SESSION
        self._lists += 1
        return [step(number) for number in range(1, (10 if self._lists == 1 else ALL) + 1)]


class FakeN8n:
    """An n8n that gives these executions, the first one once the server is back."""

    def __init__(self, server: FakeServer, executions: list[Execution]) -> None:
        self._server, self._executions = server, executions
        self.bodies: list[dict[str, Any]] = []

    def run(self, path: str, body: dict[str, Any]) -> Execution:
        self._server.started_again.wait(timeout=60)
        self.bodies.append(body)
        return self._executions[len(self.bodies) - 1]


class FakeDisplay:
    """Keeps the events."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def status(self, text: str) -> None:
        pass

    def event(self, text: str) -> None:
        self.events.append(text)
