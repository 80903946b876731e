"""What is deleted is gone in every spelling and from every kind of name, byte by byte."""

from __future__ import annotations

import json
import unicodedata
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from support import connected

from checkpoints import DELETED, Filters, ItemDraft, Store
from mcp_server.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mcp_server.app.application import Application

    MakeApp = Callable[..., Application]

pytestmark = pytest.mark.anyio

PRIVATE = 'Patientin Zo\u00eb Quixley "nimmt" Warfarin\ngegen Gerinnsel, seit dem Fr\u00fchjahr.'
CHINESE = "\u75c5\u4eba\u738b\u5c0f\u660e\u670d\u7528\u534e\u6cd5\u6797\u4ee5\u9632\u8840\u6813"
SPELLINGS = {
    "decomposed": unicodedata.normalize("NFD", PRIVATE),
    "json": json.dumps({"note": PRIVATE}),
    "json_in_json": json.dumps(json.dumps({"a": [PRIVATE, 1]})),
    "underscores": "_".join(PRIVATE.split()),
    "soft_hyphens": "\u00ad".join(PRIVATE),
    "zero_width": PRIVATE.replace("a", "a\u200b").replace("e", "\ufeffe").replace("n", "n\u2060"),
    "variation": "".join(f"{c}\ufe0f" for c in PRIVATE),
    "hyphenated": PRIVATE.replace("farin", "-\nfarin").replace("rinnsel", "\u2010\r\nrinnsel"),
    "spaced_out": " ".join(PRIVATE),
    "run_together": "x" + "".join(PRIVATE.split()) + "x",
    "full_width": "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in PRIVATE),
    "without_marks": PRIVATE.replace("\u00eb", "e").replace("\u00fc", "u"),
    "html": PRIVATE.replace("\u00eb", "&euml;").replace("\u00fc", "&#252;").replace('"', "&quot;"),
    "address": PRIVATE.replace(" ", "%20").replace("\u00eb", "%C3%AB").replace("\u00fc", "%C3%BC"),
    "markdown": " ".join(f"**{word}**" for word in PRIVATE.split()),
    "capitals": PRIVATE.upper(),
}


def holding(database: Path, *texts: str) -> list[str]:
    """Which of some texts the database's files still hold."""
    held = b"".join(
        file.read_bytes().lower() for file in sorted(database.parent.glob(f"{database.name}*"))
    )
    return [text for text in texts if text.lower().encode() in held or text.encode() in held]


@pytest.mark.parametrize("kind", SPELLINGS)
async def test_a_quotation_in_another_spelling_goes_too(
    make_app: MakeApp, database: Path, kind: str
):
    quoted = SPELLINGS[kind]
    async with connected(make_app()) as call:
        session = await call.begin()
        done = await call("remember", session_id=session, text=PRIVATE, source="a.md")
        await call(
            "run_step",
            session_id=session,
            input=f"Before it. {quoted} Behind it.",
            context_tokens=0,
        )
        assert holding(database, quoted[:400], quoted.split()[-1][-9:])
        named = {"session_id": session, "item_id": done["item_ids"][0]}
        would = await call("delete_memory", **named, dry_run=True)
        did = await call("delete_memory", **named)
        whole = await call.client.read_resource(f"memory://sessions/{session}/steps/1")
    words = [word for word in quoted.split() if len(word) > 5 and word.isalnum()]
    assert holding(database, quoted, *words) == []
    assert holding(database, "warfarin", "quixley", "gerinnsel") == []
    assert "Before it. " in whole.contents[0].text
    assert " Behind it." in whole.contents[0].text
    assert would["redacted_steps"] == did["redacted_steps"] == 1
    assert verified(database) == []


@pytest.mark.parametrize("spelling", [CHINESE, "\u3000".join(CHINESE), ascii(CHINESE)[1:-1]])
async def test_so_does_one_in_a_script_without_spaces(
    make_app: MakeApp, database: Path, spelling: str
):
    async with connected(make_app()) as call:
        session = await call.begin()
        await call("remember", session_id=session, text=f"{CHINESE}\u3002", source="a.md")
        await call("run_step", session_id=session, input=f"A {spelling} B", context_tokens=0)
        await call("delete_memory", session_id=session, source="a.md")
    assert holding(database, CHINESE, spelling, CHINESE[4:8], spelling[-9:]) == []


async def test_a_text_that_came_in_escapes_is_known_without_them(make_app: MakeApp, database: Path):
    async with connected(make_app()) as call:
        session = await call.begin()
        await call("remember", session_id=session, text=json.dumps([PRIVATE]), source="a.json")
        await call("run_step", session_id=session, input=PRIVATE, context_tokens=0)
        await call("delete_memory", session_id=session, source="a.json")
    assert holding(database, "warfarin", "quixley") == []


async def test_names_that_hold_the_text_or_the_source_lose_it(make_app: MakeApp, database: Path):
    text = "Jean-Luc Quixley owes 4000 to the Zebulon bank since May."
    source = "Quixley, Jean-Luc.pdf"
    async with connected(make_app()) as call:
        session = await call.begin(
            "Sort.", labels=[text, "other", f"see {source}", text.lower() + "!"]
        )
        await call("remember", session_id=session, text=text, source=source)
        await call("remember", session_id=session, text="Blue.", source=f"copy of {source}")
        await call("remember", session_id=session, text="Blue too.", source=f"copy of {text}")
        await call("remember", session_id=session, text="Blue!", source=f"copy of {source.upper()}")
        await call("remember", session_id=session, text="Red.", source="planted.md")
        for n, key in enumerate((f"key {text}", f"{source} 1", "plain key")):
            await call("run_step", session_id=session, input=f"Is it {n}?", step_key=key)
        point = await call("checkpoint_memory", session_id=session, label=f"after {source}")
        await call("checkpoint_memory", session_id=session, label=text)
        await call(
            "quarantine_memory",
            session_id=session,
            source="planted.md",
            reason=f"contradicts {source.upper()}",
        )
        await call("revoke_adapter", session_id=session, adapter_digest="a" * 24, reason=text)
        named = {"session_id": session, "source": source}
        would = await call("delete_memory", **named, dry_run=True)
        assert holding(database, text, source) == [text, source]
        did = await call("delete_memory", **named)
        step = await call("run_step", session_id=session, input="other")
        again = await call("run_step", session_id=session, input="Is it 2?", step_key="plain key")
        found = await call("recall", session_id=session, query="blue")
        back = await call("restore_memory", checkpoint_id=point["checkpoint_id"])
        third = await call("remember", session_id=session, text="3", source="copy of [deleted] 2")
    assert holding(database, "quixley", "zebulon", "jean-luc") == []
    sources = {e["source"] for e in found["excerpts"] if e["step"] is None}
    assert sources == {f"copy of {DELETED}", f"copy of {DELETED}.", f"copy of {DELETED} 2"}
    assert set(step["shares"]) == {DELETED + ".", "other", f"see {DELETED}", DELETED + ".!"}
    assert again["replayed"]
    assert back["checkpoint"]["label"] == f"after {DELETED}"
    assert third["superseded"] == 1
    for part in ("2 step keys", "3 labels of tasks", "2 checkpoint labels", "2 reasons"):
        assert part in did["note"]
        assert part in would["note"]
    assert did["left"] == would["left"] == []
    assert verified(database) == []


async def test_labels_that_are_wholly_gone_stay_apart(make_app: MakeApp, database: Path):
    labels = ["Zebulon owes nothing at all", "zebulon: owes_nothing-at-all!", "Else"]
    async with connected(make_app()) as call:
        session = await call.begin(
            "Sort.", labels=labels, examples=[{"input": "x", "output": labels[1]}]
        )
        await call("remember", session_id=session, text=labels[0], source="a.md")
        first = await call("run_step", session_id=session, input=labels[0], step_key="k")
        await call("delete_memory", session_id=session, source="a.md")
        again = await call("run_step", session_id=session, input=labels[0], step_key="k")
        later = await call("run_step", session_id=session, input="y")
    assert holding(database, "zebulon") == []
    assert first["output"] == labels[0]
    assert again["replayed"]
    assert set(again["shares"]) == set(later["shares"])
    assert again["output"] in again["shares"]
    assert len(later["shares"]) == 3


@pytest.mark.parametrize("which", [0, 1])
async def test_a_neighbouring_piece_loses_the_overlap(
    make_app: MakeApp, database: Path, which: int
):
    blue = [f"Sentence number {n} says that the thing {n} is blue and round." for n in range(9)]
    text = " ".join([*blue[:7], "That is all.", "Zebulon Quixley owes 4000.", *blue[7:], *blue])
    async with connected(make_app()) as call:
        session = await call.begin()
        await call("remember", session_id=session, text=text, source="a.md")
        await call("run_step", session_id=session, input="What does Zebulon owe?")
        with Store.open_reader(database) as store:
            found = store.recall(session, "zebulon", filters=Filters(kinds=("document",)))
        holders = sorted(hit.item_id for hit in found if "Zebulon" in hit.text)
        assert len(holders) == 2
        await call("pin_memory", session_id=session, item_ids=[holders[1 - which]])
        did = await call("delete_memory", session_id=session, item_id=holders[which])
        pinned = await call("pin_memory", session_id=session, item_ids=[])
        whole = await call.client.read_resource(f"memory://sessions/{session}/steps/1")
    assert holding(database, "quixley", "owes 4000") == []
    assert "Quixley" not in whole.contents[0].text
    assert "overlaps of neighbouring items" in did["note"]
    (kept,) = pinned["pinned"]
    assert kept["item_ids"] == [holders[1 - which]]
    assert kept["text"].startswith(DELETED) == (which == 0)
    assert "is blue and round" in kept["text"]
    assert verified(database) == []


async def test_what_another_item_says_itself_is_named_and_stays(make_app: MakeApp, database: Path):
    text = "Jean-Luc Quixley owes 4000 to the Zebulon bank since May."
    async with connected(make_app()) as call:
        session = await call.begin()
        done = await call("remember", session_id=session, text=f"They say: {text}", source="b.md")
        await call("remember", session_id=session, text=text, source="quixley")
        await call("run_step", session_id=session, input="Who is quixley?", context_tokens=0)
        named = {"session_id": session, "source": "quixley"}
        would = await call("delete_memory", **named, dry_run=True)
        did = await call("delete_memory", **named)
        held = await call("recall", session_id=session, query="zebulon bank")
        rest = await call("delete_memory", session_id=session, item_id=done["item_ids"][0])
    assert would["left"] == did["left"]
    assert did["left"][0].startswith(f"item {done['item_ids'][0]} of 'b.md' says it too")
    assert "'quixley', is a single word and stands in 2 other texts" in did["left"][1]
    assert "see left" in did["note"]
    assert text in held["excerpts"][0]["text"]
    assert rest["left"] == []
    assert holding(database, "zebulon") == []


def test_the_shell_names_what_is_left(database: Path):
    text = "Jean-Luc Quixley owes 4000 to the Zebulon bank since May."
    with Store.open(database) as store:
        session = store.create_session().id
        store.remember(session, [ItemDraft(text, "a.md"), ItemDraft(text.upper(), "b.md")])
        point = store.checkpoint(session, text)
    for args in (["--dry-run"], []):
        done = CliRunner().invoke(
            main,
            ["--database", str(database), "sessions", "delete", session, "--source", "a.md", *args],
        )
        assert done.exit_code == 0, done.output
        assert "left: item 2 of 'b.md' says it too" in done.output
        assert "checkpoint labels" in done.output
    with Store.open(database) as store:
        assert store.checkpoint_record(point.id).label == f"{DELETED}."
        file = database.with_name("session.jsonl")
        store.maintenance.export(session, file)
        assert store.maintenance.verify() == []
    with Store.open(database.with_name("other.db")) as other:
        other.maintenance.import_session(file)
        assert other.maintenance.verify() == []
        assert other.checkpoint_record(point.id).label == f"{DELETED}."


def verified(database: Path) -> list[Any]:
    with Store.open_reader(database) as store:
        return list(store.maintenance.verify())
