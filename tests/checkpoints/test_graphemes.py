"""Cuts between what a reader sees as characters, in previews, messages and pieces of documents."""

from __future__ import annotations

from itertools import pairwise

import regex
from hypothesis import given
from hypothesis import strategies as st

from checkpoints.documents import split
from checkpoints.text.graphemes import beginning, boundary, ending, shortened

UNITS = (
    "a",
    " ",
    "\n",
    "\r\n",
    ". ",
    "\u6f22",
    "\u3002",
    "\u300d",
    "\uff0c",
    "\u304b\u3099",  # ka with a voicing mark
    "e\u0301",
    " \u0301",  # a mark on a space
    "1\ufe0f\u20e3",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\U0001f1eb\U0001f1f7",
    "\U0001f44d\U0001f3fd",
    "\u0915\u094d\u0937\u093f",
    "\u1112\u1161\u11ab",
    "\ud55c",
    "\u0e01\u0e47",
    "\u1019\u103c\u1014\u103a",
    "\u0645\u064f",
    "\u0600",  # a sign that goes before a number
    "\u200d",
    "\u0301",
    "\x85",
    "\ufeff",
    "\u17d4\U0001f3fd",  # a stop of Khmer with a colour of skin
    "\u1161\u11ab",
    "\u1112",
    "\u0915\u093c",
    "\u094d",
)
texts = st.lists(st.sampled_from(UNITS), max_size=60).map("".join)


def places(text: str) -> list[int]:
    """Where one character ends and the next begins, and both ends."""
    return [0, *(match.end() for match in regex.finditer(r"\X", text))]


@given(texts, st.integers(0, 60))
def test_a_cut_is_the_last_place_between_two_characters(text: str, at: int):
    assert boundary(text, at) == max(place for place in places(text) if place <= at)
    assert beginning(text, at) == text[: boundary(text, at)]
    assert len(text) - len(ending(text, at)) == min(p for p in places(text) if p >= len(text) - at)
    assert len(shortened(text, at + 1)) <= at + 1


@given(texts, st.sampled_from([24, 60]))
def test_a_piece_begins_and_ends_between_two_characters(text: str, most: int):
    whole = [text[a:b] for a, b in pairwise(places(text))]
    for overlap in (0, 12):
        for piece in split(text, most, overlap):
            part = [piece[a:b] for a, b in pairwise(places(piece))]
            assert any(whole[at : at + len(part)] == part for at in range(len(whole)))
            assert len(piece) <= most
    assert "".join("".join(split(text, most, 0)).split()) == "".join(text.split())


def test_a_character_longer_than_the_room_is_left_out_and_of_a_document_kept():
    long = "x" + "\u0301" * 700
    assert beginning(f"ab{long}", 200) == "ab"
    assert ending(f"{long}ab", 200) == "ab"
    assert shortened(long, 60) == "…"
    assert "".join(split(long)) == long


def test_chinese_is_cut_behind_sentences_and_their_quotation_marks_then_behind_clauses():
    sentence = "\u4ed6\u8bf4\uff1a\u300c\u597d\u3002\u300d"
    pieces = split(sentence * 60)
    assert len(pieces) > 1
    assert {piece[-1] for piece in pieces} == {"\u300d"}
    clause = "\u5929\u6c14\u5f88\u597d\uff0c"
    assert {piece[-1] for piece in split(clause * 100)} == {"\uff0c"}


def test_a_piece_of_chinese_takes_no_more_room_than_one_of_english():
    assert {len(piece) for piece in split("\u6f22\u5b57" * 500, overlap=0)} == {125}
    mixed = split("word " * 99 + "\n\n" + "\u6f22\u5b57" * 100)
    assert [len(piece) for piece in mixed] == [494, 125, 75]
