"""Vectors of texts: checked on the way in, kept as rows, read back as arrays.

One vector per text and encoder, rounded to float16, which moves a cosine by less than 0.001.
Knows nothing of encoders, sessions or ranking.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from checkpoints.errors import BadValue
from checkpoints.limits import check_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from sqlite_utils import Database

    from checkpoints.limits import StoreLimits
    from checkpoints.records import Vector

_MOST_NUMBERS = 8_192
_UNIT_TOLERANCE = 1e-2


def check_vector(field: str, vector: Vector, limits: StoreLimits) -> bytes:
    """The vector as it is stored. Raises BadValue or LimitExceeded, naming the field."""
    check_name(f"{field}.encoder", vector.encoder, limits.name_chars)
    values = np.asarray(vector.values)
    if values.ndim != 1 or not 1 <= values.size <= _MOST_NUMBERS or values.dtype.kind != "f":
        raise BadValue(field, f"is not a list of 1 to {_MOST_NUMBERS} floats")
    # Written so that a NaN fails it as well.
    if not abs(float(np.linalg.norm(values.astype(np.float64))) - 1) <= _UNIT_TOLERANCE:
        raise BadValue(field, "is not of length 1; divide it by its norm")
    return values.astype("<f2").tobytes()


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


def add_vector(db: Database, text_id: int, encoder: int, data: bytes) -> bool:
    """Store a text's vector unless it has one of this encoder; whether it was stored."""
    cursor = db.execute(
        "INSERT INTO vectors (text_id, encoder, data, crc32) VALUES (?, ?, ?, ?) "
        "ON CONFLICT DO NOTHING",
        [text_id, encoder, data, zlib.crc32(data)],
    )
    return bool(cursor.rowcount)


def add_vectors(
    db: Database, encoder: str, rows: Sequence[tuple[int, bytes]], field: str = "vectors"
) -> int:
    """Store vectors of texts that are still there; how many were."""
    stored = 0
    for position, (text_id, data) in enumerate(rows):
        row_id = require_encoder(db, f"{field}[{position}]", encoder, len(data) // 2)
        if db.execute("SELECT 1 FROM texts WHERE id = ?", [text_id]).fetchone():
            stored += add_vector(db, text_id, row_id, data)
    return stored


def texts_without(db: Database, encoder: str, limit: int, after: int) -> list[tuple[int, str]]:
    """Memory items' texts that have no vector of an encoder, by text id from `after` on."""
    rows = db.execute(
        """
        SELECT texts.id, texts.text FROM texts
        WHERE texts.id > :after
          AND EXISTS (SELECT 1 FROM items WHERE items.text_id = texts.id)
          AND NOT EXISTS (
              SELECT 1 FROM vectors WHERE vectors.text_id = texts.id AND vectors.encoder = :encoder
          )
        ORDER BY texts.id LIMIT :limit
        """,
        {"after": after, "encoder": encoder_id(db, encoder) or 0, "limit": limit},
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
    idle = db.execute(
        "SELECT count(*) FROM vectors WHERE text_id NOT IN (SELECT text_id FROM items)"
    ).fetchone()[0]
    if idle:
        yield f"vectors: {idle} belong to no memory item"
