"""What can go wrong in the memory layer, in words fit for its user.

Every message names the field or file, the limit where there is one, and what to do about it.
"""

# ruff: noqa: N818  # these names are the layer's published vocabulary; "Fault" is its base word

from __future__ import annotations

from typing import TYPE_CHECKING

from checkpoints.text.graphemes import beginning

if TYPE_CHECKING:
    from collections.abc import Sequence


class MemoryFault(Exception):
    """Any refusal or failure of the memory layer; its message may be shown to the user."""


class UnknownSession(MemoryFault):
    """No session has this id."""

    def __init__(self, session_id: str, hint: str = "") -> None:
        """`hint` is what it may have been meant to be."""
        super().__init__(
            f"session_id: there is no session {session_id!r} in this database; "
            + (hint or "use the id returned when the session was created, or create a new session")
        )


class UnknownCheckpoint(MemoryFault):
    """No checkpoint has this id."""

    def __init__(self, checkpoint_id: str, hint: str = "") -> None:
        """`hint` is what it may have been meant to be."""
        super().__init__(
            f"checkpoint_id: there is no checkpoint {checkpoint_id!r} in this database, or it was "
            f"pruned; {hint or 'use an id returned by a checkpoint of the session'}"
        )


class ForeignCheckpoint(MemoryFault):
    """The checkpoint was made in another session than the one named."""

    def __init__(self, checkpoint_id: str, session_id: str, made_in: str) -> None:
        super().__init__(
            f"checkpoint_id: {checkpoint_id!r} was not made in session {session_id!r}; "
            f"name the session it was made in, {made_in!r}, or leave session_id out"
        )


class BadIdentifier(MemoryFault):
    """An id that no store could have issued."""

    def __init__(self, field: str, hint: str = "") -> None:
        """`hint` is what it may have been meant to be."""
        rule = f"{field}: an id has 1 to 64 characters out of A-Z, a-z, 0-9, '-' and '_'"
        super().__init__(f"{rule}; {hint}" if hint else rule)


class BadValue(MemoryFault):
    """A value that cannot be kept verbatim: empty, not JSON, or not valid Unicode."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.problem = problem


class UnknownSource(MemoryFault):
    """No item of the session's memory has this source, or none of those looked at."""

    def __init__(
        self, field: str, name: str, nearest: Sequence[str], where: str = "the session's memory has"
    ) -> None:
        shown = " or ".join(repr(beginning(each, 100)) for each in nearest)
        remedy = f"did you mean {shown}?" if shown else "recall shows what each excerpt's source is"
        super().__init__(
            f"{field}: {where} nothing from {beginning(name, 100)!r}; nothing was changed; {remedy}"
        )


class UnknownTask(MemoryFault):
    """No named task that may be seen has this name, or it has no such version."""

    def __init__(self, name: str, hint: str = "") -> None:
        """`hint` is what it may have been meant to be."""
        super().__init__(
            f"name: there is no task {beginning(name, 100)!r}; nothing was changed; "
            + (hint or "save it first, or list the tasks that there are")
        )


class UnknownVersion(MemoryFault):
    """A named task has no such version, or it is not kept any more."""

    def __init__(self, version: int | str, task: str = "", has: str = "") -> None:
        """`has` is what there is instead, in words."""
        of_task = f" of task {task!r}" if task else ""
        super().__init__(
            f"version: there is no version {version}{of_task}; nothing was changed"
            + (f"; {has}" if has else "")
        )


class UnknownCorrection(MemoryFault):
    """No correction has this id."""

    def __init__(self, correction_id: str) -> None:
        super().__init__(
            f"correction: there is no correction {beginning(correction_id, 100)!r}; nothing was "
            "changed; give the id that correcting the step returned"
        )


class BadLine(MemoryFault):
    """A line of an exported session that is not as it was written; nothing was imported."""

    def __init__(self, number: int, problem: str) -> None:
        super().__init__(
            f"line {number}: {problem}; nothing was imported; export the session again"
        )


class SessionExists(MemoryFault):
    """A session to be imported is there already."""

    def __init__(self, session_id: str) -> None:
        super().__init__(
            f"session {session_id}: is in this database already; nothing was imported, and nothing "
            "needs to be"
        )


class LimitExceeded(MemoryFault):
    """A value is over its limit; nothing was changed."""

    def __init__(self, field: str, value: int, limit: int, unit: str, remedy: str) -> None:
        super().__init__(f"{field}: {value} {unit}, the limit is {limit}; {remedy}")


class StoreLocked(MemoryFault):
    """Another process holds the database; `holder` says which."""

    def __init__(self, name: str, holder: str) -> None:
        self.holder = holder
        super().__init__(
            f"database {name}: in use by {holder}; "
            "stop that process, or give this one a database file of its own"
        )


class StoreNewer(MemoryFault):
    """The database was written by a later release."""

    def __init__(self, name: str, found: int, known: int) -> None:
        super().__init__(
            f"database {name}: its schema version is {found} and this release knows up to {known}; "
            "upgrade the program, or choose another database file"
        )


class StoreOlder(MemoryFault):
    """The database was written by an earlier release, and reading it would need a migration."""

    def __init__(self, name: str, found: int, known: int) -> None:
        super().__init__(
            f"database {name}: its schema version is {found} and this release reads {known}; "
            "start the server on it once, which brings it up to date after a backup"
        )


class FileExists(MemoryFault):
    """A file that would be written is there already."""

    def __init__(self, name: str) -> None:
        super().__init__(f"file {name}: is there already; name another, or allow it to be replaced")


class StoreReadOnly(MemoryFault):
    """The database file or its folder cannot be written."""

    def __init__(self, name: str, what: str) -> None:
        super().__init__(
            f"database {name}: {what} is read-only; "
            "make it writable for its owner, or choose another database file"
        )


class NotADatabase(MemoryFault):
    """The file is not a sound database of this program; it was left as it is."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"database {name}: {problem}; choose another file or restore a backup")


class StoreDamaged(MemoryFault):
    """The open database turned out to be damaged; nothing is written to it any more."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(
            f"database {name}: is damaged ({problem}); this call changed nothing, and nothing is "
            "written to it any more; what can be read still is: `hypernet-mcp sessions export` "
            "saves a session, then stop the server and restore a backup"
        )


class StoreMoved(MemoryFault):
    """The database file, or its write-ahead log, is no longer where it was opened."""

    def __init__(self, name: str, outcome: str, *, log: bool = False) -> None:
        if log:
            problem = f"its write-ahead log {name}-wal was moved or deleted"
            remedy = "call again, a new one is begun; leave the files beside a database alone"
        else:
            problem = "the file was moved, deleted or replaced while it was open"
            remedy = "put it back where it was, or stop the server and start it with the new place"
        super().__init__(f"database {name}: {problem}; {outcome}; {remedy}")
