"""Chat Completions as they are answered: whole, or as chunks of a stream."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Any

from mcp_server.openai.done import Event, logprob_entries, rest_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mcp_server.openai.asked import Asked
    from mcp_server.openai.done import Done


class ChatAnswer:
    """One answer, in either form."""

    def __init__(self, asked: Asked) -> None:
        self._asked, self._sent = asked, ""
        self._id, self._created = f"chatcmpl-{secrets.token_hex(12)}", int(time.time())
        self._call_id = f"call_{secrets.token_hex(12)}"

    def whole(self, done: Done) -> dict[str, Any]:
        """The completion."""
        message: dict[str, Any] = {"role": "assistant", "content": done.text, "refusal": None}
        if (tool := self._asked.tool) is not None:
            function = {"name": tool.name, "arguments": done.text}
            called = {"id": self._call_id, "type": "function", "function": function}
            message |= {"content": None, "tool_calls": [called]}
        choice = {
            "index": 0,
            "message": message,
            "logprobs": self._logprobs(done),
            "finish_reason": self._reason(done),
        }
        return {
            **self._head("chat.completion", done),
            "choices": [choice],
            "usage": _usage(done),
            "hypernet": done.extension,
        }

    def begun(self) -> Iterator[Event]:
        """The first chunk."""
        delta: dict[str, Any] = {"role": "assistant", "content": "", "refusal": None}
        if (tool := self._asked.tool) is not None:
            function = {"name": tool.name, "arguments": ""}
            called = {"index": 0, "id": self._call_id, "type": "function", "function": function}
            delta |= {"content": None, "tool_calls": [called]}
        yield self._chunk(delta)

    def more(self, text: str) -> Iterator[Event]:
        """A chunk of the text."""
        self._sent += text
        yield self._chunk(self._delta(text))

    def ended(self, done: Done) -> Iterator[Event]:
        """What is left of the text, why it ended, what it cost, and the end of the stream."""
        rest, logprobs = rest_of(done, self._sent), self._logprobs(done)
        if rest:
            yield self._chunk(self._delta(rest), logprobs=logprobs)
        last = self._chunk({}, reason=self._reason(done))
        last.data.update(system_fingerprint=_fingerprint(done), hypernet=done.extension)
        yield last
        if self._asked.count_in_stream:
            head = self._head("chat.completion.chunk", done)
            usage = {**head, "choices": [], "usage": _usage(done)}
            yield Event(usage)
        yield Event("[DONE]")

    def failed(self, error: dict[str, Any]) -> Iterator[Event]:
        """An error after the stream began."""
        yield Event(error)

    def _head(self, kind: str, done: Done | None = None) -> dict[str, Any]:
        return {
            "id": self._id,
            "object": kind,
            "created": self._created,
            "model": self._asked.model,
            "service_tier": None,
            "system_fingerprint": None if done is None else _fingerprint(done),
        }

    def _delta(self, text: str) -> dict[str, Any]:
        if self._asked.tool is None:
            return {"content": text}
        return {"tool_calls": [{"index": 0, "function": {"arguments": text}}]}

    def _chunk(
        self, delta: dict[str, Any], reason: str | None = None, logprobs: Any = None
    ) -> Event:
        choice = {"index": 0, "delta": delta, "logprobs": logprobs, "finish_reason": reason}
        chunk = {**self._head("chat.completion.chunk"), "choices": [choice]}
        return Event(chunk | ({"usage": None} if self._asked.count_in_stream else {}))

    def _reason(self, done: Done) -> str:
        if done.cut:
            return "length"
        # As OpenAI has it: a function that was forced by its name ends with "stop".
        return "tool_calls" if self._asked.tool and self._asked.tool.required else "stop"

    def _logprobs(self, done: Done) -> dict[str, Any] | None:
        entries = logprob_entries(done, self._asked.top_logprobs)
        return None if entries is None else {"content": entries, "refusal": None}


def _fingerprint(done: Done) -> str | None:
    """The weights that answered, in the field that every client passes on."""
    digest: str | None = done.extension["adapter_digest"]
    return digest


def _usage(done: Done) -> dict[str, Any]:
    return {
        "prompt_tokens": done.prompt_tokens,
        "completion_tokens": done.generated,
        "total_tokens": done.prompt_tokens + done.generated,
        "prompt_tokens_details": {"cached_tokens": done.cached, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 0,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }
