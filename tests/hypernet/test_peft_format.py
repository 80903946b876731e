"""Adapters as PEFT directories: out to PEFT, back in, and what is refused."""

from __future__ import annotations

import json
import pickle
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import torch
from peft import PeftModel
from safetensors.torch import load_file, save_file
from tiny_models import ActiveFrom, logits_of, tiny_adapter
from transformers import LlamaForCausalLM

from hypernet.adapters.peft_format import MAX_RANK, BadAdapterError, load_peft, save_peft
from hypernet.engine.torch.slots import SlotPool

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from torch import Tensor

    from hypernet.adapters.adapter import Adapter
    from hypernet.base_model.loading import BaseModel

pytestmark = pytest.mark.filterwarnings(
    # PEFT asks a transformers model for a property by its old name.
    "ignore:`is_gradient_checkpointing` is deprecated:FutureWarning"
)

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
IDS = list(range(40, 90))
Q2 = "base_model.model.model.layers.2.self_attn.q_proj"


@pytest.fixture
def adapter(base: BaseModel) -> Adapter:
    return tiny_adapter(base.forward, 1)


@pytest.fixture
def folder(adapter: Adapter, base: BaseModel, tmp_path: Path) -> Path:
    save_peft(adapter, tmp_path / "saved", base.name)
    return tmp_path / "saved"


def engine_logits(base: BaseModel, adapter: Adapter) -> Tensor:
    """Our logits with the adapter active on every token, from a slot with room to spare."""
    llama = base.forward
    pool = SlotPool(llama.config, 4, MAX_RANK // 16, llama.dtype, llama.device)
    pool.acquire(tiny_adapter(llama, 8))
    return logits_of(llama, IDS, pool.delta([pool.acquire(adapter)]))


def test_peft_reads_the_directory_and_gives_the_same_logits(
    adapter: Adapter, folder: Path, base: BaseModel, base_folder: Path
) -> None:
    plain = LlamaForCausalLM.from_pretrained(str(base_folder), dtype=torch.float32)
    with torch.inference_mode():
        without = plain(torch.tensor([IDS])).logits[0]
        theirs = PeftModel.from_pretrained(plain, str(folder)).eval()(torch.tensor([IDS])).logits[0]
    torch.testing.assert_close(engine_logits(base, adapter), theirs, atol=1e-4, rtol=0)
    assert (theirs - without).abs().max() > 0.1
    config = json.loads((folder / CONFIG).read_text())
    assert config["use_rslora"] is False
    assert (config["r"], config["lora_alpha"]) == (4, 4)


def test_an_adapter_comes_back_as_it_was_saved(
    adapter: Adapter, folder: Path, base: BaseModel
) -> None:
    back = load_peft(folder, base.forward.config)
    assert (back.rank, back.nbytes) == (adapter.rank, adapter.nbytes)
    assert back.factors.keys() == adapter.factors.keys()
    for key, (a_Ir, b_rO) in adapter.factors.items():
        assert torch.equal(back.factors[key][0], a_Ir)
        assert torch.equal(back.factors[key][1], b_rO)


def test_an_activated_adapter_is_read_by_peft_and_comes_back_as_it_was_saved(
    adapter: Adapter, base: BaseModel, base_folder: Path, tmp_path: Path
) -> None:
    activated = replace(adapter, invocation=tuple(IDS[30:33]))
    save_peft(activated, tmp_path, base.name)
    assert load_peft(tmp_path, base.forward.config).invocation == activated.invocation
    plain = LlamaForCausalLM.from_pretrained(str(base_folder), dtype=torch.float32)
    model = PeftModel.from_pretrained(plain, str(tmp_path)).eval()
    with torch.inference_mode():
        theirs = model(torch.tensor([IDS])).logits[0]
    delta = ActiveFrom(activated, 30, base.forward.config.linear_sizes())
    torch.testing.assert_close(logits_of(base.forward, IDS, delta), theirs, atol=1e-4, rtol=0)


@pytest.mark.parametrize(
    ("dtype", "largest"), [(torch.float16, 7000.0), (torch.bfloat16, 1.0), (torch.float64, 1.0)]
)
def test_a_file_in_another_precision_gives_pefts_logits(
    dtype: torch.dtype, largest: float, folder: Path, base: BaseModel, base_folder: Path
) -> None:
    change_config(folder, lora_alpha=50)  # times which 7000 is no half-precision number any more
    tensors = {k: t.to(dtype) for k, t in load_file(str(folder / WEIGHTS)).items()}
    tensors[f"{Q2}.lora_A.weight"] = tensors[f"{Q2}.lora_A.weight"] * (1e-5 if largest > 1 else 1)
    tensors[f"{Q2}.lora_B.weight"][0, 0] = largest
    save_file(tensors, str(folder / WEIGHTS))
    plain = LlamaForCausalLM.from_pretrained(str(base_folder), dtype=torch.float32)
    with torch.inference_mode():
        theirs = PeftModel.from_pretrained(plain, str(folder)).eval()(torch.tensor([IDS])).logits[0]
    ours = engine_logits(base, load_peft(folder, base.forward.config))
    torch.testing.assert_close(ours, theirs, atol=1e-3, rtol=0)


def test_a_config_without_an_alpha_has_pefts_default(
    folder: Path, base: BaseModel, base_folder: Path
) -> None:
    config = json.loads((folder / CONFIG).read_text())
    del config["lora_alpha"]
    (folder / CONFIG).write_text(json.dumps(config))
    plain = LlamaForCausalLM.from_pretrained(str(base_folder), dtype=torch.float32)
    with torch.inference_mode():
        theirs = PeftModel.from_pretrained(plain, str(folder)).eval()(torch.tensor([IDS])).logits[0]
    ours = engine_logits(base, load_peft(folder, base.forward.config))
    torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=0)


@pytest.mark.parametrize(
    "names",
    [
        {"target_modules": "all-linear"},
        {"target_modules": r".*_proj"},
        {"target_modules": r"(?:model\.layers\.\d+\.)(self_attn|mlp)\..*"},
        {"exclude_modules": ["lm_head"]},
    ],
)
def test_modules_may_be_named_by_pattern(
    names: dict[str, Any], folder: Path, adapter: Adapter, base: BaseModel
) -> None:
    change_config(folder, **{"layers_to_transform": None, "layers_pattern": None} | names)
    assert load_peft(folder, base.forward.config).factors.keys() == adapter.factors.keys()


@pytest.mark.parametrize("rslora", [False, True])
def test_pefts_scale_is_folded_in(
    rslora: bool, folder: Path, base: BaseModel, base_folder: Path
) -> None:
    change_config(folder, lora_alpha=6, use_rslora=rslora)
    plain = LlamaForCausalLM.from_pretrained(str(base_folder), dtype=torch.float32)
    with torch.inference_mode():
        theirs = PeftModel.from_pretrained(plain, str(folder)).eval()(torch.tensor([IDS])).logits[0]
    ours = engine_logits(base, load_peft(folder, base.forward.config))
    torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=0)


def test_the_digest_is_that_of_the_tensors_wherever_they_lie(folder: Path, base: BaseModel) -> None:
    config = base.forward.config
    digest = load_peft(folder, config).digest
    assert load_peft(shutil.copytree(folder, folder.parent / "elsewhere"), config).digest == digest

    change_config(folder, lora_alpha=8)
    scaled = load_peft(folder, config).digest
    change_config(folder, lora_alpha=4)
    change_tensors(folder, lambda t: t[f"{Q2}.lora_A.weight"][0, 0].add_(1e-3))
    other = load_peft(folder, config).digest

    assert len({digest, scaled, other}) == 3


# What is refused


def change_config(folder: Path, **changes: Any) -> None:
    config = json.loads((folder / CONFIG).read_text())
    (folder / CONFIG).write_text(json.dumps(config | changes))


def change_tensors(folder: Path, change: Callable[[dict[str, Tensor]], object]) -> None:
    tensors = load_file(str(folder / WEIGHTS))
    change(tensors)
    save_file(tensors, str(folder / WEIGHTS))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda t: t.pop(f"{Q2}.lora_A.weight"), "layers.2.self_attn.q_proj.lora_A is missing"),
        (lambda t: t.pop(f"{Q2}.lora_B.weight"), "layers.2.self_attn.q_proj.lora_B is missing"),
        (lambda t: t.clear(), "no LoRA tensor"),
        (
            lambda t: t.update({f"{Q2}.lora_A.weight": torch.zeros(4, 33)}),
            r"q_proj.lora_A has shape \(4, 33\), expected \(4, 32\)",
        ),
        (
            lambda t: t.update({f"{Q2}.lora_B.weight": torch.zeros(32, 5)}),
            r"q_proj.lora_B has shape \(32, 5\), expected \(32, 4\)",
        ),
        (lambda t: t[f"{Q2}.lora_A.weight"][1, 2].fill_(torch.nan), "lora_A holds values"),
        (lambda t: t[f"{Q2}.lora_B.weight"][1, 2].fill_(torch.inf), "lora_B holds values"),
        (
            lambda t: t.update({f"{Q2}.lora_A.weight": torch.zeros(4, 32, dtype=torch.int32)}),
            "lora_A is torch.int32",
        ),
        (
            lambda t: t.update({f"{Q2}.lora_B.weight": torch.ones(32, 4).to(torch.float8_e5m2)}),
            "lora_B is torch.float8_e5m2",
        ),
        (lambda t: t.update({f"{Q2}.lora_magnitude_vector": torch.ones(32)}), "magnitude_vector"),
        (
            lambda t: t.update({Q2.replace("2", "7") + ".lora_A.weight": torch.ones(4, 32)}),
            "layers.7",
        ),
    ],
)
def test_tensors_that_do_not_fit_are_refused_by_name(
    change: Callable[[dict[str, Tensor]], object], named: str, folder: Path, base: BaseModel
) -> None:
    change_tensors(folder, change)
    with pytest.raises(BadAdapterError, match=named):
        load_peft(folder, base.forward.config)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"r": 10**6}, f"r is 1000000, allowed are 1 to {MAX_RANK}"),
        ({"r": 0}, "r is 0"),
        ({"r": True}, "r is True"),
        ({"r": "4"}, "r is '4'"),
        ({"lora_alpha": "4"}, "lora_alpha"),
        ({"lora_alpha": float("nan")}, "lora_alpha"),
        ({"lora_alpha": 1e41}, "lora_B holds values"),
        ({"lora_alpha": 10**400}, "lora_alpha"),
        ({"peft_type": "IA3"}, "peft_type"),
        ({"target_modules": ["no_such"]}, "not among the modules it adapts"),
        ({"target_modules": None}, "target_modules is missing"),
        ({"target_modules": 5}, "damaged"),
        ({"exclude_modules": ["q_proj"]}, "q_proj is not among the modules it adapts"),
        ({"exclude_modules": r".*\.q_proj"}, "q_proj is not among the modules it adapts"),
        ({"layers_to_transform": [0]}, "not among the modules it adapts"),
        ({"layers_to_transform": "x"}, "damaged"),
        ({"layers_pattern": "(.+)+x"}, "layers_pattern has"),
        ({"exclude_modules": "["}, "exclude_modules is no usable pattern"),
        ({"exclude_modules": r"(\w|\.|a|.)+(\w|\.|.)+(.|\w)+\d"}, "exclude_modules .* timed out"),
        ({"exclude_modules": "a" * 1001}, "exclude_modules has 1001 characters"),
        ({"use_dora": True}, "use_dora"),
        ({"alora_invocation_tokens": []}, "alora_invocation_tokens must be 1 to 64 token ids"),
        ({"alora_invocation_tokens": [7] * 65}, "alora_invocation_tokens must be"),
        ({"alora_invocation_tokens": "<|im_end|>"}, "alora_invocation_tokens must be"),
        ({"alora_invocation_tokens": [True]}, "alora_invocation_tokens must be"),
        ({"alora_invocation_tokens": [-1]}, "alora_invocation_tokens must be"),
        ({"alora_invocation_tokens": [2**40]}, "alora_invocation_tokens must be"),
        ({"alpha_pattern": {"q_proj": 64}}, "alpha_pattern"),
        ({"rank_pattern": {"q_proj": 2}}, "rank_pattern"),
    ],
)
def test_a_config_that_is_not_plain_lora_is_refused_by_field(
    change: dict[str, Any], named: str, folder: Path, base: BaseModel
) -> None:
    change_config(folder, **change)
    with pytest.raises(BadAdapterError, match=named):
        load_peft(folder, base.forward.config)


@pytest.mark.parametrize("text", ["{", "", "[]", "null", '"LORA"', b"\xff\xfe{}"])
def test_a_damaged_config_is_refused(text: str | bytes, folder: Path, base: BaseModel) -> None:
    (folder / CONFIG).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(BadAdapterError, match=CONFIG):
        load_peft(folder, base.forward.config)


@pytest.mark.parametrize("keep", [0, 5, 200, -1])
def test_a_damaged_weights_file_is_refused(keep: int, folder: Path, base: BaseModel) -> None:
    whole = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(whole[:keep])
    with pytest.raises(BadAdapterError, match=f"{WEIGHTS} is (damaged|empty)"):
        load_peft(folder, base.forward.config)


class Canary:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str, str]]:
        return open, (str(self.trace), "w")


@pytest.mark.parametrize("name", ["adapter_model.bin", "adapter_model.pt", WEIGHTS])
def test_a_pickle_is_refused_unread(name: str, folder: Path, base: BaseModel) -> None:
    trace = folder / "trace"
    (folder / WEIGHTS).unlink()
    (folder / name).write_bytes(pickle.dumps(Canary(trace)))
    with pytest.raises(BadAdapterError, match="safetensors"):
        load_peft(folder, base.forward.config)
    assert not trace.exists()


def test_a_folder_without_a_config_is_refused(folder: Path, base: BaseModel) -> None:
    (folder / CONFIG).unlink()
    with pytest.raises(BadAdapterError, match=f"{CONFIG} is missing"):
        load_peft(folder, base.forward.config)
