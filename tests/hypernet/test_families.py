"""Hypernetworks for bases of several families: trained, exported, reloaded, refined."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import torch
import transformers as hf
from peft import PeftModel
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from tiny_models import (
    ActiveFrom,
    furthest,
    logits_of,
    same_bits,
    save_tiny_base,
    save_tiny_family,
    task_row,
    tiny_network,
    write_rows,
)

from hypernet.adapters.peft_format import load_peft, save_peft
from hypernet.base_model.chat import ChatFormat
from hypernet.base_model.loading import load_base
from hypernet.base_model.sources import Source
from hypernet.engine.interface import Request
from hypernet.engine.torch.engine import TorchEngine
from hypernet.engine.torch.slots import SlotPool
from hypernet.hypernetwork.generator import Generator, load_generator
from hypernet.hypernetwork.network import load_network, save_network
from hypernet.hypernetwork.task_encoder import Condition
from hypernet.progress import silent
from hypernet.runtime import RuntimeOptions, load_runtime
from hypernet.task import Example, Task
from hypernet.training.config import Source as Tasks
from hypernet.training.config import TrainConfig
from hypernet.training.train import train

if TYPE_CHECKING:
    from pathlib import Path

    from hypernet.adapters.adapter import Adapter
    from hypernet.base_model.loading import BaseModel
    from hypernet.hypernetwork.encoder import Encoder

pytestmark = [
    pytest.mark.slow,
    # PEFT asks a transformers model for a property by its old name.
    pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning"),
]

KINDS = ("llama", "gpt_neox", "gemma")
IDS = list(range(40, 64))
EXAMPLES = tuple(Example(f"{a}{b}", "B") for a in "abc" for b in "def")
TASK = Task("Answer with B.", ("B", "none"), EXAMPLES)
LAST_LINEARS = {"llama": "down_proj", "gpt_neox": "mlp.dense_4h_to_h", "gemma": "mlp.down_proj"}


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def base_folder(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp(kind)
    if kind == "llama":
        return save_tiny_base(folder, num_hidden_layers=3)
    return save_tiny_family(folder, kind)


@pytest.fixture(scope="module")
def base(base_folder: Path) -> BaseModel:
    return load_base(Source("settings", str(base_folder)), base_folder, dtype=torch.float32)


@pytest.fixture(scope="module")
def trained(
    base_folder: Path, encoder_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The folder of a short run."""
    folder = tmp_path_factory.mktemp("run")
    rows = [task_row(number) for number in range(4)]
    tasks = Tasks(str(write_rows(folder / "tasks.jsonl", rows)), held_out=0.3)
    config = TrainConfig(
        name="tiny", train=(tasks,), base=str(base_folder), encoder=str(encoder_folder), rank=4,
        hidden=16, adapted_share=0.5, dev_samples_per_task=3, dev_examples=3, most_examples=3,
        steps=8, batch=4, lora_rate=2e-2, trunk_rate=1e-2, evaluate_every=4,
    )  # fmt: skip
    return train(config, folder / "out", folder)


@pytest.fixture(scope="module")
def generator(trained: Path, base: BaseModel, encoder: Encoder) -> Generator:
    return load_generator(trained, base, ChatFormat.of(base.tokenizer), encoder)


def our_logits(base: BaseModel, adapter: Adapter) -> torch.Tensor:
    forward = base.forward
    pool = SlotPool(forward.config, 3, adapter.rank, forward.dtype, forward.device)
    return logits_of(forward, IDS, pool.delta([pool.acquire(adapter)]))


def test_training_lowers_the_loss(trained: Path) -> None:
    history = json.loads((trained / "card.json").read_text())["development"]["history"]
    assert history[-1]["hybrid"] < history[0]["hybrid"]
    assert history[-1]["matched"] < history[0]["matched"]


def test_an_adapter_is_written_for_the_bases_own_linears(
    generator: Generator, base: BaseModel, kind: str
) -> None:
    adapter = generator.write(TASK)
    linears = base.forward.config.linear_sizes()
    assert set(adapter.factors) == {(layer, name) for layer in (1, 2) for name in linears}
    assert LAST_LINEARS[kind] in linears
    assert adapter.paths == base.forward.config.paths
    assert furthest(adapter, generator.write(TASK.without_examples())) > 1e-6


def test_an_exported_adapter_gives_the_same_logits_through_peft_and_comes_back_as_it_was(
    generator: Generator, base: BaseModel, base_folder: Path, tmp_path: Path
) -> None:
    adapter = generator.refine(TASK, generator.write(TASK), in_prompt=True, progress=silent)
    save_peft(adapter, tmp_path, base.name)
    plain = hf.AutoModelForCausalLM.from_pretrained(str(base_folder), dtype=torch.float32).eval()
    ids = [*IDS[:10], *adapter.invocation, *IDS[10:]]
    with torch.inference_mode():
        without = plain(torch.tensor([ids])).logits[0]
        theirs = (
            PeftModel.from_pretrained(plain, str(tmp_path)).eval()(torch.tensor([ids])).logits[0]
        )
    shape = base.forward.config
    everywhere = ActiveFrom(adapter, 0, shape.linear_sizes(), shape.groups)
    expected = logits_of(base.forward, IDS, everywhere)
    torch.testing.assert_close(our_logits(base, adapter), expected, atol=1e-4, rtol=0)
    delta = replace(everywhere, start=10)
    torch.testing.assert_close(logits_of(base.forward, ids, delta), theirs, atol=1e-4, rtol=0)
    assert (theirs - without).abs().max() > 0.01
    back = load_peft(tmp_path, base.forward.config, base.name)
    assert same_bits(back, adapter)
    assert back.paths == adapter.paths


def test_refining_lowers_the_loss_of_the_examples(generator: Generator) -> None:
    done = generator.refine(TASK, generator.write(TASK), in_prompt=False).refinement
    assert done is not None
    assert done.last_loss < done.first_loss


def test_the_engine_answers_with_a_written_adapter(generator: Generator, base: BaseModel) -> None:
    engine = TorchEngine(base, rows=2, slots=4, rank=4)
    try:
        strong = generator.write(TASK).scaled(8.0)
        asked = [Request("ab", adapter=adapter, max_tokens=8) for adapter in (strong, None)]
        adapted, plain = (ticket.result() for ticket in [engine.submit(r) for r in asked])
    finally:
        engine.close()
    assert adapted.text != plain.text


def test_the_same_task_gives_the_same_bits_after_loading_again(
    generator: Generator, trained: Path, base: BaseModel, encoder: Encoder
) -> None:
    again = load_generator(trained, base, ChatFormat.of(base.tokenizer), encoder)
    assert same_bits(again.write(TASK), generator.write(TASK))
    assert again.write(TASK).digest == generator.write(TASK).digest


def test_without_a_hypernetwork_the_runtime_says_so(
    base_folder: Path, encoder_folder: Path, tmp_path: Path
) -> None:
    options = RuntimeOptions(base=str(base_folder), encoder=str(encoder_folder), cache=tmp_path)
    runtime = load_runtime(options)
    runtime.close()
    assert runtime.library is None
    assert "prompted" in runtime.about["hypernetwork"]


def test_a_hypernetwork_for_another_family_is_refused(
    kind: str, trained: Path, encoder: Encoder, tmp_path: Path
) -> None:
    other = "gemma" if kind == "gpt_neox" else "gpt_neox"
    folder = save_tiny_family(tmp_path / "other", other)
    base = load_base(Source("settings", str(folder)), tmp_path, dtype=torch.float32)
    with pytest.raises(ValueError, match=r"made for a base with linears .* which this one lacks"):
        load_generator(trained, base, ChatFormat.of(base.tokenizer), encoder)


def test_a_file_from_before_there_were_paths_is_of_the_llama_family(
    kind: str, base: BaseModel, tmp_path: Path
) -> None:
    network = tiny_network(base, 8)
    file = tmp_path / "network.safetensors"
    save_network(network, file)
    tensors = load_file(str(file))
    with safe_open(str(file), "pt") as stored:
        config = json.loads(stored.metadata()["config"])
    assert config.pop("paths")
    save_file(tensors, str(file), {"config": json.dumps(config)})
    old, _ = load_network(file)
    assert (old.config.difference(base.forward.config) is None) is (kind == "llama")
    if kind == "llama":
        adapter = old.generate(Condition.null(old.config), "x")
        assert adapter.paths["up_proj"] == "model.layers.{layer}.mlp.up_proj"
