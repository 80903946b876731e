"""Choosing among allowed answers: exact probabilities, corrected for the model's own leaning.

A small model leans towards some answers whatever it reads. What it answers to neutral inputs is
taken off (contextual calibration: Zhao et al., "Calibrate Before Use", 2021). Letters as in
`hypernet/base_model/decoder.py`; A is answers, N inputs, and Q the tokens that an answer's next one
is read off.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from hypernet.engine.interface import EngineError
from hypernet.engine.torch.branches import Branches

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

NEUTRAL_INPUTS = ("N/A", "[text]", "...")
PRIORS_KEPT = 256
"""How many tasks' answers to the neutral inputs are kept."""
MOST_TOKENS = 512
"""Of inputs and answers that are read in one pass, where they can be parted."""
LOGIT_ROWS = 64
"""Tokens whose logits are there at once: each is as long as the vocabulary."""


@dataclass(frozen=True)
class Question:
    """Inputs that come behind the same text, with the answers that may follow each."""

    branches: Branches
    opened_N: list[int]
    """The last token of what opens an answer, for each input."""
    steps: list[tuple[int, int, int, int]]
    """Of each token of an answer: the token before it, itself, its input and its answer."""
    answers: int

    @classmethod
    def of(
        cls,
        inputs: Sequence[Sequence[int]],
        opening: Sequence[int],
        answers: Sequence[Sequence[int]],
        *,
        acts_on_inputs: bool = False,
    ) -> Question:
        """Lay out all inputs with all answers, of token ids each, to be read in one pass.

        Args:
            inputs: each seen alone.
            opening: what opens an answer; from it on an adapter acts.
            answers: end marks included.
            acts_on_inputs: whether an adapter acts on these, too.
        """
        branches, opened_N = Branches(), list[int]()
        steps: list[tuple[int, int, int, int]] = []
        for number, ids in enumerate(inputs):
            read = branches.add(ids, acts=acts_on_inputs)
            opened_N.append(branches.add(opening, after=read))
            for answer, tokens in enumerate(answers):
                last = opened_N[-1]
                for place, token in enumerate(tokens):
                    steps.append((last, token, number, answer))
                    if place + 1 < len(tokens):  # nothing follows the end mark
                        last = branches.add([token], after=last)
        return cls(branches, opened_N, steps, len(answers))

    def scores(self, logits: Callable[[Tensor], Tensor], states_TD: Tensor) -> Tensor:
        """Log-probability [N, A] of each answer after each input.

        Args:
            logits: of hidden states.
            states_TD: of the branches' tokens.

        Raises:
            EngineError: a probability is not finite.
        """
        before = sorted({step[0] for step in self.steps})
        place = {token: n for n, token in enumerate(before)}
        asked_Q = torch.tensor([place[step[0]] for step in self.steps], device=states_TD.device)
        token_Q = torch.tensor([step[1] for step in self.steps], device=states_TD.device)
        found_Q = torch.empty(len(self.steps))
        for start in range(0, len(before), LOGIT_ROWS):
            rows = before[start : start + LOGIT_ROWS]
            logs_RV = logits(states_TD[rows]).float().log_softmax(-1)
            here = (asked_Q >= start) & (asked_Q < start + len(rows))
            found_Q[here.cpu()] = logs_RV[asked_Q[here] - start, token_Q[here]].cpu()
        totals_NA = torch.zeros(len(self.opened_N), self.answers)
        places = (
            torch.tensor([s[2] for s in self.steps]),
            torch.tensor([s[3] for s in self.steps]),
        )
        totals_NA.index_put_(places, found_Q, accumulate=True)
        if not bool(torch.isfinite(totals_NA).all()):
            raise EngineError("output: the logits are not finite; an adapter's values overflow")
        return totals_NA


def parted(
    inputs: Sequence[Sequence[int]], answers: Sequence[Sequence[int]]
) -> tuple[list[list[Sequence[int]]], list[list[Sequence[int]]]]:
    """Inputs and answers in parts, such that each pair of parts can be read in one pass.

    All in one part where that is short, else one input at a time and the answers in groups.
    """
    each = sum(map(len, answers))
    if sum(map(len, inputs)) + len(inputs) * each <= MOST_TOKENS:
        return [list(inputs)], [list(answers)]
    groups: list[list[Sequence[int]]] = [[]]
    for answer in answers:
        if groups[-1] and sum(map(len, groups[-1])) + len(answer) > MOST_TOKENS:
            groups.append([])
        groups[-1].append(answer)
    return [[ids] for ids in inputs], groups


def choose(labels: Sequence[str], score_B: Tensor, prior_B: Tensor) -> tuple[str, dict[str, float]]:
    """The best label and each one's share, once the leaning is taken off."""
    share_B = torch.softmax(score_B - prior_B, 0)
    shares = dict(zip(labels, share_B.tolist(), strict=True))
    return labels[int(share_B.argmax())], shares
