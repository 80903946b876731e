"""What `tools/list` costs each conversation of each client, in tokens.

    python -m bench.field.tools_list [--json FILE]

The server is started over stdio as a client starts it, and what it sends is counted as compact
JSON: with the default base model's own tokenizer, which makes more tokens of JSON than the two
others that it was compared with (2026-11-29, without `delete_memory`: 4,097; o200k 3,532; cl100k
3,424).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

REQUESTS = (
    {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": {"name": "bench", "version": "0"},
        },
    },
    {"jsonrpc": "2.0", "method": "notifications/initialized"},
    {"jsonrpc": "2.0", "id": 2, "method": "tools/list"},
)


def listed_tools() -> list[dict[str, Any]]:
    """The tools as the server sends them over stdio.

    Raises:
        RuntimeError: it gave no answer, or another one.
    """
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "HYPERNET_MCP_DATABASE": str(Path(folder, "memory.db"))}
        with subprocess.Popen(
            [sys.executable, "-m", "mcp_server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=env,
        ) as process:
            if process.stdin is None or process.stdout is None:
                raise RuntimeError("no pipes")
            for request in REQUESTS:
                process.stdin.write(json.dumps(request).encode() + b"\n")
            process.stdin.flush()
            lines = [json.loads(process.stdout.readline() or "null") for _ in range(2)]
            process.stdin.close()  # at the end of input the server ends
    answer: dict[str, Any] = next((line for line in lines if line and line.get("id") == 2), {})
    if "result" not in answer:
        raise RuntimeError(f"no list of tools: {lines}")
    tools: list[dict[str, Any]] = answer["result"]["tools"]
    return tools


def compact(tools: list[dict[str, Any]]) -> str:
    """As JSON without spaces."""
    return json.dumps(tools, ensure_ascii=False, separators=(",", ":"))


def token_count(text: str) -> int:
    """Tokens of a text by the default base's tokenizer.

    Raises:
        ModelNotFoundError: the base is not there; says what would help.
    """
    from tokenizers import Tokenizer

    from hypernet.base_model.loading import base_folder
    from hypernet.base_model.sources import base_source
    from hypernet.runtime import RuntimeOptions

    folder = base_folder(base_source(None), RuntimeOptions().cache)
    return len(Tokenizer.from_file(str(folder / "tokenizer.json")).encode(text).ids)


def tools_list_tokens() -> int:
    """Tokens of the list of tools that a real server sends."""
    return token_count(compact(listed_tools()))


def main() -> None:
    """Print what the list costs, tool by tool."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    where = parser.parse_args().json
    tools = listed_tools()
    report = {
        "tools_list_tokens": token_count(compact(tools)),
        "characters": len(compact(tools)),
        "tools": {tool["name"]: token_count(compact([tool])) for tool in tools},
    }
    print(json.dumps(report, indent=1))
    if where is not None:
        where.write_text(json.dumps(report, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
