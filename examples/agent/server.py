"""Starting the server as an MCP host does, from mcp.json, and killing it as a crash does.

The transport is this module's own because the SDK's hides the process, and an agent has to kill it.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
from anyio.streams.buffered import BufferedByteReceiveStream
from mcp.client import Client
from mcp.shared.exceptions import MCPError
from mcp.shared.message import SessionMessage
from mcp.types import TextContent, jsonrpc_message_adapter

from examples.agent.errors import ExampleError, last_words

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from anyio.abc import Process
    from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

    Incoming = SessionMessage | Exception
    Streams = tuple[MemoryObjectReceiveStream[Incoming], MemoryObjectSendStream[SessionMessage]]

# A model may have to be converted at the first start; nothing should take longer than this.
CALL_SECONDS = 900.0
CONNECT_SECONDS = 60.0
EXIT_SECONDS = 5.0
LINE_BYTES = 1 << 24


@dataclass(frozen=True)
class Launch:
    """How to start the server."""

    command: str
    args: tuple[str, ...]
    env: dict[str, str]
    log: Path
    """Receives what the server writes to stderr."""

    def last_words(self) -> str:
        """The last line of that, as the end of an error message."""
        return last_words(self.log, "the server's")


def read_launch(config: Path, name: str, database: Path, log: Path) -> Launch:
    """The entry `name` of an mcp.json, with the database put in place of the user's own.

    Commands are looked for beside the running Python first, so that an environment need not be
    activated.

    Raises:
        ExampleError: no such file, entry or command.
    """
    try:
        entry = json.loads(config.read_text(encoding="utf-8"))["mcpServers"][name]
        command, args = str(entry["command"]), tuple(str(arg) for arg in entry.get("args", ()))
        extra = {str(key): str(value) for key, value in entry.get("env", {}).items()}
    except OSError as error:
        raise ExampleError(f"cannot read {config}: {error.strerror}") from error
    except ValueError as error:
        raise ExampleError(f"{config} is not JSON: {error}") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise ExampleError(f"{config} has no server named {name} with a command") from error
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    found = shutil.which(command, path=path)
    if found is None:
        raise ExampleError(f"server not found: no command {command}; install the project first")
    own = {"PATH": path, "HYPERNET_MCP_DATABASE": str(database)}
    return Launch(found, args, {**os.environ, **extra, **own}, log)


class Link:
    """A running server and the client that talks to it."""

    def __init__(self, client: Client, process: Process, launch: Launch) -> None:
        self._client, self._process, self._launch = client, process, launch

    async def call(
        self, tool: str, arguments: dict[str, Any], show: Callable[[str], None]
    ) -> dict[str, Any]:
        """Call a tool; `show` takes what the server reports meanwhile.

        Raises:
            ExampleError: the tool refused, with its own words, or the server is gone.
        """

        async def report(progress: float, total: float | None, message: str | None) -> None:
            show(message or f"{progress:g} of {total or '?'}")

        given = {key: value for key, value in arguments.items() if value is not None}
        try:
            result = await self._client.call_tool(
                tool, given, read_timeout_seconds=CALL_SECONDS, progress_callback=report
            )
        except (MCPError, RuntimeError) as error:
            raise ExampleError(f"{tool}: {error}{self._launch.last_words()}") from error
        if result.is_error:
            said = " ".join(c.text for c in result.content if isinstance(c, TextContent))
            raise ExampleError(f"{tool}: {' '.join(said.split()) or 'failed without a word'}")
        if not isinstance(result.structured_content, dict):
            raise ExampleError(f"{tool}: the result has no structured content")
        return result.structured_content

    async def kill(self) -> int:
        """End the server as a crash would, without a chance to tidy up, and give its pid.

        Raises:
            ExampleError: it had ended by itself.
        """
        if self._process.returncode is not None:
            raise ExampleError(f"the server ended before it was killed{self._launch.last_words()}")
        _kill(self._process)
        await self._process.wait()
        return self._process.pid


@asynccontextmanager
async def connect(launch: Launch) -> AsyncGenerator[Link]:
    """Start the server; it is gone when the block ends.

    Raises:
        ExampleError: it cannot be started or does not answer as an MCP server.
    """
    try:
        with launch.log.open("ab") as log:
            process = await anyio.open_process(
                [launch.command, *launch.args], env=launch.env, stderr=log, start_new_session=True
            )
    except OSError as error:
        raise ExampleError(f"cannot start {launch.command}: {error.strerror}") from error
    client = Client(_streams(process), read_timeout_seconds=CONNECT_SECONDS)
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(client)
        except* MCPError as group:  # the SDK's task groups wrap what fails in the handshake
            raise ExampleError(f"the server gave no answer{launch.last_words()}") from group
        yield Link(client, process, launch)


def _kill(process: Process) -> None:
    """Kill a server, and on POSIX whatever it started: it leads a process group of its own."""
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)


@asynccontextmanager
async def _streams(process: Process) -> AsyncGenerator[Streams]:
    """The stdio transport: one JSON message a line, each way."""
    to_client, incoming = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    outgoing, from_client = anyio.create_memory_object_stream[SessionMessage](0)
    async with process, anyio.create_task_group() as tasks:
        tasks.start_soon(_read, process, to_client)
        tasks.start_soon(_write, process, from_client)
        try:
            yield incoming, outgoing
        finally:
            with anyio.CancelScope(shield=True):
                await _stop(process)
            tasks.cancel_scope.cancel()
            for stream in (incoming, outgoing):
                stream.close()


async def _read(process: Process, to_client: MemoryObjectSendStream[Incoming]) -> None:
    assert process.stdout is not None  # noqa: S101  # open_process pipes it
    lines = BufferedByteReceiveStream(process.stdout)
    gone = (anyio.EndOfStream, anyio.IncompleteRead, anyio.BrokenResourceError)
    async with to_client:
        with suppress(*gone, anyio.ClosedResourceError, ConnectionError):
            while True:
                line = await lines.receive_until(b"\n", LINE_BYTES)
                try:
                    message = SessionMessage(jsonrpc_message_adapter.validate_json(line))
                except ValueError as error:
                    await to_client.send(error)
                else:
                    await to_client.send(message)


async def _write(process: Process, from_client: MemoryObjectReceiveStream[SessionMessage]) -> None:
    assert process.stdin is not None  # noqa: S101  # open_process pipes it
    async with from_client:
        with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError, ConnectionError):
            async for item in from_client:
                text = item.message.model_dump_json(by_alias=True, exclude_unset=True)
                await process.stdin.send(text.encode() + b"\n")


async def _stop(process: Process) -> None:
    """Closing stdin asks the server to end; a deaf one is killed."""
    assert process.stdin is not None  # noqa: S101  # open_process pipes it
    with suppress(anyio.BrokenResourceError, ConnectionError):
        await process.stdin.aclose()
    with anyio.move_on_after(EXIT_SECONDS):
        await process.wait()
    _kill(process)
    await process.wait()
