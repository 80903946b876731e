"""Starting an example as its users do; for the tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ECHO = {"HYPERNET_MCP_ENGINE": "echo"}


def run_example(
    name: str,
    *arguments: str | Path,
    env: dict[str, str] | None = None,
    timeout: float | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run `python -m examples.NAME` to its end, warnings being errors."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", f"examples.{name}", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **(env or {})},
        capture_output=True,
        encoding="utf-8",
        timeout=timeout,
        check=False,
    )
