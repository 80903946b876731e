"""The job: the workflow, the death of its memory server in the middle, and the same job once more.

Knows n8n by its executions and hypernet-mcp by what it holds, and nothing of terminals.
"""

from __future__ import annotations

import json
import re
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from examples.agent.errors import ExampleError

if TYPE_CHECKING:
    from examples.agent.caller import Display
    from examples.n8n.instance import Execution, N8n
    from examples.n8n.pages import Page
    from examples.serving.memory_server import MemoryServer

POLL_SECONDS = 0.05
OPEN = "Open the session"
REMEMBER = "Knowledge: remember"
LIST = "List the pages"


@dataclass(frozen=True)
class StepRow:
    """One step as n8n got it, beside what hypernet-mcp holds of it."""

    step: int
    key: str
    node: str
    page: str
    task: str
    mode: str
    fit: str | None
    adapter: str | None
    output: str
    expected: str
    correct: bool
    """Whether the page's markup confirms the answer."""
    checkpoint: str | None
    replayed: bool
    """Its result was lost in the kill, and n8n got the recorded one."""
    replayed_again: bool
    """The second execution got the recorded one, and nothing ran."""


@dataclass(frozen=True)
class Job:
    """What came of it."""

    session: str
    rows: tuple[StepRow, ...]
    executions: tuple[Execution, ...]
    """All of them: the last is the whole job once more."""
    kept: tuple[dict[str, Any], ...]
    """The steps that hypernet-mcp held when it was started again."""
    kept_checkpoint: int
    """After how many steps its last checkpoint was then; 0: there was none."""
    ran_after: int
    """Steps that its second life ran."""
    held: tuple[dict[str, Any], ...]
    """The steps that it held in the end."""
    stored_again: int
    """Pieces of pages that the second execution stored."""


def run_job(
    n8n: N8n,
    webhook: str,
    server: MemoryServer,
    step_nodes: tuple[str, ...],
    pages: tuple[Page, ...],
    kill_after: int,
    display: Display,
) -> Job:
    """Run the workflow with a kill in the middle, go on, and run it once more.

    Raises:
        ExampleError: n8n or the server cannot go on, or the job never gets to its end.
    """
    first = _begin(n8n, webhook, {})
    _wait_for_steps(server, kill_after, first, display)
    pid = server.kill()
    display.event(f"killed hypernet-mcp (process {pid}) while it worked on a call")
    server.start(display.status)
    session = server.last_session()
    named = {"session_id": session["session_id"]}
    kept = server.steps(session["session_id"])
    display.event(
        f"started it again: {len(kept)} steps are there, "
        f"the last checkpoint after step {session['last_checkpoint_step'] or 0}"
    )
    executions = [_watched(first, server, display)]
    display.event(_told(executions[0]))
    if executions[0].status != "success":
        # It was away for longer than n8n's nodes try: go on by hand, as a person would.
        executions.append(_watched(_begin(n8n, webhook, named), server, display))
        display.event(_told(executions[1]))
    finished = executions[-1]
    if finished.status != "success":
        raise ExampleError(f"the workflow does not get to its end: {finished.error}")
    ran_after = server.counts().steps
    again = _watched(_begin(n8n, webhook, named), server, display)
    if again.status != "success":
        raise ExampleError(f"the finished workflow cannot be run again: {again.error}")
    display.event(f"the same job once more: {_told(again)}")
    held = server.steps(session["session_id"])
    return Job(
        session=session["session_id"],
        rows=make_rows(step_nodes, pages, finished, again, held),
        executions=(*executions, again),
        kept=tuple(kept),
        kept_checkpoint=session["last_checkpoint_step"] or 0,
        ran_after=ran_after,
        held=tuple(held),
        stored_again=sum(result["stored"] for result in results(again, REMEMBER)),
    )


def results(execution: Execution, node: str) -> list[dict[str, Any]]:
    """What a node's tool gave, one result a page."""
    return [item["structuredContent"] for item in execution.items.get(node, [])]


def make_rows(
    step_nodes: tuple[str, ...],
    pages: tuple[Page, ...],
    finished: Execution,
    again: Execution,
    held: list[dict[str, Any]],
) -> tuple[StepRow, ...]:
    """The steps of the finished execution, by number.

    Raises:
        ExampleError: n8n has another number of results than there are pages, or the server holds
            no step of such a number.
    """
    by_name = {page.name: page for page in pages}
    by_number = {step["step"]: step for step in held}
    names = [item["page"] for item in finished.items.get(LIST, [])]
    rows = []
    for node in step_nodes:
        once, twice = results(finished, node), results(again, node)
        if not len(once) == len(twice) == len(names) == len(pages):
            raise ExampleError(
                f"{node}: {len(once)} and {len(twice)} results of {len(pages)} pages"
            )
        for name, result, repeated in zip(names, once, twice, strict=True):
            step = by_number.get(result["step"])
            if step is None:
                raise ExampleError(f"hypernet-mcp holds no step {result['step']}")
            page, output = by_name[name], str(result["output"])
            checkpoint = result["checkpoint"]
            rows.append(
                StepRow(
                    step=result["step"],
                    key=step["step_key"],
                    node=node,
                    page=name,
                    task=step["task"],
                    mode=result["mode"],
                    fit=result["fit"],
                    adapter=result["adapter_digest"],
                    output=output,
                    expected=expected(node, page),
                    correct=agrees(output, expected(node, page)),
                    checkpoint=checkpoint["checkpoint_id"] if checkpoint else None,
                    replayed=result["replayed"],
                    replayed_again=repeated["replayed"] and repeated["output"] == output,
                )
            )
    return tuple(sorted(rows, key=lambda row: row.step))


def expected(node: str, page: Page) -> str:
    """What a node should say of a page, by the page's markup; its name ends with what it asks."""
    record = {"product": page.product, "brand": page.brand, "price": page.price}
    return {
        "maker": page.brand,
        "price": page.price,
        "material": page.material,
        "review": page.review,
        "record": json.dumps(record),
    }[node.partition(": ")[2].removesuffix(" again")]


def agrees(output: str, expected: str) -> bool:
    """Whether an answer says what is expected; case and a currency make no difference."""
    if expected.startswith("{"):
        wanted = json.loads(expected)
        try:
            said = json.loads(output)
        except ValueError:
            return False
        return said.keys() == wanted.keys() and all(
            agrees(str(said[key]), str(wanted[key])) for key in wanted
        )
    return re.sub(r"^(?:EUR|€)\s*", "", output.strip()).casefold() == expected.casefold()


def _wait_for_steps(
    server: MemoryServer, steps: int, first: Future[Execution], display: Display
) -> None:
    """Until so many steps are recorded and another one runs."""
    while True:
        counts = server.counts()
        display.status(f"execution 1: {counts.steps} steps recorded")
        if counts.steps >= steps and counts.running:
            return
        if first.done():
            execution = first.result()
            raise ExampleError(f"the workflow ended before the kill: {_told(execution)}")
        time.sleep(POLL_SECONDS)


def _begin(n8n: N8n, webhook: str, body: dict[str, Any]) -> Future[Execution]:
    """Begin an execution; should n8n be ended first, nobody waits for it."""
    execution: Future[Execution] = Future()

    def run() -> None:
        try:
            execution.set_result(n8n.run(webhook, body))
        except Exception as error:  # it belongs to whoever asks for the result
            execution.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return execution


def _watched(execution: Future[Execution], server: MemoryServer, display: Display) -> Execution:
    began = time.monotonic()
    while not execution.done():
        waited = time.monotonic() - began
        display.status(f"n8n: {server.counts().steps} steps run since the kill, {waited:.0f} s")
        time.sleep(POLL_SECONDS)
    return execution.result()


def _told(execution: Execution) -> str:
    ended = "finished" if execution.status == "success" else f"failed at {execution.error}"
    steps = [
        item["structuredContent"]
        for items in execution.items.values()
        for item in items
        if "replayed" in item.get("structuredContent", {})
    ]
    replayed = sum(step["replayed"] for step in steps)
    return (
        f"n8n's execution {execution.id} {ended}: {len(steps)} steps, {replayed} of them replayed"
    )
