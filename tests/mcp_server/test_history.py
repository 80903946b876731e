"""The last hour of the figures: what a sample says, and how many are kept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from serving import requests_to
from support import connected

from mcp_server.telemetry.history import KEPT, History
from mcp_server.telemetry.metrics import Metrics

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp_server.app.application import Application

pytestmark = pytest.mark.anyio


async def test_a_sample_has_what_happened_since_the_one_before(
    make_app: Callable[..., Application],
):
    app = make_app()
    async with requests_to(app), connected(app) as call:
        assert app.history is not None
        session = await call.begin()
        for text in ("a b c", "d e", "f"):
            await call("run_step", session_id=session, input=text)
        app.history.take()
        app.history.take()
        first, second = app.history.samples
    assert (first.queue, first.rows_busy) == (0, 0)
    assert first.steps_per_minute / first.tokens_per_second == pytest.approx(60 * 3 / 6)
    assert (first.adapters_written, first.adapters_reused) == (1, 3)
    assert first.commit_ms is not None
    assert first.commit_ms > 0
    assert first.database_bytes > 0
    assert second == replace(
        first,
        at=second.at,
        steps_per_minute=0.0,
        tokens_per_second=0.0,
        adapters_written=0,
        adapters_reused=0,
        commit_ms=None,
    )


def test_rates_are_by_the_time_that_passed_and_an_hour_is_kept():
    metrics, clock = Metrics(), iter(range(0, 20 * KEPT, 10))
    history = History(metrics, lambda: (2, 5), lambda: 4096, lambda: next(clock))
    for _ in range(KEPT + 5):
        metrics.steps.labels(mode="adapter").inc(2)
        metrics.steps.labels(mode="hybrid").inc(1)
        metrics.tokens.labels(part="generated").inc(50)
        metrics.tokens.labels(part="prompt").inc(1000)
        metrics.commits.observe(0.002)
        metrics.commits.observe(0.004)
        history.take()
    last = history.samples[-1]
    assert len(history.samples) == KEPT
    assert (last.steps_per_minute, last.tokens_per_second) == (18.0, 5.0)
    assert last.commit_ms == pytest.approx(3.0)
    assert (last.queue, last.rows_busy, last.database_bytes) == (2, 5, 4096)
