"""Files of models: nothing in them is run, whatever they are named and whatever they ask for."""

from __future__ import annotations

import json
import os
import pickle
import struct
from typing import TYPE_CHECKING, Any

import pytest

from hypernet.adapters.peft_format import BadAdapterError, load_peft
from hypernet.base_model.decoder import UnsupportedModelError
from hypernet.base_model.loading import load_base
from hypernet.base_model.sources import ModelNotFoundError, Source
from hypernet.hypernetwork.card import BadHypernetworkError
from hypernet.hypernetwork.encoder import Encoder
from hypernet.hypernetwork.network import load_network

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PICKLES = ["pytorch_model.bin", "model.pt", "model.ckpt", "model.pkl", "model.pth"]


class Canary:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, file: Path) -> None:
        self.file = str(file)

    def __reduce__(self) -> tuple[object, ...]:
        return (os.mkdir, (self.file,))


def folder_with(tmp_path: Path, name: str, content: bytes, **config: object) -> Path:
    folder = tmp_path / "model"
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps({"model_type": "llama", **config}))
    (folder / name).write_bytes(content)
    return folder


@pytest.mark.parametrize("name", PICKLES)
def test_a_pickle_is_no_base_and_no_encoder(tmp_path: Path, name: str):
    sung = tmp_path / "sung"
    content = pickle.dumps(Canary(sung))
    source = Source("settings", str(folder_with(tmp_path, name, content, **LLAMA)))
    with pytest.raises(ModelNotFoundError, match="pickles are not read"):
        load_base(source, tmp_path / "cache")
    with pytest.raises(ModelNotFoundError, match="pickles are not read"):
        Encoder.load(source)
    assert not sung.exists()
    pickle.loads(content)  # noqa: S301  # the canary does sing when it is let
    assert sung.exists()


def test_a_pickle_named_as_safetensors_is_no_hypernetwork(tmp_path: Path):
    sung = tmp_path / "sung"
    file = tmp_path / "hypernetwork.safetensors"
    file.write_bytes(pickle.dumps(Canary(sung)))
    with pytest.raises(BadHypernetworkError, match="damaged"):
        load_network(file)
    assert not sung.exists()


@pytest.mark.parametrize("config", ["config.json", "tokenizer_config.json"])
@pytest.mark.parametrize(
    "load",
    [lambda source, folder: load_base(source, folder / "cache"), lambda s, _: Encoder.load(s)],
    ids=["base", "encoder"],
)
def test_a_folder_that_asks_for_code_of_its_own_is_refused_before_anything_is_read(
    tmp_path: Path, config: str, load: Callable[[Source, Path], object]
):
    sung = tmp_path / "sung"
    code = f"open({str(sung)!r}, 'w')\nclass Odd: pass\n".encode()
    folder = folder_with(tmp_path, "odd.py", code)
    asked = {"model_type": "llama", "auto_map": {"AutoModel": "odd.Odd", "AutoConfig": "odd.Odd"}}
    (folder / config).write_text(json.dumps(asked))
    source = Source("settings", str(folder))
    with pytest.raises(UnsupportedModelError, match=rf"^{config} asks for remote code"):
        load(source, tmp_path)
    assert not sung.exists()


@pytest.mark.parametrize("content", ["[" * 100_000, "not json", "[1]", "\xff"])
def test_a_damaged_config_is_refused_by_name(tmp_path: Path, content: str):
    folder = folder_with(tmp_path, "model.safetensors", b"")
    (folder / "config.json").write_text(content, encoding="latin-1")
    with pytest.raises(UnsupportedModelError, match=r"config\.json is damaged"):
        load_base(Source("settings", str(folder)), tmp_path / "cache")


def lying(header: object) -> bytes:
    """A safetensors file of eight bytes of data with this header."""
    text = json.dumps(header).encode() if not isinstance(header, bytes) else header
    return struct.pack("<Q", len(text)) + text + b"\0" * 8


def tensor(shape: list[int], *offsets: int, dtype: str = "F32") -> dict[str, object]:
    return {"x": {"dtype": dtype, "shape": shape, "data_offsets": offsets}}


@pytest.mark.parametrize(
    "content",
    [
        lying(tensor([10**9, 10**9], 0, 4 * 10**18)),
        lying(tensor([2], 0, 8) | {"y": tensor([2], 4, 12)["x"]}),
        lying(tensor([1000], 0, 8)),
        lying(tensor([2], 8, 16)),
        lying(tensor([2], 0, 8, dtype="PY")),
        lying(b"[" * 10_000),
        struct.pack("<Q", 2**63) + b"{}",
        struct.pack("<Q", 2**32) + b"{}" * 50,
    ],
    ids=["huge", "overlapping", "short", "behind", "type", "nested", "endless", "long"],
)
def test_a_header_that_lies_about_its_tensors_is_refused_before_memory_is_taken(
    tmp_path: Path, content: bytes
):
    (tmp_path / "adapter_model.safetensors").write_bytes(content)
    config = {"peft_type": "LORA", "r": 4, "lora_alpha": 4}
    (tmp_path / "adapter_config.json").write_text(json.dumps(config))
    (tmp_path / "hypernetwork.safetensors").write_bytes(content)
    nothing: Any = None  # the base's shape is asked for only after the file was read
    with pytest.raises(BadAdapterError, match="is damaged"):
        load_peft(tmp_path, nothing)
    with pytest.raises(BadHypernetworkError, match="damaged"):
        load_network(tmp_path / "hypernetwork.safetensors")


def test_an_adapters_config_nested_without_end_is_refused(tmp_path: Path):
    (tmp_path / "adapter_model.safetensors").write_bytes(b"")
    (tmp_path / "adapter_config.json").write_text("[" * 100_000)
    nothing: Any = None
    with pytest.raises(BadAdapterError, match=r"adapter_config\.json is damaged"):
        load_peft(tmp_path, nothing)


LLAMA = {
    "hidden_size": 8,
    "intermediate_size": 8,
    "num_hidden_layers": 1,
    "num_attention_heads": 1,
    "num_key_value_heads": 1,
    "vocab_size": 8,
    "max_position_embeddings": 8,
    "rms_norm_eps": 1e-5,
    "hidden_act": "silu",
    "rope_theta": 10_000.0,
}
