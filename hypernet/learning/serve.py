"""Answering under a measured task: the plan that a step runs by, and what its answer then is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from hypernet.adapters.plan import within_window
from hypernet.learning.answers import Answer
from hypernet.learning.judges.probe import spelled
from hypernet.learning.judges.words import WordsModel
from hypernet.learning.ways import plan_way
from hypernet.progress import silent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hypernet.adapters.plan import Mode, Plan
    from hypernet.hypernetwork.embedding import Embedder
    from hypernet.learning.judges.blend import Judge
    from hypernet.learning.quality import Quality
    from hypernet.progress import Progress
    from hypernet.runtime import Runtime
    from hypernet.task import Task


@dataclass(frozen=True)
class Serving:
    """How the steps of a measured task run, and how their answers are settled."""

    plan: Plan
    quality: Quality
    words: WordsModel | None
    """The classifier that is heard; None where none is."""

    def alone(self, text: str) -> Answer | None:
        """The classifier's answer to an input where no model is heard beside it."""
        blend = self.quality.blend
        if self.words is None or blend is None or blend.heard != ["words"]:
            return None
        return Answer.likeliest(blend({"words": self.words.shares([text])[0]}))

    def settle(self, text: str, answer: Answer) -> Answer:
        """What the step answers, with a confidence that is the probability of being right.

        Args:
            text: the step's input.
            answer: what the model gave, with its own confidence.
        """
        blend = self.quality.blend
        if blend is not None and answer.shares is not None:
            shares: dict[Judge, Mapping[str, float]] = {"model": answer.shares}
            if self.words is not None:
                shares["words"] = self.words.shares([text])[0]
            if self.quality.probe is not None and answer.state_D is not None:
                own = self.quality.probe.shares(answer.state_D)
                shares["probe"] = spelled(own, list(answer.shares))
            return Answer.likeliest(blend(shares))
        if self.quality.calibration is not None and answer.confidence is not None:
            return Answer(answer.output, self.quality.calibration(answer.confidence))
        return answer


def serve(
    runtime: Runtime,
    task: Task,
    quality: Quality,
    mode: Mode,
    *,
    learned: Task | None = None,
    progress: Progress = silent,
) -> Serving:
    """Get what a measured task's steps need; all but a lost adapter is there at once.

    Args:
        runtime: the model side.
        task: with its examples.
        quality: as `learn` gave it.
        mode: where the task's text goes.
        learned: the task as it was when it was learned, if it has other examples by now. Until it
            is learned again trained weights stay those; all else hears of the new examples at once.
        progress: called while an adapter that was lost is trained again.

    Raises:
        ValueError: the engine lacks the mode.
    """
    shown = task if learned is None or quality.plan != "trained" else learned
    plan = plan_way(
        quality.plan, shown, mode, runtime.library, runtime.engine.capabilities, progress
    )
    plan = within_window(plan, runtime.engine)
    heard = quality.blend is not None and quality.blend.words > 0
    words = words_of(task, runtime.embedder) if heard and runtime.embedder is not None else None
    return Serving(plan, quality, words)


@lru_cache(maxsize=32)
def words_of(task: Task, embedder: Embedder) -> WordsModel:
    """The classifier of a task's examples; those of the last tasks are kept."""
    return WordsModel.fit(task.examples, task.labels, embedder)
