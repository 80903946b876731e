"""All named tasks that the visitor may use: what serves each, and how good it is."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from cachetools import LRUCache, cached

from checkpoints import UnknownTask
from hypernet.learning.learn import FEWEST
from mcp_server.app.principal import principal
from mcp_server.page.task_names import address_of, name_of
from mcp_server.page.visit import Shown
from mcp_server.schema.uris import MissingError
from mcp_server.tasks import changes
from mcp_server.tasks.quality import measured_with, quality_of

if TYPE_CHECKING:
    from checkpoints import NamedTask, TaskCounts, TaskVersion
    from hypernet.learning.quality import Quality
    from mcp_server.page.visit import Visit
    from mcp_server.schema.named import EstimateResult
    from mcp_server.tasks.learner import Learner

PAGE = 50
ESTIMATES = 1_000


@dataclass(frozen=True)
class Row:
    """A task in the list. `counts` are of one's own tasks alone; `doing` is what is learned now."""

    task: NamedTask
    address: str
    quality: Quality | None
    estimate: EstimateResult | None
    counts: TaskCounts | None
    doing: str | None


def listed(visit: Visit) -> Shown:
    """The tasks, a page of them, one's own first.

    Raises:
        MissingError: there are not so many.
    """
    skip = visit.number("skip", 0) or 0
    model = visit.app.learner.model
    found = visit.store.tasks.list(PAGE + 1, measured_with(model), skip)
    if skip and not found:
        raise MissingError(f"skip: there are no {skip} tasks")
    values = {
        "rows": [_row(visit, each, model) for each in found[:PAGE]],
        "who": principal(),
        "skip": skip,
        "page": PAGE,
        "more": len(found) > PAGE,
        "fewest": FEWEST,
    }
    return Shown("tasks.html", "Tasks", values)


def _row(visit: Visit, task: NamedTask, model: str | None) -> Row:
    quality, who = quality_of(task.quality, model), principal()
    name, learner = name_of(task.name, task.owner, who), visit.app.learner
    counts = estimate = None
    doing = learner.doing
    try:
        if task.own:
            counts = visit.store.tasks.counts(name, 0)
        if quality is None and model is not None:
            estimate = estimated(visit.store.tasks.get(name), learner)
    except UnknownTask:  # deleted since
        pass
    learned = (
        task.own and doing is not None and (doing.task, doing.owner) == (task.name, task.owner)
    )
    return Row(
        task,
        address_of(task.name, task.owner, who),
        quality,
        estimate,
        counts,
        doing.message if doing is not None and learned and task.own else None,
    )


# Reading a description takes milliseconds, and a version never changes.
@cached(
    LRUCache(ESTIMATES), key=lambda version, learner: (version.digest, learner.model), lock=Lock()
)
def estimated(version: TaskVersion, learner: Learner) -> EstimateResult | None:
    """How good a version that was not measured is expected to be."""
    return changes.expected(version, learner)
