"""What a sentence encoder gives of a text, as plain arrays. Importing this imports no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Embedding:
    """A text's unit vector [C], its tokens' vectors [T, C], and the word that each token is of.

    The word is empty where the encoder's vocabulary has nothing for it.
    """

    values_C: NDArray[np.float32]
    tokens_TC: NDArray[np.float32]
    words: tuple[str, ...]


@dataclass(frozen=True)
class Embedder:
    """Reads texts; embeddings of the same `name` may be compared."""

    name: str
    embed: Callable[[Sequence[str]], list[Embedding]]
    """Safe from any thread."""
