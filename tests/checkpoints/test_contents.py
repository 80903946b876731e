"""What a memory holds, looked through: sources, their items, and the steps that used them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from checkpoints import BadValue, ItemDraft, Store, UnknownSession, UnknownSource, Version
from checkpoints.records import StepDraft
from checkpoints.store.contents import Sources

if TYPE_CHECKING:
    from collections.abc import Iterator

NFD, NFC = "re\u0301sume\u0301.pdf", "r\u00e9sum\u00e9.pdf"


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open(":memory:") as opened:
        yield opened


@pytest.fixture
def session(store: Store) -> str:
    return store.create_session().id


def used(*item_ids: int, **more: Any) -> StepDraft:
    context = [{"part": "retrieved", "tokens": 3, "item_ids": list(item_ids)}]
    return StepDraft("in", f"out {item_ids}", {}, "adapter", None, {"context": context, **more})


def test_sources_come_the_latest_first_with_their_items_a_page_at_a_time(
    store: Store, session: str
):
    for number in range(5):
        store.remember(session, [ItemDraft(f"text {number}.{k}", f"{number}.md") for k in (1, 2)])
    store.remember(session, [ItemDraft("more", "0.md")])
    store.append_step(session, used())
    page = store.contents.sources(session, limit=2)
    rest = store.contents.sources(session, limit=9, skip=2)
    assert [(each.source, each.items) for each in page.lines] == [("0.md", 3), ("4.md", 2)]
    assert [each.source for each in rest.lines] == ["3.md", "2.md", "1.md"]
    assert (page.count, rest.count) == (5, 5)
    assert store.contents.sources(session, skip=5) == Sources((), 0)


def test_items_of_a_source_come_in_its_order_with_their_marks(store: Store, session: str):
    drafts = [ItemDraft(f"text {k}", "a.md", place=f"p. {k}", origin="tool") for k in range(5)]
    ids = store.remember(session, drafts).item_ids
    store.marks.pin(session, [ids[1]])
    store.marks.quarantine(session, item_id=ids[2])
    lines = store.contents.items(session, "a.md", limit=3)
    assert [line.item_id for line in lines] == list(ids[:3])
    assert [(line.text, line.place, line.origin) for line in lines[:1]] == [
        ("text 0", "p. 0", "tool")
    ]
    assert [(line.pinned, line.hidden) for line in lines] == [
        (False, False), (True, False), (False, True),
    ]  # fmt: skip
    assert [line.item_id for line in store.contents.items(session, "a.md", 9, 3)] == list(ids[3:])
    store.marks.quarantine(session, source="a.md")
    assert all(line.hidden for line in store.contents.items(session, "a.md"))
    assert store.contents.sources(session).lines[0].hidden


def test_a_source_is_one_in_whatever_form_its_name_was_written(store: Store, session: str):
    store.remember(session, [ItemDraft("a", NFD)])
    store.remember(session, [ItemDraft("b", NFC)])
    found = store.contents.sources(session)
    assert ([(e.source, e.items) for e in found.lines], found.count) == ([(NFC, 2)], 1)
    assert [line.text for line in store.contents.items(session, NFD)] == ["a", "b"]


def test_what_was_replaced_or_restored_away_is_listed_no_more(store: Store, session: str):
    old = store.remember(session, [ItemDraft("old", "a.md")]).item_ids[0]
    before = store.checkpoint(session).id
    new = [ItemDraft("new " * 1000, "a.md"), ItemDraft("x", "b.md")]
    store.remember(session, new, versions=[Version("a.md", frozenset({new[0].text}))])
    lines = store.contents.items(session, "a.md")
    assert [line.text for line in lines] == [("new " * 125)]
    assert store.contents.item(session, lines[0].item_id).text == "new " * 1000
    assert store.contents.item(session, old).replaced
    store.restore(before)
    assert [e.source for e in store.contents.sources(session).lines] == ["a.md"]
    assert [line.text for line in store.contents.items(session, "a.md")] == ["old"]
    with pytest.raises(UnknownSource):
        store.contents.items(session, "b.md")
    with pytest.raises(BadValue, match="item_id"):
        store.contents.item(session, lines[0].item_id)


def test_the_steps_that_used_an_item_are_told_whatever_a_record_holds(store: Store, session: str):
    first, second = store.remember(
        session, [ItemDraft("a", "a.md"), ItemDraft("b", "b.md")]
    ).item_ids
    store.append_step(session, used(first))
    store.append_step(session, used(second, first))
    store.append_step(session, used(10 * first + 5, note=str(first)))
    for odd in ("text", 3, None, ["x", 1, None, {"item_ids": "x"}, {"item_ids": {"a": "x"}}]):
        step = StepDraft("in", f"{odd}", {}, "adapter", None, {"context": odd, "n": first})
        store.append_step(session, step)
    assert store.contents.used_by(session, [first]) == [1, 2]
    assert store.contents.used_by(session, [second]) == [2]
    assert store.contents.used_by(session, {first, second}) == [1, 2]
    assert store.contents.used_by(session, []) == []


def test_anothers_memory_is_as_if_it_never_was(store: Store):
    hers = store.create_session("alice").id
    item = store.remember(hers, [ItemDraft("a", "a.md")]).item_ids[0]
    his = store.visible_to("bob").contents
    for look in (
        lambda: his.sources(hers),
        lambda: his.items(hers, "a.md"),
        lambda: his.item(hers, item),
        lambda: his.used_by(hers, [item]),
    ):
        with pytest.raises(UnknownSession):
            look()
