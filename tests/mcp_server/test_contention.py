"""Several clients and a second server after one database, and readers beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.contention import contend

if TYPE_CHECKING:
    from pathlib import Path


pytestmark = pytest.mark.crash


def test_clients_a_second_server_and_readers_do_each_other_no_harm(database: Path):
    database.parent.mkdir()
    report = contend(database, clients=2, calls=5)
    assert report.unexpected == []
    assert report.steps == 3 * 5
    assert report.refused == 4
    assert report.reads >= 2
