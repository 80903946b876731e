"""The memory of agent jobs: sessions, steps, checkpoints and search, in one SQLite file.

`Store` and what comes with it is imported when it is first asked for: numpy and SQLite's helpers
take longer than a server's handshake should wait.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from checkpoints.errors import (
    BadIdentifier,
    BadLine,
    BadValue,
    FileExists,
    ForeignCheckpoint,
    LimitExceeded,
    MemoryFault,
    NotADatabase,
    SessionExists,
    StoreDamaged,
    StoreLocked,
    StoreMoved,
    StoreNewer,
    StoreOlder,
    StoreReadOnly,
    UnknownCheckpoint,
    UnknownCorrection,
    UnknownSession,
    UnknownSource,
    UnknownTask,
    UnknownVersion,
)
from checkpoints.limits import StoreLimits
from checkpoints.policy import CheckpointPolicy, PrunePolicy
from checkpoints.records import (
    DELETED,
    Appended,
    CheckpointRecord,
    Deleted,
    Hit,
    ItemDraft,
    Origin,
    Quarantined,
    Remembered,
    SessionRecord,
    StepDraft,
    StepRecord,
    Vector,
    Version,
    canonical_json,
    one_form,
    text_digest,
)
from checkpoints.search.filters import Filters
from checkpoints.search.packing import Excerpt, Packed, alone, pack, shown, with_input
from checkpoints.tasks.values import (
    Corrected,
    Correction,
    DayCounts,
    NamedTask,
    Saved,
    Serving,
    SetAside,
    TaskCounts,
    TaskDefinition,
    TaskExample,
    TaskVersion,
    VersionSummary,
)
from checkpoints.timeline.values import (
    Branching,
    Comparison,
    Fork,
    LeftSteps,
    Pair,
    PastItem,
    Side,
    StepLine,
)

if TYPE_CHECKING:
    from checkpoints.deletion.prune import Pruned
    from checkpoints.file.importing import Imported
    from checkpoints.store.store import Store

__all__ = [
    "DELETED",
    "Appended",
    "BadIdentifier",
    "BadLine",
    "BadValue",
    "Branching",
    "CheckpointPolicy",
    "CheckpointRecord",
    "Comparison",
    "Corrected",
    "Correction",
    "DayCounts",
    "Deleted",
    "Excerpt",
    "FileExists",
    "Filters",
    "ForeignCheckpoint",
    "Fork",
    "Hit",
    "Imported",
    "ItemDraft",
    "LeftSteps",
    "LimitExceeded",
    "MemoryFault",
    "NamedTask",
    "NotADatabase",
    "Origin",
    "Packed",
    "Pair",
    "PastItem",
    "PrunePolicy",
    "Pruned",
    "Quarantined",
    "Remembered",
    "Saved",
    "Serving",
    "SessionExists",
    "SessionRecord",
    "SetAside",
    "Side",
    "StepDraft",
    "StepLine",
    "StepRecord",
    "Store",
    "StoreDamaged",
    "StoreLimits",
    "StoreLocked",
    "StoreMoved",
    "StoreNewer",
    "StoreOlder",
    "StoreReadOnly",
    "TaskCounts",
    "TaskDefinition",
    "TaskExample",
    "TaskVersion",
    "UnknownCheckpoint",
    "UnknownCorrection",
    "UnknownSession",
    "UnknownSource",
    "UnknownTask",
    "UnknownVersion",
    "Vector",
    "Version",
    "VersionSummary",
    "alone",
    "canonical_json",
    "one_form",
    "pack",
    "shown",
    "text_digest",
    "with_input",
]

_WHEN_ASKED = {
    "Imported": "checkpoints.file.importing",
    "Pruned": "checkpoints.deletion.prune",
    "Store": "checkpoints.store.store",
}


def __getattr__(name: str) -> Any:
    if name not in _WHEN_ASKED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_WHEN_ASKED[name]), name)
