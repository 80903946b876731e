"""Deleting a session, a source or an item for good, and what is left in the bytes of the files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from click.testing import CliRunner
from support import connected

from checkpoints import DELETED, ItemDraft, Store
from hypernet.engine.echo import EchoEngine
from mcp_server.app.principal import PRINCIPAL
from mcp_server.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mcp_server.app.application import Application

    MakeApp = Callable[..., Application]

pytestmark = pytest.mark.anyio

PRIVATE = "The patient Zebulon Quixley takes warfarin against clots."
NAMES = (b"zebulon", b"quixley", b"warfarin")


def left_in(database: Path) -> list[str]:
    """Words of the secret that any of the database's files still holds, with the file's name."""
    found = []
    for file in sorted(database.parent.glob(f"{database.name}*")):
        content = file.read_bytes().lower()
        found += [f"{file.name}: {name.decode()}" for name in NAMES if name in content]
    return found


def verified(database: Path) -> list[str]:
    with Store.open_reader(database) as store:
        return store.maintenance.verify()


async def test_an_item_a_source_and_a_session_leave_no_byte_behind(
    make_app: MakeApp, database: Path
):
    async with connected(make_app()) as call:
        for kind in ("item_id", "source", "whole_session"):
            session = await call.begin()
            other = await call.begin()
            await call("remember", session_id=other, text="The lease ends in May.", source="a.md")
            notes = ["The lease ends in May.", PRIVATE, "Bananas are yellow."]
            done = await call("remember", session_id=session, documents=notes, source="quixley.md")
            await call("run_step", session_id=session, input="What does Zebulon Quixley take?")
            assert left_in(database)
            named: dict[str, Any] = {
                "item_id": done["item_ids"][1],
                "source": "quixley.md",
                "whole_session": True,
            }
            await call("delete_memory", session_id=session, **{kind: named[kind]})
            if kind != "whole_session":
                # The question is not a quotation: deleting its session takes it away.
                await call("delete_memory", session_id=session, whole_session=True)
            assert left_in(database) == []
            found = await call("recall", session_id=other, query="lease May")
            assert [e["text"] for e in found["excerpts"]] == ["The lease ends in May."]
    assert verified(database) == []


async def test_what_quotes_a_deleted_item_says_so_and_the_job_goes_on(
    make_app: MakeApp, database: Path
):
    async with connected(make_app()) as call:
        session = await call.begin()
        notes = ["The lease ends in May.", PRIVATE]
        done = await call("remember", session_id=session, documents=notes, source="file.md")
        used = await call(
            "run_step", session_id=session, input="Which pill against clots?", step_key="k"
        )
        point = await call("checkpoint_memory", session_id=session)
        await call("run_step", session_id=session, input=f"Shorten: {PRIVATE.upper()} Please.")
        assert PRIVATE in used["output"]
        gone = await call("delete_memory", session_id=session, item_id=done["item_ids"][1])
        again = await call(
            "run_step", session_id=session, input="Which pill against clots?", step_key="k"
        )
        later = await call("run_step", session_id=session, input="lease", step_key="l")
        found = await call("recall", session_id=session, query="patient lease clots")
        back = await call("restore_memory", checkpoint_id=point["checkpoint_id"])
    assert (gone["items"], gone["redacted_steps"]) == (1, 2)
    assert left_in(database) == []
    assert again["replayed"]
    assert DELETED in again["output"]
    assert [(e["text"], e["source"]) for e in again["retrieved"]] == [(DELETED, DELETED)]
    assert DELETED not in later["output"]
    assert any(e["text"] == "The lease ends in May." for e in found["excerpts"])
    assert back["session"]["steps"] == 1
    assert verified(database) == []


async def test_all_versions_of_a_source_go_and_its_pins_and_quarantine(
    make_app: MakeApp, database: Path
):
    async with connected(make_app()) as call:
        session = await call.begin()
        for text in (PRIVATE, "Zebulon Quixley moved.", "Nothing of note."):
            await call("remember", session_id=session, text=text, source="quixley.md", pinned=True)
        await call("remember", session_id=session, text="Bananas are yellow.", source="b.md")
        await call("quarantine_memory", session_id=session, source="quixley.md")
        gone = await call("delete_memory", session_id=session, source="quixley.md")
        state = await call("status", session_id=session)
        pinned = await call("pin_memory", session_id=session, item_ids=[])
        await call("remember", session_id=session, text="Nothing of note.", source="quixley.md")
        found = await call("recall", session_id=session, query="note bananas")
    assert gone["items"] == 3
    assert state["sessions"][0]["items"] == 1
    assert pinned["pinned"] == []
    assert {e["source"] for e in found["excerpts"]} == {"quixley.md", "b.md"}
    assert verified(database) == []


async def test_a_fork_loses_a_deleted_item_and_keeps_what_it_shares_with_a_deleted_session(
    make_app: MakeApp, database: Path
):
    async with connected(make_app()) as call:
        session = await call.begin()
        await call("remember", session_id=session, text="The lease ends in May.", source="a.md")
        await call("remember", session_id=session, text=PRIVATE, source="b.md")
        await call("run_step", session_id=session, input="shared beginning")
        point = await call("checkpoint_memory", session_id=session)
        fork = await call("restore_memory", checkpoint_id=point["checkpoint_id"], fork=True)
        other = fork["session"]["session_id"]
        await call("run_step", session_id=session, input="only the first one says this")
        await call("run_step", session_id=other, input="Which pill against clots?")
        item = await call("delete_memory", session_id=session, source="b.md")
        assert left_in(database) == []
        whole = await call("delete_memory", session_id=session, whole_session=True)
        found = await call("recall", session_id=other, query="lease beginning pill")
        step = await call("run_step", session_id=other, input="lease")
        missing = await call.refused("run_step", session_id=session, input="x")
        last = await call("delete_memory", session_id=other, whole_session=True)
    assert (item["shared_with"], item["kept_by"], item["redacted_steps"]) == ([other], [], 1)
    assert (whole["kept_by"], whole["steps"], whole["items"]) == ([other], 1, 1)
    assert {e["text"] for e in found["excerpts"]} >= {"The lease ends in May."}
    assert step["step"] == 3
    assert "there is no session" in missing
    assert (last["steps"], last["kept_by"]) == (3, [])
    assert b"lease" not in database.read_bytes()
    assert b"shared beginning" not in database.read_bytes()
    assert verified(database) == []


async def test_a_text_that_another_session_or_source_holds_stays_theirs(
    make_app: MakeApp, database: Path
):
    async with connected(make_app()) as call:
        session, other = await call.begin(), await call.begin()
        for name, source in ((session, "a.md"), (session, "b.md"), (other, "c.md")):
            await call("remember", session_id=name, text=PRIVATE, source=source)
        gone = await call("delete_memory", session_id=session, source="a.md")
        found = await call("recall", session_id=session, query="warfarin")
        theirs = await call("recall", session_id=other, query="warfarin")
        mine = await call("delete_memory", session_id=session, source="b.md")
        await call("delete_memory", session_id=other, source="c.md")
    assert set(gone["kept_by"]) == {session, other}
    assert mine["kept_by"] == [other]
    assert [e["source"] for e in found["excerpts"]] == ["b.md"]
    assert [e["source"] for e in theirs["excerpts"]] == ["c.md"]
    assert left_in(database) == []
    assert verified(database) == []


async def test_a_dry_run_says_what_the_deletion_then_does(make_app: MakeApp, database: Path):
    async with connected(make_app()) as call:
        session = await call.begin()
        done = await call("remember", session_id=session, text=PRIVATE, source="a.md")
        await call("run_step", session_id=session, input="Which pill against clots?")
        for named in (
            {"item_id": done["item_ids"][0]},
            {"source": "a.md"},
            {"whole_session": True},
        ):
            would = await call("delete_memory", session_id=session, **named, dry_run=True)
            assert would["note"].startswith("nothing was deleted: this was a dry run")
        held = await call("recall", session_id=session, query="warfarin")
        did = await call("delete_memory", session_id=session, **named)
    assert held["excerpts"]
    counted = {name: did[name] for name in did if name not in ("dry_run", "note")}
    assert counted == {name: would[name] for name in counted}
    assert (did["steps"], did["items"] > 0) == (1, True)


async def test_a_step_s_output_is_deleted_as_an_item(make_app: MakeApp, database: Path):
    async with connected(make_app()) as call:
        session = await call.begin()
        await call("run_step", session_id=session, input=PRIVATE)
        found = await call("recall", session_id=session, query="warfarin")
        (item_id,) = found["excerpts"][0]["item_ids"]
        gone = await call("delete_memory", session_id=session, item_id=item_id)
        after = await call("recall", session_id=session, query="warfarin deleted")
        step = await call("run_step", session_id=session, input="next")
    assert (gone["items"], gone["redacted_steps"]) == (1, 1)
    assert (after["excerpts"], step["step"]) == ([], 2)
    assert left_in(database) == []
    assert verified(database) == []


async def test_a_task_that_quotes_it_is_cut_too_and_keeps_its_labels(
    make_app: MakeApp, database: Path
):
    async with connected(make_app()) as call:
        session = await call.begin(
            "Sort the notes.",
            labels=["clinical note", "other note"],
            examples=[{"input": PRIVATE, "output": "clinical note"}],
        )
        await call("remember", session_id=session, text=PRIVATE, source="a.md")
        await call("run_step", session_id=session, input="Bananas are yellow.")
        await call("delete_memory", session_id=session, source="a.md")
        step = await call("run_step", session_id=session, input="Bananas are green.")
    assert step["output"] in ("clinical note", "other note")
    assert left_in(database) == []
    assert verified(database) == []


async def test_what_matches_nothing_or_is_not_said_exactly_deletes_nothing(make_app: MakeApp):
    async with connected(make_app()) as call:
        session, other = await call.begin(), await call.begin()
        await call("remember", session_id=session, text=PRIVATE, source="docs/handbook.md")
        theirs = await call("remember", session_id=other, text="Theirs.", source="theirs.md")
        wrong = await call.refused("delete_memory", session_id=session, source="handbook.md")
        foreign = await call.refused(
            "delete_memory", session_id=session, item_id=theirs["item_ids"][0]
        )
        nothing = await call.refused("delete_memory", session_id=session)
        both = await call.refused("delete_memory", session_id=session, item_id=1, source="x")
        misspelt = await call.refused(
            "delete_memory", session_id=session, source="docs/handbook.md", dryRun=True
        )
        unknown = await call.refused("delete_memory", session_id="nobody", whole_session=True)
        found = await call("recall", session_id=session, query="warfarin")
    assert "nothing was changed; did you mean 'docs/handbook.md'" in wrong
    assert f"no item {theirs['item_ids'][0]}; nothing was deleted" in foreign
    assert "give one of item_id, source and whole_session" in nothing
    assert "give one of" in both
    assert "dryRun is no argument, did you mean dry_run?; nothing was changed" in misspelt
    assert "there is no session 'nobody'" in unknown
    assert found["excerpts"]


async def test_a_session_with_a_step_in_progress_is_refused(make_app: MakeApp):
    begun, go_on = anyio.Event(), anyio.Event()

    async def wait(call: Any, app: Application, session: str) -> None:
        async with app.session_lock(session):
            begun.set()
            await go_on.wait()

    app = make_app(EchoEngine())
    async with connected(app) as call:
        session = await call.begin()
        await call("remember", session_id=session, text=PRIVATE, source="a.md")
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(wait, call, app, session)
            await begun.wait()
            for named in ({"whole_session": True}, {"source": "a.md"}):
                refusal = await call.refused("delete_memory", session_id=session, **named)
                assert f"a step of session {session} is running" in refusal
            go_on.set()
        await call("delete_memory", session_id=session, whole_session=True)


async def test_a_principal_deletes_its_own_alone_and_hears_of_no_other(
    make_app: MakeApp, database: Path
):
    async with connected(make_app()) as call:
        PRINCIPAL.set("ann")
        session = await call.begin()
        await call("remember", session_id=session, text=PRIVATE, source="a.md")
        PRINCIPAL.set("bob")
        other = await call.begin()
        await call("remember", session_id=other, text=PRIVATE, source="a.md")
        refused = await call.refused("delete_memory", session_id=session, whole_session=True)
        gone = await call("delete_memory", session_id=other, source="a.md")
        PRINCIPAL.set("ann")
        found = await call("recall", session_id=session, query="warfarin")
        PRINCIPAL.set(None)
    assert refused == (await _never_was(make_app, session))
    assert (gone["items"], gone["kept_by"]) == (1, [])
    assert found["excerpts"]


async def _never_was(make_app: MakeApp, session: str) -> str:
    async with connected(make_app(database=":memory:")) as call:
        return await call.refused("delete_memory", session_id=session, whole_session=True)


def test_the_shell_deletes_with_a_dry_run_and_names_the_backups(database: Path):
    def invoke(*args: str, status: int = 0) -> str:
        done = CliRunner().invoke(main, ["--database", str(database), "sessions", *args])
        assert done.exit_code == status, done.output
        return done.output

    with Store.open(database) as store:
        session, other = store.create_session().id, store.create_session().id
        store.remember(session, [ItemDraft(PRIVATE, "a.md"), ItemDraft("Bananas.", "b.md")])
        store.remember(other, [ItemDraft("The lease ends in May.", "a.md")])
        number = store.recall(session, "bananas")[0].item_id
    backup = database.with_name("memory.db.v1.backup")
    backup.write_bytes(b"")
    would = json.loads(invoke("delete", session, "--source", "a.md", "--dry-run", "--json"))
    assert "would be deleted" in invoke("delete", session, "--dry-run")
    assert left_in(database)
    did = json.loads(invoke("delete", session, "--source", "a.md", "--json"))
    assert would == did
    assert (did["items"], did["backups"]) == (1, [str(backup)])
    assert left_in(database) == []
    assert "did you mean 'b.md'" in invoke("delete", session, "--source", "b.m", status=2)
    assert "no item 999" in invoke("delete", session, "--item", "999", status=2)
    assert "deleted" in invoke("delete", session, "--item", str(number))
    assert "memory.db.v1.backup: are backups" in invoke("delete", session).replace("\n", " ")
    assert "there is no session" in invoke("delete", session, status=2)
    assert "all is well" in invoke("verify")
    assert other in invoke("list")


async def test_a_fork_counts_and_takes_its_own_steps_alone(make_app: MakeApp, database: Path):
    async with connected(make_app()) as call:
        session = await call.begin()
        await call("run_step", session_id=session, input="shared")
        point = await call("checkpoint_memory", session_id=session)
        await call("run_step", session_id=session, input="given up by the first")
        await call("restore_memory", checkpoint_id=point["checkpoint_id"])
        fork = await call("restore_memory", checkpoint_id=point["checkpoint_id"], fork=True)
        other = fork["session"]["session_id"]
        start = await call("checkpoint_memory", session_id=other, label="start")
        await call("run_step", session_id=other, input="given up by the fork")
        await call("restore_memory", checkpoint_id=start["checkpoint_id"])
        await call("run_step", session_id=other, input="the fork's own")
        would = await call("delete_memory", session_id=other, whole_session=True, dry_run=True)
        gone = await call("delete_memory", session_id=other, whole_session=True)
        held = database.read_bytes()
        last = await call("delete_memory", session_id=session, whole_session=True)
    assert (gone["steps"], gone["kept_by"]) == (would["steps"], [session]) == (2, [session])
    assert b"given up by the fork" not in held
    assert b"the fork's own" not in held
    assert b"given up by the first" in held
    assert last["steps"] == 2
    assert b"given up by" not in database.read_bytes()
    assert verified(database) == []


async def test_what_a_fork_quotes_of_a_deleted_session_is_named(make_app: MakeApp, database: Path):
    async with connected(make_app()) as call:
        session = await call.begin()
        point = await call("checkpoint_memory", session_id=session)
        fork = await call("restore_memory", checkpoint_id=point["checkpoint_id"], fork=True)
        other = fork["session"]["session_id"]
        await call("remember", session_id=session, text=PRIVATE, source="a.md")
        await call("run_step", session_id=other, input=f"Shorten: {PRIVATE.upper()}")
        would = await call("delete_memory", session_id=session, whole_session=True, dry_run=True)
        gone = await call("delete_memory", session_id=session, whole_session=True)
        last = await call("delete_memory", session_id=other, whole_session=True)
    assert gone["left"] == would["left"]
    (line,) = gone["left"]
    assert line.startswith(f"step 1 of session {other} quotes it")
    assert last["left"] == []
    assert left_in(database) == []
