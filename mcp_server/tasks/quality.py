"""What was measured of a task, with which model, and how the wire shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypernet.learning.quality import Quality
from hypernet.learning.ways import WAYS
from mcp_server.schema import named

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from checkpoints import TaskVersion
    from hypernet.learning.ways import Way

MEANING: Mapping[Way, str] = {
    "prompted": "the base, text in the prompt",
    "text": "adapter from the text",
    "examples": "adapter from text and examples",
    "trained": "that one, trained further",
    "words": "classifier, no language model",
    "probe": "from text, probe and classifier",
    "both": "trained, with classifier",
}


def quality_of(recorded: Mapping[str, Any] | None, model: str | None) -> Quality | None:
    """What was measured of a version with a model; None: nothing that can be read.

    Args:
        recorded: an entry for each model, by its `Runtime.identity`.
        model: the one that is loaded; None, where none is: any.
    """
    found = _found(recorded, model)
    return None if found is None else found[1]


def measured_with(model: str | None) -> Callable[[Mapping[str, Any]], bool]:
    """For the store: whether what was measured of a version can be used."""
    return lambda recorded: quality_of(recorded, model) is not None


def quality_result(version: TaskVersion, model: str | None) -> named.QualityResult | None:
    """What was measured of a version; None: nothing yet with the model that is loaded."""
    found = _found(version.quality, model)
    return None if found is None else _result(version, *found)


def _found(recorded: Mapping[str, Any] | None, model: str | None) -> tuple[str, Quality] | None:
    entries = recorded or {}
    for name in sorted(entries) if model is None else [model]:
        try:
            return name, Quality.from_dict(entries[name])
        except (KeyError, TypeError, ValueError, AttributeError):
            continue  # of another model, or damaged: as good as not measured
    return None


def _result(version: TaskVersion, model: str, quality: Quality) -> named.QualityResult:
    shown = [way for way in WAYS if way in quality.figures]
    return named.QualityResult(
        version=version.number,
        measured_with=model,
        serving=quality.serving,
        judged_by=quality.judged_by,
        expected_accuracy=round(quality.expected_accuracy, 3),
        examples=quality.examples,
        ways=[
            named.WayResult(
                way=way,
                right=quality.figures[way].right,
                asked=quality.figures[way].asked,
                low=round(quality.figures[way].interval[0], 3),
                high=round(quality.figures[way].interval[1], 3),
                likeness=_rounded(quality.figures[way].likeness),
            )
            for way in shown
        ],
        needed=quality.needed,
    )


def _rounded(likeness: float | None) -> float | None:
    return None if likeness is None else round(likeness, 3)
