"""Ids and texts from outside, generated."""

from __future__ import annotations

import string

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
