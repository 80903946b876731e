"""The wire models of named tasks, in the manner of `results`."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

Way = Literal["prompted", "text", "examples", "trained", "words", "probe", "both"]


class WayResult(BaseModel):
    """A way to serve a task: right answers of those asked, and 95 % of the share."""

    way: Way
    right: int
    asked: int
    low: float
    high: float
    likeness: float | None = None
    """How near answers come to the examples', word by word, from 0 to 1; None with labels."""


class QualityResult(BaseModel):
    """What was measured of a task on examples held out of it, every way on the same ones.

    `prompted` is the base with the text in the prompt; `text` and `examples` run under the adapter
    written from these; `trained` under that one trained on the examples; `words` is a linear
    classifier without a language model, `both` is `trained` with its shares, and `probe` is `text`
    with these and the shares of a linear classifier of the state that it leaves.
    """

    version: int
    """The version that it was measured on."""
    measured_with: str
    """Engine, base, hypernetwork and encoder; with others it is measured again."""
    serving: Way
    """The best one: steps run so."""
    judged_by: Literal["right", "likeness"]
    """What it is best by: likeness where no way has a quarter of the answers exactly right."""
    expected_accuracy: float
    examples: int
    ways: list[WayResult]
    needed: int
    """About how many more held-out examples would tell the best way from the next; 0: none."""


class EstimateResult(BaseModel):
    """How good a task that was not measured is expected to be: an estimate, from other tasks alone.

    It is what development tasks came to: without examples those that are as well known as this one,
    with enough to train on those that were trained on eight.
    """

    expected_accuracy: float
    """The mean over those tasks."""
    fit: Literal["known", "near", "unknown", "trained"]
    answers: Literal["labels", "free", "copied"]
    """The kind of their answers."""
    tasks: int
    asked: int
    """How many inputs in all."""


class TaskCard(BaseModel):
    """A named task."""

    name: str
    owner: str | None = None
    version: int
    description: str
    labels: list[str]
    output_schema: dict[str, Any] | None = None
    copied: bool | None = None
    """Whether answers are spans of their inputs; None: as the examples show."""
    mode: str
    ask_below: float | None = None
    """Answers less sure than this ask for review."""
    examples: int
    learning: str | None = None
    """What is being done, while it is learned."""
    quality: QualityResult | None = None
    """None: not measured yet with the model that is loaded."""
    estimate: EstimateResult | None = None
    """Of a task that was not measured, by its fit; None too where that tells nothing."""


class TaskLine(BaseModel):
    """A named task in a list."""

    name: str
    owner: str | None = None
    version: int
    description: str
    labels: int
    examples: int
    serving: Way | None
    """How it is served; None: not measured yet."""
    expected_accuracy: float | None
    shared: bool


class TaskList(BaseModel):
    """The tasks that may be used, one's own first."""

    tasks: list[TaskLine]


class SetAsideResult(BaseModel):
    """An example that is not used, and why."""

    input: str
    output: str
    why: str


class SavedResult(BaseModel):
    """What `save_task` returns."""

    changed: bool
    """False: it was so before."""
    set_aside: list[SetAsideResult] = Field(default_factory=list)
    task: TaskCard


class CorrectedLine(BaseModel):
    """One of several steps that were corrected in one call."""

    step: int
    changed: bool
    output: str
    """The right one, its first 200 characters."""
    confirmed: bool
    task: str | None
    note: str


class CorrectedResult(BaseModel):
    """What `correct_step` returns."""

    changed: bool
    """False: it was so before; of several, each was."""
    output: str | None
    """The right one; None: there are several, in `steps`."""
    confirmed: bool
    """Whether the step's own was right; of several, each one's."""
    taken_back: bool = False
    task: str | None
    """The named task that learns from it; None: this session's steps of the same task do. Of
    several, that of the last one that a named task learns from; so are version and examples."""
    version: int | None
    examples: int | None
    note: str
    """What became of the example."""
    set_aside: list[SetAsideResult] = Field(default_factory=list)
    steps: list[CorrectedLine] = Field(default_factory=list)
    """Of several, each one."""
