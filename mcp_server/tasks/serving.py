"""What a step runs with: the task with all that it was taught, its plan, and how it is answered."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from hypernet.adapters.plan import enough_to_refine, make_plan, refined_soon, within_window
from hypernet.engine.interface import Generation, TokenCounts
from hypernet.hypernetwork.reliability import Reliability
from hypernet.learning.answers import Answer, Form, ask
from hypernet.learning.serve import serve
from hypernet.task import Example, Task, as_read
from mcp_server.schema.fitting import misfit
from mcp_server.tasks.quality import measured_with, quality_of
from mcp_server.tasks.reliability import by_curve, expected_kind, heard_words, kind_of
from mcp_server.tasks.structured import as_written, in_examples_order

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Literal

    from checkpoints import Store, TaskVersion
    from hypernet.adapters.plan import Mode, Plan
    from hypernet.hypernetwork.reliability import Kind
    from hypernet.learning.judges.words import WordsModel
    from hypernet.learning.quality import Quality
    from hypernet.learning.serve import Serving
    from hypernet.progress import Progress
    from hypernet.runtime import Runtime

    AnsweredBy = Literal["model", "words", "both", "example"]


def check_enforced(runtime: Runtime | None, schema: Mapping[str, Any] | None) -> None:
    """Refuse a schema that no step under this model could be held to; None: it is not loaded yet.

    Raises:
        EngineError: says why.
    """
    if runtime is not None and schema is not None and runtime.engine.capabilities.schema:
        runtime.engine.check_schema(schema)


@dataclass(frozen=True)
class NamedTask:
    """A named task as its next step uses it.

    The step runs with all examples of `version`, the current one. How it is served, `quality`, was
    measured with those of `learned`, an earlier version or the same; None: not yet with this model.
    """

    version: TaskVersion
    learned: TaskVersion | None
    quality: Quality | None


@dataclass(frozen=True)
class Prepared:
    """All that a step needs of its task.

    `solved` are inputs whose answers are known: the task's examples, then what corrections say.
    `serving` says how answers are settled, for a named task that was measured; `reliability` how
    sure those of any other are, and `words` is the classifier that is heard beside the model there.
    """

    plan: Plan
    solved: tuple[Example, ...] = ()
    named: NamedTask | None = None
    serving: Serving | None = None
    reliability: Reliability = field(default_factory=Reliability)
    words: WordsModel | None = None

    def solved_answer(
        self, text: str, labels: tuple[str, ...], schema: Mapping[str, Any] | None
    ) -> Settled | None:
        """What an example or a correction says of the very same input, the last one.

        None too where it is none of the labels that the call allows, or does not fit its schema.
        """
        form = as_read(text)
        outputs = [each.output for each in self.solved if as_read(each.input) == form]
        if not outputs or (schema is not None and misfit(outputs[-1], schema)):
            return None
        allowed = {as_read(label): label for label in labels}
        output = allowed.get(as_read(outputs[-1])) if labels else outputs[-1]
        return None if output is None else Settled(Answer(output, 1.0), "example")

    def known(self, text: str) -> Settled | None:
        """The answer to an input where words alone tell, without a model."""
        alone = None if self.serving is None else self.serving.alone(text)
        return None if alone is None else Settled(alone, "words")

    def settled(
        self, text: str, generation: Generation, *, copied: bool, structured: bool
    ) -> Settled:
        """The answer that a model's generation comes to; the form is that of the call."""
        answer = Answer.of(generation)
        if generation.stop_reason not in ("end", "label"):
            return Settled(answer, "model")
        kind = kind_of(structured=structured, labels=answer.shares is not None, copied=copied)
        return self.settled_answer(text, answer, kind)

    def settled_answer(self, text: str, answer: Answer, kind: Kind | None) -> Settled:
        """The answer that a model's whole one of a kind comes to."""
        if self.serving is None:
            said = None
            if (
                self.words is not None
                and answer.shares
                and set(self.words.labels) == {*answer.shares}
            ):
                said = self.words.shares([text])[0]
            settled = by_curve(self.reliability, self.plan, answer, kind, said)
            return Settled(settled, "model" if said is None else "both")
        by: AnsweredBy = "model" if self.serving.words is None else "both"
        return Settled(self.serving.settle(text, answer), by)


@dataclass(frozen=True)
class Settled:
    """A step's answer, and who gave it."""

    answer: Answer
    by: AnsweredBy

    def as_generation(self) -> Generation:
        """For a step that no model ran."""
        counts = TokenCounts(0, 0, 0, 0)
        reason = "label" if self.answer.shares else "end"
        return Generation(self.answer.output, reason, counts, 0.0, 0.0)  # type: ignore[arg-type]  # one of the two


def named_task(store: Store, name: str, model: str) -> NamedTask:
    """What a task's next step uses; `model` is the one that is loaded. Raises MemoryFault."""
    found = store.tasks.serving(name, measured_with(model))
    quality = quality_of(found.version.quality, model)
    learned = None if quality is None else found.version
    return NamedTask(found.current or found.version, learned, quality)


def prepare_named(
    named: NamedTask, runtime: Runtime, progress: Progress, more: tuple[Example, ...] = ()
) -> Prepared:
    """Get what a named task's next step needs.

    `more` is what corrections of the session taught it alone, where the task is another's.

    Raises:
        ValueError: the engine lacks the mode.
    """
    task, mode = task_of(named.version), mode_of(named.version)
    solved = (*task.examples, *corrected(named.version), *more)
    if named.learned is None or named.quality is None:
        refined = enough_to_refine(task)
        plan = make_plan(
            runtime.library,
            refined_soon(task) if refined else task,
            mode,
            capabilities=runtime.engine.capabilities,
            refined=refined,
            insist=False,
            progress=progress,
        )
        plan = within_window(replace(plan, task=task), runtime.engine)
        words = heard_words(runtime, plan)
        return Prepared(plan, solved, named, reliability=runtime.reliability, words=words)
    learned = task_of(named.learned)
    serving = serve(runtime, task, named.quality, mode, learned=learned, progress=progress)
    return Prepared(serving.plan, solved, named, serving, runtime.reliability)


def answers_to(prepared: Prepared, runtime: Runtime, inputs: Sequence[str]) -> list[Settled | None]:
    """What steps of a named task would answer, without a session; None for what does not fit.

    Args:
        prepared: of a named task.
        runtime: the model side.
        inputs: asked all at once.
    """
    assert prepared.named is not None  # noqa: S101  # for the type checker: so it was prepared
    version = prepared.named.version
    schema, form = version.definition.schema, form_of(version)
    kind = expected_kind(prepared.plan.task, form, runtime.engine.capabilities)
    known = [prepared.solved_answer(text, (), schema) or prepared.known(text) for text in inputs]
    asked = [text for text, found in zip(inputs, known, strict=True) if found is None]
    given = iter(ask(runtime.engine, prepared.plan, task_of(version), form, asked))
    found: list[Settled | None] = []
    for text, already in zip(inputs, known, strict=True):
        answer = None if already is not None else next(given)
        found.append(already if answer is None else prepared.settled_answer(text, answer, kind))
    return found


def task_of(version: TaskVersion) -> Task:
    """A version as the model side knows tasks: its structured answers as they will be written."""
    definition = version.definition
    schema = form_of(version).output_schema
    examples = tuple(
        Example(each.input, each.output if schema is None else as_written(each.output, schema))
        for each in version.examples
    )
    return Task(definition.description, tuple(definition.labels), examples).tidied()


def with_examples(task: Task, more: tuple[Example, ...]) -> Task:
    """A task with further examples; of one input the later one stays."""
    kept = {as_read(each.input): each for each in (*task.examples, *more)}
    return replace(task, examples=tuple(kept.values()))


def corrected(version: TaskVersion) -> tuple[Example, ...]:
    """What corrections taught a version."""
    return tuple(Example(each.input, each.output) for each in version.taught)


def form_of(version: TaskVersion) -> Form:
    """What the answers of a version look like."""
    schema = version.definition.schema
    if schema is not None:
        schema = in_examples_order(schema, [each.output for each in version.examples])
    return Form(copy=version.definition.copy, output_schema=schema)


def mode_of(version: TaskVersion) -> Mode:
    """Where a version's text goes."""
    return cast("Mode", version.definition.mode)
