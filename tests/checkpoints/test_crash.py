"""Killed at random and at named points, with and without power cuts; and that this can fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench import unsynced
from bench.crash import controls, run, summary
from bench.crash_tasks import TaskPromise, TaskPromises, check_tasks
from checkpoints import Store, TaskDefinition, TaskExample

if TYPE_CHECKING:
    from pathlib import Path


pytestmark = pytest.mark.crash


def test_a_server_killed_anywhere_keeps_what_it_answered(tmp_path: Path) -> None:
    report = run(50, tmp_path / "kills", seed=3)
    assert report.wrong == []
    assert (report.kills, report.lost) == (50, 0)
    assert len(report.points) > 2
    # There was something to lose: corrections and saved versions that were answered, and learning.
    assert min(report.corrections, report.versions, report.learned) > 0


def test_what_was_answered_of_tasks_and_is_not_there_is_counted(tmp_path: Path) -> None:
    promises = TaskPromises(
        tasks={"tickets": TaskPromise(2, {"a": "billing"})},
        corrected={1: "billing"},
        corrections=1,
        accepted={"other": {1, 2}},
    )
    with Store.open(tmp_path / "memory.db") as store:
        store.tasks.save("other", TaskDefinition("Sort."), [TaskExample("b", "x")])
        promises.tasks["other"] = TaskPromise(1, {"b": "y"})
        session = store.create_session().id
        lost, wrong = check_tasks(store, promises, None, session, ["a"])
    assert lost == 2 + 1 + 1  # two versions, an example, a correction
    assert any("task 'other': versions [1, 2] were accepted, and are not" in each for each in wrong)
    assert any("lost [1]" in each for each in wrong)


@pytest.mark.skipif(not unsynced.available(), reason="SQLite is a part of this interpreter")
def test_the_same_fails_without_kills_and_without_syncs(tmp_path: Path) -> None:
    reports = controls(tmp_path, seed=1)
    assert not any(report.passed for report in reports.values())
    assert reports["without kills"].kills == 0
    assert reports["without kills"].lost == 0
    assert reports["without syncs"].lost > 0
    assert summary(reports["without kills"], reports)["controls_failed"]
