"""Finds an adapter by its digest in one place that all replicas see: a folder, or a bucket.

`HYPERNET_MCP_ADAPTERS` says where: the folder that hypernet-mcp writes into, or an address that
fsspec reads (`s3://bucket/adapters`). An adapter of a bucket is copied into a folder of this
machine once (`HYPERNET_VLLM_CACHE`, else the user's cache).
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import shutil
import tempfile
import zlib
from pathlib import Path
from typing import Any

LOG = logging.getLogger("vllm.hypernet")
NAME = "hypernet"
DIGEST = re.compile(r"[0-9a-z][0-9a-z.-]{7,99}")
"""What names of adapters look like; nothing else ever becomes part of a path."""
FILES = ("adapter_model.safetensors", "adapter_config.json")
"""Of a whole adapter, the last one to be written last."""
MOST_BYTES = 4 * 2**30


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
    adapters = Adapters(place, _cache())

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

    def __init__(self, place: str, cache: Path) -> None:
        """`cache` is where those from an address are kept."""
        self._remote = place.rstrip("/") if "://" in place else None
        self._folder = cache if self._remote else Path(place)

    def find(self, digest: str) -> Path | None:
        """The folder of a whole adapter; None where there is none, or it is not one to be served.

        Whatever is wrong with it is logged.
        """
        if not DIGEST.fullmatch(digest) or ".." in digest:
            return None
        folder = self._folder / digest
        if self._remote is not None and not _whole(folder):
            try:
                self._fetch(digest, folder)
            except Exception as error:  # stores raise what they like; the request is then refused
                LOG.warning("hypernet_vllm: %s cannot be fetched: %s", digest, error)
                return None
        fault = _fault(folder)
        if fault is not None:
            if folder.exists():
                LOG.warning("hypernet_vllm: %s is not served: %s", digest, fault)
            return None
        return folder

    def _fetch(self, digest: str, folder: Path) -> None:
        """Copy an adapter here, whole or not at all."""
        import fsspec

        store, root = fsspec.core.url_to_fs(self._remote)
        if not store.exists(f"{root}/{digest}/{FILES[-1]}"):
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        own = Path(tempfile.mkdtemp(prefix=f".{digest}-", dir=self._folder))
        try:
            for name in FILES:
                size = store.size(f"{root}/{digest}/{name}")
                if size is None or size > MOST_BYTES:
                    raise ValueError(f"{name} has {size} bytes, allowed are up to {MOST_BYTES}")
                store.get_file(f"{root}/{digest}/{name}", str(own / name))
            try:
                own.rename(folder)
            except OSError:
                if not _whole(folder):  # else another process was faster, with the same bytes
                    raise
        finally:
            shutil.rmtree(own, ignore_errors=True)


def _whole(folder: Path) -> bool:
    return all((folder / name).is_file() for name in FILES)


def _fault(folder: Path) -> str | None:
    """Why what lies in a folder is no adapter to be served; None if it is one."""
    if not _whole(folder):
        return f"{' and '.join(FILES)} are not both there"
    try:
        config = json.loads((folder / FILES[-1]).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        return f"{FILES[-1]} cannot be read: {error}"
    if not isinstance(config, dict) or config.get("peft_type") != "LORA":
        return f"{FILES[-1]} is not of a LoRA adapter"
    return None


def _cache() -> Path:
    own = os.environ.get("HYPERNET_VLLM_CACHE", "").strip()
    if own:
        return Path(own)
    base = os.environ.get("XDG_CACHE_HOME", "").strip() or str(Path.home() / ".cache")
    return Path(base) / "hypernet-vllm"
