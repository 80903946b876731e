"""What no text that reaches a client may hold: the same words that the fuzzer looks for."""

from __future__ import annotations

from bench.fuzz.batches import INSIDE


def leaks(text: str) -> bool:
    """Whether a text tells of the server's inside."""
    return INSIDE.search(text) is not None
