"""The memory of agent jobs: sessions, steps, checkpoints and search, in one SQLite file.

Knows nothing of models or protocols.
"""

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
    StoreLocked,
    StoreNewer,
    StoreOlder,
    StoreReadOnly,
    UnknownCheckpoint,
    UnknownSession,
)
from checkpoints.importing import Imported
from checkpoints.limits import StoreLimits
from checkpoints.packing import Excerpt, Packed, alone, pack, shown
from checkpoints.policy import CheckpointPolicy, PrunePolicy
from checkpoints.prune import Pruned
from checkpoints.records import (
    Appended,
    CheckpointRecord,
    Hit,
    ItemDraft,
    Origin,
    Quarantined,
    Remembered,
    SessionRecord,
    StepDraft,
    StepRecord,
    Vector,
    canonical_json,
)
from checkpoints.store import Store

__all__ = [
    "Appended",
    "BadIdentifier",
    "BadLine",
    "BadValue",
    "CheckpointPolicy",
    "CheckpointRecord",
    "Excerpt",
    "FileExists",
    "ForeignCheckpoint",
    "Hit",
    "Imported",
    "ItemDraft",
    "LimitExceeded",
    "MemoryFault",
    "NotADatabase",
    "Origin",
    "Packed",
    "PrunePolicy",
    "Pruned",
    "Quarantined",
    "Remembered",
    "SessionExists",
    "SessionRecord",
    "StepDraft",
    "StepRecord",
    "Store",
    "StoreLimits",
    "StoreLocked",
    "StoreNewer",
    "StoreOlder",
    "StoreReadOnly",
    "UnknownCheckpoint",
    "UnknownSession",
    "Vector",
    "alone",
    "canonical_json",
    "pack",
    "shown",
]
