"""Everything that a step needs of the model side, loaded together: engine and adapter library.

Knows nothing of MCP or sessions. Importing this does not import torch.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from platformdirs import user_cache_path

from hypernet.adapters.cache import AdapterCache
from hypernet.base_model.loading import load_base
from hypernet.base_model.sources import ModelNotFoundError, base_source, encoder_source
from hypernet.hypernetwork.embedding import Embedder
from hypernet.progress import silent

if TYPE_CHECKING:
    from pathlib import Path

    from hypernet.engine.interface import Engine
    from hypernet.hypernetwork.encoder import Encoder
    from hypernet.progress import Progress


@dataclass(frozen=True)
class RuntimeOptions:
    """What to load and from where."""

    engine: Literal["torch", "echo"] = "torch"
    base: str | None = None
    encoder: str | None = None
    hypernetwork: str | None = None
    device: str = "cpu"
    rows: int = 8
    decode: Literal["quantised", "full"] = "quantised"
    """Which weights a CPU decodes with: 4 or 8 bits, or those that read the prompt."""
    cache: Path = field(default_factory=lambda: user_cache_path("hypernet-mcp", appauthor=False))


@dataclass(frozen=True)
class Runtime:
    """A loaded model side.

    Without a hypernetwork for the base, `library` is None. Without an encoder, `embedder` is.
    """

    engine: Engine
    library: AdapterCache | None
    about: dict[str, Any]
    embedder: Embedder | None = None

    def close(self) -> None:
        """Stop the engine."""
        self.engine.close()


def load_runtime(options: RuntimeOptions, progress: Progress = silent) -> Runtime:
    """Load what the options name.

    Raises:
        ModelNotFoundError: a model is not to be had; says what mends it.
        ValueError: the hypernetwork's files do not fit the base or encoder.
    """
    return _echo() if options.engine == "echo" else _torch(options, progress)


def _echo() -> Runtime:
    from hypernet.engine.echo import EchoEngine, EchoSource, echo_embeddings

    about = {"engine": "echo", "base": "none: answers repeat the input", "hypernetwork": "echo"}
    embedder = Embedder("echo", echo_embeddings)
    return Runtime(EchoEngine(), AdapterCache(EchoSource()), about, embedder)


def _torch(options: RuntimeOptions, progress: Progress) -> Runtime:
    progress(0.0, "importing torch")
    from hypernet.base_model.chat import ChatFormat
    from hypernet.engine.cpu.store import decoder_for
    from hypernet.engine.torch.engine import TorchEngine
    from hypernet.hypernetwork.card import find_weights
    from hypernet.hypernetwork.encoder import Encoder
    from hypernet.hypernetwork.generator import load_generator

    base = load_base(
        base_source(options.base), options.cache, device=options.device, progress=progress
    )
    about: dict[str, Any] = {
        "engine": "torch",
        "base": base.name,
        "base_fingerprint": base.fingerprint,
        "device": options.device,
        "dtype": str(base.forward.dtype).removeprefix("torch."),
    }
    decoder = None
    if options.decode == "quantised":
        decoder = decoder_for(base, options.rows, options.cache, progress)
    about["decode"] = "full" if decoder is None else "quantised"
    slots = 4 * options.rows
    folder = find_weights(base.name, options.hypernetwork)
    progress(0.95, "loading the encoder and the hypernetwork")
    if folder is None:
        about["hypernetwork"] = "none for this base: steps run in `prompted` mode"
        engine = TorchEngine(base, rows=options.rows, slots=slots, decoder=decoder)
        try:
            embedder = _embedder(Encoder.load(encoder_source(options.encoder), progress))
        except ModelNotFoundError as error:  # steps run without it, and words are still searched
            about["search"], embedder = f"by words alone: {error}", None
        return Runtime(engine, None, about, embedder)
    encoder = Encoder.load(encoder_source(options.encoder), progress)
    generator = load_generator(folder, base, ChatFormat.of(base.tokenizer), encoder)
    about["hypernetwork"] = f"{generator.card['name']} {generator.version}"
    if generator.card["base"]["fingerprint"] != base.fingerprint:
        about["note"] = "the hypernetwork was trained on another copy of this base (other rounding)"
    rank = generator.network.config.rank
    engine = TorchEngine(base, rank=rank, rows=options.rows, slots=slots, decoder=decoder)
    progress(1.0, "ready")
    return Runtime(engine, AdapterCache(generator), about, _embedder(encoder))


def _embedder(encoder: Encoder) -> Embedder:
    return Embedder(encoder.fingerprint, encoder.embed)
