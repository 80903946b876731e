"""A linear probe: a classifier of the state in which the model chooses among labels.

What the last layer leaves at the token before the answer holds more of the input than the model's
own choice shows, and a linear classifier finds it from few examples (Alain and Bengio, 2016). It
costs no model call beside the one that is made anyway. Fitting imports scikit-learn, the rest only
numpy, and on use.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hypernet.task import as_read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

STRENGTH = 10.0
"""Inverse of the penalty on the weights: states are brought to length 1."""
NARROW = 1e-3
"""Added to a coordinate's standard deviation, so that one that hardly moves is not blown up."""
STORED = "<f4"


@dataclass(frozen=True, eq=False)
class Probe:
    """A fitted classifier. Of labels without an example it knows nothing."""

    labels: tuple[str, ...]
    """Those with examples, [K]."""
    mean_D: NDArray[np.float32]
    scale_D: NDArray[np.float32]
    weight_KD: NDArray[np.float32]
    bias_K: NDArray[np.float32]

    def __post_init__(self) -> None:
        import numpy as np

        count, size = len(self.labels), len(self.mean_D)
        shapes = (self.scale_D.shape, self.weight_KD.shape, self.bias_K.shape)
        if not count or shapes != ((size,), (count, size), (count,)):
            raise ValueError(f"probe: {count} labels and states of {size} do not fit {shapes}")
        parts = (self.mean_D, self.scale_D, self.weight_KD, self.bias_K)
        if not all(bool(np.isfinite(part).all()) for part in parts) or not self.scale_D.all():
            raise ValueError("probe: a number is not finite, or a scale is 0")

    def __eq__(self, other: object) -> bool:
        """Whether both answer alike, to the bit."""
        return isinstance(other, Probe) and self.to_dict() == other.to_dict()

    __hash__ = None  # type: ignore[assignment]  # arrays have none

    @classmethod
    def fit(cls, states: Sequence[NDArray[np.float32]], labels: Sequence[str]) -> Probe:
        """Learn from states [D] of one size and the right label of each; at least one."""
        import numpy as np

        found_ND = np.stack(states).astype(np.float64)
        mean_D, scale_D = found_ND.mean(0), found_ND.std(0) + NARROW
        known, size = sorted(set(labels)), found_ND.shape[1]
        weight_KD, bias_K = np.zeros((len(known), size)), np.zeros(len(known))
        if len(known) > 1:
            # Imported on use: it takes a second, and most processes never learn.
            from sklearn.linear_model import LogisticRegression

            # Balanced: how often a label is among so few examples says little.
            model = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=1000)
            model.fit(_features((found_ND - mean_D) / scale_D), [known.index(x) for x in labels])
            if len(known) == 2:  # it has one row then, for the second
                weight_KD[1], bias_K[1] = model.coef_[0], model.intercept_[0]
            else:
                weight_KD, bias_K = model.coef_, model.intercept_
        parts = (part.astype(np.float32) for part in (mean_D, scale_D, weight_KD, bias_K))
        return cls(tuple(known), *parts)

    def shares(self, state_D: NDArray[np.float32]) -> dict[str, float]:
        """The probability of each label that had examples.

        Raises:
            ValueError: the state is of another size.
        """
        import numpy as np

        if state_D.shape != self.mean_D.shape:
            raise ValueError(f"probe: a state of {state_D.shape}, not {self.mean_D.shape}")
        feature_D = _features(((state_D - self.mean_D) / self.scale_D)[None])[0]
        scores_K = (self.weight_KD @ feature_D + self.bias_K).astype(np.float64)
        shares_K = np.exp(scores_K - np.logaddexp.reduce(scores_K))
        return dict(zip(self.labels, map(float, shares_K), strict=True))

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready form that `from_dict` reads back to the bit."""
        parts = {"mean": self.mean_D, "scale": self.scale_D, "weight": self.weight_KD,
                 "bias": self.bias_K}  # fmt: skip
        return {"labels": list(self.labels), **{name: packed(x) for name, x in parts.items()}}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Probe:
        """What `to_dict` wrote. Raises KeyError, TypeError or ValueError for anything else."""
        labels = tuple(map(str, data["labels"]))
        weight_KD = unpacked(data["weight"]).reshape(len(labels), -1)
        mean_D, scale_D = unpacked(data["mean"]), unpacked(data["scale"])
        return cls(labels, mean_D, scale_D, weight_KD, unpacked(data["bias"]))


def spelled(shares: Mapping[str, float], labels: Sequence[str]) -> dict[str, float]:
    """Shares by the labels as they are given now, whatever their white space and Unicode form."""
    return {label: shares.get(as_read(label), 0.0) for label in labels}


def packed(values: NDArray[np.float32]) -> str:
    """Numbers as text, to the bit."""
    return base64.b64encode(values.astype(STORED).tobytes()).decode("ascii")


def unpacked(text: str) -> NDArray[np.float32]:
    """What `packed` wrote, in one row. Raises TypeError or ValueError for anything else."""
    import numpy as np

    return np.frombuffer(base64.b64decode(text, validate=True), STORED).astype(np.float32)


def _features(standardised_ND: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    lengths_N1: NDArray[Any] = np.linalg.norm(standardised_ND, axis=1, keepdims=True)
    features_ND: NDArray[Any] = standardised_ND / np.maximum(lengths_N1, 1e-12)
    return features_ND
