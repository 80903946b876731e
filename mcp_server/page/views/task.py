"""One named task: how it is served and why, how good it became, its examples, where it is used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from checkpoints.records import text_digest
from hypernet.learning.folds import LEAST
from hypernet.learning.learn import FEWEST
from mcp_server.app.principal import principal
from mcp_server.jobs.present import task_text
from mcp_server.page.parts.curves import Series, line_chart
from mcp_server.page.task_names import address_of, name_at, name_of
from mcp_server.page.views.jobs import described
from mcp_server.page.views.tasks import estimated
from mcp_server.page.visit import Shown
from mcp_server.tasks.learner import STOPPED
from mcp_server.tasks.quality import MEANING, measured_with, quality_of, quality_result

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from checkpoints import DayCounts, NamedTask, TaskExample, TaskVersion, VersionSummary
    from hypernet.learning.quality import Figure, Quality
    from mcp_server.page.parts.curves import Chart
    from mcp_server.page.visit import Visit

EXAMPLES = 20
VERSIONS = 20
MEASURED, POINTS = 60, 30
"""Measured versions that are looked through, and points of the curve: some take over a quality."""
DAYS = 30
SET_ASIDE = 20
LABELS = 50
INPUT_CHARS, OUTPUT_CHARS = 800, 400


@dataclass(frozen=True)
class Head:
    """What every page about a task begins with; `name` is as the store takes it."""

    name: str
    address: str
    task: NamedTask
    version: TaskVersion


@dataclass(frozen=True)
class Taught:
    """An example: which one it is in a form, and the step whose correction brought it."""

    example: TaskExample
    key: str
    step: tuple[str, int] | None


@dataclass(frozen=True)
class Measured:
    """A version that was measured: the way that served, and the base that it is held against."""

    version: VersionSummary
    quality: Quality
    serving: Figure
    prompted: Figure | None


@dataclass(frozen=True)
class Progress:
    """How far learning is; `left` is about how many seconds it still takes, None: not known yet."""

    message: str
    fraction: float
    left: float | None


def head(visit: Visit, name: str) -> Head:
    """What every page about a task needs. Raises UnknownTask or BadValue."""
    stored = name_at(name)
    task = visit.store.tasks.line(stored, measured_with(visit.app.learner.model))
    who = principal()
    stored = name_of(task.name, task.owner, who)
    version = visit.store.tasks.get(stored)
    return Head(stored, address_of(task.name, task.owner, who), task, version)


def shown(visit: Visit, name: str) -> Shown:
    """One task. Raises UnknownTask, BadValue or InputError."""
    about = head(visit, name)
    store, learner, version = visit.store, visit.app.learner, about.version
    model, own = learner.model, about.task.own
    serves = store.tasks.serving(about.name, measured_with(model)).version
    quality = quality_result(serves, model)
    values: dict[str, Any] = {
        "about": about,
        "quality": quality,
        "meaning": MEANING,
        "estimate": None if quality or model is None else estimated(version, learner),
        "learning": progress(visit, version) if own else None,
        "state": learner.state_of(version.digest) if own else None,
        "stopped": STOPPED,
        "learned": quality_of(version.quality, model) is not None,
        "loaded": model is not None,
        "fewest": FEWEST,
        "least": LEAST,
        "labels": version.definition.labels[:LABELS],
        "used": store.task_use.jobs(about.name),
        "task_name": lambda session: task_text(described(session.task)),
    }
    if own:  # what others taught it, and what they ask of it, is not told
        values |= _examples(visit, about) | _history(visit, about.name)
        values |= _trend(visit, about.name)
    return Shown("task.html", about.task.name, values)


def progress(visit: Visit, version: TaskVersion) -> Progress | None:
    """How far learning a version is; None: it is not being learned now."""
    doing = visit.app.learner.doing
    if doing is None or doing.digest != version.digest:
        return None
    passed = (datetime.now(UTC) - doing.began).total_seconds()
    left = passed * (1 - doing.fraction) / doing.fraction if doing.fraction > 0 else None
    return Progress(doing.message, doing.fraction, left)


def example_key(example: TaskExample) -> str:
    """Which example a form means, whatever the version."""
    return example.correction or text_digest(example.input)


def _examples(visit: Visit, about: Head) -> dict[str, Any]:
    """A page of a task's examples, the latest first."""
    skip = visit.number("examples", 0) or 0
    newest = about.version.examples[::-1]
    steps = visit.store.task_use.corrected(about.name)
    return {
        "examples": [
            Taught(each, example_key(each), steps.get(each.correction or ""))
            for each in newest[skip : skip + EXAMPLES]
        ],
        "set_aside": about.version.set_aside[-SET_ASIDE:][::-1],
        "skip": skip,
        "page": EXAMPLES,
        "input_chars": INPUT_CHARS,
        "output_chars": OUTPUT_CHARS,
    }


def _history(visit: Visit, name: str) -> dict[str, Any]:
    """A page of versions, and the curve over those that were measured."""
    skip = visit.number("versions", 0) or 0
    versions = visit.store.tasks.versions(name, VERSIONS + 1, skip)
    found = visit.store.tasks.versions(name, MEASURED, measured=True)
    measured = _measured(found, visit.app.learner.model)[-POINTS:]
    return {
        "versions": versions[:VERSIONS],
        "versions_skip": skip,
        "versions_page": VERSIONS,
        "versions_more": len(versions) > VERSIONS,
        "measured": measured,
        "curve": _curve(measured),
    }


def _measured(versions: Sequence[VersionSummary], model: str | None) -> list[Measured]:
    """The versions that were measured, the oldest first, each quality once."""
    found: list[Measured] = []
    for version in reversed(versions):
        quality = quality_of(version.quality, model)
        if quality is None:
            continue
        if found and found[-1].version.quality == version.quality:
            continue  # taken over: nothing that weights see was changed
        figure, base = quality.figures[quality.serving], quality.figures.get("prompted")
        found.append(Measured(version, quality, figure, base))
    return found


def _curve(measured: Sequence[Measured]) -> Chart | None:
    if len(measured) < 2:
        return None
    x = [float(each.version.number) for each in measured]
    return line_chart(
        [
            Series(
                "what serves, with 95 % of it",
                x,
                [each.serving.share for each in measured],
                [each.serving.interval for each in measured],
            ),
            Series(
                "prompted: the base alone",
                x,
                [None if each.prompted is None else each.prompted.share for each in measured],
            ),
        ],
        y_range=(0.0, 1.0),
        x_label=lambda number: f"v{number:g}",
        y_label="{:.0%}".format,
        x_ticks=x if len(x) <= 8 else [x[0], x[len(x) // 2], x[-1]],
    )


def _trend(visit: Visit, name: str) -> dict[str, Any]:
    """What became of a task's steps, day by day."""
    counts = visit.store.tasks.counts(name, DAYS)
    days = _every_day(counts.days)
    chart = None
    if len(days) > 1:
        x = [float(n) for n in range(len(days))]
        kinds = ("steps", "asked", "corrected", "confirmed")
        names = ("steps", "asked for review", "corrected", "confirmed")
        chart = line_chart(
            [
                Series(title, x, [float(getattr(day, kind)) for day in days])
                for kind, title in zip(kinds, names, strict=True)
            ],
            x_label=lambda n: days[round(n)].day[5:],
            x_ticks=[x[0], x[len(x) // 2], x[-1]] if len(x) > 2 else x,
        )
    return {"counts": counts, "trend": chart}


def _every_day(days: Sequence[DayCounts]) -> list[DayCounts]:
    """The last days of those that have any, with the ones between that have none."""
    if not days:
        return []
    known, last = {each.day: each for each in days}, date.fromisoformat(days[-1].day)
    first = max(date.fromisoformat(days[0].day), last - timedelta(days=DAYS - 1))
    every = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    empty = type(days[0])
    return [known.get(str(day)) or empty(str(day), 0, 0, 0, 0) for day in every]
