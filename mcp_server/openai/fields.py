"""Fields that OpenAI's clients send besides: without effect, refused by name, or unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mcp_server.openai.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping

# What changes no answer here, and is accepted without a word.
HARMLESS = frozenset({
    "user", "safety_identifier", "prompt_cache_key", "prompt_cache_retention",
    "prompt_cache_options", "service_tier", "parallel_tool_calls", "reasoning_effort", "reasoning",
    "verbosity", "prediction", "truncation", "max_tool_calls", "moderation", "top_p",
})  # fmt: skip
# What would change the answer and is not supported: the values that ask for nothing.
REFUSED: dict[str, tuple[Any, ...]] = {
    "n": (1,),
    "logit_bias": ({},),
    "functions": ([],),
    "function_call": ("none",),
    "modalities": (["text"],),
    "audio": (),
    "web_search_options": (),
    "frequency_penalty": (0,),
    "presence_penalty": (0,),
    "background": (False,),
    "conversation": ("",),
    "previous_response_id": (),
    "prompt": ({},),
    "context_management": ([],),
}
INSTEAD = {
    "functions": "send tools",
    "function_call": "send tools and tool_choice",
    "previous_response_id": "nothing is kept to go on from; send the earlier turns in input",
    "conversation": "send the earlier turns in input, or keep a session by metadata.session_id",
}


def unused(extra: Mapping[str, Any], temperature: float, store: bool | None) -> tuple[str, ...]:
    """What of a request has no effect.

    Args:
        extra: the fields that the request's model does not have.
        temperature: the request's.
        store: whether the client wants the answer kept to be looked up.

    Raises:
        ApiError: a field would change the answer and is not supported.
    """
    for name, neutral in REFUSED.items():
        value = extra.get(name)
        if value is not None and value not in neutral:
            remedy = INSTEAD.get(name, "leave it out")
            raise ApiError(400, f"{name}: is not supported here; {remedy}", name, "unsupported")
    if temperature > 0 and extra.get("top_p") not in (None, 1):
        raise ApiError(
            400, "top_p: is not supported here; leave it out, or send 1", "top_p", "unsupported"
        )
    known = HARMLESS | REFUSED.keys()
    strangers = sorted(name for name in extra if name not in known)
    return (*strangers, *(["store: nothing is kept to be looked up"] if store else []))
