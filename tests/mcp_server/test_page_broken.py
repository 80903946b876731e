"""The page under requests and records that nobody foresaw: each is shown, or refused in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from serving import requests_to

from checkpoints import StepDraft

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp_server.app.application import Application

    Maker = Callable[..., Application]

pytestmark = pytest.mark.anyio

HUGE = 10**400
MOST_BYTES = 200_000
TASK: dict[str, Any] = {"description": "Sort tickets.", "labels": ["a", "b"], "examples": []}
RESULTS: list[dict[str, Any]] = [
    {"tokens": {"prefix": HUGE, "prompt": -HUGE, "generated": HUGE}},
    {"tokens": {"prefix": True, "prompt": 3}, "saturation": 5e-324},
    {"tokens": {"prompt": 3}, "saturation": HUGE, "confidence": HUGE, "shares": {"a": HUGE}},
    {"answered_by": ["x"], "stop_reason": {"a": 1}, "review_reason": [1], "needs_review": "x"},
    {"answered_by": {"a": 1}, "fit": ["x" * 300_000], "timings": {"prefill_ms": HUGE}},
    {"stop_reason": "x" * 300_000, "review_reason": "x" * 300_000, "needs_review": True},
    {"context": [{"part": "recent", "steps": [HUGE, -1, True]}]},
    {"sent": {"turns": [{"step": HUGE}]}},
    {"context": [{"part": "pinned", "item_ids": [HUGE], "tokens": HUGE, "left_out": -HUGE}]},
    {"retrieved": [{"item_ids": [HUGE]}], "sent": {"examples": HUGE, "prefix_sha256": 3}},
    {"sent": {"turns": [{"step": 1, "turn": HUGE}, {"step": 1, "turn": -1}]}, "history": [HUGE]},
]  # fmt: skip
TASKS: list[dict[str, Any]] = [
    {**TASK, "labels": [1, None]}, {**TASK, "labels": "ab"}, {**TASK, "labels": {"a": 1}},
    {**TASK, "examples": [{"input": None, "output": 3}]}, {**TASK, "examples": ["x"]},
    {**TASK, "examples": 7}, {"description": ["x"]}, {},
]  # fmt: skip


async def test_whatever_a_step_recorded_is_shown_in_a_small_page(make_app: Maker):
    app = make_app()
    drafts = [draft(result=result) for result in RESULTS] + [draft(task=task) for task in TASKS]
    store = app.store()
    odd, plain = store.create_session().id, store.create_session().id
    for each in drafts:
        store.append_step(odd, each)
        store.append_step(plain, draft())
    numbers = range(1, len(drafts) + 1)
    paths = ["/", f"/jobs/{odd}", f"/compare?a={odd}&b={plain}", f"/jobs/{odd}/memory"]
    paths += [f"/jobs/{odd}/steps/{n}" for n in numbers]
    paths += [f"/jobs/{odd}/steps/{n}?part={part}" for n in numbers for part in ("turns", "recent")]
    paths += [f"/compare?a={odd}&b={plain}&n={n}" for n in numbers]
    async with requests_to(app) as client:
        answers = {path: await client.get(path) for path in paths}
    assert {path: a.status_code for path, a in answers.items() if a.status_code != 200} == {}
    assert {p: len(a.content) for p, a in answers.items() if len(a.content) > MOST_BYTES} == {}


def draft(**changes: Any) -> StepDraft:
    fields: dict[str, Any] = {
        "input": "one", "output": "a", "task": TASK, "mode": "adapter",
        "adapter_digest": "ab" * 12, "result": {},
    }  # fmt: skip
    return StepDraft(**{**fields, **changes})
