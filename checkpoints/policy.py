"""When a checkpoint is made without being asked for, and which ones are worth keeping."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CheckpointPolicy:
    """A checkpoint after every `every` steps; 0 means only when asked for."""

    every: int = 3

    def __post_init__(self) -> None:
        if self.every < 0:
            raise ValueError(f"every: {self.every} steps; use 0 (never) or more")

    def is_due(self, step: int) -> bool:
        """Whether step number `step` (counted from 1) closes a checkpoint interval.

        Counted from the start of the session, not from the last checkpoint: one made by hand
        does not shift the others.
        """
        return self.every > 0 and step % self.every == 0


@dataclass(frozen=True)
class PrunePolicy:
    """What a prune leaves: per session the last `keep` unlabelled checkpoints that it made.

    Whatever the number, these stay as well: labelled checkpoints, the one a session is at, and
    those before a fork, which the forked session descends from.
    """

    keep: int = 10

    def __post_init__(self) -> None:
        if self.keep < 0:
            raise ValueError(f"keep: {self.keep} checkpoints; use 0 or more")
