"""The official suite's required scenarios against our own server, at both revisions."""

from __future__ import annotations

import pytest
from conformance.run import REVISIONS, NotInstalledError, check, find_node, serving


@pytest.fixture(scope="module")
def node() -> str:
    try:
        return find_node()
    except NotInstalledError as missing:
        pytest.skip(str(missing))


# Of the tasks extension: all but those of tasks that ask their client, as ours never do, and of
# news of tasks, which the suite skips.
LONG_WORK = {
    "tasks-lifecycle",
    "tasks-capability-negotiation",
    "tasks-wire-fields",
    "tasks-request-state-removal",
    "tasks-request-headers",
    "tasks-dispatch-and-envelope",
    "tasks-required-task-error",
    "tasks-mrtr-composition",
}


@pytest.mark.crash
@pytest.mark.parametrize("revision", REVISIONS)
def test_every_scenario_that_a_revision_requires_passes(revision: str, node: str):
    with serving() as url:
        outcome = check(revision, url, node)
    assert outcome.failed == ()
    assert outcome.ok
    passed = {name for name, found in outcome.beside.items() if found["passed"]}
    assert passed >= (LONG_WORK if revision == "2026-07-28" else set())


@pytest.mark.crash
def test_a_server_that_is_not_there_passes_nothing(node: str):
    outcome = check("2025-11-25", "http://127.0.0.1:9/mcp", node)
    assert outcome.passed == 0
    assert len(outcome.failed) == outcome.total > 0
