"""Getting to know a vLLM server: what it serves, whether it is our base, and what it can do.

Nothing is assumed: its window is asked for, its base is compared with the one that writes adapters,
and what a version or a plugin brings is tried out on it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NoReturn

import anyio.to_thread
import torch

from hypernet.base_model.chat import ChatFormat
from hypernet.base_model.kv_cache import Recorder
from hypernet.engine.interface import EngineError
from hypernet.engine.vllm.api import (
    NOT_FOUND,
    FailedError,
    GarbledError,
    GoneError,
    RefusedError,
    ServerError,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypernet.base_model.loading import BaseModel
    from hypernet.engine.interface import Adapter
    from hypernet.engine.vllm.adapters import AdapterFolder
    from hypernet.engine.vllm.api import Api

GREETING = (
    "List 3 fruits,\n\tin caf\N{LATIN SMALL LETTER E WITH ACUTE} style: \N{GRINNING FACE} 12.50 EUR"
)
"""Words, white space, a letter with a mark, an emoji and digits: what tokenizers differ in."""
SAME_BASE = 0.3
"""Nats: the mean difference of a token's log-probability that other rounding may make: a server in
float32 beside a base in bfloat16 stays under it."""
SAME_READING = 0.05
"""Nats: the same for the same weights on the same machine, in another batch."""
TRIED_GRAMMAR = 'start: ANSWER\nSPAN: %regex {"substring_chars": "qz"}\nANSWER: SPAN & /\\S+/'
"""What llguidance alone can follow: xgrammar, vLLM's first choice, knows no intersection."""
GUIDANCE = """--structured-outputs-config '{"backend": "guidance"}'"""
WRITTEN = 12
RUNTIME_UPDATES = "VLLM_ALLOW_RUNTIME_LORA_UPDATING=1"


@dataclass(frozen=True)
class Server:
    """What is known of a server."""

    model: str
    """Its name for the base."""
    window: int
    activated: bool
    """Adapters act from their invocation tokens on, and the base alone reads what comes before."""
    hybrid: bool
    """A task's text can be in the prompt beside its adapter. Adapters that were trained to act from
    their invocation on lose nothing where they act on all of it, as far as was measured
    (docs/scale.md); of others that is not known."""
    constrained: bool
    """Answers can be held to grammars of llguidance."""


class Acquaintance:
    """The comparison of a server with the base of this process."""

    def __init__(
        self, api: Api, base: BaseModel, folder: AdapterFolder, probe: Adapter | None
    ) -> None:
        """`probe` is an adapter to try the server with; None where there is no hypernetwork."""
        self._api, self._base, self._folder, self._probe = api, base, folder, probe
        self._chat = ChatFormat.of(base.tokenizer)
        self._root: str | None = None

    async def make(self) -> Server:
        """Ask and try.

        Raises:
            ServerError: it cannot be reached, or does not answer as vLLM does.
            EngineError: it serves another base, or no adapters; says what helps.
        """
        model, window, self._root = await self._model()
        await self._compare_tokens(model)
        await self._compare_base(model)
        activated = await self._try_adapter(model)
        hybrid = activated or self._invocation
        return Server(model, window, activated, hybrid, await self._try_grammar(model))

    async def names_the_same(self, server: Server) -> bool:
        """See whether a server names what it did: the model, its window, where it came from.

        Raises:
            ServerError: it cannot be reached.
        """
        return await self._model() == (server.model, server.window, self._root)

    async def know_again(self, server: Server) -> None:
        """See whether a server that was away, or may have been, is still the same.

        Raises:
            ServerError: it cannot be reached.
            EngineError: it serves another base now.
        """
        model, window, root = await self._model()
        if (model, window) != (server.model, server.window):
            raise EngineError(
                f"engine vllm: {self._api.url} serves another model, or another window, than "
                "before; start hypernet-mcp again"
            )
        await self._compare_base(model)
        if server.constrained and not await self._try_grammar(model):
            raise EngineError(
                f"engine vllm: {self._api.url} holds answers to llguidance's grammars no longer; "
                f"start it with {GUIDANCE}"
            )
        self._root = root

    async def _model(self) -> tuple[str, int, str | None]:
        """The base's name, its window, and where it was loaded from."""
        bases = [card for card in await self._api.models() if card.parent is None]
        if not bases:
            raise GarbledError(f"engine vllm: {self._api.url} names no model")
        own = self._base.forward.config.window
        return bases[0].id, min(bases[0].max_model_len or own, own), bases[0].root

    async def _compare_tokens(self, model: str) -> None:
        own = tuple(self._chat.input_ids(GREETING))
        try:
            found = await self._api.tokenize(GREETING, model)
        except RefusedError:  # some set-ups hide it; the next comparison shows most of it, too
            return
        if found != own:
            raise EngineError(
                f"engine vllm: {self._api.url} serves {model!r}, whose tokens are not those of "
                f"{self._base.name}: start it with that model, or set HYPERNET_MCP_BASE to its own"
            )

    async def _compare_base(self, model: str) -> None:
        """Let the base write a little, and see whether ours finds it as likely."""
        prompt = [*self._untouched, *self._chat.invocation_ids()]
        try:
            written, logprobs = await self._read(model, prompt)
        except RefusedError as error:
            if error.status != NOT_FOUND:
                raise
            raise EngineError(
                f"{error}: it names models, and is no vLLM server; look at what listens there, and "
                "at HYPERNET_MCP_ENGINE_URL"
            ) from error
        # In a thread of its own: answers go on meanwhile.
        own = await anyio.to_thread.run_sync(self._own_logprobs, prompt, written)
        difference = _mean_difference(logprobs, own)
        if difference > SAME_BASE:
            raise EngineError(
                f"engine vllm: {self._api.url} serves {model!r}, which is not {self._base.name}: "
                f"of what it writes, log-probabilities are {difference:.2f} off (allowed are "
                f"{SAME_BASE}); start it with the same weights, or set HYPERNET_MCP_BASE to its own"
            )

    async def _try_adapter(self, model: str) -> bool:
        """Whether adapters act from their invocation on. Without a hypernetwork there are none."""
        if self._probe is None:
            return True
        if not self._invocation:
            return await self._on_all()
        try:
            read = await self._read_under(self._folder)
        except (RefusedError, FailedError) as error:
            if "alora" not in str(error).casefold():
                raise_remedied(error, self._probe, self._folder)
            return await self._on_all()
        # Behind a prompt without the invocation, the base alone writes.
        base_written, base_logprobs = await self._read(model, self._untouched)
        written, logprobs = read
        return written == base_written and _mean_difference(logprobs, base_logprobs) <= SAME_READING

    async def _on_all(self) -> bool:
        """See whether it takes an adapter that acts on the whole prompt; it is not activated."""
        assert self._probe is not None  # noqa: S101  # for the type checker: asked by the caller
        try:
            await self._read_under(self._folder.without_activation())
        except (RefusedError, FailedError) as error:
            raise_remedied(error, self._probe, self._folder)
        return False

    async def _read_under(self, folder: AdapterFolder) -> tuple[list[int], list[float]]:
        """What is written under the probe."""
        assert self._probe is not None  # noqa: S101  # for the type checker: asked by the caller
        name = folder.keep(self._probe)
        try:
            return await self._read(name, self._untouched)
        except RefusedError as error:
            if not lacks_adapter(error):
                raise
        await self._api.load(name, folder.path_of(name))
        return await self._read(name, self._untouched)

    async def _try_grammar(self, model: str) -> bool:
        """Whether an answer follows a grammar of llguidance."""
        body = {
            "model": model,
            "prompt": self._untouched,
            "max_tokens": 4,
            "temperature": 0,
            "structured_outputs": {"grammar": TRIED_GRAMMAR},
        }
        try:
            completion = await self._api.complete(body)
        except (RefusedError, GoneError):  # vLLM's own fault (500) where the backend is another
            return False
        return all(choice.text in "qz" for choice in completion.choices)

    async def _read(self, model: str, prompt: list[int]) -> tuple[list[int], list[float]]:
        """What a model writes behind a prompt: token ids, and the log-probability of each."""
        body = {
            "model": model,
            "prompt": prompt,
            "max_tokens": WRITTEN,
            "temperature": 0,
            "logprobs": 0,
            "return_token_ids": True,
        }
        (choice, *_) = (await self._api.complete(body)).choices or (None,)
        written = list((choice and choice.token_ids) or ())
        found = choice.logprobs.token_logprobs if choice and choice.logprobs else ()
        logprobs = [each for each in found if each is not None]
        if not written or len(logprobs) != len(written):
            raise GarbledError(f"engine vllm: {self._api.url} gave no token ids, or no logprobs")
        return written, logprobs

    def _own_logprobs(self, prompt: Sequence[int], written: Sequence[int]) -> list[float]:
        """The log-probability of each token that was written, by the base of this process."""
        forward, length = self._base.forward, len(prompt) + len(written)
        ids_BT = torch.tensor([[*prompt, *written]], device=forward.device)
        with torch.inference_mode():
            positions_BT = torch.arange(length, device=forward.device)[None]
            x_BTD = forward.run(forward.embed(ids_BT), positions_BT, Recorder(), None)
            logprob_TV = forward.logits(x_BTD[0, len(prompt) - 1 : -1]).float().log_softmax(-1)
        ids_T1 = ids_BT[0, len(prompt) :, None]
        found: list[float] = logprob_TV.gather(1, ids_T1)[:, 0].tolist()
        return found

    @cached_property
    def _untouched(self) -> list[int]:
        """A prompt that no adapter acts on: without what opens an answer."""
        step = self._chat.input_ids("The invoice says: 12 chairs, 340.00 EUR, due on 3 May.")
        return [*self._chat.prefix_ids(f"{GREETING}\n\n"), *step]

    @property
    def _invocation(self) -> bool:
        """Whether adapters say from where on they act."""
        config = {} if self._probe is None else self._probe.peft_config()
        return bool(config.get("alora_invocation_tokens"))


def lacks_adapter(error: RefusedError) -> bool:
    """Whether a server has no such adapter, or its resolver could not load it and says not why."""
    return error.status == NOT_FOUND or "could not be loaded" in str(error)


def raise_remedied(error: ServerError, adapter: Adapter, folder: AdapterFolder) -> NoReturn:
    """Raise a server's refusal of an adapter with what helps, where that is known.

    Raises:
        EngineError: always; the error itself, where nothing is known.
    """
    said, flag = str(error), f"--max-lora-rank {adapter.rank}"
    if re.search(r"(?i)\b(lora rank|max_lora_rank)\b", said):
        raise EngineError(f"{said}: start it with {flag}") from error
    if "enable-lora" in said:
        raise EngineError(f"{said}: start it with --enable-lora {flag}") from error
    if isinstance(error, RefusedError) and error.status == NOT_FOUND:
        raise EngineError(
            f"{said}: it takes no adapters, or finds none in {folder.path_of('')}: start "
            f"it with --enable-lora {flag} and {RUNTIME_UPDATES}; it has "
            "to see the folder of HYPERNET_MCP_ADAPTERS (HYPERNET_MCP_ENGINE_ADAPTERS says "
            "under which path, if it is another)"
        ) from error
    raise error


def _mean_difference(one: Sequence[float], other: Sequence[float]) -> float:
    pairs = zip(one, other, strict=True)
    return sum(abs(a - b) for a, b in pairs) / max(1, len(one))
