"""Documents as pieces that can be found and shown on their own: text, code, Office, mail."""

from checkpoints.documents.files import DocumentFile, PassedOverError, find_documents, read_bytes
from checkpoints.documents.limits import DocumentError, DocumentLimits, UnfinishedError
from checkpoints.documents.parsing import Document, read_document
from checkpoints.documents.pieces import OVERLAP_CHARS, PIECE_CHARS, Piece, split

__all__ = [
    "OVERLAP_CHARS",
    "PIECE_CHARS",
    "Document",
    "DocumentError",
    "DocumentFile",
    "DocumentLimits",
    "PassedOverError",
    "Piece",
    "UnfinishedError",
    "find_documents",
    "read_bytes",
    "read_document",
    "split",
]
