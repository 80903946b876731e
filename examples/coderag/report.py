"""Showing a run: a table that grows, a summary, the last line and JSON."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from examples.agent.screen import DIGEST_CHARS, Column, TableScreen
from examples.coderag.plan import EARLIER

if TYPE_CHECKING:
    from rich.console import Console

    from examples.coderag.agent import Row, Run

RETRIEVED, SOURCES, SATURATION = 94_000, 7, 0.70
"""What a job must bring from memory, from how many packages, and what a prompt may fill."""
COLUMNS: tuple[Column, ...] = (
    ("step", 4, "right"),
    ("task", 30, "left"),
    ("by", 8, "left"),
    ("adapter", 8, "left"),
    ("found", 6, "right"),
    ("prompt", 6, "right"),
    ("sat %", 5, "right"),
    ("right", 6, "left"),
    ("output", None, "left"),
)


class Screen(TableScreen):
    """The agent's table."""

    def __init__(self, console: Console | None = None) -> None:
        super().__init__(COLUMNS, console)

    def finished(self, row: Row) -> None:
        """Print a row."""
        self.row(cells(row), style="" if row.correct else "dim")

    def summary(self, run: Run) -> None:
        """Print the summary, and the line that machines read, last."""
        numbers = summarise(run)
        self.closing([*summary_lines(numbers), last_line(numbers)])


def cells(row: Row) -> tuple[str, ...]:
    """A row's texts, one per column."""
    right = ("yes" if row.correct else "no") + ("?" if row.review else "")
    return (
        str(row.step),
        f"{row.kind} {row.subject}",
        row.answered_by,
        (row.adapter or "-")[:DIGEST_CHARS],
        str(row.retrieved_tokens),
        str(row.prompt_tokens),
        f"{100 * row.saturation:.1f}",
        right,
        " ".join(row.output.split()),
    )


def summarise(run: Run) -> dict[str, Any]:
    """The run in numbers."""
    rows = run.rows
    kinds = {row.kind: [0, 0] for row in rows}
    for row in rows:
        kinds[row.kind][0] += row.correct
        kinds[row.kind][1] += 1
    prompts = [row.prompt_tokens for row in rows]
    packages = {
        source.split("/")[1].removesuffix(EARLIER) for row in rows for source in row.sources
    }
    return {
        "seed": run.seed,
        "steps": len(rows),
        "tasks": len({row.task for row in rows}),
        "right": sum(row.correct for row in rows),
        "reviews": sum(row.review for row in rows),
        "interventions": sum(row.intervention for row in rows),
        "by_kind": {
            kind: {"right": right, "asked": asked} for kind, (right, asked) in kinds.items()
        },
        "served": {name: way for name, (way, _) in sorted(run.served.items())},
        "expected_accuracy": {name: share for name, (_, share) in sorted(run.served.items())},
        "retrieved_tokens": sum(row.retrieved_tokens for row in rows),
        "retrieved_sources": len({source for row in rows for source in row.sources}),
        "retrieved_packages": len(packages),
        "code_found": sum(row.found for row in rows),
        "prompt_tokens": sum(prompts),
        "prompt_tokens_per_step": round(sum(prompts) / len(prompts), 1) if prompts else 0.0,
        "largest_prompt": max(prompts, default=0),
        "window": run.window,
        "worst_saturation": max((row.saturation for row in rows), default=0.0),
        "files": run.files,
        "pieces": run.pieces,
        "checkpoints": run.checkpoints,
        "learning_seconds": round(run.learning_seconds, 1),
        "reading_seconds": round(run.reading_seconds, 1),
        "step_seconds": round(sum(row.seconds for row in rows), 1),
    }


def problems(numbers: dict[str, Any]) -> list[str]:
    """What the job must hold and did not; wrong answers are no such thing, but interventions."""
    n = numbers
    found = []
    if n["retrieved_tokens"] < RETRIEVED:
        found.append(f"{n['retrieved_tokens']} tokens were retrieved, {RETRIEVED} are wanted")
    if n["retrieved_packages"] < SOURCES:
        found.append(f"they came from {n['retrieved_packages']} packages, {SOURCES} are wanted")
    if n["worst_saturation"] > SATURATION:
        found.append(
            f"a prompt filled {n['worst_saturation']:.2f} of its window, over {SATURATION}"
        )
    return found


def summary_lines(numbers: dict[str, Any]) -> list[str]:
    """The summary as people read it."""
    n = numbers
    kinds = ", ".join(f"{kind} {k['right']} of {k['asked']}" for kind, k in n["by_kind"].items())
    return [
        f"answers      {n['right']} of {n['steps']} right: {kinds}",
        f"a person     had to step in {n['interventions']} times: wrong, or less sure than asked "
        f"(marked ?, {n['reviews']} times)",
        f"retrieved    {n['retrieved_tokens']} tokens of excerpts that recall gave the agent, from "
        f"{n['retrieved_packages']} packages, {n['retrieved_sources']} files; the code asked about "
        f"was among them {n['code_found']} times of {n['steps']}",
        f"prompts      {n['prompt_tokens']} tokens in all, {n['prompt_tokens_per_step']} a step, "
        f"{n['largest_prompt']} in the largest, of a window of {n['window']}",
        f"seconds      {n['learning_seconds']} learning {n['tasks']} tasks, "
        f"{n['reading_seconds']} reading {n['files']} files ({n['pieces']} pieces), "
        f"{n['step_seconds']} for the steps",
    ]


def last_line(numbers: dict[str, Any]) -> str:
    """The line that machines read."""
    n = numbers
    return (
        f"coderag: seed {n['seed']}, {n['steps']} steps, {n['right']} right, "
        f"{n['interventions']} interventions, {n['retrieved_tokens']} tokens retrieved from "
        f"{n['retrieved_packages']} packages, max saturation {n['worst_saturation']:.2f}"
    )


def as_json(run: Run) -> dict[str, Any]:
    """The rows and the summary."""
    return {
        "session": run.session,
        "steps": [
            {**dataclasses.asdict(row), "intervention": row.intervention} for row in run.rows
        ],
        "summary": summarise(run),
    }
