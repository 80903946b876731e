"""The earlier turns of a conversation in a step's record: by number where they are steps.

A client sends the whole conversation each time. What of it the session knows is kept once: as the
step that it was, or with the step that first read it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypernet.task import Turn
from mcp_server.jobs.past.recorded import whole_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from checkpoints import StepRecord, Store

# Of the session's steps, and characters of turns that are none of them.
LOOKED_AT = 500
CHARS = 200_000


def kept(store: Store, session_id: str, sent: Mapping[str, Any]) -> dict[str, Any]:
    """What was sent, with its turns as a step records them.

    Each is `{"step": n}`, `{"step": n, "turn": k}` (with step `n`, its turn `k`), its texts where
    the session has them nowhere, or nothing where they are too long.
    """
    if "turns" not in sent:
        return dict(sent)
    turns = sent["turns"]
    known: dict[tuple[str, str], dict[str, int]] = {}
    for step in store.steps(session_id, min(len(turns), LOOKED_AT)):
        for number, turn in enumerate(_recorded(step)):
            if (own := _own(turn)) is not None:
                known[own.user, own.answer] = {"step": step.n, "turn": number}
        known[step.input, step.output] = {"step": step.n}
    found: list[dict[str, Any]] = []
    room = CHARS
    for turn in turns:
        place = known.get((turn["user"], turn["answer"]))
        if place is None:
            room -= len(turn["user"]) + len(turn["answer"])
        found.append(place or (turn if room >= 0 else {}))
    return {**sent, "turns": found}


def turns_of(store: Store, handle: str, step: StepRecord) -> list[Turn | None]:
    """The earlier turns that a step read, the oldest first; None: it is kept nowhere.

    Raises:
        MemoryFault: no such session or checkpoint.
    """
    steps: dict[int, StepRecord | None] = {}

    def at(n: int) -> StepRecord | None:
        if n not in steps:
            steps[n] = store.timeline.step(handle, n)
        return steps[n]

    return [_turn(each, at(each["step"]) if _is_place(each) else None) for each in _recorded(step)]


def _turn(recorded: Mapping[str, Any], step: StepRecord | None) -> Turn | None:
    if step is None:
        return _own(recorded)
    number = recorded.get("turn")
    if number is None:
        return Turn(step.input, step.output)
    there = _recorded(step)
    return _own(there[number]) if isinstance(number, int) and 0 <= number < len(there) else None


def _own(recorded: Mapping[str, Any]) -> Turn | None:
    user, answer = recorded.get("user"), recorded.get("answer")
    return Turn(user, answer) if isinstance(user, str) and isinstance(answer, str) else None


def _is_place(recorded: Mapping[str, Any]) -> bool:
    return whole_of(recorded.get("step")) is not None


def _recorded(step: StepRecord) -> list[Mapping[str, Any]]:
    # An imported session may hold what it likes.
    sent = step.result.get("sent") if isinstance(step.result, dict) else None
    turns = sent.get("turns") if isinstance(sent, dict) else None
    return [each for each in turns if isinstance(each, dict)] if isinstance(turns, list) else []
