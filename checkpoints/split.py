"""Cutting a document into pieces that can be found and shown on their own.

Knows nothing of tokens or of the database.
"""

from __future__ import annotations

import re

PIECE_CHARS = 1_200


def split(text: str, most: int = PIECE_CHARS) -> list[str]:
    """Pieces of at most `most` characters, cut at blank lines, lines, sentences or words.

    Joined in order they hold every word of the text; neighbours are joined while they fit.
    """
    pieces: list[str] = []
    for part in _parts(text.strip(), most, (r"\n\s*\n", r"\n", r"(?<=[.!?])\s+", r"\s+")):
        if pieces and len(pieces[-1]) + 2 + len(part) <= most:
            pieces[-1] += f"\n\n{part}"
        else:
            pieces.append(part)
    return pieces


def _parts(text: str, most: int, borders: tuple[str, ...]) -> list[str]:
    if len(text) <= most:
        return [text] if text else []
    if not borders:  # one word longer than a piece
        return [text[i : i + most] for i in range(0, len(text), most)]
    return [
        piece
        for part in re.split(borders[0], text)
        for piece in _parts(part.strip(), most, borders[1:])
    ]
