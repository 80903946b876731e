"""Refined adapters kept in the cache folder, so that a restart need not train them again.

A file's name is the adapter's digest, which depends on the start, the examples and the steps: what
is kept is what the same steps would give on this machine. What is damaged, or was trained by other
code, is as good as missing.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from hypernet.adapters.adapter import Adapter
from hypernet.adapters.cache import Refinement
from hypernet.files import PRIVATE, replacing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor

FORM = "2"
"""Raised when `refine` does otherwise with the same settings: then old files are of no use."""
MOST_BYTES = 2**30
"""Of all that is kept; then those longest unused go."""
ENDING = ".safetensors"
NAME = re.compile("[0-9a-f]{24}")


@dataclass(frozen=True)
class KeptAdapters:
    """A folder of refined adapters. Safe from any thread, and for several processes at once."""

    folder: Path
    most_bytes: int = MOST_BYTES

    def read(self, digest: str) -> Adapter | None:
        """The adapter of a digest, to the bit; None where there is none, or it is damaged."""
        file = self._file(digest)
        try:
            with safe_open(str(file), "pt") as stored:
                about = stored.metadata() or {}
                tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118  # no mapping
            adapter = _adapter(about, tensors)
            if about["form"] != FORM or adapter.digest != digest:
                return None
            if about["sha256"] != _sha256(tensors):
                return None
            os.utime(file)
        except (OSError, SafetensorError, KeyError, TypeError, ValueError):
            return None
        return adapter

    def write(self, adapter: Adapter) -> None:
        """Keep an adapter. Where the folder cannot be written to, it is not kept."""
        tensors = {
            f"{layer} {linear} {part}": tensor.contiguous()
            for (layer, linear), factors in adapter.basis.items()
            for part, tensor in zip("AB", factors, strict=True)
        }
        about = {
            "form": FORM,
            "digest": adapter.digest,
            "rank": str(adapter.rank),
            "parent": json.dumps(adapter.parent),
            "paths": json.dumps(dict(adapter.paths)),
            "invocation": json.dumps(adapter.invocation),
            "refinement": json.dumps(adapter.refinement and asdict(adapter.refinement)),
            "sha256": _sha256(tensors),
        }
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            with replacing(self._file(adapter.digest), shared=True, permissions=PRIVATE) as stream:
                stream.write(save(tensors, about))
            self._make_room()

    def _file(self, digest: str) -> Path:
        if not NAME.fullmatch(digest):
            raise ValueError(f"digest: {digest!r} is not of 24 hexadecimal digits")
        return self.folder / (digest + ENDING)

    def _make_room(self) -> None:
        files = [(file.stat(), file) for file in self.folder.glob(f"*{ENDING}")]
        left = sum(found.st_size for found, _ in files) - self.most_bytes
        for found, file in sorted(files, key=lambda each: each[0].st_mtime):
            if left <= 0:
                return
            file.unlink(missing_ok=True)
            left -= found.st_size


def _adapter(about: Mapping[str, str], tensors: Mapping[str, Tensor]) -> Adapter:
    factors: dict[tuple[int, str], dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        layer, linear, part = name.split(" ")
        factors.setdefault((int(layer), linear), {})[part] = tensor
    refinement = json.loads(about["refinement"])
    return Adapter(
        digest=about["digest"],
        rank=int(about["rank"]),
        basis={key: (pair["A"], pair["B"]) for key, pair in factors.items()},
        parent=json.loads(about["parent"]),
        paths=json.loads(about["paths"]),
        invocation=tuple(json.loads(about["invocation"])),
        refinement=None if refinement is None else Refinement(**refinement),
    )


def _sha256(tensors: Mapping[str, Tensor]) -> str:
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(name.encode())
        digest.update(tensors[name].numpy().tobytes())
    return digest.hexdigest()
