"""What a power cut would leave of a database: each file as it was when SQLite last synced it.

Killing a process loses nothing that it wrote, so it cannot tell a database that syncs from one
that does not. This puts a layer under SQLite's file system (its VFS, by ctypes) that sees every
real call of xSync and keeps what the file held at that moment; `cut_power` then puts those contents
back. Pessimistic: nothing written since counts as kept. Names of files are taken to be durable at
once.
"""

from __future__ import annotations

import _sqlite3
import contextlib
import ctypes
import os
import shutil
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_int64, c_void_p
from pathlib import Path
from typing import Any, ClassVar

_OK, _IOERR = 0, 10
_MAIN_DB, _WAL = 0x100, 0x80000

_XOPEN = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)
_XSYNC = CFUNCTYPE(c_int, c_void_p, c_int)
_XREAD = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_XSIZE = CFUNCTYPE(c_int, c_void_p, POINTER(c_int64))


class _Vfs(ctypes.Structure):
    # Of sqlite3_vfs; what follows xOpen is copied as it is.
    _fields_ = (
        ("version", c_int),
        ("file_bytes", c_int),
        ("most_path", c_int),
        ("next", c_void_p),
        ("name", c_char_p),
        ("data", c_void_p),
        ("open", c_void_p),
        ("rest", c_void_p * 15),
    )


class _Methods(ctypes.Structure):
    # Of sqlite3_io_methods, as of version 3.
    _fields_ = (
        ("version", c_int),
        ("close", c_void_p),
        ("read", c_void_p),
        ("write", c_void_p),
        ("truncate", c_void_p),
        ("sync", c_void_p),
        ("size", c_void_p),
        ("rest", c_void_p * 12),
    )


def _library() -> Any:
    """The very SQLite that Python's module uses.

    Raises:
        OSError: it is not to be reached (it may be a part of the interpreter).
    """
    path = getattr(_sqlite3, "__file__", None)
    library = ctypes.CDLL(path) if path else ctypes.CDLL(None)
    if not hasattr(library, "sqlite3_vfs_find"):
        raise OSError("this Python's SQLite cannot be reached from outside")
    library.sqlite3_vfs_find.argtypes, library.sqlite3_vfs_find.restype = [c_char_p], c_void_p
    library.sqlite3_vfs_register.argtypes = [c_void_p, c_int]
    return library


def available() -> bool:
    """Whether syncs can be seen on this machine."""
    try:
        _library()
    except (OSError, TypeError):
        return False
    return True


class SyncRecorder:
    """Keeps in `folder` what each database and log file of this process held when last synced.

    Lasts for the life of the process: SQLite keeps pointers into it.
    """

    _installed: ClassVar[list[SyncRecorder]] = []

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        library = _library()
        self._under = library.sqlite3_vfs_find(None)
        original = _Vfs.from_address(self._under)
        self._open = _XOPEN(original.open)
        self._alive: list[Any] = [_XOPEN(self._opened)]
        self._paths: dict[int, Path] = {}
        layer = _Vfs.from_buffer_copy(original)
        layer.name = b"sync-recorder"
        layer.open = ctypes.cast(self._alive[0], c_void_p).value
        self._alive.append(layer)
        if library.sqlite3_vfs_register(ctypes.byref(layer), 1) != _OK:
            raise OSError("SQLite refused the layer")
        self._installed.append(self)

    def _opened(self, _: int, name: int, file: int, flags: int, out: int) -> int:
        code = self._open(self._under, name, file, flags, out)
        if code != _OK or not flags & (_MAIN_DB | _WAL) or not name:
            return int(code)
        slot = c_void_p.from_address(file)
        methods = _Methods.from_buffer_copy(_Methods.from_address(slot.value or 0))
        sync, read, size = _XSYNC(methods.sync), _XREAD(methods.read), _XSIZE(methods.size)

        def synced(handle: int, how: int) -> int:
            code = sync(handle, how)
            if code == _OK:
                try:
                    self._keep(self._paths[handle], _content(handle, read, size))
                except OSError:
                    return _IOERR
            return int(code)

        callback = _XSYNC(synced)
        methods.sync = ctypes.cast(callback, c_void_p).value
        self._alive += [methods, callback, sync, read, size]
        self._paths[file] = Path(os.fsdecode(ctypes.string_at(name)))
        slot.value = ctypes.addressof(methods)
        return _OK

    def _keep(self, path: Path, content: bytes) -> None:
        # Renamed into place: the process may be killed here as well.
        partial = self.folder / f"{path.name}.partial"
        partial.write_bytes(content)
        partial.replace(self.folder / path.name)


def _content(handle: int, read: Any, size: Any) -> bytes:
    # By SQLite's own calls: opening the file once more would drop its locks when closed.
    count = c_int64()
    if size(handle, ctypes.byref(count)) != _OK:
        raise OSError("cannot tell the size")
    buffer = ctypes.create_string_buffer(count.value)
    if count.value and read(handle, buffer, count.value, 0) != _OK:
        raise OSError("cannot read")
    return buffer.raw


def begin(database: Path, folder: Path) -> None:
    """Make `folder` hold the files as they are now: they count as durable."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for path in (database, database.with_name(f"{database.name}-wal")):
        if path.exists():
            shutil.copy(path, folder / path.name)


def cut_power(database: Path, folder: Path) -> None:
    """Put the database's files back to what was durable when the process died."""
    for path in (database, database.with_name(f"{database.name}-wal")):
        kept = folder / path.name
        if kept.exists():
            shutil.copy(kept, path)
        else:
            path.unlink(missing_ok=True)
    with contextlib.suppress(FileNotFoundError):
        database.with_name(f"{database.name}-shm").unlink()
