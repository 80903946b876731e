"""Filters, pins, neighbours, quarantine: what a session's memory may give back, on every path."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from checkpoints import BadIdentifier, BadValue, Filters, Hit, ItemDraft, StepDraft, Store, Vector

if TYPE_CHECKING:
    from collections.abc import Callable

    Draft = Callable[..., StepDraft]

_VALUES = np.ones(8, np.float32) / np.sqrt(np.float32(8))
VECTOR = Vector("e", _VALUES)


def everything(store: Store, session_id: str) -> list[Hit]:
    """What comes back over all search paths: words, vector, neighbours, filters, pins."""
    words = "canary coal mine fact answer"
    paths: list[dict[str, Any]] = [
        {},
        {"vector": VECTOR},
        {"neighbours": 5},
        {"vector": VECTOR, "neighbours": 5},
        {"filters": Filters(sources=("shared.txt", "secret.txt")), "neighbours": 5},
        {"filters": Filters(kinds=("document",))},
        {"filters": Filters(kinds=("step",))},
        {"filters": Filters(origins=("user", "tool", "step"), from_step=0)},
        {"filters": Filters(since=datetime(2000, 1, 1, tzinfo=UTC))},
    ]
    hits = [hit for path in paths for hit in store.recall(session_id, words, 1_000, **path)]
    hits += [
        h for p in paths[4:] for h in store.recall(session_id, words, 1_000, vector=VECTOR, **p)
    ]
    hits += store.recall(session_id, "", 1_000, vector=VECTOR, neighbours=5)
    return hits + store.marks.pinned(session_id)


def test_canary_of_one_session_surfaces_in_no_other_on_any_path(store: Store, draft: Draft) -> None:
    yours, mine = store.create_session(), store.create_session()
    store.remember(mine.id, [ItemDraft(f"fact {n}", "shared.txt", vector=VECTOR) for n in range(5)])
    before = store.checkpoint(mine.id)
    everything(store, mine.id)
    store.remember(
        yours.id,
        [
            ItemDraft("canary", "shared.txt", order=5, vector=VECTOR, pinned=True),
            ItemDraft("coal mine canary", "secret.txt", vector=VECTOR),
        ],
    )
    store.append_step(yours.id, draft(1, output="canary answer", vector=VECTOR))
    early = store.restore(before.id, fork=True)
    store.append_step(mine.id, draft(1, output="my fact", vector=VECTOR))
    for session in (mine.id, early.id):
        texts = {hit.text for hit in everything(store, session)}
        assert any("fact" in text for text in texts)
        assert not any("canary" in text for text in texts)
    item_id = store.marks.pinned(yours.id)[0].item_id
    with pytest.raises(BadValue, match="item_ids: the session's memory has no item"):
        store.marks.pin(mine.id, [item_id])
    with pytest.raises(BadValue, match="item_id: the session's memory has no item"):
        store.marks.quarantine(mine.id, item_id=item_id, reason="not mine")
    assert "canary" in {hit.text for hit in everything(store, yours.id)}


def test_another_sessions_many_matches_do_not_push_ones_own_out(store: Store) -> None:
    yours, mine = store.create_session(), store.create_session()
    store.remember(
        yours.id,
        [ItemDraft(f"canary coal mine {n}", "a", vector=VECTOR) for n in range(2_000)],
    )
    weak = Vector("e", np.array([1, 0, 0, 0, 0, 0, 0, 0], np.float32))
    store.remember(mine.id, [ItemDraft("one mine of many words in between", "b", vector=weak)])
    assert len(store.recall(mine.id, "canary coal mine", 1)) == 1
    assert len(store.recall(mine.id, "", 1, vector=VECTOR)) == 1


def test_fork_does_not_see_what_came_after_nor_the_original_what_the_fork_adds(
    store: Store, draft: Draft
) -> None:
    session = store.create_session()
    store.remember(session.id, [ItemDraft("fact one", "a", vector=VECTOR)])
    checkpoint = store.checkpoint(session.id)
    store.remember(session.id, [ItemDraft("canary after", "a", vector=VECTOR, pinned=True)])
    everything(store, session.id)
    fork = store.restore(checkpoint.id, fork=True)
    store.append_step(fork.id, draft(1, output="canary in the fork", vector=VECTOR))
    assert {h.text for h in everything(store, fork.id)} == {"fact one", "canary in the fork"}
    assert {h.text for h in everything(store, session.id)} == {"fact one", "canary after"}
    store.restore(checkpoint.id)
    assert {h.text for h in everything(store, session.id)} == {"fact one"}


def test_quarantined_item_comes_back_on_no_path_until_released(store: Store) -> None:
    session = store.create_session()
    store.remember(
        session.id,
        [ItemDraft(f"fact {n}", "a", vector=VECTOR, pinned=n == 2) for n in range(5)],
    )
    item_id = store.marks.pinned(session.id)[0].item_id
    assert store.marks.quarantine(session.id, item_id=item_id, reason="planted").items == 1
    assert {h.text for h in everything(store, session.id)} == {f"fact {n}" for n in (0, 1, 3, 4)}
    (kept,) = store.marks.quarantined(session.id)
    assert (kept.text, kept.source, kept.reason) == ("fact 2", "a", "planted")
    assert kept.item_ids == (item_id,)
    assert store.marks.release(session.id, item_id=item_id).items == 1
    with pytest.raises(BadValue, match="not in quarantine"):
        store.marks.release(session.id, item_id=item_id)
    assert "fact 2" in {h.text for h in everything(store, session.id)}
    assert [h.text for h in store.marks.pinned(session.id)] == ["fact 2"]


def test_quarantined_text_stays_out_when_sent_again(store: Store) -> None:
    session = store.create_session()
    clean = store.checkpoint(session.id)
    bad = store.remember(session.id, [ItemDraft("canary", "a", vector=VECTOR)]).item_ids[0]
    store.marks.quarantine(session.id, item_id=bad, reason="planted")
    store.restore(clean.id)
    assert store.remember(session.id, [ItemDraft("canary", "a", vector=VECTOR)]).stored == 1
    assert everything(store, session.id) == []


def test_quarantined_source_hides_what_it_sent_and_will_send(store: Store) -> None:
    session = store.create_session()
    store.remember(session.id, [ItemDraft("fact one", "bad"), ItemDraft("fact two", "good")])
    assert store.marks.quarantine(session.id, source="bad", reason="poisoned").items == 1
    store.remember(session.id, [ItemDraft("fact three", "bad", vector=VECTOR, pinned=True)])
    assert {h.text for h in everything(store, session.id)} == {"fact two"}
    assert len(store.marks.quarantined(session.id)[0].item_ids) == 2
    assert store.marks.release(session.id, source="bad").items == 2
    assert len({h.text for h in everything(store, session.id)}) == 3


def test_quarantine_survives_restore_and_is_copied_to_a_fork(store: Store, draft: Draft) -> None:
    session = store.create_session()
    item_id = store.remember(session.id, [ItemDraft("fact", "a", pinned=True)]).item_ids[0]
    checkpoint = store.checkpoint(session.id)
    store.marks.quarantine(session.id, item_id=item_id, reason="planted")
    fork = store.restore(checkpoint.id, fork=True)
    store.restore(checkpoint.id)
    assert everything(store, session.id) == everything(store, fork.id) == []
    store.marks.release(fork.id, item_id=item_id)
    assert [h.text for h in store.marks.pinned(fork.id)] == ["fact"]
    assert store.marks.pinned(session.id) == []


def test_quarantined_step_output_is_named_so_that_no_prompt_shows_it(
    store: Store, draft: Draft
) -> None:
    session = store.create_session()
    store.append_step(session.id, draft(1, output="fine"))
    store.append_step(session.id, draft(2, output="obey me"))
    store.append_step(session.id, draft(3, output="obey me"))
    (bad,) = store.recall(session.id, "obey")
    store.marks.quarantine(session.id, item_id=bad.item_id, reason="planted")
    assert store.marks.quarantined(session.id)[0].steps == (2, 3)


def test_checkpoint_before_an_item_rolls_the_session_back_to_without_it(
    store: Store, draft: Draft
) -> None:
    session = store.create_session()
    first = store.remember(session.id, [ItemDraft("fact", "a")]).item_ids[0]
    for n in range(1, 4):
        store.append_step(session.id, draft(n))
    bad = store.remember(session.id, [ItemDraft("canary", "b")]).item_ids[0]
    for n in range(4, 7):
        store.append_step(session.id, draft(n))
    assert store.marks.checkpoint_before(session.id, first) is None
    before = store.marks.checkpoint_before(session.id, bad)
    assert before is not None
    assert before.step == 3
    store.restore(before.id)
    assert store.recall(session.id, "canary") == []
    with pytest.raises(BadValue, match="item_id"):
        store.marks.checkpoint_before(session.id, bad)


def test_filters_narrow_before_the_limit_cuts(store: Store, draft: Draft) -> None:
    session = store.create_session()
    store.remember(session.id, [ItemDraft(f"fact fact {n}", "many") for n in range(600)])
    store.append_step(session.id, draft(1, output="fact of a step among other words"))
    store.remember(
        session.id, [ItemDraft("a fact from a tool among other words", "t", origin="tool")]
    )

    def found(**filters: Any) -> set[str]:
        return {
            hit.source for hit in store.recall(session.id, "fact", 3, filters=Filters(**filters))
        }

    assert found() == {"many"}
    assert found(sources=["t", "unknown"]) == {"t"}
    assert found(kinds=["step"]) == {"step 1"}
    assert found(origins=["tool"]) == {"t"}
    assert found(from_step=1) == {"step 1", "t"}
    assert found(to_step=0) == {"many"}
    assert found(from_step=1, kinds=["document"]) == {"t"}
    later = datetime.now(UTC) + timedelta(days=1)
    assert found(since=later) == set()
    assert found(until=later, kinds=["step"]) == {"step 1"}


@pytest.mark.parametrize(
    ("filters", "field"),
    [
        ({"kinds": ["items; DROP TABLE items"]}, "kinds"),
        ({"origins": ["nobody"]}, "origins"),
        ({"sources": "one text"}, "sources"),
        ({"from_step": -1}, "from_step"),
        ({"to_step": 10**12}, "to_step"),
        ({"since": datetime(2026, 1, 1)}, "since"),  # without a zone on purpose
    ],
)
def test_filter_outside_the_allow_list_is_refused_by_name(
    store: Store, filters: dict[str, Any], field: str
) -> None:
    session = store.create_session()
    with pytest.raises(BadValue, match=f"^{field}: "):
        store.recall(session.id, "x", filters=Filters(**filters))


def test_neighbours_follow_their_hit_also_across_calls_and_are_marked(store: Store) -> None:
    session = store.create_session()
    store.remember(
        session.id, [ItemDraft(f"piece {n} {'zebra' * (n == 2)}", "a") for n in range(3)]
    )
    store.remember(session.id, [ItemDraft("something else", "b")])
    store.remember(session.id, [ItemDraft("piece 3", "a", order=3, place="p. 4")])
    hits = store.recall(session.id, "zebra", neighbours=1)
    assert [(h.text, h.found) for h in hits] == [
        ("piece 2 zebra", True),
        ("piece 1 ", False),
        ("piece 3", False),
    ]
    assert (hits[2].place, hits[2].order) == ("p. 4", 3)
    assert {h.score for h in hits} == {hits[0].score}
    assert [h.text for h in store.recall(session.id, "zebra")] == ["piece 2 zebra"]
    wide = store.recall(session.id, "zebra", neighbours=9)
    assert {h.text for h in wide} == {"piece 0 ", "piece 1 ", "piece 2 zebra", "piece 3"}


def test_pins_are_listed_in_order_and_taken_off(store: Store, draft: Draft) -> None:
    session = store.create_session()
    one, two = store.remember(session.id, [ItemDraft("b", "s"), ItemDraft("a", "s")]).item_ids
    store.marks.pin(session.id, [two, one])
    store.marks.pin(session.id, [one])
    assert [h.text for h in store.marks.pinned(session.id)] == ["b", "a"]
    assert store.recall(session.id, "b")[0].pinned
    store.marks.pin(session.id, [one], pinned=False)
    assert [(h.text, h.pinned) for h in store.marks.pinned(session.id)] == [("a", True)]
    assert store.remember(session.id, [ItemDraft("b", "s", pinned=True)]).duplicates == 1
    assert len(store.marks.pinned(session.id)) == 2
    with pytest.raises(BadValue, match="item_id"):
        store.marks.pin(session.id, [two, 10**9])


def test_provenance_is_kept_and_is_part_of_the_history(store: Store, draft: Draft) -> None:
    heads = []
    for origin in ("user", "tool"):
        session = store.create_session()
        store.remember(session.id, [ItemDraft("fact", "s", origin=origin)])  # type: ignore[arg-type]  # one of the literals
        store.append_step(session.id, draft(1, output="fact of step"))
        hits = {h.kind: h for h in store.recall(session.id, "fact")}
        assert (hits["document"].origin, hits["step"].origin) == (origin, "step")
        heads.append(store.session(session.id).head)
    assert heads[0] != heads[1]
    with pytest.raises(BadValue, match=r"items\[0\].origin"):
        store.remember(session.id, [ItemDraft("x", "s", origin="root")])  # type: ignore[arg-type]  # refused on purpose
    assert list(store.maintenance.verify()) == []


def test_quarantine_names_one_thing_and_a_reason(store: Store) -> None:
    session = store.create_session()
    for fields in ({}, {"item_id": 1, "source": "a"}):
        with pytest.raises(BadValue, match="item_id, source: give one of the two"):
            store.marks.quarantine(session.id, reason="r", **fields)  # type: ignore[arg-type]  # refused on purpose
    with pytest.raises(BadValue, match="reason"):
        store.marks.quarantine(session.id, source="a", reason="")
    with pytest.raises(BadIdentifier):
        store.marks.quarantined("../x")
