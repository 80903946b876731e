"""How `hypernet-mcp` shows what is in the database: in 80 columns, any encoding and any script."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from checkpoints.text.graphemes import beginning, shortened
from hypernet.terminal import Cell, isolated, json_text, visible, wrapped, writable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from checkpoints import CheckpointRecord, SessionRecord, StepRecord

SHOWN_CHARS = 60
# What a terminal has at least.
COLUMNS = 80
TITLE = 9
# What is told besides what was done.
SIZES = ("file_bytes_before", "file_bytes_after")


def show_json(value: Any) -> None:
    """Print a value as JSON."""
    click.echo(json_text(value, indent=1))


def show_counts(done: str, counts: dict[str, Any], as_json: bool) -> None:
    """Print the outcome of a command."""
    if as_json:
        show_json(counts)
        return
    if not any(n for name, n in counts.items() if name not in SIZES):
        click.echo(f"nothing {done}")
        return
    rows = [(name.replace("_", " "), str(n)) for name, n in counts.items()]
    show_table((done, "value"), rows, whole=1)


def show_table(names: Sequence[str], rows: Sequence[Sequence[str]], whole: int) -> None:
    """Print rows; the first columns, `whole` of them, are never broken, and long texts are cut."""
    from rich.console import Console
    from rich.table import Table

    table = Table(*names)
    for number, column in enumerate(table.columns[:whole]):
        column.no_wrap = True
        column.min_width = max([len(names[number]), *(len(row[number]) for row in rows)])
    for row in rows:
        table.add_row(*(Cell(printable(cell)) for cell in row))
    Console().print(table)


def show_about(session: SessionRecord, in_logs: str | None) -> None:
    """Print what a session is, its task as a whole."""
    lines = {
        "session": session.id,
        "owner": printable(session.principal or "nobody"),
        "in logs": in_logs or "",
        "task": task_of(session.task) or "none",
        "head": session.head,
        "steps": str(session.steps),
        "items": str(session.items),
    }
    show_lines(lines, TITLE)


def show_lines(lines: Mapping[str, str], title_width: int) -> None:
    """Print titles and their texts as a whole, in as many lines as they need."""
    from rich.console import Console

    room = max(Console().width, COLUMNS // 2) - title_width
    for title, text in lines.items():
        shown = writable(visible(text), encoding())
        for number, line in enumerate(wrapped(shown, room)):
            click.echo(f"{'' if number else title:{title_width}}{inline(line)}")


def show_steps(steps: Sequence[StepRecord]) -> None:
    """Print a table of steps, or that there are none."""
    if not steps:
        click.echo("no steps yet")
        return
    rows = [(str(s.n), minute(s.created_at), s.mode, s.input, s.output) for s in steps]
    show_table(("step", "when", "mode", "input", "output"), rows, whole=3)


def show_checkpoints(checkpoints: Sequence[CheckpointRecord]) -> None:
    """Print a line for each checkpoint, and one for its label, or that there are none."""
    click.echo("checkpoints, oldest first:" if checkpoints else "no checkpoints yet")
    for each in checkpoints:
        held = f"step {each.step}, {counted(each.items, 'item')}, {minute(each.created_at)}"
        click.echo(f"{each.id}  {held}")
        if each.label:
            click.echo(f"    {fitted(each.label, COLUMNS - 4)}")


def show_sessions(records: Sequence[SessionRecord]) -> None:
    """Print two lines a session: its whole handle and its owner, then what it holds and its task.

    No line is over `COLUMNS`.
    """
    if not records:
        click.echo("no sessions yet")
    for record in records:
        owner = fitted(record.principal or "", COLUMNS - len(record.id) - len("  "))
        held = f"{counted(record.steps, 'step')}, {counted(record.items, 'item')}"
        line = f"    {minute(record.updated_at)}  {held}  "
        task = fitted(task_of(record.task), COLUMNS - len(line))
        click.echo(f"{record.id}  {owner}".rstrip())
        click.echo(f"{line}{task}".rstrip())


def counted(number: int, what: str) -> str:
    """A number of things in words."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def fitted(text: str, columns: int) -> str:
    """The beginning of a text in so many of a terminal's columns, of which some letters take two.

    Empty where there is no room for a letter and the mark that something is missing.
    """
    from rich.cells import cell_len, set_cell_size

    text = writable(visible(beginning(text, SHOWN_CHARS * COLUMNS)).strip(), encoding())
    if cell_len(text) <= columns:
        return inline(text)
    more = "…" if writable("…", encoding()) == "…" else "..."
    room = columns - len(more)
    start = beginning(text, len(set_cell_size(text, room).rstrip())) if room > 0 else ""
    return inline(f"{start}{more}") if start else ""


def printable(text: str) -> str:
    """The beginning of a text, without characters that would steer a terminal."""
    return visible(shortened(text, SHOWN_CHARS))


def inline(text: str) -> str:
    """A text in a line of words, as the terminal can show it."""
    return isolated(text, encoding())


def encoding() -> str:
    """What the terminal takes."""
    return getattr(sys.stdout, "encoding", None) or "utf-8"


def minute(moment: str) -> str:
    """A recorded time, to the minute, in UTC."""
    return moment[:16].replace("T", " ")


def task_of(task: dict[str, Any] | None) -> str:
    """The description of a stored task."""
    inner = (task or {}).get("task")
    return str(inner.get("description", "")) if isinstance(inner, dict) else ""
