"""Each kind of LoRA that PEFT makes, made by PEFT itself: its logits, or refused by name."""

from __future__ import annotations

import importlib.util
import json
from typing import TYPE_CHECKING, Any

import pytest
import torch
from click.testing import CliRunner
from peft import LoftQConfig, LoraConfig, PeftModel, get_peft_model
from peft.tuners.lora.config import CordaConfig, LoraGAConfig
from peft.tuners.lora.corda import preprocess_corda
from tiny_models import ActiveFrom, logits_of
from transformers import LlamaForCausalLM

from hypernet.adapters.peft_format import BadAdapterError, load_peft, save_peft
from hypernet.cli.main import main
from hypernet.engine.torch.slots import SlotPool

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

    from hypernet.adapters.adapter import Adapter
    from hypernet.base_model.loading import BaseModel

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings(
        # PEFT asks a transformers model for a property by its old name.
        "ignore:`is_gradient_checkpointing` is deprecated:FutureWarning",
        # And says what some of these variants mean for merging and saving.
        "ignore::UserWarning",
    ),
]

IDS = list(range(40, 70))
CONFIG = "adapter_config.json"
TARGETS = ["q_proj", "v_proj", "down_proj"]


@pytest.fixture
def plain(base_folder: Path) -> LlamaForCausalLM:
    return LlamaForCausalLM.from_pretrained(str(base_folder), dtype=torch.float32).eval()


def made(plain: LlamaForCausalLM, **changes: Any) -> PeftModel:
    """A LoRA of PEFT's as after some training."""
    settings = {"r": 4, "lora_alpha": 6, "target_modules": TARGETS, "task_type": "CAUSAL_LM"}
    torch.manual_seed(3)
    model = get_peft_model(plain, LoraConfig(**(settings | changes)))
    return trained(model)


def trained(model: PeftModel) -> PeftModel:
    draw = torch.Generator().manual_seed(4)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_" in name:
                parameter.add_(torch.randn(parameter.shape, generator=draw) * 0.1)
    return model.eval()


@torch.inference_mode()
def logits(model: Any) -> Tensor:
    found: Tensor = model(torch.tensor([IDS])).logits[0]
    return found


def ours(base: BaseModel, adapter: Adapter) -> Tensor:
    forward = base.forward
    pool = SlotPool(forward.config, 3, adapter.rank, forward.dtype, forward.device)
    return logits_of(forward, IDS, pool.delta([pool.acquire(adapter)]))


# Read to PEFT's logits


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"use_rslora": True},
        {"init_lora_weights": "gaussian"},
        {"init_lora_weights": "orthogonal"},
        {"init_lora_weights": "mica"},
        {"layers_to_transform": [1, 3], "layers_pattern": "layers"},
        {"target_modules": "all-linear", "exclude_modules": ["up_proj"]},
        {"target_modules": r".*layers\.[02]\.mlp\.(up|gate)_proj"},
        {"lora_dropout": 0.5, "use_rslora": True, "lora_alpha": 3},
    ],
    ids=str,
)
def test_plain_lora_however_it_was_made_gives_pefts_logits(
    changes: dict[str, Any], plain: LlamaForCausalLM, base: BaseModel, tmp_path: Path
) -> None:
    without = logits(plain)
    model = made(plain, **changes)
    model.save_pretrained(str(tmp_path))
    adapter = load_peft(tmp_path, base.forward.config, base.name)
    torch.testing.assert_close(ours(base, adapter), logits(model), atol=1e-4, rtol=0)
    assert (logits(model) - without).abs().max() > 0.05


def test_an_activated_lora_gives_pefts_logits_and_acts_from_its_tokens_on(
    plain: LlamaForCausalLM, base: BaseModel, tmp_path: Path
) -> None:
    without = logits(plain)
    model = made(plain, alora_invocation_tokens=IDS[10:12])
    model.save_pretrained(str(tmp_path))
    adapter = load_peft(tmp_path, base.forward.config)
    assert adapter.invocation == tuple(IDS[10:12])
    delta = ActiveFrom(adapter, 10, base.forward.config.linear_sizes())
    expected = logits(model)
    torch.testing.assert_close(logits_of(base.forward, IDS, delta), expected, atol=1e-4, rtol=0)
    torch.testing.assert_close(expected[:10], without[:10], atol=1e-4, rtol=0)
    assert (expected - without).abs().max() > 0.05


def test_what_is_read_is_written_as_plain_lora_of_the_same_logits(
    plain: LlamaForCausalLM, base: BaseModel, base_folder: Path, tmp_path: Path
) -> None:
    modules = r".*(layers\.0\.mlp\.up_proj|layers\.3\.self_attn\.q_proj)"  # no grid of both
    model = made(plain, use_rslora=True, target_modules=modules)
    expected = logits(model)
    model.save_pretrained(str(tmp_path / "one"))
    adapter = load_peft(tmp_path / "one", base.forward.config)
    save_peft(adapter, tmp_path / "two", base.name)
    again = LlamaForCausalLM.from_pretrained(str(base_folder), dtype=torch.float32)
    theirs = logits(PeftModel.from_pretrained(again, str(tmp_path / "two")).eval())
    torch.testing.assert_close(theirs, expected, atol=1e-4, rtol=0)
    config = json.loads((tmp_path / "two" / CONFIG).read_text())
    assert (config["r"], config["lora_alpha"], config["use_rslora"]) == (4, 4, False)
    assert len(config["target_modules"]) == 2


# What changes the base's own weights


def with_corda(plain: LlamaForCausalLM) -> PeftModel:
    config = LoraConfig(
        r=4, target_modules=TARGETS, init_lora_weights="corda", corda_config=CordaConfig()
    )

    @torch.no_grad()
    def run() -> None:
        plain(torch.tensor([IDS]))

    preprocess_corda(plain, config, run_model=run)
    return trained(get_peft_model(plain, config))


STARTS: dict[str, Any] = {
    "pissa": lambda plain: made(plain, init_lora_weights="pissa"),
    "pissa_niter_2": lambda plain: made(plain, init_lora_weights="pissa_niter_2"),
    "olora": lambda plain: made(plain, init_lora_weights="olora"),
    "corda": with_corda,
    "lora_ga": lambda plain: made(
        plain, init_lora_weights="lora_ga", lora_ga_config=LoraGAConfig()
    ),
    "loftq": lambda plain: made(
        plain, init_lora_weights="loftq", loftq_config=LoftQConfig(loftq_bits=4)
    ),
}


@pytest.mark.parametrize("start", STARTS)
def test_a_start_that_changes_the_base_is_refused_with_what_to_do(
    start: str, plain: LlamaForCausalLM, base: BaseModel, tmp_path: Path
) -> None:
    needed = ("scipy", "bitsandbytes")  # PEFT needs both to start so
    if start == "loftq" and not all(importlib.util.find_spec(name) for name in needed):
        made(plain).save_pretrained(str(tmp_path))
        config = json.loads((tmp_path / CONFIG).read_text())
        changes = {"init_lora_weights": start, "loftq_config": {"loftq_bits": 4, "loftq_iter": 1}}
        (tmp_path / CONFIG).write_text(json.dumps(config | changes))
    else:
        STARTS[start](plain).save_pretrained(str(tmp_path))
    with pytest.raises(BadAdapterError, match=rf"init_lora_weights is '{start}'.*for_weight_conv"):
        load_peft(tmp_path, base.forward.config)


@pytest.mark.parametrize("start", ["pissa", "olora"])
def test_what_peft_converted_to_plain_lora_gives_the_trained_models_logits(
    start: str, plain: LlamaForCausalLM, base: BaseModel, tmp_path: Path
) -> None:
    settings = {"r": 4, "lora_alpha": 6, "target_modules": TARGETS, "init_lora_weights": start}
    torch.manual_seed(3)
    model = get_peft_model(plain, LoraConfig(**settings))
    model.peft_config["default"].init_lora_weights = True
    model.save_pretrained(str(tmp_path / "start"))
    model.peft_config["default"].init_lora_weights = start
    expected = logits(trained(model))
    model.save_pretrained(
        str(tmp_path / "out"), path_initial_model_for_weight_conversion=str(tmp_path / "start")
    )
    adapter = load_peft(tmp_path / "out", base.forward.config)
    assert adapter.rank == 8
    torch.testing.assert_close(ours(base, adapter), expected, atol=1e-3, rtol=0)


# What is more than plain LoRA


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"use_dora": True}, "use_dora"),
        ({"rank_pattern": {"q_proj": 2}}, "rank_pattern"),
        ({"alpha_pattern": {"q_proj": 64}}, "alpha_pattern"),
        ({"lora_bias": True}, "lora_bias"),
        ({"bias": "all"}, "bias"),
        ({"bias": "lora_only"}, "bias"),
        ({"layer_replication": [(0, 3), (1, 4)]}, "layer_replication"),
        ({"modules_to_save": ["lm_head"]}, "modules_to_save"),
        ({"trainable_token_indices": [5, 6]}, "trainable_token_indices"),
    ],
    ids=str,
)
def test_a_variant_is_refused_by_the_field_that_makes_it_one(
    changes: dict[str, Any],
    field: str,
    plain: LlamaForCausalLM,
    base: BaseModel,
    tmp_path: Path,
) -> None:
    made(plain, **changes).save_pretrained(str(tmp_path))
    with pytest.raises(BadAdapterError, match=rf"{CONFIG}: {field} is set; only plain LoRA .*: \w"):
        load_peft(tmp_path, base.forward.config)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"target_parameters": ["mlp.experts.weight"]}, "target_parameters is set"),
        ({"use_qalora": True}, "use_qalora is set"),
        ({"arrow_config": {"top_k": 2}}, "arrow_config is set"),
        ({"init_lora_weights": "later"}, "init_lora_weights is 'later'"),
        ({"use_what_comes_later": True}, "use_what_comes_later is set.*pip install -U peft"),
        ({"layers_pattern": "layers"}, "is damaged"),
    ],
    ids=str,
)
def test_what_a_config_says_beyond_plain_lora_is_refused_too(
    changes: dict[str, Any],
    message: str,
    plain: LlamaForCausalLM,
    base: BaseModel,
    tmp_path: Path,
) -> None:
    made(plain).save_pretrained(str(tmp_path))
    config = json.loads((tmp_path / CONFIG).read_text())
    (tmp_path / CONFIG).write_text(json.dumps(config | {"use_what_comes_later": False}))
    load_peft(tmp_path, base.forward.config)
    (tmp_path / CONFIG).write_text(json.dumps(config | changes))
    with pytest.raises(BadAdapterError, match=message):
        load_peft(tmp_path, base.forward.config)


# Another base


@pytest.mark.parametrize(
    ("trained_on", "this_base", "fits"),
    [
        ("Someone/Tiny-Base", "/models/tiny-base/", True),
        ("C:\\models\\Tiny-Base", "other/tiny-base", True),
        ("", "tiny-base", True),
        (None, "tiny-base", True),
        ("tiny-base", None, True),
        ("Someone/tiny-base-2", "tiny-base", False),
        ("tiny-base/other", "tiny-base", False),
    ],
)
def test_the_bases_name_is_compared_but_for_owner_and_case(
    trained_on: str | None,
    this_base: str | None,
    fits: bool,
    plain: LlamaForCausalLM,
    base: BaseModel,
    tmp_path: Path,
) -> None:
    made(plain).save_pretrained(str(tmp_path))
    config = json.loads((tmp_path / CONFIG).read_text())
    (tmp_path / CONFIG).write_text(json.dumps(config | {"base_model_name_or_path": trained_on}))
    if fits:
        load_peft(tmp_path, base.forward.config, this_base)
        return
    with pytest.raises(BadAdapterError, match=r"base_model_name_or_path is '.*--any-base"):
        load_peft(tmp_path, base.forward.config, this_base)


def test_the_shell_inspects_an_adapter_for_another_base_when_told_to(
    plain: LlamaForCausalLM, base_folder: Path, tmp_path: Path
) -> None:
    made(plain).save_pretrained(str(tmp_path))
    config = json.loads((tmp_path / CONFIG).read_text())
    (tmp_path / CONFIG).write_text(json.dumps(config | {"base_model_name_or_path": "else/where"}))
    given = ["inspect", str(tmp_path), "--base", str(base_folder)]
    refused = CliRunner().invoke(main, given)
    assert refused.exit_code == 1
    assert "base_model_name_or_path is 'else/where'" in refused.output
    done = CliRunner().invoke(main, [*given, "--any-base"])
    assert done.exit_code == 0, done.output
    assert "12 linears" in done.output
