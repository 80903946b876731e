"""The agent's fourteen steps, as a pure function of what the distributions say of themselves.

Three pairs of rivals, seven kinds of task, and never the same task twice in a row.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from examples.agent.errors import ExampleError
from examples.competitive_intel import tasks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from examples.competitive_intel.facts import Facts
    from examples.competitive_intel.tasks import TaskSpec

Kind = Literal["area", "licence", "python", "maturity", "compare", "ask", "summary"]

SUBJECTS = 6
TEXT_TOKENS = 48
VALUE_TOKENS = 16
CONTEXT_TOKENS = 160
INPUT_WORDS = 60
KEY_CHARS = 64

# Who competes with whom. Groups are in the order in which they are looked for.
RIVALS: tuple[tuple[str, frozenset[str]], ...] = (
    ("web", frozenset({"daphne", "granian", "gunicorn", "hypercorn", "uvicorn", "waitress"})),
    ("web", frozenset({"aiohttp", "httpx", "httpx2", "requests", "urllib3"})),
    (
        "data validation",
        frozenset({"cerberus", "jsonschema", "marshmallow", "msgspec", "pydantic"}),
    ),
    ("command line", frozenset({"click", "cyclopts", "docopt", "fire", "typer"})),
    ("testing", frozenset({"hypothesis", "nose2", "pytest", "robotframework"})),
    ("machine learning", frozenset({"jax", "scikit-learn", "tensorflow", "torch", "transformers"})),
    ("web", frozenset({"bottle", "django", "fastapi", "flask", "sanic", "starlette", "tornado"})),
)


@dataclass(frozen=True)
class Step:
    """The arguments of `run_step`, and the answer that the metadata gives, where it gives one."""

    kind: Kind
    subject: str
    task: TaskSpec
    input: str
    labels: tuple[str, ...] = ()
    max_tokens: int = TEXT_TOKENS
    context_tokens: int = 0
    expected: str | None = None
    number: int = 0

    @property
    def key(self) -> str:
        """The same for the same step in every run, so that a step sent twice runs once."""
        subject = re.sub(r"[^\w.-]+", "-", self.subject)
        return f"ci-{self.number:02d}-{self.kind}-{subject}"[:KEY_CHARS]


@dataclass(frozen=True)
class Document:
    """The arguments of `remember`."""

    source: str
    text: str


@dataclass(frozen=True)
class Plan:
    """What is remembered first, and the steps."""

    documents: tuple[Document, ...]
    steps: tuple[Step, ...]

    @property
    def tasks(self) -> int:
        """How many different tasks the steps have."""
        return len({step.task for step in self.steps})

    @property
    def named(self) -> tuple[TaskSpec, ...]:
        """Those that have a name, in the order in which they are first needed."""
        return tuple(dict.fromkeys(step.task for step in self.steps if step.task.name))


@dataclass(frozen=True)
class Subject:
    """A package that is asked about; `area` is what it is for, where that is known."""

    facts: Facts
    area: str | None


def make_plan(distributions: Sequence[Facts]) -> Plan:
    """The plan for these distributions; their order does not matter.

    Raises:
        ExampleError: fewer than six of them have a summary.
    """
    a, b, c, d, e, f = _choose(distributions)
    unnumbered = (
        area_step(a),
        licence_step(a),
        python_step(a),
        maturity_step(b),
        area_step(c),
        ask_step(b),
        compare_step(a, b),
        maturity_step(c),
        licence_step(d),
        summary_step(c),
        python_step(e),
        area_step(e),
        compare_step(e, f),
        ask_step(f),
    )
    steps = (replace(step, number=number) for number, step in enumerate(unnumbered, 1))
    documents = (Document(s.facts.name, _about(s.facts)) for s in (a, b, c, d, e, f))
    return Plan(tuple(documents), tuple(steps))


def _choose(distributions: Sequence[Facts]) -> list[Subject]:
    """Three pairs: rivals where two are installed, else neighbours by name."""
    left = sorted((d for d in distributions if d.summary), key=lambda d: d.slug)
    if len(left) < SUBJECTS:
        raise ExampleError(
            f"the demo compares installed Python packages and needs {SUBJECTS} with a summary; "
            f"this environment has {len(left)}"
        )
    chosen: list[Subject] = []
    for area, names in RIVALS:
        pair = [d for d in left if d.slug in names][:2]
        if len(pair) == 2 and len(chosen) < SUBJECTS:
            chosen += [Subject(facts, area) for facts in pair]
            left = [d for d in left if d not in pair]
    missing = SUBJECTS - len(chosen)
    return chosen + [Subject(facts, None) for facts in left[:missing]]


def area_step(subject: Subject) -> Step:
    """What a package is for; right where its area is known."""
    text = _about(subject.facts)
    return Step("area", subject.facts.name, tasks.AREA, text, expected=subject.area)


def licence_step(subject: Subject) -> Step:
    """Whether a package's licence is a permissive one."""
    facts = subject.facts
    expected = {True: "yes", False: "no", None: None}[facts.permissive]
    text = f"Licence: {_said(facts.licence)}"
    return Step("licence", facts.name, tasks.LICENCE, text, expected=expected)


def python_step(subject: Subject) -> Step:
    """The oldest Python that a package runs on."""
    facts = subject.facts
    text = f"Package: {facts.name} {facts.version}\nRequires Python: {_said(facts.python)}"
    expected = facts.oldest_python or None
    task = tasks.OLDEST_PYTHON
    return Step("python", facts.name, task, text, max_tokens=VALUE_TOKENS, expected=expected)


def maturity_step(subject: Subject) -> Step:
    """How mature a package says that it is."""
    facts = subject.facts
    text = f"{facts.name} {facts.version}\nDevelopment status: {_said(facts.status)}"
    number = facts.status[:1]
    expected = {"1": "alpha", "2": "alpha", "3": "alpha", "4": "beta", "5": "stable", "6": "stable"}
    return Step("maturity", facts.name, tasks.MATURITY, text, expected=expected.get(number))


def compare_step(one: Subject, two: Subject) -> Step:
    """By oldest Python where that differs, else by the number of dependencies."""
    a, b = one.facts, two.facts
    pair = f"{a.name}, {b.name}"
    # The two names are this step's labels, not the task's: one adapter serves every pair.
    names = (a.name, b.name)
    if a.oldest_python == b.oldest_python and len(a.needs) != len(b.needs):
        text = "\n".join(
            f"{facts.name} depends on {len(facts.needs)} packages: {', '.join(facts.needs[:8])}"
            for facts in (a, b)
        )
        more = a if len(a.needs) > len(b.needs) else b
        task = tasks.MORE_DEPENDENCIES
        return Step("compare", pair, task, text, labels=names, expected=more.name)
    text = "\n".join(f"{facts.name} requires Python {_said(facts.python)}" for facts in (a, b))
    oldest = [_version(facts.oldest_python) for facts in (a, b)]
    newer = None if oldest[0] == oldest[1] or () in oldest else names[oldest.index(max(oldest))]
    return Step("compare", pair, tasks.NEWER_PYTHON, text, labels=names, expected=newer)


def ask_step(subject: Subject) -> Step:
    """The input holds the question alone: the answer is in what was remembered."""
    name = subject.facts.name
    return Step("ask", name, tasks.ASK, f"What is {name} for?", context_tokens=CONTEXT_TOKENS)


def summary_step(subject: Subject) -> Step:
    """A package's description in a sentence."""
    return Step("summary", subject.facts.name, tasks.SUMMARY, _about(subject.facts))


def _about(facts: Facts) -> str:
    text = f"{facts.name}: {facts.summary} {facts.description}"
    return " ".join(text.split()[:INPUT_WORDS])


def _said(value: str) -> str:
    return value or "not stated"


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".") if part)
