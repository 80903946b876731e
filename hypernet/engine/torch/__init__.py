"""The embedded engine: continuous batching over one frozen base under many adapters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypernet.runtime import Runtime, RuntimeOptions, load_writer

if TYPE_CHECKING:
    from hypernet.engine.cpu.decoder import CpuDecoder
    from hypernet.engine.cpu.store import DecoderOnDemand
    from hypernet.progress import Progress

SLOTS_PER_ROW = 4


def load(options: RuntimeOptions, progress: Progress) -> Runtime:
    """The runtime around the embedded engine: the entry point `torch`.

    Raises:
        ModelNotFoundError: a model is not to be had; says which command supplies it.
        ValueError: the hypernetwork's files do not fit the base or encoder.
    """
    writer = load_writer(options, progress)
    from hypernet.base_model.allocator import forget_code
    from hypernet.engine.cpu.store import decoder_for, decoder_on_demand
    from hypernet.engine.torch.engine import TorchEngine

    decoder: CpuDecoder | DecoderOnDemand | None = None
    if options.decode == "quantised":
        make = decoder_for if options.decode_at_once else decoder_on_demand
        decoder = make(writer.base, options.rows, options.cache, progress)
    engine = TorchEngine(
        writer.base,
        rank=writer.rank,
        rows=options.rows,
        slots=SLOTS_PER_ROW * options.rows,
        decoder=decoder,
    )
    forget_code("libtorch")  # of 80 MB most was called while it was imported, and never again
    progress(1.0, "ready")
    return writer.runtime(engine, "torch", decode="full" if decoder is None else "quantised")
