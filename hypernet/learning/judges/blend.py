"""Shares of labels from several judges, and how far each is to be believed.

The judges: the model, a classifier of words, a linear probe of the model's state.
p(label) is proportional to the product of each judge's share to a power of its own, a product of
experts (Hinton, 2002). A power under 1 takes a judge's certainty back, so fitted powers also
calibrate: with one judge alone this is temperature scaling (Guo et al., 2017). Importing this
imports no numpy.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, Literal, get_args

from hypernet.task import as_read

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Judge = Literal["model", "words", "probe"]
JUDGES: tuple[Judge, ...] = get_args(Judge)
Shares = Mapping[Judge, Mapping[str, float]]
"""Each judge's shares of the labels."""
Judged = tuple[Shares, str]
"""What the judges say of an example, and its right label."""

LEAST_SHARE = 1e-3
"""No judge rules a label out for good."""
POWERS = tuple(2.0 ** (n / 4) for n in range(-12, 9))
"""Those tried, from an eighth to four."""
STRENGTH = 1.0
"""How far the usual power is preferred: a doubling costs as much as half of this in log share."""


@dataclass(frozen=True)
class Blend:
    """The power of each judge's shares; one of power 0 is not heard."""

    model: float = 0.0
    words: float = 0.0
    probe: float = 0.0

    def __post_init__(self) -> None:
        if not any(self.powers.values()):
            raise ValueError("blend: no judge is heard")

    @property
    def powers(self) -> dict[Judge, float]:
        """By judge."""
        return {judge: getattr(self, judge) for judge in JUDGES}

    @property
    def heard(self) -> list[Judge]:
        """Those whose shares are needed."""
        return [judge for judge, power in self.powers.items() if power]

    def __call__(self, shares: Shares) -> dict[str, float]:
        """Each label's probability, in the order of the first judge that is heard."""
        import numpy as np

        labels = list(shares[self.heard[0]])
        scores_L = sum(
            (self.powers[judge] * _logs(shares.get(judge, {}), labels) for judge in self.heard),
            np.zeros(len(labels)),
        )
        # Sorted: the order of the labels has no effect, to the last bit.
        shares_L = np.exp(scores_L - np.logaddexp.reduce(np.sort(scores_L)))
        return dict(zip(labels, map(float, shares_L), strict=True))

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready form that `from_dict` reads back."""
        return {str(judge): power for judge, power in self.powers.items()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Blend:
        """What `to_dict` wrote. Raises KeyError, TypeError or ValueError for anything else."""
        return cls(*(float(data[judge]) for judge in JUDGES))


def fitted(answers: Sequence[Judged], *heard: Judge) -> Blend:
    """The powers under which held-out answers are likeliest, drawn to the usual ones.

    Args:
        answers: none at all give the usual powers.
        heard: the judges that get a power, one at least.
    """
    import numpy as np

    tried = _tried(heard)
    scores_P = [_preference(blend) for blend in tried] + _likelihoods(tried, answers).sum(1)
    return tried[int(np.argmax(scores_P))]


def right_left_out(answers: Sequence[Judged], *heard: Judge) -> list[bool]:
    """Whether each answer is right under the powers that all others give."""
    import numpy as np

    tried = _tried(heard)
    each_PN = _likelihoods(tried, answers)
    scores_P = np.array([_preference(blend) for blend in tried]) + each_PN.sum(1)
    found = []
    for place, (said, right) in enumerate(answers):
        shares = tried[int(np.argmax(scores_P - each_PN[:, place]))](said)
        found.append(as_read(max(shares, key=lambda label: shares[label])) == as_read(right))
    return found


def _tried(heard: Sequence[Judge]) -> list[Blend]:
    return [Blend(**dict(zip(heard, found, strict=True)))
            for found in product(POWERS, repeat=len(heard))]  # fmt: skip


def _likelihoods(tried: Sequence[Blend], answers: Sequence[Judged]) -> NDArray[np.float64]:
    """The log probability [P, N] of each answer's right label under each choice of powers."""
    import numpy as np

    heard = tried[0].heard
    powers_PJ = np.array([[blend.powers[judge] for judge in heard] for blend in tried])
    found_PN = np.zeros((len(tried), len(answers)))
    for place, (said, right) in enumerate(answers):
        labels = list(said[heard[0]])
        scores_PL = powers_PJ @ np.stack([_logs(said[judge], labels) for judge in heard])
        own = [as_read(label) for label in labels].index(as_read(right))
        found_PN[:, place] = scores_PL[:, own] - np.logaddexp.reduce(scores_PL, axis=1)
    return found_PN


def _logs(shares: Mapping[str, float], labels: Sequence[str]) -> NDArray[np.float64]:
    import numpy as np

    found_L: NDArray[np.float64] = np.log(
        [max(shares.get(label, 0.0), LEAST_SHARE) for label in labels]
    )
    return found_L


def usual(judges: int) -> float:
    """The power of each of so many judges of whom nothing is known.

    Of independent ones it would be 1, of such as always agree 1/n: theirs lies between.
    """
    return float(judges**-0.5)


def _preference(blend: Blend) -> float:
    heard = blend.heard
    away = (math.log2(blend.powers[judge] / usual(len(heard))) for judge in heard)
    return -STRENGTH / 2 * sum(each**2 for each in away)
