"""An n8n and a server whose workflow is killed, as its example sees them; for the tests."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from examples.n8n.instance import Execution
from examples.n8n.job import Job, expected, make_rows
from examples.n8n.model_job import TEXT, ModelJob, model_rows
from examples.n8n.model_nodes import CHAT, RESPONSES, ModelNode, model_nodes
from examples.n8n.pages import read_pages
from examples.n8n.workflow import MODELS, called_tools, read_workflow
from examples.serving.memory_server import Counts

if TYPE_CHECKING:
    from collections.abc import Callable

    from examples.n8n.pages import Page

PAGES = read_pages()
NODES = tuple(node for node, tool in called_tools(read_workflow()).items() if tool == "run_step")
ALL = len(NODES) * len(PAGES)
SESSION = "session-1"
OF_MODELS = read_workflow(MODELS)
MODEL_NODES = model_nodes(OF_MODELS)


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


def _page_text(page: Page) -> str:
    return f"{page.product} by {page.brand}\nMaterial: {page.material}"


def _about(node: ModelNode, step: int | None, replayed: bool) -> dict[str, Any]:
    # The saved task has one adapter, whichever node asks for it.
    way = node.system if node.model == "auto" else node.model
    about = {"mode": "hybrid", "adapter_digest": f"adapter-of-{way}", "replayed": replayed}
    return about if step is None else {**about, "step": step}


def model_held() -> list[dict[str, Any]]:
    """The steps that the session of the model nodes has after one execution."""
    steps: list[dict[str, Any]] = []
    for node in MODEL_NODES:
        if node.name.endswith(" again"):
            continue
        for page in PAGES:
            keyed = node.name.startswith("Message")
            steps.append({
                "step": len(steps) + 1,
                "step_key": f"{node.name} {page.name}" if keyed else None,
                "task": node.system or "the saved task's text",
                "input": _page_text(page),
                "output": expected(node.name, page),
                **_about(node, None, False),
            })  # fmt: skip
    return steps


def model_execution(*, replayed: bool) -> Execution:
    """A finished execution of the model nodes; what has a key is replayed, or runs."""
    items: dict[str, list[dict[str, Any]]] = {
        "Open the session": [{"structuredContent": {"session_id": SESSION}}],
        "List the pages": [{"page": page.name} for page in PAGES],
        TEXT: [{"lines": _page_text(page).split("\n")} for page in PAGES],
    }
    number = 0
    for node in MODEL_NODES:
        for page in PAGES:
            alone = node.name.endswith(" again")
            number += not alone
            about = _about(node, None if alone else number, replayed and not alone)
            items.setdefault(node.name, []).append(_item(node, page, about))
    return Execution("3", "success", "", items)


def _item(node: ModelNode, page: Page, about: dict[str, Any]) -> dict[str, Any]:
    text = expected(node.name, page)
    if node.name.startswith("Chain"):
        return {"text": text}
    if node.api == CHAT:
        return {"choices": [{"message": {"content": text}}], "hypernet": about}
    said = json.loads(text) if text.startswith("{") else text
    return {"output": [{"content": [{"text": said}]}], "hypernet": about}


def a_model_job(**changes: Any) -> ModelJob:
    """A job of the model nodes in which all went well."""
    held = model_held()
    first, again = model_execution(replayed=False), model_execution(replayed=True)
    job = ModelJob(
        session=SESSION,
        rows=model_rows(MODEL_NODES, PAGES, first, again, held),
        executions=(first, again),
        credential="OK",
        lists={
            "openAi 2.3": ["auto", "task:page-review"],
            "lmChatOpenAi 1.3": ["auto", "task:page-review"],
        },
        calls={RESPONSES: {"ok": 32, "error": 0}, CHAT: {"ok": 16}},
        held=len(held),
        held_again=len(held) + 2 * len(PAGES),
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
