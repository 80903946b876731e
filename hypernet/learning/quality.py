"""How good each way to serve a task is, measured on examples that were held out of it."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from hypernet.learning.judges.blend import Blend
from hypernet.learning.judges.calibration import Calibration
from hypernet.learning.judges.probe import Probe
from hypernet.learning.ways import MODEL_WAYS, WAYS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hypernet.learning.ways import ModelWay, Way

Z = 1.96
"""Of a normal distribution, 95 % lie within as many standard deviations."""
SMALLEST_GAP = 0.02
"""Two ways that differ by less than this are as good as each other."""
FEW_RIGHT = 0.25
"""Where no way has so many answers exactly right, free answers are judged by their likeness."""
Measure = Literal["right", "likeness"]


@dataclass(frozen=True)
class Figure:
    """How many of the held-out examples were answered right."""

    right: int
    asked: int
    likeness: float | None = None
    """The mean of `answers.likeness`; None where there are labels: one is right or it is not."""

    def __post_init__(self) -> None:
        if not 0 <= self.right <= self.asked or self.asked == 0:
            raise ValueError(f"figure: {self.right} right of {self.asked} asked")
        if self.likeness is not None and not 0 <= self.likeness <= 1:
            raise ValueError(f"figure: a likeness of {self.likeness}")

    @property
    def share(self) -> float:
        """Of those asked."""
        return self.right / self.asked

    def measured(self, measure: Measure) -> float:
        """The share of right answers, or the likeness."""
        return self.share if measure == "right" else self.likeness or 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """95 % of it by Wilson (1927), which also holds for few examples and at 0 and 1."""
        n, p = self.asked, self.share
        centre = (p + Z**2 / (2 * n)) / (1 + Z**2 / n)
        half = Z / (1 + Z**2 / n) * math.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
        return max(0.0, centre - half), min(1.0, centre + half)


def judged_by(figures: Iterable[Figure]) -> Measure:
    """What tells ways apart: right answers, or where hardly any are, how near they come.

    A summary is never the example's word by word: one that is, is luck.
    """
    ways = list(figures)
    near = all(figure.likeness is not None for figure in ways)
    return "likeness" if near and max(each.share for each in ways) < FEW_RIGHT else "right"


@dataclass(frozen=True)
class Quality:
    """The measured figures of one version of a task, and how it is served.

    Steps run under `plan`, a way of the model's. With labels `blend` says how far its shares, a
    classifier's and those of `probe` are believed; without, `calibration` makes a confidence of the
    tokens' probabilities.
    """

    figures: Mapping[Way, Figure]
    serving: Way
    plan: ModelWay
    examples: int
    """How many the task had."""
    blend: Blend | None = None
    calibration: Calibration | None = None
    probe: Probe | None = None
    """Learned from all examples; where it is not heard there is none."""

    def __post_init__(self) -> None:
        if self.serving not in self.figures:
            raise ValueError(f"quality: {self.serving!r} serves and was not measured")
        if self.blend is not None and bool(self.blend.probe) != (self.probe is not None):
            raise ValueError("quality: a probe is heard and there is none, or the reverse")

    @property
    def judged_by(self) -> Measure:
        """What the way that serves was chosen by."""
        return judged_by(self.figures.values())

    @property
    def expected_accuracy(self) -> float:
        """Of the way that serves: its share with one right and one wrong answer added.

        The best of several shares is a lucky one; so few answers must not promise 0 or 1 either.
        """
        figure = self.figures[self.serving]
        return (figure.right + 1) / (figure.asked + 2)

    @property
    def needed(self) -> int:
        """About how many more held-out examples tell the serving way from the next; 0: none.

        Two shares are apart where their intervals, which shrink as the square root of the number,
        no longer meet.
        """
        others = [figure for way, figure in self.figures.items() if way != self.serving]
        if not others:
            return 0
        measure = self.judged_by
        own = self.figures[self.serving].measured(measure)
        other = max(figure.measured(measure) for figure in others)
        gap = max(abs(own - other), SMALLEST_GAP)
        spread = own * (1 - own) + other * (1 - other)  # of a likeness, at most
        more = math.ceil(Z**2 * max(spread, 0.05) / gap**2)
        return max(0, more - self.figures[self.serving].asked)

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready form that `from_dict` reads back."""
        return {
            "figures": {way: asdict(figure) for way, figure in self.figures.items()},
            "serving": self.serving,
            "plan": self.plan,
            "examples": self.examples,
            "blend": self.blend and self.blend.to_dict(),
            "calibration": self.calibration and self.calibration.to_dict(),
            "probe": self.probe and self.probe.to_dict(),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Quality:
        """What `to_dict` wrote.

        Raises:
            KeyError, TypeError, ValueError: it is not of that form.
        """
        figures: dict[Way, Figure] = {
            way: Figure(**figure) for way, figure in data["figures"].items()
        }
        if not figures.keys() <= set(WAYS) or data["plan"] not in MODEL_WAYS:
            raise ValueError("quality: an unknown way to serve")
        blend, calibration, probe = data["blend"], data["calibration"], data["probe"]
        return cls(
            figures,
            data["serving"],
            data["plan"],
            int(data["examples"]),
            None if blend is None else Blend.from_dict(blend),
            None if calibration is None else Calibration.from_dict(calibration),
            None if probe is None else Probe.from_dict(probe),
        )
