"""How often development tasks were answered right, and how sure the model was: a card's curves.

By how well the hypernetwork knows a task and by what its answers look like; of tasks whose weights
took gradient steps on examples, by the latter alone. They ran as a step in mode `auto` does.
Importing this imports neither torch nor numpy.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

from hypernet.hypernetwork.fit import FitLevel

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal["labels", "free", "copied"]
"""One of the task's labels, a text, or a span of the input."""
KINDS: tuple[Kind, ...] = get_args(Kind)
Level = FitLevel | Literal["trained"]
"""How well a task without examples is known, or that the weights took steps on examples."""
LEVELS: tuple[Level, ...] = (*get_args(FitLevel), "trained")
ENTRY = "reliability"
"""In a card: by level and kind, what `Curve` holds."""
MOST = 1e3
"""Of a curve's numbers: what is larger is no fit."""


@dataclass(frozen=True)
class Curve:
    """What one kind of answers to tasks of one level showed.

    With labels a share to the `power`, times that of a classifier of words to the power `words`
    where that is heard, the products normalised again, is how likely the label is right. Else that
    is logistic(offset + slope · logit of the tokens' mean probability).
    """

    accuracy: float
    """The mean over tasks."""
    answers: int
    tasks: int
    power: float = 1.0
    words: float = 0.0
    offset: float = 0.0
    slope: float = 1.0

    def to_dict(self, kind: Kind) -> dict[str, Any]:
        """A JSON-ready form, with the numbers of its kind alone, that `of_card` reads back."""
        found = asdict(self)
        unused = {"offset", "slope"} if kind == "labels" else {"power"}
        unused |= set() if self.words else {"words"}
        return {name: value for name, value in found.items() if name not in unused}


@dataclass(frozen=True)
class Reliability:
    """A hypernetwork's curves; what its card lacks, or has damaged, there is none of."""

    curves: Mapping[tuple[Level, Kind], Curve] = field(default_factory=dict)

    def curve(self, level: Level, kind: Kind) -> Curve | None:
        """That of tasks of a level, for answers of a kind."""
        return self.curves.get((level, kind))

    def to_dict(self) -> dict[str, Any]:
        """A card's entry."""
        found: dict[str, Any] = {}
        for (level, kind), curve in sorted(self.curves.items()):
            found.setdefault(level, {})[kind] = curve.to_dict(kind)
        return found

    @classmethod
    def of_card(cls, card: Mapping[str, Any]) -> Reliability:
        """The curves of a card."""
        return cls(dict(_curves(card.get(ENTRY))))


def _curves(entry: object) -> Iterator[tuple[tuple[Level, Kind], Curve]]:
    for level in LEVELS:
        of_level = entry.get(level) if isinstance(entry, Mapping) else None
        for kind in KINDS:
            written = of_level.get(kind) if isinstance(of_level, Mapping) else None
            curve = _curve(written, kind) if isinstance(written, Mapping) else None
            if curve is not None:
                yield (level, kind), curve


def _curve(written: Mapping[str, Any], kind: Kind) -> Curve | None:
    """A curve as a card has it; None where it is damaged."""
    try:
        accuracy = _number(written["accuracy"], 0.0, 1.0)
        answers, tasks = (int(_number(written[name], 1)) for name in ("answers", "tasks"))
        if kind == "labels":
            power, words = _number(written["power"], 1 / MOST, MOST), written.get("words", 0.0)
            return Curve(accuracy, answers, tasks, power=power, words=_number(words, 0.0, MOST))
        offset, slope = _number(written["offset"], -MOST, MOST), _number(written["slope"], 0, MOST)
        return Curve(accuracy, answers, tasks, offset=offset, slope=slope)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def _number(value: object, least: float, most: float = math.inf) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r} is no number")
    if not (math.isfinite(value) and least <= value <= most):
        raise ValueError(f"{value!r} is out of bounds")
    return float(value)
