"""Which sources a history has, in whatever Unicode form, and what is said of a name that is none.

Names are kept in one form by now. Those that earlier releases stored, or that come with an imported
session, stay as they are, because the history's hashes cover them; they are compared in that form.
The caller holds the transaction.
"""

from __future__ import annotations

import json
from difflib import get_close_matches
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from checkpoints.errors import UnknownSource
from checkpoints.graph.history import in_lineage
from checkpoints.records import one_form

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlite_utils import Database

# How many names, and how much of each, are compared: it takes a product of lengths.
_COMPARED, _CHARS = 2_000, 200
_LEAST_LIKE, _SHOWN = 0.3, 3
# Of names in ASCII only those with one of these have another form, such as the sign for Kelvin.
_OTHERS = frozenset("K;`")


def require_sources(db: Database, branch: int, field: str, names: Iterable[str]) -> None:
    """Raise UnknownSource, with the nearest names, for one that no item of the history has."""
    names = list(names)
    spelled = spellings(db, names)
    for name in names:
        if not in_lineage(
            db,
            branch,
            """
            SELECT 1 FROM lineage
            CROSS JOIN items ON items.branch = lineage.branch AND items.seq <= lineage.top
            WHERE items.source IN (SELECT value FROM json_each(:names)) LIMIT 1
            """,
            names=json.dumps(spelled[one_form(name)]),
        ):
            rows = in_lineage(
                db,
                branch,
                """
                SELECT DISTINCT items.source FROM lineage
                CROSS JOIN items ON items.branch = lineage.branch AND items.seq <= lineage.top
                WHERE items.kind = 'document' LIMIT :most
                """,
                most=_COMPARED,
            )
            known = dict.fromkeys(one_form(row["source"]) for row in rows)
            raise UnknownSource(field, name, nearest(one_form(name), list(known)))


def spellings(db: Database, names: Iterable[str]) -> dict[str, list[str]]:
    """By each name in its one form, the names under which it may be stored in the file."""
    forms = dict.fromkeys(map(one_form, names))
    if all(form.isascii() and not _OTHERS.intersection(form) for form in forms):
        return {form: [form] for form in forms}
    others = _IN_OTHER_FORMS.setdefault(db, _OtherForms())
    others.catch_up(db)
    return {form: [form, *others.names.get(form, ())] for form in forms}


class _OtherForms:
    """The names of a file that are stored in another form, by the one they are compared in."""

    def __init__(self) -> None:
        self.names: dict[str, list[str]] = {}
        self._last = (0, 0, 0)
        """The last item looked at: its id, text and place."""

    def catch_up(self, db: Database) -> None:
        """Look at the items that came since the last time: there may be very many."""
        there = "SELECT 1 FROM items WHERE id = ? AND text_id = ? AND seq = ?"
        if db.execute(there, self._last).fetchone() is None:  # gone, its number perhaps given again
            self.names, self._last = {}, (0, 0, 0)
        rows = db.execute(
            "SELECT DISTINCT source FROM items WHERE id > ? AND source GLOB '*[^ -~]*'",
            [self._last[0]],
        )
        for (stored,) in rows:
            form = one_form(stored)
            if form != stored and stored not in self.names.setdefault(form, []):
                self.names[form].append(stored)
        newest = "SELECT id, text_id, seq FROM items ORDER BY id DESC LIMIT 1"
        self._last = db.execute(newest).fetchone() or (0, 0, 0)


_IN_OTHER_FORMS: WeakKeyDictionary[Database, _OtherForms] = WeakKeyDictionary()


def nearest(name: str, names: Sequence[str]) -> list[str]:
    """The names most like one: those that hold it or are held by it first."""
    within = [each for each in names if each and (name in each or each in name)]
    ends = {each[-_CHARS:]: each for each in names}
    like = get_close_matches(name[-_CHARS:], list(ends), _SHOWN, _LEAST_LIKE)
    return list(dict.fromkeys([*sorted(within, key=len), *(ends[each] for each in like)]))[:_SHOWN]
