"""Engines by name, from whatever distributions are installed: the entry points of one group.

An entry point is a function `(options: RuntimeOptions, progress: Progress) -> Runtime`, both of
`hypernet.runtime`; see docs/engines.md.
"""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any

from hypernet.engine.interface import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable

GROUP = "hypernet.engines"


class EngineNotFoundError(EngineError):
    """No installed distribution has an engine of that name, or it cannot be imported."""


def engine_names() -> tuple[str, ...]:
    """The installed engines, in alphabetical order."""
    return tuple(sorted({entry.name for entry in entry_points(group=GROUP)}))


def load_engine(name: str) -> Callable[..., Any]:
    """Import the function that loads a runtime around an engine.

    Raises:
        EngineNotFoundError: no distribution has the engine, several have it, or it cannot be
            imported; says which engines there are, or which distribution is at fault.
    """
    found = entry_points(group=GROUP, name=name)
    if not found:
        installed = ", ".join(engine_names()) or "none"
        raise EngineNotFoundError(f"engine: {name!r} is not installed; there are: {installed}")
    if len(found) > 1:
        places = ", ".join(sorted(_distribution(entry) for entry in found))
        raise EngineNotFoundError(f"engine: {name!r} is in several distributions: {places}")
    (entry,) = found
    try:
        load: Callable[..., Any] = entry.load()
    except Exception as error:  # another's module raises what it likes
        raise EngineNotFoundError(
            f"engine: {name!r} of {_distribution(entry)} cannot be imported from {entry.value!r} "
            f"({type(error).__name__}: {error})"
        ) from error
    return load


def _distribution(entry: EntryPoint) -> str:
    return "an unnamed distribution" if entry.dist is None else entry.dist.name
