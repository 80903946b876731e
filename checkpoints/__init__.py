"""The memory of agent jobs: sessions, steps, checkpoints and search, in one SQLite file.

Knows nothing of models or protocols.
"""

from checkpoints.errors import (
    BadIdentifier,
    BadValue,
    ForeignCheckpoint,
    LimitExceeded,
    MemoryFault,
    NotADatabase,
    StoreLocked,
    StoreNewer,
    StoreReadOnly,
    UnknownCheckpoint,
    UnknownSession,
)
from checkpoints.limits import StoreLimits
from checkpoints.policy import CheckpointPolicy
from checkpoints.records import (
    Appended,
    CheckpointRecord,
    Hit,
    ItemDraft,
    Remembered,
    SessionRecord,
    StepDraft,
    StepRecord,
    canonical_json,
)
from checkpoints.split import split
from checkpoints.store import Store

__all__ = [
    "Appended",
    "BadIdentifier",
    "BadValue",
    "CheckpointPolicy",
    "CheckpointRecord",
    "ForeignCheckpoint",
    "Hit",
    "ItemDraft",
    "LimitExceeded",
    "MemoryFault",
    "NotADatabase",
    "Remembered",
    "SessionRecord",
    "StepDraft",
    "StepRecord",
    "Store",
    "StoreLimits",
    "StoreLocked",
    "StoreNewer",
    "StoreReadOnly",
    "UnknownCheckpoint",
    "UnknownSession",
    "canonical_json",
    "split",
]
