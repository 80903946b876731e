"""What reading a model's files found out, kept in the cache so that the next start need not.

That is the fingerprint of the weights, and the tokenizer as transformers reads it. It holds as long
as no file of the model has another name, size or time, and no library that read them has another
version. What is damaged is found out anew. Importing this imports none of them.
"""

from __future__ import annotations

import copy
import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from hypernet.files import replacing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tokenizers import Tokenizer

FORM = 3
"""Raised when something else is kept, so that old files are made anew."""
LIBRARIES = ("tokenizers", "torch", "transformers")
DIGITS = 24
# Texts and runs of ids that a kept tokenizer has to read as transformers' own does.
PROBES = (
    "", " ", "one  two\n\n", "Why ? That 's it , I 'm sure . We do n't , they 've !",
    "It's 3.14, isn't it? Don't !", "Grüße, 世界 🙂 e\u0301",
    '\t{"a": [1]}', "<|im_end|></s>[SEP]<pad> <|endoftext|>",
)  # fmt: skip
RUN = 256


@dataclass(frozen=True)
class Kept:
    """What is known of a model folder's files."""

    fingerprint: str
    tokenizer: KeptTokenizer | None
    """None where only transformers' own will do."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What else its reader has to know: JSON values."""


class KeptTokenizer:
    """A transformers tokenizer as it was read once: its ids and its text, without transformers.

    Whatever else is asked of it is asked of the original, which is then read from the folder. Safe
    from any thread.
    """

    def __init__(self, folder: Path, facts: Mapping[str, Any], text: bytes) -> None:
        self._folder, self._text = folder, text
        self.facts = facts
        self.eos_token_id: int = facts["eos_token_id"]

    @classmethod
    def of(cls, tokenizer: Any, folder: Path, **facts: Any) -> KeptTokenizer | None:
        """What is to be kept of a tokenizer; None where it would read or write otherwise.

        Args:
            tokenizer: a transformers tokenizer.
            folder: where it was read from.
            facts: what its user takes from it besides: JSON values.
        """
        from tokenizers import Tokenizer

        backend = getattr(tokenizer, "backend_tokenizer", None)
        if not isinstance(backend, Tokenizer):
            return None
        kept = cls(
            folder,
            {**facts, "eos_token_id": tokenizer.eos_token_id, "length": len(tokenizer)},
            backend.to_str().encode(),
        )
        if not kept._reads_as(tokenizer):
            return None
        kept.__dict__["_original"] = tokenizer  # it is there: it need not be read again
        return kept

    @property
    def text(self) -> bytes:
        """What `tokenizers` reads it from."""
        return self._text

    def fresh(self) -> Tokenizer:
        """One to set up at will; it neither fills up nor cuts off."""
        from tokenizers import Tokenizer

        return _bare(Tokenizer.from_buffer(self._text))

    @cached_property
    def plain(self) -> Tokenizer:
        """To whom control tokens in a text are the characters they are written with."""
        plain = self.fresh()
        plain.encode_special_tokens = True
        return plain

    @property
    def backend_tokenizer(self) -> Tokenizer:
        """As transformers calls it."""
        return self.plain

    def decode(self, ids: Sequence[int], **options: Any) -> str:
        """The text of ids; with options as the original has it."""
        if options or not isinstance(ids, list):
            return str(self._original.decode(ids, **options))
        return str(self.plain.decode(ids, skip_special_tokens=False))

    def __len__(self) -> int:
        return int(self.facts["length"])

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._original, name)

    def __call__(self, *texts: Any, **options: Any) -> Any:
        """As the original."""
        return self._original(*texts, **options)

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return copy.deepcopy(self._original, memo)

    @cached_property
    def _original(self) -> Any:
        from transformers import AutoTokenizer

        return AutoTokenizer.from_pretrained(str(self._folder), trust_remote_code=False)

    def _reads_as(self, tokenizer: Any) -> bool:
        own = self.fresh()
        texts = [own.encode(text, add_special_tokens=False).ids for text in PROBES]
        if texts != [tokenizer.encode(text, add_special_tokens=False) for text in PROBES]:
            return False
        every = range(len(self))
        runs = [list(every[start : start + RUN]) for start in every[::RUN]]
        return all(self.decode(ids) == tokenizer.decode(ids) for ids in (*texts, *runs))


def state_of(folder: Path) -> list[list[Any]]:
    """A model folder's files as they are now: name, size, and times of change in nanoseconds."""
    found = []
    for file in sorted(folder.iterdir()):
        if file.is_file() and not file.name.startswith("."):
            stat = file.stat()
            found.append([file.name, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns])
    return found


def find(folder: Path, cache: Path, state: list[list[Any]]) -> Kept | None:
    """What was kept of a folder's files, if they are as they were and it is whole."""
    try:
        digest, _, rest = _file(folder, cache).read_bytes().partition(b"\n")
        if hashlib.sha256(rest).hexdigest().encode() != digest:
            return None
        header, _, text = rest.partition(b"\n")
        known = json.loads(header)
    except (OSError, ValueError):
        return None
    if known["of"] != _identity(folder, state):
        return None
    tokenizer = None
    if known["tokenizer"] is not None:
        tokenizer = KeptTokenizer(folder, known["tokenizer"], text)
    return Kept(known["fingerprint"], tokenizer, known["facts"])


def keep(folder: Path, cache: Path, state: list[list[Any]], known: Kept) -> None:
    """Keep what was found out about a folder's files; nothing happens where there is no room.

    Args:
        folder: the model's.
        cache: the user's cache folder.
        state: of the files, from before they were read.
        known: what was found out.
    """
    tokenizer = known.tokenizer
    header = {
        "of": _identity(folder, state),
        "fingerprint": known.fingerprint,
        "facts": dict(known.facts),
        "tokenizer": None if tokenizer is None else dict(tokenizer.facts),
    }
    rest = json.dumps(header).encode() + b"\n" + (b"" if tokenizer is None else tokenizer.text)
    file = _file(folder, cache)
    # It saves time at the next start, no more: a full or read-only disk is no fault here.
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        with replacing(file, shared=True) as stream:  # several processes may find out the same
            stream.write(hashlib.sha256(rest).hexdigest().encode() + b"\n" + rest)


def own_backend(tokenizer: Any) -> Tokenizer:
    """What is under a transformers or kept tokenizer, as one to set up at will.

    It neither fills up nor cuts off texts, whatever its file says, as transformers has it.
    """
    if isinstance(tokenizer, KeptTokenizer):
        return tokenizer.fresh()
    return _bare(copy.deepcopy(tokenizer.backend_tokenizer))


def _bare(tokenizer: Tokenizer) -> Tokenizer:
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _file(folder: Path, cache: Path) -> Path:
    name = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:DIGITS]
    return cache / "read" / name


def _identity(folder: Path, state: list[list[Any]]) -> dict[str, Any]:
    libraries = {name: version(name) for name in LIBRARIES}
    return {"form": FORM, "folder": str(folder.resolve()), "files": state, "libraries": libraries}
