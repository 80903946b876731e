"""What is made from the code is as the code says: README, clients' pages and files, manifests."""

from __future__ import annotations

import pytest

from distribution.__main__ import ROOT, generated
from distribution.readme import filled, first_sentence, tools


def test_nothing_that_is_made_from_the_code_is_out_of_date():
    stale = [
        str(file.relative_to(ROOT))
        for file, text in generated().items()
        if not file.exists() or file.read_text(encoding="utf-8") != text
    ]
    assert stale == [], "run `make generate`"


def test_a_page_without_the_place_of_a_table_is_refused():
    with pytest.raises(ValueError, match="0 places for `tools`"):
        filled("no place here", ["tools"])


def test_every_tool_has_a_first_sentence_for_the_table():
    for tool in tools():
        assert 20 < len(first_sentence(tool.description)) < 160, tool.name


def test_the_readmes_headings_come_in_the_order_that_users_expect():
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert [line.removeprefix("## ") for line in lines if line.startswith("## ")] == [
        "Quick start",
        "See the job, steer the job",
        "Clients",
        "Tools",
        "Commands, flags and settings",
        "Security",
        "Troubleshooting",
        "Development",
    ]
