"""From process start to the `initialize` reply: this server beside a bare server of the same SDK.

    python -m bench.startup [--rounds 7] [--json FILE]

The bare server has one empty tool: what it takes is what Python and the SDK take. Rounds alternate.
Each start finds a database that was not there before. `initialize_first_s` is one start in which
Python finds nothing compiled either, as the first one in an environment that uv made. Whether torch
was imported before the reply is seen in a start of its own, in which Python notes every import
where the reply is written, too. The reply must not wait for a model.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

BARE = """
from mcp.server import MCPServer
mcp = MCPServer("bare")
@mcp.tool()
async def nothing() -> str:
    return ""
mcp.run("stdio")
"""
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "bench", "version": "0"},
    },
}


def seconds_to_reply(command: list[str], database: Path, **variables: str) -> float:
    """Wall time from starting the process to its reply."""
    env = {**os.environ, "HYPERNET_MCP_DATABASE": str(database), **variables}
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=env,
    )
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("no pipes")
    process.stdin.write(json.dumps(INITIALIZE).encode() + b"\n")
    process.stdin.flush()
    reply = json.loads(process.stdout.readline())
    elapsed = time.perf_counter() - started
    process.kill()
    process.communicate()
    if "result" not in reply:
        raise RuntimeError(f"no initialize result: {reply}")
    return elapsed


def torch_imported(database: Path) -> bool:
    """Whether a server had imported torch, or a part of it, when it replied to `initialize`."""
    process = subprocess.Popen(
        [sys.executable, "-X", "importtime", "-m", "mcp_server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "HYPERNET_MCP_DATABASE": str(database)},
    )
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("no pipes")
    process.stdin.write(json.dumps(INITIALIZE).encode() + b"\n")
    process.stdin.flush()
    before = b""
    for line in process.stdout:
        if b'"serverInfo"' in line:
            break
        before += line
    process.kill()
    process.communicate()
    imported = {line.rpartition(b"|")[2].strip() for line in before.splitlines()}
    if b"mcp.server" not in imported:
        raise RuntimeError("the imports were not noted")
    return any(name == b"torch" or name.startswith(b"torch.") for name in imported)


def measure(rounds: int = 7) -> dict[str, Any]:
    """Seconds from process start to reply: the medians, and the ratio with its spread."""
    servers = {
        "hypernet-mcp": [str(Path(sys.executable).parent / "hypernet-mcp")],
        "bare": [sys.executable, "-c", BARE],
    }
    times: dict[str, list[float]] = {name: [] for name in servers}
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(rounds + 1):
            order = list(servers) if turn % 2 else list(reversed(servers))
            for name in order:
                elapsed = seconds_to_reply(servers[name], Path(folder) / f"{turn}.db")
                if turn:  # the first round warms the file cache
                    times[name].append(elapsed)
        compiled = {"PYTHONPYCACHEPREFIX": str(Path(folder) / "compiled")}
        first = seconds_to_reply(servers["hypernet-mcp"], Path(folder) / "first.db", **compiled)
        imported = torch_imported(Path(folder) / "imports.db")
    ours, bare = times["hypernet-mcp"], times["bare"]
    ratios = [a / b for a, b in zip(ours, bare, strict=True)]
    return {
        "initialize_s": round(median(ours), 3),
        "initialize_s_min": round(min(ours), 3),
        "initialize_s_max": round(max(ours), 3),
        "initialize_first_s": round(first, 3),
        "bare_s": round(median(bare), 3),
        "ratio": round(median(ratios), 3),
        "ratio_min": round(min(ratios), 3),
        "ratio_max": round(max(ratios), 3),
        "torch_imported": imported,
        "rounds": rounds,
    }


def main() -> None:
    """Measure, print a table, write JSON if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    report = measure(arguments.rounds)
    for name, value in report.items():
        print(f"{name:18} {value}")
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
