"""The job: the agent's program in LangChain's environment, and what its steps came to."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from examples.agent.errors import ExampleError
from examples.langchain.truth import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from examples.langchain.truth import Package

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Row:
    """One answered step."""

    step: int
    package: str
    asks: str
    task: str
    door: str
    adapter: str | None
    tool: str | None
    output: str
    expected: str
    correct: bool | None
    """Whether the package's metadata confirms the answer; None where it says nothing."""
    prompt_tokens: int | None


def run_agent(
    python: Path, address: str, packages: list[Package], log: Path, finished: Callable[[Row], None]
) -> list[Row]:
    """Run `agent.py` with this Python; `finished` is told of each step as it is answered.

    Raises:
        ExampleError: the agent failed; what it said last is quoted.
    """
    command = [str(python), "-m", "examples.langchain.agent", address]
    command += [package.name for package in packages]
    rows = []
    with (
        log.open("w", encoding="utf-8") as errors,
        subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, encoding="utf-8"
        ) as process,
    ):
        try:
            for line in process.stdout or ():
                rows.append(_row(json.loads(line), packages))
                finished(rows[-1])
        except BaseException:
            process.terminate()
            raise
    if process.returncode != 0:
        raise ExampleError(f"the agent: {_last_error(log)} ({log})")
    if len(rows) != len(packages) * len(KINDS):
        raise ExampleError(f"the agent took {len(rows)} steps of {len(packages) * len(KINDS)}")
    return rows


def _last_error(log: Path) -> str:
    """The last line that names an error: in a traceback of groups, frames and notes follow it."""
    lines = [line.strip(" |") for line in log.read_text(encoding="utf-8").splitlines()]
    errors = [line for line in lines if re.match(r"(\w+\.)*[A-Z]\w*: ", line)]
    return errors[-1] if errors else "it failed without a word"


def _row(taken: dict[str, Any], packages: list[Package]) -> Row:
    package = packages[(taken["step"] - 1) // len(KINDS)]
    kind = KINDS[(taken["step"] - 1) % len(KINDS)]
    return Row(
        package=package.name,
        asks=kind,
        expected=package.expected(kind),
        correct=package.confirms(kind, taken["output"]),
        **taken,
    )
