"""Showing the job: events while it runs, a table, the checks, the last line and JSON."""

from __future__ import annotations

import dataclasses
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from examples.n8n import install

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from examples.n8n.checks import Check
    from examples.n8n.job import Job, StepRow

WIDTH = 120
DIGEST_CHARS = 8
STARRED = "*  recorded before the kill; its result was lost there, and n8n's next try got it"
# Steps of one node share its task and weights, which stand above them.
COLUMNS = (("step", 4), ("page", 15), ("output", None), ("right", 6), ("checkpoint", 10))


class Screen:
    """Prints what happens; on a terminal a line below says what is waited for."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or _console()
        self._status = self.console.status("starting", spinner="line")

    def __enter__(self) -> Self:
        self._status.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._status.stop()

    def status(self, text: str) -> None:
        """Change the status line."""
        self._status.update(Text(text))

    def event(self, text: str) -> None:
        """Print a line."""
        self.console.print(Text(f"-- {text}", style="bold"), soft_wrap=True)

    def _node(self, node: str, rows: list[StepRow]) -> None:
        self.console.print(Text(heading(node, rows), style="bold"), soft_wrap=True)
        self.console.print(_table(rows, self.console.width))

    def summary(self, job: Job, checks: tuple[Check, ...]) -> None:
        """Print the table, the checks, and last the line that machines read."""
        self._status.stop()
        for node, rows in groupby(job.rows, key=lambda row: row.node):
            self._node(node, list(rows))
        self.console.print(Text(STARRED))
        for check in checks:
            mark = "ok    " if check.holds else "FAILED"
            self.console.print(Text(f"{mark} {check.name}: {check.said}"), soft_wrap=True)
        self.console.print(Text(last_line(job)), soft_wrap=True)


def heading(node: str, rows: list[StepRow]) -> str:
    """What a node's steps have in common: its task, and the weights written for it."""
    ways = {f"{row.mode}, {row.fit or '-'}, {(row.adapter or '-')[:DIGEST_CHARS]}" for row in rows}
    return f"{node} | {rows[0].task} | {'; '.join(sorted(ways))}"


def _console() -> Console:
    """A console that is never narrower than the table."""
    console = Console(highlight=False)
    return Console(highlight=False, width=max(WIDTH, console.width))


def _table(rows: list[StepRow], width: int) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 1, 0, 0), width=width)
    for name, size in COLUMNS:
        table.add_column(
            name, width=size, ratio=None if size else 1, no_wrap=True, overflow="ellipsis"
        )
    for row in rows:
        cells = (
            f"{row.step}{'*' if row.replayed else ''}".rjust(4),
            row.page,
            " ".join(row.output.split()),
            "right" if row.correct else "wrong",
            (row.checkpoint or "")[:DIGEST_CHARS],
        )
        table.add_row(*(Text(cell) for cell in cells))
    return table


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
