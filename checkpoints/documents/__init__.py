"""Documents as pieces that can be found and shown on their own: text, Markdown, HTML, PDF, code.

Knows nothing of the database, of tokens or of models.
"""

from checkpoints.documents.files import DocumentFile, find_documents, read_bytes
from checkpoints.documents.limits import DocumentError, DocumentLimits
from checkpoints.documents.pieces import OVERLAP_CHARS, PIECE_CHARS, Piece, split
from checkpoints.documents.reading import read_document

__all__ = [
    "OVERLAP_CHARS",
    "PIECE_CHARS",
    "DocumentError",
    "DocumentFile",
    "DocumentLimits",
    "Piece",
    "find_documents",
    "read_bytes",
    "read_document",
    "split",
]
