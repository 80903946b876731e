"""From a share or a mean token probability to how likely an answer is right.

A logistic curve of the raw confidence (Platt, 1999), drawn to the curve that was measured over many
tasks, so that a few held-out answers shift it and many make it their own. Importing this imports no
numpy.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

EDGE = 1e-4
"""Confidences are held this far from 0 and 1."""
STRENGTH = 4.0
"""Held-out answers that the prior curve weighs as much as."""
ROUNDS = 50


@dataclass(frozen=True)
class Calibration:
    """Probability of being right = logistic(offset + slope · logit of the raw confidence)."""

    offset: float = 0.0
    slope: float = 1.0

    def __call__(self, raw: float) -> float:
        """The probability for a raw confidence between 0 and 1."""
        return _logistic(self.offset + self.slope * _logit(raw))

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready form that `from_dict` reads back."""
        return {"offset": self.offset, "slope": self.slope}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Calibration:
        """What `to_dict` wrote.

        Raises:
            KeyError, TypeError, ValueError: it is not of that form.
        """
        return cls(float(data["offset"]), float(data["slope"]))


USUAL = Calibration()
"""Where nothing is known, a confidence is taken as it is."""


def calibrated(
    answers: Sequence[tuple[float, bool]], prior: Calibration, strength: float = STRENGTH
) -> Calibration:
    """The curve that fits raw confidences and whether the answers were right; none give the prior.

    The maximum a posteriori by Newton's method: normal priors around the prior's offset and slope.
    """
    import numpy as np

    centre = np.array([prior.offset, prior.slope])
    if not answers:
        return prior
    x_N2 = np.array([[1.0, _logit(raw)] for raw, _ in answers])
    y_N = np.array([float(right) for _, right in answers])
    weights, penalty = centre.copy(), np.diag([strength / 4, strength])
    for _ in range(ROUNDS):
        p_N = 1 / (1 + np.exp(-x_N2 @ weights))
        gradient = x_N2.T @ (p_N - y_N) + penalty @ (weights - centre)
        hessian = (x_N2 * (p_N * (1 - p_N))[:, None]).T @ x_N2 + penalty
        step = np.linalg.solve(hessian, gradient)
        weights = weights - step / max(1.0, float(np.abs(step).max()))
        if np.abs(step).max() < 1e-6:
            break
    offset, slope = weights
    # A curve that falls would call the surest answers the worst ones.
    return Calibration(float(offset), max(0.0, float(slope)))


def expected_error(answers: Sequence[tuple[float, bool]], bins: int = 10) -> float:
    """Expected calibration error (Naeini et al., 2015): |confidence - accuracy| over equal bins.

    Args:
        answers: calibrated probabilities and whether the answers were right.
        bins: how many, of equal width.
    """
    import numpy as np

    found = np.array([p for p, _ in answers])
    right = np.array([float(r) for _, r in answers])
    places = np.minimum((found * bins).astype(int), bins - 1)
    gaps = [
        abs(found[places == b].mean() - right[places == b].mean()) * (places == b).mean()
        for b in range(bins)
        if (places == b).any()
    ]
    return float(sum(gaps))


def _logit(share: float) -> float:
    share = min(max(share, EDGE), 1 - EDGE)
    return math.log(share / (1 - share))


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))
