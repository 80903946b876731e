"""A stand-in for a vLLM server: the answers of a tiny real base in the form that vLLM gives them.

The form is that of vLLM 0.32; `test_vllm_real.py` compares the two where the real one is there. It
reads the whole text anew for each token, and adapters from the directories that it is told of.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from llguidance import LLMatcher, LLTokenizer
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from tiny_models import ActiveFrom, logits_of

from hypernet.adapters.peft_format import load_peft
from hypernet.base_model.chat import ChatFormat
from hypernet.engine.vllm.adapters import is_whole

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from starlette.requests import Request

    from hypernet.base_model.loading import BaseModel

MODEL = "base"


@dataclass
class FakeVllm:
    """One server. Its faults are set from outside."""

    base: BaseModel
    folder: Path | None = None
    """Where its plugin looks adapters up; None: it has no plugin, and has to be told of each."""
    activated: bool = True
    """Whether its plugin lets adapters act from their invocation on; else it refuses such."""
    grammars: bool = True
    """Whether its backend knows intersections, as llguidance alone does."""
    updates: bool = True
    """Whether adapters can be loaded while it runs."""
    max_rank: int = 64
    key: str | None = None
    root: str = "/models/tiny"
    """Where its base came from."""
    trouble: Callable[[str], Response | None] = lambda path: None
    """Asked before each request; what it gives is the answer. It may raise, too."""
    after_piece: Callable[[int], None] = lambda number: None
    """Called after each piece of a stream; what it raises breaks the stream off."""
    adapters: dict[str, Path] = field(default_factory=dict)
    """Those it was told of, which it forgets when it is started again."""
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def restarted(self) -> None:
        """Forget, as a new process has."""
        self.adapters.clear()

    @property
    def app(self) -> Starlette:
        """The server."""
        return Starlette(
            routes=[
                Route("/v1/models", self._models),
                Route("/tokenize", self._tokenize, methods=["POST"]),
                Route("/v1/completions", self._complete, methods=["POST"]),
                *(
                    [Route("/v1/load_lora_adapter", self._load, methods=["POST"])]
                    if self.updates
                    else []
                ),
            ]
        )

    async def _models(self, request: Request) -> Response:
        if (answer := await self._before(request)) is not None:
            return answer
        window = self.base.forward.config.window
        base = {"id": MODEL, "object": "model", "parent": None, "root": self.root}
        cards = [{**base, "max_model_len": window}]
        cards += [
            {**base, "id": name, "parent": MODEL, "root": str(path), "max_model_len": None}
            for name, path in self.adapters.items()
        ]
        return JSONResponse({"object": "list", "data": cards})

    async def _tokenize(self, request: Request) -> Response:
        if (answer := await self._before(request)) is not None:
            return answer
        ids = ChatFormat.of(self.base.tokenizer).input_ids((await request.json())["prompt"])
        return JSONResponse({"count": len(ids), "max_model_len": 512, "tokens": ids})

    async def _load(self, request: Request) -> Response:
        if (answer := await self._before(request)) is not None:
            return answer
        body = await request.json()
        name, path = body["lora_name"], Path(body["lora_path"])
        if name in self.adapters:
            return _refusal(400, f"The lora adapter '{name}' has already been loaded.")
        if (fault := self._fault(path)) is not None:
            return _refusal(500 if path.is_dir() else 404, fault)
        self.adapters[name] = path
        return Response(f"Success: LoRA adapter '{name}' added successfully.")

    async def _complete(self, request: Request) -> Response:
        body = await request.json()
        if (answer := await self._before(request, body)) is not None:
            return answer
        name = body["model"]
        if name != MODEL and name not in self.adapters:
            path = None if self.folder is None else self.folder / name
            if path is None or not is_whole(path):
                return _refusal(404, f"The model `{name}` does not exist.")
            if self._fault(path) is not None:  # what is wrong is in the server's log alone
                return _refusal(400, f"LoRA adapter '{name}' was found but could not be loaded.")
            self.adapters[name] = path
        if not self.grammars and "&" in body.get("structured_outputs", {}).get("grammar", ""):
            return _refusal(500, "Internal server error")
        prompts = body["prompt"]
        if isinstance(prompts[0], int):
            prompts = [prompts]
        if not body.get("stream"):
            choices = [
                _joined([*self._written(body, prompt)], number)
                for number, prompt in enumerate(prompts)
            ]
            return JSONResponse({"id": "cmpl-1", "model": name, "choices": choices})
        return StreamingResponse(self._events(body, prompts[0]), media_type="text/event-stream")

    async def _events(self, body: dict[str, Any], prompt: list[int]) -> AsyncIterator[str]:
        for number, piece in enumerate(self._written(body, prompt)):
            yield f"data: {json.dumps({'choices': [piece]})}\n\n"
            self.after_piece(number)
        usage = {"prompt_tokens": len(prompt), "prompt_tokens_details": {"cached_tokens": 16}}
        yield f"data: {json.dumps({'choices': [], 'usage': usage})}\n\n"
        yield "data: [DONE]\n\n"

    async def _before(self, request: Request, body: Any = None) -> Response | None:
        self.asked.append((request.url.path, body or {}))
        if self.key is not None and request.headers.get("Authorization") != f"Bearer {self.key}":
            return JSONResponse({"error": "Unauthorized"}, 401)
        return self.trouble(request.url.path)

    def _fault(self, path: Path) -> str | None:
        if not path.is_dir():
            return f"Loading lora {path.name} failed: No adapter found for {path}"
        config = json.loads((path / "adapter_config.json").read_text())
        if config["r"] > self.max_rank:
            return f"LoRA rank {config['r']} is greater than max_lora_rank {self.max_rank}."
        if config.get("alora_invocation_tokens") and not self.activated:
            return "vLLM does not support Activated LoRA (aLoRA)."
        return None

    def _written(self, body: dict[str, Any], prompt: list[int]) -> Iterator[dict[str, Any]]:
        """The pieces of an answer, a token each."""
        tokenizer, forward = self.base.tokenizer, self.base.forward
        delta = self._delta(body["model"], prompt)
        matcher = self._matcher(body)
        ids, text = list[int](), ""
        while True:
            logits_V = logits_of(forward, [*prompt, *ids], delta)[-1]
            if matcher is not None:
                bits = np.frombuffer(matcher.compute_bitmask(), np.uint8)
                allowed_V = np.unpackbits(bits, count=len(logits_V), bitorder="little")
                logits_V = logits_V.masked_fill(torch.from_numpy(allowed_V == 0), -torch.inf)
            logprobs_V = logits_V.log_softmax(-1)
            token = self._chosen(body, logprobs_V, len(ids))
            if matcher is not None:
                matcher.consume_token(token)
            ids.append(token)
            ended = token == tokenizer.eos_token_id
            new = "" if ended else tokenizer.decode([token])
            stop = next((s for s in body.get("stop", []) if s in text + new), None)
            if stop is not None:
                new = (text + new)[: (text + new).index(stop)][len(text) :]
            text += new
            whole = ended or stop is not None
            done = whole or len(ids) == body["max_tokens"]
            yield {
                "index": 0,
                "text": new,
                "token_ids": [token] if body.get("return_token_ids") else None,
                "finish_reason": ("stop" if whole else "length") if done else None,
                "stop_reason": stop,
                "logprobs": None
                if body.get("logprobs") is None
                else {
                    "token_logprobs": [float(logprobs_V[token])],
                    "top_logprobs": [
                        {
                            f"token_id:{each}": float(logprobs_V[each])
                            for each in [token, *body.get("logprob_token_ids", [])]
                        }
                    ]
                    if body.get("return_tokens_as_token_ids")
                    else None,
                },
            }
            if done:
                return

    def _chosen(self, body: dict[str, Any], logprobs_V: torch.Tensor, place: int) -> int:
        if body["temperature"] <= 0:
            return int(logprobs_V.argmax())
        own = torch.Generator().manual_seed(body["seed"] + place)
        weights_V = (logprobs_V / body["temperature"]).softmax(-1)
        return int(torch.multinomial(weights_V, 1, generator=own))

    def _delta(self, name: str, prompt: list[int]) -> ActiveFrom | None:
        if name == MODEL:
            return None
        adapter = load_peft(self.adapters[name], self.base.forward.config)
        tokens, start = list(adapter.invocation), 0
        if tokens:
            places = [n for n in range(len(prompt)) if prompt[n : n + len(tokens)] == tokens]
            start = places[-1] if places else 10**9
        sizes = self.base.forward.config.linear_sizes()
        return ActiveFrom(replace(adapter), start, sizes)

    def _matcher(self, body: dict[str, Any]) -> LLMatcher | None:
        if "structured_outputs" not in body:
            return None
        own = self.base.tokenizer.backend_tokenizer.to_str()
        vocab = self.base.forward.config.vocab
        read = LLTokenizer(own, n_vocab=vocab, eos_token=self.base.tokenizer.eos_token_id)
        return LLMatcher(read, body["structured_outputs"]["grammar"], log_level=0)


@contextmanager
def once(fake: FakeVllm, answer: Callable[[], Response], path: str) -> Iterator[list[str]]:
    """The next request to a path is answered so; what was asked meanwhile, by path."""
    asked: list[str] = []

    def trouble(of: str) -> Response | None:
        asked.append(of)
        return answer() if of == path and asked.count(path) == 1 else None

    before, fake.trouble = fake.trouble, trouble
    try:
        yield asked
    finally:
        fake.trouble = before


def _joined(pieces: list[dict[str, Any]], number: int) -> dict[str, Any]:
    last = pieces[-1]
    return {
        "index": number,
        "text": "".join(piece["text"] for piece in pieces),
        "token_ids": [token for piece in pieces for token in piece["token_ids"] or ()] or None,
        "finish_reason": last["finish_reason"],
        "stop_reason": last["stop_reason"],
        "logprobs": {
            name: [value for piece in pieces for value in piece["logprobs"][name] or ()]
            for name in ("token_logprobs", "top_logprobs")
        }
        if last["logprobs"]
        else None,
    }


def _refusal(status: int, message: str) -> Response:
    return JSONResponse({"error": {"message": message, "code": status}}, status)
