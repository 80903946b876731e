"""Responses as they are answered: whole, or as the events of a stream."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Any

from mcp_server.openai.done import Event, logprob_entries, rest_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mcp_server.openai.asked import Asked
    from mcp_server.openai.done import Done


class ResponsesAnswer:
    """One answer, in either form."""

    def __init__(self, asked: Asked) -> None:
        self._asked, self._sent, self._number = asked, "", 0
        self._id, self._created = f"resp_{secrets.token_hex(16)}", int(time.time())
        kind = "msg" if asked.tool is None else "fc"
        self._item_id = f"{kind}_{secrets.token_hex(16)}"
        self._call_id = f"call_{secrets.token_hex(12)}"

    def whole(self, done: Done) -> dict[str, Any]:
        """The response."""
        status = "incomplete" if done.cut else "completed"
        return {
            **self._head(status),
            "incomplete_details": {"reason": "max_output_tokens"} if done.cut else None,
            "output": [self._item(done.text, status, self._logprobs(done))],
            "usage": _usage(done),
            "hypernet": done.extension,
        }

    def begun(self) -> Iterator[Event]:
        """The events up to where the text begins."""
        head = {**self._head("in_progress"), "incomplete_details": None, "output": []}
        yield self._event("response.created", response=head)
        yield self._event("response.in_progress", response=head)
        item = self._item("", "in_progress", [])
        if self._asked.tool is None:
            item["content"] = []
        yield self._event("response.output_item.added", output_index=0, item=item)
        if self._asked.tool is None:
            yield self._of_item("response.content_part.added", content_index=0, part=_part("", []))

    def more(self, text: str) -> Iterator[Event]:
        """A piece of the text."""
        self._sent += text
        if self._asked.tool is None:
            yield self._of_item(
                "response.output_text.delta", content_index=0, delta=text, logprobs=[]
            )
        else:
            yield self._of_item("response.function_call_arguments.delta", delta=text)

    def ended(self, done: Done) -> Iterator[Event]:
        """What is left of the text, and the ends of the part, the item and the response."""
        if rest := rest_of(done, self._sent):
            yield from self.more(rest)
        whole = self.whole(done)
        item, logprobs = whole["output"][0], self._logprobs(done)
        if (tool := self._asked.tool) is None:
            yield self._of_item(
                "response.output_text.done", content_index=0, text=done.text, logprobs=logprobs
            )
            part = _part(done.text, logprobs)
            yield self._of_item("response.content_part.done", content_index=0, part=part)
        else:
            yield self._of_item(
                "response.function_call_arguments.done", name=tool.name, arguments=done.text
            )
        yield self._event("response.output_item.done", output_index=0, item=item)
        yield self._event(f"response.{whole['status']}", response=whole)

    def failed(self, error: dict[str, Any]) -> Iterator[Event]:
        """An error after the stream began."""
        told = error["error"]
        about = {"code": told["code"] or told["type"], "message": told["message"]}
        response = {
            **self._head("failed"), "incomplete_details": None, "output": [],
            "error": {"code": "server_error", "message": told["message"]},
        }  # fmt: skip
        yield self._event("error", **about, param=told["param"])
        yield self._event("response.failed", response=response)

    def _head(self, status: str) -> dict[str, Any]:
        return {
            "id": self._id,
            "object": "response",
            "created_at": self._created,
            "status": status,
            "background": False,
            "error": None,
            "model": self._asked.model,
            "parallel_tool_calls": False,
            "previous_response_id": None,
            "reasoning": {"effort": None, "summary": None},
            "store": False,
            "top_p": 1.0,
            "truncation": "auto",
            "usage": None,
            **self._asked.echoed,
        }

    def _item(self, text: str, status: str, logprobs: list[dict[str, Any]]) -> dict[str, Any]:
        if (tool := self._asked.tool) is None:
            content = [_part(text, logprobs)]
            about = {"type": "message", "role": "assistant", "content": content}
        else:
            about = {
                "type": "function_call",
                "call_id": self._call_id,
                "name": tool.name,
                "arguments": text,
            }
        return {"id": self._item_id, "status": status, **about}

    def _of_item(self, kind: str, **values: Any) -> Event:
        return self._event(kind, item_id=self._item_id, output_index=0, **values)

    def _event(self, kind: str, **values: Any) -> Event:
        event = {"type": kind, "sequence_number": self._number, **values}
        self._number += 1
        return Event(event, kind)

    def _logprobs(self, done: Done) -> list[dict[str, Any]]:
        return logprob_entries(done, self._asked.top_logprobs) or []


def _part(text: str, logprobs: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": logprobs}


def _usage(done: Done) -> dict[str, Any]:
    return {
        "input_tokens": done.prompt_tokens,
        "input_tokens_details": {"cached_tokens": done.cached, "cache_write_tokens": 0},
        "output_tokens": done.generated,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": done.prompt_tokens + done.generated,
    }
