"""The tools' arguments as values: one that exists is within the limits.

Only what depends on the model or the store, such as the window, is checked later.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hypernet.task import Example, Task, Turn
from mcp_server.schema import limits
from mcp_server.schema.limits import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from checkpoints import Filters, Origin
    from hypernet.adapters.plan import Mode
    from mcp_server.schema.results import ExampleArgument


def task_of(
    task: str, labels: Sequence[str] | None, examples: Sequence[ExampleArgument | Example] | None
) -> Task:
    """The task that a call describes, its labels in the call's order.

    Raises:
        InputError: empty, too long, too many examples, or one whose output is none of the labels.
        EngineError: labels that cannot be chosen from.
    """
    limits.check_text("task", task, limits.TASK_CHARS)
    limits.check_labels(labels or [])
    limits.check_count("examples", len(examples or []), limits.EXAMPLES)
    for number, example in enumerate(examples or []):
        limits.check_text(f"examples[{number}].input", example.input, limits.EXAMPLE_CHARS)
        limits.check_text(f"examples[{number}].output", example.output, limits.EXAMPLE_CHARS)
    pairs = tuple(Example(e.input, e.output) for e in examples or [])
    described = Task(task, tuple(labels or ()), pairs).tidied()
    for number, pair in enumerate(described.examples):
        if not described.allows(pair.output):
            raise InputError(
                f"examples[{number}].output: {limits.beginning(pair.output)!r} is none of the "
                "labels; give one of them, or add it to labels"
            )
    return described


@dataclass(frozen=True)
class TaskCall:
    """The arguments of `set_task`.

    `refine` is whether the adapter takes gradient steps on the examples; None: with enough of them.
    A named task says all of itself.

    Raises:
        InputError: neither a task nor a name, or more than one of them.
    """

    session_id: str | None
    task: Task | None
    mode: Mode
    refine: bool | None
    name: str | None = None

    def __post_init__(self) -> None:
        if self.task is None and self.name is None:
            raise InputError("task: say what the steps are for, or give the name of a saved task")
        if self.name is not None and self.task is not None:
            raise InputError("name: give either a saved task's name or a task")
        if self.name is not None and (self.mode != "auto" or self.refine is not None):
            raise InputError("name: a saved task has its mode, and learns by itself; use save_task")

    @property
    def described(self) -> Task:
        """The task that was given, where no name was."""
        assert self.task is not None  # noqa: S101  # for the type checker: looked at above
        return self.task


@dataclass(frozen=True)
class StepCall:
    """The arguments of `run_step`. `copy` None: where the task's examples are copied.

    `history` are earlier turns of a conversation, the oldest first. `name` is a saved task's, in
    place of `task`; `plain` lets the base answer where there is no task at all; `shares` refuses
    answers that are not one of some labels.

    Raises:
        InputError: names the field and the limit.
        EngineError: labels that cannot be chosen from.
    """

    input: str
    task: Task | None
    labels: tuple[str, ...]
    output_schema: dict[str, Any] | None
    copy: bool | None
    documents: tuple[str, ...]
    max_tokens: int
    temperature: float
    seed: int
    context_tokens: int | None
    step_key: str | None
    ask_below: float | None = None
    stop: tuple[str, ...] = ()
    history: tuple[Turn, ...] = ()
    name: str | None = None
    plain: bool = False
    shares: bool = False

    def __post_init__(self) -> None:
        limits.check_range("ask_below", self.ask_below or 0.0, (0.0, 1.0))
        limits.check_history(self.history)
        limits.check_stop(self.stop)
        limits.check_text("input", self.input, limits.INPUT_CHARS)
        limits.check_labels(self.labels)
        if self.output_schema is not None and self.labels:
            raise InputError("output_schema: give either labels or a schema")
        if self.copy and self.labels:
            raise InputError("copy: give either labels or copy")
        if self.copy and self.output_schema is not None:
            raise InputError("copy: give either output_schema or copy")
        limits.check_documents("documents", self.documents)
        limits.check_range("max_tokens", self.max_tokens, limits.MAX_TOKENS)
        limits.check_range("temperature", self.temperature, limits.TEMPERATURE)
        limits.check_range("seed", self.seed, limits.SEED)
        limits.check_range("context_tokens", self.context_tokens or 0, (0, limits.EXCERPT_TOKENS))


@dataclass(frozen=True)
class RememberCall:
    """The arguments of `remember`. `named` is the texts' source, `append` adds to what it has.

    Raises:
        InputError: names the field and the limit.
    """

    text: str | None
    documents: tuple[str, ...]
    paths: tuple[str, ...]
    named: str | None
    origin: Origin
    pinned: bool
    append: bool = False

    @property
    def source(self) -> str:
        """What the source of the texts is called."""
        return limits.UNNAMED_SOURCE if self.named is None else self.named

    @property
    def replaces(self) -> bool:
        """Whether the texts are a new version of their source; unnamed ones are just notes."""
        return not self.append and self.source != limits.UNNAMED_SOURCE

    def __post_init__(self) -> None:
        if self.text is not None:
            limits.check_text("text", self.text, limits.DOCUMENT_CHARS)
        if not self.texts and not self.paths:
            raise InputError("text: give text, documents or paths")
        limits.check_documents("documents", self.documents)
        limits.check_count("paths", len(self.paths), limits.PATHS)
        for number, path in enumerate(self.paths):
            limits.check_text(f"paths[{number}]", path, limits.PATH_CHARS)
        limits.check_text("source", self.source, limits.SOURCE_CHARS)
        if self.named is not None and not self.texts:
            raise InputError(
                "source: that of a file is its path, and nothing but paths was sent; leave source "
                "out, or send the text"
            )

    @property
    def texts(self) -> tuple[str, ...]:
        """All that are to be stored as they are, in order."""
        return (*([self.text] if self.text is not None else []), *self.documents)


@dataclass(frozen=True)
class RecallCall:
    """The arguments of `recall`; the store checks the filters' values.

    Raises:
        InputError: names the field and the limit.
    """

    query: str
    budget_tokens: int
    filters: Filters

    def __post_init__(self) -> None:
        limits.check_text("query", self.query, limits.TASK_CHARS)
        limits.check_range("budget_tokens", self.budget_tokens, (1, limits.EXCERPT_TOKENS))
        limits.check_count("sources", len(self.filters.sources), limits.FILTERS)


@dataclass(frozen=True)
class PinCall:
    """The arguments of `pin_memory`.

    Raises:
        InputError: names the field and the limit.
    """

    item_ids: tuple[int, ...]
    pinned: bool

    def __post_init__(self) -> None:
        limits.check_count("item_ids", len(self.item_ids), limits.ITEMS)
        for number, item_id in enumerate(self.item_ids):
            limits.check_item(f"item_ids[{number}]", item_id)


@dataclass(frozen=True)
class QuarantineCall:
    """The arguments of `quarantine_memory`: an item or a source.

    Raises:
        InputError: names the field and the limit.
    """

    item_id: int | None
    source: str | None
    reason: str | None
    release: bool

    def __post_init__(self) -> None:
        if (self.item_id is None) == (self.source is None):
            raise InputError("item_id: give either item_id or source")
        if self.item_id is not None:
            limits.check_item("item_id", self.item_id)
        if self.source is not None:
            limits.check_text("source", self.source, limits.SOURCE_CHARS)
        _check_reason(self.reason)


@dataclass(frozen=True)
class DeleteCall:
    """The arguments of `delete_memory`: an item, a source or the whole session.

    Raises:
        InputError: names the field and the limit.
    """

    item_id: int | None
    source: str | None
    whole_session: bool
    dry_run: bool

    def __post_init__(self) -> None:
        if [self.item_id is not None, self.source is not None, self.whole_session].count(True) != 1:
            raise InputError(
                "item_id: give one of item_id, source and whole_session true; nothing was deleted"
            )
        if self.item_id is not None:
            limits.check_item("item_id", self.item_id)
        if self.source is not None:
            limits.check_text("source", self.source, limits.SOURCE_CHARS)


@dataclass(frozen=True)
class RevokeCall:
    """The arguments of `revoke_adapter`.

    Raises:
        InputError: names the field and the limit.
    """

    digest: str
    reason: str | None
    release: bool

    def __post_init__(self) -> None:
        limits.check_text("adapter_digest", self.digest, limits.DIGEST_CHARS)
        _check_reason(self.reason)


def _check_reason(reason: str | None) -> None:
    if reason is not None:
        limits.check_text("reason", reason, limits.LABEL_CHARS)


@dataclass(frozen=True)
class SaveCall:
    """The arguments of `save_task`; what is None stays as it was.

    Raises:
        InputError: names the field and the limit.
        EngineError: labels that cannot be chosen from.
    """

    name: str
    task: str | None
    labels: Sequence[str] | None
    examples: Sequence[ExampleArgument] | None
    add: bool
    output_schema: dict[str, Any] | None
    copy: bool | None
    ask_below: float | None
    share: bool | None
    go_back_to: int | None

    def __post_init__(self) -> None:
        if self.task is not None:
            limits.check_text("task", self.task, limits.TASK_CHARS)
        limits.check_labels(self.labels or [])
        limits.check_count("examples", len(self.examples or []), limits.EXAMPLES)
        for number, example in enumerate(self.examples or []):
            limits.check_text(f"examples[{number}].input", example.input, limits.EXAMPLE_CHARS)
            limits.check_text(f"examples[{number}].output", example.output, limits.EXAMPLE_CHARS)
        if self.labels and self.output_schema is not None:
            raise InputError("output_schema: give either labels or a schema")
        if self.copy and (self.labels or self.output_schema is not None):
            raise InputError("copy: give one of labels, output_schema and copy")
        limits.check_range("ask_below", self.ask_below or 0.0, (0.0, 1.0))
        given = {name for name, value in vars(self).items() if value is not None}
        if not self.add:
            given.discard("add")  # what it is where it was left out
        if self.go_back_to is not None and given - {"name", "go_back_to"}:
            raise InputError("go_back_to: goes alone; change the task in another call")
        limits.check_range("go_back_to", self.go_back_to or 1, limits.STEP)
