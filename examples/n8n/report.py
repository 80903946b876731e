"""Showing the job: events while it runs, a table, the checks, the last line and JSON."""

from __future__ import annotations

import dataclasses
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.text import Text

from examples.agent.screen import DIGEST_CHARS, Column, TableScreen
from examples.n8n import install

if TYPE_CHECKING:
    from rich.console import Console

    from examples.agent.checks import Check
    from examples.n8n.job import Job, StepRow

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

    def summary(self, job: Job, checks: tuple[Check, ...]) -> None:
        """Print the table, the checks, and last the line that machines read."""
        for node, rows in groupby(job.rows, key=lambda row: row.node):
            self._node(node, list(rows))
        self.closing([STARRED, *(check.line for check in checks), last_line(job)])

    def _node(self, node: str, rows: list[StepRow]) -> None:
        self.console.print(Text(heading(node, rows), style="bold"), soft_wrap=True)
        for row in rows:
            self.row(cells(row))


def heading(node: str, rows: list[StepRow]) -> str:
    """What a node's steps have in common: its task, and the weights written for it."""
    ways = {f"{row.mode}, {row.fit or '-'}, {(row.adapter or '-')[:DIGEST_CHARS]}" for row in rows}
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


def summarise(job: Job) -> dict[str, Any]:
    """The job in numbers."""
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
    }


def last_line(job: Job) -> str:
    """The line that machines read."""
    n = summarise(job)
    return (
        f"n8n: {n['steps']} steps, {n['tasks']} tasks, {n['checkpoints']} checkpoints, "
        f"killed after {n['killed_after']}, replayed {n['replayed']} and once more "
        f"{n['replayed_again']}, answers confirmed {n['confirmed']} of {n['checked']}"
    )


def as_json(job: Job, checks: tuple[Check, ...]) -> dict[str, Any]:
    """The steps, the executions, the checks and the summary."""
    return {
        "session": job.session,
        "steps": [dataclasses.asdict(row) for row in job.rows],
        "executions": [
            {"id": execution.id, "status": execution.status, "error": execution.error}
            for execution in job.executions
        ],
        "checks": [dataclasses.asdict(check) for check in checks],
        "summary": summarise(job),
    }
