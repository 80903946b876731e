"""Everything that a step needs of the model side, loaded together: engine and adapter library.

Importing this does not import torch.
"""

from __future__ import annotations

import atexit
import gc
import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from platformdirs import user_cache_path

from hypernet.adapters.cache import AdapterCache
from hypernet.base_model.loading import load_base
from hypernet.base_model.sources import ModelNotFoundError, base_source, encoder_source
from hypernet.engine.interface import Capabilities, Engine, EngineError, Limits
from hypernet.engine.registry import load_engine
from hypernet.hypernetwork.embedding import Embedder
from hypernet.hypernetwork.reliability import Reliability
from hypernet.progress import silent
from hypernet.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hypernet.base_model.loading import BaseModel
    from hypernet.hypernetwork.encoder import Encoder
    from hypernet.hypernetwork.generator import Generator
    from hypernet.progress import Progress

DEFAULT_RANK = 16


@dataclass(frozen=True)
class RuntimeOptions:
    """What to load and from where."""

    engine: str = "torch"
    """By its name in the entry point group `hypernet.engines`."""
    base: str | None = None
    encoder: str | None = None
    hypernetwork: str | None = None
    device: str = "cpu"
    rows: int = 8
    decode: Literal["quantised", "full"] = "quantised"
    """Which weights a CPU decodes with: 4 or 8 bits, or those that read the prompt."""
    decode_at_once: bool = False
    """Whether what decodes is loaded with the rest, and not before the first token is decoded: for
    who knows that it will be. In all it takes as long, and a little less memory."""
    cache: Path = field(default_factory=lambda: user_cache_path("hypernet-mcp", appauthor=False))
    engine_url: str | None = None
    """The address of the server that an engine runs its steps on, for engines that have one."""
    engine_key: str | None = field(default=None, repr=False)
    """What that server asks its clients for."""
    adapters: Path | None = None
    """The folder in which such a server finds adapters; None is one in the cache."""
    adapters_mb: int = 10_240
    """Most megabytes (1024² bytes) of it."""
    engine_adapters: str | None = None
    """The folder as that server sees it, where that is another path."""
    engine_patience: float = 90.0
    """Seconds for which that server is tried again when it is away."""


@dataclass(frozen=True)
class Runtime:
    """A loaded model side.

    Without a hypernetwork for the base, `library` is None. Without an encoder, `embedder` is.
    """

    engine: Engine
    library: AdapterCache | None
    about: dict[str, Any]
    embedder: Embedder | None = None
    turns: Turns = field(default_factory=Turns)
    """Where a step says that it runs, so that long work gives way."""
    reliability: Reliability = field(default_factory=Reliability)
    """What development tasks showed of the hypernetwork's answers."""

    @property
    def identity(self) -> str:
        """What a measurement of answers holds for: engine, base, hypernetwork and encoder."""
        base = self.about.get("base_fingerprint") or self.about.get("base")
        parts = self.about.get("engine"), base, self.about.get("hypernetwork"), self.embedder
        named = [each.name if isinstance(each, Embedder) else each for each in parts]
        return ", ".join(str(each) for each in named if each)

    def close(self) -> None:
        """Stop the engine."""
        self.engine.close()


@dataclass(frozen=True)
class Writer:
    """The model side without an engine: the base, the hypernetwork and the encoder, if any.

    The base that reads tasks is loaded in this process whatever runs the steps.
    """

    base: BaseModel
    generator: Generator | None
    embedder: Embedder | None
    about: dict[str, Any]

    @property
    def rank(self) -> int:
        """The LoRA rank to make room for: that of the adapters it writes, else 16."""
        return DEFAULT_RANK if self.generator is None else self.generator.network.config.rank

    def runtime(self, engine: Engine, name: str, **about: Any) -> Runtime:
        """A runtime around an engine; `about` is what else `status` shows of it."""
        about = {"engine": name, **about, **self.about}
        if self.generator is None:
            return Runtime(engine, None, about, self.embedder)
        library, turns = AdapterCache(self.generator), self.generator.turns
        reliability = Reliability.of_card(self.generator.card)
        return Runtime(engine, library, about, self.embedder, turns, reliability)


def load_runtime(options: RuntimeOptions, progress: Progress = silent) -> Runtime:
    """Load what the options name.

    Raises:
        EngineNotFoundError: the engine is not installed, or its module does not import.
        EngineError: what it loaded is no runtime, or its engine lacks something.
        ModelNotFoundError: a model is not to be had; says which command supplies it.
        BrokenModelError: a file of a model is damaged or missing.
        ValueError: the hypernetwork's files do not fit the base or encoder.
    """
    # Nor does the process's end look for garbage in what is loaded: that takes half a second.
    atexit.unregister(gc.freeze)
    atexit.register(gc.freeze)
    try:
        with without_collections():
            runtime = load_engine(options.engine)(options, progress)
    except SystemExit as error:  # else it would end a thread of the server, and nobody would know
        raise EngineError(f"engine: {options.engine!r} gave up: {error}") from error
    if not isinstance(runtime, Runtime):
        kind = type(runtime).__name__
        raise EngineError(f"engine: {options.engine!r} gave a {kind}, expected is a Runtime")
    _check_engine(options.engine, runtime.engine)
    return runtime


@contextmanager
def without_collections() -> Iterator[None]:
    """No garbage collection meanwhile: imports make a million objects, and all of them stay."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def wait_without_spinning() -> None:
    """Have torch's threads sleep while they wait for each other; before torch is imported.

    Else they wait in loops, and where anything else runs on one of their cores each wait takes as
    long as that keeps it: training on a task's examples then takes minutes instead of seconds
    (`python -m bench.field.busy_machine`). What the environment says goes before.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")


def _check_engine(name: str, engine: object) -> None:
    """Refuse an engine that lacks what every call needs."""
    members = sorted(member for member in vars(Engine) if not member.startswith("_"))
    lacking = [member for member in members if not hasattr(engine, member)]
    if lacking:
        raise EngineError(f"engine: {name!r} lacks {', '.join(lacking)}")
    for member, kind in (("limits", Limits), ("capabilities", Capabilities)):
        if not isinstance(getattr(engine, member), kind):
            raise EngineError(f"engine: the {member} of {name!r} are no {kind.__name__}")


def load_writer(options: RuntimeOptions, progress: Progress = silent) -> Writer:
    """Load the base, the encoder and the hypernetwork for the base, for any engine.

    Raises:
        ModelNotFoundError: a model is not to be had; says which command supplies it.
        BrokenModelError: a file of a model is damaged or missing.
        ValueError: the hypernetwork's files do not fit the base or encoder.
    """
    progress(0.0, "importing torch")
    wait_without_spinning()
    from hypernet.adapters.kept import KeptAdapters
    from hypernet.base_model.chat import ChatFormat
    from hypernet.hypernetwork.card import find_weights
    from hypernet.hypernetwork.encoder import Encoder
    from hypernet.hypernetwork.generator import load_generator

    base = load_base(
        base_source(options.base), options.cache, device=options.device, progress=progress
    )
    about: dict[str, Any] = {
        "base": base.name,
        "base_fingerprint": base.fingerprint,
        "device": options.device,
        "dtype": str(base.forward.dtype).removeprefix("torch."),
    }
    folder = find_weights(base.name, options.hypernetwork)
    progress(0.95, "loading the encoder and the hypernetwork")
    if folder is None:
        about["hypernetwork"] = "none for this base: steps run in `prompted` mode"
        try:
            embedder = _embedder(
                Encoder.load(encoder_source(options.encoder), progress, options.cache)
            )
        except ModelNotFoundError as error:  # steps run without it, and words are still searched
            about["search"], embedder = f"by words alone: {error}", None
        return Writer(base, None, embedder, about)
    encoder = Encoder.load(encoder_source(options.encoder), progress, options.cache)
    kept = KeptAdapters(options.cache / "adapters")
    generator = load_generator(folder, base, ChatFormat.of(base.tokenizer), encoder, kept)
    about["hypernetwork"] = f"{generator.card['name']} {generator.version}"
    if generator.card["base"]["fingerprint"] != base.fingerprint:
        about["note"] = "the hypernetwork was trained on another copy of this base (other rounding)"
    return Writer(base, generator, _embedder(encoder), about)


def _embedder(encoder: Encoder) -> Embedder:
    return Embedder(encoder.fingerprint, encoder.embed)
