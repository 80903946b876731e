"""GGUF files become safetensors once, and whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hypernet.base_model import conversion
from hypernet.base_model.loading import base_folder
from hypernet.base_model.sources import (
    Source,
)

if TYPE_CHECKING:
    from pathlib import Path

    from hypernet.progress import Progress


def test_an_interrupted_conversion_leaves_nothing_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gguf = tmp_path / "Tiny.Q4_1.gguf"
    gguf.write_bytes(b"weights")
    cache = tmp_path / "cache"
    target = conversion.converted_folder(gguf, cache)

    def convert(file: Path, folder: Path, progress: Progress) -> None:
        (folder / "config.json").write_text("{}")
        if interrupted:
            raise KeyboardInterrupt
        (folder / "model.safetensors").write_bytes(file.read_bytes())

    monkeypatch.setattr(conversion, "convert", convert)
    interrupted = True
    with pytest.raises(KeyboardInterrupt):
        base_folder(Source("settings", str(gguf)), cache)
    assert list((cache / "models").iterdir()) == []

    interrupted = False
    assert base_folder(Source("settings", str(gguf)), cache) == target
    assert (target / "model.safetensors").read_bytes() == b"weights"
    assert list((cache / "models").iterdir()) == [target]


def test_a_conversion_is_made_once_and_anew_for_another_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gguf, conversions = tmp_path / "tiny.gguf", []
    monkeypatch.setattr(
        conversion, "convert", lambda file, folder, progress: conversions.append(folder)
    )
    folders = []
    for content in (b"one", b"one", b"longer"):
        gguf.write_bytes(content)
        folders.append(base_folder(Source("package", str(gguf)), tmp_path))
    assert folders[0] == folders[1] != folders[2]
    assert len(conversions) == 2


def test_a_conversion_that_another_process_finished_first_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gguf = tmp_path / "tiny.gguf"
    gguf.write_bytes(b"weights")
    target = conversion.converted_folder(gguf, tmp_path)

    def convert(file: Path, folder: Path, progress: Progress) -> None:
        (folder / "mine").touch()
        target.mkdir()
        (target / "theirs").touch()

    monkeypatch.setattr(conversion, "convert", convert)
    assert base_folder(Source("package", str(gguf)), tmp_path) == target
    assert [p.name for p in target.iterdir()] == ["theirs"]
    assert list(target.parent.iterdir()) == [target]
