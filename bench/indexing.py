"""How fast a folder becomes memory, and how steps fare while it does.

    python -m bench.indexing [--megabytes 1] [--real] [--json FILE]

A folder of generated text, Markdown, HTML and Python files is remembered through a real server over
an in-memory client; meanwhile steps run in another session, one after the other.
`--megabytes 10 --real` is the figure to quote.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from pathlib import Path
from typing import Any

import anyio
import numpy as np
from mcp import Client

from bench.long_job import plan_job
from hypernet.runtime import Runtime, RuntimeOptions, load_runtime
from mcp_server.app.application import Application
from mcp_server.app.settings import Settings
from mcp_server.protocol.server import build_server

FILE_STEPS = 4
_FORMS = {
    "txt": "{text}",
    "md": "# Report {n}\n\n{text}\n\n## Annex\n\n{text}",
    "html": "<html><body><h1>Report {n}</h1><p>{text}</p><script>no()</script></body></html>",
    "py": 'def report_{n}():\n    """{text}"""\n    return {n}\n',
}


def write_folder(folder: Path, size: int, seed: int = 0) -> int:
    """Fill a folder with at least `size` bytes in files of some kinds; the bytes written."""
    rng = random.Random(seed)  # noqa: S311  # sampling, not secrets
    written = number = 0
    while written < size:
        materials, _ = plan_job(FILE_STEPS, rng.randrange(2**31))
        for (suffix, form), text in zip(_FORMS.items(), materials, strict=True):
            number += 1
            data = form.format(text=text, n=number).encode()
            Path(folder, f"report-{number}.{suffix}").write_bytes(data)
            written += len(data)
    return written


async def index(runtime: Runtime, folder: Path, database: Path) -> dict[str, Any]:
    """Remember a folder while another session works; how long both took."""
    settings = Settings(database=database, engine="echo", documents=(folder,))
    app = Application(settings, load=lambda options, progress: runtime)
    waits: list[float] = []
    result: dict[str, Any] = {}
    try:
        async with Client(build_server(app)) as client:
            job, beside = [await _begin(client) for _ in range(2)]
            alone = [await _step(client, beside) for _ in range(5)]
            started = time.perf_counter()
            async with anyio.create_task_group() as group:

                async def remember() -> None:
                    arguments = {"session_id": job, "paths": ["."], "max_seconds": 3600}
                    result.update(await _call(client, "remember", **arguments))
                    result["seconds"] = time.perf_counter() - started

                group.start_soon(remember)
                while "seconds" not in result:
                    waits.append(await _step(client, beside))
    finally:
        app.backlog.close()
        app.store().close()
    return {
        "files": result["files"],
        "failed": result["failed_count"],
        "pieces": result["stored"],
        "seconds": result["seconds"],
        "pieces_per_second": result["stored"] / result["seconds"],
        "steps_meanwhile": len(waits),
        "step_ms_alone": 1000 * float(np.median(alone)),
        "step_ms_meanwhile_p50": 1000 * float(np.median(waits)),
        "step_ms_meanwhile_p95": 1000 * float(np.quantile(waits, 0.95)),
    }


async def _begin(client: Client) -> str:
    return str((await _call(client, "set_task", task="Name the month."))["session_id"])


async def _step(client: Client, session: str) -> float:
    started = time.perf_counter()
    await _call(client, "run_step", session_id=session, input="It was in May.", max_tokens=4)
    return time.perf_counter() - started


async def _call(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments)
    if result.is_error or result.structured_content is None:
        raise RuntimeError(f"{tool}: {result.content}")
    return dict(result.structured_content)


def main() -> None:
    """Write the folder, remember it, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=1.0)
    parser.add_argument("--real", action="store_true", help="the real model and encoder")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    runtime = load_runtime(RuntimeOptions(engine="torch" if arguments.real else "echo"))
    try:
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as memory:
            size = write_folder(Path(folder), int(arguments.megabytes * 1e6))
            report = anyio.run(index, runtime, Path(folder), Path(memory, "memory.db"))
    finally:
        runtime.close()
    report |= {"bytes": size, "megabytes_per_second": size / 1e6 / report["seconds"]}
    report["about"] = runtime.about
    print(json.dumps(report, indent=1))
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
