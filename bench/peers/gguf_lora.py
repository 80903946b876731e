"""A PEFT LoRA folder as the GGUF file that llama.cpp loads beside a base model of its own.

    python -m bench.peers.gguf_lora FOLDER OUT.gguf --base BASE.gguf
    python -m bench.peers.gguf_lora --check --base BASE.gguf

llama.cpp keeps a rotary pair's two halves next to each other, so the rows of q and k stand in
another order there, and the same goes for the rows that a LoRA adds to. `--check` needs no
llama.cpp: it converts a random adapter and reads it back through the loader of transformers, and
orders real weights both ways.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

ARCHITECTURE = "llama"
NAMES = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
_TENSOR = re.compile(r"base_model\.model\.model\.layers\.(\d+)\.(.+)\.lora_([AB])\.weight")


@dataclass(frozen=True)
class Heads:
    """How many heads the base's queries and keys have."""

    queries: int
    keys: int

    @classmethod
    def of(cls, base: Path) -> Heads:
        """Read a GGUF file's header.

        Raises:
            ValueError: its architecture is one whose order of rows is not known here.
        """
        from gguf import GGUFReader

        reader = GGUFReader(str(base))
        kind = _field(reader, "general.architecture")
        if kind != ARCHITECTURE:
            raise ValueError(f"{base.name}: architecture {kind!r}, only {ARCHITECTURE!r} converts")
        count = [
            int(_field(reader, f"{ARCHITECTURE}.attention.{name}"))
            for name in ("head_count", "head_count_kv")
        ]
        return cls(*count)


def interleaved(rows: NDArray[Any], heads: int) -> NDArray[Any]:
    """Rows of q or k with each head's two halves taken in turn, as llama.cpp orders them."""
    half = len(rows) // heads // 2
    pairs = rows.reshape(heads, 2, half, *rows.shape[1:])
    return np.ascontiguousarray(pairs.swapaxes(1, 2).reshape(rows.shape))


def converted(
    tensors: Mapping[str, NDArray[np.float32]], heads: Heads
) -> dict[str, NDArray[np.float32]]:
    """PEFT's tensors under llama.cpp's names and in its order of rows; shapes stay.

    Raises:
        ValueError: a tensor is none of a plain LoRA on a layer's linears.
    """
    found = {}
    for name, tensor in sorted(tensors.items()):
        match = _TENSOR.fullmatch(name)
        if match is None or match[2] not in NAMES:
            raise ValueError(f"{name} has no place in a GGUF adapter of this architecture")
        kind, part = NAMES[match[2]], match[3].lower()
        if part == "b" and kind in ("attn_q", "attn_k"):
            tensor = interleaved(tensor, heads.queries if kind == "attn_q" else heads.keys)
        found[f"blk.{match[1]}.{kind}.weight.lora_{part}"] = tensor
    return found


def convert(folder: Path, out: Path, base: Path) -> None:
    """Write a PEFT folder's adapter as a GGUF file for a base.

    Raises:
        ValueError: the base's architecture or one of the tensors is not supported.
    """
    from gguf import GGUFType, GGUFWriter, Keys
    from safetensors.torch import load_file

    config = json.loads((folder / "adapter_config.json").read_text())
    stored = load_file(str(folder / "adapter_model.safetensors"))
    tensors = {name: tensor.float().numpy() for name, tensor in stored.items()}
    writer = GGUFWriter(str(out), ARCHITECTURE)
    writer.add_type(GGUFType.ADAPTER)
    writer.add_string(Keys.Adapter.TYPE, "lora")
    writer.add_float32(Keys.Adapter.LORA_ALPHA, float(config["lora_alpha"]))
    for name, tensor in converted(tensors, Heads.of(base)).items():
        # Half precision: half the bytes to stream per token, as the other engines have it.
        writer.add_tensor(name, tensor.astype(np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def check(base: Path) -> list[str]:
    """Convert a random adapter and find what llama.cpp would refuse or misread; empty is good."""
    from gguf import GGUFReader
    from transformers.modeling_gguf_pytorch_utils import LlamaTensorProcessor

    heads, reader = Heads.of(base), GGUFReader(str(base))
    # GGUF counts dimensions from the innermost: (inputs, outputs).
    sizes = {t.name: (int(t.shape[0]), int(t.shape[1])) for t in reader.tensors if len(t.shape) > 1}
    counts = {"num_attention_heads": heads.queries, "num_key_value_heads": heads.keys}
    processor = LlamaTensorProcessor(counts)
    rng = np.random.default_rng(0)
    rank, layer, faults, given = 4, 1, [], {}
    for path, kind in NAMES.items():
        inputs, outputs = sizes[f"blk.{layer}.{kind}.weight"]
        name = f"base_model.model.model.layers.{layer}.{path}"
        given[f"{name}.lora_A.weight"] = rng.standard_normal((rank, inputs)).astype(np.float32)
        given[f"{name}.lora_B.weight"] = rng.standard_normal((outputs, rank)).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "adapter.gguf"
        _write_peft(Path(folder), given, rank)
        convert(Path(folder), file, base)
        adapter = GGUFReader(str(file))
        said = {key: _field(adapter, key) for key in ("general.type", "adapter.type")}
        if said != {"general.type": "adapter", "adapter.type": "lora"}:
            faults.append(f"the header says {said}")
        if _field(adapter, "adapter.lora.alpha") != rank:
            faults.append("alpha is not the rank's, so the scale would not be 1")
        read = {t.name: np.array(t.data, np.float32) for t in adapter.tensors}
        shapes = {t.name: tuple(int(n) for n in t.shape) for t in adapter.tensors}
        del adapter  # it maps the file, which cannot be removed on every system until let go
    for path, kind in NAMES.items():
        target = f"blk.{layer}.{kind}.weight"
        inputs, outputs = sizes[target]
        if shapes.get(f"{target}.lora_a") != (inputs, rank):
            faults.append(f"{target}.lora_a: {shapes.get(f'{target}.lora_a')}")
        if shapes.get(f"{target}.lora_b") != (rank, outputs):
            faults.append(f"{target}.lora_b: {shapes.get(f'{target}.lora_b')}")
        name = f"base_model.model.model.layers.{layer}.{path}"
        wanted = given[f"{name}.lora_B.weight"] @ given[f"{name}.lora_A.weight"]
        # What transformers undoes to a weight on loading must give back the addition to it.
        added = read[f"{target}.lora_b"] @ read[f"{target}.lora_a"]
        undone = processor.process(added, target).weights
        if not np.allclose(undone, wanted, atol=0.05):
            faults.append(f"{target}: the addition comes back in another order of rows")
    return faults + _check_real_weights(reader, heads, processor)


def _check_real_weights(reader: Any, heads: Heads, processor: Any) -> list[str]:
    """Undoing and redoing the order of the base's own q and k must change nothing."""
    from gguf.quants import dequantize

    faults = []
    for name, count in (
        ("blk.0.attn_q.weight", heads.queries),
        ("blk.0.attn_k.weight", heads.keys),
    ):
        (tensor,) = (t for t in reader.tensors if t.name == name)
        stored = dequantize(tensor.data, tensor.tensor_type)
        if not np.array_equal(interleaved(processor.process(stored, name).weights, count), stored):
            faults.append(f"{name}: the order of rows is not the file's own")
    return faults


def _write_peft(folder: Path, tensors: Mapping[str, NDArray[np.float32]], rank: int) -> None:
    from safetensors.numpy import save_file

    save_file(dict(tensors), str(folder / "adapter_model.safetensors"))
    (folder / "adapter_config.json").write_text(json.dumps({"lora_alpha": rank}))


def _field(reader: Any, name: str) -> Any:
    field = reader.get_field(name)
    if field is None:
        raise ValueError(f"the GGUF file does not say its {name}")
    return field.contents()


def main() -> None:
    """Convert, or check the conversion."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("out", type=Path, nargs="?")
    parser.add_argument("--base", type=Path, required=True, help="the base model's GGUF file")
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    if arguments.check:
        faults = check(arguments.base)
        print("\n".join(faults) or "the conversion is as llama.cpp reads it")
        raise SystemExit(bool(faults))
    if arguments.folder is None or arguments.out is None:
        parser.error("a PEFT folder and the file to write are needed")
    convert(arguments.folder, arguments.out, arguments.base)


if __name__ == "__main__":
    main()
