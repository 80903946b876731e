"""Which of a task's examples its next version uses; knows no database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from checkpoints.tasks.checks import as_label, same
from checkpoints.tasks.values import State

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from checkpoints.tasks.values import TaskExample


@dataclass(frozen=True)
class Contribution:
    """An example that was given or came from a correction; `correction` is the row's number."""

    id: int
    input_sha256: str
    output_sha256: str
    input: str
    output: str
    source: str
    correction: int | None


def fold(
    contributions: Sequence[Contribution],
    withheld: Collection[int],
    labels: Sequence[str],
    most: int,
) -> list[tuple[Contribution, State]]:
    """What a version does with each of its contributions, which come the oldest first.

    Of those with the same input the last one's output stands, and the first with that output is
    used, so that repeating an example moves no other one. `withheld` are the numbers of corrections
    that do not count. At most `most` are used, the newest; as many others are kept at most, what
    is withheld before the rest.
    """
    states = [_standing(each, withheld, labels) for each in contributions]
    forms = [form(each) for each in contributions]
    last = {
        given: output
        for (given, output), state in zip(forms, states, strict=True)
        if state == State.USED
    }
    taken: set[str] = set()
    for place, (given, output) in enumerate(forms):
        if states[place] != State.USED:
            continue
        if given in taken or last[given] != output:
            states[place] = State.REPLACED
        else:
            taken.add(given)
    used = [place for place, state in enumerate(states) if state == State.USED]
    for place in used[: max(0, len(used) - most)]:
        states[place] = State.CROWDED
    others = [place for place, state in enumerate(states) if state != State.USED]
    others.sort(key=lambda place: states[place] == State.WITHHELD)
    dropped = set(others[: max(0, len(others) - most)])
    folded = zip(contributions, states, strict=True)
    return [pair for place, pair in enumerate(folded) if place not in dropped]


def given_anew(
    pairs: Sequence[tuple[Contribution, State]], given: Sequence[TaskExample], *, add: bool
) -> tuple[list[Contribution], list[TaskExample]]:
    """Of a version's contributions those that stay, and of some given examples those to follow.

    Given ones replace what was given before, or with `add` follow it. What is given again stays
    where it stood; added again, it wins over what came after it. What corrections brought stays.
    """
    again = {form(each) for each in given}
    kept = []
    for each, state in pairs:
        if each.correction is not None:
            kept.append(each)
        elif form(each) in again:
            if not (add and state == State.REPLACED):
                kept.append(each)
        elif add:
            kept.append(each)
    held = {form(each) for each in kept if each.correction is None}
    return kept, [each for each in given if form(each) not in held]


def without_given(
    pairs: Sequence[tuple[Contribution, State]], given_input: str
) -> list[Contribution]:
    """A version's contributions without those that were given for an input.

    All of them: else an earlier one, which the last one replaced, would come back.
    """
    gone = same(given_input)
    return [each for each, _ in pairs if each.correction is not None or same(each.input) != gone]


def form(each: TaskExample | Contribution) -> tuple[str, str]:
    """An example as it is compared with others: its input's form, and its output's."""
    return same(each.input), same(each.output)


def _standing(each: Contribution, withheld: Collection[int], labels: Sequence[str]) -> State:
    if each.correction in withheld:
        return State.WITHHELD
    if labels and as_label(each.output, labels) is None:
        return State.NO_LABEL
    return State.USED


WHY = {
    State.REPLACED: "a later example of the same input stands",
    State.WITHHELD: "something that its step had in the prompt is in quarantine, or the adapter "
    "that it confirms was revoked",
    State.NO_LABEL: "its output is none of the task's labels",
    State.CROWDED: "the task has as many newer examples as it may",
}
"""Why an example is not used, in words for the user."""
