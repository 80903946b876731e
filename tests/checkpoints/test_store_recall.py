"""Memory items and their search."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from checkpoints import BadValue, ItemDraft, StepDraft, Store
from checkpoints.text.words import query_words

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_step_outputs_and_documents_are_both_found_with_their_origin(
    store: Store, draft: Callable[..., StepDraft]
) -> None:
    session = store.create_session()
    store.append_step(session.id, draft(1, output="the clause names Delaware"))
    store.remember(session.id, [ItemDraft("Delaware is a state", "atlas.txt")])
    hits = {h.kind: h for h in store.recall(session.id, "Delaware")}
    assert (hits["step"].source, hits["step"].step) == ("step 1", 1)
    assert (hits["document"].source, hits["document"].step) == ("atlas.txt", None)
    assert all(h.score > 0 for h in hits.values())


def test_better_match_comes_first_and_limit_cuts_the_rest(store: Store) -> None:
    session = store.create_session()
    texts = ["apples and pears", "apples", "pears are running", "unrelated", "nothing here"]
    store.remember(session.id, [ItemDraft(t, "t") for t in texts])
    hits = store.recall(session.id, "apple pear")
    assert hits[0].text == "apples and pears"
    assert len(hits) == 3
    assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)
    assert store.recall(session.id, "apple pear", limit=1) == hits[:1]
    assert store.recall(session.id, "apple", limit=0) == []
    assert store.recall(session.id, "apple", limit=-1) == []
    assert len(store.recall(session.id, "apple", limit=10**30)) == 2
    assert [h.text for h in store.recall(session.id, "run")] == ["pears are running"]


def test_text_known_to_the_session_is_skipped_and_counted(store: Store) -> None:
    one, two = store.create_session(), store.create_session()
    drafts = [ItemDraft("same", "a"), ItemDraft("same", "a"), ItemDraft("other", "a")]
    first = store.remember(one.id, drafts)
    again = store.remember(one.id, drafts)
    assert (first.stored, first.duplicates, len(first.item_ids)) == (2, 1, 2)
    assert (again.stored, again.duplicates, again.item_ids) == (0, 3, ())
    assert store.remember(two.id, drafts).stored == 2
    assert [h.source for h in store.recall(one.id, "same")] == ["a"]
    assert store.maintenance.verify() == []


def test_another_sessions_memory_never_surfaces(store: Store) -> None:
    mine, yours = store.create_session(), store.create_session()
    store.remember(yours.id, [ItemDraft("canary in the coal mine", "secret")])
    assert store.recall(mine.id, "canary coal mine") == []


def test_empty_document_is_refused_and_empty_output_is_no_item(
    store: Store, draft: Callable[..., StepDraft]
) -> None:
    session = store.create_session()
    with pytest.raises(BadValue, match=r"items\[1\].text"):
        store.remember(session.id, [ItemDraft("x", "a"), ItemDraft("", "a")])
    store.append_step(session.id, draft(1, output=""))
    assert (store.session(session.id).steps, store.session(session.id).items) == (1, 0)
    assert store.remember(session.id, []).stored == 0
    assert store.maintenance.verify() == []


@pytest.mark.parametrize(
    "query",
    [
        '"',
        "*",
        "apple*",
        "NEAR(apple pear, 5)",
        "'; DROP TABLE items;--",
        "col:apple",
        "text:apple",
        "^apple",
        "apple OR",
        "NOT",
        "{apple}: -pear + (",
        "😀",
        "",
        "   ",
        "\x00",
        "\\",
        "हिन्दी",
        "word " * 5000,
        " ".join(f"w{n}" for n in range(5000)),
    ],
)
def test_no_query_reaches_the_query_language(store: Store, query: str) -> None:
    session = store.create_session()
    store.remember(session.id, [ItemDraft("apple near हिन्दी", "a")])
    hits = store.recall(session.id, query)
    assert [h.text for h in hits] in ([], ["apple near हिन्दी"])
    assert ("apple" in query or "NEAR" in query or "हिन्दी" in query) == bool(hits)
    assert store.maintenance.verify() == []


def test_stopwords_are_left_out_unless_there_is_nothing_else(store: Store) -> None:
    assert query_words("What is THE apple?") == ["apple"]
    assert query_words("to be") == ["to", "be"]
    assert query_words("?!") == []
    session = store.create_session()
    store.remember(session.id, [ItemDraft("to be or not to be", "hamlet")])
    assert len(store.recall(session.id, "to be")) == 1


def test_what_no_cache_has_room_for_is_found_all_the_same(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("checkpoints.search.lineage.MOST_SLOTS", 5)
    monkeypatch.setattr("checkpoints.search.lineage.MOST_POSTINGS", 3)
    with Store.open(path) as store:
        sessions = [store.create_session().id for _ in range(3)]
        # The first fits, the last is larger than the cache, and all of them grow.
        for round_ in range(3):
            for size, session in zip((1, 2, 7), sessions, strict=True):
                texts = [f"mine number {session[:4]} {round_} {n}" for n in range(size)]
                store.remember(session, [ItemDraft(text, "a.txt") for text in texts])
                for query in ("mine", "number", "mine number nothing"):
                    hits = store.recall(session, query, 100)
                    assert len(hits) == size * (round_ + 1)
                    assert all(session[:4] in hit.text for hit in hits)
