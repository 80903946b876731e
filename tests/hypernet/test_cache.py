"""Adapters by task: kept, written once, written again, and never waited for in vain."""

from __future__ import annotations

import threading
import unicodedata
from typing import TYPE_CHECKING

import pytest
from tiny_models import lines_of, same_bits, tiny_generator

from hypernet.adapters.cache import USUAL_BYTES, AdapterCache, Entry
from hypernet.engine.echo import EchoAdapter, EchoSource
from hypernet.hypernetwork.fit import Fit
from hypernet.task import Example, Task

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hypernet.base_model.loading import BaseModel
    from hypernet.hypernetwork.encoder import Encoder
    from hypernet.hypernetwork.generator import Generator

KNOWN = ("Translate the sentence to French.", "Name the capital of the country.")
GIBBERISH = "zzzzqq 0101 ####"
EXAMPLES = tuple(Example(f"input {n}", f"output {n}") for n in range(4))


@pytest.fixture
def generator(base: BaseModel, encoder: Encoder, tmp_path: Path) -> Generator:
    return tiny_generator(base, encoder, tmp_path, KNOWN)


@pytest.fixture
def strict(base: BaseModel, encoder: Encoder, tmp_path: Path) -> Generator:
    """To which nearly all tasks are unknown."""
    return tiny_generator(base, encoder, tmp_path, KNOWN, near=0.999)


@pytest.fixture
def cache(generator: Generator) -> AdapterCache:
    return AdapterCache(generator, capacity=3)


def test_the_same_task_in_other_whitespace_and_unicode_form_is_one_adapter(
    cache: AdapterCache,
) -> None:
    first = cache.get(Task("Résumé:  pick one.", ("yes", "no")))
    decomposed = unicodedata.normalize("NFD", " Résumé:\n pick\tone. ")
    again = cache.get(Task(decomposed, (" yes", "no ")))
    assert again.adapter is first.adapter
    assert (first.cached, again.cached, again.generation_ms) == (False, True, 0.0)
    assert first.generation_ms > 0


class Large(EchoSource):
    """Writes adapters that each count as two."""

    def write(self, task: Task) -> EchoAdapter:
        return EchoAdapter(super().write(task).digest, nbytes=USUAL_BYTES + 1)


def test_large_adapters_take_the_places_of_several() -> None:
    cache = AdapterCache(Large(), capacity=4)
    found = [cache.get(Task(f"task {n}", (), EXAMPLES)) for n in range(3)]
    kept = [cache.find(entry.adapter.digest) is not None for entry in found]
    assert kept == [False, True, True]
    alone = AdapterCache(Large(), capacity=1)
    written = alone.get(Task("task", (), EXAMPLES))
    assert alone.find(written.adapter.digest) is not None


def test_the_least_recently_used_adapter_leaves_and_comes_back_bit_for_bit(
    cache: AdapterCache,
) -> None:
    first = cache.get(Task("task 0"))
    cache.get(Task("task 1"))
    cache.get(Task("task 2"))
    assert cache.get(Task("task 0")).cached
    cache.get(Task("task 3"))
    assert not cache.get(Task("task 1")).cached  # pushes out task 2, not task 0
    assert cache.get(Task("task 0")).cached
    cache.get(Task("task 4"))
    cache.get(Task("task 5"))
    cache.get(Task("task 6"))

    again = cache.get(Task("task 0"))

    assert not again.cached
    assert again.adapter is not first.adapter
    assert again.adapter.digest == first.adapter.digest
    assert same_bits(again.adapter, first.adapter)


def test_a_tasks_examples_are_part_of_what_it_is_found_by(cache: AdapterCache) -> None:
    bare, with_examples = cache.get(Task("Judge.")), cache.get(Task("Judge.", (), EXAMPLES))
    again = cache.get(
        Task("Judge.", (), tuple(Example(f" {e.input}\n", e.output) for e in EXAMPLES))
    )
    assert with_examples.adapter.digest != bare.adapter.digest
    assert again.adapter is with_examples.adapter


def test_a_task_far_from_all_training_gets_the_multi_task_component(strict: Generator) -> None:
    cache = AdapterCache(strict)
    unknown, known = cache.get(Task(GIBBERISH)), cache.get(Task(KNOWN[0]))
    assert (unknown.fit.level, known.fit.level) == ("unknown", "known")
    assert unknown.adapter.digest == strict.multi_task().digest
    assert same_bits(unknown.adapter, strict.multi_task())
    assert not same_bits(known.adapter, strict.multi_task())


def test_examples_let_an_unknown_task_have_an_adapter_of_its_own(strict: Generator) -> None:
    with_examples = AdapterCache(strict).get(Task(GIBBERISH, (), EXAMPLES))
    assert with_examples.fit.level == "unknown"
    assert with_examples.adapter.digest != strict.multi_task().digest
    assert same_bits(with_examples.adapter, strict.write(Task(GIBBERISH, (), EXAMPLES)))


def test_threads_that_want_one_task_get_one_adapter(cache: AdapterCache) -> None:
    start = threading.Barrier(8)
    entries = []

    def get() -> None:
        start.wait()
        entries.append(cache.get(Task("the same task")))

    threads = [threading.Thread(target=get) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(entry.adapter) for entry in entries}) == 1
    assert [entry.cached for entry in entries].count(False) == 1


# Refined adapters


def test_a_refined_adapter_is_kept_and_knows_the_generated_one_it_began_from(
    cache: AdapterCache,
) -> None:
    task, lines = Task("Judge.", (), EXAMPLES), []
    first = cache.refined(task, in_prompt=True, progress=lines_of(lines))
    steps = len(lines)
    again = cache.refined(task, in_prompt=True, progress=lines_of(lines))
    assert first.parent == cache.get(task).adapter.digest != first.adapter.digest
    assert (first.cached, again.cached, again.generation_ms) == (False, True, 0.0)
    assert again.adapter is first.adapter
    assert again.parent == first.parent
    assert steps == len(lines) > 0
    assert cache.get(task).adapter.digest == first.parent  # that one is kept as well


def test_each_place_of_the_tasks_text_has_a_refined_adapter_of_its_own(
    cache: AdapterCache,
) -> None:
    task = Task("Judge.", (), EXAMPLES)
    entries = [cache.refined(task, in_prompt=place) for place in (True, False)]
    assert entries[0].parent == entries[1].parent
    assert entries[0].adapter.digest != entries[1].adapter.digest


def test_an_evicted_refined_adapter_comes_back_bit_for_bit(cache: AdapterCache) -> None:
    task = Task("Judge.", (), EXAMPLES[:2])
    first = cache.refined(task, in_prompt=False)
    for n in range(3):
        cache.get(Task(f"task {n}"))
    again = cache.refined(task, in_prompt=False)
    assert not again.cached
    assert again.adapter.digest == first.adapter.digest
    assert same_bits(again.adapter, first.adapter)


def test_adapters_refined_together_are_there_for_who_asks_for_one_of_them(
    base: BaseModel, encoder: Encoder, tmp_path: Path
) -> None:
    cache = AdapterCache(tiny_generator(base, encoder, tmp_path, ("Known.",)))
    tasks = [Task(" Judge. ", (), EXAMPLES[:n]) for n in (2, 3)]
    cache.refine_together(tasks, in_prompt=True)
    for task in tasks:
        entry = cache.refined(task, in_prompt=True)
        assert entry.cached
        assert entry.parent == cache.get(task).adapter.digest
        assert entry.refinement is not None
        assert entry.refinement.examples == len(task.examples)
    other = AdapterCache(cache.source)
    other.adopt(cache)
    assert other.refined(tasks[0], in_prompt=True).cached


def test_refining_without_examples_is_refused(cache: AdapterCache) -> None:
    with pytest.raises(ValueError, match="examples"):
        cache.refined(Task("Judge."), in_prompt=True)


# Who waits for whom


class Slow(EchoSource):
    """Holds what it writes and refines for the task `slow` until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.reached, self.opened = threading.Event(), threading.Event()
        self.written: list[str] = []
        self.refinements = 0

    def write(self, task: Task) -> EchoAdapter:
        self.written.append(task.description)
        self._hold(task, refining=False)
        return super().write(task)

    def refine(self, task: Task, *args: object, **named: object) -> EchoAdapter:
        self.refinements += 1
        self._hold(task, refining=True)
        return super().refine(task, *args, **named)  # type: ignore[arg-type]  # handed through

    def fit(self, task: Task) -> Fit:
        return Fit("near", 0.5, ())

    def _hold(self, task: Task, *, refining: bool) -> None:
        if task.description == ("slow refinement" if refining else "slow"):
            self.reached.set()
            assert self.opened.wait(20)


def in_thread(ask: Callable[[], Entry]) -> tuple[threading.Thread, list[Entry]]:
    found: list[Entry] = []
    thread = threading.Thread(target=lambda: found.append(ask()))
    thread.start()
    return thread, found


def test_an_adapter_that_is_there_or_can_be_written_does_not_wait_for_another_that_is_written() -> (
    None
):
    source = Slow()
    cache = AdapterCache(source)
    ready = cache.get(Task("quick"))
    writing, written = in_thread(lambda: cache.get(Task("slow")))
    assert source.reached.wait(20)
    for task, cached in ((Task("quick"), True), (Task("another"), False)):
        asking, found = in_thread(lambda task=task: cache.get(task))
        asking.join(20)
        assert [entry.cached for entry in found] == [cached]
    assert cache.find(ready.adapter.digest) is not None
    assert not written
    source.opened.set()
    writing.join()
    assert [entry.cached for entry in written] == [False]


def test_who_asks_for_what_is_being_written_waits_for_that_one() -> None:
    source = Slow()
    cache = AdapterCache(source)
    threads = [in_thread(lambda: cache.get(Task("slow"))) for _ in range(4)]
    assert source.reached.wait(20)
    source.opened.set()
    for thread, _ in threads:
        thread.join()
    entries = [entry for _, found in threads for entry in found]
    assert source.written == ["slow"]
    assert sorted(entry.cached for entry in entries) == [False, True, True, True]
    assert len({id(entry.adapter) for entry in entries}) == 1


def test_where_one_attempt_fails_who_waited_for_it_makes_its_own() -> None:
    source = Slow()
    cache = AdapterCache(source)
    task = Task("slow refinement", (), EXAMPLES)

    def given_up(fraction: float, message: str) -> None:
        raise KeyboardInterrupt

    def first() -> Entry:
        with pytest.raises(KeyboardInterrupt):
            cache.refined(task, in_prompt=True, progress=given_up)
        return cache.get(task)

    failing, _ = in_thread(first)
    assert source.reached.wait(20)
    asking, found = in_thread(lambda: cache.refined(task, in_prompt=True))
    source.opened.set()
    failing.join()
    asking.join()
    assert [entry.cached for entry in found] == [False]
    assert source.refinements == 2


def test_a_refined_adapter_that_is_there_does_not_wait_for_another_tasks_refinement() -> None:
    source = Slow()
    cache = AdapterCache(source)
    ready = cache.refined(Task("quick", (), EXAMPLES), in_prompt=True)
    slow, _ = in_thread(
        lambda: cache.refined(Task("slow refinement", (), EXAMPLES), in_prompt=True)
    )
    assert source.reached.wait(20)
    asking, found = in_thread(lambda: cache.refined(Task("quick", (), EXAMPLES), in_prompt=True))
    asking.join(20)
    assert [entry.adapter for entry in found] == [ready.adapter]
    source.opened.set()
    slow.join()


def test_threads_that_want_one_refined_adapter_refine_once() -> None:
    source = Slow()
    cache = AdapterCache(source)
    start = threading.Barrier(6)

    def get() -> Entry:
        start.wait()
        return cache.refined(Task("Judge.", (), EXAMPLES), in_prompt=True)

    for thread, _ in [in_thread(get) for _ in range(6)]:
        thread.join()
    assert source.refinements == 1


def test_looking_for_an_adapter_by_its_digest_does_not_keep_it_longer(cache: AdapterCache) -> None:
    first = cache.get(Task("task 0"))
    cache.get(Task("task 1"))
    cache.get(Task("task 2"))
    found = cache.find(first.adapter.digest, Task(" task  0"))
    assert found is not None
    assert found.adapter is first.adapter
    assert cache.find(first.adapter.digest, Task("task 1")) is None
    cache.get(Task("task 3"))
    assert cache.find(first.adapter.digest) is None
