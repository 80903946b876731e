"""A real vLLM server, from an environment of its own (`make vllm`), started and killed at will."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ENVIRONMENT = Path(".vllm")
NAME = "base"
READY_SECONDS = 600.0
STOP_SECONDS = 30.0
RANK = 32
GPU_FREE = {
    "VLLM_CPU_KVCACHE_SPACE": "1",  # GiB
    "VLLM_CPU_OMP_THREADS_BIND": "nobind",
    "OMP_WAIT_POLICY": "PASSIVE",  # between its steps its threads would take the cores from us
    "VLLM_DO_NOT_TRACK": "1",
    "HF_HUB_OFFLINE": "1",
}


class VllmUnavailableError(Exception):
    """There is no environment with vLLM, or its server does not start."""


@dataclass
class VllmServer:
    """A server and what it was started with."""

    model: Path
    adapters: Path
    log: Path
    environment: Path = ENVIRONMENT
    dtype: str = "float32"
    window: int = 4096
    loras: int = 8
    plugin: bool = True
    port: int = 0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it answers.

        Raises:
            VllmUnavailableError: it is not installed, or ended, or never answered.
        """
        python = self.environment / "bin" / "python"
        if not python.exists():
            raise VllmUnavailableError(f"{python} is not there: run `make vllm`")
        self.port = self.port or _free_port()
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [
                    str(python.absolute()),
                    "-m",
                    "vllm.entrypoints.openai.api_server",
                    *self._flags(),
                ],
                env=self._env(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        until = time.monotonic() + READY_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > until:
                self.kill()
                raise VllmUnavailableError(f"vLLM does not start; the end of {self.log} says why")
            time.sleep(0.5)

    def kill(self) -> None:
        """End it and all that it started, at once."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(STOP_SECONDS)
        self.process = None

    def _flags(self) -> list[str]:
        options = {
            "--model": self.model,
            "--served-model-name": NAME,
            "--dtype": self.dtype,
            "--max-model-len": self.window,
            "--max-loras": self.loras,
            "--max-lora-rank": RANK,
            "--host": "127.0.0.1",
            "--port": self.port,
            "--structured-outputs-config": '{"backend": "guidance"}',
        }
        switches = ("--enable-lora", "--enforce-eager", "--enable-prompt-tokens-details")
        return [*switches, *(str(each) for pair in options.items() for each in pair)]

    def _env(self) -> dict[str, str]:
        own = {**os.environ, **GPU_FREE, "VLLM_ALLOW_RUNTIME_LORA_UPDATING": "1"}
        if self.plugin:
            own["HYPERNET_MCP_ADAPTERS"] = str(self.adapters.absolute())
        else:
            own["VLLM_PLUGINS"] = ""
        own.pop("PYTHONPATH", None)  # ours is not for its environment
        return own

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=5) as response:  # noqa: S310  # our own address
                return bool(response.status == 200)
        except OSError:
            return False


@contextmanager
def running(server: VllmServer) -> Iterator[VllmServer]:
    """The server, started, and killed at the end."""
    try:
        server.start()
        yield server
    finally:
        server.kill()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
