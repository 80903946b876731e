"""Showing the run: a table that grows, the checks, the last line and JSON."""

from __future__ import annotations

import dataclasses
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from examples.agent.checks import Check
from examples.agent.screen import DIGEST_CHARS, Column, TableScreen

if TYPE_CHECKING:
    from rich.console import Console

    from examples.langchain.job import Row

COLUMNS: tuple[Column, ...] = (
    ("step", 4, "right"),
    ("package", 10, "left"),
    ("task", 44, "left"),
    ("door", 8, "left"),
    ("weights", 8, "left"),
    ("right", 6, "left"),
    ("answer", None, "left"),
)
MARKS = {True: "right", False: "WRONG", None: "-"}


class Screen(TableScreen):
    """The agent's table."""

    def __init__(self, console: Console | None = None) -> None:
        super().__init__(COLUMNS, console)
        self._learning = False

    def learning(self, text: str) -> None:
        """Change the status line; the first time also print what is waited for."""
        if not self._learning:
            self._learning = True
            self.event("the server learns the saved tasks, once: some minutes")
        self.status(text)

    def finished(self, row: Row) -> None:
        """Print a row."""
        self.row(cells(row))

    def summary(self, rows: list[Row], checks: tuple[Check, ...]) -> None:
        """Print the checks, and last the line that machines read."""
        self.closing([*(check.line for check in checks), last_line(rows)])


def cells(row: Row) -> tuple[str, ...]:
    """A row's texts, one per column."""
    called = f"{row.tool} " if row.tool else ""
    return (
        str(row.step),
        row.package,
        row.task,
        row.door,
        (row.adapter or "-")[:DIGEST_CHARS],
        MARKS[row.correct],
        called + " ".join(row.output.split()),
    )


def checks_of(rows: list[Row], recorded: list[dict[str, Any]]) -> tuple[Check, ...]:
    """What must hold of the agent's steps.

    Args:
        rows: as the agent told of them.
        recorded: as the server recorded them in the session.
    """
    changed = sum(one.adapter != next_.adapter for one, next_ in pairwise(rows))
    adapters = {row.task: row.adapter for row in rows}
    same = sum(adapters[row.task] == row.adapter for row in rows)
    kept = [(step["output"], step["adapter_digest"]) for step in recorded]
    told = [(row.output, row.adapter) for row in rows]
    alike = sum(_same(one, other) for one, other in zip(kept, told, strict=False))
    return (
        Check(
            "other weights than the step before",
            changed == len(rows) - 1 and None not in adapters.values(),
            f"{changed} of {len(rows) - 1}",
        ),
        Check(
            "weights of its own for each task",
            len(set(adapters.values())) == len(adapters) and same == len(rows),
            f"{len(set(adapters.values()))} for {len(adapters)} tasks",
        ),
        Check(
            "recorded in one session, from both doors",
            alike == len(rows) == len(recorded),
            f"{alike} of {len(rows)}",
        ),
    )


def _same(one: tuple[str, str | None], other: tuple[str, str | None]) -> bool:
    """Arguments of a call may be spaced otherwise."""
    return ("".join(one[0].split()), one[1]) == ("".join(other[0].split()), other[1])


def summarise(rows: list[Row]) -> dict[str, Any]:
    """The run in numbers."""
    checked = [row.correct for row in rows if row.correct is not None]
    return {
        "steps": len(rows),
        "tasks": len({row.task for row in rows}),
        "adapters": len({row.adapter for row in rows if row.adapter}),
        "by_v1": sum(row.door == "/v1" for row in rows),
        "by_mcp": sum(row.door != "/v1" for row in rows),
        "prompt_tokens": sum(row.prompt_tokens or 0 for row in rows),
        "most_prompt_tokens": max((row.prompt_tokens or 0 for row in rows), default=0),
        "checked": len(checked),
        "confirmed": sum(checked),
    }


def last_line(rows: list[Row]) -> str:
    """The line that machines read."""
    n = summarise(rows)
    return (
        f"langchain: {n['steps']} steps, {n['by_v1']} by /v1 and {n['by_mcp']} by MCP, "
        f"{n['tasks']} tasks, {n['adapters']} adapters, "
        f"answers confirmed {n['confirmed']} of {n['checked']}"
    )


def as_json(
    rows: list[Row], checks: tuple[Check, ...], qualities: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    """The steps, the checks, what was measured of the saved tasks, and the summary."""
    return {
        "steps": [dataclasses.asdict(row) for row in rows],
        "checks": [dataclasses.asdict(check) for check in checks],
        "saved_tasks": qualities,
        "summary": summarise(rows),
    }
