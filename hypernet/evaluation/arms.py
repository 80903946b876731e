"""The arms of the evaluation as data, and what each puts into the prompt and on the base.

An arm's text is always the task's own; what differs between an arm and its control is one thing:
the adapter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeVar

from hypernet.adapters.cache import MOST_ANSWER_TOKENS, MOST_STEP_TOKENS, AdapterCache
from hypernet.adapters.plan import make_plan
from hypernet.adapters.refine import BATCH, fresh, refine
from hypernet.engine.torch.engine import TorchEngine
from hypernet.progress import silent
from hypernet.task import label_fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hypernet.adapters.adapter import Adapter
    from hypernet.base_model.chat import ChatFormat
    from hypernet.base_model.loading import BaseModel
    from hypernet.engine.interface import Adapter as AnyAdapter
    from hypernet.hypernetwork.generator import Generator
    from hypernet.progress import Progress
    from hypernet.task import Example, Task
    from hypernet.training.data import Instance, TaskData

T = TypeVar("T")
InPrompt = Literal["nothing", "text", "text and examples", "as planned"]
Source = Literal[
    "none", "static", "own", "other", "junk", "multi_task", "examples", "other examples",
    "refined", "scratch", "oracle", "as planned",
]  # fmt: skip
MOST_EXAMPLES, ORACLE_EXAMPLES = 32, 64
ORACLE_STEPS, ORACLE_BATCH = 60, 16
MOST_LABELS = 16
STATIC_FOLDER = "static"


@dataclass(frozen=True)
class Kind:
    """What an arm is: what the prompt holds, which adapter acts, and at whose scale."""

    in_prompt: InPrompt
    source: Source
    like: str | None = None
    """The kind whose scale serves when the card has none for this one: a control differs from
    what it controls for by its adapter, not by its strength."""


KINDS: dict[str, Kind] = {
    "base": Kind("nothing", "none"),
    "prompted": Kind("text", "none"),
    "few_shot": Kind("text and examples", "none"),
    "static": Kind("nothing", "static"),
    "static_prompted": Kind("text", "static"),
    "shuffled": Kind("nothing", "other", like="matched"),
    "junk": Kind("nothing", "junk", like="matched"),
    "matched": Kind("nothing", "own"),
    "hybrid": Kind("text", "own"),
    "hybrid_shuffled": Kind("text", "other", like="hybrid"),
    "multi_task": Kind("nothing", "multi_task"),
    "multi_task_prompted": Kind("text", "multi_task"),
    "examples": Kind("text", "examples"),
    "examples_shuffled": Kind("text", "other examples", like="examples"),
    "examples_only": Kind("nothing", "examples"),
    "refined": Kind("text", "refined", like="examples"),
    "scratch": Kind("text", "scratch", like="static_prompted"),
    "oracle": Kind("nothing", "oracle"),
    "routed": Kind("as planned", "as planned"),
}
WITH_EXAMPLES = frozenset(
    {"few_shot", "examples", "examples_shuffled", "examples_only", "refined", "scratch"}
)
DEFAULT_ARMS = (
    "base", "prompted", "few_shot@2", "static", "static_prompted", "shuffled", "junk", "matched",
    "hybrid", "hybrid_shuffled",
)  # fmt: skip
CONTRASTS = (
    ("matched", "prompted"), ("matched", "static"), ("matched", "static_prompted"),
    ("matched", "shuffled"), ("matched", "junk"), ("matched", "base"),
    ("hybrid", "prompted"), ("hybrid", "few_shot"), ("hybrid", "hybrid_shuffled"),
    ("hybrid", "static_prompted"), ("hybrid", "multi_task_prompted"),
    ("examples", "hybrid"), ("examples", "few_shot"), ("examples", "examples_shuffled"),
    ("refined", "examples"), ("refined", "scratch"),
    ("routed", "matched"), ("routed", "hybrid"), ("routed", "prompted"),
)  # fmt: skip
"""Pairs of kinds; of two with examples, those with equally many are compared."""
RATIOS = (
    ("rouge_l", "matched", "oracle"), ("rouge_l", "hybrid", "oracle"),
    ("rouge_l", "matched", "prompted"), ("rouge_l", "hybrid", "prompted"),
    ("prompt_tokens", "matched", "prompted"), ("prompt_tokens", "matched", "few_shot"),
    ("prompt_tokens", "hybrid", "few_shot"), ("prompt_tokens", "examples", "few_shot"),
)  # fmt: skip


@dataclass(frozen=True)
class Arm:
    """One arm: its kind by name and, where the kind takes examples, how many."""

    kind: str
    k: int = 0

    @property
    def name(self) -> str:
        """As it is asked for and reported: `few_shot@8`."""
        return f"{self.kind}@{self.k}" if self.k else self.kind

    @property
    def source(self) -> Source:
        """Which adapter acts."""
        return KINDS[self.kind].source

    @property
    def needs_other(self) -> bool:
        """Whether a second task is needed."""
        return self.source in ("other", "other examples")

    @property
    def needs_static(self) -> bool:
        """Whether the hypernetwork's folder must hold a static adapter."""
        return self.source in ("static", "scratch")


@dataclass(frozen=True)
class Case:
    """One task under one seed: what is asked, and all that an arm may make use of."""

    task: Task
    """Description and labels alone."""
    other: Task | None
    """Another task, likewise; None when there is none."""
    junk: Task
    instances: tuple[Instance, ...]
    examples: tuple[Example, ...]
    """Those of every @k arm: k is a prefix of this list."""
    other_examples: tuple[Example, ...]
    training: tuple[Example, ...]
    """What the oracle is trained on; the examples come first in it."""
    seed: int
    max_tokens: int
    copy: bool = False
    """Whether answers are held to be spans of their inputs."""


@dataclass(frozen=True)
class Setting:
    """How an arm runs a case: what comes before the inputs, and the adapter that acts on them."""

    prefix: str
    adapter: AnyAdapter | None
    examples: int = 0
    """Examples made use of: those that fit the window, or the limits of training."""


@dataclass(frozen=True)
class Maker:
    """Makes each arm's prefix and adapter."""

    base: BaseModel
    chat: ChatFormat
    generator: Generator
    static: Adapter | None
    refine_steps: int | None

    def make(self, arm: Arm, case: Case) -> Setting:
        """Write the arm's prefix and adapter for a case.

        Raises:
            ValueError: the arm needs another task or a static adapter and there is none.
        """
        match arm.source:
            case "as planned":
                # A cache of its own per task: no adapter outlives its task.
                cache = AdapterCache(self.generator, capacity=1)
                engine = TorchEngine.capabilities
                plan = make_plan(cache, case.task, "auto", capabilities=engine)
                return Setting(plan.prefix, plan.adapter)
            case "none":
                return Setting(*self._prefix(arm, case))
            case "oracle":
                shape = self.generator.network.config
                base = self.base.forward.config
                start = fresh(base, shape.first_layer, shape.rank, case.seed, shape.invocation)
                return self.train(
                    start,
                    case.task,
                    case.training,
                    ORACLE_STEPS,
                    in_prompt=False,
                    batch=ORACLE_BATCH,
                )
        written = self.write(arm, case).scaled(self.scale(arm))
        if arm.source in ("refined", "scratch"):
            examples = case.examples[: arm.k]
            return self.train(written, case.task, examples, self.refine_steps, in_prompt=True)
        prefix, _, _ = self._prefix(arm, case)
        return Setting(prefix, written, arm.k)

    def _prefix(self, arm: Arm, case: Case) -> tuple[str, None, int]:
        """The text in the prompt, no adapter, and the number of examples in the text."""
        if KINDS[arm.kind].in_prompt == "nothing":
            return "", None, 0
        steps = [len(self.chat.step_ids(i.input)) for i in case.instances]
        room = self.base.forward.config.window - max(steps) - case.max_tokens
        for count in range(arm.k if arm.kind == "few_shot" else 0, 0, -1):
            text = replace(case.task, examples=case.examples[:count]).prefix_text()
            if len(self.chat.prefix_ids(text)) <= room:
                return text, None, count
        return case.task.prefix_text(), None, 0

    def train(
        self,
        start: Adapter,
        task: Task,
        examples: Sequence[Example],
        steps: int | None,
        *,
        in_prompt: bool,
        batch: int = BATCH,
    ) -> Setting:
        """Steps on the examples within the limits of training; with none of them, the start."""
        short = tuple(e for e in examples if self._is_short(e))
        prefix = task.prefix_text() if in_prompt else ""
        if not short:
            return Setting(prefix, start)
        task = replace(task, examples=short)
        adapter = refine(
            self.base.forward, self.chat, start, task, steps=steps, batch=batch, in_prompt=in_prompt
        )
        return Setting(prefix, adapter, len(short))

    def _is_short(self, example: Example) -> bool:
        step, answer = self.chat.step_ids(example.input), self.chat.answer_ids(example.output)
        return len(step) <= MOST_STEP_TOKENS and len(answer) <= MOST_ANSWER_TOKENS

    def write(self, arm: Arm, case: Case) -> Adapter:
        """The adapter before scaling and gradient steps."""
        examples = case.other_examples if arm.source == "other examples" else case.examples
        match arm.source:
            case "static" | "scratch":
                return _there(self.static, arm, "the hypernetwork's folder holds no static/")
            case "other":
                return self.generator.write(_there(case.other, arm, "there is one task only"))
            case "junk":
                return self.generator.write(case.junk)
            case "multi_task":
                return self.generator.multi_task()
            case "own":
                return self.generator.write(case.task)
            case _:
                return self.generator.write(replace(case.task, examples=examples[: arm.k]))

    def scale(self, arm: Arm) -> float:
        """What the card says that the arm's adapter is multiplied by."""
        scales = self.generator.card.get("scales") or {}
        return float(scales.get(arm.kind, scales.get(KINDS[arm.kind].like, 1.0)))


@dataclass(frozen=True)
class Work:
    """What an evaluation consists of."""

    tasks: Sequence[TaskData]
    arms: Sequence[Arm]
    seeds: Sequence[int]
    per_task: int
    labels: bool

    @property
    def calls(self) -> int:
        """Model calls: one per seed, task, arm and instance, another where there are labels."""
        runs = sum(1 + (self.labels and has_labels(t.task)) for t in self.tasks)
        return runs * len(self.arms) * len(self.seeds) * self.per_task


def has_labels(task: Task) -> bool:
    """Whether the task's answers are chosen among a few."""
    return 2 <= len(task.labels) <= MOST_LABELS and label_fault(task.labels) is None


def without_static(
    work: Work, maker: Maker, progress: Progress = silent, *, asked_for: bool
) -> Work:
    """The work without the arms that lack their static adapter.

    Raises:
        ValueError: such an arm was asked for; names it and the folder.
    """
    lacking = [arm for arm in work.arms if arm.needs_static]
    if not lacking:
        return work
    names, folder = ", ".join(arm.name for arm in lacking), maker.generator.folder / STATIC_FOLDER
    if asked_for:
        raise ValueError(f"arms {names}: there is no static adapter at {folder}")
    progress(0.0, f"left out, as there is no static adapter at {folder}: {names}")
    return replace(work, arms=[arm for arm in work.arms if arm not in lacking])


def parse_arm(name: str) -> Arm:
    """Read an arm's name.

    Raises:
        ValueError: there is no such arm, or its number of examples is missing, out of range or
            out of place; names the arm.
    """
    kind, at, number = name.strip().partition("@")
    if kind not in KINDS:
        raise ValueError(f"arm {name!r} is unknown; there are {', '.join(KINDS)}")
    if kind not in WITH_EXAMPLES:
        if at:
            raise ValueError(f"arm {name!r}: {kind} takes no number of examples")
        return Arm(kind)
    if not re.fullmatch("[0-9]{1,3}", number) or not 1 <= int(number) <= MOST_EXAMPLES:
        raise ValueError(f"arm {name!r}: write {kind}@k with k from 1 to {MOST_EXAMPLES}")
    return Arm(kind, int(number))


def parse_arms(names: Iterable[str]) -> tuple[Arm, ...]:
    """Read arms' names, each once.

    Raises:
        ValueError: names the arm that is unknown or malformed; also for none at all.
    """
    arms = tuple(dict.fromkeys(parse_arm(name) for name in names))
    if not arms:
        raise ValueError("arms: none is named")
    return arms


def pairs(arms: Sequence[Arm], first: str, second: str) -> list[tuple[str, str]]:
    """The arms of two kinds that belong together: with examples on both sides, equally many."""
    return [
        (a.name, b.name)
        for a in arms
        for b in arms
        if (a.kind, b.kind) == (first, second) and (not a.k or not b.k or a.k == b.k)
    ]


def _there(value: T | None, arm: Arm, why_not: str) -> T:
    if value is None:
        raise ValueError(f"arm {arm.name!r}: {why_not}")
    return value
