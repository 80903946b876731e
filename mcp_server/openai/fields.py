"""Fields of both APIs: what they share, and what is without effect, refused or unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypeVar, cast, get_args

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import core_schema

from mcp_server.openai.asked import Asked
from mcp_server.openai.errors import KEY, KEY_FIELD, SESSION, ApiError
from mcp_server.schema.limits import beginning

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import GetCoreSchemaHandler, ValidatorFunctionWrapHandler
    from pydantic_core import CoreSchema
    from pydantic_core.core_schema import ListSchema

    from mcp_server.openai.asked import Conversation, Tool

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
# Of the fields that nobody knows, how many are named.
STRANGERS = 32
# Of any list. A body has room for millions, and all other calls wait while one is looked at.
ENTRIES = 10_000
T = TypeVar("T")
WORDS = {list: "a list", dict: "an object with fields"}


class Wire(BaseModel):
    """A JSON object that may have further fields."""

    model_config = ConfigDict(extra="allow")


class Ending:
    """Marks a list of not too many entries, of which the first wrong one is enough to be told.

    To say of each what is wrong takes far longer than to read them.
    """

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """As pydantic asks for it."""
        found = cast("ListSchema", handler(source))
        return {**found, "max_length": ENTRIES, "fail_fast": True}


class OrText:
    """Marks what is a text or of this kind, so that a refusal names the field, and not a form."""

    def __init__(self, kind: type[list[Any] | dict[str, Any]]) -> None:
        self._kind = kind

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """As pydantic asks for it."""
        other = next(each for each in get_args(source) if each is not str)

        def read(value: Any, validated: ValidatorFunctionWrapHandler) -> Any:
            if isinstance(value, str):
                return value
            if not isinstance(value, self._kind):
                raise ValueError(f"should be text or {WORDS[self._kind]}")
            return validated(value)

        inner = handler.generate_schema(other)
        return core_schema.no_info_wrap_validator_function(read, inner)


Listed = Annotated[list[T], Ending()]
Text = Annotated[str | Listed[T], OrText(list)]


class ApiRequest(Wire):
    """What the body of a call has in either API."""

    model: str
    temperature: float | None = None
    seed: int | None = None
    stop: Text[str] | None = None
    stream: bool | None = None
    tool_choice: Annotated[str | dict[str, Any], OrText(dict)] | None = None
    top_logprobs: int | None = Field(default=None, ge=0)
    metadata: dict[str, Any] | None = None
    store: bool | None = None

    def unused(self) -> tuple[str, ...]:
        """What of it has no effect.

        Raises:
            ApiError: a field would change the answer and is not supported.
        """
        extra = self.model_extra or {}
        for name, neutral in REFUSED.items():
            value = extra.get(name)
            if value is not None and value not in neutral:
                remedy = INSTEAD.get(name, "leave it out")
                raise ApiError(400, f"{name}: is not supported here; {remedy}", name, "unsupported")
        if (self.temperature or 0.0) > 0 and extra.get("top_p") not in (None, 1):
            raise ApiError(
                400, "top_p: is not supported here; leave it out, or send 1", "top_p", "unsupported"
            )
        known = HARMLESS | REFUSED.keys()
        strangers = sorted(name for name in extra if name not in known)
        named, more = [beginning(name) for name in strangers[:STRANGERS]], strangers[STRANGERS:]
        rest = [f"and {len(more)} more"] if more else []
        return (*named, *rest, *(["store: nothing is kept to be looked up"] if self.store else []))

    def asked(
        self,
        headers: Mapping[str, str],
        said: Conversation,
        *,
        ignored: tuple[str, ...],
        max_tokens: int | None,
        schema: dict[str, Any] | None,
        tool: Tool | None,
        logprobs: bool,
    ) -> Asked:
        """What it asks; the arguments are what each API says in its own words.

        Raises:
            ApiError: it names two sessions or keys, or a key that is no text.
        """
        key, key_field = self._key(headers)
        stop = [self.stop] if isinstance(self.stop, str) else self.stop or []
        return Asked(
            model=self.model,
            said=said,
            max_tokens=max_tokens,
            temperature=self.temperature or 0.0,
            seed=self.seed or 0,
            stop=tuple(stop),
            schema=schema,
            tool=tool,
            top_logprobs=self.top_logprobs or 0 if logprobs else None,
            stream=bool(self.stream),
            session=self._session(headers),
            step_key=key,
            key_field=key_field,
            ignored=ignored,
        )

    def _session(self, headers: Mapping[str, str]) -> str | None:
        """The session that a call names, in its body or in a header."""
        named, header = (self.metadata or {}).get("session_id"), headers.get("x-session-id")
        if named is not None and header is not None and named != header:
            raise ApiError(
                400,
                f"{SESSION}: is another than that of the header X-Session-Id; send one",
                SESSION,
            )
        return header if named is None else str(named)

    def _key(self, headers: Mapping[str, str]) -> tuple[str | None, str]:
        """The key of the step, and where it stands: in the body, or in a header."""
        named, header = (self.metadata or {}).get("step_key"), headers.get(KEY.lower())
        if named is None:
            return header, KEY
        if not isinstance(named, str):
            raise ApiError(400, f"{KEY_FIELD}: must be a text", KEY_FIELD)
        if header is not None and header != named:
            raise ApiError(
                400, f"{KEY_FIELD}: is another than that of the header {KEY}; send one", KEY_FIELD
            )
        return named, KEY_FIELD
