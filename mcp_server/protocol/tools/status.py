"""The tool that tells how the server and its sessions stand."""

from typing import Annotated

from anyio import to_thread
from mcp.server.mcpserver.tools import Tool
from pydantic import Field

from mcp_server import __version__
from mcp_server.app.application import Application
from mcp_server.jobs.arguments import stated_limits
from mcp_server.jobs.memory import session_state
from mcp_server.jobs.present import session_line
from mcp_server.protocol.tools.registration import READ_ONLY, collector, told
from mcp_server.schema import results


def status_tools(app: Application) -> list[Tool]:
    """The tool of the state, for a server."""
    made: list[Tool] = []
    tool = collector(made)

    @tool("Status", READ_ONLY)
    async def status(
        session_id: Annotated[
            str | None, Field(description="A session to look at; else the 20 created last.")
        ] = None,
    ) -> results.StatusResult:
        """Tell whether the model is loaded, what is loaded, the limits, and sessions' state.

        Use it when a call says that the model is still loading, to find the session of an earlier
        job, or to see how far one is: its task, number of steps and last checkpoint.
        Example: {"session_id": "…"}
        """
        with told():
            store = await to_thread.run_sync(app.store)

            def found() -> list[results.SessionResult]:
                if session_id is not None:
                    return [session_state(store, store.session(session_id))]
                last = store.sessions(limit=20)
                return [session_line(session_state(store, record)) for record in last]

            return results.StatusResult(
                version=__version__,
                model=app.loader.state,
                progress=app.loader.progress,
                message=app.loader.message,
                about=app.about(),
                limits=stated_limits(app),
                document_folders=[str(folder) for folder in app.settings.documents],
                sessions=await to_thread.run_sync(found),
            )

    return made
