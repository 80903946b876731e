"""The tool for generated weights that went wrong."""

from typing import Annotated

from anyio import to_thread
from mcp.server.mcpserver.tools import Tool
from pydantic import Field

from mcp_server.app.application import Application
from mcp_server.jobs.adapters import revoke
from mcp_server.protocol.tools.registration import MARKS, SessionId, collector, told
from mcp_server.schema import limits, results


def weight_tools(app: Application) -> list[Tool]:
    """The tools of generated weights, for a server."""
    made: list[Tool] = []
    tool = collector(made)

    @tool("Revoke an adapter", MARKS)
    async def revoke_adapter(
        session_id: SessionId,
        adapter_digest: Annotated[
            str, Field(description="From a result of set_task or run_step, 200 characters at most.")
        ],
        reason: Annotated[
            str, Field(description="For people, at most 200 characters.")
        ] = "not trusted",
        release: Annotated[bool, Field(description="True allows it again.")] = False,
    ) -> results.RevokeResult:
        """Refuse generated weights in this session from now on, or allow them again.

        Use it when the task's text or examples that an adapter was written from turn out wrong or
        planted: steps and tasks that would use it are refused. To undo the steps that ran under it,
        restore the checkpoint that the result names.
        Example: {"session_id": "…", "adapter_digest": "9f2c…", "reason": "poisoned examples"}
        """
        with told():
            limits.check_text("adapter_digest", adapter_digest, limits.DIGEST_CHARS)
            limits.check_text("reason", reason, limits.LABEL_CHARS)
            return await to_thread.run_sync(
                lambda: revoke(app.store(), session_id, adapter_digest, reason, release)
            )

    return made
