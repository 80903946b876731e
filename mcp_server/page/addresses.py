"""Which address shows what, and which changes what: all of the page at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mcp_server.page.actions import steering, teaching
from mcp_server.page.views import compare, job, jobs, memory, server, step, task, tasks, trying

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from mcp_server.page.visit import Done, Shown

    View = Callable[..., Shown]
    Action = Callable[..., Awaitable[Done | Shown]]

TASK = "/tasks/{name:path}"
"""`~` is no task's name: below it are a task's own addresses."""
VIEWS: dict[str, View] = {
    "/": jobs.listed,
    "/jobs/{session_id}": job.shown,
    "/jobs/{session_id}/steps/{n}": step.shown,
    "/jobs/{session_id}/memory": memory.memory,
    "/compare": compare.shown,
    "/server": server.health,
    "/tasks": tasks.listed,
    f"{TASK}/~/try": trying.form_to_try,
    f"{TASK}/~/test": trying.form_to_test,
    TASK: task.shown,
}
ACTIONS: dict[str, Action] = {
    "/jobs/{session_id}/steps/{n}/correct": steering.correct,
    "/jobs/{session_id}/checkpoint": steering.checkpoint,
    "/jobs/{session_id}/restore": steering.restore,
    "/jobs/{session_id}/pin": steering.pin,
    "/jobs/{session_id}/quarantine": steering.quarantine,
    "/jobs/{session_id}/revoke": steering.revoke,
    "/jobs/{session_id}/cancel": steering.cancel,
    f"{TASK}/~/add": teaching.add_example,
    f"{TASK}/~/take": teaching.take_example,
    f"{TASK}/~/learn": teaching.learn,
    f"{TASK}/~/stop": teaching.stop,
    f"{TASK}/~/back": teaching.go_back,
    f"{TASK}/~/share": teaching.share,
    f"{TASK}/~/try": teaching.try_it,
    f"{TASK}/~/test": teaching.test,
}
