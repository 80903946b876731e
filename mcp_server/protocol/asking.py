"""Asking the person at a client in the middle of a request (elicitation), where the client can.

Since 2026-07-28 the request is answered with the form, and comes again with what was filled in;
before, the form is a request of its own to the client.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from mcp.server.elicitation import AcceptedElicitation, render_elicitation_schema
from mcp.shared.exceptions import NoBackChannelError
from mcp.types import ElicitRequest, ElicitRequestFormParams, ElicitResult, InputRequiredResult
from mcp_types.version import is_version_at_least
from pydantic import BaseModel, ValidationError

from mcp_server.schema.limits import InputError

if TYPE_CHECKING:
    from mcp.server.mcpserver import Context

Form = TypeVar("Form", bound=BaseModel)
WITHIN_THE_REQUEST = "2026-07-28"
KEY = "form"


async def ask_user(
    context: Context[Any, Any], message: str, form: type[Form]
) -> Form | InputRequiredResult | None:
    """A form as it was filled in; None where the client shows none, or the person did not want to.

    `InputRequiredResult` is to be returned to the client, which calls again.

    Raises:
        InputError: what came back is not of the form; names the field.
    """
    if not _shows_forms(context):
        return None
    if not is_version_at_least(context.protocol_version or "", WITHIN_THE_REQUEST):
        return await _asked_beside(context, message, form)
    answered = (context.input_responses or {}).get(KEY)
    if answered is None:
        shown = ElicitRequestFormParams(
            message=message, requested_schema=render_elicitation_schema(form)
        )
        return InputRequiredResult(input_requests={KEY: ElicitRequest(params=shown)})
    if not isinstance(answered, ElicitResult) or answered.action != "accept":
        return None
    return _read(form, answered.content or {})


def _shows_forms(context: Context[Any, Any]) -> bool:
    """Whether the client says that it can; without a mode named, forms are meant."""
    capabilities = context.client_capabilities
    asking = None if capabilities is None else capabilities.elicitation
    return asking is not None and (asking.form is not None or asking.url is None)


async def _asked_beside(context: Context[Any, Any], message: str, form: type[Form]) -> Form | None:
    try:
        outcome = await context.elicit(message, form)
    except NoBackChannelError:  # a stateless connection
        return None
    except ValueError as error:
        if isinstance(error.__cause__, ValidationError):
            raise _refused(error.__cause__) from error
        raise InputError(f"the form: {error}") from error
    return outcome.data if isinstance(outcome, AcceptedElicitation) else None


def _read(form: type[Form], content: Any) -> Form:
    try:
        return form.model_validate(content)
    except ValidationError as error:
        raise _refused(error) from error


def _refused(error: ValidationError) -> InputError:
    found = error.errors(include_input=False, include_url=False)[0]
    return InputError(f"{'.'.join(map(str, found['loc'])) or 'the form'}: {found['msg']}")
