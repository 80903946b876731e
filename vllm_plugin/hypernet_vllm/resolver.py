"""Finds an adapter by its digest in one place that all replicas see: a folder, or a bucket.

`HYPERNET_MCP_ADAPTERS` says where: the folder that hypernet-mcp writes into, or an address that
fsspec reads (`s3://bucket/adapters`). An adapter of a bucket is copied into a folder of this
machine once (`HYPERNET_VLLM_CACHE`, else the user's cache), where what was fetched longest ago
leaves once there are more megabytes than `HYPERNET_VLLM_CACHE_MB`. vLLM remembers where an adapter
lies for as long as it runs, and ends if it is gone: what a living process was given stays.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import logging
import os
import re
import shutil
import struct
import tempfile
import threading
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
MOST_HEADER = 4 * 2**20
MOST_CONFIG = 2**20
"""Bytes of the header of weights, and of a config: those of ours have thousands."""
CACHE_MB = 20_000
UNUSED_SECONDS = 3600
"""What was fetched since then stays in the cache: another process may be about to take it."""
OWN = ".hypernet-"
"""What the names of our own files and of what is half done begin with."""
TRIES = 3
GIVEN = f"{OWN}given-"
"""A list of what a process was given, locked for as long as it lives."""


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
        self._given: int | None = None
        self._noted: set[str] = set()
        self._lock = threading.Lock()

    def find(self, digest: str) -> Path | None:
        """The folder of a whole adapter; None where there is none, or it is not one to be served.

        Whatever is wrong with it is logged.
        """
        if not DIGEST.fullmatch(digest) or ".." in digest:
            return None
        folder = self._folder / digest
        if self._remote is not None:
            return self._cached(digest, folder)
        fault = _fault(folder)
        if fault is not None and folder.exists():
            LOG.warning("hypernet_vllm: %s is not served: %s", digest, fault)
        return None if fault is not None else folder

    def _cached(self, digest: str, folder: Path) -> Path | None:
        """The folder of an adapter of the store, which nobody deletes from now on."""
        for _ in range(TRIES):
            try:
                if _fault(folder) is not None and not self._fetch(digest, folder):
                    return None
                self._note(digest, folder)
            except Exception as error:  # stores raise what they like; the request is then refused
                LOG.warning("hypernet_vllm: %s cannot be fetched: %s", digest, error)
                return None
            if _fault(folder) is None:  # not deleted before it was noted
                return folder
        return None

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
        own = Path(tempfile.mkdtemp(prefix=f"{OWN}{digest}-", dir=self._folder))
        try:
            for name in FILES:
                size = store.size(f"{root}/{digest}/{name}")
                if size is None or size > MOST_BYTES:
                    raise ValueError(f"{name} has {size} bytes, allowed are up to {MOST_BYTES}")
                store.get_file(f"{root}/{digest}/{name}", str(own / name))
            if (fault := _fault(own, digest)) is not None:
                raise ValueError(fault)
            if _fault(folder) is None:  # another process was faster, and was given it
                return True
            if folder.exists() or folder.is_symlink():  # damaged here
                if not _is_adapter(folder):
                    raise ValueError(f"something else is at {folder}")
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
        gone = Path(tempfile.mkdtemp(prefix=f"{OWN}gone-", dir=self._folder))
        with suppress(OSError):  # another process was faster
            folder.rename(gone / folder.name)
        shutil.rmtree(gone, ignore_errors=True)

    def _make_room(self, kept: Path) -> None:
        """Delete what was fetched longest ago, until the rest is small enough.

        Never what is under another name than its digest, or what a living process was given.
        """
        given, found = self._given_to_any(), []
        for folder in self._folder.iterdir():
            with suppress(OSError):  # deleted meanwhile
                left = folder.name.startswith(OWN) and folder.is_dir()
                ours = _is_adapter(folder) and HEX.fullmatch(folder.name.removesuffix(ON_ALL))
                may_go = (left or (ours and _fault(folder) is None)) and folder != kept
                if may_go and folder.name not in given:
                    found.append((folder.stat().st_mtime, _size(folder), folder))
        total = _size(kept) + sum(size for _, size, _ in found)
        for used, size, folder in sorted(found):
            if total <= self._most_bytes or time.time() - used < UNUSED_SECONDS:
                return
            self._delete(folder)
            total -= size

    def close(self) -> None:
        """What was given is needed no longer; the end of the process does it too."""
        with self._lock:
            if self._given is not None:
                os.close(self._given)
            self._given = None
            self._noted.clear()

    def _note(self, digest: str, folder: Path) -> None:
        """Note, for all processes, that this one is given an adapter."""
        with self._lock:
            if digest in self._noted:
                return
            while self._given is None:
                name = f"{GIVEN}{os.getpid()}-{os.urandom(4).hex()}"
                given = os.open(self._folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
                fcntl.flock(given, fcntl.LOCK_EX)  # until the process ends, however it does
                if (self._folder / name).exists():
                    self._given = given
                else:  # taken for a dead process's before it was locked
                    os.close(given)
            os.write(self._given, f"{digest}\n".encode())
            self._noted.add(digest)
        with suppress(OSError):  # deleted just before
            os.utime(folder)

    def _given_to_any(self) -> set[str]:
        """What living processes were given. The lists of others are deleted."""
        found: set[str] = set()
        for file in self._folder.glob(f"{GIVEN}*"):
            with suppress(OSError), file.open(encoding="utf-8") as stream:
                try:
                    fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    found |= set(stream.read().split())
                else:
                    file.unlink()
        return found


def _whole(folder: Path) -> bool:
    return all((folder / name).is_file() for name in FILES)


def _is_adapter(folder: Path) -> bool:
    """Whether this is a folder of an adapter's files alone."""
    if folder.is_symlink() or not folder.is_dir():
        return False
    return all(each.name in FILES and each.is_file() for each in folder.iterdir())


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*"))


def _fault(folder: Path, digest: str | None = None) -> str | None:
    """Why what lies in a folder is no adapter to be served; None if it is one.

    `digest` is its name, where that is not the folder's.
    """
    if not _whole(folder):
        return f"{' and '.join(FILES)} are not both there"
    try:
        with (folder / FILES[-1]).open("rb") as file:
            config = json.loads(file.read(MOST_CONFIG))
    except (OSError, ValueError, RecursionError) as error:
        return f"{FILES[-1]} cannot be read: {error}"
    if not isinstance(config, dict) or config.get("peft_type") != "LORA":
        return f"{FILES[-1]} is not of a LoRA adapter"
    try:
        told = _told_digest(folder / FILES[0])
    except Exception as error:  # whatever a header may hold in a place of something else
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
        Exception: it is not of it.
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
