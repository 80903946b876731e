"""The ways to serve a task, and those that a model answers as plans: which text, which weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

from hypernet.adapters.plan import make_plan

if TYPE_CHECKING:
    from hypernet.adapters.cache import AdapterCache
    from hypernet.adapters.plan import Mode, Plan
    from hypernet.engine.interface import Capabilities
    from hypernet.progress import Progress
    from hypernet.task import Task

ModelWay = Literal["prompted", "text", "examples", "trained"]
Way = Literal["prompted", "text", "examples", "trained", "words", "probe", "both"]
"""How a task is served: by the base with the text in the prompt; under the adapter written from the
text; under the one from text and examples; under that one trained on the examples. With labels also
by a linear classifier alone (`words`), by `trained` with its shares as a prior (`both`), or by
`text` with its shares and those of a linear probe of the state (`probe`)."""
MODEL_WAYS: tuple[ModelWay, ...] = get_args(ModelWay)
WAYS: tuple[Way, ...] = get_args(Way)
WITHOUT_WEIGHTS: tuple[ModelWay, ...] = ("prompted", "examples")
"""Those that are there without a hypernetwork: the text in the prompt, and examples with it."""


def probed(library: AdapterCache | None) -> ModelWay:
    """The way whose state is probed: one that no example changes, so that it need be asked once."""
    return "prompted" if library is None else "text"


def plan_way(
    way: ModelWay,
    task: Task,
    mode: Mode,
    library: AdapterCache | None,
    capabilities: Capabilities,
    progress: Progress,
) -> Plan:
    """How steps of a task run when it is served in a way.

    Args:
        way: which.
        task: with the examples to learn from.
        mode: where the task's text goes.
        library: where its adapters come from; without one the base answers, whatever the way.
        capabilities: those of the engine.
        progress: called after each training step.

    Raises:
        ValueError: no example is within the limits of training, or the engine lacks the mode.
    """
    shown = task if way in ("examples", "trained") else task.without_examples()
    used: Mode = "prompted" if way == "prompted" else mode
    return make_plan(
        library,
        shown,
        used,
        capabilities=capabilities,
        refined=way == "trained",
        progress=progress,
    )
