"""Named tasks through kills, an older schema, deletions, prunes, exports and damage."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from older_schema import forget_tasks

from checkpoints import (
    BadLine,
    ItemDraft,
    MemoryFault,
    PrunePolicy,
    StepDraft,
    Store,
    TaskDefinition,
    TaskExample,
    UnknownTask,
)
from checkpoints.records import canonical_json, text_digest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Draft = Callable[..., StepDraft]

pytestmark = pytest.mark.slow

MOOD = TaskDefinition("Tell the mood.", labels=("good", "bad"))
TITLE = TaskDefinition("Give a title.")
PRIVATE = "The patient Zebulon Quixley takes warfarin against clots every morning."

_TEACHER = """
import sys
from checkpoints import StepDraft, Store
store = Store.open(sys.argv[1])
session = store.sessions()[0].id
while True:
    n = store.session(session).steps + 1
    version = store.tasks.get("title").digest
    draft = StepDraft(f"in {n}", "x", {"d": "t"}, "m", None, {}, task_version=version)
    store.append_step(session, draft)
    store.tasks.correct(session, n, f"right {n}")
    print(n, flush=True)
    if n % 4 == 0:
        version = store.tasks.get("title")
        store.tasks.measured(version.digest, {"of": version.number})
        print("measured", version.number, flush=True)
"""


def taught(store: Store, draft: Draft, steps: int = 3) -> str:
    """A session whose steps ran with the task "title", each of them corrected."""
    store.tasks.save("title", TITLE, [TaskExample("given", "Given")])
    session = store.create_session().id
    for number in range(1, steps + 1):
        digest = store.tasks.get("title").digest
        store.append_step(session, draft(number, task_version=digest))
        store.tasks.correct(session, number, f"right {number}")
    return session


def inputs(store: Store, name: str = "title") -> list[str]:
    return [each.input for each in store.tasks.get(name).examples]


def known(store: Store) -> dict[str, Any]:
    """All that a store tells of its tasks and corrections."""
    return {
        "tasks": [
            (
                each,
                store.tasks.get(each.name),
                store.tasks.versions(each.name),
                store.tasks.serving(each.name),
                store.tasks.counts(each.name),
                store.tasks.corrections(name=each.name),
            )
            for each in store.tasks.list()
        ],
        "sessions": [
            (each, store.steps(each.id), store.tasks.corrections(each.id))
            for each in store.sessions()
        ],
    }


def untimed(value: Any) -> str:
    """The same without moments, which two runs do not share."""
    return json.dumps(
        value,
        default=lambda each: {k: v for k, v in vars(each).items() if not k.endswith("_at")},
        sort_keys=True,
    )


CHANGES: dict[str, Callable[[Store, str], object]] = {
    "save": lambda store, session: store.tasks.save("title", TITLE, [TaskExample("a", "A")]),
    "begin": lambda store, session: store.tasks.save("mood", MOOD, [TaskExample("sun", "good")]),
    "correct": lambda store, session: store.tasks.correct(session, 2, "still better"),
    "confirm": lambda store, session: store.tasks.correct(session, 1),
    "take back": lambda store, session: store.tasks.take_back(
        store.tasks.corrections(session)[-1].id
    ),
    "measured": lambda store, session: store.tasks.measured(store.tasks.get("title").digest, {}),
    "go back": lambda store, session: store.tasks.go_back("title", 2),
    "share": lambda store, session: store.tasks.share("title"),
    "quarantine": lambda store, session: store.marks.quarantine(session, reason="r", source="a.md"),
    "revoke": lambda store, session: store.revocations.revoke(session, "a1b2", "r"),
    "delete": lambda store, session: store.tasks.delete("title"),
    "delete a source": lambda store, session: store.deletions.source(session, "a.md"),
    "delete the session": lambda store, session: store.deletions.session(session),
    "prune": lambda store, session: store.maintenance.prune(PrunePolicy(0)),
}


@pytest.mark.parametrize("change", CHANGES)
def test_killed_between_any_two_statements_all_of_a_change_is_there_or_none(
    path: Path, tmp_path: Path, draft: Draft, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    with Store.open(path) as store:
        session = store.create_session().id
        store.remember(session, [ItemDraft(PRIVATE, "a.md")])
        store.tasks.save("title", TITLE, [TaskExample("given", "Given")])
        for number, given in enumerate(("one", PRIVATE, "three"), start=1):
            digest = store.tasks.get("title").digest
            store.append_step(session, draft(number, input=given, task_version=digest))
            store.tasks.correct(session, number, None if number == 3 else f"right {number}")
    moments: list[Path] = []
    connect = sqlite3.connect
    watching = False

    def snapshot(statement: str) -> None:
        if watching:
            folder = tmp_path / f"moment {len(moments)}"
            folder.mkdir()
            for file in (path, path.with_name(f"{path.name}-wal")):
                if file.exists():
                    shutil.copy(file, folder)
            moments.append(folder / path.name)

    def traced(*where: Any, **how: Any) -> sqlite3.Connection:
        connection = connect(*where, **how)
        connection.set_trace_callback(snapshot)
        return connection

    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", traced)
        with Store.open(path) as store:
            before = untimed(known(store))
            watching = True
            CHANGES[change](store, session)
            watching = False
            after = untimed(known(store))
    assert before != after or change == "prune"
    found = []
    for moment in moments:
        with Store.open(moment) as store:
            assert store.maintenance.verify() == []
            found.append(untimed(known(store)))
    assert set(found) <= {before, after}
    assert found == sorted(found, key=lambda each: each != before)
    assert found[0] == before


@pytest.mark.crash
def test_a_killed_process_loses_no_acknowledged_correction(path: Path) -> None:
    with Store.open(path) as store:
        store.create_session()
        store.tasks.save("title", TITLE)
    for kill in range(5):
        said: list[str] = []
        child = subprocess.Popen(
            [sys.executable, "-c", _TEACHER, str(path)], stdout=subprocess.PIPE, text=True
        )
        with child:
            assert child.stdout is not None
            said += [child.stdout.readline() for _ in range(5 + 4 * kill)]
            child.kill()
            said += child.stdout.read().splitlines()
        numbers = [int(line) for line in said if not line.startswith("measured")]
        measured = [int(line.split()[1]) for line in said if line.startswith("measured")]
        with Store.open(path) as store:
            examples = store.tasks.get("title").examples
            pairs = [(each.input, each.output) for each in examples]
            assert len(pairs) >= max(numbers)
            assert pairs == [(f"in {n}", f"right {n}") for n in range(1, len(pairs) + 1)]
            assert store.tasks.serving("title").version.number >= max(measured)
            assert store.maintenance.verify() == []
            # The next process goes on after a step that was not corrected yet.
            session = store.sessions()[0].id
            for number in range(len(pairs) + 1, store.session(session).steps + 1):
                store.tasks.correct(session, number, f"right {number}")


def test_a_database_of_the_schema_before_takes_tasks_and_keeps_what_it_has(
    path: Path, draft: Draft
) -> None:
    with Store.open(path) as store:
        session = store.create_session().id
        store.append_step(session, draft(1, input="q", step_key="k"))
        store.remember(session, [ItemDraft("A note.", "a.md")])
        steps, record = store.steps(session), store.session(session)
    with closing(sqlite3.connect(path)) as db:
        forget_tasks(db)
        db.commit()
    with Store.open(path) as store:
        assert list(path.parent.glob("*.backup")) == []
        assert (store.steps(session), store.session(session)) == (steps, record)
        assert store.tasks.list() == []
        assert store.tasks.correct(session, 1, "right").changed
        version = store.tasks.save("title", TITLE).version
        assert store.append_step(session, draft(1, step_key="k")).replayed
        store.append_step(session, draft(2, task_version=version.digest))
        store.tasks.correct(session, 2)
        assert inputs(store) == ["question 2"]
        assert store.maintenance.verify() == []


def test_a_reader_reads_tasks_and_changes_none(store: Store, path: Path, draft: Draft) -> None:
    session = taught(store, draft)
    with Store.open_reader(path) as reader:
        assert known(reader) == known(store)
        assert reader.tasks.to_learn() == store.tasks.to_learn()
        for change in ("save", "correct", "take back", "measured", "go back", "share", "delete"):
            with pytest.raises(MemoryFault, match="opened for reading only"):
                CHANGES[change](reader, session)


def test_a_prune_leaves_tasks_and_corrections_whole(store: Store, draft: Draft) -> None:
    session = store.create_session().id
    start = store.checkpoint(session, "start")
    store.tasks.save("title", TITLE)
    digest = store.tasks.get("title").digest
    store.append_step(session, draft(1, input="abandoned", task_version=digest))
    store.append_step(session, draft(2, input="alone", task={"description": "other"}))
    first = store.tasks.correct(session, 1, "right").correction
    store.tasks.correct(session, 2, "so")
    store.restore(start.id)
    assert store.maintenance.prune(PrunePolicy(0)).steps == 2
    assert store.maintenance.verify() == []
    assert inputs(store) == ["abandoned"]
    assert [c.output for c in store.tasks.corrections(session)] == ["right", "so"]
    (kept,) = store.tasks.session_examples(session, {"description": "other"})
    assert (kept.input, kept.output) == ("alone", "so")
    store.append_step(session, draft(3, input="new", task_version=digest))
    store.tasks.correct(session, 1, "newer")
    assert inputs(store) == ["abandoned", "new"]
    store.tasks.take_back(first.id)
    assert inputs(store) == ["new"]


def test_deleting_a_session_takes_what_it_taught_and_names_the_tasks(
    store: Store, path: Path, draft: Draft
) -> None:
    session = taught(store, draft)
    other = store.create_session().id
    digest = store.tasks.get("title").digest
    store.tasks.measured(digest, {})
    for number, given in ((4, PRIVATE), (5, "kept")):
        which = session if given == PRIVATE else other
        store.append_step(which, draft(number, input=given, task_version=digest))
    store.tasks.correct(session, 4, PRIVATE)
    store.tasks.correct(other, 1)
    before = known(store)
    dry = store.deletions.session(session, dry_run=True)
    assert known(store) == before
    assert (dry.tasks, dry.also["examples of named tasks"]) == (("title",), 4)
    assert store.deletions.session(session) == dry
    assert inputs(store) == ["given", "kept"]
    version = store.tasks.get("title")
    assert (version.cause, version.redacted) == ("text deleted", False)
    assert store.tasks.get("title", 4).redacted
    # What was trained on the deleted texts serves no more, and is learned anew.
    assert store.tasks.serving("title").version == version
    assert store.tasks.to_learn() == [version]
    with pytest.raises(MemoryFault, match="lost text for good meanwhile"):
        store.tasks.measured(store.tasks.get("title", 5).digest, {})
    assert len(store.tasks.corrections(name="title")) == 1
    assert not any(b"warfarin" in file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
    assert store.tasks.go_back("title", 4).version.examples[0].input == "given"
    assert inputs(store) == ["given"]
    assert store.maintenance.verify() == []


def test_deleting_a_source_takes_its_text_out_of_examples_and_descriptions(
    store: Store, path: Path, draft: Draft
) -> None:
    session = store.create_session().id
    store.remember(session, [ItemDraft(PRIVATE, "a.md")])
    alice = store.visible_to("alice")
    alice.tasks.save("hers", TITLE, [TaskExample("The moon is made of green cheese.", "x")])
    definition = TaskDefinition(f"Give a title as for: {PRIVATE}")
    store.tasks.save("told", definition, [TaskExample("a", "A")])
    store.tasks.save(
        "title", TITLE, [TaskExample(f"It says: {PRIVATE}", "x"), TaskExample("a", "A")]
    )
    store.tasks.save("free", TITLE, [TaskExample("a", "A")])
    digest = store.tasks.get("title").digest
    for number, given in enumerate((f"Of {PRIVATE}", "b", "c"), start=1):
        store.append_step(session, draft(number, input=given, task_version=digest))
    for number, output in enumerate((None, PRIVATE, "C"), start=1):
        store.tasks.correct(session, number, output)
    assert len(inputs(store)) == 5
    before = known(store)
    dry = store.deletions.source(session, "a.md", dry_run=True)
    assert known(store) == before
    assert (dry.tasks, dry.also["examples of named tasks"]) == (("title", "told"), 3)
    assert dry.also["definitions of named tasks"] == 1
    assert store.deletions.source(session, "a.md") == dry
    assert inputs(store) == ["a", "c"]
    assert store.tasks.get("told").definition.description == "Give a title as for: [deleted]."
    assert [c.output for c in store.tasks.corrections(session)] == ["C"]
    assert not any(b"warfarin" in file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
    assert store.tasks.get("free").number == 1
    assert alice.tasks.get("hers").number == 1
    with pytest.raises(MemoryFault, match="the input of step 1 was deleted for good"):
        store.tasks.correct(session, 1, "new")
    assert store.maintenance.verify() == []


def test_deleting_a_source_cuts_labels_and_names_and_tells_of_a_task_called_like_it(
    store: Store, path: Path, draft: Draft
) -> None:
    session = store.create_session().id
    store.remember(session, [ItemDraft(PRIVATE, "warfarin list.md")])
    said = "takes warfarin against clots every morning"
    called = "Zebulon Quixley takes warfarin against clots every morning"
    store.tasks.save(called, TITLE, [TaskExample("a", "A", "warfarin list.md")])
    choice = TaskDefinition("Choose.", labels=("none", f"Zebulon Quixley {said}"))
    store.tasks.save("choice", choice, [TaskExample("a", "none"), TaskExample("b", called)])
    deleted = store.deletions.source(session, "warfarin list.md")
    assert deleted.tasks == ("choice",)
    assert deleted.left == (
        f"a task is called {called!r}: to be rid of that, save it under another name and delete it",
    )
    assert store.tasks.get("choice").definition.labels == ("none", "[deleted]")
    assert inputs(store, "choice") == ["a"]
    (example,) = store.tasks.get(called).examples
    assert example.source == "[deleted]"
    assert store.tasks.get(called).number == 1
    assert store.maintenance.verify() == []


def test_what_a_quarantine_withheld_goes_when_its_source_is_deleted(
    store: Store, draft: Draft
) -> None:
    session = store.create_session().id
    (item,) = store.remember(session, [ItemDraft(PRIVATE, "a.md")]).item_ids
    store.tasks.save("title", TITLE)
    digest = store.tasks.get("title").digest
    result = {"context": [{"part": "retrieved", "item_ids": [item]}]}
    store.append_step(session, draft(1, result=result, task_version=digest))
    store.tasks.correct(session, 1, "as the poison says")
    store.marks.quarantine(session, reason="forged", source="a.md")
    assert inputs(store) == []
    deleted = store.deletions.source(session, "a.md")
    assert (deleted.tasks, inputs(store)) == (("title",), [])
    assert store.tasks.corrections(session) == []
    assert store.maintenance.verify() == []


def test_a_deleted_task_leaves_no_byte_and_its_corrections_stay_beside_their_steps(
    store: Store, path: Path, draft: Draft
) -> None:
    session = taught(store, draft)
    store.tasks.save("title", TITLE, [TaskExample(PRIVATE, "x")])
    dry = store.tasks.delete("title", dry_run=True)
    assert (dry.tasks, dry.also["examples of named tasks"]) == (("title",), 5)
    assert dry.text_bytes > len(PRIVATE)
    assert store.tasks.get("title").number == 5
    assert store.tasks.delete("title") == dry
    with pytest.raises(UnknownTask):
        store.tasks.get("title")
    assert not any(b"warfarin" in file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
    assert [(c.output, c.task) for c in store.tasks.corrections(session)] == [
        (f"right {n}", None) for n in (1, 2, 3)
    ]
    assert len(store.tasks.session_examples(session, {"description": "answer questions"})) == 3
    assert store.step(session, 1) is not None
    anew = store.tasks.correct(session, 1, "other")
    assert "the named task that it ran with was deleted" in anew.example
    assert store.tasks.save("title", TITLE).version.number == 1
    assert store.maintenance.verify() == []


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "session.jsonl"


def test_an_exported_session_brings_its_corrections_and_reaches_no_task(
    store: Store, tmp_path: Path, file: Path, draft: Draft
) -> None:
    session = taught(store, draft)
    store.remember(session, [ItemDraft(PRIVATE, "a.md")])
    digest = store.tasks.get("title").digest
    store.append_step(session, draft(4, input=PRIVATE, task_version=digest))
    store.tasks.correct(session, 4)
    store.tasks.correct(session, 1, "anew")
    store.tasks.take_back(store.tasks.corrections(session)[1].id)
    store.marks.quarantine(session, reason="forged", source="a.md")
    store.maintenance.export(session, file)
    with Store.open(tmp_path / "other.db") as other:
        alice = other.visible_to("alice")
        alice.tasks.save("title", TITLE)
        other.maintenance.import_session(file, principal="alice")
        assert other.maintenance.verify() == []
        brought, kept = alice.tasks.corrections(session), store.tasks.corrections(session)
        told = [(c.id, c.step, c.output, c.ended, c.task_version, c.withheld) for c in brought]
        assert told == [(c.id, c.step, c.output, c.ended, c.task_version, c.withheld) for c in kept]
        assert [c.task for c in brought] == [None] * 5
        assert alice.tasks.get("title").number == 1
        examples = alice.tasks.session_examples(session, {"description": "answer questions"})
        assert [e.output for e in examples] == ["right 3", "anew"]
        again = file.with_name("again.jsonl")
        other.maintenance.export(session, again)
        assert lines(again, "correction") == lines(file, "correction")


def lines(file: Path, kind: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    return [{k: v for k, v in e.items() if k != "chain"} for e in found if e["line"] == kind]


def test_a_session_without_corrections_is_exported_as_before(
    store: Store, file: Path, draft: Draft
) -> None:
    session = store.create_session().id
    store.append_step(session, draft(1))
    store.maintenance.export(session, file)
    assert lines(file, "session")[0]["version"] == 2
    store.tasks.correct(session, 1)
    store.maintenance.export(session, file, overwrite=True)
    assert lines(file, "session")[0]["version"] == 4


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"output": "0" * 64}, "names a text that was not there before"),
        ({"seq": 0}, "is a step that was not there before"),
        ({"branch": 77}, "is a step that was not there before"),
        ({"confirmed": True}, "is not the hash of what the correction holds"),
        ({"ordinal": 3}, "is not the hash of what the correction holds"),
        ({"ended": "replaced"}, "belongs to a correction that ended"),
        ({"ended": "forgotten"}, "ended: "),
        ({"sources": [["x", "y"]]}, "sources"),
    ],
)
def test_a_forged_correction_is_refused_by_its_line(
    store: Store, file: Path, draft: Draft, change: dict[str, Any], problem: str
) -> None:
    session = store.create_session().id
    store.append_step(session, draft(1))
    store.tasks.correct(session, 1, "right")
    store.maintenance.export(session, file)
    before, out = "", []
    for line in map(json.loads, file.read_text("utf-8").splitlines()):
        body = {k: v for k, v in line.items() if k != "chain"}
        body |= change if body["line"] == "correction" else {}
        before = text_digest(before + canonical_json(body))
        out.append(canonical_json({**body, "chain": before}))
    file.write_text("\n".join(out) + "\n", "utf-8")
    with Store.open(":memory:") as other:
        with pytest.raises(BadLine, match=problem):
            other.maintenance.import_session(file)
        assert other.sessions() == []


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (
            "UPDATE task_version_examples SET state = 1 WHERE version = 4",
            "version 4: does not match",
        ),
        ("UPDATE task_versions SET parent = NULL WHERE number = 3", "version 3: does not match"),
        ("UPDATE task_examples SET output_id = 1 WHERE id = 1", "version 1: does not match"),
        ("UPDATE named_tasks SET current = 9", "its current version is missing"),
        ("UPDATE task_versions SET redacted_at = 'x' WHERE number = 4", "was not made anew"),
        ("UPDATE corrections SET confirmed = 1 WHERE number = 1", "does not match its id"),
        ("UPDATE corrections SET n = 9 WHERE number = 1", "is not beside the step"),
        (
            "UPDATE corrections SET ended = 'taken back', ended_at = 'x' WHERE number = 2",
            "uses correction 2, which is taken back",
        ),
        ("UPDATE named_tasks SET principal = 'eve'", "knows correction 1 of another principal"),
        (
            "UPDATE task_versions SET quality_json = '[', accepted = 1, measured_at = 'x'",
            "what was measured of it cannot be read",
        ),
    ],
)
def test_verify_names_what_is_wrong_with_a_task(
    path: Path, draft: Draft, damage: str, problem: str
) -> None:
    with Store.open(path) as store:
        taught(store, draft)
        assert store.maintenance.verify() == []
    with closing(sqlite3.connect(path)) as db:
        db.execute(damage)
        db.commit()
    with Store.open(path) as store:
        assert any(problem in found for found in store.maintenance.verify())


def test_a_backup_holds_the_tasks(store: Store, tmp_path: Path, draft: Draft) -> None:
    taught(store, draft)
    store.maintenance.backup(tmp_path / "copy.db")
    with Store.open(tmp_path / "copy.db") as copy:
        assert known(copy) == known(store)
        assert copy.maintenance.verify() == []
