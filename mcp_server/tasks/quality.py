"""What was measured of a task, as the wire shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypernet.learning.quality import Quality
from hypernet.learning.ways import WAYS
from mcp_server.schema import named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from checkpoints import TaskVersion


def quality_result(version: TaskVersion) -> named.QualityResult | None:
    """What was measured of a version; None: nothing yet."""
    if version.quality is None:
        return None
    return _quality(version, version.quality)


def _quality(version: TaskVersion, recorded: Mapping[str, Any]) -> named.QualityResult:
    quality = Quality.from_dict(recorded)
    shown = [way for way in WAYS if way in quality.figures]
    return named.QualityResult(
        version=version.number,
        serving=quality.serving,
        expected_accuracy=round(quality.expected_accuracy, 3),
        examples=quality.examples,
        ways=[
            named.WayResult(
                way=way,
                right=quality.figures[way].right,
                asked=quality.figures[way].asked,
                low=round(quality.figures[way].interval[0], 3),
                high=round(quality.figures[way].interval[1], 3),
            )
            for way in shown
        ],
        needed=quality.needed,
    )
