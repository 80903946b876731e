"""The names under which memory can be read as resources.

What is a session's lies below it, so that whoever may see the session may see the rest.
"""

from __future__ import annotations

SESSIONS = "memory://sessions"
SESSION = SESSIONS + "/{session_id}"
STEPS = SESSION + "/steps{?after}"
STEP = SESSION + "/steps/{n}"
CHECKPOINTS = SESSION + "/checkpoints"
CHECKPOINT = CHECKPOINTS + "/{checkpoint_id}"
TASKS = "memory://tasks"
TASK = TASKS + "/{name}"
ADAPTER = SESSION + "/adapters/{digest}"


class MissingError(Exception):
    """There is nothing of that name; the message says where to look."""


def step_uri(session_id: str, n: int) -> str:
    """The resource that holds a whole step."""
    return f"{SESSIONS}/{session_id}/steps/{n}"
