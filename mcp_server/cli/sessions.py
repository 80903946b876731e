"""`hypernet-mcp sessions`: look at, verify, prune, move and back up what the server remembers.

What only reads works beside a running server; what changes something needs the database to itself
and says which process has it.
"""

from __future__ import annotations

import glob
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hypernet.terminal import Group
from mcp_server.cli.display import (
    inline,
    printable,
    show_about,
    show_checkpoints,
    show_counts,
    show_json,
    show_sessions,
    show_steps,
)
from mcp_server.cli.opening import Words, owner, reader
from mcp_server.telemetry.logs import short

if TYPE_CHECKING:
    from mcp_server.app.settings import Settings

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
FORCE = click.option("--force", is_flag=True, help="Replace a file that is there already.")
DRY_RUN = click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
FILE = click.Path(path_type=Path, dir_okay=False)
WORDS = Words(
    fields={
        "session_id": "SESSION",
        "item_id": "--item",
        "source": "--source",
        "principal": "--principal",
    },
    remedies={
        "use the id returned": "`hypernet-mcp sessions list` shows those there are",
        "recall shows": "`hypernet-mcp sessions export SESSION FILE` writes all that it holds",
        "allow it to be replaced": "name another, or give --force",
    },
)


def backups_of(database: Path) -> list[Path]:
    """The copies that migrations have left beside a database."""
    return sorted(database.parent.glob(f"{glob.escape(database.name)}.v*.backup"))


@click.group(cls=Group)
def sessions() -> None:
    """Look after the sessions in the database.

    list, show, verify, export, backup and dry runs of prune only read and work beside a running
    server. prune, delete and import need the database to themselves: stop the server first.
    """


@sessions.command("list")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=50,
    show_default=True,
    help="Most sessions, latest first.",
)
@AS_JSON
@click.pass_obj
def list_sessions(settings: Settings, limit: int, as_json: bool) -> None:
    """List the sessions, the latest first."""
    with reader(settings, WORDS) as store:
        records = store.sessions(limit)
    if as_json:
        show_json([asdict(record) for record in records])
        return
    show_sessions(records)


@sessions.command("show")
@click.argument("session")
@click.option(
    "--steps",
    "last",
    type=click.IntRange(min=0),
    default=20,
    show_default=True,
    help="Most steps, the last ones.",
)
@AS_JSON
@click.pass_obj
def show_session(settings: Settings, session: str, last: int, as_json: bool) -> None:
    """Show one session: its last steps and its checkpoints."""
    with reader(settings, WORDS) as store:
        record = store.session(session)
        steps, checkpoints = store.steps(session, last), store.checkpoints(session)
    if as_json:
        from mcp_server.jobs.present import observed

        show_json(
            {
                "session": asdict(record),
                "steps": [
                    asdict(step) | {"result": step.result | observed(step)} for step in steps
                ],
                "checkpoints": [asdict(checkpoint) for checkpoint in checkpoints],
            }
        )
        return
    show_about(record, short(record.id))
    click.echo()
    show_steps(steps)
    click.echo()
    show_checkpoints(checkpoints)


@sessions.command()
@AS_JSON
@click.pass_obj
def verify(settings: Settings, as_json: bool) -> None:
    """Derive every hash, count and link anew, and compare.

    Exit status: 0 when all is well, 1 when something is wrong (the first difference comes first),
    2 when the database could not be read.
    """
    with reader(settings, WORDS) as store:
        problems = store.maintenance.verify()
    if as_json:
        show_json({"ok": not problems, "problems": problems})
    else:
        for problem in problems:
            click.echo(inline(printable(problem)))
        click.echo("all is well" if not problems else f"{len(problems)} differences")
    sys.exit(1 if problems else 0)


@sessions.command()
@click.option(
    "--keep",
    type=click.IntRange(min=0),
    default=10,
    show_default=True,
    help="Unlabelled checkpoints to keep of each session, the latest ones.",
)
@DRY_RUN
@AS_JSON
@click.pass_obj
def prune(settings: Settings, keep: int, dry_run: bool, as_json: bool) -> None:
    """Remove old checkpoints, and history that only they led to; make the file smaller.

    Steps that a session sees are never removed. Labelled checkpoints stay, and so do those that a
    fork descends from.
    """
    from checkpoints import PrunePolicy

    with reader(settings, WORDS) if dry_run else owner(settings, WORDS) as store:
        before = settings.database.stat().st_size
        pruned = store.maintenance.prune(PrunePolicy(keep), dry_run=dry_run)
    counts = asdict(pruned)
    if not dry_run:
        counts["file_bytes_before"] = before
        counts["file_bytes_after"] = settings.database.stat().st_size
    show_counts("would be removed" if dry_run else "removed", counts, as_json)


@sessions.command()
@click.argument("session")
@click.option("--source", help="Only all that this source ever sent, by its whole name.")
@click.option("--item", type=click.IntRange(min=1), help="Only this memory item, by its number.")
@DRY_RUN
@AS_JSON
@click.pass_obj
def delete(
    settings: Settings,
    session: str,
    source: str | None,
    item: int | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Delete a session, a source or an item of its memory for good.

    The text leaves the file, its log and its indexes, and is cut out of the steps that used or
    quoted it. Copies outside stay: backups, exports, logs. A dry run does it all and takes it back.
    """
    if source is not None and item is not None:
        raise click.UsageError("give --source or --item, or neither for the whole session")
    with owner(settings, WORDS) as store:
        if source is not None:
            deleted = store.deletions.source(session, source, dry_run=dry_run)
        elif item is not None:
            deleted = store.deletions.item(session, item, dry_run=dry_run)
        else:
            deleted = store.deletions.session(session, dry_run=dry_run)
    left = [str(path) for path in backups_of(settings.database)]
    if as_json:
        show_json({**asdict(deleted), "backups": left})
        return
    lists = ("redacted", "shared_with", "kept_by", "also", "left")
    counts = {name: n for name, n in asdict(deleted).items() if name not in lists}
    counts["redacted_steps"] = len(deleted.redacted)
    counts |= deleted.also
    show_counts("would be deleted" if dry_run else "deleted", counts, as_json=False)
    for names, what in (
        (deleted.shared_with, "share its history and lose it too"),
        (deleted.kept_by, "hold the same text still"),
        (left, "are backups, which are not looked into"),
    ):
        if names:
            click.echo(f"{', '.join(names)}: {what}")
    for line in deleted.left:
        click.echo(f"left: {line}")


@sessions.command()
@click.argument("session")
@click.argument("file", type=FILE)
@FORCE
@AS_JSON
@click.pass_obj
def export(settings: Settings, session: str, file: Path, force: bool, as_json: bool) -> None:
    """Write one session to FILE as lines of JSON, for `import` elsewhere.

    The file holds all that the session's history, checkpoints and marks consist of.
    """
    with reader(settings, WORDS) as store:
        size = store.maintenance.export(session, file, overwrite=force)
    show_counts("exported", {"bytes": size}, as_json)


@sessions.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--principal", help="Whose the session is from now on, with tokens.")
@DRY_RUN
@AS_JSON
@click.pass_obj
def import_session(
    settings: Settings, file: Path, principal: str | None, dry_run: bool, as_json: bool
) -> None:
    """Bring in the session of an exported FILE, with the handle and ids it had.

    Every hash is checked; a file with a changed byte is refused as a whole, naming the line.
    """
    with owner(settings, WORDS, scratch=dry_run) as store:
        imported = store.maintenance.import_session(file, principal=principal, dry_run=dry_run)
    show_counts("would be imported" if dry_run else "imported", asdict(imported), as_json)


@sessions.command()
@click.argument("file", type=FILE)
@FORCE
@AS_JSON
@click.pass_obj
def backup(settings: Settings, file: Path, force: bool, as_json: bool) -> None:
    """Copy the database to FILE as it is at this moment, and verify the copy."""
    with reader(settings, WORDS) as store:
        size = store.maintenance.backup(file, overwrite=force)
    show_counts("backed up and verified", {"bytes": size}, as_json)
