"""Showing both jobs: events while it runs, a table, the checks, the last line and JSON."""

from __future__ import annotations

import dataclasses
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.text import Text

from examples.agent.screen import DIGEST_CHARS, Column, TableScreen
from examples.n8n import install

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console

    from examples.agent.checks import Check
    from examples.n8n.instance import Execution
    from examples.n8n.job import Job, StepRow
    from examples.n8n.model_job import ModelJob, ModelRow

STARRED = "*  recorded before the kill; its result was lost there, and n8n's next try got it"
# Steps of one node share its task and weights, which stand above them.
COLUMNS: tuple[Column, ...] = (
    ("step", 4, "right"),
    ("page", 15, "left"),
    ("output", None, "left"),
    ("right", 6, "left"),
    ("checkpoint", 10, "left"),
)


class Screen(TableScreen):
    """The steps, once they are all there: a table for each node."""

    def __init__(self, console: Console | None = None) -> None:
        super().__init__(COLUMNS, console, heading=False)

    def summary(self, job: Job, models: ModelJob, checks: tuple[Check, ...]) -> None:
        """Print the tables, the checks, and last the line that machines read."""
        for node, rows in groupby(job.rows, key=lambda row: row.node):
            of_node = list(rows)
            self._node(heading(node, of_node), map(cells, of_node))
        for _, answers in groupby(models.rows, key=lambda row: row.node):
            of_model = list(answers)
            self._node(model_heading(of_model[0]), map(model_cells, of_model))
        self.closing([STARRED, *(check.line for check in checks), last_line(job, models)])

    def _node(self, head: str, rows: Iterable[tuple[str, ...]]) -> None:
        self.console.print(Text(head, style="bold"), soft_wrap=True)
        for row in rows:
            self.row(row)


def heading(node: str, rows: list[StepRow]) -> str:
    """What a node's steps have in common: its task, and the weights written for it."""
    ways = {f"{row.mode}, {row.fit or '-'}, {_digest(row.adapter)}" for row in rows}
    return f"{node} | {rows[0].task} | {'; '.join(sorted(ways))}"


def cells(row: StepRow) -> tuple[str, ...]:
    """A row's texts, one per column."""
    return (
        f"{row.step}{'*' if row.replayed else ''}",
        row.page,
        " ".join(row.output.split()),
        "right" if row.correct else "wrong",
        (row.checkpoint or "")[:DIGEST_CHARS],
    )


def model_heading(row: ModelRow) -> str:
    """What the answers of a model node have in common."""
    asks = f"{row.model}, {row.api}, {row.kind}"
    return f"{row.node} | {row.task or '-'} | {asks} | {row.mode}, {_digest(row.adapter)}"


def model_cells(row: ModelRow) -> tuple[str, ...]:
    """A row's texts, one per column."""
    return (
        "-" if row.step is None else str(row.step),
        row.page,
        " ".join(row.output.split()),
        "right" if row.correct else "wrong",
        "",
    )


def summarise(job: Job, models: ModelJob) -> dict[str, Any]:
    """Both jobs in numbers."""
    return {
        "n8n": install.VERSION,
        "steps": len(job.rows),
        "tasks": len({row.task for row in job.rows}),
        "adapters": len({row.adapter for row in job.rows if row.adapter}),
        "checkpoints": sum(row.checkpoint is not None for row in job.rows),
        "killed_after": len(job.kept),
        "last_checkpoint_then": job.kept_checkpoint,
        "replayed": sum(row.replayed for row in job.rows),
        "replayed_again": sum(row.replayed_again for row in job.rows),
        "checked": len(job.rows),
        "confirmed": sum(row.correct for row in job.rows),
        "model_answers": len(models.rows),
        "model_nodes": len({row.node for row in models.rows}),
        "model_adapters": len({row.adapter for row in models.rows if row.adapter}),
        "model_calls": {api: sum(calls.values()) for api, calls in models.calls.items()},
        "model_recorded": sum(row.held for row in models.rows),
        "model_replayed_again": sum(row.replayed_again for row in models.rows),
        "model_confirmed": sum(row.correct for row in models.rows),
    }


def last_line(job: Job, models: ModelJob) -> str:
    """The line that machines read."""
    n = summarise(job, models)
    calls = " and ".join(f"{count} {api}" for api, count in n["model_calls"].items())
    return (
        f"n8n: {n['steps']} steps, {n['tasks']} tasks, {n['checkpoints']} checkpoints, "
        f"killed after {n['killed_after']}, replayed {n['replayed']} and once more "
        f"{n['replayed_again']}, answers confirmed {n['confirmed']} of {n['checked']}; "
        f"model nodes: {n['model_nodes']} with {n['model_adapters']} adapters, {calls}, "
        f"{n['model_recorded']} recorded, {n['model_replayed_again']} replayed once more, "
        f"answers confirmed {n['model_confirmed']} of {n['model_answers']}"
    )


def as_json(job: Job, models: ModelJob, checks: tuple[Check, ...]) -> dict[str, Any]:
    """The steps, the answers of model nodes, the executions, the checks and the summary."""
    return {
        "session": job.session,
        "steps": [dataclasses.asdict(row) for row in job.rows],
        "executions": _executions(job.executions),
        "models": {
            "session": models.session,
            "answers": [dataclasses.asdict(row) for row in models.rows],
            "executions": _executions(models.executions),
            "credential": models.credential,
            "lists": models.lists,
            "calls": models.calls,
        },
        "checks": [dataclasses.asdict(check) for check in checks],
        "summary": summarise(job, models),
    }


def _executions(executions: tuple[Execution, ...]) -> list[dict[str, str]]:
    return [{"id": each.id, "status": each.status, "error": each.error} for each in executions]


def _digest(digest: str | None) -> str:
    return (digest or "-")[:DIGEST_CHARS]
