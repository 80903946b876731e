"""The default base model itself, against transformers and PEFT, in float32."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch
from peft import PeftModel
from tiny_models import logits_of
from transformers import LlamaForCausalLM

from bench.peers.gguf_lora import check
from hypernet.adapters.peft_format import load_peft, save_peft
from hypernet.base_model.chat import ChatFormat
from hypernet.base_model.kv_cache import RowCache
from hypernet.base_model.loading import base_folder, load_base
from hypernet.base_model.sources import (
    BASE_GGUF,
    BASE_PACKAGE,
    DEFAULT_BASE,
    base_source,
    encoder_source,
    packaged_file,
)
from hypernet.engine.cpu.store import decoder_for
from hypernet.engine.interface import Request
from hypernet.engine.torch.engine import TorchEngine
from hypernet.engine.torch.slots import SlotPool
from hypernet.hypernetwork.card import find_weights
from hypernet.hypernetwork.encoder import Encoder
from hypernet.hypernetwork.generator import load_generator
from hypernet.task import Example, Task

if TYPE_CHECKING:
    from hypernet.base_model.loading import BaseModel

pytestmark = [
    pytest.mark.model,
    # PEFT asks a transformers model for a property by its old name.
    pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning"),
]

# Two orders of the same sums, over 30 layers; logits lie between about -20 and 30.
CLOSE = {"atol": 2e-3, "rtol": 0.0}
INPUT = "Explain to a child why the sky is blue during the day but red in the evening."
TOKENS = 20


@pytest.fixture(scope="module")
def cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hypernet-mcp"


@pytest.fixture(scope="module")
def real(cache: Path) -> BaseModel:
    return load_base(base_source(None), cache, dtype=torch.float32)


@pytest.fixture(scope="module")
def reference(cache: Path) -> LlamaForCausalLM:
    folder = base_folder(base_source(None), cache)
    return LlamaForCausalLM.from_pretrained(str(folder), dtype=torch.float32).eval()


@pytest.fixture(scope="module")
def prompt(real: BaseModel) -> list[int]:
    """The template's own rendering, without the system turn that it adds."""
    turn = {"role": "user", "content": INPUT}
    text = real.tokenizer.apply_chat_template([turn], tokenize=False, add_generation_prompt=True)
    _, _, after_system = text.partition("<|im_end|>\n")
    return list(real.tokenizer.encode(after_system, add_special_tokens=False))


@torch.inference_mode()
def test_logits_equal_those_of_transformers(
    real: BaseModel, reference: LlamaForCausalLM, prompt: list[int]
) -> None:
    theirs = reference(torch.tensor([prompt])).logits[0]
    torch.testing.assert_close(logits_of(real.forward, prompt), theirs, **CLOSE)


@torch.inference_mode()
def test_greedy_tokens_equal_those_of_transformers(
    real: BaseModel, reference: LlamaForCausalLM, prompt: list[int]
) -> None:
    ids = reference.generate(
        torch.tensor([prompt]),
        attention_mask=torch.ones(1, len(prompt), dtype=torch.long),
        max_new_tokens=TOKENS,
        do_sample=False,
    )[0, len(prompt) :]
    expected = real.tokenizer.decode(ids, skip_special_tokens=True)

    engine = TorchEngine(real, rows=1, slots=3)
    result = engine.submit(Request(INPUT, max_tokens=TOKENS)).result()
    engine.close()

    assert result.tokens.prefix + result.tokens.prompt == len(prompt)
    assert result.text == expected
    assert result.tokens.generated == len(ids) == TOKENS


def test_generated_adapter_exported_to_peft_gives_the_same_logits(
    real: BaseModel, reference: LlamaForCausalLM, prompt: list[int], tmp_path: Path
) -> None:
    weights = find_weights(DEFAULT_BASE, None)
    assert weights is not None, f"no hypernetwork is shipped for {DEFAULT_BASE}"
    chat = ChatFormat.of(real.tokenizer)
    generator = load_generator(weights, real, chat, Encoder.load(encoder_source(None)))
    examples = (Example("I loved it.", "positive"), Example("A waste of money.", "negative"))
    adapter = generator.write(Task("Classify the sentiment.", ("positive", "negative"), examples))
    save_peft(adapter, tmp_path, DEFAULT_BASE)
    pool = SlotPool(real.forward.config, 2, adapter.rank, real.forward.dtype, real.forward.device)
    everywhere = pool.delta([pool.acquire(adapter)])
    first = len(prompt) - len(adapter.invocation)

    def from_there_on(layer: int, group: str, x_BTD: torch.Tensor) -> torch.Tensor | None:
        added_BTO = everywhere(layer, group, x_BTD)
        return added_BTO if added_BTO is None else added_BTO.index_fill(1, torch.arange(first), 0.0)

    assert tuple(prompt[first:]) == adapter.invocation
    ours = logits_of(real.forward, prompt, from_there_on)

    with torch.inference_mode():
        without = reference(torch.tensor([prompt])).logits[0]
        adapted = PeftModel.from_pretrained(reference, str(tmp_path)).eval()
        theirs = adapted(torch.tensor([prompt])).logits[0]
        adapted.unload()

    torch.testing.assert_close(ours, theirs, **CLOSE)
    assert (theirs - without).abs().max() > 10 * CLOSE["atol"]
    back = load_peft(tmp_path, real.forward.config)
    assert all(torch.equal(back.factors[key][1], b) for key, (_, b) in adapter.factors.items())


def test_the_adapter_that_llamacpp_is_measured_with_is_ours() -> None:
    base_file = packaged_file(BASE_PACKAGE, BASE_GGUF)
    assert base_file is not None
    assert check(base_file) == []


def test_the_compiled_decode_step_says_what_the_full_weights_say(
    real: BaseModel, tmp_path: Path
) -> None:
    text = "The contract ends on the last day of the month in which either party gives notice."
    ids = real.tokenizer.encode(text)
    with torch.inference_mode():
        full_TV = logits_of(real.forward, ids).float()
        decoder = decoder_for(real, 1, tmp_path)
        assert decoder is not None
        pool = SlotPool(real.forward.config, 2, 4, real.forward.dtype, real.forward.device)
        cache = RowCache(real.forward.config, 1, real.forward.dtype, real.forward.device)
        rows = []
        for token in ids:
            rows.append(decoder.step(cache, pool, [token], [0])[0].clone())
            cache.grow(range(1), 1)
        decoder.close()
    compiled_TV = torch.stack(rows)
    wanted = torch.tensor(ids[1:])
    losses = [
        float(torch.nn.functional.cross_entropy(x[:-1], wanted)) for x in (full_TV, compiled_TV)
    ]
    assert losses[1] == pytest.approx(losses[0], rel=0.02)
    assert float((compiled_TV - full_TV).pow(2).mean().sqrt() / full_TV.std()) < 0.05
