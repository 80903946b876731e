"""The page on security names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_test_that_the_page_names_exists():
    page = (ROOT / "docs" / "security.md").read_text()
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", page)
    assert len(named) > 30
    for file, name in named:
        text = (ROOT / "tests" / file).read_text()
        assert re.search(rf"^(async )?def {name}\(", text, re.MULTILINE), f"{file}::{name}"


def test_every_row_of_the_table_names_a_test():
    page = (ROOT / "docs" / "security.md").read_text()
    table = page.split("| danger |")[1].split("\n\n")[0].splitlines()[2:]
    assert len(table) > 20
    for row in table:
        assert "::test_" in row, row
