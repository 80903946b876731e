"""The file of access tokens: one line each, `name:sha256`, never the token itself.

A token is 256 random bits, so its plain SHA-256 can be kept: there is nothing to guess at. A name
may have several tokens, to change them without a gap.
"""

from __future__ import annotations

import hmac
import logging
import os
import re
import secrets
import stat
from hashlib import sha256
from typing import TYPE_CHECKING

from hypernet.files import replacing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LOG = logging.getLogger(__name__)
TOKEN_BYTES = 32
FILE_BYTES = 1_000_000
_NAME = re.compile(r"[A-Za-z0-9_.@-]{1,64}")
_LINE = re.compile(rf"({_NAME.pattern}):([0-9a-f]{{64}})")

Entry = tuple[str, str]


class TokenFileError(Exception):
    """The file of tokens cannot be used; the message says what to do."""


class Tokens:
    """The tokens of one file, read again when it changes, so that a revoked one ends at once."""

    def __init__(self, path: Path) -> None:
        """Raises TokenFileError: not there, open to others, not of this form, or empty."""
        self._path = path
        self._entries = read_tokens(path)
        if not self._entries:
            raise TokenFileError(
                f"tokens: {path.name} holds no token; "
                "`hypernet-mcp --tokens FILE tokens add NAME` makes one"
            )
        self._seen = _mark(path)

    def principal_of(self, token: str) -> str | None:
        """The name a token was issued to; None if it was not, or no more."""
        self._refresh()
        found = None
        digest = _digest(token)
        # All of them and in constant time: how long it takes tells nothing.
        for name, known in self._entries:
            if hmac.compare_digest(digest, known):
                found = name
        return found

    def _refresh(self) -> None:
        seen = _mark(self._path)
        if seen == self._seen:
            return
        try:
            self._entries = read_tokens(self._path)
        except TokenFileError as error:
            LOG.error("no token is accepted until this is mended: %s", error)
            self._entries = ()
        self._seen = seen


def read_tokens(path: Path) -> tuple[Entry, ...]:
    """The names and hashes in a file, in order.

    Raises:
        TokenFileError: not there, open to others, too long, or not of this form.
    """
    try:
        status = path.stat()
        # On Windows the mode says nothing of who may read; the user's own folders are private.
        if os.name != "nt" and stat.S_IMODE(status.st_mode) & 0o077:
            raise TokenFileError(f"tokens: {path.name} is open to others; chmod 600 it")
        if status.st_size > FILE_BYTES:
            raise TokenFileError(f"tokens: {path.name} is over {FILE_BYTES} bytes")
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problem = getattr(error, "strerror", None) or "is not text"
        raise TokenFileError(f"tokens: {path.name} cannot be read ({problem})") from error
    entries = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if (match := _LINE.fullmatch(line.strip())) is None:
            raise TokenFileError(f"tokens: {path.name} line {number} is not NAME:SHA256")
        entries.append((match[1], match[2]))
    return tuple(entries)


def add_token(path: Path, name: str) -> str:
    """Make a token for a name and keep its hash; the token is returned this once.

    Raises:
        TokenFileError: the name or the file is not fit.
    """
    if not _NAME.fullmatch(name):
        raise TokenFileError("name: 1 to 64 characters out of A-Z, a-z, 0-9 and _ . @ -")
    entries = read_tokens(path) if path.exists() else ()
    token = secrets.token_urlsafe(TOKEN_BYTES)
    _write(path, [*entries, (name, _digest(token))])
    return token


def revoke_tokens(path: Path, name: str) -> int:
    """Take all tokens of a name away; how many there were.

    Raises:
        TokenFileError: the file is not fit.
    """
    entries = read_tokens(path)
    kept = [entry for entry in entries if entry[0] != name]
    if len(kept) < len(entries):
        _write(path, kept)
    return len(entries) - len(kept)


def _write(path: Path, entries: Sequence[Entry]) -> None:
    lines = "".join(f"{name}:{digest}\n" for name, digest in entries)
    try:
        if not path.parent.exists():
            path.parent.mkdir(0o700, parents=True)
        with replacing(path, shared=True, permissions=0o600) as stream:
            stream.write(lines.encode())
    except OSError as error:
        raise TokenFileError(
            f"tokens: {path.name} cannot be written ({error.strerror or 'unknown reason'})"
        ) from error


def _digest(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def _mark(path: Path) -> tuple[int, int, int] | None:
    """What tells one state of a file from another."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
