"""What a vLLM server answers, as far as it is read. What does not fit is no answer of vLLM's."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Wire(BaseModel):
    """A part of an answer; what else it holds is passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class ModelCard(Wire):
    """A model, or an adapter, that the server names."""

    id: str
    parent: str | None = None
    root: str | None = None
    """Where it was loaded from."""
    max_model_len: int | None = Field(default=None, ge=1)


class ModelList(Wire):
    """`GET /v1/models`."""

    data: tuple[ModelCard, ...]


class Tokens(Wire):
    """`POST /tokenize`."""

    tokens: tuple[int, ...]


class CachedTokens(Wire):
    """Of the prompt's tokens, those that came from a cache."""

    cached_tokens: int | None = Field(default=None, ge=0)


class Usage(Wire):
    """Tokens of a completion."""

    prompt_tokens_details: CachedTokens | None = None

    @property
    def cached(self) -> int:
        """Tokens of the prompt that came from a cache, where the server tells them."""
        details = self.prompt_tokens_details
        return 0 if details is None else details.cached_tokens or 0


class ChosenLogprobs(Wire):
    """Log-probabilities of the tokens chosen, and of others in their place by `token_id:N`."""

    token_logprobs: tuple[float | None, ...] = ()
    top_logprobs: tuple[dict[str, float] | None, ...] | None = None


class Choice(Wire):
    """An answer, or a piece of one."""

    index: int = Field(ge=0)
    text: str
    token_ids: tuple[int, ...] | None = None
    finish_reason: str | None = None
    stop_reason: int | str | None = None
    logprobs: ChosenLogprobs | None = None


class Completion(Wire):
    """`POST /v1/completions`, or one event of its stream."""

    choices: tuple[Choice, ...]
    usage: Usage | None = None


class Problem(Wire):
    """What was refused."""

    message: str
    code: int | str | None = None


class Refusal(Wire):
    """An error's answer."""

    error: Problem
