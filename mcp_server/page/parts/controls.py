"""What the forms that steer need to know, beside what the view they stand in shows.

The templates `running.html`, `steer_job.html` and `steer_step.html` ask for it themselves, so that
any view of a job or a step can include them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mcp_server.app.principal import principal
from mcp_server.jobs import adapters
from mcp_server.page.parts.room import Room

if TYPE_CHECKING:
    from checkpoints import CheckpointRecord, Correction, StepRecord
    from checkpoints.store.revocations import RevokedAdapter
    from mcp_server.page.visit import Visit
    from mcp_server.telemetry.running import RunningStep

LOOKED_AT = 100
"""Steps in which checkpoints are looked for."""
CHECKPOINTS, ADAPTERS, REVOKED = 40, 20, 10
"""How many are shown at most."""
BEFORE = 50
"""Steps before one in which a checkpoint to fork from is looked for."""
NAMES_BYTES, OUTPUT_BYTES, WRITTEN_CHARS = 4_000, 16_000, 2_000
"""Of all labels and reasons, of the output that one corrects, of what a running step wrote."""


@dataclass(frozen=True)
class JobControls:
    """What a job is steered by, the latest first: checkpoints with their labels, and adapters.

    The checkpoints are of the last steps, and of those that are shown.
    """

    checkpoints: tuple[tuple[CheckpointRecord, str], ...]
    adapters: tuple[str, ...]
    revoked: tuple[tuple[RevokedAdapter, str], ...]
    more_revoked: int


@dataclass(frozen=True)
class StepControls:
    """What a step is steered by: the correction that stands, labels to choose from, its weights.

    `output` is what stands as right, empty where it is too long to be shown for correcting.
    `before` is the latest checkpoint from before the step, if there is one near.
    """

    step: StepRecord
    correction: Correction | None
    output: str
    labels: tuple[str, ...]
    revoked: RevokedAdapter | None
    before: CheckpointRecord | None


def running(visit: Visit, session_id: str) -> list[RunningStep]:
    """The steps of a job that run: one at most, as others wait for it."""
    return visit.app.running.now(principal(), session_id)


def of_job(visit: Visit, session_id: str) -> JobControls:
    """What a job is steered by. Raises MemoryFault."""
    store = visit.store
    steps = store.session(session_id).steps
    revoked = store.revocations.revoked(session_id)[::-1]
    out = {each.digest for each in revoked}
    used = [each for each in adapters.digests(store, session_id) if each not in out]
    after = visit.number("after", steps) or 0
    seen = store.timeline.checkpoints(session_id, after, after + LOOKED_AT)
    last = store.timeline.checkpoints(session_id, steps - LOOKED_AT, steps)
    known = list({each.id: each for each in [*seen, *last]}.values())[::-1]
    room = Room(NAMES_BYTES)
    return JobControls(
        checkpoints=tuple((each, room.take(each.label or "").text) for each in known[:CHECKPOINTS]),
        adapters=tuple(used[:ADAPTERS]),
        revoked=tuple((each, room.take(each.reason).text) for each in revoked[:REVOKED]),
        more_revoked=max(len(revoked) - REVOKED, 0),
    )


def of_step(visit: Visit, session_id: str, n: int) -> StepControls | None:
    """What a step is steered by; None: there is no such step. Raises MemoryFault."""
    store = visit.store
    step = store.step(session_id, n)
    if step is None:
        return None
    said = store.tasks.corrections(session_id)
    standing = next((e for e in reversed(said) if e.step == n and e.ended is None), None)
    output = step.output if standing is None else standing.output
    before = store.timeline.checkpoints(session_id, n - BEFORE, n - 1)
    revoked = store.revocations.revoked(session_id)
    return StepControls(
        step=step,
        correction=standing,
        output=output if Room(OUTPUT_BYTES).fits(output) else "",
        labels=labels_of(step),
        revoked=next((each for each in revoked if each.digest == step.adapter_digest), None),
        before=before[-1] if before else None,
    )


def labels_of(step: StepRecord) -> tuple[str, ...]:
    """The labels of a step's task; an imported session may hold what it likes."""
    labels = step.task.get("labels")
    return tuple(map(str, labels)) if isinstance(labels, (list, tuple)) else ()


def end_of(text: str) -> str:
    """The end of what a running step wrote, if that is long."""
    return text if len(text) <= WRITTEN_CHARS else f"… {text[-WRITTEN_CHARS:]}"
