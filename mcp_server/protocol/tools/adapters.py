"""The tool for generated weights that went wrong."""

from typing import Annotated

from anyio import to_thread
from pydantic import Field

from mcp_server.jobs import adapters
from mcp_server.protocol.tools.registration import (
    MARKS,
    AppContext,
    SessionId,
    application,
    tool,
)
from mcp_server.schema import results
from mcp_server.schema.calls import RevokeCall


@tool("Revoke an adapter", MARKS)
async def revoke_adapter(
    ctx: AppContext,
    session_id: SessionId,
    adapter_digest: Annotated[str, Field(description="From set_task or run_step.")],
    reason: Annotated[str | None, Field(description="For people.")] = None,
    release: Annotated[bool, Field(description="Allows it again.")] = False,
) -> results.RevokeResult:
    """Refuse generated weights in this session from now on, or allow them again.

    Use it when the task or examples behind it turn out wrong or planted.
    Example: {"session_id": "…", "adapter_digest": "9f2c…"}
    """
    app, call = application(ctx), RevokeCall(adapter_digest, reason, release)
    return await to_thread.run_sync(lambda: adapters.revoke(app.store(), session_id, call))
