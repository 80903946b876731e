"""Showing a run: a table that grows, a summary, the last line and JSON."""

from __future__ import annotations

import dataclasses
import statistics
from typing import TYPE_CHECKING, Any

from examples.agent.screen import DIGEST_CHARS, Column, TableScreen
from examples.competitive_intel.agent import KILL_AFTER

if TYPE_CHECKING:
    from rich.console import Console

    from examples.competitive_intel.agent import Row, Run


COLUMNS: tuple[Column, ...] = (
    ("step", 4, "right"),
    ("task", 24, "left"),
    ("by", 5, "left"),
    ("mode", 8, "left"),
    ("adapter", 8, "left"),
    ("cached", 6, "left"),
    ("tokens", 6, "right"),
    ("sat %", 5, "right"),
    ("right", 5, "left"),
    ("output", None, "left"),
    ("checkpoint", 10, "left"),
)


class Screen(TableScreen):
    """The demo's table."""

    def __init__(self, console: Console | None = None) -> None:
        super().__init__(COLUMNS, console)

    def finished(self, row: Row) -> None:
        """Print a row, below the heading if it is the first."""
        self.row(cells(row), style="dim" if row.replayed else "")

    def summary(self, run: Run, tasks: int) -> None:
        """Print the summary, and the line that machines read, last."""
        self.closing([*summary_lines(summarise(run, tasks)), last_line(run, tasks)])


def cells(row: Row) -> tuple[str, ...]:
    """A row's texts, one per column."""
    cached = {True: "yes", False: "new", None: "-"}[row.adapter_cached]
    return (
        f"{row.step}*" if row.replayed else str(row.step),
        f"{row.kind} {row.subject}",
        row.answered_by,
        row.mode,
        (row.adapter or "-")[:DIGEST_CHARS],
        "replay" if row.replayed else cached,
        str(row.prefix_tokens + row.prompt_tokens),
        f"{100 * row.saturation:.1f}",
        {True: "yes", False: "no", None: ""}[row.correct],
        " ".join(row.output.split()),
        (row.checkpoint or "")[:DIGEST_CHARS],
    )


def summarise(run: Run, tasks: int) -> dict[str, Any]:
    """The run in numbers; a replayed step counts once."""
    rows = [row for row in run.rows if not row.replayed]
    written = [row.adapter_ms for row in rows if row.adapter_cached is False]
    sure = [row.confidence for row in rows if row.confidence is not None]
    checked = [row.correct for row in rows if row.correct is not None]
    learned = {name: quality for name, quality in run.learned.items() if quality is not None}
    held_out = [_held_out(quality) for quality in learned.values()]
    return {
        "steps": len(rows),
        "replayed": len(run.rows) - len(rows),
        "tasks": tasks,
        "named": len(run.learned),
        "learned": {name: quality["serving"] for name, quality in learned.items()},
        "learning_seconds": round(run.learning_seconds, 1),
        "held_out": sum(asked for asked, _, _ in held_out),
        "held_out_right_by_prompt": sum(prompted for _, prompted, _ in held_out),
        "held_out_right": sum(right for _, _, right in held_out),
        "remembered": run.remembered,
        "adapters_written": len(written),
        "adapters_reused": sum(row.adapter_cached is True for row in rows),
        "adapter_ms_median": round(statistics.median(written), 2) if written else None,
        "prefix_tokens": sum(row.prefix_tokens for row in rows),
        "prefix_reused": sum(row.prefix_reused for row in rows),
        "prompt_tokens": sum(row.prompt_tokens for row in rows),
        "retrieved_tokens": sum(row.retrieved_tokens for row in rows),
        "generated_tokens": sum(row.generated_tokens for row in rows),
        "checkpoints": len(run.checkpoints),
        "labelled": len(sure),
        "mean_confidence": round(statistics.fmean(sure), 4) if sure else None,
        "checked": len(checked),
        "confirmed": sum(checked),
        "killed_after": KILL_AFTER,
        "resumed_at": run.resumed_at,
        "max_saturation": max((row.saturation for row in run.rows), default=0.0),
    }


def _held_out(quality: dict[str, Any]) -> tuple[int, int, int]:
    """How many held-out examples a task was asked; right by the prompt alone, and as it serves."""
    ways = {way["way"]: way for way in quality["ways"]}
    serving = ways[quality["serving"]]
    prompted = ways["prompted"]["right"] if "prompted" in ways else 0
    return int(serving["asked"]), int(prompted), int(serving["right"])


def summary_lines(numbers: dict[str, Any]) -> list[str]:
    """The summary as people read it."""
    n = numbers
    adapters = f"{n['adapters_written']} written, {n['adapters_reused']} reused"
    if n["adapter_ms_median"] is not None:
        adapters += f"; writing one took {n['adapter_ms_median']} ms (median)"
    elif not n["adapters_reused"]:
        adapters = "none: the server has no hypernetwork for its model"
    sure = "" if n["mean_confidence"] is None else f", mean confidence {n['mean_confidence']:.2f}"
    learned = [
        f"learned      {len(n['learned'])} tasks, waited for {n['learning_seconds']:.0f} s; of "
        f"{n['held_out']} examples that were held out the prompt alone got "
        f"{n['held_out_right_by_prompt']} right, what serves now {n['held_out_right']}"
    ]
    return [
        f"tasks        {n['tasks']} different ones over {n['steps']} steps, {n['named']} by name",
        *(learned if n["learned"] else []),
        f"adapters     {adapters}",
        f"tokens       {n['prompt_tokens']} read as input, {n['retrieved_tokens']} of them from "
        f"memory; {n['prefix_tokens']} as task, {n['prefix_reused']} of them from the cache; "
        f"{n['generated_tokens']} generated",
        f"memory       {n['remembered']} texts remembered, {n['checkpoints']} checkpoints, "
        f"replayed after the kill: {n['replayed']} (marked *)",
        f"answers      {n['labelled']} chosen among labels{sure}; "
        f"the packages' metadata confirms {n['confirmed']} of {n['checked']}",
    ]


def last_line(run: Run, tasks: int) -> str:
    """The line that machines read."""
    n = summarise(run, tasks)
    return (
        f"demo: {n['steps']} steps, {n['tasks']} tasks, {n['checkpoints']} checkpoints, "
        f"killed after {n['killed_after']}, resumed at {n['resumed_at']}, "
        f"max saturation {n['max_saturation']:.2f}"
    )


def as_json(run: Run, tasks: int) -> dict[str, Any]:
    """The rows and the summary."""
    return {
        "session": run.session,
        "checkpoints": run.checkpoints,
        "steps": [dataclasses.asdict(row) for row in run.rows],
        "measured": run.learned,
        "summary": summarise(run, tasks),
    }
