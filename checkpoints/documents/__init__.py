"""Documents as pieces that can be found and shown on their own: text, Markdown, HTML, PDF, code."""

from checkpoints.documents.files import DocumentFile, find_documents, read_bytes
from checkpoints.documents.limits import DocumentError, DocumentLimits
from checkpoints.documents.parsing import read_document
from checkpoints.documents.pieces import OVERLAP_CHARS, PIECE_CHARS, Piece, split

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
