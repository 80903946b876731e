"""A real Chromium, and real servers for it; without a browser these tests are skipped by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.http_load import server
from bench.page import made
from bench.page.browser import chromium, missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from bench.page.made import Job


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    reason = missing()
    for item in items:
        if reason is not None and item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # A module's: while it is driven, no other loop of events runs in this thread.
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Job]]:
    """A server with the small job; its address, and the job's handles."""
    folder = tmp_path_factory.mktemp("shown")
    job = made.small(folder / "memory.db")
    with server(folder) as address:
        yield address, job
