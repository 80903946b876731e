"""What a search may be narrowed to: an allow-list of fields, each value checked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, get_args

from checkpoints.errors import BadValue, LimitExceeded
from checkpoints.limits import check_text
from checkpoints.records import Origin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checkpoints.limits import StoreLimits

KINDS = ("step", "document")
_MOST_NAMES = 1_000


@dataclass(frozen=True)
class Filters:
    """Only items that match every field given; bounds are inclusive, times carry a time zone.

    A document counts as written at the step that was the last one when it came.
    """

    sources: Sequence[str] = ()
    kinds: Sequence[str] = ()
    origins: Sequence[str] = ()
    from_step: int | None = None
    to_step: int | None = None
    since: datetime | None = None
    until: datetime | None = None

    def check(self, limits: StoreLimits) -> None:
        """Raise BadValue or LimitExceeded, naming the field."""
        for field, names, allowed in (
            ("sources", self.sources, None),
            ("kinds", self.kinds, KINDS),
            ("origins", self.origins, get_args(Origin)),
        ):
            if isinstance(names, str):
                raise BadValue(field, "is one text; send a list of texts")
            if len(names) > _MOST_NAMES:
                raise LimitExceeded(field, len(names), _MOST_NAMES, "in one call", "send fewer")
            for name in names:
                check_text(field, name, limits.source_chars)
                if allowed is not None and name not in allowed:
                    raise BadValue(field, f"{name!r} is none of {', '.join(allowed)}")
        for field, step in (("from_step", self.from_step), ("to_step", self.to_step)):
            if step is not None and not 0 <= step < 2**31:
                raise BadValue(field, f"{step} is not a step number (0 or more)")
        for field, moment in (("since", self.since), ("until", self.until)):
            if moment is None:
                continue
            if moment.tzinfo is None:
                raise BadValue(field, "has no time zone; send a time with its offset from UTC")
            try:
                stored_moment(moment)
            except OverflowError as error:
                raise BadValue(field, "is outside the years 1 to 9999 in UTC") from error
        for first, last in (("from_step", "to_step"), ("since", "until")):
            least, most = getattr(self, first), getattr(self, last)
            if least is not None and most is not None and least > most:
                raise BadValue(first, f"{least} is after {last}, {most}: nothing is between")


def stored_moment(moment: datetime) -> str:
    """A time as the database keeps it, so that it compares as text: UTC with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
