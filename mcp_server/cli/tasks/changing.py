"""`hypernet-mcp tasks import`, `go-back`, `share` and `delete`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hypernet.terminal import Command
from mcp_server.cli.display import COLUMNS, counted, fitted, show_counts, show_json
from mcp_server.cli.opening import Refusal, owner, reader
from mcp_server.cli.tasks.options import AS_JSON, BESIDE, DRY_RUN, PRINCIPAL, WORDS, own_task

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from checkpoints import Store
    from mcp_server.app.settings import Settings


@click.command("import", cls=Command)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--as", "name", help="Its name here. [default: the one in the file]")
@PRINCIPAL
@DRY_RUN
@AS_JSON
@click.pass_obj
def import_task(
    settings: Settings,
    file: Path,
    name: str | None,
    principal: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Bring in the task of an exported FILE, as a task of its own.

    What was measured elsewhere is not taken over: the task is learned anew here.
    """
    from checkpoints import Store
    from hypernet.engine.interface import EngineError
    from mcp_server.cli.tasks.transfer import check_content, read_task
    from mcp_server.schema.limits import InputError
    from mcp_server.tasks.reading import FileError

    try:
        content = read_task(file)
    except FileError as error:
        raise Refusal(f"FILE: {error}") from error
    as_name = name or content.name
    try:
        check_content(content)
    except (InputError, EngineError) as error:
        raise Refusal(f"FILE: {file.name}: {error}") from error
    if "/" in as_name:
        raise Refusal("NAME: a name has no '/'; say whose the task is with --principal")
    with _opened(settings, dry_run) as store:
        if own_task(store, as_name, principal):
            raise Refusal(f"NAME: there is a task {as_name!r} already; give another with --as")
        definition, examples = content.definition.stored(), content.stored_examples()
        if dry_run:
            with Store.open(":memory:") as scratch:
                saved = scratch.visible_to(principal).tasks.save(as_name, definition, examples)
        else:
            saved = store.visible_to(principal).tasks.save(as_name, definition, examples)
    if as_json:
        show_json(
            {
                "dry_run": dry_run,
                "name": saved.version.task,
                "owner": saved.version.owner,
                "examples": len(saved.version.examples),
                "set_aside": len(saved.set_aside),
            }
        )
        return
    done = "would be imported" if dry_run else "imported"
    held = counted(len(saved.version.examples), "example")
    click.echo(fitted(f"{done} as {saved.version.task}: {held}", COLUMNS))
    if saved.set_aside:
        click.echo(f"{len(saved.set_aside)} set aside: a later one has the same input")


def _opened(settings: Settings, dry_run: bool) -> AbstractContextManager[Store]:
    if dry_run and settings.database.exists():
        return reader(settings, WORDS)
    return owner(settings, WORDS, scratch=dry_run, beside=BESIDE)


@click.command("go-back", cls=Command)
@click.argument("name")
@click.argument("version", type=click.IntRange(1, 2**31 - 1))
@AS_JSON
@click.pass_obj
def go_back(settings: Settings, name: str, version: int, as_json: bool) -> None:
    """Make an earlier VERSION of a task the current one; the later ones stay.

    What was taken back, quarantined or deleted since does not come back with it.
    """
    with owner(settings, WORDS, there=True, beside=BESIDE) as store:
        saved = store.tasks.go_back(name, version)
    now = saved.version
    if as_json:
        show_json(
            {"name": now.task, "version": now.number, "examples": len(now.examples)}
            | {"set_aside": len(saved.set_aside)}
        )
        return
    held = counted(len(now.examples), "example")
    click.echo(fitted(f"{now.task} is at version {now.number} now: {held}", COLUMNS))
    if saved.set_aside:
        click.echo(f"{len(saved.set_aside)} of version {version} did not come back")


@click.command(cls=Command)
@click.argument("name")
@click.option("--off", is_flag=True, help="Share it no more.")
@click.pass_obj
def share(settings: Settings, name: str, off: bool) -> None:
    """Let other principals use a task by its name; only its owner changes it."""
    with owner(settings, WORDS, there=True, beside=BESIDE) as store:
        before = store.tasks.line(name)
        done = store.tasks.share(name, not off)
    how = "its owner's alone" if off else "shared: others may use it, not change it"
    told = f"{done.name} is {how}"
    if done == before:
        told = f"nothing changed: {told} already"
    click.echo(fitted(told, COLUMNS))


@click.command(cls=Command)
@click.argument("name")
@DRY_RUN
@AS_JSON
@click.pass_obj
def delete(settings: Settings, name: str, dry_run: bool, as_json: bool) -> None:
    """Delete a task for good: versions, examples and counts.

    Corrections stay beside their steps, in their sessions. Copies outside stay: backups, exports.
    """
    with owner(settings, WORDS, there=True) as store:
        deleted = store.tasks.delete(name, dry_run=dry_run)
    counts = {"tasks": 1, "text_bytes": deleted.text_bytes, **deleted.also}
    show_counts("would be deleted" if dry_run else "deleted", counts, as_json)
