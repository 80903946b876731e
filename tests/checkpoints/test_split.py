"""Cutting documents into pieces."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from checkpoints import split


def test_a_short_text_is_one_piece_and_an_empty_one_none():
    assert split("  a b  ") == ["a b"]
    assert split(" \n ") == []


def test_paragraphs_stay_together_while_they_fit():
    assert split("one\n\ntwo\n\nthree three", 12) == ["one\n\ntwo", "three three"]


def test_a_long_paragraph_is_cut_at_sentences_before_words():
    assert split("First one. Second one. Third.", 12) == ["First one.", "Second one.", "Third."]


def test_a_word_longer_than_a_piece_is_cut_anyway():
    assert split("x" * 25, 10) == ["x" * 10, "x" * 10, "x" * 5]


@given(st.text(max_size=400), st.integers(3, 60))
@settings(max_examples=200, deadline=None)
def test_no_piece_is_too_long_and_no_character_of_a_word_is_lost(text: str, most: int):
    pieces = split(text, most)
    assert all(0 < len(piece) <= most for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())
