"""Weights in files: mapped where they lie as they are used, and never taken when damaged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from hypernet.base_model.kv_cache import Recorder
from hypernet.base_model.llama import Llama, reading_order
from hypernet.base_model.loading import fingerprint_of, load_base
from hypernet.base_model.sources import Source
from hypernet.mapped import ALIGNMENT, arrange, mapped_tensors, read_arrays, write_arrays

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

    from hypernet.base_model.decoder import Forward

DRAWN = np.random.default_rng(3)
ARRAYS = {
    "q": DRAWN.integers(0, 255, (3, 64), np.uint8),
    "signed": DRAWN.integers(-128, 127, (64,), np.int8),
    "scale": DRAWN.integers(0, 2**16 - 1, (5, 32), np.uint16),
    "single": np.zeros((1, 1, 1), np.uint16),
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    write_arrays(tmp_path / "arrays.safetensors", ARRAYS)
    return tmp_path / "arrays.safetensors"


def test_arrays_come_back_as_they_were_written_each_at_a_cache_line(file: Path) -> None:
    found = read_arrays(file)
    assert found is not None
    assert found.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert found[name].dtype == array.dtype
        assert np.array_equal(found[name], array)
        assert found[name].ctypes.data % ALIGNMENT == 0
    assert sorted(load_file(str(file))) == sorted(ARRAYS)  # the format is safetensors' own


@pytest.mark.parametrize("left", [0, 5, 30, 300, -1])
def test_a_file_that_was_cut_off_holds_nothing(file: Path, left: int) -> None:
    file.write_bytes(file.read_bytes()[:left])
    assert read_arrays(file) is None


def test_a_file_with_a_flipped_bit_holds_nothing(file: Path) -> None:
    whole = file.read_bytes()
    for place in range(0, len(whole), 41):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        found = read_arrays(file)
        # A bit of the blanks behind the header, or of a word that nobody reads, changes nothing.
        assert found is None or all(np.array_equal(found[name], ARRAYS[name]) for name in ARRAYS)
    file.write_bytes(whole)
    assert read_arrays(file) is not None


@pytest.mark.parametrize("content", [b"[]", b"[" * 20_000, b'{"__metadata__": 1}', b"{}"])
def test_a_header_that_is_none_holds_nothing(file: Path, content: bytes) -> None:
    file.write_bytes(len(content).to_bytes(8, "little") + content)
    assert read_arrays(file) is None
    file.unlink()
    assert read_arrays(file) is None


def halved(base_folder: Path, folder: Path) -> Path:
    """The tiny base in bfloat16, as the library writes it."""
    folder.mkdir()
    for each in base_folder.iterdir():
        (folder / each.name).write_bytes(each.read_bytes())
    tensors = load_file(str(folder / "model.safetensors"))
    halves = {name: tensor.to(torch.bfloat16) for name, tensor in tensors.items()}
    save_file(halves, str(folder / "model.safetensors"), {"format": "pt"})
    return folder


def loaded(folder: Path) -> Llama:
    source = Source("settings", str(folder))
    forward = load_base(source, folder, dtype=torch.bfloat16).forward
    assert isinstance(forward, Llama)
    return forward


@torch.inference_mode()
def logits(forward: Forward) -> Tensor:
    ids = torch.arange(3, 40)[None]
    states = forward.run(forward.embed(ids), torch.arange(37)[None], Recorder(), None)
    return forward.logits(states)


def test_weights_in_reading_order_are_used_where_they_lie_and_give_the_same_bits(
    base_folder: Path, tmp_path: Path
) -> None:
    folder = halved(base_folder, tmp_path / "half")
    file = folder / "model.safetensors"
    before, copied = load_file(str(file)), loaded(folder)
    found = logits(copied)

    arrange(file, reading_order)
    after, mapped = load_file(str(file)), loaded(folder)

    assert fingerprint_of(after) == fingerprint_of(before)
    assert torch.equal(logits(mapped), found)
    linears = [tensor for name, tensor in mapped.weights.items() if "proj" in name]
    assert len({tensor.untyped_storage().data_ptr() for tensor in linears}) == 1
    assert len({tensor.data_ptr() for tensor in linears}) == len(linears)


def test_a_file_in_order_is_left_alone(base_folder: Path, tmp_path: Path) -> None:
    file = halved(base_folder, tmp_path / "half") / "model.safetensors"
    arrange(file, reading_order)
    written = file.stat().st_mtime_ns
    arrange(file, reading_order)
    assert file.stat().st_mtime_ns == written


def test_what_is_written_to_mapped_weights_stays_in_this_process(
    base_folder: Path, tmp_path: Path
) -> None:
    file = halved(base_folder, tmp_path / "half") / "model.safetensors"
    before = file.read_bytes()
    mapped_tensors(file)["model.norm.weight"].fill_(7)
    assert file.read_bytes() == before


def test_weights_of_a_type_that_is_not_computed_in_are_read_all_the_same(tmp_path: Path) -> None:
    tensors = {"a": torch.arange(5), "b": torch.ones(3)}
    save_file(tensors, str(tmp_path / "odd.safetensors"))
    found = mapped_tensors(tmp_path / "odd.safetensors")
    assert all(torch.equal(found[name], tensors[name]) for name in tensors)
