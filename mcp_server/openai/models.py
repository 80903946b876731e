"""What may stand under `model`: `auto`, and a named task as `task:NAME`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from checkpoints.errors import UnknownTask
from mcp_server.openai.errors import ApiError

if TYPE_CHECKING:
    from checkpoints import Store

AUTO = "auto"
TASK = "task:"
OURS = "hypernet-mcp"
SHOWN = 1_000


def listed(store: Store) -> dict[str, Any]:
    """All models that the caller may use. Raises MemoryFault."""
    models, known = [_model(AUTO, 0, OURS)], set[str]()
    for each in store.tasks.list(SHOWN):
        hidden = each.name in known  # behind one's own task of that name, which comes first
        name = f"{each.owner}/{each.name}" if hidden else each.name
        known.add(each.name)
        models.append(_model(f"{TASK}{name}", _seconds(each.updated_at), each.owner or OURS))
    return {"object": "list", "data": models}


def shown(store: Store, model: str) -> dict[str, Any]:
    """One model.

    Raises:
        ApiError: there is none of that name.
        MemoryFault: the store cannot be read.
    """
    name = task_name(model)
    if name is None:
        return _model(AUTO, 0, OURS)
    try:
        version = store.tasks.get(name)
    except UnknownTask as error:
        raise unknown(model) from error
    return _model(model, _seconds(version.created_at), version.owner or OURS)


def task_name(model: str) -> str | None:
    """The named task that a model is; None: `auto`.

    Raises:
        ApiError: it is neither.
    """
    if model == AUTO:
        return None
    if not model.startswith(TASK) or model == TASK:
        raise unknown(model)
    return model.removeprefix(TASK)


def unknown(model: str) -> ApiError:
    """What is said of a model that there is not."""
    return ApiError(
        404,
        f"model: there is no {model[:100]!r}; use {AUTO!r}, or '{TASK}NAME' for a saved task "
        "(GET /v1/models lists them)",
        "model",
        "model_not_found",
    )


def _model(name: str, created: int, owner: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": created, "owned_by": owner}


def _seconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp())
