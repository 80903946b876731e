"""Finds an adapter by its digest in one place that all replicas see: a folder, or a bucket.

`HYPERNET_MCP_ADAPTERS` says where: the folder that hypernet-mcp writes into, or an address that
fsspec reads (`s3://bucket/adapters`). An adapter of a bucket is copied into a folder of this
machine once (`HYPERNET_VLLM_CACHE`, else the user's cache), where what was not asked for longest
leaves once there are more megabytes than `HYPERNET_VLLM_CACHE_MB`.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import shutil
import struct
import tempfile
import time
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

LOG = logging.getLogger("vllm.hypernet")
NAME = "hypernet"
ON_ALL = "-on-all"
"""Behind the digest of an adapter that acts on the whole prompt."""
DIGEST = re.compile(r"[0-9a-z][0-9a-z.-]{7,99}")
"""What names of adapters look like; nothing else ever becomes part of a path."""
HEX = re.compile(r"[0-9a-f]{16,}")
"""What names that are digests look like; others are given by people."""
FILES = ("adapter_model.safetensors", "adapter_config.json")
"""Of a whole adapter, the last one to be written last."""
MOST_BYTES = 4 * 2**30
MOST_HEADER = 100 * 2**20
"""Bytes of the header of weights, by the format."""
CACHE_MB = 20_000
UNUSED_SECONDS = 3600
"""What was asked for since then stays in the cache: vLLM may be reading it."""


def install() -> None:
    """Register the resolver, where `HYPERNET_MCP_ADAPTERS` is set.

    Raises:
        ImportError: this vLLM knows no resolvers.
    """
    from vllm.lora.request import LoRARequest
    from vllm.lora.resolver import LoRAResolver, LoRAResolverRegistry

    place = os.environ.get("HYPERNET_MCP_ADAPTERS", "").strip()
    if not place or NAME in LoRAResolverRegistry.get_supported_resolvers():
        return
    adapters = Adapters(place, _cache(), _cache_mb() * 2**20)

    class Resolver(LoRAResolver):  # type: ignore[misc]  # vLLM is not there when types are checked
        """By digest."""

        async def resolve_lora(self, base_model_name: str, lora_name: str) -> Any:
            """Where an adapter is, for vLLM; None where there is none of the name."""
            folder = await asyncio.to_thread(adapters.find, lora_name)
            if folder is None:
                return None
            # vLLM gives the number anew; it only has to be one.
            number = zlib.crc32(lora_name.encode()) or 1
            return LoRARequest(lora_name, number, str(folder))

    LoRAResolverRegistry.register_resolver(NAME, Resolver())
    LOG.info("hypernet_vllm: adapters are looked up in %s", place)


class Adapters:
    """Adapters by digest, in a folder or behind an address of fsspec."""

    def __init__(self, place: str, cache: Path, most_bytes: int = CACHE_MB * 2**20) -> None:
        """`cache` is where those from an address are kept, and `most_bytes` of them in all."""
        self._remote = place.rstrip("/") if "://" in place else None
        self._folder = cache if self._remote else Path(place)
        self._most_bytes = most_bytes

    def find(self, digest: str) -> Path | None:
        """The folder of a whole adapter; None where there is none, or it is not one to be served.

        Whatever is wrong with it is logged.
        """
        if not DIGEST.fullmatch(digest) or ".." in digest:
            return None
        folder = self._folder / digest
        fault = _fault(folder)
        if fault is not None and self._remote is not None:
            try:
                if not self._fetch(digest, folder):
                    return None
            except Exception as error:  # stores raise what they like; the request is then refused
                LOG.warning("hypernet_vllm: %s cannot be fetched: %s", digest, error)
                return None
            fault = _fault(folder)
        if fault is not None:
            if folder.exists():
                LOG.warning("hypernet_vllm: %s is not served: %s", digest, fault)
            return None
        if self._remote is not None:
            with suppress(OSError):  # another process has just deleted it
                os.utime(folder)
        return folder

    def _fetch(self, digest: str, folder: Path) -> bool:
        """Copy an adapter here, whole or not at all; whether the store has one of the name.

        Raises:
            ValueError: it is none to be served.
        """
        import fsspec

        store, root = fsspec.core.url_to_fs(self._remote)
        if not store.exists(f"{root}/{digest}/{FILES[-1]}"):
            return False
        self._folder.mkdir(parents=True, exist_ok=True)
        own = Path(tempfile.mkdtemp(prefix=f".{digest}-", dir=self._folder))
        try:
            for name in FILES:
                size = store.size(f"{root}/{digest}/{name}")
                if size is None or size > MOST_BYTES:
                    raise ValueError(f"{name} has {size} bytes, allowed are up to {MOST_BYTES}")
                store.get_file(f"{root}/{digest}/{name}", str(own / name))
            if (fault := _fault(own, digest)) is not None:
                raise ValueError(fault)
            if folder.exists() and _fault(folder) is not None:  # damaged here
                self._delete(folder)
            try:
                own.rename(folder)
            except OSError:
                if _fault(folder) is not None:  # else another process was faster
                    raise
            self._make_room(folder)
            return True
        finally:
            shutil.rmtree(own, ignore_errors=True)

    def _delete(self, folder: Path) -> None:
        """Out of sight at once, then away: nobody finds half of it."""
        gone = Path(tempfile.mkdtemp(prefix=".gone-", dir=self._folder))
        with suppress(OSError):  # another process was faster
            folder.rename(gone / folder.name)
        shutil.rmtree(gone, ignore_errors=True)

    def _make_room(self, kept: Path) -> None:
        """Delete what was asked for longest ago, until the rest is small enough.

        Folders that hold anything but an adapter's two files are not ours.
        """
        found = []
        for folder in self._folder.iterdir():
            with suppress(OSError):  # no folder, or deleted meanwhile
                if folder != kept and {each.name for each in folder.iterdir()} <= set(FILES):
                    found.append((folder.stat().st_mtime, _size(folder), folder))
        total = _size(kept) + sum(size for _, size, _ in found)
        for used, size, folder in sorted(found):
            if total <= self._most_bytes or time.time() - used < UNUSED_SECONDS:
                return
            self._delete(folder)
            total -= size


def _whole(folder: Path) -> bool:
    return all((folder / name).is_file() for name in FILES)


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir())


def _fault(folder: Path, digest: str | None = None) -> str | None:
    """Why what lies in a folder is no adapter to be served; None if it is one.

    `digest` is its name, where that is not the folder's.
    """
    if not _whole(folder):
        return f"{' and '.join(FILES)} are not both there"
    try:
        config = json.loads((folder / FILES[-1]).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        return f"{FILES[-1]} cannot be read: {error}"
    if not isinstance(config, dict) or config.get("peft_type") != "LORA":
        return f"{FILES[-1]} is not of a LoRA adapter"
    try:
        told = _told_digest(folder / FILES[0])
    except (OSError, ValueError, RecursionError, struct.error, TypeError, KeyError) as error:
        return f"{FILES[0]} is damaged: {error}"
    own = (digest or folder.name).removesuffix(ON_ALL)
    if told is not None and HEX.fullmatch(own) and HEX.fullmatch(told) and own != told:
        return f"{FILES[0]} is of the adapter {told}"
    return None


def _told_digest(weights: Path) -> str | None:
    """The digest that a whole file of weights names; None where it names none.

    The format: 8 bytes with the header's length, the header as JSON, and the tensors, whose ends
    it tells (https://github.com/huggingface/safetensors#format).

    Raises:
        OSError, ValueError, RecursionError, struct.error, TypeError, KeyError: it is not of it.
    """
    size = weights.stat().st_size
    with weights.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        if length > min(size - 8, MOST_HEADER):
            raise ValueError(f"{size} bytes are too few for its header of {length}")
        header = json.loads(file.read(length))
    if not isinstance(header, dict):
        raise ValueError("its header is no object")
    metadata = header.pop("__metadata__", None) or {}
    ends = max((tensor["data_offsets"][1] for tensor in header.values()), default=0)
    if size != 8 + length + ends:
        raise ValueError(f"it has {size} bytes, by its header {8 + length + ends}")
    told = metadata.get("digest")
    return told if isinstance(told, str) else None


def _cache() -> Path:
    own = os.environ.get("HYPERNET_VLLM_CACHE", "").strip()
    if own:
        return Path(own)
    base = os.environ.get("XDG_CACHE_HOME", "").strip() or str(Path.home() / ".cache")
    return Path(base) / "hypernet-vllm"


def _cache_mb() -> int:
    own = os.environ.get("HYPERNET_VLLM_CACHE_MB", "").strip()
    if own and not (own.isascii() and own.isdigit()):
        LOG.warning("hypernet_vllm: HYPERNET_VLLM_CACHE_MB is no number: %r", own[:20])
        own = ""
    return int(own[:12] or CACHE_MB)
