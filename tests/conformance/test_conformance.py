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


@pytest.mark.crash
@pytest.mark.parametrize("revision", REVISIONS)
def test_every_scenario_that_a_revision_requires_passes(revision: str, node: str):
    with serving() as url:
        outcome = check(revision, url, node)
    assert outcome.failed == ()
    assert outcome.ok


@pytest.mark.crash
def test_a_server_that_is_not_there_passes_nothing(node: str):
    outcome = check("2025-11-25", "http://127.0.0.1:9/mcp", node)
    assert outcome.passed == 0
    assert len(outcome.failed) == outcome.total > 0
