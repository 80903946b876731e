"""A server of its own, on which a job's material is looked up before any arm runs."""

from __future__ import annotations

import tempfile
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import anyio

from examples.agent.caller import Caller
from examples.agent.command import CONFIG
from examples.agent.server import connect, read_launch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from bench.agents.arms import Quiet


@asynccontextmanager
async def looking_up(
    display: Quiet, write: Callable[[Path], Path] | None = None
) -> AsyncIterator[tuple[Caller, str]]:
    """Who calls the server's tools, and a session.

    Args:
        display: hears of it.
        write: writes what the server may read into a folder, and says where.

    Raises:
        ExampleError: a tool refused.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as own:
        folder = Path(await anyio.Path(own).resolve())
        launch = read_launch(CONFIG, "hypernet-mcp", folder / "memory.db", folder / "server.log")
        if write is not None:
            readable = {"HYPERNET_MCP_DOCUMENTS": str(write(folder))}
            launch = replace(launch, env={**launch.env, **readable})
        async with connect(launch) as link:
            call = Caller(link, display)
            opened = await call("set_task", task="Material is looked up.", mode="prompted")
            yield call, str(opened["session_id"])
