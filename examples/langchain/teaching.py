"""The saved tasks of the job: saved over MCP, and waited for until the server has learned them."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
from mcp.client import Client
from mcp.shared.exceptions import MCPError
from mcp.types import TextContent

from examples.agent.errors import ExampleError
from examples.serving.memory_server import read_resource

if TYPE_CHECKING:
    from collections.abc import Callable

TASKS = Path(__file__).with_name("tasks.json")
# Two tasks of 16 examples take some minutes on one core.
LEARN_SECONDS = 1800.0
FAILED = "not learned: "
POLL_SECONDS = 1.0


def read_tasks() -> list[dict[str, Any]]:
    """The arguments of `save_task`, one task each."""
    tasks: list[dict[str, Any]] = json.loads(TASKS.read_text(encoding="utf-8"))
    return tasks


def teach(mcp: str, show: Callable[[str], None]) -> dict[str, dict[str, Any]]:
    """Save the tasks at this address; gives each one's quality once it is measured.

    What is saved and learned already is left as it is.

    Raises:
        ExampleError: the server refused a task, or could not learn it.
    """
    return anyio.run(_teach, mcp, show)


async def _teach(mcp: str, show: Callable[[str], None]) -> dict[str, dict[str, Any]]:
    qualities: dict[str, dict[str, Any]] = {}
    async with Client(mcp) as client:
        for task in read_tasks():
            result = await client.call_tool("save_task", task)
            if result.is_error:
                said = " ".join(c.text for c in result.content if isinstance(c, TextContent))
                raise ExampleError(f"save_task {task['name']}: {said}")
        ends = time.monotonic() + LEARN_SECONDS
        for task in read_tasks():
            qualities[task["name"]] = await _learned(client, task["name"], ends, show)
    return qualities


async def _learned(
    client: Client, name: str, ends: float, show: Callable[[str], None]
) -> dict[str, Any]:
    while True:
        try:
            read = await read_resource(client, f"memory://tasks/{name}")
        except MCPError as error:
            raise ExampleError(f"the task {name}: {error}") from error
        quality: dict[str, Any] | None = read["quality"]
        if quality is not None and quality["version"] == read["version"]:
            return quality
        doing = read["learning"] or "it waits for its turn"
        if doing.startswith(FAILED) or time.monotonic() > ends:
            raise ExampleError(f"the task {name}: {doing}")
        show(f"learning {name}: {doing}")
        await anyio.sleep(POLL_SECONDS)
