"""The server's own view: what is loaded and runs, and the last hour, for those who may see it."""

from __future__ import annotations

import re
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from serving import bearer, requests_to
from support import connected

from hypernet.engine.echo import EchoEngine
from mcp_server.http.tokens import Tokens, add_token
from mcp_server.page.views.server import Row, figures, plain
from mcp_server.telemetry.history import Sample

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mcp_server.app.application import Application

    Maker = Callable[..., Application]

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


async def test_it_shows_the_model_the_database_and_the_last_hour(make_app: Maker):
    app = make_app()
    async with requests_to(app) as client, connected(app) as call:
        before = (await client.get("/server")).text
        session = await call.begin()
        for _ in range(3):
            await call("run_step", session_id=session, input="a b")
        assert app.history is not None
        app.history.take()
        after = (await client.get("/server")).text
    assert "The first figures come ten seconds after" in before
    assert "ready" in after
    assert "sound" in after
    assert after.count('role="img"') == 6
    told = " ".join(re.sub(r"<[^>]*>", " ", after).split())
    assert "written anew 1 1 reused 3 3" in told
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=", after)


async def test_long_work_is_told_with_how_far_it_is_and_how_long_it_still_takes(make_app: Maker):
    app = make_app()
    async with requests_to(app) as client:
        work = app.long_work.work("remember", None, "<session>")
        with app.long_work.running(work):
            work.tell(0.25, "reading: 3 of 12 files")
            during = (await client.get("/server")).text
        after = (await client.get("/server")).text
    assert "Reading for &lt;session&gt;: reading: 3 of 12 files" in during
    assert '<progress max="1" value="0.25"' in during
    assert "to go" in during
    assert "Nothing is refined, read or learned." in after


async def test_a_running_step_leads_to_its_job(make_app: Maker):
    reached, go = threading.Event(), threading.Event()

    def hold(n: int) -> None:
        reached.set()
        assert go.wait(30)

    app = make_app(EchoEngine(before_token=hold))
    async with (
        requests_to(app) as client,
        connected(app) as call,
        anyio.create_task_group() as tasks,
    ):
        session = await call.begin()
        tasks.start_soon(lambda: call("run_step", session_id=session, input="a b"))
        await anyio.to_thread.run_sync(reached.wait)
        shown, jobs = (await client.get("/server")).text, (await client.get("/")).text
        go.set()
    assert f'<a href="/jobs/{session}">step 1 of' in shown
    assert "running</span>" in jobs


async def test_what_all_principals_do_together_is_for_readers_of_the_metrics(
    make_app: Maker, tmp_path: Path
):
    file = tmp_path / "tokens"
    alice, bob = add_token(file, "alice"), add_token(file, "bob")
    pages = {}
    for readers in ((), ("alice",)):
        app = make_app(metrics_readers=readers, database=tmp_path / f"{len(readers)}.db")
        async with requests_to(app, Tokens(file)) as client:
            assert app.history is not None
            app.history.take()
            pages[readers] = [
                (await client.get("/server", headers=bearer(token))).text for token in (alice, bob)
            ]
    assert ['role="img"' in page for page in pages[()]] == [True, True]
    assert ['role="img"' in page for page in pages[("alice",)]] == [True, False]
    assert "those who may read the metrics" in pages[("alice",)][1]


def sample(age: float, **values: float | None) -> Sample:
    """A sample of so many seconds ago."""
    named: dict[str, Any] = {
        "queue": 0, "rows_busy": 0, "steps_per_minute": 0.0, "tokens_per_second": 0.0,
        "adapters_written": 0, "adapters_reused": 0, "commit_ms": None, "database_bytes": 0,
    }  # fmt: skip
    return Sample(at=NOW - timedelta(seconds=age), **{**named, **values})


def test_only_the_last_hour_is_drawn_with_gaps_where_nothing_was_measured():
    samples = [
        sample(3700, commit_ms=99.0),
        sample(3600, commit_ms=5.0),
        sample(1800),
        sample(900, commit_ms=10.0),
        sample(0, commit_ms=2.5),
    ]
    drawn = {each.title: each for each in figures(samples, NOW)}
    commits = drawn["Commits"]
    assert commits.chart is not None
    [line] = commits.chart.lines
    assert [x for x, _ in line.dots] == [48.0, 363.0, 468.0]
    assert line.path.count("M") == 2
    assert commits.rows == (Row("commit", 2.5, 10.0),)
    assert drawn["Adapters"].rows[0].name == "written anew"


def test_a_figure_without_a_value_says_so():
    drawn = {each.title: each for each in figures([sample(0)], NOW)}
    assert (drawn["Commits"].chart, drawn["Commits"].rows) == (None, (Row("commit", None, None),))


def test_values_are_told_with_the_digits_that_matter():
    told = [plain(each) for each in (0.0, 0.0345, 3.0001, 2.54, 99.94, 1234.5, 2.5e6)]
    assert told == ["0", "0.035", "3", "2.5", "99.9", "1,234", "2.5 million"]
