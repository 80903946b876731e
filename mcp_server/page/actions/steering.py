"""The page's forms that change something: each is the same call as a tool, counted and logged so.

Where something of the job runs, a form waits for it only so long.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, TypeVar

from anyio import to_thread
from pydantic import BaseModel

from checkpoints import one_form
from checkpoints.text.graphemes import beginning
from mcp_server.app.principal import principal
from mcp_server.jobs import adapters, memory
from mcp_server.jobs.memory import session_state
from mcp_server.jobs.present import checkpoint_result
from mcp_server.page.actions.holding import holding
from mcp_server.page.parts import controls
from mcp_server.page.visit import Done, Notice, whole_number
from mcp_server.schema import limits, results
from mcp_server.schema.calls import PinCall, QuarantineCall, RevokeCall
from mcp_server.schema.limits import InputError
from mcp_server.tasks import changes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from checkpoints import SessionRecord
    from mcp_server.page.visit import Visit

    Form = Mapping[str, str]

Result = TypeVar("Result", bound=BaseModel)

CANCEL = "cancel_step"
STEPS_NAMED = 20
NAME_SHOWN = 200


async def correct(visit: Visit, form: Form, session_id: str, n: str) -> Done:
    """Tell the right output of a step, that its own was right, or that a correction was wrong.

    Raises:
        MemoryFault, InputError: nothing was changed.
    """
    step, what = whole_number("step", n), _do(form, "correct", "confirm", "take_back")
    limits.check_range("step", step, limits.STEP)
    output = None
    if what == "correct" and "label" in form:
        output = await to_thread.run_sync(lambda: _label(visit, session_id, step, form["label"]))
    elif what == "correct":
        output = form.get("output", "")
    if output is not None:
        limits.check_text("output", output, limits.EXAMPLE_CHARS)
    take_back = what == "take_back"
    arguments = {"session_id": session_id, "step": step, "output": output, "take_back": take_back}
    done = await _called(
        visit,
        "correct_step",
        arguments,
        lambda: changes.correct(visit.store, session_id, step, output, take_back=take_back),
        held=session_id,
    )
    visit.app.learner.start()
    if done.taken_back:
        told = f"The correction of step {step} was taken back"
    elif done.confirmed:
        told = f"Step {step} is confirmed: its own output was right"
    else:
        told = f"Step {step} is corrected"
    if not done.changed:
        told += ", as it was before; nothing was changed"
    else:
        learns = "this job's steps of the same task" if done.task is None else f"task {done.task}"
        told += f". It concerns {learns}: {done.note}"
    return Done(_next(form, session_id, f"steps/{step}"), Notice(f"{told}.", done.changed))


async def checkpoint(visit: Visit, form: Form, session_id: str) -> Done:
    """Make a checkpoint of a job's present state, with a label or without.

    Raises:
        MemoryFault: nothing was changed.
    """
    label = form.get("label", "").strip() or None
    known: set[str] = set()

    def work() -> results.CheckpointResult:
        steps = visit.store.session(session_id).steps
        known.update(e.id for e in visit.store.timeline.checkpoints(session_id, steps, steps))
        return checkpoint_result(visit.store.checkpoint(session_id, label))

    arguments = {"session_id": session_id, "label": label}
    made = await _called(visit, "checkpoint_memory", arguments, work)
    named = f" “{made.label}”" if made.label else ""
    new = made.checkpoint_id not in known
    told = f"Checkpoint{named} is made at step {made.step}. One can go back to it or fork from it."
    if not new:
        told = f"Checkpoint{named} is there already, at step {made.step}; nothing was changed."
    return Done(_next(form, session_id), Notice(told, new))


async def restore(visit: Visit, form: Form, session_id: str) -> Done:
    """Take a job back to a checkpoint, or with `fork` begin another one there.

    Raises:
        MemoryFault, InputError: nothing was changed.
    """
    checkpoint_id, fork = form.get("checkpoint_id", ""), _do(form, "restore", "fork") == "fork"
    if not checkpoint_id:
        raise InputError("checkpoint_id: choose a checkpoint")
    store = visit.store
    before: list[SessionRecord] = []

    def work() -> results.RestoreResult:
        record = store.checkpoint_record(checkpoint_id)
        before.append(store.session(session_id))
        # A fork may begin in any history of one's own; going back is the job's.
        own = None if fork else session_id
        state = session_state(store, store.restore(checkpoint_id, session_id=own, fork=fork))
        return results.RestoreResult(
            session=state, checkpoint=checkpoint_result(record), forked=fork
        )

    arguments = {"session_id": session_id, "checkpoint_id": checkpoint_id, "fork": fork}
    done = await _called(visit, "restore_memory", arguments, work, held=session_id)
    at = f"step {done.checkpoint.step}"
    if fork:
        told = f"This is a new job that goes on from {at}. The other one stays as it is."
        return Done(f"/jobs/{done.session.session_id}", Notice(told))
    now = await to_thread.run_sync(lambda: store.session(session_id))
    told = _restored(before[0], now, checkpoint_id)
    return Done(_next(form, session_id), Notice(told, "nothing was changed" not in told))


async def pin(visit: Visit, form: Form, session_id: str) -> Done:
    """Keep an item in every prompt of a job, or stop that.

    Raises:
        MemoryFault, InputError: nothing was changed.
    """
    item_id, pinned = (
        whole_number("item_id", form.get("item_id", "")),
        _do(form, "pin", "unpin") == "pin",
    )
    call = PinCall((item_id,), pinned)
    done = await _called(
        visit,
        "pin_memory",
        {"session_id": session_id, "item_ids": [item_id], "pinned": pinned},
        lambda: memory.pin(visit.store, session_id, call),
    )
    changed = done.note is None
    told = f"Item {item_id} is {'pinned: it is in every prompt' if pinned else 'pinned no more'}."
    where = _next(form, session_id, "memory")
    return Done(where, Notice(told if changed else f"Item {item_id}: {done.note}.", changed))


async def quarantine(visit: Visit, form: Form, session_id: str) -> Done:
    """Keep an item or a source out of a job's searches and prompts, or let it back in.

    `of` names a source by one of its items, as names may be long.

    Raises:
        MemoryFault, InputError: nothing was changed.
    """
    given, source = form.get("item_id"), form.get("source")
    item_id = None if given is None else whole_number("item_id", given)
    if source is None and "of" in form:
        of = whole_number("of", form["of"])
        found = await to_thread.run_sync(lambda: visit.store.contents.item(session_id, of))
        source = found.source
    release = _do(form, "quarantine", "release") == "release"
    reason = form.get("reason", "").strip() or None
    named = None if source is None else one_form(source)
    call = QuarantineCall(item_id, named, None if release else reason, release)
    arguments = {"session_id": session_id, "item_id": item_id, "source": named, "release": release}
    done = await _called(
        visit,
        "quarantine_memory",
        arguments,
        lambda: memory.quarantine(visit.store, session_id, call),
    )
    what = f"Source {beginning(named or '', NAME_SHOWN)}" if item_id is None else f"Item {item_id}"
    told = f"{what} is {'let back in' if release else 'in quarantine'}"
    told += f": {done.items} {'item' if done.items == 1 else 'items'}"
    if done.note:
        told += f"; {done.note}"
    told += f".{_used(done.used_by_steps, done.checkpoint_before)}"
    changed = bool(done.items) or not (done.note or "").endswith("nothing was changed")
    return Done(_next(form, session_id, "memory"), Notice(told, changed))


async def revoke(visit: Visit, form: Form, session_id: str) -> Done:
    """Refuse generated weights in a job from now on, or allow them again.

    Raises:
        MemoryFault, InputError: nothing was changed.
    """
    digest, release = form.get("adapter_digest", ""), _do(form, "revoke", "release") == "release"
    reason = None if release else form.get("reason", "").strip() or None
    call = RevokeCall(digest, reason, release)
    arguments = {"session_id": session_id, "adapter_digest": digest, "release": release}
    done = await _called(
        visit,
        "revoke_adapter",
        arguments,
        lambda: adapters.revoke(visit.store, session_id, call),
    )
    told = f"Adapter {digest} is {'allowed again' if release else 'revoked in this job'}"
    if done.note:
        told += f"; {done.note}"
    told += f".{_used(done.used_by_steps, done.checkpoint_before)}"
    changed = not (done.note or "").endswith("nothing was changed")
    return Done(_next(form, session_id), Notice(told, changed))


async def cancel(visit: Visit, form: Form, session_id: str) -> Done:
    """Cancel a running step: it ends at the model's next token and is not recorded.

    Raises:
        MemoryFault: no such job.
        NotRunningError: it has ended.
    """
    await to_thread.run_sync(lambda: visit.store.session(session_id))
    with visit.app.calls.run(CANCEL, principal(), {"session_id": session_id}) as call:
        cancelled = await visit.app.running.cancel(principal(), session_id, form.get("running", ""))
        call.state = "ok"
    told = (
        "The step was cancelled: nothing of it was recorded, and its client was told so."
        if cancelled
        else "The step had ended before it could be cancelled; nothing was changed."
    )
    return Done(_next(form, session_id), Notice(told, cancelled))


async def _called(
    visit: Visit,
    tool: str,
    arguments: Mapping[str, Any],
    work: Callable[[], Result],
    *,
    held: str | None = None,
) -> Result:
    """What a tool's work comes to, limited, counted and logged like a call of the tool.

    `held` is a job of which no step may run meanwhile.
    """
    with visit.app.calls.run(tool, principal(), arguments) as call:
        async with nullcontext() if held is None else holding(visit, held):
            # Not abandoned: what was begun is told of.
            done = await to_thread.run_sync(work)
        call.state, call.content = "ok", done.model_dump(mode="json")
        return done


def _restored(was: SessionRecord, now: SessionRecord, checkpoint_id: str) -> str:
    """What going back to a checkpoint came to."""
    if was.head == now.head:
        told = f"The job stood at that checkpoint, after step {now.steps}, already"
        if was.last_checkpoint == checkpoint_id:
            return f"{told}; nothing was changed."
        return f"{told}; of its checkpoints it sees those up to this one."
    if was.steps > now.steps:
        back = f"The job is back at step {now.steps}"
        return f"{back}: later steps are out of its sight, and are kept."
    there = f"The job is at step {now.steps} now"
    return f"{there}: what it had instead is out of its sight, and is kept."


def _label(visit: Visit, session_id: str, n: int, given: str) -> str:
    """One of the labels of a step's task, by its number from 0."""
    number, step = whole_number("label", given), visit.store.step(session_id, n)
    labels = () if step is None else controls.labels_of(step)
    if number >= len(labels):
        raise InputError(f"label: step {n} has no label {number}; nothing was changed")
    return labels[number]


def _do(form: Form, *known: str) -> str:
    """Which of a form's buttons was pressed; the first is also that of the key Enter."""
    done = form.get("do", known[0])
    if done not in known:
        raise InputError(f"do: is not one of {', '.join(known)}; nothing was changed")
    return done


def _used(steps: list[int], before: results.CheckpointResult | None) -> str:
    """Which steps are concerned, and the way back."""
    if not steps:
        return ""
    named = ", ".join(map(str, steps[:STEPS_NAMED]))
    more = len(steps) - STEPS_NAMED
    told = f" Steps that used it: {named}{f' and {more} more' if more > 0 else ''}."
    if before is not None:
        told += f" The checkpoint from before them is at step {before.step}."
    return told


def _next(form: Form, session_id: str, there: str = "") -> str:
    """The page to go to: the one that the form stood on, if it is the job's."""
    job = f"/jobs/{session_id}"
    came = form.get("next", "")
    own = came == job or came.startswith((f"{job}/", f"{job}?", f"{job}#"))
    if own and came.isascii() and came.isprintable():
        return came
    return f"{job}/{there}" if there else job
