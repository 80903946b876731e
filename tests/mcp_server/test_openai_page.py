"""The page about /v1 runs as it stands, and names what is refused and what has no effect."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from anyio import to_thread
from serving import listening

from mcp_server.openai.fields import HARMLESS, REFUSED

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp_server.app.application import Application

PAGE = (Path(__file__).parents[2] / "docs" / "openai.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.anyio
async def test_the_pages_programs_run(
    make_app: Callable[..., Application], capsys: pytest.CaptureFixture[str]
):
    def run(address: str) -> None:
        for program in PROGRAMS:
            names: dict[str, object] = {}
            exec(program.replace("http://127.0.0.1:8000", address), names)  # noqa: S102  # our own page
            names["client"].close()  # type: ignore[attr-defined]  # OpenAI's

    app = make_app()
    async with listening(app) as address:
        await to_thread.run_sync(run, address)
    lines = capsys.readouterr().out.splitlines()
    adapters = {line.rpartition(" ")[2] for line in lines[:2]}
    assert (len(PROGRAMS), len(adapters)) == (3, 2)
    assert lines[2] == "Tracking has not moved for days."
    assert lines[3:] == ["1 The parcel never came.", "2 I was charged twice."]
    assert [session.steps for session in app.store().sessions()] == [2]


def test_every_field_that_is_refused_or_has_no_effect_is_on_the_page():
    named = set(re.findall(r"`([a-z_]+)", PAGE))
    assert HARMLESS | REFUSED.keys() <= named
