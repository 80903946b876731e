"""How a step will run: where its task is, and which adapter acts."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from hypernet.adapters import plan as plans
from hypernet.adapters.cache import AdapterCache
from hypernet.engine.echo import EchoSource
from hypernet.engine.interface import Capabilities
from hypernet.task import Example, Task

if TYPE_CHECKING:
    from hypernet.adapters.plan import Mode

KNOWN, NEAR, UNKNOWN = "Classify the mood.", "Classify the weather.", "Xyzzy plugh."
ALL = Capabilities(prefix_without_adapter=True)
make_plan = partial(plans.make_plan, capabilities=ALL)
EXAMPLES = tuple(Example(f"in {n}", f"out {n}") for n in range(8))


@pytest.fixture
def cache() -> AdapterCache:
    return AdapterCache(EchoSource(known=(KNOWN,)))


# Where the task is


@pytest.mark.parametrize("refined", [False, True])
@pytest.mark.parametrize(
    ("mode", "text", "examples"),
    [("adapter", False, False), ("hybrid", True, False), ("prompted", True, True)],
)
def test_the_text_is_in_the_prompt_by_mode_and_examples_only_where_no_weights_hold_them(
    cache: AdapterCache, mode: Mode, text: bool, examples: bool, refined: bool
) -> None:
    task = Task(KNOWN, ("good", "bad"), EXAMPLES)
    prefix = make_plan(cache, task, mode, refined=refined).prefix
    assert (KNOWN in prefix, "bad, good" in prefix) == (text, text)
    assert [e.input in prefix and e.output in prefix for e in EXAMPLES] == [examples] * 8


def test_without_a_hypernetwork_the_examples_are_in_the_prompt_whatever_was_asked() -> None:
    plan = make_plan(None, Task(KNOWN, (), EXAMPLES), "hybrid", refined=True)
    assert (plan.mode, plan.entry, plan.adapter) == ("prompted", None, None)
    assert all(e.output in plan.prefix for e in EXAMPLES)


@pytest.mark.parametrize(
    ("description", "mode"), [(KNOWN, "adapter"), (NEAR, "hybrid"), (UNKNOWN, "hybrid")]
)
def test_auto_follows_the_fit_with_and_without_labels(
    cache: AdapterCache, description: str, mode: str
) -> None:
    assert make_plan(cache, Task(description), "auto").mode == mode
    assert make_plan(cache, Task(description, ("good", "bad")), "auto").mode == mode


# Which adapter acts


def test_a_refined_plan_has_the_adapter_refined_for_the_place_of_its_text(
    cache: AdapterCache,
) -> None:
    task = Task(NEAR, (), EXAMPLES)
    generated = cache.get(task).adapter.digest
    for mode in ("adapter", "hybrid"):
        shares: list[float] = []
        plan = make_plan(
            cache,
            task,
            mode,
            refined=True,
            progress=lambda share, message, kept=shares: kept.append(share),
        )
        entry = cache.refined(task, in_prompt=mode == "hybrid")
        assert plan.adapter is entry.adapter
        assert plan.entry is not None
        assert plan.entry.parent == generated
        assert shares == [(n + 1) / 8 for n in range(8)]


def test_a_prompted_plan_refines_nothing(cache: AdapterCache) -> None:
    shares: list[float] = []
    plan = make_plan(
        cache,
        Task(KNOWN, (), EXAMPLES),
        "prompted",
        refined=True,
        progress=lambda share, message: shares.append(share),
    )
    assert (plan.adapter, shares) == (None, [])


@pytest.mark.parametrize("mode", ["adapter", "hybrid", "auto"])
def test_a_refined_plan_without_examples_is_refused(cache: AdapterCache, mode: Mode) -> None:
    with pytest.raises(ValueError, match="examples"):
        make_plan(cache, Task(KNOWN), mode, refined=True)


# What the engine can do

PREFIX_UNDER_ADAPTER = Capabilities(prefix_without_adapter=False)


@pytest.mark.parametrize(
    ("description", "mode"), [(KNOWN, "adapter"), (NEAR, "prompted"), (UNKNOWN, "prompted")]
)
def test_auto_plans_no_hybrid_step_where_the_adapter_acts_on_the_prefix_too(
    cache: AdapterCache, description: str, mode: str
) -> None:
    plan = make_plan(cache, Task(description), "auto", capabilities=PREFIX_UNDER_ADAPTER)
    assert plan.mode == mode
    assert (plan.adapter is None) == (mode == "prompted")


def test_hybrid_asked_for_is_refused_there_and_the_other_modes_are_not(
    cache: AdapterCache,
) -> None:
    with pytest.raises(ValueError, match="this engine cannot run hybrid; leave mode out"):
        make_plan(cache, Task(KNOWN), "hybrid", capabilities=PREFIX_UNDER_ADAPTER)
    modes: tuple[Mode, ...] = ("adapter", "prompted")
    for mode in modes:
        plan = make_plan(cache, Task(NEAR), mode, capabilities=PREFIX_UNDER_ADAPTER)
        assert plan.mode == mode


def test_of_many_examples_those_trained_on_soon_have_all_labels_in_their_order() -> None:
    examples = tuple(Example(str(n), "b" if n in (5, 11) else "a") for n in range(12))
    soon = plans.refined_soon(Task("Sort.", ("a", "b"), examples))
    assert [each.input for each in soon.examples] == ["0", "1", "2", "3", "4", "5", "6", "11"]
    assert plans.refined_soon(soon) == soon
