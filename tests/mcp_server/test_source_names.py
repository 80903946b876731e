"""Sources named in one Unicode form and stored in another, as earlier releases and imports left."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

import pytest
from support import connected

from checkpoints import ItemDraft, Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mcp_server.app.application import Application

    MakeApp = Callable[..., Application]

pytestmark = pytest.mark.anyio

# As stored, and as named: the other way round too.
FORMS = [
    ("Verträge/Köln.md", "NFD", "NFC"),
    ("Verträge/Köln.md", "NFC", "NFD"),
    ("한글/계약.md", "NFD", "NFC"),
    ("\u212bngström.md", None, "NFC"),  # the sign for the unit, which no form but this one keeps
    ("273 \u212a.md", None, "NFC"),  # the sign for Kelvin: in its other form it is plain ASCII
]
PAGES = [f"The lease of house {n} ends in May." for n in range(3)]


def in_form(name: str, form: Any) -> str:
    return name if form is None else unicodedata.normalize(form, name)


@pytest.fixture(params=FORMS, ids=[f"{n}-{a}-{b}" for n, a, b in FORMS])
def names(request: pytest.FixtureRequest) -> tuple[str, str]:
    name, stored, named = request.param
    return in_form(name, stored), in_form(name, named)


def mixed() -> tuple[str, str]:
    """A folder's name in one form, its file's in the other, as two systems leave them."""
    return (
        f"{unicodedata.normalize('NFD', 'Verträge')}/{unicodedata.normalize('NFC', 'Köln')}.md",
        f"{unicodedata.normalize('NFC', 'Verträge')}/{unicodedata.normalize('NFD', 'Köln')}.md",
    )


async def stored_as(app: Application, call: Any, source: str) -> str:
    """A session with a document whose source is stored just as it is written."""
    session: str = await call.begin()
    drafts = [ItemDraft(page, source, order=n) for n, page in enumerate(PAGES)]
    app.store().remember(session, drafts)
    return session


async def found(call: Any, session: str, **narrowed: Any) -> list[dict[str, Any]]:
    result = await call("recall", session_id=session, query="lease", **narrowed)
    excerpts: list[dict[str, Any]] = result["excerpts"]
    return excerpts


async def test_it_is_found_and_narrowed_by_any_form(make_app: MakeApp, names: tuple[str, str]):
    stored, named = names
    app = make_app()
    async with connected(app) as call:
        session = await stored_as(app, call, stored)
        await call("remember", session_id=session, text="Another lease.", source="other.md")
        for name in (stored, named):
            (excerpt,) = await found(call, session, sources=[name])
            assert excerpt["source"] == unicodedata.normalize("NFC", stored)
            assert excerpt["text"] == "\n".join(PAGES)
    assert app.store().maintenance.verify() == []


async def test_parts_of_a_name_may_differ_in_their_form(make_app: MakeApp):
    stored, named = mixed()
    app = make_app()
    async with connected(app) as call:
        session = await stored_as(app, call, stored)
        (excerpt,) = await found(call, session, sources=[named])
        await call("quarantine_memory", session_id=session, source=named)
        left = await found(call, session)
    assert len(excerpt["item_ids"]) == len(PAGES)
    assert left == []


async def test_quarantine_and_release_know_it_by_any_form(
    make_app: MakeApp, names: tuple[str, str]
):
    stored, named = names
    app = make_app()
    async with connected(app) as call:
        session = await stored_as(app, call, stored)
        hidden = await call("quarantine_memory", session_id=session, source=named)
        twice = await call("quarantine_memory", session_id=session, source=stored)
        gone = await found(call, session)
        later = await call("remember", session_id=session, text="A lease for June.", source=named)
        still = await found(call, session)
        freed = await call("quarantine_memory", session_id=session, source=stored, release=True)
        back = await found(call, session)
    assert (hidden["items"], len(hidden["quarantined"][0]["item_ids"])) == (len(PAGES), len(PAGES))
    assert len(twice["quarantined"]) == 1
    assert (gone, still) == ([], [])
    # What was remembered anew replaced what the source had, in whichever form it was kept.
    assert (later["stored"], later["superseded"]) == (1, len(PAGES))
    assert freed["quarantined"] == []
    assert [each["text"] for each in back] == ["A lease for June."]


async def test_a_quarantine_kept_in_another_form_hides_what_comes_now(
    make_app: MakeApp, names: tuple[str, str]
):
    stored, named = names
    app = make_app()
    async with connected(app) as call:
        session = await stored_as(app, call, stored)
        app.store().marks.quarantine(session, source=stored, reason="by an earlier release")
        await call("remember", session_id=session, text="A lease for June.", source=named)
        assert await found(call, session) == []
        step = await call("run_step", session_id=session, input="lease")
    assert step["retrieved"] == []


async def test_remembered_again_it_is_the_same_source(make_app: MakeApp, names: tuple[str, str]):
    stored, named = names
    app = make_app()
    async with connected(app) as call:
        session = await stored_as(app, call, stored)
        same = await call("remember", session_id=session, documents=PAGES[:1], source=named)
        added = await call("remember", session_id=session, text=PAGES[0], source=named, append=True)
        left = await found(call, session)
        fork = await call(
            "restore_memory",
            checkpoint_id=(await call("checkpoint_memory", session_id=session))["checkpoint_id"],
            fork=True,
        )
        forked = await found(call, fork["session"]["session_id"], sources=[named])
    assert (same["stored"], same["duplicates"], same["superseded"]) == (0, 1, len(PAGES) - 1)
    assert (added["stored"], added["duplicates"]) == (0, 1)
    assert [each["text"] for each in left] == [PAGES[0]]
    assert [each["text"] for each in forked] == [PAGES[0]]
    assert app.store().maintenance.verify() == []


async def test_a_pin_holds_in_any_form_and_goes_where_the_session_goes(
    make_app: MakeApp, names: tuple[str, str], tmp_path: Path
):
    stored, named = names
    app = make_app()
    async with connected(app) as call:
        session = await stored_as(app, call, stored)
        await call(
            "remember", session_id=session, text=PAGES[0], source=named, append=True, pinned=True
        )
        pins = await call("pin_memory", session_id=session, item_ids=[])
        (item,) = pins["pinned"][0]["item_ids"]
        excerpts = await found(call, session)
        none = await call("pin_memory", session_id=session, item_ids=[item], pinned=False)
        await call(
            "remember", session_id=session, text=PAGES[0], source=named, append=True, pinned=True
        )
    assert [each["text"] for each in pins["pinned"]] == [PAGES[0]]
    assert [each["pinned"] for each in excerpts] == [True]
    assert none["pinned_count"] == 0
    app.store().maintenance.export(session, tmp_path / "session")
    with Store.open(tmp_path / "elsewhere.db") as other:
        other.maintenance.import_session(tmp_path / "session")
        assert [hit.text for hit in other.marks.pinned(session)] == [PAGES[0]]
        assert other.maintenance.verify() == []


async def test_a_name_of_another_session_is_unknown_in_any_form(
    make_app: MakeApp, names: tuple[str, str]
):
    stored, _ = names
    app = make_app()
    async with connected(app) as call:
        await stored_as(app, call, stored)
        other = await call.begin()
        for name in names:
            refusal = await call.refused("quarantine_memory", session_id=other, source=name)
            assert "the session's memory has nothing from" in refusal
            assert "did you mean" not in refusal


async def test_deletion_knows_it_by_any_form(make_app: MakeApp, names: tuple[str, str]):
    stored, named = names
    app = make_app()
    async with connected(app) as call:
        session = await stored_as(app, call, stored)
        await call("quarantine_memory", session_id=session, source=named)
        done = await call("delete_memory", session_id=session, source=named)
        left = await found(call, session)
        later = await call("remember", session_id=session, text="A lease for June.", source=stored)
        back = await found(call, session)
    assert (done["items"], left) == (len(PAGES), [])
    assert (later["stored"], [excerpt["text"] for excerpt in back]) == (1, ["A lease for June."])
    assert app.store().maintenance.verify() == []
