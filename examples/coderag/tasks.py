"""The agent's named tasks: what each is for, and solved examples from other packages' sources.

None of the packages here is ever asked about in a job.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from examples.agent.errors import ExampleError
from examples.coderag import questions
from examples.coderag.changes import PARTS
from examples.coderag.questions import Kind, of_function
from examples.coderag.sources import read_about, read_package

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from examples.coderag.sources import Function, Package

SOLVED = ("boltons", "networkx", "fsspec", "pypdf", "pillow", "attrs", "sqlite-utils", "nltk")
"""Whose functions are in the solved examples."""
DESCRIBED = (
    *(
        "boltons",
        "pypdf",
        "huggingface-hub",
        "nltk",
        "openpyxl",
        "narwhals",
        "mpmath",
        "cachetools",
    ),
    *("charset-normalizer", "psutil", "fonttools", "starlette", "httpx2", "referencing", "sympy"),
    *("beautifulsoup4", "filelock", "pathspec", "pyjwt", "sortedcontainers", "regex", "scipy"),
)
"""Whose descriptions are summarised in the solved examples."""
MOST, FEWEST = 16, 8
ASK_BELOW = 0.5
"""Not of sentences: a measured confidence is that of the very same letters."""
EXAMPLE_CHARS = 600


@dataclass(frozen=True)
class NamedTask:
    """The arguments of `save_task`."""

    kind: Kind
    text: str
    labels: tuple[str, ...] = ()
    copy: bool | None = None
    ask_below: float | None = ASK_BELOW
    examples: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """What it is saved as."""
        return f"coderag-{self.kind}"


FORMS = (
    NamedTask(
        "find",
        "Copy the line of the list that does what is wanted, with the name of its function.",
        copy=True,
    ),
    NamedTask("explain", "Explain in one line what the function does.", ask_below=None),
    NamedTask(
        "returns",
        "What does the function return: a bool, a str or None?",
        labels=questions.RETURNS,
    ),
    NamedTask(
        "signature",
        "Copy the signature of the function.",
        copy=True,
    ),
    NamedTask(
        "default",
        "Copy the parameter that is named at the end, with its default, from the definition.",
        copy=True,
    ),
    NamedTask("defect", "Copy the misspelt name in the function.", copy=True),
    NamedTask(
        "compare",
        "What changed between the two versions of the function: its signature, its logic or its "
        "documentation?",
        labels=PARTS,
    ),
    NamedTask("summarise", "Summarise in one line what the package is for.", ask_below=None),
)


def make_tasks() -> dict[Kind, NamedTask]:
    """The tasks with their examples, the same in every run on one environment.

    Raises:
        ExampleError: too few of the packages are installed.
    """
    packages = [each for name in SOLVED if (each := read_package(name))]
    described = [each for name in DESCRIBED if (each := read_about(name))]
    made = {}
    for form in FORMS:
        found = list(
            _summaries(described) if form.kind == "summarise" else _solved(form, packages)
        )[:MOST]
        if len(found) < FEWEST:
            raise ExampleError(
                f"the task {form.name} needs {FEWEST} examples from installed packages and found "
                f"{len(found)}; install the project's development packages"
            )
        made[form.kind] = replace(form, examples=tuple(found))
    return made


def _summaries(packages: Sequence[Package]) -> Iterator[tuple[str, str]]:
    for package in packages:
        question = questions.of_package(package)
        if question is not None:
            yield questions.about_package(package.name, package.readme), question.answer


def _solved(form: NamedTask, packages: Sequence[Package]) -> Iterator[tuple[str, str]]:
    """Examples from the packages in turn, of each label as many."""
    rng = random.Random(form.name)  # noqa: S311  # sampling, not secrets
    share = MOST // max(1, len(form.labels))
    given: dict[str, int] = {}
    for function, package in _in_turn(packages, rng):
        question = of_function(form.kind, function, rng.randrange(1000))
        if question is None or (form.labels and given.get(question.answer, 0) >= share):
            continue
        given[question.answer] = given.get(question.answer, 0) + 1
        if form.kind == "find":
            text = _choice(function, package, question.detail, rng)
        else:
            text = questions.about_code(form.kind, question.code, question.detail)
        if text is not None:
            yield text, question.answer


def _in_turn(packages: Sequence[Package], rng: random.Random) -> Iterator[tuple[Function, Package]]:
    shuffled = []
    for package in packages:
        short = [f for f in package.functions if len(f.source) <= EXAMPLE_CHARS]
        shuffled.append((rng.sample(short, len(short)), package))
    for number in range(max((len(functions) for functions, _ in shuffled), default=0)):
        for functions, package in shuffled:
            if number < len(functions):
                yield functions[number], package


def _choice(function: Function, package: Package, wanted: str, rng: random.Random) -> str | None:
    others = [f for f in package.functions if questions.is_plain(f.says) and f.says != wanted]
    if len(others) < questions.CANDIDATES - 1:
        return None
    offered = [function, *rng.sample(others, questions.CANDIDATES - 1)]
    rng.shuffle(offered)
    return questions.candidates(wanted, [(each.says, each.name) for each in offered])
