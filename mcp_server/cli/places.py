"""What `doctor` says of the folders, files and addresses that settings name: it tries them all."""

from __future__ import annotations

import importlib.util
import os
import socket
import tempfile
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from checkpoints import MemoryFault, Store, StoreLocked
from mcp_server.app.settings import strangers
from mcp_server.cli.findings import Finding
from mcp_server.http.address import AddressError, check_address, shown
from mcp_server.http.names import EVERY_ADDRESS, UNNAMED
from mcp_server.http.tokens import TokenFileError, read_tokens

if TYPE_CHECKING:
    from pathlib import Path

    from mcp_server.app.settings import Settings

CONNECT_SECONDS = 2.0
EXPORTER = "opentelemetry.exporter.otlp.proto.http"


def places(settings: Settings) -> list[Finding]:
    """All of them, and the variables that are named like settings and are none."""
    found = [_cache(settings), *_variables(), *_documents(settings), _database(settings)]
    if settings.tokens is not None:
        found.append(_tokens(settings, settings.tokens))
    found.append(_address(settings))
    if settings.traces is not None:
        found.append(_traces(settings.traces))
    return found


def _variables() -> list[Finding]:
    return [
        Finding(
            "settings",
            f"{name} is no setting",
            ok=False,
            remedy=f"did you mean {near}?" if near else "see `hypernet-mcp settings`",
        )
        for name, near in strangers().items()
    ]


def _cache(settings: Settings) -> Finding:
    problem = _unwritable(settings.cache)
    remedy = f"{problem}: check HYPERNET_MCP_CACHE" if problem else ""
    return Finding("cache", str(settings.cache), ok=problem is None, remedy=remedy)


def _documents(settings: Settings) -> list[Finding]:
    if not settings.documents:
        return [Finding("documents", "no folder: `remember` reads no files")]
    return [_folder(folder) for folder in settings.documents]


def _folder(folder: Path) -> Finding:
    try:
        with os.scandir(folder) as entries:
            next(entries, None)
    except OSError as error:
        problem = error.strerror or type(error).__name__
        remedy = f"{folder} cannot be read ({problem}): check HYPERNET_MCP_DOCUMENTS"
        return Finding("documents", str(folder), ok=False, remedy=remedy)
    return Finding("documents", str(folder))


def _database(settings: Settings) -> Finding:
    path = settings.database
    if not path.exists():
        if (problem := _unwritable(path.parent)) is not None:
            remedy = f"{problem}: check HYPERNET_MCP_DATABASE"
            return Finding("database", str(path), ok=False, remedy=remedy)
        return Finding("database", f"{path} (made at the first use)")
    if not path.is_file():
        remedy = f"{path} is not a file: check HYPERNET_MCP_DATABASE"
        return Finding("database", str(path), ok=False, remedy=remedy)
    try:
        with Store.open(path) as store:
            found = f"{path}, version {store.schema_version}, {len(store.sessions())} sessions"
    except StoreLocked as error:
        return _database_in_use(path, error.holder)
    except MemoryFault as error:
        return Finding("database", str(path), ok=False, remedy=str(error))
    size, most = path.stat().st_size, settings.database_mb * 1024**2
    if size >= most:
        remedy = (
            f"its {size} bytes are over the limit of {most}, so nothing can be stored: raise "
            "HYPERNET_MCP_DATABASE_MB, or make room with `hypernet-mcp sessions prune`"
        )
        return Finding("database", found, ok=False, remedy=remedy)
    return Finding("database", f"{found}, {size} bytes")


def _database_in_use(path: Path, holder: str) -> Finding:
    try:
        with Store.open_reader(path) as store:
            damage = store.maintenance.damage()
    except MemoryFault as error:
        return Finding("database", str(path), ok=False, remedy=str(error))
    if damage is None:
        # As it should be, where that is the user's server: no remedy.
        return Finding("database", f"{path}, sound, in use by {holder}")
    remedy = f"it is damaged ({damage}): export what you need, stop the server, restore a backup"
    return Finding("database", str(path), ok=False, remedy=remedy)


def _tokens(settings: Settings, file: Path) -> Finding:
    try:
        names = {name for name, _ in read_tokens(file)}
    except TokenFileError as error:
        return Finding("tokens", str(file), ok=False, remedy=str(error))
    if not names:
        remedy = f"`hypernet-mcp --tokens {file} tokens add NAME` makes one"
        return Finding("tokens", f"{file}, which holds none", ok=False, remedy=remedy)
    if strange := sorted(set(settings.metrics_readers) - names):
        remedy = f"no token of {', '.join(strange)}: check HYPERNET_MCP_METRICS_READERS"
        return Finding("tokens", str(file), ok=False, remedy=remedy)
    return Finding("tokens", f"{file}, of {len(names)} names")


def _address(settings: Settings) -> Finding:
    where = shown(settings)
    try:
        check_address(settings)
    except AddressError as error:
        if error.taken:
            # A server on stdio needs none, and one on HTTP may be the one that has it.
            return Finding("address", f"{where}, in use, by this server or by another program")
        return Finding("address", where, ok=False, remedy=str(error))
    unnamed = settings.host in EVERY_ADDRESS and not settings.allowed_hosts
    remedy = f"over HTTP {UNNAMED}" if unnamed else ""
    return Finding("address", f"{where}, free, for the HTTP transports", remedy=remedy)


def _traces(address: str) -> Finding:
    try:
        there = importlib.util.find_spec(EXPORTER) is not None
    except ModuleNotFoundError:
        there = False
    if not there:
        remedy = "the extra is not installed; pip install 'hypernet-mcp[otel]'"
        return Finding("traces", address, ok=False, remedy=remedy)
    parts = urlsplit(address)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        socket.create_connection((parts.hostname or "", port), CONNECT_SECONDS).close()
    except (OSError, ValueError) as error:
        remedy = f"nobody answers there ({error}): check HYPERNET_MCP_TRACES"
        return Finding("traces", address, ok=False, remedy=remedy)
    return Finding("traces", address)


def _unwritable(folder: Path) -> str | None:
    """Why nothing can be written in a folder, or in the one that it would be made in."""
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not there.is_dir():
        return f"{there} is not a folder"
    try:
        tempfile.TemporaryFile(dir=there).close()
    except OSError as error:
        return f"{there} cannot be written ({error.strerror})"
    return None
