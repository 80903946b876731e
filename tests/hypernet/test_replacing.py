"""Files that are replaced whole."""

from __future__ import annotations

import errno
from io import BufferedRandom
from typing import TYPE_CHECKING

import pytest

from hypernet.files import replacing

if TYPE_CHECKING:
    from pathlib import Path


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_the_content_takes_the_files_place_at_the_end(tmp_path: Path) -> None:
    file = tmp_path / "w"
    file.write_bytes(b"old")
    with replacing(file, permissions=0o600) as stream:
        stream.write(b"new")
        assert file.read_bytes() == b"old"
    assert file.read_bytes() == b"new"
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("call", ["os.fsync", "os.rename", None])
def test_after_an_error_the_old_file_is_there_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shared: bool, call: str | None
) -> None:
    file = tmp_path / "w"
    file.write_bytes(b"old")
    if call is not None:
        monkeypatch.setattr(call, full)
    write = full if call is None else BufferedRandom.write
    with pytest.raises(OSError, match="No space left"), replacing(file, shared=shared) as stream:
        write(stream, b"new")
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]
