"""What hypernet-mcp needs of a vLLM server that vLLM has not: a plugin for its environment.

`resolver.py` finds adapters by their digest, so that any replica serves any adapter; `activated.py`
lets activated LoRA adapters act from their invocation tokens on, which vLLM refuses by itself;
`cpu_ops.py` mends vLLM's CPU kernels for tokens without an adapter.
"""

from __future__ import annotations

import logging

LOG = logging.getLogger("vllm.hypernet")


def register() -> None:
    """The entry point, called by each of vLLM's processes. Calling it again changes nothing."""
    from hypernet_vllm import activated, cpu_ops, resolver

    for part in (resolver, activated, cpu_ops):
        try:
            part.install()
        except (ImportError, AttributeError, TypeError) as error:
            # A vLLM that is built otherwise still serves; hypernet-mcp asks it what it can do.
            LOG.warning("hypernet_vllm: %s does not fit this vLLM: %s", part.__name__, error)
