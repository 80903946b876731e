"""How `hypernet-mcp tasks` shows tasks, what was measured of them, and what files held."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from mcp_server.cli.display import (
    COLUMNS,
    counted,
    fitted,
    minute,
    printable,
    show_lines,
    show_table,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checkpoints import NamedTask, TaskCounts, VersionSummary
    from mcp_server.schema.named import QualityResult, TaskCard, TaskLine
    from mcp_server.tasks.reading import Read

TITLE = 11
LINES = 10
"""Lines of a file that are named, of each kind."""


def show_tasks(lines: Sequence[TaskLine]) -> None:
    """Print two lines a task, none over `COLUMNS`."""
    if not lines:
        click.echo("no tasks yet; `hypernet-mcp tasks add NAME FILE` makes one")
    for line in lines:
        name = line.name if line.owner is None else f"{line.owner}/{line.name}"
        shared = "  (shared)" if line.shared else ""
        click.echo(f"{fitted(name, COLUMNS - len(shared))}{shared}")
        held = f"version {line.version}, {counted(line.examples, 'example')}, "
        click.echo(f"    {held}{served(line.serving, line.expected_accuracy)}")


def served(way: str | None, expected: float | None) -> str:
    """How a task is served, in words."""
    if way is None or expected is None:
        return "not measured yet"
    return f"served by {way}, expected accuracy {expected:.2f}"


def _form(card: TaskCard) -> str:
    """What answers without labels look like."""
    if card.output_schema is not None:
        return "JSON by a schema"
    return "copied from their inputs" if card.copied else "free"


def show_card(card: TaskCard, task: NamedTask) -> None:
    """Print what a task is."""
    quality = card.quality
    how = served(None, None)
    if quality is not None:
        how = served(quality.serving, quality.expected_accuracy)
        how += f" (version {quality.version}, {counted(quality.examples, 'example')})"
    lines = {
        "task": card.name,
        "owner": card.owner or "nobody",
        "shared": "yes" if task.shared else "no",
        "version": str(card.version),
        "what": card.description,
        "labels": ", ".join(card.labels) or f"none: answers are {_form(card)}",
        "examples": str(card.examples),
        "quality": how,
        "ask below": "never" if card.ask_below is None else f"{card.ask_below:.2f}",
    }
    show_lines(lines, TITLE)


def show_quality(quality: QualityResult) -> None:
    """Print the table of ways, and what it would take to be sure."""
    from mcp_server.tasks.quality import MEANING

    rows = [
        (
            f"{each.way} *" if each.way == quality.serving else each.way,
            f"{each.right}/{each.asked}",
            f"{each.right / each.asked:.2f}",
            f"{each.low:.2f} to {each.high:.2f}",
            *(() if each.likeness is None else (f"{each.likeness:.2f}",)),
            MEANING[each.way],
        )
        for each in quality.ways
    ]
    free = () if quality.ways[0].likeness is None else ("likeness",)
    heads = ("way", "right", "share", "95 %", *free, "what it is")
    show_table(heads, rows, whole=len(heads) - 1)
    click.echo(f"* serves: expected accuracy {quality.expected_accuracy:.2f}.")
    if quality.judged_by == "likeness":
        click.echo("Hardly any answer is exactly the example's: it serves as it comes nearest.")
    if quality.needed:
        more = counted(quality.needed, "more held-out example")
        click.echo(f"About {more} would tell the best way from the next.")


def show_trend(counts: TaskCounts) -> None:
    """Print how a task's steps fared, in all and by day."""
    if not counts.steps and not counts.corrected and not counts.confirmed:
        click.echo("no steps yet")
        return
    rows = [
        (each.day, *map(str, (each.steps, each.asked, each.corrected, each.confirmed)))
        for each in counts.days
    ]
    totals = (counts.steps, counts.asked, counts.corrected, counts.confirmed)
    rows.append(("in all", *map(str, totals)))
    show_table(("day (UTC)", "steps", "asked", "corrected", "confirmed"), rows, whole=5)


def show_versions(versions: Sequence[VersionSummary]) -> None:
    """Print a table of versions, the newest first."""
    rows = []
    for each in versions:
        marks = [
            *(["current"] if each.current else []),
            *(["serves"] if each.serving else []),
            *(["measured"] if each.quality is not None else []),
            *(["lost text"] if each.redacted else []),
        ]
        row = (str(each.number), minute(each.created_at), each.cause, str(each.examples))
        rows.append((*row, ", ".join(marks)))
    show_table(("version", "when", "made by", "examples", "is"), rows, whole=4)


def show_read(read: Read, source: str) -> None:
    """Print what a file held: examples, places that are none, repetitions and contradictions."""
    click.echo(fitted(f"{source}: {counted(len(read.examples), 'example')} read", COLUMNS))
    show_places(
        "lines are no examples" if len(read.problems) != 1 else "line is no example",
        [f"{where}: {why}" for where, why in read.problems],
    )
    found = read.contradictions
    show_places(
        "contradict an earlier one of the same input; the later one stands"
        if len(found) != 1
        else "contradicts an earlier one of the same input; the later one stands",
        [
            f"{each.where}: {printable(each.output)!r}, {first.where}: {printable(first.output)!r}"
            for each, first in found
        ],
    )
    if read.repeated:
        click.echo(f"{len(read.repeated)} say the same as an earlier one and count once")


def show_places(what: str, lines: Sequence[str]) -> None:
    """Print how many lines are so, and the first of them."""
    if not lines:
        return
    click.echo(f"{len(lines)} {what}:")
    for line in lines[:LINES]:
        click.echo(f"    {fitted(line, COLUMNS - 4)}")
    if len(lines) > LINES:
        click.echo(f"    and {len(lines) - LINES} more")
