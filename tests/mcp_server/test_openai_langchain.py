"""LangChain's own ChatOpenAI, create_agent and MCP adapters, unmodified, and the example's hook."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from anyio import to_thread
from openai_clients import Writing
from serving import listening

from examples.langchain.install import installed

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp_server.app.application import Application

    Served = tuple[Application, Writing]

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".langchain"
CASES = Path(__file__).with_name("langchain_cases.py")
PAGE = (ROOT / "docs" / "langchain.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.anyio,
    pytest.mark.skipif(
        installed(FOLDER) is None,
        reason="LangChain is not installed: `make langchain` installs it into .langchain",
    ),
]


@pytest.fixture
async def found(make_app: Callable[..., Application]) -> tuple[dict[str, Any], Served]:
    """What came of all cases, and what they were served by."""
    engine = Writing()
    app = make_app(engine)
    async with listening(app) as address:
        done = await to_thread.run_sync(lambda: run(CASES, address))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), (app, engine)


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(installed(FOLDER)), *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        timeout=240,
        check=False,
    )


async def test_the_pages_programs_run(make_app: Callable[..., Application]):
    app = make_app(Writing())
    said = []
    async with listening(app) as address:
        for program in PROGRAMS:
            text = program.replace("http://127.0.0.1:8000", address)
            done = await to_thread.run_sync(run, "-c", text)
            assert done.returncode == 0, done.stderr
            said.append(done.stdout.splitlines())
    steps, doors, alone = said
    lamp = "The lamp came late, and its shade is dented."
    assert [line.partition(" ")[2] for line in steps] == [lamp] * 2
    assert [line.partition(" ")[0] for line in doors] == ["/v1", "run_step"]
    assert alone[-1] == "year=2026"
    assert [session.steps for session in app.store().sessions()] == [2]


async def test_langchains_clients_get_what_they_expect(
    found: tuple[dict[str, Any], Served],
):
    cases, (app, engine) = found
    # The model: whole and streamed, by both APIs, with the weights' digest and the tokens.
    assert cases["whole"] == cases["stream"]
    assert cases["whole"][0] == "one two three"
    assert cases["whole"][1]
    assert cases["usage"][0] == cases["usage"][1] > 0
    assert cases["responses"] == cases["responses_stream"] == "one two three"
    assert cases["astream"] == "one two three"
    assert cases["batch"] == ["one two three"] * 2
    ways = ("schema", "function", "stream", "agent", "responses")
    assert {cases[f"by_{way}"] for way in ways} == {2026}
    assert cases["forced"] == cases["only_one"] == {"year": 2026}
    # What is refused, by name.
    assert "a free choice among tools is not supported" in cases["free_choice"]
    assert "n: is not supported here" in cases["n"]
    assert "there is no task 'nothing'" in cases["no_such_model"]
    assert "there is no task 'nothing'" in cases["unsaved"]
    # The hook: each step reads what it should, under its own task.
    taken = cases["taken"]
    assert [step["output"] for step in taken] == [
        '{"year": 2026}',
        "Year: 2026 Place: here",  # as the engine writes it
        "Place: here",
        Writing.ANSWER,
        "So?",
    ]
    under = [asked for asked in engine.asked if asked.prefix.startswith("Say the place.")]
    assert [asked.input for asked in under] == ["Place: here"] * 2
    last = next(asked for asked in engine.asked if asked.prefix.startswith("Go on."))
    assert (last.input, last.history[-1].user) == ("So?", "In 2026.")
    assert [step["tool"] for step in taken] == ["founded", None, None, None, None]
    assert taken[4]["prompt_tokens"] > taken[2]["prompt_tokens"]
    assert (cases["answer"], cases["again"], cases["streamed"]) == (2026, 5, "a b c")
    assert cases["told"][0]["adapter"]
    assert cases["nothing_to_read"].startswith("StepError: step 1 has nothing to read")
    assert cases["no_such_line"].endswith("no tool gave a line 'Colour'")
    assert cases["no_such_tool"] == "StepError: step 1: the agent has no tool 'nothing'"
    assert "run_step needs a session_id" in cases["no_session"]
    # A step's examples train its weights.
    assert "refined" in cases["by_examples"]
    assert "refined" not in cases["by_text"]
    assert "a saved task has its own" in cases["saved_has_its_own"]
    # Both doors in one session: recorded once, and given back when they are sent again.
    assert [step["door"] for step in cases["mcp"]] == ["/v1", "run_step", "/v1"]
    assert [step["output"] for step in cases["mcp"]] == ["one two"] * 3
    assert cases["mcp_again"] is True
    assert "session" in cases["mcp_failed"]
    assert app.store().session(cases["session"]).steps == 3
