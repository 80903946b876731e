"""vLLM as an engine: steps run on a server of it, adapters are written here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypernet.engine.interface import EngineError
from hypernet.runtime import Runtime, RuntimeOptions, load_writer
from hypernet.task import Task

if TYPE_CHECKING:
    from hypernet.progress import Progress

PROBE = Task("Answer in one word.")
"""Any task: its adapter is what a server is tried with."""


def load(options: RuntimeOptions, progress: Progress) -> Runtime:
    """The runtime around a vLLM server: the entry point `vllm`.

    Raises:
        EngineError: no server is named, or it cannot be used; says what helps.
        ModelNotFoundError: a model is not to be had; says which command supplies it.
        ValueError: the hypernetwork's files do not fit the base or encoder.
    """
    if options.engine_url is None:
        raise EngineError(
            "engine vllm: no server is named; set HYPERNET_MCP_ENGINE_URL to its address, such as "
            "http://127.0.0.1:8100"
        )
    writer = load_writer(options, progress)
    from hypernet.engine.vllm.adapters import AdapterFolder
    from hypernet.engine.vllm.engine import UNCONSTRAINED, VllmEngine

    progress(0.97, f"getting to know {options.engine_url}")
    folder = AdapterFolder(
        options.adapters or options.cache / "vllm-adapters",
        writer.base.name,
        options.adapters_mb * 1024**2,
        options.engine_adapters,
    )
    engine = VllmEngine(
        options.engine_url,
        writer.base,
        folder,
        probe=None if writer.generator is None else writer.generator.write(PROBE),
        rows=options.rows,
        key=options.engine_key,
        patience_seconds=options.engine_patience,
    )
    server = engine.server
    progress(1.0, "ready")
    return writer.runtime(
        engine,
        # What tasks measured where adapters act on one is not taken for the other.
        "vllm" if server.activated else "vllm, adapters on the whole prompt",
        server=options.engine_url,
        served_model=server.model,
        adapters_act="from the answer on" if server.activated else "on the whole prompt",
        same_base=f"compared with {writer.base.name}",
        constrained="schemas, copied spans" if server.constrained else UNCONSTRAINED,
    )


def what_is_served(url: str, key: str | None) -> str:
    """What a server says that it serves, in words.

    Raises:
        EngineError: it does not answer, or not as vLLM does; says what helps.
    """
    import anyio

    from hypernet.engine.vllm.api import Api

    async def ask() -> str:
        api = Api(url, key)
        try:
            cards = await api.models()
        finally:
            await api.close()
        bases = [card for card in cards if card.parent is None]
        if not bases or bases[0].max_model_len is None:
            raise EngineError(
                f"{url} names {'models without a window' if bases else 'no model'}, as no vLLM "
                "server does; look at what listens there, and at HYPERNET_MCP_ENGINE_URL"
            )
        served, window = bases[0].id, bases[0].max_model_len
        return f"serves {served}, window {window}, {len(cards) - len(bases)} adapters known to it"

    return anyio.run(ask)
