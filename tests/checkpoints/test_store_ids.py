"""Ids and texts from outside, generated."""

from __future__ import annotations

import string
import sys
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkpoints import BadIdentifier, ItemDraft, Store, UnknownSession

_ALLOWED = string.ascii_letters + string.digits + "-_"
# No time limit, which a busy machine would break, and no example database in the working folder.
_quick = settings(max_examples=60, deadline=None, database=None)
_TRAVERSAL = st.sampled_from(["../", "..\\", "/etc/passwd", "%2e%2e", "\x00", "C:", "~", "'"])


@given(st.one_of(st.text(), st.tuples(st.text(), _TRAVERSAL, st.text()).map("".join)))
@_quick
def test_every_id_is_either_malformed_or_unknown(session_id: str) -> None:
    well_formed = 1 <= len(session_id) <= 64 and all(c in _ALLOWED for c in session_id)
    with (
        Store.open(":memory:") as store,
        pytest.raises(UnknownSession if well_formed else BadIdentifier),
    ):
        store.session(session_id)


@given(st.text(min_size=1), st.text())
@_quick
def test_any_text_is_kept_verbatim_and_any_query_is_answered(text: str, query: str) -> None:
    with Store.open(":memory:") as store:
        session = store.create_session()
        store.remember(session.id, [ItemDraft(text, "generated")])
        hits = store.recall(session.id, f"{query} {text}")
        assert [h.text for h in hits] in ([], [text])
        assert store.maintenance.verify() == []


def test_no_session_is_named_like_an_option(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(["-pA", "--help", "_ok", "fine"])
    monkeypatch.setattr("checkpoints.graph.writes.secrets.token_urlsafe", lambda count: next(drawn))
    with Store.open(":memory:") as store:
        assert [store.create_session().id for _ in range(2)] == ["_ok", "fine"]


def test_a_sign_that_stands_for_several_words_is_found_beside_a_script_without_spaces() -> None:
    # "⑴" is "(1)" in the index of characters, and "ﷺ" four words.
    signs = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    several = [
        sign
        for sign in signs
        if unicodedata.category(sign)[0] in "LMN"
        and any(c.isascii() and not c.isalnum() for c in unicodedata.normalize("NFKD", sign))
    ]
    assert len(several) > 70
    with Store.open(":memory:") as store:
        for sign in several:
            session = store.create_session()
            text = f"0{sign}1\u8336"
            store.remember(session.id, [ItemDraft(text, "generated")])
            assert [hit.text for hit in store.recall(session.id, text)] == [text]
