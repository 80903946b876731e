"""`hypernet-mcp tasks list`, `show` and `export`: they read, beside whoever has the database."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hypernet.terminal import Command
from mcp_server.cli.display import show_counts, show_json
from mcp_server.cli.opening import Refusal, reader
from mcp_server.cli.tasks.display import (
    show_card,
    show_quality,
    show_tasks,
    show_trend,
    show_versions,
)
from mcp_server.cli.tasks.options import AS_JSON, WORDS

if TYPE_CHECKING:
    from mcp_server.app.settings import Settings


@click.command("list", cls=Command)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=1_000,
    show_default=True,
    help="Most tasks, by name.",
)
@AS_JSON
@click.pass_obj
def list_tasks(settings: Settings, limit: int, as_json: bool) -> None:
    """List the tasks: version, examples, how each is served and how good it is."""
    from mcp_server.tasks.changes import lines

    with reader(settings, WORDS) as store:
        found = lines(store, limit)
    if as_json:
        show_json([each.model_dump() for each in found])
        return
    show_tasks(found)


@click.command(cls=Command)
@click.argument("name")
@click.option(
    "--days",
    type=click.IntRange(min=1),
    default=14,
    show_default=True,
    help="Most days of the counts, the last.",
)
@click.option(
    "--versions",
    "last",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    help="Most versions, the last.",
)
@AS_JSON
@click.pass_obj
def show(settings: Settings, name: str, days: int, last: int, as_json: bool) -> None:
    """Show one task: what it is, how good each way to serve it is, how its steps fare.

    Intervals are 95 % of the share of right answers. Asked counts steps that asked for review.
    """
    from mcp_server.tasks.changes import card

    with reader(settings, WORDS) as store:
        shown, counts = card(store, name), store.tasks.counts(name, days)
        versions = store.tasks.versions(name, last)
        task = store.tasks.line(name)
    if as_json:
        show_json(
            {
                **shown.model_dump(),
                "shared": task.shared,
                "counts": asdict(counts),
                "versions": [asdict(each) for each in versions],
            }
        )
        return
    show_card(shown, task)
    click.echo()
    if shown.quality is not None:
        show_quality(shown.quality)
        click.echo()
    show_trend(counts)
    click.echo()
    show_versions(versions)


@click.command(cls=Command)
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Replace a file that is there already.")
@AS_JSON
@click.pass_obj
def export(settings: Settings, name: str, file: Path, force: bool, as_json: bool) -> None:
    """Write a task to FILE as JSON, for `import` elsewhere: what it is and all its examples.

    Sessions, steps and trained weights are not in it.
    """
    from mcp_server.cli.tasks.transfer import write_task

    with reader(settings, WORDS) as store:
        version, past = store.tasks.get(name), store.tasks.versions(name, 1_000)
    if file.is_symlink():
        raise Refusal(f"FILE: {file.name} is a symbolic link, never followed; name another")
    if file.exists() and not force:
        raise Refusal(f"FILE: {file.name} is there already; name another, or give --force")
    try:
        size = write_task(file, version, past)
    except OSError as error:
        raise Refusal(f"FILE: {file.name}: {error.strerror or 'cannot be written'}") from error
    held = {"version": version.number, "examples": len(version.examples), "bytes": size}
    show_counts("exported", held, as_json)
