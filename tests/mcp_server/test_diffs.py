"""What differs between two texts, as it is shown."""

from __future__ import annotations

import random

import pytest

from mcp_server.jobs.past.diffs import CHARS, Run, diff


def sides(one: str, other: str) -> tuple[str, str]:
    """Both texts, put together again from a comparison without skipped runs."""
    runs = diff(one, other).runs
    assert all(run.kind != "skipped" for run in runs)
    return (
        "".join(run.text for run in runs if run.kind != "added"),
        "".join(run.text for run in runs if run.kind != "removed"),
    )


def test_words_that_differ_stand_between_those_that_do_not():
    assert diff("The lease ends in May.", "The lease ends in June.").runs == (
        Run("same", "The lease ends in"),
        Run("removed", " May"),
        Run("added", " June"),
        Run("same", "."),
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("", ""), ("", "a"), ("a", ""), ("a b", "a b"), ("a\nb\nc", "a\nc"), ("x y z", "z y x"),
        ("日本語のテキスト", "日本のテキスト"), ("👩‍👩‍👧", "👩‍👩‍👦"),
        ("a  b", "a b"), (" ", "\n"),
    ],
)  # fmt: skip
def test_both_texts_are_whole_in_a_comparison(one: str, other: str):
    assert sides(one, other) == (one, other)


def test_both_are_whole_whatever_they_are():
    rng = random.Random(3)  # noqa: S311  # sampling, not secrets
    for _ in range(200):
        one, other = ("".join(rng.choices("ab \n.", k=rng.randrange(40))) for _ in range(2))
        assert sides(one, other) == (one, other)


def test_of_a_long_run_that_is_the_same_the_ends_are_shown():
    same = "word " * 400
    runs = diff(f"{same}one {same}", f"{same}two {same}").runs
    assert [run.kind for run in runs] == ["skipped", "same", "removed", "added", "same", "skipped"]
    assert "characters are the same" in runs[0].text
    assert len(runs[1].text) < 250


def test_very_long_texts_are_compared_by_their_beginnings_and_lines():
    rng = random.Random(5)  # noqa: S311  # the same
    one, other = (
        "".join(f"{rng.choice('abcdef')} {rng.random()} {line}\n" for line in range(5000))
        for _ in range(2)
    )
    found = diff(one, other)
    assert found.cut == len(one) + len(other) - 2 * CHARS
    assert sum(len(run.text) for run in found.runs) <= 2 * CHARS
    assert {run.kind for run in diff(one, one).runs} == {"skipped"}


def test_many_differing_lines_are_shown_as_one_change():
    one, other = ("\n".join(f"{side} {n}" for n in range(2000)) + side for side in ("a", "b"))
    assert [run.kind for run in diff(one, other).runs] == ["removed", "added"]
