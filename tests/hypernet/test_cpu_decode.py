"""The compiled CPU decode step against torch's forward pass, on tiny random models."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import gguf
import numpy as np
import pytest
import torch
from tiny_models import ActiveFrom, byte_tokenizer, held, logits_of, save_tiny_base, tiny_adapter
from transformers import Qwen2Config, Qwen2ForCausalLM, Qwen3Config, Qwen3ForCausalLM

from hypernet.base_model.kv_cache import RowCache
from hypernet.base_model.llama import Llama, linear_path
from hypernet.base_model.loading import BaseModel, load_base
from hypernet.base_model.sources import Source
from hypernet.engine.cpu import store, weights
from hypernet.engine.cpu.decoder import CpuDecoder
from hypernet.engine.cpu.threads import ThreadCount
from hypernet.engine.cpu.weights import HEAD, Groups
from hypernet.engine.interface import Request
from hypernet.engine.torch.engine import TorchEngine
from hypernet.engine.torch.slots import SlotPool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

pytestmark = pytest.mark.slow

# Sizes that the tiles suit: heads of 64, groups of 32 inputs.
SIZES: dict[str, Any] = {
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "head_dim": 64,
}
TEXTS = ("one", "a second text, and a longer one", "xy", "the fourth", "fifth", "6th", "77", "8.",
         "and the last")  # fmt: skip
ROWS = len(TEXTS)


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> BaseModel:
    folder = save_tiny_base(tmp_path_factory.mktemp("wide"), initializer_range=0.2, **SIZES)
    base = load_base(Source("settings", str(folder)), folder, dtype=torch.float32)
    return rounded(base, weights.quantise)


def dequantise(groups: Groups) -> NDArray[np.float32]:
    """The weights [O, I] that groups stand for."""
    exact = groups.q_Og32 * groups.d_Og[..., None].astype(np.float32)
    if groups.m_Og is not None:
        exact = exact + groups.m_Og[..., None].astype(np.float32)
    return exact.reshape(len(exact), -1).astype(np.float32)


def rounded(base: BaseModel, quantise: Callable[[NDArray[np.float32]], Groups]) -> BaseModel:
    """The base with the weights that its quantised ones stand for, the head apart."""
    config, own = base.forward.config, dict(base.forward.weights)
    own["lm_head.weight"] = base.forward.head_VD
    paths = [linear_path(n, name) for n in range(config.layers) for name in config.linear_sizes()]
    for name in [f"{path}.weight" for path in paths] + ["lm_head.weight"]:
        exact = dequantise(quantise(own[name].float().numpy()))
        own[name] = torch.from_numpy(exact).to(base.forward.dtype)
    return replace(base, forward=Llama(config, own))


def decoder_of(base: BaseModel, threads: int | None = None) -> CpuDecoder:
    llama = base.forward

    def weight(path: str) -> Any:
        tensor = llama.head_VD if path == HEAD else llama.weights[f"{path}.weight"]
        return tensor.float().numpy()

    return CpuDecoder(llama, weights.of_weights(llama.config, weight), ROWS, threads)


class Bench:
    """Rows that have read their texts, ready for one decode step."""

    def __init__(self, base: BaseModel, adapters: Sequence[Any]) -> None:
        self.base, self.adapters = base, adapters
        llama = base.forward
        self.pool = SlotPool(llama.config, 16, 4, llama.dtype, llama.device)
        self.cache = RowCache(llama.config, ROWS, llama.dtype, llama.device)
        self.slots = [self.pool.acquire(adapter) for adapter in adapters]
        self.ids = [base.tokenizer.encode(text) for text in TEXTS]
        for row, ids in enumerate(self.ids):
            view = self.cache.view(range(row, row + 1), len(ids) - 1)
            llama.run(llama.embed(torch.tensor([ids[:-1]])), view.positions_BT, view,
                      view.mask_BTS, self.pool.delta([self.slots[row]]))  # fmt: skip
            view.commit()

    def step(self, decoder: CpuDecoder, rows: int = ROWS) -> torch.Tensor:
        tokens = [ids[-1] for ids in self.ids[:rows]]
        return decoder.step(self.cache, self.pool, tokens, self.slots[:rows]).clone()

    def expected(self) -> torch.Tensor:
        sizes = self.base.forward.config.linear_sizes()
        deltas = [None if a is None else ActiveFrom(a, 0, sizes) for a in self.adapters]
        return torch.stack(
            [
                logits_of(self.base.forward, ids, delta)[-1]
                for ids, delta in zip(self.ids, deltas, strict=True)
            ]
        )


@pytest.fixture(scope="module")
def bench(wide: BaseModel) -> Bench:
    adapters = [None if n % 3 == 2 else tiny_adapter(wide.forward, n) for n in range(ROWS)]
    return Bench(wide, adapters)


@pytest.fixture(scope="module")
def decoder(wide: BaseModel) -> Iterator[CpuDecoder]:
    decoder = decoder_of(wide, threads=2)
    yield decoder
    decoder.close()


# What it computes


def test_a_step_gives_torchs_logits_for_rows_of_any_length_under_any_adapter(
    bench: Bench, decoder: CpuDecoder
) -> None:
    expected = bench.expected()
    assert expected.std() > 1
    torch.testing.assert_close(bench.step(decoder), expected, atol=2e-3, rtol=1e-3)


@pytest.mark.parametrize("rows", range(1, ROWS))
def test_a_rows_bits_do_not_depend_on_how_many_run_beside_it(
    bench: Bench, decoder: CpuDecoder, rows: int
) -> None:
    assert torch.equal(bench.step(decoder, rows), bench.step(decoder)[:rows])


@pytest.mark.parametrize("threads", [1, 3, 5])
def test_any_number_of_threads_gives_the_same_bits(
    bench: Bench, decoder: CpuDecoder, wide: BaseModel, threads: int
) -> None:
    other = decoder_of(wide, threads)
    try:
        assert torch.equal(bench.step(other), bench.step(decoder))
    finally:
        other.close()


def test_threads_that_go_and_come_back_between_steps_change_no_bit(
    bench: Bench, decoder: CpuDecoder, wide: BaseModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    class Changing(ThreadCount):
        def saw(self, seconds: float, ran: float) -> None:
            asked.append(self.now)
            self.now = self.now % self.most + 1

    monkeypatch.setattr("hypernet.engine.cpu.decoder.ThreadCount", Changing)
    other, expected = decoder_of(wide, 3), bench.step(decoder)
    try:
        assert all(torch.equal(bench.step(other), expected) for _ in range(6))
    finally:
        other.close()
    assert asked == [3, 1, 2, 3, 1, 2]


@pytest.mark.parametrize("kind", ["biases", "q and k norms"])
def test_biases_and_head_norms_count(tmp_path: Path, kind: str) -> None:
    sizes: dict[str, Any] = {**SIZES, "vocab_size": 320, "num_hidden_layers": 4,
                             "max_position_embeddings": 128, "initializer_range": 0.2}  # fmt: skip
    torch.manual_seed(3)
    model = (
        Qwen2ForCausalLM(Qwen2Config(**sizes))
        if kind == "biases"
        else Qwen3ForCausalLM(Qwen3Config(**sizes))
    )
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "norm" in name or name.endswith("bias"):
                parameter.add_(torch.randn_like(parameter) * 0.3)
    model.save_pretrained(str(tmp_path))
    byte_tokenizer().save_pretrained(str(tmp_path))
    base = load_base(Source("settings", str(tmp_path)), tmp_path, dtype=torch.float32)
    base = rounded(base, weights.quantise)
    bench, decoder = Bench(base, [None] * ROWS), decoder_of(base, threads=2)
    try:
        torch.testing.assert_close(bench.step(decoder), bench.expected(), atol=2e-3, rtol=1e-3)
    finally:
        decoder.close()


def test_bfloat16_and_four_bits_stay_within_bfloat16s_own_rounding(wide: BaseModel) -> None:
    def four_bits(weights_OI: NDArray[np.float32]) -> Groups:
        return weights.from_q4_1(q4_1(weights_OI))

    exact = rounded(wide, four_bits)
    llama = exact.forward
    halved = replace(
        exact,
        forward=Llama(llama.config, {k: t.to(torch.bfloat16) for k, t in llama.weights.items()}),
    )

    def linear(path: str) -> Groups:
        tensor = llama.head_VD if path == HEAD else llama.weights[f"{path}.weight"]
        return (weights.quantise if path == HEAD else four_bits)(tensor.float().numpy())

    decoder = CpuDecoder(halved.forward, weights.lay_out(llama.config, linear), ROWS, 2)
    bench = Bench(halved, [None] * ROWS)
    try:
        found = bench.step(decoder)
    finally:
        decoder.close()
    expected = Bench(exact, [None] * ROWS).expected()
    assert float((found - expected).pow(2).mean().sqrt() / expected.std()) < 0.03


# The weights


def q4_1(weights_OI: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.asarray(gguf.quants.quantize(weights_OI, gguf.GGMLQuantizationType.Q4_1))


def test_gguf_blocks_stand_for_the_same_weights_here_and_there() -> None:
    drawn = np.random.default_rng(1).normal(size=(6, 96)).astype(np.float32)
    for kind, read in (("Q4_1", weights.from_q4_1), ("Q8_0", weights.from_q8_0)):
        type_ = gguf.GGMLQuantizationType[kind]
        raw = np.asarray(gguf.quants.quantize(drawn, type_))
        ours = dequantise(read(raw))
        np.testing.assert_allclose(ours, gguf.quants.dequantize(raw, type_), rtol=1e-6)
        assert np.abs(ours - drawn).max() < 0.3


def test_eight_bits_are_within_half_a_step_of_the_weights() -> None:
    drawn = np.random.default_rng(2).normal(size=(5, 64)).astype(np.float32)
    drawn[2, :32] = 0
    groups = weights.quantise(drawn)
    step = groups.d_Og.astype(np.float32).repeat(32, 1)
    assert (np.abs(dequantise(groups) - drawn) <= 0.51 * step + 1e-6).all()


def test_sizes_that_the_tiles_do_not_suit_get_no_decoder(base: BaseModel, tmp_path: Path) -> None:
    assert not weights.fits(base.forward.config)
    assert store.decoder_for(base, 2, tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_laid_out_weights_are_kept_and_read_again(wide: BaseModel, tmp_path: Path) -> None:
    first = store.load(wide, tmp_path)
    (file,) = (tmp_path / "decode").iterdir()
    written = file.stat().st_mtime_ns
    again = store.load(wide, tmp_path)
    assert file.stat().st_mtime_ns == written
    assert first.keys() == again.keys()
    assert all(np.array_equal(first[name], again[name]) for name in first)


@pytest.mark.parametrize("left", [0, 50, -1])
def test_laid_out_weights_that_are_damaged_are_made_anew(
    wide: BaseModel, tmp_path: Path, left: int
) -> None:
    first = store.load(wide, tmp_path)
    (file,) = (tmp_path / "decode").iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[:left])
    again = store.load(wide, tmp_path)
    assert file.read_bytes() == whole
    assert all(np.array_equal(first[name], again[name]) for name in first)


def test_laid_out_weights_are_used_where_there_is_no_room_to_keep_them(
    wide: BaseModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(store, "write_arrays", full)
    found = store.load(wide, tmp_path)
    assert list((tmp_path / "decode").iterdir()) == []
    monkeypatch.undo()
    kept = store.load(wide, tmp_path)
    assert all(np.array_equal(found[name], kept[name]) for name in kept)


# In the engine


def test_a_decoder_on_demand_gives_what_one_made_at_once_gives(
    wide: BaseModel, tmp_path: Path
) -> None:
    texts = []
    for make, kind in (
        (store.decoder_on_demand, CpuDecoder),  # nothing is laid out or compiled yet
        (store.decoder_on_demand, store.DecoderOnDemand),
        (store.decoder_for, CpuDecoder),
    ):
        decoder = make(wide, 2, tmp_path)
        assert isinstance(decoder, kind)
        engine = TorchEngine(wide, rows=2, slots=4, decoder=decoder)
        texts.append([engine.submit(Request(t, max_tokens=9)).result().text for t in TEXTS[:2]])
        engine.close()
    assert texts[0] == texts[1] == texts[2]


def test_an_engine_that_never_decoded_closes_with_its_decoder_unmade(
    wide: BaseModel, tmp_path: Path
) -> None:
    store.decoder_for(wide, 2, tmp_path)
    said: list[str] = []
    decoder = store.decoder_on_demand(wide, 2, tmp_path, lambda _, message: said.append(message))
    engine = TorchEngine(wide, rows=2, slots=4, decoder=decoder)
    assert engine.submit(Request("a", labels=("one", "two"))).result().text in ("one", "two")
    engine.close()
    assert said == []


def test_an_engine_with_the_decoder_gives_each_request_what_it_gives_alone(
    wide: BaseModel, decoder: CpuDecoder
) -> None:
    engine = TorchEngine(wide, rows=4, slots=8, rank=4, decoder=decoder_of(wide, 2))
    requests = [
        Request(
            text, adapter=None if n % 3 == 2 else tiny_adapter(wide.forward, n), max_tokens=6 + n
        )
        for n, text in enumerate(TEXTS)
    ]
    alone = [engine.submit(request).result() for request in requests]
    with held(engine):
        tickets = [engine.submit(request) for request in requests]
    assert [ticket.result().text for ticket in tickets] == [a.text for a in alone]
    assert len({a.text for a in alone}) == ROWS
    engine.close()
