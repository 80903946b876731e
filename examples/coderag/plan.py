"""The job: a code base on disk with what was planted in it, and twelve steps over it.

A pure function of the installed packages and a seed.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from examples.agent.errors import ExampleError
from examples.coderag import questions
from examples.coderag.questions import Kind, of_function
from examples.coderag.sources import read_package

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from examples.coderag.questions import Question
    from examples.coderag.sources import Function, Package
    from examples.coderag.tasks import NamedTask

ASKED = (
    *("click", "packaging", "requests", "urllib3", "tqdm", "platformdirs", "tomlkit", "rich"),
    *("typer", "babel", "jinja2", "anyio", "markdown-it-py", "joblib", "pyparsing", "soupsieve"),
)
"""From these a job's packages are drawn; none of them is in a solved example."""
PACKAGES = 8
STEPS: tuple[Kind, ...] = (
    *("find", "explain", "returns", "signature", "defect", "compare"),
    *("find", "default", "explain", "returns", "compare", "summarise"),
)
ROOT = "code"
"""The code base's folder, with which its sources' names begin."""
EARLIER = "-earlier"
"""Ends the folder of a package's earlier versions."""
MODULE_CHARS = 24_000
PACKAGE_CHARS = 32_000
DRAWS = 100
FUNCTION_CHARS = 450
"""A function that the reader keeps in one piece."""


@dataclass(frozen=True)
class Query:
    """The arguments of `recall`."""

    text: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """What is looked for, what is asked of it, and the right answer."""

    number: int
    kind: Kind
    package: str
    name: str
    """The function's; of a summary the package's."""
    source: str
    """Where it is."""
    queries: tuple[Query, ...]
    detail: str
    expected: str
    task: NamedTask

    @property
    def key(self) -> str:
        """The same for the same step in every run, so that a step sent twice runs once."""
        return f"coderag-{self.number:02d}-{self.kind}-{self.package}"[:64]


@dataclass(frozen=True)
class Plan:
    """The files of the code base, by path below `ROOT`, and the steps."""

    seed: int
    packages: tuple[str, ...]
    files: Mapping[str, str]
    steps: tuple[Step, ...]

    @property
    def tasks(self) -> tuple[NamedTask, ...]:
        """The tasks of the steps, each once."""
        return tuple({step.kind: step.task for step in self.steps}.values())


def make_plan(seed: int, tasks: Mapping[Kind, NamedTask]) -> Plan:
    """The job of a seed.

    Raises:
        ExampleError: too few of the packages are installed, or none of them has what a step asks
            of.
    """
    rng = random.Random(seed)  # noqa: S311  # sampling, not secrets
    found = [each for name in ASKED if (each := read_package(name)) and each.functions]
    if len(found) < PACKAGES:
        raise ExampleError(
            f"the job needs the sources of {PACKAGES} of {', '.join(ASKED)}; "
            f"{len(found)} are installed"
        )
    for _ in range(DRAWS):
        job = _Job(rng, rng.sample(found, PACKAGES), tasks)
        if job.take_steps():
            job.fill()
            names = tuple(package.name for package in job.packages)
            return Plan(seed, names, job.files, tuple(job.steps))
    raise ExampleError(f"seed {seed}: the installed packages have too little to ask about")


class _Job:
    """A job that is being drawn."""

    def __init__(
        self, rng: random.Random, packages: Sequence[Package], tasks: Mapping[Kind, NamedTask]
    ) -> None:
        self._rng, self.packages, self._tasks = rng, packages, tasks
        self.files: dict[str, str] = {}
        self.steps: list[Step] = []

    def take_steps(self) -> bool:
        """Draw all steps, from the packages in turn; False where none has what one asks about."""
        turn = list(self.packages)
        for kind in STEPS:
            for package in turn:
                step = self._step(kind, package)
                if step is not None:
                    break
            else:
                return False
            self.steps.append(step)
            turn.remove(package)
            turn.append(package)  # the others go first next time
        return True

    def fill(self) -> None:
        """Add further modules of the packages, those with functions first, up to their share."""
        for package in self.packages:
            of_package = [t for f, t in self.files.items() if f.startswith(f"{package.name}/")]
            size = sum(map(len, of_package))
            functions = Counter(function.file for function in package.functions)
            for file in sorted(functions, key=lambda file: (-functions[file], file)):
                text = package.files[file]
                fits = len(text) <= MODULE_CHARS and size + len(text) <= PACKAGE_CHARS
                if file not in self.files and fits:
                    self.files[file] = text
                    size += len(text)

    def _step(self, kind: Kind, package: Package) -> Step | None:
        """A step about a package; what it needs is put into the files. None: it has nothing."""
        if kind == "summarise":
            return self._summary(package)
        used = {(step.package, step.name) for step in self.steps}
        for function in self._rng.sample(package.functions, len(package.functions)):
            small = len(package.files[function.file]) <= MODULE_CHARS
            if not small or len(function.source) > FUNCTION_CHARS:
                continue
            question = of_function(kind, function, self._rng.randrange(1000))
            if question is not None and (package.name, function.name) not in used:
                return self._about(function, question, package)
        return None

    def _summary(self, package: Package) -> Step | None:
        about = questions.of_package(package)
        if about is None:
            return None
        file = f"{package.name}/README.md"
        self.files[file] = f"# {package.name}\n\n{package.readme}\n"
        query = Query(f"What is the package {package.name} for?")
        return self._numbered("summarise", package, package.name, file, (query,), "", about.answer)

    def _about(self, function: Function, question: Question, package: Package) -> Step:
        kind, detail = question.kind, question.detail
        text = self.files.get(function.file, package.files[function.file])
        self.files[function.file] = text.replace(function.source, question.code, 1)
        queries = [Query(f"def {function.name} in {package.name}")]
        if kind == "find":
            queries = [Query(detail)]
        elif kind == "compare":
            earlier = f"{package.name}{EARLIER}/{function.name}.py"
            self.files[earlier] = f"{detail}\n"
            queries.append(Query(f"def {function.name}", (f"{ROOT}/{earlier}",)))
            detail = ""  # it is to come from memory
        return self._numbered(
            kind, package, function.name, function.file, tuple(queries), detail, question.answer
        )

    def _numbered(
        self,
        kind: Kind,
        package: Package,
        name: str,
        file: str,
        queries: tuple[Query, ...],
        detail: str,
        expected: str,
    ) -> Step:
        return Step(
            number=len(self.steps) + 1,
            kind=kind,
            package=package.name,
            name=name,
            source=f"{ROOT}/{file}",
            queries=queries,
            detail=detail,
            expected=expected,
            task=self._tasks[kind],
        )
