"""Adapters as directories by digest, in the folder that this process and the server both see.

A name is never used for other weights: a directory appears whole, and never changes.
"""

from __future__ import annotations

import copy
import hashlib
import os
import re
import shutil
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from safetensors import SafetensorError, safe_open

from hypernet.adapters.peft_format import CONFIG_FILE, WEIGHTS_FILE, save_peft
from hypernet.engine.interface import EngineError

if TYPE_CHECKING:
    import torch

    from hypernet.engine.interface import Adapter

NAME = re.compile(r"[0-9a-z][0-9a-z-]{7,99}")
"""What the server's plugin takes for a digest, too."""
ON_ALL = "-on-all"
"""Behind the digest of an adapter that a server without activated LoRA lets act on the prompt."""
OWN = ".hypernet-"
"""What the names of half-written and half-deleted directories begin with."""
UNUSED_SECONDS = 3600
"""A directory that was used since then is never deleted: another server may be reading it."""


@dataclass(frozen=True)
class _ActsOnAll:
    """An adapter that no longer says from where on it acts."""

    adapter: Adapter

    @property
    def digest(self) -> str:
        return self.adapter.digest

    @property
    def rank(self) -> int:
        return self.adapter.rank

    @property
    def nbytes(self) -> int:
        return self.adapter.nbytes

    def peft_config(self) -> dict[str, Any]:
        config = self.adapter.peft_config()
        config.pop("alora_invocation_tokens", None)
        return config

    def peft_tensors(self) -> dict[str, torch.Tensor]:
        return self.adapter.peft_tensors()


@dataclass(frozen=True)
class AdapterFolder:
    """Where adapters are kept for the server."""

    folder: Path
    base: str
    """What the adapters' configs call their base."""
    most_bytes: int
    """Of all adapters together; the least recently used leave."""
    shown: str | None = None
    """The folder as the server sees it, where that is another path."""
    activated: bool = True
    """Whether the server lets adapters act from their invocation tokens on."""

    def without_activation(self) -> AdapterFolder:
        """The same folder, for a server on which adapters act on the whole prompt."""
        return replace(self, activated=False)

    def name_of(self, adapter: Adapter) -> str:
        """What the server knows an adapter by."""
        name = _name(adapter.digest)
        return name if self._as_it_is(adapter) else f"{name}{ON_ALL}"

    def path_of(self, name: str) -> str:
        """Where the server finds it."""
        return str(Path(self.shown or self.folder) / name)

    def keep(self, adapter: Adapter) -> str:
        """See to it that an adapter's directory is there, whole; its name.

        Raises:
            EngineError: it cannot be written, or a value is not finite; says what helps.
        """
        name = self.name_of(adapter)
        target = self.folder / name
        if not is_whole(target):
            # A copy: what an adapter works out for its files, it would otherwise keep in memory.
            whole = copy.copy(adapter)
            _check_finite(whole)
            try:
                self._write(whole if self._as_it_is(whole) else _ActsOnAll(whole), target)
                self._make_room(target)
            except OSError as error:
                raise EngineError(
                    f"engine vllm: the adapter cannot be written into {self.folder} "
                    f"({error.strerror or error}); make room or give rights there, or set "
                    "HYPERNET_MCP_ADAPTERS to another folder"
                ) from error
        with suppress(OSError):  # another process may have just deleted it: the next try writes it
            os.utime(target)
        return name

    def _as_it_is(self, adapter: Adapter) -> bool:
        return self.activated or "alora_invocation_tokens" not in adapter.peft_config()

    def _write(self, adapter: Adapter, target: Path) -> None:
        """Write beside it, then rename: who writes the same at once ends with one of the two."""
        self.folder.mkdir(parents=True, exist_ok=True)
        own = Path(tempfile.mkdtemp(prefix=f"{OWN}{target.name}-", dir=self.folder))
        try:
            save_peft(adapter, own, self.base)
            own.chmod(0o755)  # the server may run as another user
            for file in own.iterdir():
                file.chmod(0o644)
            if target.exists() and not is_whole(target):
                self._delete(target)  # of a copy that somebody made by hand, say
            try:
                own.rename(target)
            except OSError:
                if not is_whole(target):
                    raise
        finally:
            shutil.rmtree(own, ignore_errors=True)

    def _delete(self, target: Path) -> None:
        """Out of sight at once, then away: nobody finds half of it."""
        gone = self.folder / f"{OWN}{target.name}-{uuid4().hex}"
        target.rename(gone)
        if gone.is_dir():
            shutil.rmtree(gone, ignore_errors=True)
        else:
            gone.unlink(missing_ok=True)

    def _make_room(self, kept: Path) -> None:
        """Delete what was used longest ago, until the rest is small enough."""
        found = [each for each in self._directories() if each[2] != kept]
        total = _size(kept) + sum(size for _, size, _ in found)
        for used, size, folder in sorted(found, key=lambda each: each[0]):
            if total <= self.most_bytes or time.time() - used < UNUSED_SECONDS:
                return
            with suppress(OSError):  # another process was faster
                self._delete(folder)
            total -= size

    def _directories(self) -> list[tuple[float, int, Path]]:
        """What was put here: adapters under their own digests, and what killed processes left."""
        found = []
        for folder in self.folder.iterdir():
            with suppress(OSError):  # deleted meanwhile
                left = folder.name.startswith(OWN) and folder.is_dir()
                if left or (is_whole(folder) and _is_ours(folder)):
                    found.append((folder.stat().st_mtime, _size(folder), folder))
        return found


def _check_finite(adapter: Adapter) -> None:
    """Refuse what would write no numbers into the server's cache, which others then read."""
    for name, tensor in adapter.peft_tensors().items():
        if not bool(tensor.isfinite().all()):
            raise EngineError(f"adapter {adapter.digest}: {name} holds values that are not finite")


def _is_ours(folder: Path) -> bool:
    """Whether a directory's name is the digest of the adapter in it: others are left alone."""
    try:
        with safe_open(str(folder / WEIGHTS_FILE), "numpy") as file:
            digest = (file.metadata() or {}).get("digest", "")
    except (OSError, SafetensorError):
        return False
    return folder.name.removesuffix(ON_ALL) == _name(digest)


def _name(digest: str) -> str:
    return digest if NAME.fullmatch(digest) else hashlib.sha256(digest.encode()).hexdigest()[:24]


def is_whole(folder: Path) -> bool:
    """Whether both files of an adapter are there."""
    return (folder / CONFIG_FILE).is_file() and (folder / WEIGHTS_FILE).is_file()


def _size(folder: Path) -> int:
    with suppress(OSError):
        return sum(file.stat().st_size for file in folder.iterdir())
    return 0
