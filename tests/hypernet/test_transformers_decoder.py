"""Bases outside the Llama family, through transformers' own modules, on tiny random models."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
import torch
import transformers as hf
from peft import LoraConfig, PeftModel, get_peft_model
from tiny_models import FAMILIES, FAMILY_SIZES, byte_tokenizer, logits_of, save_tiny_family

from hypernet.adapters.interruptible import Interruptible
from hypernet.adapters.peft_format import load_peft
from hypernet.base_model.decoder import UnsupportedModelError
from hypernet.base_model.kv_cache import Recorder
from hypernet.base_model.loading import load_base
from hypernet.base_model.sources import Source
from hypernet.base_model.transformers_decoder import TransformersDecoder
from hypernet.engine.cpu.store import decoder_for
from hypernet.engine.interface import Request
from hypernet.engine.torch.engine import TorchEngine

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

    from hypernet.base_model.loading import BaseModel

pytestmark = [
    pytest.mark.filterwarnings(
        # PEFT asks a transformers model for a property by its old name.
        "ignore:`is_gradient_checkpointing` is deprecated:FutureWarning"
    ),
    pytest.mark.slow,
]

NEW = 12


def loaded(folder: Path) -> BaseModel:
    return load_base(Source("settings", str(folder)), folder, dtype=torch.float32)


@pytest.fixture(scope="module", params=sorted(FAMILIES))
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_family(tmp_path_factory.mktemp(request.param), request.param)


@pytest.fixture(scope="module")
def peft_folder(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random adapter on all linears, as PEFT itself writes it."""
    plain = hf.AutoModelForCausalLM.from_pretrained(str(folder))
    config = LoraConfig(r=4, lora_alpha=8, target_modules="all-linear", init_lora_weights=False,
                        fan_in_fan_out=plain.config.model_type == "gpt2")  # fmt: skip
    target = tmp_path_factory.mktemp("peft")
    torch.manual_seed(2)
    get_peft_model(plain, config).save_pretrained(str(target))
    return target


def by_peft(folder: Path, peft_folder: Path | None, head: list[int], step: list[int]) -> list[int]:
    """Greedy tokens by transformers alone: the head by the base, the rest under the adapter."""
    model = hf.AutoModelForCausalLM.from_pretrained(str(folder)).eval()
    with torch.inference_mode():
        cache = model(torch.tensor([head]), use_cache=True).past_key_values
        if peft_folder is not None:
            model = PeftModel.from_pretrained(model, str(peft_folder)).eval()
        ids, new = step, []
        for _ in range(NEW):
            found = model(torch.tensor([ids]), past_key_values=cache, use_cache=True)
            cache = found.past_key_values
            new.append(int(found.logits[0, -1].argmax()))
            ids = new[-1:]
    return new


def test_a_pause_between_layers_changes_no_bit_and_keeps_no_other_run_out(folder: Path) -> None:
    forward, ids = loaded(folder).forward, list(range(40, 60))
    plain, others = logits_of(forward, ids), []

    def between() -> None:
        other = threading.Thread(target=lambda: others.append(logits_of(forward, ids[:3])))
        other.start()
        other.join(20)
        assert not other.is_alive(), "it waits for the run that has paused"

    assert torch.equal(logits_of(Interruptible(forward, between), ids), plain)
    assert len(others) >= forward.config.layers


def test_rows_with_and_without_an_adapter_say_in_one_batch_what_they_say_through_peft(
    folder: Path, peft_folder: Path
) -> None:
    base = loaded(folder)
    assert isinstance(base.forward, TransformersDecoder)
    adapter = load_peft(peft_folder, base.forward.config)
    requests = [
        Request("the first input", adapter=adapter, max_tokens=NEW),
        Request("second", prefix="Translate this.\n\n", adapter=adapter, max_tokens=NEW),
        Request("a base row, and rather a longer one", max_tokens=NEW),
    ]
    engine = TorchEngine(base)
    try:
        tickets = [engine.submit(request) for request in requests]
        answered = [ticket.result().text for ticket in tickets]
        parts = [
            (engine.chat.prefix_ids(r.prefix), engine.chat.step_ids(r.input)) for r in requests
        ]
    finally:
        engine.close()
    folders = [peft_folder, peft_folder, None]
    wanted = [by_peft(folder, own, *part) for own, part in zip(folders, parts, strict=True)]
    ends = base.tokenizer.eos_token_id
    texts = [
        base.tokenizer.decode(ids[: ids.index(ends)] if ends in ids else ids) for ids in wanted
    ]
    # Half a character at the end is held back.
    assert [t.rstrip("\N{REPLACEMENT CHARACTER}") for t in texts] == answered
    assert wanted[0] != by_peft(folder, None, *parts[0])


def test_labels_are_chosen_by_exact_probabilities_there_too(folder: Path) -> None:
    engine = TorchEngine(loaded(folder))
    try:
        found = engine.submit(Request("a text", labels=("yes", "no", "perhaps"))).result()
    finally:
        engine.close()
    assert found.text in ("yes", "no", "perhaps")
    assert found.confidence is not None
    assert sum(found.confidence.values()) == pytest.approx(1)


def test_such_a_base_has_no_quantised_decode(folder: Path, tmp_path: Path) -> None:
    assert decoder_for(loaded(folder), 1, tmp_path) is None


# Runs of layers


@torch.inference_mode()
def test_runs_of_layers_one_after_another_give_what_all_at_once_give(folder: Path) -> None:
    base = loaded(folder).forward
    ids_1T = torch.arange(20, 40)[None]
    positions_1T = torch.arange(20)[None]
    seen: list[tuple[int, tuple[int, ...]]] = []

    def delta(layer: int, group: str, x_BTD: Tensor) -> None:
        seen.append((layer, tuple(x_BTD.shape[:2])))

    cache, x_1TD = Recorder(), base.embed(ids_1T)
    for layers in (range(0), range(1), range(1, 2), range(2, 3)):
        x_1TD = base.run(x_1TD, positions_1T, cache, None, delta, layers)
    torch.testing.assert_close(base.logits(x_1TD)[0], logits_of(base, ids_1T[0].tolist()))
    assert sorted(cache.layers) == [0, 1, 2]
    assert [layer for layer, _ in seen] == sorted(layer for layer, _ in seen)
    assert {shape for _, shape in seen} == {(1, 20)}


def test_gradients_of_an_addition_flow_through_a_run_that_starts_late(folder: Path) -> None:
    base = loaded(folder).forward
    size = base.config.hidden
    with torch.inference_mode():
        positions_1T = torch.arange(5)[None]
        x_1TD = base.run(
            base.embed(positions_1T + 20), positions_1T, Recorder(), None, layers=range(2)
        )
    added = {
        name: torch.zeros(outputs, requires_grad=True)
        for name, (_, outputs) in base.config.linear_sizes().items()
    }

    def delta(layer: int, group: str, x_BTI: Tensor) -> Tensor:
        return added[group].expand(*x_BTI.shape[:-1], -1)

    x_1TD = base.run(x_1TD.clone(), positions_1T.clone(), Recorder(), None, delta, range(2, 3))
    assert x_1TD.shape == (1, 5, size)
    base.logits(x_1TD).logsumexp(-1).sum().backward()
    assert all(tensor.grad is not None and tensor.grad.abs().max() > 0 for tensor in added.values())


def test_threads_that_run_other_layers_do_not_disturb_each_other(tmp_path: Path) -> None:
    base = loaded(save_tiny_family(tmp_path, "gpt_neox")).forward
    ids = list(range(30, 50))
    alone = logits_of(base, ids)
    start = threading.Barrier(2)
    found: list[Tensor] = []

    def whole() -> None:
        start.wait()
        found.extend(logits_of(base, ids) for _ in range(20))

    def part() -> None:
        start.wait()
        positions_1T = torch.arange(len(ids))[None]
        with torch.inference_mode():
            for _ in range(20):
                x_1TD = base.embed(torch.tensor([ids]))
                base.run(x_1TD, positions_1T, Recorder(), None, layers=range(1))

    threads = [threading.Thread(target=work) for work in (whole, part)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 20
    assert all(torch.equal(one, alone) for one in found)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"auto_map": {"AutoModelForCausalLM": "evil.Evil"}}, "auto_map"),
        ({"layer_types": ["sliding_attention", "full_attention"]}, "sliding-window"),
        ({"sliding_window": 64}, "sliding-window"),
        ({"rope_parameters": {"rope_type": "dynamic", "factor": 2.0}}, "rope type 'dynamic'"),
    ],
)
def test_a_config_that_a_kept_prefix_would_not_survive_is_refused(
    change: dict[str, Any], named: str, tmp_path: Path
) -> None:
    folder = save_tiny_family(tmp_path, "olmo2")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | change))
    with pytest.raises(UnsupportedModelError, match=named):
        loaded(folder)


@pytest.mark.parametrize(
    "config",
    [
        hf.BloomConfig(vocab_size=260, hidden_size=32, n_layer=2, n_head=4),
        hf.FalconConfig(**(FAMILY_SIZES | {"alibi": True, "multi_query": False})),
        hf.MambaConfig(vocab_size=260, hidden_size=32, num_hidden_layers=2, state_size=4),
    ],
    ids=["no window", "biases for positions", "no attention"],
)
def test_a_model_that_cannot_be_read_in_parts_is_refused_by_name(
    config: Any, tmp_path: Path
) -> None:
    hf.AutoModelForCausalLM.from_config(config).save_pretrained(str(tmp_path))
    byte_tokenizer().save_pretrained(str(tmp_path))
    with pytest.raises(UnsupportedModelError, match=config.model_type):
        loaded(tmp_path)
