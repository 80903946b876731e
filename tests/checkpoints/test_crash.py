"""Killed at random and at named points, with and without power cuts; and that this can fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench import unsynced
from bench.crash import controls, run, summary

if TYPE_CHECKING:
    from pathlib import Path


pytestmark = pytest.mark.crash


def test_a_server_killed_anywhere_keeps_what_it_answered(tmp_path: Path) -> None:
    report = run(50, tmp_path / "kills", seed=3)
    assert report.wrong == []
    assert (report.kills, report.lost) == (50, 0)
    assert len(report.points) > 2


@pytest.mark.skipif(not unsynced.available(), reason="SQLite is a part of this interpreter")
def test_the_same_fails_without_kills_and_without_syncs(tmp_path: Path) -> None:
    reports = controls(tmp_path, seed=1)
    assert not any(report.passed for report in reports.values())
    assert reports["without kills"].kills == 0
    assert reports["without kills"].lost == 0
    assert reports["without syncs"].lost > 0
    assert summary(reports["without kills"], reports)["controls_failed"]
