"""Models whose files open but do not fit each other, and those that a library cannot read."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING

import pytest
import torch
from safetensors.torch import load_file, save_file

from hypernet.base_model.loading import load_base
from hypernet.base_model.sources import Source
from hypernet.hypernetwork.encoder import Encoder
from hypernet.model_files import BrokenModelError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LAST = "model.layers.0.mlp.down_proj.weight"


def without_a_tensor(folder: Path) -> None:
    file = folder / "model.safetensors"
    tensors = load_file(str(file))
    del tensors[LAST]
    save_file(tensors, str(file), {"format": "pt"})


def of_another_shape(folder: Path) -> None:
    file = folder / "model.safetensors"
    tensors = load_file(str(file))
    save_file(tensors | {LAST: torch.zeros(2, 2)}, str(file), {"format": "pt"})


def without_a_size(folder: Path) -> None:
    file = folder / "config.json"
    config = json.loads(file.read_text())
    del config["num_hidden_layers"]
    file.write_text(json.dumps(config))


def without_a_part(folder: Path) -> None:
    index = {"weight_map": {LAST: "model-00002-of-00002.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))


def with_no_tokenizer_in_it(folder: Path) -> None:
    (folder / "tokenizer.json").write_text('{"version": "1.0"}')


def cut_off(folder: Path) -> None:
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])


@pytest.mark.parametrize(
    ("breaking", "named"),
    [
        (without_a_tensor, f"holds no tensor {LAST}"),
        (of_another_shape, f"holds {LAST} as (2, 2)"),
        (without_a_size, "config.json is incomplete (KeyError: 'num_hidden_layers')"),
        (without_a_part, "model-00002-of-00002.safetensors is missing: fetch"),
        (with_no_tokenizer_in_it, "holds a tokenizer that cannot be read"),
        (cut_off, "model.safetensors is damaged: it has"),
    ],
)
def test_a_base_whose_files_do_not_make_a_model_is_refused_by_what_is_wrong(
    breaking: Callable[[Path], None], named: str, base_folder: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(base_folder, tmp_path / "base")
    breaking(folder)
    with pytest.raises(BrokenModelError, match=re.escape(named)) as refused:
        load_base(Source("settings", str(folder)), tmp_path)
    assert str(folder) in str(refused.value)


@pytest.mark.parametrize("breaking", [cut_off, with_no_tokenizer_in_it, without_a_part])
def test_an_encoder_whose_files_do_not_make_a_model_is_refused(
    breaking: Callable[[Path], None], encoder_folder: Path, tmp_path: Path
) -> None:
    folder = shutil.copytree(encoder_folder, tmp_path / "encoder")
    breaking(folder)
    with pytest.raises(BrokenModelError, match="encoder"):
        Encoder.load(Source("settings", str(folder)))
