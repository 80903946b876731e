"""All tensors of a step: prefill in chunks, the decode step, the rows' keys and values, the slots.

Letters as in `hypernet/base_model/decoder.py`.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import torch
from cachetools import LRUCache

from hypernet.base_model.allocator import give_back_freed_memory
from hypernet.base_model.chat import ChatFormat
from hypernet.base_model.kv_cache import RowCache
from hypernet.engine.interface import EngineError, TokenCounts
from hypernet.engine.torch.branches import acting_on
from hypernet.engine.torch.constrain import Grammars
from hypernet.engine.torch.labels import NEUTRAL_INPUTS, PRIORS_KEPT, Question, choose, parted
from hypernet.engine.torch.prefix_cache import PrefixCache
from hypernet.engine.torch.slots import BASE_SLOT, SlotPool
from hypernet.task import as_read, in_order

if TYPE_CHECKING:
    from collections.abc import Generator
    from collections.abc import Sequence as Run

    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from hypernet.base_model.loading import BaseModel
    from hypernet.engine.cpu.decoder import CpuDecoder
    from hypernet.engine.cpu.store import DecoderOnDemand
    from hypernet.engine.interface import Request
    from hypernet.engine.torch.constrain import Constraint
    from hypernet.engine.torch.sequence import Sequence

PREFIX_BUDGET_BYTES = 256 * 2**20
INPUT_BUDGET_BYTES = 64 * 2**20


class Runner:
    """Runs the frozen base for the sequences it is given. To be called from one thread at a time.

    Args:
        base: the frozen model.
        rank: the highest LoRA rank of an adapter.
        rows: sequences that have a row at once.
        slots: adapters kept in place, the base among them.
        chunk: tokens read at a time. Texts are cut at multiples of it, so that a text that goes on
            from a cached one is read in the same pieces, to the same bits, as one that does not.
        decoder: a faster way to decode than torch's, for the same base and as many rows.
    """

    def __init__(
        self,
        base: BaseModel,
        *,
        rank: int,
        rows: int,
        slots: int,
        chunk: int,
        decoder: CpuDecoder | DecoderOnDemand | None = None,
    ) -> None:
        self.forward, self.chat = base.forward, ChatFormat.of(base.tokenizer)
        self._invocation = tuple(self.chat.invocation_ids())
        config, dtype, device = self.forward.config, self.forward.dtype, self.forward.device
        self.slots = SlotPool(config, slots, rank, dtype, device, banks=rows + 2)
        self._chunk, self._decoder = chunk, decoder
        self._cache = RowCache(config, rows, dtype, device)
        self._prefixes = PrefixCache(PREFIX_BUDGET_BYTES, chunk)
        self._inputs = PrefixCache(INPUT_BUDGET_BYTES, chunk)
        self._grammars = Grammars(base.tokenizer, config.vocab)
        # By what comes before the input, adapter and labels: the mean log-probability [B] of each.
        self._priors: LRUCache[tuple[tuple[int, ...], str | None, tuple[str, ...]], Tensor] = (
            LRUCache(PRIORS_KEPT)
        )

    def prefill(self, sequence: Sequence) -> Generator[None, None, None]:
        """Read history and prefix by the base (or from the cache), then the input, by the base too
        or under the adapter, as the adapter has it, and under the adapter what opens the answer.

        Yields after each chunk; rows may move meanwhile. With the last one the sequence has its
        first token, or its label, and a pinned slot.

        Raises:
            EngineError: the adapter cannot be had, or its values overflow.
        """
        request, started = sequence.ticket.request, time.perf_counter()
        history_ids = tuple(self.chat.history_ids(request.history))
        before_ids = history_ids + tuple(self.chat.prefix_ids(request.prefix, request.history))
        input_ids = self.chat.input_ids(request.input)
        prompt = len(input_ids) + len(self._invocation)
        # Now, so that a request too large for the memory fails alone.
        self._cache.reserve(len(before_ids) + prompt + request.max_tokens)
        slot = self.slots.acquire(request.adapter)
        try:
            self._check_invocation(slot)
            reused = yield from self._read_prefix(sequence, before_ids, len(history_ids))
            tokens = TokenCounts(len(before_ids), reused, prompt, 0)
            constraint = self._constraint(request)
            by_base = slot == BASE_SLOT or self.slots.invocation(slot)
            if request.again and input_ids and by_base:
                yield from self._read_input(sequence, before_ids, input_ids)
                input_ids = []
            if request.labels:
                chosen = yield from self._choose_label(
                    sequence, before_ids, len(history_ids), input_ids, slot
                )
                sequence.start(slot, tokens, 1000 * (time.perf_counter() - started), constraint)
                sequence.choose_label(*chosen)
            else:
                last_D = yield from self._read_step(sequence, input_ids, slot)
                logits_V = self.forward.logits(last_D)
                sequence.start(slot, tokens, 1000 * (time.perf_counter() - started), constraint)
                sequence.accept(logits_V)
        except BaseException:  # also when it is given up, by closing the generator
            self.slots.release(slot)
            sequence.slot = BASE_SLOT
            raise

    @property
    def can_copy(self) -> bool:
        """Whether an answer can be held to be a span of a text."""
        return self._grammars.can_copy

    def decode(self, sequences: Run[Sequence]) -> Tensor:
        """Logits [B, V] after the newest token of the first rows, which these sequences have.

        They are overwritten by the next step.
        """
        rows = range(len(sequences))
        tokens = [sequence.ids[-1] for sequence in sequences]
        slots = [sequence.slot for sequence in sequences]
        if self._decoder is None:
            return self.forward.logits(self._advance([[token] for token in tokens], rows, slots))
        self._cache.reserve(max(self._cache.length_R[: len(rows)]) + 1)
        logits_BV = self._decoder.step(self._cache, self.slots, tokens, slots)
        self._cache.grow(rows, 1)
        return logits_BV

    def release(self, sequence: Sequence) -> None:
        """Unpin a sequence's adapter, if it has one."""
        self.slots.release(sequence.slot)
        sequence.slot = BASE_SLOT

    def move(self, source: int, target: int) -> None:
        """Let a row's keys and values take the place of another's."""
        self._cache.move(source, target)

    def shrink(self) -> None:
        """Give back the room that long texts and trainings took; nothing may be running."""
        self._cache.shrink()
        self._inputs.clear()
        give_back_freed_memory()

    def close(self) -> None:
        """Stop the decoder's threads."""
        if self._decoder is not None:
            self._decoder.close()

    def _constraint(self, request: Request) -> Constraint | None:
        if request.copy is not None:
            return self._grammars.start_copy(request.copy)
        schema = request.output_schema
        return None if schema is None else self._grammars.start(schema)

    def _read_prefix(
        self, sequence: Sequence, ids: tuple[int, ...], history: int
    ) -> Generator[None, None, int]:
        """Put history and prefix into the sequence's row; how many tokens came from the cache.

        The first `history` of the ids are read by themselves: so they are the same, to the bit,
        under every prefix.
        """
        known, read = self._prefixes.exact(ids), len(ids)
        if known is None:
            read = history or len(ids)
            known = self._prefixes.longest(ids[:read])
        self._cache.put(sequence.row, known)
        reused = 0 if known is None else known.length
        for end in (read, len(ids)):
            if (start := self._cache.length_R[sequence.row]) < end:
                yield from self._read(sequence, ids[start:end], BASE_SLOT)
                self._prefixes.keep(ids[:end], self._cache.take(sequence.row))
        return reused

    def _read_input(
        self, sequence: Sequence, before_ids: tuple[int, ...], input_ids: Run[int]
    ) -> Generator[None, None, None]:
        """Read an input by the base behind what comes before it, or take it from the cache."""
        ids = before_ids + tuple(input_ids)
        known = self._inputs.exact(ids)
        if known is None:
            yield from self._read(sequence, input_ids, BASE_SLOT)
            self._inputs.keep(ids, self._cache.take(sequence.row))
            yield
        else:
            self._cache.put(sequence.row, known)

    def _check_invocation(self, slot: int) -> None:
        if self.slots.invocation(slot) not in ((), self._invocation):
            raise EngineError(
                "adapter: it acts from other tokens on (alora_invocation_tokens) than those that "
                "open an answer in this base's chat template"
            )

    def _read_step(
        self, sequence: Sequence, input_ids: Run[int], slot: int
    ) -> Generator[None, None, Tensor]:
        """Read an input and what opens the answer; the last token's hidden state [D]."""
        acts_from = len(input_ids) if self.slots.invocation(slot) else 0
        return (yield from self._read(sequence, [*input_ids, *self._invocation], slot, acts_from))

    def _read(
        self, sequence: Sequence, ids: Run[int], slot: int, acts_from: int = 0
    ) -> Generator[None, None, Tensor]:
        """Read a text behind what the sequence's row holds; its last token's hidden state [D].

        The slot's adapter acts from the text's token `acts_from` on.
        """
        for start in range(0, len(ids), self._chunk):
            if start:
                yield
            row = sequence.row  # another one, when running sequences have left meanwhile
            chunk = ids[start : start + self._chunk]
            acting = [start + place >= acts_from for place in range(len(chunk))]
            last_D = self._advance([chunk], range(row, row + 1), [slot], acting)[0]
        return last_D

    def _advance(
        self, ids: Run[Run[int]], rows: range, slots: list[int], acting: Run[bool] = (True,)
    ) -> Tensor:
        """Run equally many new tokens of each row; the last one's hidden state of each, [B, D].

        `acting` says of each token whether the rows' adapters act on it.
        """
        ids_BT = torch.tensor(ids, device=self.forward.device)
        view = self._cache.view(rows, ids_BT.shape[1])
        x_BTD = self.forward.run(
            self.forward.embed(ids_BT),
            view.positions_BT,
            view,
            view.mask_BTS,
            acting_on(self.slots.delta(slots), acting),
        )
        view.commit()
        return x_BTD[:, -1]

    def _answer(self, row: int, question: Question, slot: int) -> tuple[Tensor, Tensor]:
        """Ask behind what a row holds, which is left as it is.

        Gives the hidden states [N, D] in which the answers begin, and their scores [N, A].
        """
        branches, device = question.branches, self.forward.device
        start = self._cache.length_R[row]
        view = self._cache.view(range(row, row + 1), len(branches.ids))  # and not committed
        states_1TD = self.forward.run(
            self.forward.embed(torch.tensor([branches.ids], device=device)),
            start + torch.tensor([branches.depths], device=device),
            view,
            branches.seen(start).to(device)[None],
            acting_on(self.slots.delta([slot]), branches.acting),
        )
        states_TD = states_1TD[0]
        return states_TD[question.opened_N], question.scores(self.forward.logits, states_TD)

    def _ask(
        self, sequence: Sequence, inputs: Run[Run[int]], answers: Run[Run[int]], slot: int
    ) -> Generator[None, None, tuple[Tensor, Tensor]]:
        """`_answer` in as few passes as it takes, between which others may run."""
        always = not self.slots.invocation(slot)
        states: list[Tensor] = []
        scores: list[Tensor] = []
        parts, groups = parted(inputs, answers)
        for part in parts:
            of_groups: list[Tensor] = []
            for group in groups:
                if states or of_groups:
                    yield
                question = Question.of(part, self._invocation, group, acts_on_inputs=always)
                states_ND, scores_NA = self._answer(sequence.row, question, slot)
                of_groups.append(scores_NA)
            states.append(states_ND)
            scores.append(torch.cat(of_groups, 1))
        return torch.cat(states), torch.cat(scores).log_softmax(1)

    def _choose_label(
        self,
        sequence: Sequence,
        before_ids: tuple[int, ...],
        history: int,
        input_ids: Run[int],
        slot: int,
    ) -> Generator[None, None, tuple[str, dict[str, float], NDArray[np.float32]]]:
        """Read the input and score the labels after it, and after the neutral inputs.

        Gives the label, all labels' shares, and the state in which it was chosen.
        """
        request = sequence.ticket.request
        # In one order: the last bits of a token depend on its place, and the first of equals wins.
        labels = in_order(request.labels)
        answers = [self.chat.answer_ids(as_read(label)) for label in labels]
        whole = max(len(input_ids) - 1, 0) // self._chunk * self._chunk
        if whole:
            acts_from = whole if self.slots.invocation(slot) else 0
            yield from self._read(sequence, input_ids[:whole], slot, acts_from)
            yield
        states_ND, scores_NA = yield from self._ask(sequence, [input_ids[whole:]], answers, slot)
        adapter = request.adapter.digest if request.adapter else None
        key = (before_ids, adapter, labels)
        prior_A = self._priors.get(key)
        if prior_A is None:
            yield
            if whole or not input_ids:  # then it is no more at the text's end
                yield from self._read_prefix(sequence, before_ids, history)
            neutral = [self.chat.input_ids(text) for text in NEUTRAL_INPUTS]
            _, priors_NA = yield from self._ask(sequence, neutral, answers, slot)
            prior_A = self._priors[key] = priors_NA.mean(0)
        chosen, shares = choose(labels, scores_NA[0], prior_A)
        state_D = states_ND[0].float().cpu().numpy()
        return chosen, {label: shares[label] for label in request.labels}, state_D
