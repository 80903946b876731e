"""The job of the model nodes: their workflow, twice, beside what hypernet-mcp holds of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from examples.agent.errors import ExampleError
from examples.n8n.job import LIST, OPEN, agrees, expected, results
from examples.n8n.model_nodes import CHAT, RESPONSES, given, model_nodes, speaking
from examples.n8n.workflow import webhook_path

if TYPE_CHECKING:
    from examples.agent.caller import Display
    from examples.n8n.instance import Execution, N8n
    from examples.n8n.model_nodes import ModelNode
    from examples.n8n.pages import Page
    from examples.serving.memory_server import MemoryServer

TEXT = "Take its text"


@dataclass(frozen=True)
class ModelRow:
    """One answer of a model node, beside the step that hypernet-mcp holds of it."""

    node: str
    kind: str
    """Which of n8n's nodes spoke to the server, with its version."""
    api: str
    model: str
    page: str
    task: str | None
    step: int | None
    """Its number in the session; None: the node names no session."""
    key: str | None
    mode: str
    adapter: str | None
    output: str
    expected: str
    correct: bool
    """Whether the page's markup confirms the answer."""
    held: bool
    """Whether the session has that step with this answer and these weights."""
    replayed_again: bool
    """The second execution got the recorded answer, and nothing ran."""


@dataclass(frozen=True)
class ModelJob:
    """What came of it."""

    session: str
    rows: tuple[ModelRow, ...]
    executions: tuple[Execution, ...]
    """The job, and the whole job once more."""
    credential: str
    """What n8n's own test of the credential said."""
    lists: dict[str, list[str]]
    """What the lists of models show to choose from, by kind of node."""
    calls: dict[str, dict[str, int]]
    """What both executions called, by API and outcome, as the server counted."""
    held: int
    """Steps that the session had after the first execution."""
    held_again: int
    """And after the second."""


def run_models(
    n8n: N8n,
    workflow: dict[str, Any],
    credential: dict[str, Any],
    server: MemoryServer,
    pages: tuple[Page, ...],
    display: Display,
) -> ModelJob:
    """Run the workflow, and once more for the same session.

    Raises:
        ExampleError: n8n or the server cannot go on, or an execution failed.
    """
    display.status("n8n: the workflow of model nodes")
    before = {api: server.calls(api) for api in (RESPONSES, CHAT)}
    first = _run(n8n, workflow, {})
    session = results(first, OPEN)[0]["session_id"]
    held = server.steps(session)
    display.event(f"n8n's model nodes answered: {len(held)} steps are recorded")
    again = _run(n8n, workflow, {"session_id": session})
    held_again = len(server.steps(session))
    display.event(f"the same once more: {held_again - len(held)} steps more")
    return ModelJob(
        session=session,
        rows=model_rows(model_nodes(workflow), pages, first, again, held),
        executions=(first, again),
        credential=n8n.test(credential),
        lists={
            f"{node['type'].rpartition('.')[2]} {node['typeVersion']}": n8n.models(node)
            for node in speaking(workflow)
        },
        calls={
            api: {
                outcome: count - counted.get(outcome, 0)
                for outcome, count in server.calls(api).items()
            }
            for api, counted in before.items()
        },
        held=len(held),
        held_again=held_again,
    )


def model_rows(
    nodes: tuple[ModelNode, ...],
    pages: tuple[Page, ...],
    first: Execution,
    again: Execution,
    held: list[dict[str, Any]],
) -> tuple[ModelRow, ...]:
    """The answers of the first execution, by node and page.

    Raises:
        ExampleError: a node has another number of answers than there are pages.
    """
    by_name = {page.name: page for page in pages}
    names = [item["page"] for item in first.items.get(LIST, [])]
    texts = ["\n".join(item["lines"]) for item in first.items.get(TEXT, [])]
    rows = []
    for node in nodes:
        once, twice = first.items.get(node.name, []), again.items.get(node.name, [])
        if not len(once) == len(twice) == len(names) == len(texts) == len(pages):
            raise ExampleError(
                f"{node.name}: {len(once)} and {len(twice)} answers of {len(pages)} pages"
            )
        for name, text, item, repeated in zip(names, texts, once, twice, strict=True):
            rows.append(_row(node, by_name[name], text, item, repeated, held))
    return tuple(rows)


def _row(
    node: ModelNode,
    page: Page,
    text: str,
    item: dict[str, Any],
    repeated: dict[str, Any],
    held: list[dict[str, Any]],
) -> ModelRow:
    said, later = given(node, item), given(node, repeated)
    step = _step(node, text, said.about, held)
    about = said.about or step or {}
    adapter = about.get("adapter_digest")
    right = expected(node.name, page)
    return ModelRow(
        node=node.name,
        kind=node.kind,
        api=node.api,
        model=node.model,
        page=page.name,
        task=step["task"] if step else node.system,
        step=step["step"] if step else None,
        key=step["step_key"] if step else None,
        mode=str(about.get("mode", "")),
        adapter=adapter,
        output=said.text,
        expected=right,
        correct=agrees(said.text, right),
        held=step is not None
        and _same(said.text, step["output"])
        and adapter == step["adapter_digest"],
        replayed_again=bool(later.about and later.about.get("replayed"))
        and later.text == said.text,
    )


def _step(
    node: ModelNode, text: str, about: dict[str, Any] | None, held: list[dict[str, Any]]
) -> dict[str, Any] | None:
    """The step of an answer: by its number, or of what a chain was asked where it gives none."""
    for step in held:
        if about is not None and step["step"] == about.get("step"):
            return step
        if about is None and (step["task"], step["input"]) == (node.system, text):
            return step
    return None


def _same(text: str, output: str) -> bool:
    """Whether both say the same; n8n reads JSON and writes it in its own way."""
    if text == output:
        return True
    try:
        return bool(json.loads(text) == json.loads(output))
    except ValueError:
        return False


def _run(n8n: N8n, workflow: dict[str, Any], body: dict[str, Any]) -> Execution:
    execution = n8n.run(webhook_path(workflow), body)
    if execution.status != "success":
        raise ExampleError(f"the workflow of model nodes failed: {execution.error}")
    return execution
