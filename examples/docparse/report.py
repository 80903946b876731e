"""Showing a run: a row for every ten documents, tables by field and kind, the last line, JSON."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import TYPE_CHECKING, Any

from rich.table import Table

from examples.agent.screen import TableScreen
from examples.docparse.record import FIELDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from examples.agent.screen import Column
    from examples.docparse.agent import Row, Run

COLUMNS: tuple[Column, ...] = (
    ("documents", 10, "left"),
    ("right", 5, "right"),
    ("wrong", 5, "right"),
    ("asked", 5, "right"),
    ("flags", 5, "right"),
    ("interventions", 13, "right"),
    ("corrections", 11, "right"),
    ("seconds", 7, "right"),
    ("answered by", None, "left"),
)
EVERY = 10
CURVE = 25
WINDOW = 50


class Screen(TableScreen):
    """Prints a row for every ten documents; on a terminal a status line below says more."""

    def __init__(self, console: Console | None = None) -> None:
        super().__init__(COLUMNS, console)

    def finished(self, run: Run) -> None:
        """Print a row when ten more documents are read."""
        if len(run.rows) % EVERY:
            return
        n = numbers_of(run.rows[-EVERY:])
        first, last = run.rows[-EVERY].number, run.rows[-1].number
        counts = (n[name] for name in ("wrong", "asked", "flagged", "interventions", "corrections"))
        self.row(
            (
                f"{first} to {last}",
                f"{n['fields']:.2f}",
                *map(str, counts),
                f"{n['seconds']:.0f}",
                " ".join(f"{name} {count}" for name, count in n["answered_by"].items()),
            )
        )

    def summary(self, run: Run) -> None:
        """Print the summary, and the line that machines read, last."""
        summary = summarise(run)
        names = (f"first {summary['window']}", f"last {summary['window']}", "all")
        self.closing(())
        for first in ("field", "kind"):
            self.console.print(_shares(first, names, summary[f"by_{first}"]))
        self.console.print(_tasks(run))
        self.closing((*summary_lines(summary), last_line(summary)))


def numbers_of(rows: Sequence[Row]) -> dict[str, Any]:
    """Some documents in numbers."""
    return {
        "documents": len(rows),
        "fields": _share(rows),
        "interventions": sum(row.interventions for row in rows),
        "wrong": sum(len(row.wrong) for row in rows),
        "asked": sum(len(row.asked) for row in rows),
        "corrections": sum(row.corrections for row in rows),
        "flagged": sum(row.flagged for row in rows),
        "answered_by": dict(sum((Counter(row.answered_by) for row in rows), Counter())),
        "seconds": sum(row.seconds for row in rows),
    }


def summarise(run: Run) -> dict[str, Any]:
    """The run in numbers. Fields are right in the first and last 50 documents, or half of fewer."""
    rows = run.rows
    window = max(1, min(WINDOW, len(rows) // 2))
    parts = (rows[:window], rows[-window:], rows)
    kinds = sorted({(row.form, row.kind) for row in rows})
    curve = [
        {"to": at + len(part), **numbers_of(part)}
        for at in range(0, len(rows), CURVE)
        if (part := rows[at : at + CURVE])
    ]
    for each in curve:
        each["interventions_per_ten"] = round(10 * each["interventions"] / each["documents"], 1)
    before, after = run.before, run.after
    return {
        "documents": len(rows),
        "window": window,
        "fields_first": _share(parts[0]),
        "fields_last": _share(parts[1]),
        "by_field": {name: [_of_field(name, part) for part in parts] for name in FIELDS},
        "by_kind": {
            f"{form} {kind}": [
                _share([r for r in part if (r.form, r.kind) == (form, kind)]) for part in parts
            ]
            for form, kind in kinds
        },
        "curve": curve,
        "flags": {
            "flagged": sum(row.flagged for row in rows),
            "wrong_and_flagged": sum(row.flagged and bool(row.wrong) for row in rows),
            "wrong": sum(bool(row.wrong) for row in rows),
            "unsound": sum(not row.sound for row in rows),
            "unsound_and_flagged": sum(row.flagged and not row.sound for row in rows),
        },
        "answered_by": numbers_of(rows)["answered_by"],
        "steps": sum(row.steps for row in rows),
        "corrections": sum(row.corrections for row in rows),
        "confirmations": sum(row.confirmations for row in rows),
        "base_before": before and dataclasses.asdict(before),
        "base_after": after and dataclasses.asdict(after),
        "base_unchanged": before is not None and before == after,
        "seconds": run.seconds,
        "seconds_waiting": sum(wait.seconds for wait in run.waits),
    }


def summary_lines(summary: dict[str, Any]) -> list[str]:
    """The summary as people read it, below the tables."""
    n, flags = summary, summary["flags"]
    curve = ", ".join(f"{each['to']}: {each['fields']:.2f}" for each in n["curve"])
    asked = ", ".join(f"{each['to']}: {each['interventions_per_ten']:g}" for each in n["curve"])
    by = ", ".join(f"{count} by {name}" for name, count in sorted(n["answered_by"].items()))
    lines = [
        f"fields right       up to document {curve}",
        f"interventions      per ten documents, up to {asked}",
        f"person             {n['corrections']} corrections, {n['confirmations']} confirmations of "
        f"{n['steps']} steps ({by})",
        f"checks             {flags['flagged']} documents flagged: of {flags['wrong']} with a "
        f"wrong field {flags['wrong_and_flagged']}, of {flags['unsound']} whose own sums are wrong "
        f"{flags['unsound_and_flagged']}",
        f"seconds            {n['seconds']:.0f}, of these waited for learning "
        f"{n['seconds_waiting']:.0f}",
    ]
    if n["base_before"] and n["base_after"]:
        same = "the same to the bit" if n["base_unchanged"] else "CHANGED"
        lines.append(
            f"base, other tasks  loss {n['base_before']['loss']:.6f} before, "
            f"{n['base_after']['loss']:.6f} after; answers and probabilities {same}"
        )
    return lines


def last_line(summary: dict[str, Any]) -> str:
    """The line that machines read."""
    n = summary
    per_ten = [each["interventions_per_ten"] for each in n["curve"]] or [0.0]
    base = "unchanged" if n["base_unchanged"] else "changed"
    return (
        f"docparse: {n['documents']} documents, fields first {n['fields_first']:.2f}, "
        f"last {n['fields_last']:.2f}, interventions per ten {per_ten[0]:g} to {per_ten[-1]:g}, "
        f"base {base}"
    )


def as_json(run: Run) -> dict[str, Any]:
    """The documents and the summary."""
    return {
        "session": run.session,
        "documents": [dataclasses.asdict(row) for row in run.rows],
        "waits": [dataclasses.asdict(wait) for wait in run.waits],
        "tasks": run.tasks,
        "summary": summarise(run),
    }


def _share(rows: Sequence[Row]) -> float | None:
    """Of all fields, those that are right; None of no documents."""
    asked = len(FIELDS) * len(rows)
    return (asked - sum(len(row.wrong) for row in rows)) / asked if asked else None


def _of_field(name: str, rows: Sequence[Row]) -> float | None:
    return sum(name not in row.wrong for row in rows) / len(rows) if rows else None


def _shares(first: str, names: Sequence[str], shares: dict[str, list[float | None]]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column(first, width=18)
    for name in names:
        table.add_column(name, justify="right", width=9)
    for name, found in shares.items():
        table.add_row(name, *("-" if share is None else f"{share:.2f}" for share in found))
    return table


def _tasks(run: Run) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name, width in (("task", 20), ("examples", 8), ("serves", 9), ("expected", 8)):
        table.add_column(name, width=width)
    for name, about in run.tasks.items():
        expected = about["expected_accuracy"]
        table.add_row(
            name,
            str(about["examples"]),
            about["serving"] or "-",
            "-" if expected is None else f"{expected:.2f}",
        )
    return table
