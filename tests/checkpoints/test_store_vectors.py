"""Searching by meaning: vectors beside the words, filled in late, never of another encoder."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from checkpoints import BadValue, ItemDraft, StepDraft, Store, Vector

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Draft = Callable[..., StepDraft]

SIZE = 70  # not a multiple of 64, the bits of a machine word


def towards(axis: int, encoder: str = "e", **more: float) -> Vector:
    """Mostly along one axis, a little along others (`more`, by number after an underscore)."""
    values = np.full(SIZE, 0.01, np.float32)
    values[1::2] *= -1
    values[axis] = 1
    for name, share in more.items():
        values[int(name.strip("_"))] = share
    return Vector(encoder, values / np.linalg.norm(values))


def test_item_without_a_common_word_is_found_by_its_vector(store: Store) -> None:
    session = store.create_session()
    store.remember(
        session.id,
        [
            ItemDraft("the feline slept", "a", vector=towards(0)),
            ItemDraft("prices rose", "b", vector=towards(1)),
            ItemDraft("no vector yet", "c"),
        ],
    )
    hits = store.recall(session.id, "cat naps", vector=towards(0, _1=0.3))
    assert [h.text for h in hits][:1] == ["the feline slept"]
    assert "no vector yet" not in [h.text for h in hits]
    assert store.recall(session.id, "cat naps") == []


def test_words_and_vector_together_rank_above_either_alone(store: Store) -> None:
    session = store.create_session()
    drafts = [
        ItemDraft("the invoice from March is here", "a", vector=towards(1)),
        ItemDraft("the bill of that spring is here", "b", vector=towards(0)),
        ItemDraft("the March invoice is paid here", "c", vector=towards(0)),
        *(ItemDraft(f"filler number {n}", f"f{n}", vector=towards(2 + n)) for n in range(50)),
    ]
    store.remember(session.id, drafts)
    hits = store.recall(session.id, "March invoice", vector=towards(0))
    assert [h.source for h in hits[:1]] == ["c"]
    assert {h.source for h in hits[:3]} == {"a", "b", "c"}


def test_vectors_given_later_count_from_then_on(store: Store, draft: Draft) -> None:
    session = store.create_session()
    store.remember(session.id, [ItemDraft("first text", "a"), ItemDraft("second text", "b")])
    store.append_step(session.id, draft(1, output="third text", vector=towards(2)))
    query: dict[str, Any] = {"query": "", "vector": towards(1)}
    assert [h.text for h in store.recall(session.id, **query)] == []
    missing = store.maintenance.without_vectors("e", 10)
    assert [text for _, text in missing] == ["first text", "second text"]
    assert store.maintenance.without_vectors("e", 1, after=missing[0][0]) == missing[1:]
    vectors = [(text_id, text, towards(n)) for n, (text_id, text) in enumerate(missing)]
    gone = [(10**6, "first text", towards(0)), (missing[1][0], "another", towards(0))]
    assert store.maintenance.add_vectors([*gone, *vectors]) == 2
    assert store.maintenance.add_vectors(vectors) == 0
    assert store.maintenance.without_vectors("e", 10) == []
    assert store.recall(session.id, **query)[0].text == "second text"
    assert store.recall(session.id, "", vector=towards(2))[0].text == "third text"
    assert list(store.maintenance.verify()) == []


def test_what_is_written_after_a_search_is_found_by_the_next(store: Store, draft: Draft) -> None:
    session = store.create_session()
    for n in range(1, 8):
        store.append_step(session.id, draft(n, output=f"result zebra {n}", vector=towards(n)))
        assert len(store.recall(session.id, "zebra")) == n
        assert store.recall(session.id, "", vector=towards(n))[0].step == n


def test_text_of_another_session_is_found_here_once_remembered_here(store: Store) -> None:
    yours, mine = store.create_session(), store.create_session()
    store.remember(yours.id, [ItemDraft("an old zebra", "a", vector=towards(3))])
    store.remember(mine.id, [ItemDraft("a new zebra", "a")])
    assert len(store.recall(mine.id, "zebra", vector=towards(3))) == 1
    store.remember(mine.id, [ItemDraft("an old zebra", "b")])
    hits = store.recall(mine.id, "zebra", vector=towards(3))
    assert {(h.text, h.source) for h in hits} == {("an old zebra", "b"), ("a new zebra", "a")}
    assert hits[0].text == "an old zebra"


def test_vectors_of_another_encoder_are_not_compared(store: Store) -> None:
    session = store.create_session()
    store.remember(session.id, [ItemDraft("x", "a", vector=towards(0))])
    assert store.recall(session.id, "", vector=towards(0, encoder="other")) == []
    assert [text for _, text in store.maintenance.without_vectors("other", 5)] == ["x"]
    assert len(store.recall(session.id, "", vector=towards(0))) == 1


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        (np.zeros(SIZE, np.float32), "not of length 1"),
        (np.full(SIZE, np.nan, np.float32), "not of length 1"),
        (np.ones((2, 2), np.float32), "not a list"),
        (np.array([1], np.int64), "not a list"),
    ],
)
def test_unfit_vector_is_refused_by_name_and_nothing_is_stored(
    store: Store, draft: Draft, values: Any, problem: str
) -> None:
    session = store.create_session()
    bad = Vector("e", values)
    with pytest.raises(BadValue, match=rf"items\[0\].vector: .*{problem}"):
        store.remember(session.id, [ItemDraft("x", "a", vector=bad)])
    with pytest.raises(BadValue, match=f"vector: .*{problem}"):
        store.append_step(session.id, draft(1, vector=bad))
    with pytest.raises(BadValue, match=f"vector: .*{problem}"):
        store.recall(session.id, "x", vector=bad)
    assert store.session(session.id) == session


def test_vector_of_another_size_is_refused_and_nothing_is_stored(
    store: Store, draft: Draft
) -> None:
    session = store.create_session()
    store.remember(session.id, [ItemDraft("x", "a", vector=towards(0))])
    before = store.session(session.id)
    short = Vector("e", np.array([1.0, 0.0], np.float32))
    with pytest.raises(BadValue, match=r"items\[0\].vector: has 2 numbers.* have 70"):
        store.remember(session.id, [ItemDraft("y", "a", vector=short)])
    with pytest.raises(BadValue, match="vector: has 2 numbers"):
        store.append_step(session.id, draft(1, vector=short))
    with pytest.raises(BadValue, match="vector: has 2 numbers"):
        store.recall(session.id, "x", vector=short)
    assert store.session(session.id) == before


def test_changed_vector_is_noticed(path: Path) -> None:
    with Store.open(path) as store:
        session = store.create_session()
        store.remember(session.id, [ItemDraft("x", "a", vector=towards(0))])
        assert list(store.maintenance.verify()) == []
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE vectors SET data = zeroblob(length(data))")
        db.commit()
    with Store.open(path) as store:
        assert any("vector 1: does not match" in line for line in store.maintenance.verify())


def spoken(text: str, **directions: int) -> Vector:
    """A vector of no meaning of its own, with a token per word along that word's axis."""
    words = tuple(text.split())
    values = np.full(SIZE, SIZE**-0.5, np.float32)
    rng = np.random.default_rng(0)
    axes = rng.standard_normal((SIZE, SIZE)).astype(np.float32)
    tokens = np.array([axes[directions.get(word, 0)] for word in words])
    return Vector("e", values, tokens, words)


def test_item_is_found_by_other_words_for_what_was_asked(store: Store) -> None:
    session = store.create_session()
    texts = [
        "she purchased a loom",
        "he sold some wool",
        "they painted a barn",
        "rain fell all day",
    ]
    axes = {"purchased": 1, "bought": 1, "loom": 2, "sold": 3, "wool": 4, "painted": 5, "barn": 6}
    store.remember(
        session.id, [ItemDraft(text, f"s{text}", vector=spoken(text, **axes)) for text in texts]
    )
    query = "who bought it"
    alike = store.recall(session.id, query, vector=spoken(query, **axes))
    assert alike[0].text == "she purchased a loom"
    axes["bought"] = 5
    assert store.recall(session.id, query, vector=spoken(query, **axes))[0].text == texts[2]


def test_items_stored_before_tokens_were_kept_get_them_and_are_searched_meanwhile(
    path: Path,
) -> None:
    with Store.open(path) as store:
        session = store.create_session()
        old = ItemDraft("she purchased a loom", "a", vector=spoken("she purchased a loom"))
        store.remember(session.id, [old])
    with closing(sqlite3.connect(path)) as db:
        db.execute("DELETE FROM token_signs")
        db.commit()
    with Store.open(path) as store:
        query = spoken("a loom")
        assert [hit.text for hit in store.recall(session.id, "a loom", vector=query)] == [old.text]
        new = ItemDraft("he sold a loom", "b", vector=spoken("he sold a loom"))
        store.remember(session.id, [new])
        found = store.recall(session.id, "a loom", vector=query)
        assert {hit.text for hit in found} == {old.text, new.text}
        ((text_id, text),) = store.maintenance.without_vectors("e", 10)
        assert text == old.text
        assert store.maintenance.add_vectors([(text_id, text, spoken(text))]) == 1
        assert store.maintenance.without_vectors("e", 10) == []
        assert list(store.maintenance.verify()) == []


def test_changed_tokens_are_noticed(path: Path) -> None:
    with Store.open(path) as store:
        session = store.create_session()
        store.remember(session.id, [ItemDraft("a b", "a", vector=spoken("a b"))])
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE token_signs SET data = zeroblob(length(data))")
        db.commit()
    with Store.open(path) as store:
        assert any(
            "tokens of vector 1: do not match" in line for line in store.maintenance.verify()
        )


@pytest.mark.parametrize(
    ("tokens", "words", "problem"),
    [
        (np.ones((2, 3), np.float32), (), "tokens: is not a matrix of floats with 70 columns"),
        (np.ones((2, SIZE), np.int64), (), "tokens: is not a matrix"),
        (np.ones((513, SIZE), np.float32), (), "tokens: has 513 rows, the limit is 512"),
        (np.ones((2, SIZE), np.float32), ("one",), "words: has 1 for 2 tokens"),
    ],
)
def test_unfit_tokens_are_refused_by_name_and_nothing_is_stored(
    store: Store, tokens: Any, words: tuple[str, ...], problem: str
) -> None:
    session = store.create_session()
    bad = Vector("e", towards(0).values, tokens, words)
    with pytest.raises(BadValue, match=rf"items\[0\].vector.{problem}"):
        store.remember(session.id, [ItemDraft("x", "a", vector=bad)])
    with pytest.raises(BadValue, match=rf"vector.{problem}"):
        store.recall(session.id, "x", vector=bad)
    assert store.session(session.id) == session


def test_best_of_many_is_found_though_only_signs_are_scanned(store: Store) -> None:
    rng = np.random.default_rng(5)
    values = rng.standard_normal((3_000, SIZE)).astype(np.float32)
    values /= np.linalg.norm(values, axis=1, keepdims=True)
    session = store.create_session()
    drafts = [
        ItemDraft(f"text {n}", f"s{n}", vector=Vector("e", row)) for n, row in enumerate(values)
    ]
    store.remember(session.id, drafts)
    for n in range(0, 3_000, 500):
        near = values[n] + 0.05 * rng.standard_normal(SIZE).astype(np.float32)
        vector = Vector("e", near / np.linalg.norm(near))
        assert store.recall(session.id, "", 1, vector=vector)[0].text == f"text {n}"
