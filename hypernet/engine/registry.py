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
OWN = ("torch", "echo", "vllm")


class EngineNotFoundError(EngineError):
    """No installed distribution has an engine of that name, or it cannot be imported."""


def engine_names() -> tuple[str, ...]:
    """The installed engines, in alphabetical order."""
    return tuple(sorted({entry.name for entry in entry_points(group=GROUP)}))


def find_engine(name: str) -> EntryPoint:
    """Where an engine is, without importing it.

    Raises:
        EngineNotFoundError: no distribution has the engine, or several have it.
    """
    found = entry_points(group=GROUP, name=name)
    if not found:
        installed = ", ".join(engine_names()) or "none"
        remedy = "; install hypernet-mcp again: what is installed is older" if name in OWN else ""
        raise EngineNotFoundError(
            f"engine: {name[:100]!r} is not installed; there are: {installed}{remedy}"
        )
    if len(found) > 1:
        places = ", ".join(sorted(distribution_of(entry) for entry in found))
        raise EngineNotFoundError(
            f"engine: {name!r} is in several distributions, uninstall all but one: {places}"
        )
    (entry,) = found
    return entry


def load_engine(name: str) -> Callable[..., Any]:
    """Import the function that loads a runtime around an engine.

    Raises:
        EngineNotFoundError: no distribution has the engine, several have it, or it cannot be
            imported; says which engines there are, or which distribution is at fault.
    """
    entry = find_engine(name)
    place = f"engine: {name!r} of {distribution_of(entry)}"
    try:
        load: Callable[..., Any] = entry.load()
    except (Exception, SystemExit) as error:  # another's module raises what it likes
        raise EngineNotFoundError(
            f"{place} cannot be imported from {entry.value!r} ({type(error).__name__}: {error})"
        ) from error
    if not callable(load):
        raise EngineNotFoundError(f"{place}: {entry.value!r} is no function")
    return load


def distribution_of(entry: EntryPoint) -> str:
    """The name of the distribution that an entry point is of."""
    return "an unnamed distribution" if entry.dist is None else entry.dist.name
