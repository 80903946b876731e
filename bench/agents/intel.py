"""Jobs of competitive intelligence: six installed packages each, asked what their metadata tells.

The tasks and the forms of the questions are those of `examples/competitive_intel`.
"""

from __future__ import annotations

import random
from importlib import metadata
from itertools import combinations
from typing import TYPE_CHECKING

from bench.agents.code import chunks_of
from bench.agents.looking import looking_up
from bench.agents.steps import Job, Named, Step
from examples.competitive_intel import plan, tasks
from examples.competitive_intel.facts import installed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.agents.arms import Quiet
    from examples.agent.caller import Caller
    from examples.competitive_intel.facts import Facts

SUBJECTS = 6
KINDS = ("licence", "python", "maturity", "compare", "area")
"""In turn, until a dozen steps are there; an area is asked of those that have a known one."""
README_CHARS = 20_000
RECALL_TOKENS = 4_000
ASK_BELOW = 0.5
STEPS = 12


def named_tasks() -> list[Named]:
    """The agent's tasks by name."""
    return [
        Named(f"intel-{name}", spec.text, spec.labels, None, ASK_BELOW, spec.examples)
        for name, spec in (
            ("area", tasks.AREA),
            ("licence", tasks.LICENCE),
            ("python", tasks.OLDEST_PYTHON),
            ("maturity", tasks.MATURITY),
            ("newer", tasks.NEWER_PYTHON),
            ("depends", tasks.MORE_DEPENDENCIES),
        )
    ]


async def job(seed: int, number: int, display: Quiet) -> Job:
    """A job, with what the server's searches brought of the packages' descriptions.

    Raises:
        ExampleError: a tool refused.
    """
    rng = random.Random(f"{seed} {number}")  # noqa: S311  # sampling, not secrets
    areas = {slug: area for area, slugs in plan.RIVALS for slug in slugs}
    there = installed()
    known = [facts for facts in there if facts.slug in areas]
    chosen = rng.sample(known, SUBJECTS // 2)
    chosen += rng.sample([facts for facts in there if facts not in chosen], SUBJECTS // 2)
    asked = list(_asked(chosen, areas, rng))[:STEPS]
    async with looking_up(display) as (call, session):
        for facts in chosen:
            await call("remember", session_id=session, text=_readme(facts), source=facts.name)
        steps = [await _looked_up(call, session, step) for step in asked]
    return Job("intel", seed, number, tuple(steps))


def _asked(chosen: list[Facts], areas: dict[str, str], rng: random.Random) -> Iterator[plan.Step]:
    """Steps with a right answer, the kinds in turn, each about other packages than the last."""
    subjects = [plan.Subject(each, areas.get(each.slug)) for each in chosen]
    by_kind: dict[str, list[plan.Step]] = {
        "licence": [plan.licence_step(each) for each in subjects],
        "python": [plan.python_step(each) for each in subjects],
        "maturity": [plan.maturity_step(each) for each in subjects],
        "area": [plan.area_step(each) for each in subjects],
        "compare": [plan.compare_step(one, two) for one, two in combinations(subjects, 2)],
    }
    for steps in by_kind.values():
        steps[:] = [step for step in steps if step.expected is not None]
        rng.shuffle(steps)
    while any(by_kind.values()):
        for kind in KINDS:
            if by_kind[kind]:
                yield by_kind[kind].pop()


async def _looked_up(call: Caller, session: str, step: plan.Step) -> Step:
    named = {each.text: each for each in named_tasks()}[step.task.text]
    found = await call(
        "recall",
        session_id=session,
        query=f"{step.subject} {step.kind}",
        budget_tokens=RECALL_TOKENS,
        kind="document",
    )
    assert step.expected is not None  # noqa: S101  # for the type checker: others were left out
    return Step(
        kind=step.kind,
        subject=step.subject,
        named=named,
        input=step.input,
        chunks=tuple(chunks_of(found)),
        expected=step.expected,
        labels=step.labels,
        max_tokens=step.max_tokens,
    )


def _readme(facts: Facts) -> str:
    found = metadata.distribution(facts.name).metadata.get_payload()  # type: ignore[attr-defined]  # it is an email message
    text = found if isinstance(found, str) and found.strip() else facts.description
    return f"{facts.name}: {facts.summary}\n\n{text}"[:README_CHARS]
