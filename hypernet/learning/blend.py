"""Shares of labels from two judges, a model and a classifier, and how far each is to be believed.

p(label) is proportional to model(label)^a · classifier(label)^b, a product of experts (Hinton,
2002). A power under 1 takes a judge's certainty back, so fitted powers also calibrate: with one
judge alone this is temperature scaling (Guo et al., 2017). Importing this imports no numpy.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

from hypernet.task import as_read

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Judged = tuple[Mapping[str, float], Mapping[str, float], str]
"""A model's shares of the labels, a classifier's, and the right label."""

LEAST_SHARE = 1e-3
"""No judge rules a label out for good."""
POWERS = tuple(2.0 ** (n / 4) for n in range(-12, 9))
"""Those tried, from an eighth to four."""
USUAL = 1.0
"""The power of a judge of whom nothing is known."""
STRENGTH = 1.0
"""How far the usual power is preferred: a doubling costs as much as half of this in log share."""


@dataclass(frozen=True)
class Blend:
    """The powers of the model's and the classifier's shares; a judge of power 0 is not heard."""

    model: float
    words: float

    def __call__(self, model: Mapping[str, float], words: Mapping[str, float]) -> dict[str, float]:
        """Each label's probability, in the order of the first judge that is heard."""
        import numpy as np

        labels = list(model if self.model else words)
        scores_L = self.model * _logs(model, labels) + self.words * _logs(words, labels)
        shares_L = np.exp(scores_L - np.logaddexp.reduce(scores_L))
        return dict(zip(labels, map(float, shares_L), strict=True))

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready form that `from_dict` reads back."""
        return {"model": self.model, "words": self.words}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Blend:
        """What `to_dict` wrote. Raises KeyError, TypeError or ValueError for anything else."""
        return cls(float(data["model"]), float(data["words"]))


def fitted(answers: Sequence[Judged], *, model: bool = True, words: bool = True) -> Blend:
    """The powers under which held-out answers are likeliest, drawn to the usual ones.

    Args:
        answers: none at all give the usual powers.
        model: whether the model is heard.
        words: whether the classifier is.
    """
    import numpy as np

    tried = _tried(model, words)
    scores_P = [_preference(blend) for blend in tried] + _likelihoods(tried, answers).sum(1)
    return tried[int(np.argmax(scores_P))]


def right_left_out(answers: Sequence[Judged]) -> list[bool]:
    """Whether each answer is right under the powers that all others give, both judges heard."""
    import numpy as np

    tried = _tried(True, True)
    each_PN = _likelihoods(tried, answers)
    scores_P = np.array([_preference(blend) for blend in tried]) + each_PN.sum(1)
    found = []
    for place, (model, words, right) in enumerate(answers):
        shares = tried[int(np.argmax(scores_P - each_PN[:, place]))](model, words)
        found.append(as_read(max(shares, key=lambda label: shares[label])) == as_read(right))
    return found


def _tried(model: bool, words: bool) -> list[Blend]:
    powers = (POWERS if model else (0.0,), POWERS if words else (0.0,))
    return [Blend(a, b) for a, b in product(*powers)]


def _likelihoods(tried: Sequence[Blend], answers: Sequence[Judged]) -> NDArray[np.float64]:
    """The log probability [P, N] of each answer's right label under each pair of powers."""
    import numpy as np

    powers_P2 = np.array([(blend.model, blend.words) for blend in tried])
    found_PN = np.zeros((len(tried), len(answers)))
    for place, (model, words, right) in enumerate(answers):
        labels = list(model or words)
        scores_PL = powers_P2 @ np.stack([_logs(model, labels), _logs(words, labels)])
        own = [as_read(label) for label in labels].index(as_read(right))
        found_PN[:, place] = scores_PL[:, own] - np.logaddexp.reduce(scores_PL, axis=1)
    return found_PN


def _logs(shares: Mapping[str, float], labels: Sequence[str]) -> NDArray[np.float64]:
    import numpy as np

    found_L: NDArray[np.float64] = np.log(
        [max(shares.get(label, 0.0), LEAST_SHARE) for label in labels]
    )
    return found_L


def _preference(blend: Blend) -> float:
    heard = [power for power in (blend.model, blend.words) if power]
    return -STRENGTH / 2 * sum(math.log2(power / USUAL) ** 2 for power in heard)
