"""The page about tasks that learn: its commands and calls run in their order, as they stand."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from anyio import to_thread
from click.testing import CliRunner
from support import connected

from mcp_server.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Callable

    from support import Caller

    from mcp_server.app.application import Application

pytestmark = pytest.mark.anyio

PAGE = (Path(__file__).parents[2] / "docs" / "tasks.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+) ?([\w.]*)\n(.*?)^```", PAGE, re.M | re.S)


async def calls(call: Caller, block: str) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = []
    for line in block.splitlines():
        sent = json.loads(line)
        arguments = sent["arguments"]
        if "session_id" in arguments:
            arguments["session_id"] = results[0]["session_id"]
        results.append(await call(sent["tool"], **arguments))
    return results


async def test_all_commands_and_calls_of_the_page_run_in_their_order(
    make_app: Callable[..., Application],
    database: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.chdir(tmp_path)
    settings = {"DATABASE": str(database), "ENGINE": "echo", "CACHE": str(tmp_path / "cache")}
    for name, value in settings.items():
        monkeypatch.setenv(f"HYPERNET_MCP_{name}", value)
    said, results = "", []
    for kind, name, block in BLOCKS:
        if kind == "csv":
            (tmp_path / name).write_text(block)
        elif kind == "sh":
            for line in block.splitlines():
                words = shlex.split(line)
                assert words.pop(0) == "hypernet-mcp"
                done = await to_thread.run_sync(lambda words=words: CliRunner().invoke(main, words))
                assert done.exit_code == 0, (line, done.output)
                said += done.output
        else:
            app = make_app(cache=tmp_path / "cache")
            async with connected(app) as call:
                results += await calls(call, block)
            app.close()
    assert "tickets would have 10 examples" in said
    assert "tickets version 1: learned, 10 examples" in said
    assert "tickets has 15 examples in version" in said
    _, again = (each for each in results if "needs_review" in each)
    assert (again["output"], again["answered_by"]) == ("shipping", "example")
    assert [each["changed"] for each in results if "changed" in each] == [True] * 7
    assert {kind for kind, *_ in BLOCKS} == {"csv", "sh", "json"}
