"""A real server process on stdio that takes frames as lines."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from bench.fuzz.frames import CLIENT, LEGACY, envelope

COMMAND = [str(Path(sys.executable).parent / "hypernet-mcp"), "--engine", "echo"]


class StdioServer:
    """One process. `modern` picks the era that is opened first; None opens none."""

    def __init__(self, folder: Path, modern: bool | None) -> None:
        self._modern, self._probes = modern, 0
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._answers: list[Any] = []
        self._process = subprocess.Popen(
            [*COMMAND, "--database", str(folder / "memory.db")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(os.environ),
        )
        threading.Thread(target=self._read, daemon=True).start()
        if modern is False:
            params = {"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": CLIENT}
            self._write(_request("open", "initialize", params))
            self._write(b'{"jsonrpc":"2.0","method":"notifications/initialized"}')
        elif modern:
            self._write(_request("open", "tools/list", {"_meta": envelope()}))

    def send(self, frames: list[bytes]) -> list[Any]:
        """Send them and give back what was answered up to now."""
        for frame in frames:
            self._write(frame)
        self._take()
        answers, self._answers = self._answers, []
        return answers

    def probe(self, limit: float) -> bool:
        """Whether a valid request is answered: with a result, once an era was opened."""
        self._probes += 1
        number = f"probe-{self._probes}"
        if self._modern is None:  # whichever era the fuzz opened, one of these is of it
            self._write(_request(number, "ping", {}))
            self._write(_request(number, "tools/list", {"_meta": envelope()}))
        else:
            extra = {"_meta": envelope()} if self._modern else {}
            call = {"name": "status", "arguments": {}, **extra}
            self._write(_request(number, "tools/call", call))
        until = time.monotonic() + limit
        while (left := until - time.monotonic()) > 0:
            try:
                line = self._lines.get(timeout=left)
            except queue.Empty:
                return False
            if line is None:
                self._process.wait(10)
                return False
            answer = self._keep(line)
            if isinstance(answer, dict) and answer.get("id") == number:
                return self._modern is None or "result" in answer
        return False

    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process.poll() is None

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()

    def _write(self, line: bytes) -> None:
        if self._process.stdin is None:
            raise RuntimeError("no pipe")
        try:
            self._process.stdin.write(line + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            self._process.wait(10)  # `alive` tells

    def _read(self) -> None:
        if self._process.stdout is not None:
            for line in self._process.stdout:
                self._lines.put(line)
        self._lines.put(None)

    def _take(self) -> None:
        while not self._lines.empty():
            if (line := self._lines.get()) is not None:
                self._keep(line)

    def _keep(self, line: bytes) -> Any:
        try:
            answer = json.loads(line)
        except ValueError:
            answer = line
        self._answers.append(answer)
        return answer


def _request(number: str, method: str, params: dict[str, Any]) -> bytes:
    frame = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
    return json.dumps(frame).encode()
