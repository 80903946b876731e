"""What must hold after the job of the model nodes, whatever the model answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from examples.agent.checks import Check
from examples.n8n.model_nodes import CHAT, RESPONSES

if TYPE_CHECKING:
    from examples.n8n.model_job import ModelJob

ROUNDS = 2


def model_checks_of(job: ModelJob) -> tuple[Check, ...]:
    """All checks, in the order in which they are shown."""
    return (
        _chosen_from_the_list(job),
        _both_apis(job),
        _weights(job),
        _recorded(job),
        _once_more(job),
    )


def _chosen_from_the_list(job: ModelJob) -> Check:
    """n8n's own test and lists, which ask `/v1/models`."""
    models = {row.model for row in job.rows}
    shown = [kind for kind, names in job.lists.items() if models <= set(names)]
    return Check(
        "n8n tests the credential and lists the models",
        job.credential == "OK" and len(shown) == len(job.lists) > 0,
        f"{job.credential}; {' and '.join(sorted(models))} are in {len(shown)} of "
        f"{len(job.lists)} lists",
    )


def _both_apis(job: ModelJob) -> Check:
    """As the server counted; the answers are those of one execution of two."""
    wanted = {
        api: {"ok": ROUNDS * sum(row.api == api for row in job.rows)} for api in (RESPONSES, CHAT)
    }
    came = {api: {name: n for name, n in got.items() if n} for api, got in job.calls.items()}
    said = ", ".join(
        f"{api} {' and '.join(f'{n} {name}' for name, n in got.items()) or 'none'}"
        for api, got in came.items()
    )
    return Check("the nodes call both of OpenAI's APIs", came == wanted, said)


def _weights(job: ModelJob) -> Check:
    """A task has one adapter, whichever node and API asked; another task has another."""
    by_way: dict[tuple[str, str | None], set[str | None]] = {}
    for row in job.rows:
        way = (row.model, row.task if row.model == "auto" else None)
        by_way.setdefault(way, set()).add(row.adapter)
    adapters = {adapter for seen in by_way.values() for adapter in seen}
    single = all(len(seen) == 1 for seen in by_way.values())
    return Check(
        "each system message and saved task has weights of its own",
        single and None not in adapters and len(adapters) == len(by_way) > 1,
        f"{len(by_way)} tasks and {len(adapters)} adapters over "
        f"{len({row.node for row in job.rows})} nodes",
    )


def _recorded(job: ModelJob) -> Check:
    """The nodes that name the session, and no others, left steps there."""
    named = [row for row in job.rows if row.step is not None]
    same = sum(row.held for row in named)
    alone = len(job.rows) - len(named)
    return Check(
        "answers in the session are recorded as n8n has them, others are not",
        same == len(named) == job.held > 0 and alone > 0,
        f"{same} of {len(named)} as they are held, {alone} without a session, {job.held} steps",
    )


def _once_more(job: ModelJob) -> Check:
    """Where a node gives the step's key the second execution runs nothing."""
    keyed = [row for row in job.rows if row.key is not None]
    loose = sum(row.step is not None and row.key is None for row in job.rows)
    same, more = sum(row.replayed_again for row in keyed), job.held_again - job.held
    return Check(
        "a key sent once more runs nothing",
        same == len(keyed) > 0 and more == loose,
        f"{same} of {len(keyed)} steps with a key replayed, {more} without one run again",
    )
