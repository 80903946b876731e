"""What the frozen base and the encoder make of a task: all that a hypernetwork learns of it.

The base reads the task's text as it would read it as a step's prefix, and each example by itself;
kept are hidden states entering the layer that is read: the first adapted one, or one above it.

Letters: T tokens, E examples, D the base's hidden size, C the encoder's vector, S texts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch.nn.utils.rnn import pad_sequence

from hypernet.base_model.kv_cache import Recorder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from hypernet.base_model.chat import ChatFormat
    from hypernet.base_model.decoder import Forward
    from hypernet.hypernetwork.encoder import Encoder
    from hypernet.task import Example

# Of a longer text the head is read: what a task asks for is there.
MOST_TEXT_TOKENS, MOST_INPUT_TOKENS, MOST_ANSWER_TOKENS = 512, 448, 128
BATCH = 16


@dataclass(frozen=True)
class TaskReading:
    """A task as read: its text's vector [C] and token states [T, D], its examples [E, 2, D].

    An example's two states are at the input's last token and the mean over the answer's tokens.
    """

    vector_C: Tensor
    states_TD: Tensor
    examples_E2D: Tensor


@dataclass(frozen=True)
class ConditionReader:
    """Reads tasks with the frozen base, up to the layer that is read, and with the encoder."""

    base: Forward
    chat: ChatFormat
    encoder: Encoder
    read_layer: int

    def texts(self, texts: Sequence[str]) -> list[Tensor]:
        """States [T, D] of every token of each text, read as a step's prefix."""
        return self._states([self.chat.prefix_ids(text)[:MOST_TEXT_TOKENS] for text in texts])

    def examples(self, examples: Sequence[Example]) -> Tensor:
        """Both states of each example, [E, 2, D]."""
        head = self.chat.prefix_ids("")
        steps = [
            head + _headed(self.chat.step_ids(e.input), MOST_INPUT_TOKENS, self.chat)
            for e in examples
        ]
        answers = [self.chat.answer_ids(e.output)[:-1][:MOST_ANSWER_TOKENS] for e in examples]
        states = self._states([s + a for s, a in zip(steps, answers, strict=True)])
        pairs = [example_states(x_TD, len(s)) for x_TD, s in zip(states, steps, strict=True)]
        if not pairs:
            return torch.empty(0, 2, self.base.config.hidden)
        return torch.stack(pairs)

    @torch.inference_mode()
    def _states(self, ids: Sequence[Sequence[int]]) -> list[Tensor]:
        found: dict[int, Tensor] = {}
        order = sorted(range(len(ids)), key=lambda n: len(ids[n]))
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            rows = [torch.tensor(ids[n], device=self.base.device) for n in chosen]
            # Causal attention never looks at the padding on the right.
            x_STD = self.base.embed(pad_sequence(rows, batch_first=True))
            if self.read_layer > 0:  # no layer at all cannot be run
                positions_ST = torch.arange(x_STD.shape[1], device=self.base.device)
                x_STD = self.base.run(
                    x_STD,
                    positions_ST.expand(len(rows), -1),
                    Recorder(),
                    None,
                    layers=range(self.read_layer),
                )
            for row, n in enumerate(chosen):
                found[n] = x_STD[row, : len(ids[n])].cpu().clone()
        return [found[n] for n in range(len(ids))]


def example_states(hidden_TD: Tensor, step_tokens: int) -> Tensor:
    """The state at the step's last token, and the mean over the answer's; [2, D] in float32."""
    hidden_TD = hidden_TD.float()
    answer_TD = hidden_TD[step_tokens:] if len(hidden_TD) > step_tokens else hidden_TD[-1:]
    return torch.stack([hidden_TD[step_tokens - 1], answer_TD.mean(0)])


def _headed(step_ids: list[int], most: int, chat: ChatFormat) -> list[int]:
    """A step's ids with the middle of a long input left out, its closing markup kept."""
    if len(step_ids) <= most:
        return step_ids
    tail = chat.step_ids("")
    return step_ids[: most - len(tail)] + tail
