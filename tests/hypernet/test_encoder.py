"""The sentence encoder: texts to vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F  # noqa: N812  # torch's own customary name

if TYPE_CHECKING:
    from hypernet.hypernetwork.encoder import Encoder


def test_vectors_come_in_the_order_of_the_texts_and_do_not_depend_on_company(
    encoder: Encoder,
) -> None:
    texts = ["a much longer text than the others are", "b", "some text", "b"]
    together = encoder(texts)
    for text, vector_C in zip(texts, together, strict=True):
        torch.testing.assert_close(encoder([text])[0], vector_C, atol=1e-5, rtol=0)
    torch.testing.assert_close(together.norm(dim=-1), torch.ones(4))
    assert F.cosine_similarity(together[0], together[1], dim=0) < 0.999


def test_a_text_past_the_encoders_limit_is_read_up_to_there(encoder: Encoder) -> None:
    start = "word " * 70  # over 256 characters, a token each
    torch.testing.assert_close(encoder([start + "one end"]), encoder([start + "other, z"]))
