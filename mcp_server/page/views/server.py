"""How the server does: what is loaded, what waits, what the last hour was like."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from checkpoints.text.graphemes import beginning
from mcp_server.app.principal import principal
from mcp_server.jobs import queries
from mcp_server.page.parts.curves import Series, line_chart
from mcp_server.page.visit import Shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mcp_server.page.parts.curves import Chart
    from mcp_server.page.visit import Visit
    from mcp_server.telemetry.history import Sample
    from mcp_server.work.work import WorkState

MEGABYTE = 1_000_000
HOUR = 60.0
"""Minutes."""
SUBJECT_CHARS = 60
WHAT = {
    "learning": "Learning",
    "save_task": "Learning",
    "set_task": "Refining for",
    "remember": "Reading for",
}
"""By the tool, what is done to a saved task or for a session."""
TICKS = (-60.0, -45.0, -30.0, -15.0, 0.0)


@dataclass(frozen=True)
class Row:
    """One line of a figure in numbers: the last value, and the highest of the hour."""

    name: str
    now: float | None
    highest: float | None


@dataclass(frozen=True)
class Figure:
    """What is drawn of the last hour; `chart` None: there was no value."""

    title: str
    unit: str
    chart: Chart | None
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class LongWork:
    """Work that takes long; `left` is about how many seconds it still takes, None: not known."""

    what: str
    message: str
    fraction: float
    left: float | None


def health(visit: Visit) -> Shown:
    """The server's state, and the figures of its last hour for those who may see the metrics."""
    app, runtime = visit.app, visit.app.loader.runtime
    samples = [] if app.history is None else app.history.samples
    sees = sees_figures(visit)
    values = {
        "beside": visit.store.maintenance.read_only,
        "loader": app.loader,
        "about": app.about(),
        "database": queries.database_state(visit.store),
        "bytes": samples[-1].database_bytes if samples else None,
        "busy": (0, 0) if runtime is None else runtime.engine.busy,
        "limits": None if runtime is None else runtime.engine.limits,
        "running_steps": app.running.now(principal()),
        "work": [long_work(each) for each in app.working()],
        "sees": sees,
        "figures": figures(samples, datetime.now(UTC)) if sees and samples else [],
        "plain": plain,
    }
    return Shown("server.html", "Server", values)


def long_work(work: WorkState) -> LongWork:
    """Long work as people are told it."""
    passed = (datetime.now(UTC) - work.began).total_seconds()
    left = passed * (1 - work.fraction) / work.fraction if work.fraction > 0 else None
    what = f"{WHAT.get(work.tool, work.tool)} {beginning(work.subject, SUBJECT_CHARS)}".strip()
    return LongWork(what, work.message, work.fraction, left)


def sees_figures(visit: Visit) -> bool:
    """Whether the visitor may see what all principals' calls came to together, as in /metrics."""
    readers, who = visit.app.settings.metrics_readers, principal()
    return who is None or not readers or who in readers


def figures(samples: Sequence[Sample], now: datetime) -> list[Figure]:
    """The last hour, figure by figure; what is older is left out."""
    ages = [(now - each.at).total_seconds() / 60 for each in samples]
    kept = [(-age, each) for age, each in zip(ages, samples, strict=True) if age <= HOUR]
    x, seen = [at for at, _ in kept], [each for _, each in kept]

    def figure(title: str, unit: str, **lines: Sequence[float | None]) -> Figure:
        series = [Series(name.replace("_", " "), x, y) for name, y in lines.items()]
        nothing = not any(y for each in series for y in each.y)
        chart = line_chart(
            series,
            x_range=(-HOUR, 0.0),
            y_range=(0.0, 1.0) if nothing else None,
            x_label=_minutes,
            x_ticks=TICKS,
        )
        return Figure(title, unit, chart, tuple(_row(each) for each in series))

    return [
        figure(
            "Requests", "at once",
            running=[each.rows_busy for each in seen], waiting=[each.queue for each in seen],
        ),
        figure("Steps", "a minute", steps=[each.steps_per_minute for each in seen]),
        figure("Tokens", "a second", written=[each.tokens_per_second for each in seen]),
        figure(
            "Adapters", "in ten seconds",
            written_anew=[each.adapters_written for each in seen],
            reused=[each.adapters_reused for each in seen],
        ),
        figure("Commits", "milliseconds, mean", commit=[each.commit_ms for each in seen]),
        figure("Database", "MB", size=[each.database_bytes / MEGABYTE for each in seen]),
    ]  # fmt: skip


def _row(series: Series) -> Row:
    found = [value for value in series.y if value is not None]
    return Row(series.name, found[-1] if found else None, max(found, default=None))


def _minutes(at: float) -> str:
    return "now" if at == 0 else f"{-at:g} min ago" if at == -HOUR else f"{-at:g}"


def plain(value: float) -> str:
    """A value with the digits that matter."""
    if value >= 1_000_000:
        return f"{value / 1_000_000:.1f} million"
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}".removesuffix(".0") if value >= 1 else f"{value:.2g}"
