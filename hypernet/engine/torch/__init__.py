"""The embedded engine: continuous batching over one frozen base under many adapters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypernet.runtime import Runtime, RuntimeOptions, load_writer

if TYPE_CHECKING:
    from hypernet.progress import Progress

SLOTS_PER_ROW = 4


def load(options: RuntimeOptions, progress: Progress) -> Runtime:
    """The runtime around the embedded engine: the entry point `torch`.

    Raises:
        ModelNotFoundError: a model is not to be had; says which command supplies it.
        ValueError: the hypernetwork's files do not fit the base or encoder.
    """
    writer = load_writer(options, progress)
    from hypernet.engine.cpu.store import decoder_for
    from hypernet.engine.torch.engine import TorchEngine

    decoder = None
    if options.decode == "quantised":
        decoder = decoder_for(writer.base, options.rows, options.cache, progress)
    engine = TorchEngine(
        writer.base,
        rank=writer.rank,
        rows=options.rows,
        slots=SLOTS_PER_ROW * options.rows,
        decoder=decoder,
    )
    progress(1.0, "ready")
    return writer.runtime(engine, "torch", decode="full" if decoder is None else "quantised")
