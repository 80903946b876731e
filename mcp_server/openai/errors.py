"""Refusals and failures in the form and with the status that OpenAI's clients know."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from checkpoints import MemoryFault, UnknownSession
from checkpoints.errors import (
    BadIdentifier,
    NotADatabase,
    StoreDamaged,
    StoreLocked,
    StoreMoved,
    StoreNewer,
    StoreReadOnly,
    UnknownTask,
)
from checkpoints.text.problems import place_of, problems_of
from hypernet.engine.interface import (
    EngineClosedError,
    EngineError,
    PromptTooLongError,
    QueueFullError,
)
from mcp_server.app.deadline import TimeOverError
from mcp_server.app.loader import LoadError
from mcp_server.schema.limits import InputError
from mcp_server.telemetry.calls import BusyError
from mcp_server.telemetry.faults import internal_error
from mcp_server.telemetry.running import StepCancelledError

if TYPE_CHECKING:
    from collections.abc import Mapping

PATH = "/v1"
INVALID, TOO_MANY, FAILED = "invalid_request_error", "rate_limit_error", "server_error"
SESSION = "metadata.session_id"
KEY, KEY_FIELD = "Idempotency-Key", "metadata.step_key"
# Of the job's own fields, what a client of this door sent instead.
FIELDS = {"step_key": KEY, "session_id": SESSION, "name": "model"}
UNUSABLE = (NotADatabase, StoreDamaged, StoreLocked, StoreMoved, StoreNewer, StoreReadOnly)
BY_STATUS = {
    401: (INVALID, "invalid_api_key"),
    403: (INVALID, "forbidden"),
    408: (INVALID, "body_timeout"),
    413: (INVALID, "body_too_large"),
    421: (INVALID, "unknown_host"),
    429: (TOO_MANY, "rate_limit_exceeded"),
}
_FIELD = re.compile(r"([a-z_]+)(?=[:\[.])")


class ApiError(Exception):
    """An error as a client is told it."""

    def __init__(
        self,
        status: int,
        message: str,
        param: str | None = None,
        code: str | None = None,
        kind: str = INVALID,
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.param, self.code, self.kind = (
            status, message, param, code, kind,
        )  # fmt: skip

    def body(self) -> dict[str, Any]:
        """What is sent."""
        error = {
            "message": self.message,
            "type": self.kind,
            "param": self.param,
            "code": self.code,
        }
        return {"error": error}


def refusal_body(status: int, message: str) -> dict[str, Any]:
    """What is sent of a request that never came to be a call."""
    kind, code = BY_STATUS.get(status, (INVALID, None))
    return ApiError(status, message, None, code, kind).body()


def api_error(error: Exception, fields: Mapping[str, str], what: str) -> ApiError:
    """An error as a client is told it; what was not foreseen is logged and says nothing.

    Args:
        error: what ended the call.
        fields: of the job's fields, what this API calls them.
        what: the call's name, for the log.
    """
    if isinstance(error, ApiError):
        return error
    if isinstance(error, ValidationError):
        first: Any = error.errors(include_url=False, include_input=False)[0]
        return ApiError(400, problems_of(error, "body"), place_of(first) or None)
    if isinstance(error, StepCancelledError):
        # Of a status that OpenAI's clients do not send again by themselves.
        key = fields.get("step_key", KEY)
        return ApiError(400, str(error).replace("step_key", key), None, "cancelled")
    known = (InputError, EngineError, MemoryFault, LoadError, TimeOverError, BusyError)
    if not isinstance(error, known):
        return ApiError(500, internal_error(what, error), None, "internal_error", FAILED)
    param, message = _named(str(error), {**FIELDS, **fields})
    if isinstance(error, (BusyError, QueueFullError)):
        return ApiError(429, message, None, "rate_limit_exceeded", TOO_MANY)
    if isinstance(error, (LoadError, EngineClosedError, *UNUSABLE)):
        return ApiError(503, message, None, "unavailable", FAILED)
    if isinstance(error, TimeOverError):
        return ApiError(504, message, None, "timeout", FAILED)
    if isinstance(error, UnknownTask):
        return ApiError(404, message, "model", "model_not_found")
    if isinstance(error, (UnknownSession, BadIdentifier)):
        return ApiError(404, message, SESSION, "session_not_found")
    code = "context_length_exceeded" if isinstance(error, PromptTooLongError) else None
    return ApiError(400, message, param, code)


def _named(message: str, fields: Mapping[str, str]) -> tuple[str | None, str]:
    """The field that a message begins with, and the message, both in this API's words."""
    found = _FIELD.match(message)
    if found is None:
        return None, message
    param = fields.get(found[1], found[1])
    if param == found[1]:
        return param, message
    rest = message[found.end() :]
    return param, f"{param}{rest}" if rest.startswith(":") else f"{param}: {message}"
