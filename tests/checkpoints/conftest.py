"""A store on a real file, and drafts of steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from checkpoints import StepDraft, Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "memory.db"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path) as opened:
        yield opened


@pytest.fixture
def draft() -> Callable[..., StepDraft]:
    def make(number: int, **changes: Any) -> StepDraft:
        fields: dict[str, Any] = {
            "input": f"question {number}",
            "output": f"answer {number}",
            "task": {"description": "answer questions"},
            "mode": "adapter",
            "adapter_digest": "a1b2",
            "result": {"tokens": number},
            "step_key": None,
        }
        return StepDraft(**{**fields, **changes})

    return make
