"""What must hold after the job, whatever the model answered."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from examples.agent.checks import Check

if TYPE_CHECKING:
    from examples.n8n.job import Job

EVERY = 3


def checks_of(job: Job) -> tuple[Check, ...]:
    """All checks, in the order in which they are shown."""
    return (
        _killed_in_the_middle(job),
        _nothing_lost(job),
        _nothing_twice(job),
        _once_more(job),
        _task_changed(job),
        _checkpoints(job),
    )


def _killed_in_the_middle(job: Job) -> Check:
    kept, all_steps = len(job.kept), len(job.rows)
    return Check("killed in the middle", 0 < kept < all_steps, f"after {kept} of {all_steps} steps")


def _nothing_lost(job: Job) -> Check:
    """What was recorded before the kill is what n8n has in the end."""
    rows = {row.step: row for row in job.rows}
    same = sum(
        (row := rows.get(step["step"])) is not None
        and (row.key, row.output) == (step["step_key"], step["output"])
        for step in job.kept
    )
    return Check(
        "nothing lost", same == len(job.kept), f"{same} of {len(job.kept)} recorded steps came back"
    )


def _nothing_twice(job: Job) -> Check:
    """Each key is one step, and the second life ran only what the first had not recorded."""
    keys = {step["step_key"] for step in job.held}
    ran = len(job.kept) + job.ran_after
    holds = len(keys) == len(job.held) == len(job.rows) == ran
    return Check(
        "nothing run twice",
        holds,
        f"{len(job.kept)} steps before the kill and {job.ran_after} after it make {ran}; "
        f"{len(job.held)} are held, under {len(keys)} keys",
    )


def _once_more(job: Job) -> Check:
    same = sum(row.replayed_again for row in job.rows)
    return Check(
        "the whole job sent once more runs nothing",
        same == len(job.rows) and not job.stored_again,
        f"{same} of {len(job.rows)} steps replayed, {job.stored_again} texts stored again",
    )


def _task_changed(job: Job) -> Check:
    """Between two nodes both the task and the weights change; within one neither does."""
    by_node: dict[str, set[tuple[str, str | None]]] = {}
    for row in job.rows:
        by_node.setdefault(row.node, set()).add((row.task, row.adapter))
    single = all(len(seen) == 1 for seen in by_node.values())
    ways = [next(iter(seen)) for seen in by_node.values()]
    changed = all(a[0] != b[0] and a[1] != b[1] for a, b in pairwise(ways))
    return Check(
        "task and weights change from node to node",
        single and changed and None not in {adapter for _, adapter in ways},
        f"{len({task for task, _ in ways})} tasks and {len({a for _, a in ways})} adapters "
        f"over {len(ways)} nodes",
    )


def _checkpoints(job: Job) -> Check:
    marked = [row.step for row in job.rows if row.checkpoint]
    due = [row.step for row in job.rows if row.step % EVERY == 0]
    return Check(
        f"a checkpoint every {EVERY} steps", marked == due, f"after {', '.join(map(str, marked))}"
    )
