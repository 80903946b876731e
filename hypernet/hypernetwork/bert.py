"""The forward pass of BERT encoders in plain torch, for those that transformers runs as it does.

Letters: B texts, T tokens, C the hidden size, H heads, d head size.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F  # noqa: N812  # torch's own customary name
from safetensors import safe_open

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor

WORDS = "embeddings.word_embeddings.weight"
PREFIX = "bert."
# What a config may say for this to be the whole of the model.
PLAIN = {
    "model_type": "bert", "hidden_act": "gelu", "position_embedding_type": "absolute",
    "is_decoder": False, "add_cross_attention": False,
}  # fmt: skip


@dataclass(frozen=True)
class Bert:
    """A BERT's weights and what they give of token ids."""

    weights: Mapping[str, Tensor]
    """By transformers' names. Those of the words stay where and as they are on disk."""
    dtype: torch.dtype
    layers: int
    heads: int
    eps: float

    @classmethod
    def read(cls, folder: Path, dtype: torch.dtype) -> Bert:
        """Read a model's folder.

        Raises:
            ValueError: the model is of another kind, or in several files.
            KeyError: its config is incomplete.
        """
        config: dict[str, Any] = json.loads((folder / "config.json").read_bytes())
        odd = [name for name, plain in PLAIN.items() if config.get(name, plain) != plain]
        files = list(folder.glob("*.safetensors"))
        if odd or len(files) != 1:
            raise ValueError(f"no plain BERT in one file: {odd}, {len(files)} files")
        weights: dict[str, Tensor] = {}
        with safe_open(str(files[0]), "pt") as stored:
            for name in stored.keys():  # noqa: SIM118  # not a dict
                own = name.removeprefix(PREFIX)
                if own.startswith(("embeddings.", "encoder.")) and own != WORDS:
                    weights[own] = stored.get_tensor(name).to(dtype, copy=True)
        # Opened anew: of the words, few rows are ever looked at, and the rest need not be mapped.
        with safe_open(str(files[0]), "pt") as stored:
            prefix = PREFIX if PREFIX + WORDS in set(stored.keys()) else ""
            weights[WORDS] = stored.get_tensor(prefix + WORDS)
        return cls(
            weights,
            dtype,
            int(config["num_hidden_layers"]),
            int(config["num_attention_heads"]),
            float(config.get("layer_norm_eps", 1e-12)),
        )

    def __call__(self, ids_BT: Tensor, kept_BT: Tensor, types_BT: Tensor) -> Tensor:
        """The last layer's states [B, T, C].

        Args:
            ids_BT: token ids, padded.
            kept_BT: 1 where there is a token, 0 where there is padding.
            types_BT: of which of two texts a token is.
        """
        w = self.weights
        x_BTC = F.embedding(ids_BT, w[WORDS]).to(self.dtype)
        x_BTC = x_BTC + F.embedding(types_BT, w["embeddings.token_type_embeddings.weight"])
        x_BTC = x_BTC + w["embeddings.position_embeddings.weight"][: ids_BT.shape[1]]
        x_BTC = self._norm("embeddings.LayerNorm", x_BTC)
        mask_B1TT = None
        if not bool(kept_BT.all()):
            mask_B1TT = kept_BT.bool()[:, None, None].expand(-1, 1, ids_BT.shape[1], -1)
        for layer in range(self.layers):
            path = f"encoder.layer.{layer}"
            y_BTC = self._linear(
                f"{path}.attention.output.dense", self._attend(path, x_BTC, mask_B1TT)
            )
            x_BTC = self._norm(f"{path}.attention.output.LayerNorm", y_BTC + x_BTC)
            wide = F.gelu(self._linear(f"{path}.intermediate.dense", x_BTC))
            y_BTC = self._linear(f"{path}.output.dense", wide)
            x_BTC = self._norm(f"{path}.output.LayerNorm", y_BTC + x_BTC)
        return x_BTC

    def _attend(self, path: str, x_BTC: Tensor, mask_B1TT: Tensor | None) -> Tensor:
        rows, tokens, size = x_BTC.shape
        q, k, v = (
            self._linear(f"{path}.attention.self.{name}", x_BTC)
            .view(rows, tokens, self.heads, -1)
            .transpose(1, 2)
            for name in ("query", "key", "value")
        )
        scale = (size // self.heads) ** -0.5
        y_BHTd = F.scaled_dot_product_attention(q, k, v, mask_B1TT, scale=scale)
        return y_BHTd.transpose(1, 2).reshape(rows, tokens, size)

    def _linear(self, path: str, x: Tensor) -> Tensor:
        return F.linear(x, self.weights[f"{path}.weight"], self.weights[f"{path}.bias"])

    def _norm(self, path: str, x: Tensor) -> Tensor:
        weight, bias = self.weights[f"{path}.weight"], self.weights[f"{path}.bias"]
        return F.layer_norm(x, (x.shape[-1],), weight, bias, self.eps)
