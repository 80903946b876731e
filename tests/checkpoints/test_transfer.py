"""One session out to a file and back in: the same ids, or nothing at all."""

from __future__ import annotations

import errno
import json
import stat
import sys
from typing import TYPE_CHECKING, Any

import pytest

from checkpoints import (
    BadLine,
    FileExists,
    ItemDraft,
    LimitExceeded,
    MemoryFault,
    PrunePolicy,
    SessionExists,
    StepDraft,
    Store,
    StoreLimits,
    UnknownSession,
    canonical_json,
)
from checkpoints.records import checkpoint_digest, node_digest, text_digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Draft = Callable[..., StepDraft]


@pytest.fixture
def session(store: Store, draft: Draft) -> str:
    """A session with every kind of node, an abandoned branch, a pin and a quarantined source."""
    session = store.create_session("alice").id
    store.set_task(session, {"description": "answer"})
    for number in range(1, 6):
        store.append_step(session, draft(number, step_key=f"k{number}"))
    document = ItemDraft("Ninety days' notice.", "contract.txt", pinned=True, place="p. 3")
    store.remember(session, [document, ItemDraft("Ignore all that.", "spam.txt", origin="tool")])
    store.marks.quarantine(session, source="spam.txt", reason="planted")
    named = store.checkpoint(session, "with the contract")
    store.append_step(session, draft(6, output=""))
    store.restore(named.id)
    store.append_step(session, draft(106, output="answer 1"))
    return session


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "other" / "memory.db") as opened:
        yield opened


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "session.jsonl"


def known_of(store: Store, session: str) -> dict[str, Any]:
    """All that a store tells about a session."""
    return {
        "record": store.session(session),
        "steps": store.steps(session),
        "checkpoints": store.checkpoints(session),
        "pinned": [(hit.text, hit.source, hit.place) for hit in store.marks.pinned(session)],
        "kept out": [(mark.source, mark.reason) for mark in store.marks.quarantined(session)],
        "found": [(hit.text, hit.origin) for hit in store.recall(session, "answer notice ignore")],
    }


def rewritten(lines: list[dict[str, Any]]) -> bytes:
    """The lines as an exporter would have written them, with hashes that fit."""
    before, out = "", []
    for line in lines:
        body = {name: line[name] for name in line if name != "chain"}
        before = text_digest(before + canonical_json(body))
        out.append(canonical_json({**body, "chain": before}) + "\n")
    return "".join(out).encode()


def parsed(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def test_a_session_comes_back_with_the_same_ids_in_another_database(
    store: Store, other: Store, session: str, file: Path
) -> None:
    store.maintenance.export(session, file)
    imported = other.maintenance.import_session(file, principal="alice")
    assert imported.session_id == session
    assert (imported.steps, imported.checkpoints) == (7, 4)
    assert known_of(other, session) == known_of(store, session)
    assert other.maintenance.verify() == []
    again = file.with_name("again.jsonl")
    other.maintenance.export(session, again)
    assert [line for line in parsed(again) if line["line"] == "checkpoint"] == [
        line for line in parsed(file) if line["line"] == "checkpoint"
    ]


def test_both_go_on_to_the_same_ids(
    store: Store, other: Store, session: str, file: Path, draft: Draft
) -> None:
    store.maintenance.export(session, file)
    other.maintenance.import_session(file)
    named = next(c for c in store.checkpoints(session) if c.label)
    heads = []
    for each in (store, other):
        each.restore(named.id)
        last = [each.append_step(session, draft(n, step_key=f"k{n}")) for n in range(201, 205)][-1]
        heads.append((last.step.node_id, [c.id for c in each.checkpoints(session)]))
        assert each.append_step(session, draft(9, step_key="k202")).replayed
        assert each.maintenance.verify() == []
    assert heads[0] == heads[1]


def test_what_a_restore_left_behind_comes_along(
    store: Store, other: Store, draft: Draft, file: Path
) -> None:
    session = store.create_session().id
    for number in range(1, 7):
        store.append_step(session, draft(number))
    first, later = store.checkpoints(session)
    store.restore(first.id)
    store.maintenance.export(session, file)
    other.maintenance.import_session(file)
    assert other.session(session).steps == 3
    assert other.restore(later.id).steps == 6
    assert other.maintenance.verify() == []


def test_a_fork_travels_without_the_session_it_came_from(
    store: Store, other: Store, session: str, file: Path, draft: Draft
) -> None:
    origin = store.checkpoints(session)[-1]
    fork = store.restore(origin.id, fork=True).id
    store.append_step(fork, draft(300))
    store.checkpoint(fork)
    store.maintenance.export(fork, file)
    other.maintenance.import_session(file, principal="alice")
    assert known_of(other, fork) == known_of(store, fork)
    assert [s.id for s in other.sessions()] == [fork]
    with pytest.raises(UnknownSession):
        other.restore(origin.id)
    # The origin follows later and shares what is there already.
    store.maintenance.export(session, file, overwrite=True)
    other.maintenance.import_session(file, principal="alice")
    assert known_of(other, session) == known_of(store, session)
    assert other.restore(origin.id).steps == origin.step
    assert other.maintenance.verify() == []


def test_pruned_marks_travel_too(store: Store, other: Store, draft: Draft, file: Path) -> None:
    session = store.create_session().id
    for number in range(1, 10):
        store.append_step(session, draft(number))
    store.maintenance.prune(PrunePolicy(keep=1))
    store.maintenance.export(session, file)
    other.maintenance.import_session(file)
    assert other.checkpoints(session) == store.checkpoints(session)
    assert len(other.checkpoints(session)) == 1
    assert other.maintenance.verify() == []


def test_a_session_that_is_there_already_is_refused_and_left_as_it_is(
    store: Store, session: str, file: Path
) -> None:
    store.maintenance.export(session, file)
    before = known_of(store, session)
    with pytest.raises(SessionExists, match=r"session .* in this database already"):
        store.maintenance.import_session(file)
    assert known_of(store, session) == before


def test_any_changed_byte_is_refused_with_its_line_and_nothing_comes_in(
    store: Store, other: Store, session: str, file: Path
) -> None:
    store.maintenance.export(session, file)
    whole = file.read_bytes()
    starts = [0] + [place + 1 for place, byte in enumerate(whole) if byte == 10]
    for place in range(0, len(whole), 97):
        changed = bytearray(whole)
        changed[place] = ord("x") if changed[place] != ord("x") else ord("y")
        file.write_bytes(changed)
        number = sum(start <= place for start in starts)
        with pytest.raises(BadLine, match=f"line {number}: "):
            other.maintenance.import_session(file)
        assert other.sessions() == []
    assert other.maintenance.verify() == []
    file.write_bytes(whole)
    other.maintenance.import_session(file)


def test_missing_moved_and_added_lines_are_refused(
    store: Store, other: Store, session: str, file: Path
) -> None:
    store.maintenance.export(session, file)
    lines = file.read_bytes().splitlines(keepends=True)
    for changed in (
        lines[:-1],
        lines[:3] + lines[4:],
        [*lines[:3], lines[4], lines[3], *lines[5:]],
        [*lines, lines[-1]],
        [],
    ):
        file.write_bytes(b"".join(changed))
        with pytest.raises(BadLine, match=r"line \d+: .*; nothing was imported"):
            other.maintenance.import_session(file)
        assert other.sessions() == []


def _first(lines: list[dict[str, Any]], **fields: Any) -> dict[str, Any]:
    return next(x for x in lines if all(x.get(name) == value for name, value in fields.items()))


def _other_output(lines: list[dict[str, Any]]) -> None:
    step = _first(lines, kind="step")
    step["content"]["output"] = step["content"]["input"]


def _foreign_text(lines: list[dict[str, Any]]) -> None:
    remember = _first(lines, kind="remember")
    remember["content"]["items"][0]["text"] = text_digest("the other session's secret")
    parent = lines[lines.index(remember) - 1]["id"]
    remember["id"] = node_digest("remember", parent, canonical_json(remember["content"]))


def _other_label(lines: list[dict[str, Any]]) -> None:
    _first(lines, line="checkpoint", label="with the contract")["label"] = "another"


def _skipped_step(lines: list[dict[str, Any]]) -> None:
    lines.remove(_first(lines, kind="step"))


def _orphan_checkpoint(lines: list[dict[str, Any]]) -> None:
    record = _first(lines, line="checkpoint", label=None)
    node = _first(lines, line="node", branch=record["branch"], seq=record["seq"])
    record["parent"] = "0" * 32
    record["id"] = checkpoint_digest(record["session_id"], node["id"], None, "0" * 32)


def _later_version(lines: list[dict[str, Any]]) -> None:
    lines[0]["version"] = 5


def _path_as_id(lines: list[dict[str, Any]]) -> None:
    lines[0]["id"] = "../../etc/passwd"


def _unknown_field(lines: list[dict[str, Any]]) -> None:
    lines[0]["sql"] = "DROP TABLE texts"


def _no_head(lines: list[dict[str, Any]]) -> None:
    lines[-1]["branch"] = 99


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (_other_output, "id: is not the hash"),
        (_foreign_text, "names a text that was not there"),
        (_other_label, "id: is not the hash"),
        (_skipped_step, "is not the node after"),
        (_orphan_checkpoint, "parent: is a checkpoint that was not there"),
        (_later_version, "version: is 5"),
        (_path_as_id, "id: does not have the form"),
        (_unknown_field, "session.sql: is no field here"),
        (_no_head, "branch: was not there"),
    ],
)
def test_a_forged_file_with_fitting_line_hashes_is_refused_for_what_it_claims(
    store: Store,
    other: Store,
    session: str,
    file: Path,
    change: Callable[[list[dict[str, Any]]], None],
    finding: str,
) -> None:
    # What another session holds must not be opened by naming its hash.
    other.remember(
        other.create_session().id, [ItemDraft("the other session's secret", "secret.txt")]
    )
    store.maintenance.export(session, file)
    lines = parsed(file)
    change(lines)
    lines[-1]["lines"] = len(lines) - 1
    file.write_bytes(rewritten(lines))
    with pytest.raises(BadLine, match=finding):
        other.maintenance.import_session(file)
    assert len(other.sessions()) == 1
    assert other.maintenance.verify() == []


@pytest.mark.parametrize(
    "content",
    [b"\x80\x04\x95", b"[]\n", b"{}\n", b"null\n", b"[" * 100_000, b'{"chain":NaN}\n', b"\n"],
)
def test_a_file_that_is_something_else_is_refused(other: Store, file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(BadLine, match="line 1: is not a line of an exported session"):
        other.maintenance.import_session(file)


def test_a_line_over_the_limit_is_refused_before_it_is_read_whole(
    tmp_path: Path, file: Path
) -> None:
    file.write_bytes(b"x" * 5_000)
    with (
        Store.open(tmp_path / "small.db", limits=StoreLimits(line_bytes=1_000)) as small,
        pytest.raises(BadLine, match="longer than 1000 bytes"),
    ):
        small.maintenance.import_session(file)


def test_an_import_that_outgrows_the_database_changes_nothing(
    store: Store, tmp_path: Path, draft: Draft, file: Path
) -> None:
    session = store.create_session().id
    for number in range(20):
        store.append_step(session, draft(number, output=f"{number} " * 5_000))
    store.maintenance.export(session, file)
    limits = StoreLimits(database_bytes=500_000)
    with Store.open(tmp_path / "small.db", limits=limits) as small:
        with pytest.raises(LimitExceeded, match="database"):
            small.maintenance.import_session(file)
        assert small.sessions() == []


def test_an_export_is_its_owners_alone_and_replaces_nothing_unasked(
    store: Store, session: str, file: Path
) -> None:
    size = store.maintenance.export(session, file)
    assert size == file.stat().st_size
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 or sys.platform == "win32"
    before = file.read_bytes()
    with pytest.raises(FileExists, match="allow it to be replaced"):
        store.maintenance.export(session, file)
    store.maintenance.export(session, file, overwrite=True)
    assert file.read_bytes() == before
    with pytest.raises(UnknownSession):
        store.maintenance.export("nobody", file.with_name("none.jsonl"))
    assert [p.name for p in file.parent.glob("*.jsonl*")] == ["session.jsonl"]
    with pytest.raises(MemoryFault, match="No such file"):
        store.maintenance.import_session(file.with_name("missing.jsonl"))


def test_a_failing_export_leaves_neither_a_part_nor_the_old_file_changed(
    store: Store, session: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_bytes(b"before")

    def fail(*_: object) -> Iterator[str]:
        yield "a line"
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("checkpoints.file.export.lines", fail)
    with pytest.raises(MemoryFault, match=r"session\.jsonl: No space left"):
        store.maintenance.export(session, file, overwrite=True)
    assert file.read_bytes() == b"before"
    assert [p.name for p in file.parent.glob("*.jsonl*")] == ["session.jsonl"]


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links need rights there")
def test_an_export_or_a_backup_follows_no_link(store: Store, session: str, file: Path) -> None:
    target = file.with_name("elsewhere")
    target.write_bytes(b"before")
    file.symlink_to(target)
    for write in (
        lambda: store.maintenance.export(session, file, overwrite=True),
        lambda: store.maintenance.backup(file, overwrite=True),
    ):
        with pytest.raises(MemoryFault, match="symbolic link, never followed"):
            write()
    assert target.read_bytes() == b"before"
