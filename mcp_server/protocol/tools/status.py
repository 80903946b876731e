"""The tool that shows the state of the server and its sessions."""

from typing import Annotated

from anyio import to_thread
from pydantic import Field

from mcp_server.jobs import queries
from mcp_server.protocol.tools.registration import READ_ONLY, AppContext, application, tool
from mcp_server.schema import results


@tool("Status", READ_ONLY)
async def status(
    ctx: AppContext,
    session_id: Annotated[str | None, Field(description="Left out: the 20 created last.")] = None,
) -> results.StatusResult:
    """Tell what is loaded, the limits, and the state of sessions and tasks.

    Use it when a call says that the model is still loading, to find the session of an earlier
    job, or to see how far it is and what is learned.
    Example: {"session_id": "…"}
    """
    app = application(ctx)
    return await to_thread.run_sync(lambda: queries.status(app, session_id))
