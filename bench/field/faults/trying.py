"""Trying every case through every door it has."""

from __future__ import annotations

import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import anyio

from bench.field.faults import answers, commands, memories, people, wire
from bench.field.faults.doors import opened

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from bench.field.faults.doors import Door

    Case = Callable[[Door], Awaitable[None]]

WAYS = ("stdio", "http")


def tried(only: Iterable[str] = ()) -> list[str]:
    """Try the cases, all or those named; the failures, each as a line."""
    failures: list[str] = []
    wanted = set(only)
    for alone in (*wire.CASES, *commands.CASES, *people.WITHOUT_CLIENT):
        if not wanted or alone.__name__ in wanted:
            with tempfile.TemporaryDirectory() as folder:
                failures += _failures(alone.__name__, partial(alone, Path(folder)))
    for way in WAYS:
        for engine, cases in (
            ("echo", (*answers.CASES, *memories.CASES, *people.CASES)),
            ("torch", answers.WITH_MODEL),
        ):
            for case in cases:
                if not wanted or case.__name__ in wanted:
                    one = partial(anyio.run, _try, case, way, engine)
                    failures += _failures(f"{way} {case.__name__}", one)
    return failures


async def _try(case: Case, way: str, engine: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with opened(way, Path(folder), engine) as door:
            await case(door)


def _failures(name: str, one: Callable[[], None]) -> list[str]:
    try:
        one()
    except Exception as problem:  # whatever it is, the case failed by it
        said = f"{name}: {_said(problem)}"
        print(f"FAILED {said}", file=sys.stderr)
        return [said]
    print(f"ok     {name}", file=sys.stderr)
    return []


def _said(problem: BaseException) -> str:
    """The first thing that went wrong, which task groups wrap."""
    while isinstance(problem, BaseExceptionGroup):
        problem = problem.exceptions[0]
    return f"{type(problem).__name__}: {problem}"
