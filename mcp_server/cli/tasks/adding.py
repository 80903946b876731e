"""`hypernet-mcp tasks add`: a task made of a file of examples, or more examples for one."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from hypernet.terminal import Command
from mcp_server.cli.display import COLUMNS, counted, fitted, printable, show_json
from mcp_server.cli.opening import Refusal, owner, reader
from mcp_server.cli.tasks.display import show_places, show_read
from mcp_server.cli.tasks.options import (
    AS_JSON,
    BESIDE,
    COLUMNS_OF,
    DRY_RUN,
    EXISTING,
    PRINCIPAL,
    WORDS,
    own_task,
)
from mcp_server.schema.limits import beginning
from mcp_server.tasks.reading import FileError, read_examples

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from checkpoints import Saved, Store, TaskDefinition, TaskExample, TaskVersion
    from mcp_server.app.settings import Settings
    from mcp_server.tasks.reading import Read

FEW_OUTPUTS = 16
"""So many different outputs, and no label given: they may be labels."""


@click.command(cls=Command)
@click.argument("name")
@click.argument("source", type=EXISTING)
@click.option("--task", "description", help="What the task is, in a sentence; a new one needs it.")
@click.option("--label", "labels", multiple=True, help="An allowed answer; repeat it.")
@click.option("--outputs-are-labels", is_flag=True, help="The outputs in SOURCE are the labels.")
@click.option("--ask-below", type=click.FloatRange(0, 1), help="Ask for review under this.")
@COLUMNS_OF[0]
@COLUMNS_OF[1]
@click.option("--first", type=click.IntRange(min=1), help="Take so many examples, the first ones.")
@click.option("--replace", "anew", is_flag=True, help="In place of those given before.")
@click.option("--skip-bad", is_flag=True, help="Leave out lines that are no examples.")
@PRINCIPAL
@DRY_RUN
@AS_JSON
@click.pass_obj
def add(
    settings: Settings,
    *,
    name: str,
    source: Path,
    description: str | None,
    labels: tuple[str, ...],
    outputs_are_labels: bool,
    ask_below: float | None,
    input_column: str | None,
    output_column: str | None,
    first: int | None,
    anew: bool,
    skip_bad: bool,
    principal: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Make the task NAME of the examples in SOURCE, or give it more of them.

    SOURCE is a CSV file with a line of names, a file of JSON lines, or a task's folder as `hypernet
    train` reads it (task.yaml and JSON lines). Examples from corrections stay, whatever is given.
    """
    if labels and outputs_are_labels:
        raise click.UsageError("give either --label or --outputs-are-labels")
    try:
        read = read_examples(source, input_column, output_column)
    except FileError as error:
        raise Refusal(f"SOURCE: {error}") from error
    if outputs_are_labels:
        labels = tuple(sorted({each.output.strip() for each in read.examples}))
    before = _before(settings, name, principal)
    try:
        definition = _definition(before, description, labels, ask_below, read)
    except Refusal:
        if read.problems and not as_json:  # the labels may be those of lines that are no examples
            show_read(read, source.name)
        raise
    read = read.allowed(definition.labels).fitting(definition.schema)
    if first is not None:
        read = replace(read, examples=read.examples[:first])
    if not dry_run and read.problems and not skip_bad:
        show_places("of its lines are no examples", [f"{w}: {why}" for w, why in read.problems])
        raise Refusal(
            "SOURCE: nothing was changed; correct these lines, or leave them out with --skip-bad"
        )
    if not read.examples:
        if not as_json:
            show_read(read, source.name)
        raise Refusal("SOURCE: holds no example; nothing was changed")
    examples = _examples(read, source)
    if dry_run:
        saved = _tried(before, name, definition, examples, anew)
    else:
        with owner(settings, WORDS, beside=BESIDE) as store:
            mine = store.visible_to(principal)
            saved = _in_shell_words(mine, name, definition, examples, anew)
    _tell(read, source, saved, dry_run=dry_run, as_json=as_json)


def _before(settings: Settings, name: str, principal: str | None) -> TaskVersion | None:
    """The task as it is; None where there is none of this name and principal."""
    if not settings.database.exists():
        return None
    with reader(settings, WORDS) as store:
        seen = store.visible_to(principal)
        there = "/" in name or own_task(store, name, principal)
        return seen.tasks.get(name) if there else None


def _definition(
    before: TaskVersion | None,
    description: str | None,
    labels: Sequence[str],
    ask_below: float | None,
    read: Read,
) -> TaskDefinition:
    """What the options say, over the folder's task.yaml, over what the task was."""
    from checkpoints import TaskDefinition
    from hypernet.engine.interface import EngineError
    from mcp_server.schema.limits import InputError, check_labels

    old = TaskDefinition("") if before is None else before.definition
    text = description or read.description or old.description
    if not text:
        raise click.UsageError("--task: a new task needs it; say in a sentence what it is")
    chosen = tuple(labels) or read.labels or old.labels
    try:
        check_labels(chosen)
    except (InputError, EngineError) as error:
        raise Refusal(WORDS.said(str(error))) from error
    return replace(
        old,
        description=text,
        labels=chosen,
        schema=None if chosen else old.schema,
        copy=None if chosen else (old.copy if read.copy is None else read.copy),
        ask_below=old.ask_below if ask_below is None else ask_below,
    )


def _examples(read: Read, source: Path) -> list[TaskExample]:
    from checkpoints import TaskExample

    return [TaskExample(each.input, each.output, source.name) for each in read.examples]


def _tried(
    before: TaskVersion | None,
    name: str,
    definition: TaskDefinition,
    examples: Sequence[TaskExample],
    anew: bool,
) -> Saved:
    """What saving would come to, in a database of its own."""
    from checkpoints import MemoryFault, Store

    short = name.rpartition("/")[2]
    try:
        with Store.open(":memory:") as store:
            if before is not None:
                given = [replace(each, correction=None) for each in before.examples]
                store.tasks.save(short, before.definition, given)
                if anew:  # what corrections brought stays
                    brought = [replace(e, correction=None) for e in before.examples if e.correction]
                    examples = [*brought, *examples]
            return _in_shell_words(store, short, definition, examples, anew)
    except MemoryFault as error:
        raise Refusal(WORDS.said(str(error))) from error


def _in_shell_words(
    store: Store,
    name: str,
    definition: TaskDefinition,
    examples: Sequence[TaskExample],
    anew: bool,
) -> Saved:
    """Save, and say `SOURCE` where the store says `examples`."""
    from checkpoints import LimitExceeded

    try:
        return store.tasks.save(name, definition, examples, add=not anew)
    except LimitExceeded as error:
        if not str(error).startswith("examples:"):
            raise
        advice = "nothing was changed; --first N takes the first ones"
        raise Refusal(f"SOURCE: {str(error).partition(':')[2].strip()}; {advice}") from error


def _tell(read: Read, source: Path, saved: Saved, *, dry_run: bool, as_json: bool) -> None:
    from hypernet.learning.learn import FEWEST

    version = saved.version
    outputs = Counter(each.output for each in read.examples)
    missing = [label for label in version.definition.labels if label not in outputs]
    if as_json:
        show_json(
            {
                "dry_run": dry_run,
                "changed": saved.changed,
                "name": version.task,
                "version": None if dry_run else version.number,
                "examples": len(version.examples),
                "read": len(read.examples),
                "problems": [{"where": where, "why": why} for where, why in read.problems],
                "contradictions": [
                    {"where": each.where, "output": each.output}
                    | {"earlier": first.where, "earlier_output": first.output}
                    for each, first in read.contradictions
                ],
                "repeated": len(read.repeated),
                "set_aside": len(saved.set_aside),
                "labels": {label: outputs[label] for label in version.definition.labels},
            }
        )
        return
    show_read(read, source.name)
    if missing:
        click.echo(fitted(f"labels without an example here: {', '.join(missing)}", COLUMNS))
    free = not version.definition.labels and version.definition.schema is None
    if free and 1 < len(outputs) <= min(FEW_OUTPUTS, len(read.examples) // 3):
        click.echo(
            f"there are {len(outputs)} different outputs: --outputs-are-labels keeps to them"
        )
    if not saved.changed:
        click.echo("nothing changed: the task has all of them already")
        return
    verb = "would have" if dry_run else "has"
    held = counted(len(version.examples), "example")
    number = "" if dry_run else f" in version {version.number}"
    click.echo(fitted(f"{version.task} {verb} {held}{number}", COLUMNS))
    in_file = {(each.input, each.output) for each in read.examples}
    show_places(
        "of those it had before are used no more",
        [
            f"{printable(beginning(each.example.input))!r}: {each.why}"
            for each in saved.set_aside
            if (each.example.input, each.example.output) not in in_file
        ],
    )
    if dry_run:
        return
    if len(version.examples) < FEWEST:
        click.echo(f"from {FEWEST} on it can be measured, and what serves it best chosen")
    else:
        click.echo("a server learns it by itself; `hypernet-mcp tasks learn NAME` does it now")
