"""The cheap rival: a linear classifier over the sentence encoder's vectors and word counts.

It needs no language model. Where it does better than one, the gate says so, and it serves.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hypernet.learning.answers import Answer
from hypernet.task import as_read

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from hypernet.hypernetwork.embedding import Embedder
    from hypernet.task import Example, Task

STRENGTH = 4.0
"""Inverse of the penalty on the weights: vectors of length 1 need a weak one."""
EVEN = 16.0
"""How often a label is among a few examples says little of how often it comes later."""
WORDS = (1, 2)
"""Counts are of single words and of pairs."""
WORD = r"(?u)\w+|[^\w\s]"
"""Signs too: a text without any word has counts all the same."""


@dataclass(frozen=True)
class WordsModel:
    """A fitted classifier. Shown one label alone, it knows nothing else."""

    labels: tuple[str, ...]
    _embedder: Embedder
    _counts: Any
    _model: Any
    _only: str | None = None

    @classmethod
    def fit(
        cls, examples: Sequence[Example], labels: Sequence[str], embedder: Embedder
    ) -> WordsModel:
        """Learn from examples.

        Args:
            examples: at least one, their outputs among the labels.
            labels: all that may be answered.
            embedder: reads the texts.
        """
        # Imported on use: it takes a second, and most processes never learn.
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression

        own = {as_read(label): label for label in labels}  # in the label's own spelling
        texts, outputs = [e.input for e in examples], [own[as_read(e.output)] for e in examples]
        if len(set(outputs)) == 1:
            return cls(tuple(labels), embedder, None, None, outputs[0])
        counts = TfidfVectorizer(ngram_range=WORDS, token_pattern=WORD, sublinear_tf=True)
        counts_NW = counts.fit_transform(texts)
        model = LogisticRegression(C=STRENGTH, max_iter=1000)
        model.fit(_joined(embedder, texts, counts_NW), outputs, sample_weight=_weights(outputs))
        return cls(tuple(labels), embedder, counts, model)

    def answers(self, texts: Sequence[str]) -> list[Answer]:
        """The likeliest label of each text, with all labels' shares."""
        return [Answer.likeliest(shares) for shares in self.shares(texts)]

    def shares(self, texts: Sequence[str]) -> list[dict[str, float]]:
        """Each label's probability, for each text; labels without an example have none."""
        if self._model is None:
            return [{label: float(label == self._only) for label in self.labels} for _ in texts]
        known = [str(label) for label in self._model.classes_]
        features_NF = _joined(self._embedder, texts, self._counts.transform(texts))
        rows = [
            dict(zip(known, row, strict=True)) for row in self._model.predict_proba(features_NF)
        ]
        return [{label: float(row.get(label, 0.0)) for label in self.labels} for row in rows]


def answerable(task: Task) -> bool:
    """Whether each example's output is one of the task's labels, as it has to be to learn from."""
    labels = {as_read(label) for label in task.labels}
    return not labels or all(as_read(each.output) in labels for each in task.examples)


def _weights(outputs: Sequence[str]) -> list[float]:
    """Of each example, such that its label counts as if `EVEN` more of every label were there."""
    counts = Counter(outputs)
    smoothed = len(outputs) / (len(outputs) + EVEN * len(counts))
    return [smoothed * (counts[label] + EVEN) / counts[label] for label in outputs]


def _joined(embedder: Embedder, texts: Sequence[str], counts_NW: Any) -> NDArray[np.float32]:
    import numpy as np

    vectors_NC = np.stack([found.values_C for found in embedder.embed(texts)])
    return np.hstack([vectors_NC, counts_NW.toarray()])
