"""What training, refinement and the evaluation read: an input and its answer as token ids."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sample:
    """One training example as token ids.

    The base alone reads the input; the adapter acts on what follows it.
    """

    input_ids: tuple[int, ...]
    invocation_ids: tuple[int, ...]
    """The chat markup between input and answer."""
    answer_ids: tuple[int, ...]

    @property
    def acted_ids(self) -> tuple[int, ...]:
        """What the adapter acts on: the markup, and the answer but its last token."""
        return (*self.invocation_ids, *self.answer_ids[:-1])

    def with_input_acted_on(self) -> Sample:
        """The same where the adapter acts on the input too."""
        return Sample((), (*self.input_ids, *self.invocation_ids), self.answer_ids)
