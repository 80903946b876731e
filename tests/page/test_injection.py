"""Texts that would be scripts, in every text field, shown by a real browser: none runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.page import injection
from bench.page.payloads import payloads, ways

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def test_there_are_500_payloads_and_each_is_another():
    assert len(set(payloads())) == 500
    assert set(ways()) <= set(payloads())


@pytest.mark.browser
@pytest.mark.timeout(1200)
def test_no_text_becomes_markup_on_any_page_and_no_script_runs(browser: Browser):
    texts = ways()[::3]  # all 500 take minutes: `make page-report`
    found = injection.measure(browser, texts)
    assert found["pages"] > 5 * len(texts)
    assert found["injected_on"] == []
