"""Loading the base: what identifies it, and how far it is."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import torch
from safetensors.torch import load_file, save_file

from hypernet.base_model.loading import fingerprint_of, load_base
from hypernet.base_model.sources import (
    Source,
)

if TYPE_CHECKING:
    from pathlib import Path

    from hypernet.base_model.loading import BaseModel


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
    assert half.forward.dtype == torch.bfloat16
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
    steps: list[tuple[float, str]] = []
    source = Source("settings", str(base_folder))
    load_base(source, tmp_path, progress=lambda fraction, what: steps.append((fraction, what)))
    fractions = [fraction for fraction, _ in steps]
    assert len(steps) > 1
    assert fractions == sorted(fractions)
    assert 0 <= fractions[0] <= fractions[-1] <= 1
