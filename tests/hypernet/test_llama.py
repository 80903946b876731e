"""The forward pass against transformers', on tiny random models of each supported kind."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import torch
from tiny_models import byte_tokenizer, logits_of
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from hypernet.base_model.decoder import UnsupportedModelError
from hypernet.base_model.loading import load_base
from hypernet.base_model.sources import Source

if TYPE_CHECKING:
    from pathlib import Path

SIZES: dict[str, Any] = {
    "vocab_size": 260,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 128,
    "initializer_range": 0.2,
    "pad_token_id": None,
    "bos_token_id": None,
    "eos_token_id": None,
}
KINDS = {
    "llama, tied": (LlamaForCausalLM, LlamaConfig, {"tie_word_embeddings": True}),
    "llama, untied": (
        LlamaForCausalLM,
        LlamaConfig,
        {"tie_word_embeddings": False, "rms_norm_eps": 1e-3},
    ),
    "llama, other rope base": (
        LlamaForCausalLM,
        LlamaConfig,
        {"rope_parameters": {"rope_type": "default", "rope_theta": 500.0}},
    ),
    "llama, 3.1's rope": (
        LlamaForCausalLM,
        LlamaConfig,
        {
            "rope_parameters": {
                "rope_type": "llama3",
                "rope_theta": 500.0,
                "factor": 8.0,
                "low_freq_factor": 1.0,
                "high_freq_factor": 4.0,
                "original_max_position_embeddings": 32,
            }
        },
    ),
    "llama, linear rope": (
        LlamaForCausalLM,
        LlamaConfig,
        {"rope_parameters": {"rope_type": "linear", "rope_theta": 500.0, "factor": 2.0}},
    ),
    "qwen3, yarn": (
        Qwen3ForCausalLM,
        Qwen3Config,
        {
            "head_dim": 16,
            "rope_parameters": {
                "rope_type": "yarn",
                "rope_theta": 500.0,
                "factor": 4.0,
                "original_max_position_embeddings": 32,
            },
        },
    ),
    "mistral": (MistralForCausalLM, MistralConfig, {"sliding_window": None, "head_dim": 8}),
    "qwen2, biases": (Qwen2ForCausalLM, Qwen2Config, {"use_sliding_window": False}),
    "qwen3, q and k norms": (Qwen3ForCausalLM, Qwen3Config, {"head_dim": 16}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_logits_equal_those_of_transformers(kind: str, tmp_path: Path) -> None:
    model_class, config_class, changes = KINDS[kind]
    torch.manual_seed(1)
    model = model_class(config_class(**(SIZES | changes))).eval()
    with (
        torch.no_grad()
    ):  # norms and biases start as ones and zeros, which would hide their absence
        for name, parameter in model.named_parameters():
            if "norm" in name or name.endswith("bias"):
                parameter.add_(torch.randn_like(parameter) * 0.3)
    model.save_pretrained(str(tmp_path))
    byte_tokenizer().save_pretrained(str(tmp_path))
    ids = torch.randint(0, 259, (40,), generator=torch.Generator().manual_seed(2)).tolist()

    ours = logits_of(
        load_base(Source("settings", str(tmp_path)), tmp_path, dtype=torch.float32).forward, ids
    )

    with torch.inference_mode():
        theirs = model(torch.tensor([ids])).logits[0]
    assert theirs.std() > 0.1
    torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=0)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"rope_scaling": {"type": "dynamic", "factor": 2.0}}, "rope type 'dynamic'"),
        ({"rope_parameters": {"rope_type": "llama3", "factor": 8.0}}, "low_freq_factor"),
        ({"auto_map": {"AutoModelForCausalLM": "evil.Evil"}}, "auto_map"),
        ({"hidden_act": "gelu"}, "hidden_act 'gelu'"),
        ({"model_type": "mistral", "sliding_window": 64}, "sliding-window"),
        ({"model_type": "qwen2", "use_sliding_window": True}, "sliding-window"),
    ],
)
def test_a_config_that_asks_for_something_else_is_refused_by_name(
    change: dict[str, Any], named: str, base_folder: Path, tmp_path: Path
) -> None:
    config = json.loads((base_folder / "config.json").read_text())
    if "rope_scaling" in change:
        del config["rope_parameters"]
    (tmp_path / "config.json").write_text(json.dumps(config | change))
    with pytest.raises(UnsupportedModelError, match=named):
        load_base(Source("settings", str(tmp_path)), tmp_path)
