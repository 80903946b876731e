"""The tools' arguments as values, checked before anything is stored, read by a model or run.

Knows nothing of MCP. The limits themselves stand in `limits.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypernet.engine.checks import MOST_LABELS
from hypernet.task import Example, Task
from mcp_server.schema import limits
from mcp_server.schema.limits import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mcp_server.app.application import Application
    from mcp_server.jobs.ingest import RememberCall
    from mcp_server.jobs.memory import RecallCall
    from mcp_server.jobs.step import StepCall
    from mcp_server.schema import results


def checked_task(
    task: str, labels: list[str] | None, examples: list[results.ExampleArgument] | None
) -> Task:
    """The task of the arguments.

    Raises:
        InputError: empty, too long, or labels that cannot be chosen from.
    """
    limits.check_text("task", task, limits.TASK_CHARS)
    limits.check_labels(labels or [])
    limits.check_count("examples", len(examples or []), limits.EXAMPLES)
    for number, example in enumerate(examples or []):
        limits.check_text(f"examples[{number}].input", example.input, limits.EXAMPLE_CHARS)
        limits.check_text(f"examples[{number}].output", example.output, limits.EXAMPLE_CHARS)
    pairs = tuple(Example(e.input, e.output) for e in examples or [])
    return Task(task, tuple(labels or ()), pairs).normalised()


def check_call(call: StepCall) -> None:
    """Refuse a step whose arguments are out of bounds.

    Raises:
        InputError: names the field and the limit.
    """
    limits.check_text("input", call.input, limits.INPUT_CHARS)
    limits.check_labels(call.labels)
    if call.output_schema is not None and call.labels:
        raise InputError("output_schema: give either labels or a schema")
    check_documents("documents", call.documents)
    limits.check_range("max_tokens", call.max_tokens, limits.MAX_TOKENS)
    limits.check_range("temperature", call.temperature, limits.TEMPERATURE)
    limits.check_range("seed", call.seed, limits.SEED)
    limits.check_range("context_tokens", call.context_tokens or 0, (0, limits.EXCERPT_TOKENS))


def check_remember(call: RememberCall) -> None:
    """Refuse texts, paths or a source that are out of bounds.

    Raises:
        InputError: names the field and the limit.
    """
    if not call.texts and not call.paths:
        raise InputError("text: give text, documents or paths")
    check_documents("documents", call.texts)
    limits.check_count("paths", len(call.paths), limits.PATHS)
    for number, path in enumerate(call.paths):
        limits.check_text(f"paths[{number}]", path, limits.PATH_CHARS)
    limits.check_text("source", call.source, limits.SOURCE_CHARS)


def check_recall(call: RecallCall) -> None:
    """Refuse a search whose arguments are out of bounds; the store checks its filters' values.

    Raises:
        InputError: names the field and the limit.
    """
    limits.check_text("query", call.query, limits.TASK_CHARS)
    limits.check_range("budget_tokens", call.budget_tokens, (1, limits.EXCERPT_TOKENS))
    limits.check_count("sources", len(call.filters.sources), limits.FILTERS)


def check_documents(field: str, texts: Sequence[str]) -> None:
    """Refuse too many, empty or too long documents.

    Raises:
        InputError: names the document and the limit.
    """
    limits.check_count(field, len(texts), limits.DOCUMENTS)
    for number, text in enumerate(texts):
        limits.check_text(f"{field}[{number}]", text, limits.DOCUMENT_CHARS)


def stated_limits(app: Application) -> dict[str, int | float]:
    """The limits that `status` shows."""
    stated: dict[str, int | float] = {
        "task_chars": limits.TASK_CHARS,
        "input_chars": limits.INPUT_CHARS,
        "labels": MOST_LABELS,
        "examples": limits.EXAMPLES,
        "documents": limits.DOCUMENTS,
        "document_chars": limits.DOCUMENT_CHARS,
        "max_tokens": limits.MAX_TOKENS[1],
        "checkpoint_every": app.settings.checkpoint_every,
    }
    if app.loader.runtime is not None:
        stated["window_tokens"] = app.loader.runtime.engine.limits.window
    return stated
