"""Vectors of texts: checked on the way in, kept as rows, read back as arrays.

One vector per text and encoder, rounded to float16, which moves a cosine by less than 0.001, and
the signs of its tokens' vectors, one bit a number.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from checkpoints.errors import BadValue
from checkpoints.limits import check_name
from checkpoints.records import text_digest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from sqlite_utils import Database

    from checkpoints.limits import StoreLimits
    from checkpoints.records import Vector

_MOST_NUMBERS, _MOST_TOKENS = 8_192, 512
_UNIT_TOLERANCE = 1e-2


@dataclass(frozen=True)
class StoredVector:
    """A vector as it is stored: float16 numbers, and the tokens' signs (empty for no tokens)."""

    data: bytes
    tokens: bytes

    def __len__(self) -> int:
        """Bytes."""
        return len(self.data) + len(self.tokens)


def check_vector(field: str, vector: Vector, limits: StoreLimits) -> StoredVector:
    """The vector as it is stored. Raises BadValue or LimitExceeded, naming the field."""
    check_name(f"{field}.encoder", vector.encoder, limits.name_chars)
    values = np.asarray(vector.values)
    if values.ndim != 1 or not 1 <= values.size <= _MOST_NUMBERS or values.dtype.kind != "f":
        raise BadValue(field, f"is not a list of 1 to {_MOST_NUMBERS} floats")
    # Written so that a NaN fails it as well.
    if not abs(float(np.linalg.norm(values.astype(np.float64))) - 1) <= _UNIT_TOLERANCE:
        raise BadValue(field, "is not of length 1; divide it by its norm")
    return StoredVector(values.astype("<f2").tobytes(), _checked_tokens(field, vector, values.size))


def _checked_tokens(field: str, vector: Vector, size: int) -> bytes:
    if vector.tokens is None:
        return b""
    tokens = np.asarray(vector.tokens)
    if tokens.ndim != 2 or tokens.shape[1] != size or tokens.dtype.kind != "f":
        raise BadValue(f"{field}.tokens", f"is not a matrix of floats with {size} columns")
    if len(tokens) > _MOST_TOKENS:
        raise BadValue(f"{field}.tokens", f"has {len(tokens)} rows, the limit is {_MOST_TOKENS}")
    if vector.words and len(vector.words) != len(tokens):
        raise BadValue(f"{field}.words", f"has {len(vector.words)} for {len(tokens)} tokens")
    return packed_signs(tokens < 0).astype("<u8").tobytes()


def packed_signs(negative_NC: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """One bit a number, 64 to a word, padded with zeros: [N, W]."""
    packed = np.packbits(negative_NC, axis=1)
    padded = np.zeros((len(packed), words_of(negative_NC.shape[1]) * 8), np.uint8)
    padded[:, : packed.shape[1]] = packed
    return padded.view(np.uint64)


def words_of(size: int) -> int:
    """How many words of 64 bits the signs of a vector of `size` numbers take."""
    return -(-size // 64)


def encoder_id(db: Database, name: str) -> int | None:
    """The row id of an encoder; None if no vector of it was ever stored."""
    row = db.execute("SELECT id FROM encoders WHERE name = ?", [name]).fetchone()
    return None if row is None else int(row[0])


def require_encoder(db: Database, field: str, name: str, size: int) -> int:
    """The encoder's row id, noted now if new. Raises BadValue if its vectors have another size."""
    db.execute(
        "INSERT INTO encoders (name, size) VALUES (?, ?) ON CONFLICT DO NOTHING", [name, size]
    )
    row_id, known = db.execute("SELECT id, size FROM encoders WHERE name = ?", [name]).fetchone()
    if size != known:
        raise BadValue(field, f"has {size} numbers, those of encoder {name!r} have {known}")
    return int(row_id)


def add_vector(db: Database, field: str, text_id: int, encoder: str, vector: StoredVector) -> bool:
    """Store a text's vector, or what it lacks of it; whether anything was stored.

    Raises BadValue if the encoder's vectors have another size.
    """
    row_id = require_encoder(db, field, encoder, len(vector.data) // 2)
    new = db.execute(
        "INSERT INTO vectors (text_id, encoder, data, crc32) VALUES (?, ?, ?, ?) "
        "ON CONFLICT DO NOTHING",
        [text_id, row_id, vector.data, zlib.crc32(vector.data)],
    )
    tokens = db.execute(
        "INSERT INTO token_signs (vector, data, crc32) "
        "SELECT id, ?, ? FROM vectors WHERE text_id = ? AND encoder = ? ON CONFLICT DO NOTHING",
        [vector.tokens, zlib.crc32(vector.tokens), text_id, row_id],
    )
    return bool(new.rowcount or tokens.rowcount)


def add_vectors(db: Database, rows: Sequence[tuple[int, str, str, StoredVector]]) -> int:
    """Store vectors (text id, text, encoder, vector) of items that are still there; how many were.

    Numbers of deleted texts are given out again, so the text has to be the same.
    """
    stored = 0
    for position, (text_id, text, encoder, vector) in enumerate(rows):
        if db.execute(
            "SELECT 1 FROM texts WHERE id = ? AND sha256 = ? "
            "AND EXISTS (SELECT 1 FROM items WHERE items.text_id = texts.id)",
            [text_id, text_digest(text)],
        ).fetchone():
            stored += add_vector(db, f"vectors[{position}]", text_id, encoder, vector)
    return stored


def texts_without(
    db: Database, encoder: str, limit: int, after: int, until: int
) -> list[tuple[int, str]]:
    """Memory items' texts without vector or tokens of an encoder, by text id, `after` to `until`.

    Looks through indexes alone, and at the texts that it gives.
    """
    rows = db.execute(
        """
        SELECT texts.id, texts.text FROM (
            SELECT DISTINCT items.text_id AS id FROM items INDEXED BY items_by_text
            WHERE items.text_id > :after AND items.text_id <= :until AND NOT EXISTS (
                SELECT 1 FROM vectors
                CROSS JOIN token_signs INDEXED BY token_signs_by_vector
                ON token_signs.vector = vectors.id
                WHERE vectors.text_id = items.text_id AND vectors.encoder = :encoder
            )
            ORDER BY items.text_id LIMIT :limit
        ) AS bare JOIN texts ON texts.id = bare.id ORDER BY texts.id
        """,
        {"after": after, "until": until, "encoder": encoder_id(db, encoder) or 0, "limit": limit},
    )
    return [(int(row[0]), str(row[1])) for row in rows]


def as_matrix(data: Sequence[bytes], size: int) -> NDArray[np.float32]:
    """Stored vectors as the rows of a matrix [N, C]."""
    return np.frombuffer(b"".join(data), "<f2").reshape(len(data), size).astype(np.float32)


def problems(db: Database) -> Iterator[str]:
    """What is wrong with the stored vectors, one line each."""
    sizes: dict[int, Any] = dict(db.execute("SELECT id, size FROM encoders").fetchall())
    for row_id, encoder, data, crc32 in db.execute("SELECT id, encoder, data, crc32 FROM vectors"):
        if zlib.crc32(data) != crc32:
            yield f"vector {row_id}: does not match its checksum"
        elif len(data) != 2 * sizes.get(encoder, 0):
            yield f"vector {row_id}: is not of its encoder's size"
    for row_id, encoder, data, crc32 in db.execute(
        "SELECT vector, encoder, token_signs.data, token_signs.crc32 FROM token_signs "
        "JOIN vectors ON vectors.id = token_signs.vector"
    ):
        if zlib.crc32(data) != crc32:
            yield f"tokens of vector {row_id}: do not match their checksum"
        elif len(data) % (8 * words_of(sizes.get(encoder, 1))):
            yield f"tokens of vector {row_id}: are not of their encoder's size"
    idle = db.execute(
        "SELECT count(*) FROM vectors WHERE text_id NOT IN (SELECT text_id FROM items)"
    ).fetchone()[0]
    if idle:
        yield f"vectors: {idle} belong to no memory item"
