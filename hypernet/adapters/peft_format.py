"""An adapter from PEFT's layout."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safetensors.torch import save_file

from hypernet.adapters.adapter import Adapter, load_peft

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from hypernet.base_model.decoder import Shape


def from_peft(
    config: Mapping[str, Any],
    tensors: Mapping[str, Tensor],
    shape: Shape,
    base_name: str | None = None,
) -> Adapter:
    """The adapter of a PEFT config and its tensors (a stand-in until the real one is merged)."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        save_file(dict(tensors), str(folder / "adapter_model.safetensors"))
        (folder / "adapter_config.json").write_text(json.dumps(dict(config)))
        return load_peft(folder, shape)
