"""Resume is exact: a job killed after any of its steps goes on as one that never was."""

from __future__ import annotations

import shutil
import threading
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from support import KNOWN, connected

from checkpoints import StepDraft, Store
from hypernet.engine.echo import EchoEngine

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mcp_server.app.application import Application

pytestmark = pytest.mark.anyio

CONTRACT = "The notice period is ninety days. It begins when the letter arrives. "
JOB: list[dict[str, Any]] = [
    {"input": "What does the contract say of notice?", "documents": [CONTRACT * 20]},
    {"input": "Is the tone of the letter good or bad?", "labels": ["good", "bad"]},
    {"input": "When does the notice period begin?"},
    {"input": "Name the governing law.", "task": "Extract the governing law of a contract."},
    {"input": "Say it again: ninety days of notice.", "temperature": 0.8, "seed": 4},
    {"input": "Which letter arrives?", "documents": ["The letter arrives by courier.", CONTRACT]},
    {"input": "Sum up the notice period.", "max_tokens": 3},
]
# Everything but how long it took and what happened to be in a cache.
EXACT = ("step", "output", "prompt_sha256", "adapter_digest", "mode", "checkpoint", "retrieved")


def call(session: str, number: int) -> dict[str, Any]:
    return {"session_id": session, "step_key": f"step-{number}", **JOB[number]}


def exact(result: dict[str, Any]) -> dict[str, Any]:
    return {name: result[name] for name in EXACT}


def as_a_kill_leaves_it(database: Path, folder: Path) -> Path:
    """The files of a database in use, copied while nothing was asked to close it."""
    folder.mkdir()
    for name in (database.name, f"{database.name}-wal"):
        shutil.copy(database.with_name(name), folder / name)
    return folder / database.name


@pytest.fixture(autouse=True)
def same_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Excerpts are dated: a test that runs over midnight would compare two days."""
    monkeypatch.setattr("checkpoints.graph.writes.utc_now", lambda: "2026-03-04T05:06:07.008+00:00")


async def test_a_job_killed_after_any_step_goes_on_as_one_never_killed(
    make_app: Callable[..., Application], database: Path, tmp_path: Path
):
    never, left = [], []
    async with connected(make_app()) as tool:
        session = await tool.begin(KNOWN)
        for number in range(len(JOB)):
            never.append(exact(await tool("run_step", **call(session, number))))
            left.append(as_a_kill_leaves_it(database, tmp_path / f"after-{number}"))
    assert len({step["prompt_sha256"] for step in never}) == len(JOB)
    assert never[2]["retrieved"]
    assert [step["step"] for step in never if step["checkpoint"]] == [3, 6]

    for killed, file in enumerate(left):
        async with connected(make_app(database=file)) as tool:
            # It does not know that the last answer was recorded, and asks again.
            again = await tool("run_step", **call(session, killed))
            assert again["replayed"]
            rest = [
                await tool("run_step", **call(session, number))
                for number in range(killed + 1, len(JOB))
            ]
        assert [exact(step) for step in (again, *rest)] == never[killed:]


async def test_a_job_killed_within_a_step_runs_that_step_once_and_the_same(
    make_app: Callable[..., Application], database: Path, tmp_path: Path
):
    async with connected(make_app()) as tool:
        session = await tool.begin(KNOWN)
        begun = as_a_kill_leaves_it(database, tmp_path / "begun")
        never = [exact(await tool("run_step", **call(session, n))) for n in range(len(JOB))]

    def die(token: int) -> None:
        # The documents are stored by now, the step is not.
        raise RuntimeError("killed")

    for number in range(len(JOB)):
        async with connected(make_app(EchoEngine(before_token=die), database=begun)) as tool:
            await tool.refused("run_step", **call(session, number))
            copy = as_a_kill_leaves_it(begun, tmp_path / f"within-{number}")
        app = make_app(database=copy)
        async with connected(app) as tool:
            step = await tool("run_step", **call(session, number))
        app.close()
        assert not step["replayed"]
        assert exact(step) == never[number]
        begun = copy


async def test_two_callers_with_one_step_key_run_it_once(
    make_app: Callable[..., Application], era: str
):
    ran: list[int] = []
    results: list[dict[str, Any]] = []
    app = make_app(EchoEngine(before_token=ran.append))
    async with connected(app, era) as one, connected(app, era) as other:
        session = await one.begin()

        async def ask(tool: Any) -> None:
            results.append(
                await tool("run_step", session_id=session, input="one two three", step_key="k")
            )

        async with anyio.create_task_group() as group:
            for tool in (one, other, one, other):
                group.start_soon(ask, tool)
        status = await one("status", session_id=session)
    assert ran == [0, 1, 2]
    assert sorted(r["replayed"] for r in results) == [False, True, True, True]
    assert len({r["output"] for r in results}) == 1
    assert status["sessions"][0]["steps"] == 1


def test_two_threads_with_one_step_key_store_it_once(database: Path):
    with Store.open(database) as store:
        session = store.create_session().id
        together = threading.Barrier(8)
        replayed: list[bool] = []

        def append(number: int) -> None:
            draft = StepDraft("in", f"out of {number}", {}, "adapter", None, {}, "k")
            together.wait(10)
            appended = store.append_step(session, draft)
            replayed.append(appended.replayed)

        threads = [threading.Thread(target=append, args=[n]) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert sorted(replayed) == [False] + [True] * 7
        assert store.session(session).steps == 1
        assert store.maintenance.verify() == []
