"""Choosing what of a search is shown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from checkpoints import Hit, pack, shown

HEAD = 2  # words that `shown` puts above a text: source and date


def hit(item_id: int, text: str, score: float = 1.0, **more: Any) -> Hit:
    date = f"2026-01-{item_id:02d}T00:00:00.000+00:00"
    return Hit(item_id, text, "book", "document", None, date, score, **{"order": item_id, **more})


def words(text: str) -> int:
    return len(text.split())


def test_the_best_that_fit_are_shown_in_their_original_order_under_source_and_date():
    hits = [hit(5, "five five", 3), hit(9, "nine " * 9, 2), hit(1, "one", 1)]
    packed = pack(hits, 2 * HEAD + 3, words)
    assert [excerpt.text for excerpt in packed.excerpts] == ["one", "five five"]
    assert packed.left_out == 1
    assert shown(packed.excerpts[0]) == "[book, 2026-01-01]\none"


def test_neighbours_join_their_hit_without_the_stretch_that_both_hold():
    hits = [
        hit(2, "Second here. The third begins.", 2, place="p. 1"),
        hit(3, "The third begins. And it ends.", 2, place="p. 2", found=False),
        hit(7, "elsewhere", 1),
    ]
    first, second = pack(hits, 100, words).excerpts
    assert first.text == "Second here. The third begins. And it ends."
    assert (first.item_ids, first.place, first.score) == ((2, 3), "p. 1 to p. 2", 2)
    assert second.item_ids == (7,)


def test_a_neighbour_is_shown_only_beside_its_hit_and_takes_no_room_from_hits():
    hits = [
        hit(2, "long " * 50, 3),
        hit(3, "beside the long one", 3, found=False),
        hit(8, "short", 2),
        hit(9, "beside the short one", 2, found=False),
    ]
    packed = pack(hits, HEAD + 1, words)
    assert [excerpt.item_ids for excerpt in packed.excerpts] == [(8,)]
    assert packed.left_out == 1
    wider = pack(hits, 2 * HEAD + 5, words)
    assert [excerpt.item_ids for excerpt in wider.excerpts] == [(8, 9)]


def test_the_room_that_neighbours_share_is_filled_with_what_was_found_next():
    both = "a stretch of ten words that stands in both pieces"
    hits = [
        hit(1, f"The first. {both}", 4),
        hit(2, f"{both} The second.", 3),
        hit(5, "one more of seven words that fits", 2),
        hit(8, "another that is too long by now", 1),
    ]
    # The first two take 28 words by themselves, and 16 as one excerpt.
    packed = pack(hits, 28, words)
    assert [excerpt.item_ids for excerpt in packed.excerpts] == [(1, 2), (5,)]
    assert words("\n\n".join(map(shown, packed.excerpts))) == 25
    assert packed.left_out == 1


def test_texts_that_take_more_together_than_by_themselves_still_fit():
    def counted(text: str) -> int:  # as where a tokenizer parts the blank lines between texts
        return words(text) + 2 * text.strip().count("\n\n")

    hits = [hit(n, f"a text number {n}", 9 - n) for n in (1, 3, 5, 7)]
    for room in range(6, 40):
        packed = pack(hits, room, counted)
        assert counted("\n\n".join(map(shown, packed.excerpts))) <= room
        best = [item_id for excerpt in packed.excerpts for item_id in excerpt.item_ids]
        assert best == [1, 3, 5, 7][: len(best)]


def test_what_fits_alone_but_not_joined_keeps_no_smaller_one_out():
    def counted(text: str) -> int:
        return words(text) + text.strip().count("\n\n")

    hits = [hit(1, "one"), hit(3, "three " * 6), hit(5, "five"), hit(7, "seven " * 30)]
    # The second fits beside the first by itself, and takes a word more when they are joined.
    packed = pack(hits, 2 * HEAD + 7, counted)
    assert [excerpt.item_ids for excerpt in packed.excerpts] == [(1,), (5,)]
    assert packed.left_out == 2


def test_the_same_text_is_shown_once():
    packed = pack([hit(1, "same"), hit(4, "same")], 100, words)
    assert [excerpt.item_ids for excerpt in packed.excerpts] == [(1,)]
    assert packed.left_out == 0


def test_items_of_two_sources_and_outputs_of_steps_never_join():
    steps = [replace(hit(n, f"output {n}"), kind="step", step=n) for n in (5, 6)]
    hits = [hit(1, "a"), replace(hit(2, "b"), source="other"), *steps]
    packed = pack(hits, 100, words)
    assert [excerpt.item_ids for excerpt in packed.excerpts] == [(1,), (2,), (5,), (6,)]


@given(
    st.lists(
        st.tuples(st.integers(1, 28), st.integers(1, 20), st.booleans()), unique_by=lambda x: x[0]
    ),
    st.integers(0, 80),
)
@settings(max_examples=200, deadline=None)
def test_what_is_shown_never_takes_more_than_the_room(
    drawn: list[tuple[int, int, bool]], room: int
):
    hits = [hit(n, f"w{n} " * length, found=found) for n, length, found in drawn]
    packed = pack(hits, room, words)
    assert words("\n\n".join(map(shown, packed.excerpts))) <= room
    ids = [item_id for excerpt in packed.excerpts for item_id in excerpt.item_ids]
    assert ids == sorted(set(ids))
