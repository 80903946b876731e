"""Tiny real models, tokenizers and adapters, and the slow, plain way to compute what they say."""
# ruff: noqa: S106  # the tokens named here are words of a vocabulary

from __future__ import annotations

import gzip
import json
import random
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import torch
import transformers as hf
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import BertConfig, BertModel, LlamaConfig, LlamaForCausalLM
from transformers import PreTrainedTokenizerFast as FastTokenizer

from hypernet.adapters.adapter import Adapter
from hypernet.base_model.chat import ChatFormat
from hypernet.base_model.kv_cache import Recorder
from hypernet.base_model.llama import FUSED
from hypernet.engine.interface import Request
from hypernet.hypernetwork.conditioning import ConditionReader
from hypernet.hypernetwork.config import NetworkConfig
from hypernet.hypernetwork.fit import FitGate
from hypernet.hypernetwork.generator import Generator
from hypernet.hypernetwork.network import HyperNetwork

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from torch import Tensor

    from hypernet.base_model.decoder import Delta, Forward
    from hypernet.base_model.loading import BaseModel
    from hypernet.engine.interface import Ticket
    from hypernet.engine.torch.engine import TorchEngine
    from hypernet.hypernetwork.encoder import Encoder
    from hypernet.progress import Progress

WINDOW = 512
FIRST_LAYER = 2  # the first adapted layer of the four
CONTROL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
# As SmolLM2's: a conversation without a system turn gets one.
CHATML = (
    "{% for message in messages %}"
    "{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\nYou are a helpful AI assistant named Tiny<|im_end|>\n' }}"
    "{% endif %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


def byte_tokenizer(chat_template: str | None = CHATML) -> FastTokenizer:
    """A token per byte, and the ChatML control tokens."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocab = {token: number for number, token in enumerate((*CONTROL, *alphabet))}
    backend = Tokenizer(models.BPE(vocab=vocab, merges=[]))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    tokenizer = FastTokenizer(
        tokenizer_object=backend,
        bos_token="<|im_start|>",
        eos_token="<|im_end|>",
        pad_token="<|im_end|>",
        unk_token="<|endoftext|>",
    )
    tokenizer.chat_template = chat_template
    return tokenizer


def merging_tokenizer(texts: Sequence[str], size: int = 400) -> FastTokenizer:
    """Byte-level BPE with a few merges across words and marks, as real vocabularies have."""
    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    backend.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        show_progress=False,
        special_tokens=list(CONTROL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    )
    backend.train_from_iterator(list(texts) * 3, trainer)
    return FastTokenizer(tokenizer_object=backend, eos_token="<|im_end|>")


def save_tiny_base(folder: Path, *, seed: int = 0, **changes: Any) -> Path:
    """A random Llama that writes printable ASCII, with its tokenizer."""
    tokenizer = byte_tokenizer()
    torch.manual_seed(seed)
    sizes: dict[str, Any] = {
        "vocab_size": len(tokenizer),
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 4,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": WINDOW,
        "initializer_range": 0.3,  # so that what comes before decides what comes next
        "tie_word_embeddings": True,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    model = LlamaForCausalLM(LlamaConfig(**{**sizes, **changes}))
    odd = [i for i in range(len(tokenizer)) if not _printable(tokenizer.decode([i]))]
    with torch.no_grad():  # short rows of the tied head: their tokens are never the likeliest
        model.model.embed_tokens.weight[odd] *= 0.1
    model.save_pretrained(str(folder))
    tokenizer.save_pretrained(str(folder))
    return folder


FAMILY_SIZES: dict[str, Any] = {
    "vocab_size": 260,
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "max_position_embeddings": 256,
    "initializer_range": 0.2,
    "pad_token_id": None,
    "bos_token_id": None,
    "eos_token_id": None,
}
GROUPED = {"intermediate_size": 48, "num_key_value_heads": 2}
FAMILIES: dict[str, tuple[Any, dict[str, Any]]] = {
    "gpt2": (hf.GPT2Config, {}),
    "gpt_neox": (hf.GPTNeoXConfig, {"intermediate_size": 48}),
    "gemma": (hf.GemmaConfig, GROUPED | {"head_dim": 16}),
    "granite": (hf.GraniteConfig, GROUPED | {"logits_scaling": 4.0, "embedding_multiplier": 3.0}),
    "olmo2": (hf.Olmo2Config, GROUPED),
    "phi3": (hf.Phi3Config, GROUPED),
    "stablelm": (hf.StableLmConfig, GROUPED),
    "cohere": (hf.CohereConfig, GROUPED | {"logit_scale": 0.25}),
}


def save_tiny_family(folder: Path, kind: str, **changes: Any) -> Path:
    """A random model of a family other than Llama's, with the same tokenizer."""
    config_class, sizes = FAMILIES[kind]
    torch.manual_seed(1)
    config = config_class(**(FAMILY_SIZES | sizes | changes))
    hf.AutoModelForCausalLM.from_config(config).save_pretrained(str(folder))
    byte_tokenizer().save_pretrained(str(folder))
    return folder


def save_tiny_encoder(folder: Path, *, seed: int = 0) -> Path:
    """A random BERT that reads characters."""
    torch.manual_seed(seed)
    characters = sorted({chr(c) for c in range(33, 127)})
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *characters, *(f"##{c}" for c in characters)]
    backend = Tokenizer(
        models.WordPiece(
            vocab={word: number for number, word in enumerate(words)},
            unk_token="[UNK]",
            max_input_chars_per_word=100,
        )
    )
    backend.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer = FastTokenizer(
        tokenizer_object=backend, unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]"
    )
    model = BertModel(
        BertConfig(
            vocab_size=len(words),
            hidden_size=24,
            intermediate_size=48,
            num_hidden_layers=2,
            num_attention_heads=2,
            max_position_embeddings=256,
            initializer_range=0.3,
        )
    )
    model.save_pretrained(str(folder))
    tokenizer.save_pretrained(str(folder))
    return folder


def tiny_adapter(base: Forward, seed: int, *, rank: int = 4, strength: float = 0.3) -> Adapter:
    """Random factors on every linear of the last layers."""
    generator = torch.Generator().manual_seed(1000 + seed)
    factors = {
        (layer, name): (
            torch.randn(inputs, rank, generator=generator) * strength,
            torch.randn(rank, outputs, generator=generator) * strength,
        )
        for layer in range(FIRST_LAYER, base.config.layers)
        for name, (inputs, outputs) in base.config.linear_sizes().items()
    }
    digest = f"tiny-{seed}-{rank}-{strength}"
    return Adapter(digest=digest, rank=rank, basis=factors, paths=base.config.paths)


def activated(adapter: Adapter, chat: ChatFormat) -> Adapter:
    """The same, acting on the answer alone."""
    digest = f"{adapter.digest}-activated"
    return replace(adapter, digest=digest, invocation=tuple(chat.invocation_ids()))


def same_bits(one: Adapter, two: Adapter) -> bool:
    """Whether two adapters have the same linears and, in each, the same numbers."""
    return one.factors.keys() == two.factors.keys() and all(
        torch.equal(mine, other)
        for key in one.factors
        for mine, other in zip(one.factors[key], two.factors[key], strict=True)
    )


def furthest(one: Adapter, two: Adapter) -> float:
    """The largest difference between what two adapters of the same linears add."""
    return max(
        float(((a @ b) - (two.factors[key][0] @ two.factors[key][1])).abs().max())
        for key, (a, b) in one.factors.items()
    )


def tiny_network(base: BaseModel, condition: int, *, trained: bool = True) -> HyperNetwork:
    """A hypernetwork for the tiny base; as after training, B and the head are not zero."""
    torch.manual_seed(6)
    network = HyperNetwork(
        NetworkConfig.for_base(
            base.forward.config, condition=condition, hidden=16, rank=4, first_layer=FIRST_LAYER
        )
    )
    if trained:
        with torch.no_grad():
            for parameter in (*network.b.parameters(), *network.head.parameters()):
                parameter.copy_(torch.randn_like(parameter) * 0.3)
            for name, buffer in network.task.named_buffers():
                spread = torch.rand_like(buffer) + 0.5
                buffer.copy_(spread if name.endswith("scale") else torch.randn_like(buffer) * 0.2)
    return network.eval()


def tiny_reader(base: BaseModel, encoder: Encoder) -> ConditionReader:
    """What reads tasks with the first layers of the tiny base."""
    return ConditionReader(base.forward, ChatFormat.of(base.tokenizer), encoder, FIRST_LAYER)


def tiny_generator(
    base: BaseModel, encoder: Encoder, folder: Path, known: Sequence[str], *, near: float = -1.0
) -> Generator:
    """A hypernetwork as after training, with a gate around some known descriptions."""
    network, reader = tiny_network(base, encoder.size), tiny_reader(base, encoder)
    gate = FitGate(0.9999, near, known, encoder(list(known))[:, None])
    return Generator(network, reader, gate, base.fingerprint, "v1", {}, folder)


def lines_of(kept: list[str]) -> Progress:
    """Progress that appends each message to a list."""
    return lambda fraction, message: kept.append(message)


def task_row(number: int, licence: str = "Unknown", instances: int = 12) -> dict[str, Any]:
    """A task, as a line of a task file, whose answer is always its own letter."""
    draw = random.Random(number)  # noqa: S311  # sampling, not secrets
    return {
        "task": f"task{number}",
        "definition": f"Answer with {chr(65 + number)}.",
        "examples": [{"input": "ab", "output": chr(65 + number)}],
        "labels": [chr(65 + number), "none"] if number % 2 else None,
        "license": licence,
        "instances": [
            {"input": "".join(draw.choices("abcdef", k=6)), "output": [chr(65 + number)]}
            for _ in range(instances)
        ],
    }


def write_rows(file: Path, rows: Sequence[dict[str, Any]]) -> Path:
    """Write rows as JSON lines, gzipped when the name says so."""
    with gzip.open(file, "wt") if file.suffix == ".gz" else file.open("w") as stream:
        stream.writelines(json.dumps(row) + "\n" for row in rows)
    return file


@dataclass(frozen=True)
class ActiveFrom:
    """An adapter written out as plain matrix products, acting from one position on."""

    adapter: Adapter
    start: int = 0
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: FUSED)

    def __call__(self, layer: int, group: str, x_BTI: Tensor) -> Tensor | None:
        pairs = [self.adapter.factors.get((layer, name)) for name in self.groups[group]]
        if all(pair is None for pair in pairs):
            return None
        parts = [
            torch.zeros(*x_BTI.shape[:-1], self.sizes[name][1])
            if pair is None
            else x_BTI @ (pair[0] @ pair[1])
            for name, pair in zip(self.groups[group], pairs, strict=True)
        ]
        added_BTO = torch.cat(parts, -1)
        added_BTO[:, : self.start] = 0
        return added_BTO


@dataclass
class Counting:
    """A forward pass that keeps the tokens that are embedded to be read, and counts them."""

    base: Forward
    rows: list[int] = field(default_factory=list)
    ids: list[tuple[int, ...]] = field(default_factory=list)

    def embed(self, ids_BT: Tensor) -> Tensor:
        self.rows += [ids_BT.shape[1]] * ids_BT.shape[0]
        self.ids += map(tuple, ids_BT.tolist())
        return self.base.embed(ids_BT)

    def times(self, text: Sequence[int]) -> int:
        """How often these ids stand one behind the other in what was embedded."""
        wanted = tuple(text)
        starts = [(row, n) for row in self.ids for n in range(len(row)) if row[n] == wanted[0]]
        return sum(row[n : n + len(wanted)] == wanted for row, n in starts)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.base, name)


@torch.inference_mode()
def logits_of(base: Forward, ids: list[int], delta: Delta | None = None) -> Tensor:
    """Logits [T, V] of one text read in one pass, nothing cached."""
    ids_1T = torch.tensor([ids])
    positions_1T = torch.arange(len(ids))[None]
    x_1TD = base.run(base.embed(ids_1T), positions_1T, Recorder(), None, delta)
    return base.logits(x_1TD)[0]


def slow_greedy(
    engine: TorchEngine, request: Request, adapter: Adapter | None
) -> tuple[list[int], str]:
    """Greedy tokens by reading the whole text anew for each."""
    prefix = engine.chat.prefix_ids(request.prefix)
    ids = prefix + engine.chat.step_ids(request.input)
    start = len(ids)
    sizes = engine.base.forward.config.linear_sizes()
    behind = len(prefix)
    if adapter and adapter.invocation:
        behind += len(engine.chat.input_ids(request.input))
    delta = ActiveFrom(adapter, behind, sizes) if adapter else None
    for _ in range(request.max_tokens):
        ids.append(int(logits_of(engine.base.forward, ids, delta)[-1].argmax()))
    return ids[start:], engine.base.tokenizer.decode(ids[start:])


@dataclass(frozen=True)
class Gate:
    """An adapter without weights, before which the engine waits."""

    digest: str = field(default_factory=lambda: f"gate {uuid4()}")  # installed each time
    rank: int = 1
    nbytes: int = 0
    reached: threading.Event = field(default_factory=threading.Event)
    opened: threading.Event = field(default_factory=threading.Event)

    def peft_config(self) -> dict[str, Any]:
        return {}

    def peft_tensors(self) -> dict[str, Tensor]:
        self.reached.set()
        self.opened.wait()
        return {}


@contextmanager
def held(engine: TorchEngine) -> Iterator[Ticket]:
    """Hold the engine's thread, so that all that is submitted meanwhile starts together."""
    gate = Gate()
    ticket = engine.submit(Request("wait", adapter=gate, max_tokens=1))
    gate.reached.wait()
    try:
        yield ticket
    finally:
        gate.opened.set()


def _printable(text: str) -> bool:
    return len(text) == 1 and " " <= text <= "~"
