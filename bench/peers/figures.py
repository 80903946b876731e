"""What is measured: each figure as two arms that take turns, and what both arms share.

A round's number makes its texts and tasks new, so that no cache of any engine helps.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Literal

from bench.peers import Contender, NotMeasuredError
from bench.peers.llamacpp_peer import LlamaCpp
from bench.peers.ours import Ours
from bench.peers.peft_peer import Peft
from bench.peers.transformers_peer import Transformers
from bench.peers.workload import Workload, renamed, task
from hypernet.base_model.chat import ChatFormat
from hypernet.base_model.loading import base_folder
from hypernet.runtime import RuntimeOptions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bench.peers import Call
    from hypernet.base_model.loading import BaseModel
    from hypernet.hypernetwork.generator import Generator

    Arm = Callable[["Bench", int], float]

Who = Literal["ours", "peft", "llamacpp", "transformers"]
WHO: tuple[Who, ...] = ("ours", "peft", "llamacpp")
COUNTS = (1, 2, 4, 8)
AGREED_TOKENS, AGREED_PROMPTS = 8, 3
# Short measurements are repeated within a round, which takes their median.
REPEATS = 5
# Between two arms, so that the threads of the one before have stopped waiting for more work.
REST_S = 0.2


@dataclass(frozen=True)
class Sizes:
    """How much of everything, in tokens."""

    decoded: int = 64
    prompt: int = 48
    read: int = 512
    read_short: int = 128
    history: int = 1500
    served: int = 16


QUICK = Sizes(decoded=8, prompt=24, read=64, history=160, served=4)


class Bench:
    """All that is measured, loaded when first asked for."""

    def __init__(self, base: BaseModel, generator: Generator, sizes: Sizes, scratch: Path) -> None:
        self.base, self.generator, self.sizes, self.scratch = base, generator, sizes, scratch
        self.device = str(base.forward.device)
        self.rows = 32 if self.device.startswith("cuda") else 8
        self.slots = 2 * self.rows
        self.work = Workload(ChatFormat.of(base.tokenizer))
        self.adapters = [generator.write(task(number)) for number in range(self.rows)]
        rank = generator.network.config.rank
        self.ours = Ours(base, rank=rank, rows=self.rows, slots=self.slots)

    @cached_property
    def peft(self) -> Peft:
        """The PEFT model.

        Raises:
            NotMeasuredError: it is not installed.
        """
        folder = base_folder(self.base.source, RuntimeOptions().cache)
        return Peft(folder, self.scratch, self.device)

    @cached_property
    def transformers(self) -> Transformers:
        """The base model alone."""
        return Transformers(base_folder(self.base.source, RuntimeOptions().cache), self.device)

    @cached_property
    def llamacpp(self) -> LlamaCpp:
        """The llama.cpp models.

        Raises:
            NotMeasuredError: it is not installed, or does not fit what is measured.
        """
        if self.device != "cpu":
            raise NotMeasuredError("llama.cpp is measured on the CPU only")
        return LlamaCpp(Path(self.base.source.location), self.scratch)

    def contender(self, who: Who) -> Contender:
        """One of the engines by name."""
        found: Contender = getattr(self, who)
        return found

    def calls(self, rows: int, turn: int, *, adapted: bool = True) -> list[Call]:
        """Prompts of equal length that no round before had, each with its own adapter or none."""
        return [
            self.work.call(
                self.sizes.prompt, 1000 * turn + row, self.adapters[row] if adapted else None
            )
            for row in range(rows)
        ]

    def close(self) -> None:
        """Stop what runs."""
        self.ours.close()
        if "llamacpp" in self.__dict__:
            self.llamacpp.close()


def decode(who: Who, rows: int, *, adapted: bool = True) -> Arm:
    """Tokens per second of some rows with as many adapters."""

    def arm(bench: Bench, turn: int) -> float:
        calls = bench.calls(rows, turn, adapted=adapted)
        return bench.contender(who).decode(calls, bench.sizes.decoded)

    return arm


def read(who: Who) -> Arm:
    """Milliseconds to the first token after a prompt that is new each time."""

    def arm(bench: Bench, turn: int) -> float:
        call = bench.work.call(bench.sizes.read, turn, bench.adapters[0])
        return bench.contender(who).first_token(call)

    return arm


def install(who: Literal["ours", "peft"]) -> Arm:
    """Milliseconds to take in an adapter that was generated before."""

    def arm(bench: Bench, turn: int) -> float:
        if who == "peft":
            bench.peft.prepare(bench.adapters)  # as many as our engine's rows would hold

        def once(number: int) -> float:
            adapter = renamed(bench.adapters[number % bench.rows], f"installed-{number}")
            return bench.ours.install(adapter) if who == "ours" else bench.peft.install(adapter)

        return typical(once, turn)

    return arm


def new_task(who: Literal["ours", "peft"]) -> Arm:
    """Milliseconds to the first token of another task's step after a long history."""

    def arm(bench: Bench, turn: int) -> float:
        history = bench.work.text(bench.sizes.history, seed=7)
        tokens = bench.work.chat.count(history) + bench.sizes.prompt
        before = bench.work.call(tokens, 7, bench.adapters[0], history)
        adapter = bench.adapters[1]
        if who == "ours":
            bench.ours.run(before, 1)
            adapter = renamed(adapter, f"task-{turn}")
        return bench.contender(who).first_token(bench.work.call(tokens, turn, adapter, history))

    return arm


def write(bench: Bench, turn: int) -> float:
    """Milliseconds to write the adapter of a task that was never seen."""

    def once(number: int) -> float:
        started = time.perf_counter()
        bench.generator.write(task(10_000 + number))
        return 1000 * (time.perf_counter() - started)

    return typical(once, turn)


def read_short(bench: Bench, turn: int) -> float:
    """Milliseconds in which our engine reads a short prompt."""
    tokens = bench.sizes.read_short
    return typical(
        lambda n: bench.ours.run(bench.work.call(tokens, 50_000 + n, None), 1).prefill_ms, turn
    )


def serve(share: float) -> Arm:
    """Tokens per second over requests that go through so many adapters per slot, over and over."""

    def arm(bench: Bench, turn: int) -> float:
        count = int(share * bench.slots)
        # Other names for the same few weights: to an engine these are adapters of their own.
        used = [renamed(bench.adapters[n % bench.rows], f"served-{n}") for n in range(count)]
        calls = [
            bench.work.call(bench.sizes.prompt, 1000 * turn + n, used[n % count])
            for n in range(2 * bench.slots)
        ]
        for adapter in used:  # what fits is there before the clock starts
            bench.ours.install(adapter)
        return bench.ours.serve(calls, bench.sizes.served)

    return arm


def typical(once: Callable[[int], float], turn: int) -> float:
    """The median of a few measurements, each with a number of its own."""
    return median(once(REPEATS * turn + n) for n in range(REPEATS))


@dataclass(frozen=True)
class Figure:
    """A ratio of two measurements."""

    about: str
    unit: str
    ours: Arm
    peer: Arm
    turned: bool = False
    """The ratio is the peer's to ours: of times, so that more is better."""
    gpu: bool = False


def rates(about: str, ours: Arm, peer: Arm, *, gpu: bool = False) -> Figure:
    """Ours to the peer's, in tokens per second."""
    return Figure(about, "tokens/s", ours, peer, gpu=gpu)


def times(about: str, ours: Arm, peer: Arm) -> Figure:
    """The peer's to ours, in milliseconds."""
    return Figure(about, "ms", ours, peer, turned=True)


ONE, EIGHT, MANY = decode("ours", 1), decode("ours", 8), decode("ours", 32)
FIGURES = {
    "decode_vs_llamacpp": rates("decoding, 1 session", ONE, decode("llamacpp", 1)),
    "decode_vs_peft": rates("decoding, 1 session", ONE, decode("peft", 1)),
    "base_vs_transformers": rates(
        "decoding, no adapter",
        decode("ours", 1, adapted=False),
        decode("transformers", 1, adapted=False),
    ),
    "prefill_vs_llamacpp": times("reading a new prompt", read("ours"), read("llamacpp")),
    "mixed8_vs_peft": rates("decoding, 8 adapters", EIGHT, decode("peft", 8)),
    "mixed8_vs_llamacpp": rates("8 adapters; peer in turn", EIGHT, decode("llamacpp", 8)),
    "adapter_keep_1": rates("1 row; peer: no adapter", ONE, decode("ours", 1, adapted=False)),
    "adapter_keep_8": rates("8 rows; peer: no adapter", EIGHT, decode("ours", 8, adapted=False)),
    "install_vs_peft": times("taking in an adapter", install("ours"), install("peft")),
    "ttft_new_task_vs_peft": times("new task, old history", new_task("ours"), new_task("peft")),
    "generate_vs_prefill128": Figure(
        "writing an adapter; peer: reading 128 tokens; less is better", "ms", write, read_short
    ),
    "over_capacity_keep": rates("adapters twice the slots; peer: half", serve(2), serve(0.5)),
    "gpu_mixed32_keep": rates(
        "32 rows; peer: no adapter", MANY, decode("ours", 32, adapted=False), gpu=True
    ),
    "gpu_mixed32_vs_peft": rates("decoding, 32 adapters", MANY, decode("peft", 32), gpu=True),
}


def alternate(bench: Bench, arms: Mapping[str, Arm], rounds: int) -> dict[str, list[float]]:
    """Samples of each arm, one a round, after a round that does not count."""
    samples: dict[str, list[float]] = {name: [] for name in arms}
    for turn in range(rounds + 1):
        for name in list(arms) if turn % 2 else list(arms)[::-1]:
            time.sleep(REST_S)
            value = arms[name](bench, turn)
            if turn:
                samples[name].append(value)
    return samples


def measure(bench: Bench, figure: Figure, rounds: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """A figure and its samples.

    Raises:
        NotMeasuredError: says why it cannot be measured here.
    """
    if figure.gpu and bench.device == "cpu":
        raise NotMeasuredError("needs --device cuda")
    samples = alternate(bench, {"peer": figure.peer, "ours": figure.ours}, rounds)
    of = ("peer", "ours") if figure.turned else ("ours", "peer")
    over, under = (samples[name] for name in of)
    ratios = [a / b for a, b in zip(over, under, strict=True)]
    found = {
        "value": median(over) / median(under),
        "low": min(ratios),
        "high": max(ratios),
        "ours": median(samples["ours"]),
        "peer": median(samples["peer"]),
    }
    return {k: float(f"{v:.4g}") for k, v in found.items()} | {"unit": figure.unit}, samples


def scaling(bench: Bench, rounds: int) -> dict[str, dict[str, list[float]]]:
    """Samples of decoding by number of rows, each with its own adapter, for every engine there."""
    there = [who for who in WHO if not reason_against(bench, who)]
    found: dict[str, dict[str, list[float]]] = {}
    for count in COUNTS:
        arms = {str(who): decode(who, count) for who in there}
        found[str(count)] = alternate(bench, arms, rounds)
    return found


def reason_against(bench: Bench, who: Who) -> str:
    """Why an engine cannot be measured here; empty when it can."""
    try:
        bench.contender(who)
    except NotMeasuredError as error:
        return str(error)
    return ""


def agreement(bench: Bench) -> dict[str, Any]:
    """Where the engines' greedy answers first differ, so that it is known that all do the same.

    Our engine lets the base alone read the markup before the input, and PEFT is told to do so for
    this; llama.cpp cannot, and is held against PEFT with the adapter on the whole prompt.
    """
    count = AGREED_TOKENS
    calls = [bench.work.question(adapter) for adapter in bench.adapters[:AGREED_PROMPTS]]
    report: dict[str, Any] = {"tokens": count, "prompts": len(calls)}
    if reason := reason_against(bench, "peft"):
        return report | {"not_compared": reason}
    report["ours_vs_peft"] = [
        first_difference(bench.ours.text(call, count), bench.peft.texts_after_head(call, count))
        for call in calls
    ]
    if not reason_against(bench, "llamacpp"):
        report["llamacpp_vs_peft"] = [
            first_difference(bench.llamacpp.text(call, count), bench.peft.texts(call, count))
            for call in calls
        ]
    return report


def first_difference(text: str, steps: list[str]) -> int | None:
    """The first token, from 0, after which the text no longer follows the steps; None if none."""
    for number, step in enumerate(steps):
        # A token may end within a character.
        if not text.startswith(step.rstrip("\N{REPLACEMENT CHARACTER}")):
            return number
    return None
