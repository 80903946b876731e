"""How likely whole answers are, from one call: for labels, and for answers held to a form.

The answers are read as a tree: from each place where one can go on, the server gives the
log-probabilities of the tokens that some answer has next. It has read what comes before for the
first of these places, and has it in its cache for the others. (Asked for log-probabilities of a
prompt instead, vLLM passes by its cache, and 0.32 on a CPU with adapters ends when another request
runs beside.) B is labels.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from cachetools import LRUCache

from hypernet.engine.interface import EngineError
from hypernet.engine.torch.labels import NEUTRAL_INPUTS, PRIORS_KEPT, choose
from hypernet.engine.vllm.api import GarbledError
from hypernet.task import as_read, in_order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypernet.base_model.chat import ChatFormat
    from hypernet.engine.vllm.answer import Answer
    from hypernet.engine.vllm.api import Api
    from hypernet.engine.vllm.wire import Completion

MOST_TOKENS = 128
"""Whose log-probabilities one request may ask for: vLLM's own limit."""
MOST_SCORED = 128
"""Tokens of an answer whose confidence is asked for: each of them is a prompt."""


class Scoring:
    """The scores of one server's answers; for one event loop."""

    def __init__(self, api: Api, chat: ChatFormat) -> None:
        self._api, self._chat = api, chat
        # By what comes before the input, adapter and labels: the mean log-probability [B] of each.
        self._priors: LRUCache[tuple[object, ...], torch.Tensor] = LRUCache(PRIORS_KEPT)

    async def choose_label(self, answer: Answer, model: str) -> None:
        """End an answer with the best label, by the arithmetic of our own engine.

        Args:
            answer: of a request with labels.
            model: the server's name of the adapter, or of the base.

        Raises:
            ServerError: the server did not score them.
        """
        labels = in_order(answer.request.labels)
        key = (tuple(answer.before_ids), model, labels)
        prior_B = self._priors.get(key)
        texts: list[list[int]] = [answer.step_ids]
        if prior_B is None:
            texts += [self._chat.step_ids(text) for text in NEUTRAL_INPUTS]
        ids = [self._chat.answer_ids(as_read(label)) for label in labels]
        prompts = [[*answer.before_ids, *text] for text in texts]
        scores_B = [total_B.log_softmax(0) for total_B in await self._totals(model, prompts, ids)]
        if prior_B is None:
            prior_B = self._priors[key] = torch.stack(scores_B[1:]).mean(0)
        chosen, shares = choose(labels, scores_B[0], prior_B)
        answer.choose(chosen, {label: shares[label] for label in answer.request.labels})

    def forget(self) -> None:
        """The server may be another: what it leans towards is asked for anew."""
        self._priors.clear()

    async def rate(self, answer: Answer, model: str, eos: int) -> None:
        """Give an answer that was held to a form its confidence.

        vLLM's own log-probabilities are then of the tokens that the form allows; ours are of all.
        """
        # A copied answer might go on, so that it ends is a choice; by a schema it is whole.
        ended = answer.request.copy is not None and answer.stop_reason == "end"
        written = [*answer.ids, *([eos] if ended else [])]
        if not 0 < len(written) <= MOST_SCORED:
            answer.rate(None)
            return
        (total_B,) = await self._totals(model, [answer.prompt_ids], [written])
        answer.rate(math.exp(float(total_B[0]) / len(written)))

    async def _totals(
        self, model: str, prompts: Sequence[Sequence[int]], answers: Sequence[Sequence[int]]
    ) -> list[torch.Tensor]:
        """For each prompt the log-probability [B] of each answer."""
        places = sorted({tuple(ids[:end]) for ids in answers for end in range(len(ids))})
        read = [[*prompt, *place] for prompt in prompts for place in places]
        found = [dict[int, float]() for _ in read]
        every = sorted({token for ids in answers for token in ids})
        for start in range(0, len(every), MOST_TOKENS):
            tokens = every[start : start + MOST_TOKENS]
            body = {
                "model": model,
                "prompt": read,
                "max_tokens": 1,
                "temperature": 0,
                "logprobs": len(tokens),
                "logprob_token_ids": tokens,
                "return_tokens_as_token_ids": True,
            }
            _add(await self._api.complete(body), tokens, found)
        at = {place: number for number, place in enumerate(places)}
        totals = [
            [
                sum(found[first + at[tuple(ids[:end])]][ids[end]] for end in range(len(ids)))
                for ids in answers
            ]
            for first in range(0, len(read), len(places))
        ]
        total_PB = torch.tensor(totals)
        if not bool(torch.isfinite(total_PB).all()):
            raise EngineError("output: the logits are not finite; an adapter's values overflow")
        return list(total_PB)


def _add(completion: Completion, tokens: Sequence[int], found: list[dict[int, float]]) -> None:
    """Add what was found of some tokens, by prompt."""
    for choice in completion.choices:
        top = choice.logprobs.top_logprobs if choice.logprobs is not None else None
        first = top[0] if top else None
        if first is None or choice.index >= len(found):
            continue
        for token in tokens:
            if (logprob := first.get(f"token_id:{token}")) is not None:
                found[choice.index][token] = logprob
    if any(token not in of_prompt for of_prompt in found for token in tokens):
        raise GarbledError("engine vllm: the server gave no log-probabilities of what was asked")
