"""Adapters by task, the fit gate, and the generator that stands behind them."""

from __future__ import annotations

import threading
import unicodedata
from typing import TYPE_CHECKING

import pytest
import torch
import torch.nn.functional as F  # noqa: N812  # torch's own customary name
from tiny_models import furthest, same_bits, tiny_generator

from hypernet.adapters.cache import AdapterLibrary
from hypernet.engine.echo import EchoAdapter, EchoSource
from hypernet.hypernetwork.fit import FitGate
from hypernet.task import Example, Task, adapter_digest

if TYPE_CHECKING:
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
def library(generator: Generator) -> AdapterLibrary:
    return AdapterLibrary(generator, capacity=3)


# The library


def test_the_same_task_in_other_whitespace_and_unicode_form_is_one_adapter(
    library: AdapterLibrary,
) -> None:
    first = library.get(Task("Résumé:  pick one.", ("yes", "no")))
    decomposed = unicodedata.normalize("NFD", " Résumé:\n pick\tone. ")
    again = library.get(Task(decomposed, (" yes", "no ")))
    assert again.adapter is first.adapter
    assert (first.cached, again.cached, again.generation_ms) == (False, True, 0.0)
    assert first.generation_ms > 0
    assert (library.generated, library.reused) == (1, 1)


def test_the_least_recently_used_adapter_leaves_and_comes_back_bit_for_bit(
    library: AdapterLibrary,
) -> None:
    first = library.get(Task("task 0"))
    library.get(Task("task 1"))
    library.get(Task("task 2"))
    assert library.get(Task("task 0")).cached
    library.get(Task("task 3"))
    assert not library.get(Task("task 1")).cached  # pushes out task 2, not task 0
    assert library.get(Task("task 0")).cached
    library.get(Task("task 4"))
    library.get(Task("task 5"))
    library.get(Task("task 6"))

    again = library.get(Task("task 0"))

    assert not again.cached
    assert again.adapter is not first.adapter
    assert again.adapter.digest == first.adapter.digest
    assert same_bits(again.adapter, first.adapter)


def test_a_tasks_examples_are_part_of_what_it_is_found_by(library: AdapterLibrary) -> None:
    bare, shown = library.get(Task("Judge.")), library.get(Task("Judge.", (), EXAMPLES))
    again = library.get(
        Task("Judge.", (), tuple(Example(f" {e.input}\n", e.output) for e in EXAMPLES))
    )
    assert shown.adapter.digest != bare.adapter.digest
    assert again.adapter is shown.adapter


def test_a_task_far_from_all_training_gets_the_multi_task_component(strict: Generator) -> None:
    library = AdapterLibrary(strict)
    unknown, known = library.get(Task(GIBBERISH)), library.get(Task(KNOWN[0]))
    assert (unknown.fit.level, known.fit.level) == ("unknown", "known")
    assert unknown.adapter.digest == strict.multi_task().digest
    assert same_bits(unknown.adapter, strict.multi_task())
    assert not same_bits(known.adapter, strict.multi_task())


def test_examples_let_an_unknown_task_have_an_adapter_of_its_own(strict: Generator) -> None:
    shown = AdapterLibrary(strict).get(Task(GIBBERISH, (), EXAMPLES))
    assert shown.fit.level == "unknown"
    assert shown.adapter.digest != strict.multi_task().digest
    assert same_bits(shown.adapter, strict.write(Task(GIBBERISH, (), EXAMPLES)))


def test_threads_that_want_one_task_get_one_adapter(library: AdapterLibrary) -> None:
    start = threading.Barrier(8)
    entries = []

    def get() -> None:
        start.wait()
        entries.append(library.get(Task("the same task")))

    threads = [threading.Thread(target=get) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(entry.adapter) for entry in entries}) == 1
    assert [entry.cached for entry in entries].count(False) == 1
    assert (library.generated, library.reused) == (1, 7)


# Refined adapters


def test_a_refined_adapter_is_kept_and_knows_the_generated_one_it_began_from(
    library: AdapterLibrary,
) -> None:
    task, told = Task("Judge.", (), EXAMPLES), []
    first = library.refined(task, in_prompt=True, say=lambda *what: told.append(what[0]))
    steps = len(told)
    again = library.refined(task, in_prompt=True, say=lambda *what: told.append(what[0]))
    assert first.parent == library.get(task).adapter.digest != first.adapter.digest
    assert (first.cached, again.cached, again.generation_ms) == (False, True, 0.0)
    assert again.adapter is first.adapter
    assert again.parent == first.parent
    assert steps == len(told) > 0
    assert library.get(task).adapter.digest == first.parent  # that one is kept as well


def test_each_place_of_the_tasks_text_has_a_refined_adapter_of_its_own(
    library: AdapterLibrary,
) -> None:
    task = Task("Judge.", (), EXAMPLES)
    entries = [library.refined(task, in_prompt=place) for place in (True, False)]
    assert entries[0].parent == entries[1].parent
    assert entries[0].adapter.digest != entries[1].adapter.digest


def test_an_evicted_refined_adapter_comes_back_bit_for_bit(library: AdapterLibrary) -> None:
    task = Task("Judge.", (), EXAMPLES[:2])
    first = library.refined(task, in_prompt=False)
    for n in range(3):
        library.get(Task(f"task {n}"))
    again = library.refined(task, in_prompt=False)
    assert not again.cached
    assert again.adapter.digest == first.adapter.digest
    assert same_bits(again.adapter, first.adapter)


def test_refining_without_examples_is_refused(library: AdapterLibrary) -> None:
    with pytest.raises(ValueError, match="examples"):
        library.refined(Task("Judge."), in_prompt=True)


class Slow(EchoSource):
    """Holds the refinement of one task until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.reached, self.opened = threading.Event(), threading.Event()
        self.refinements = 0

    def refine(self, task: Task, *args: object, **named: object) -> EchoAdapter:
        self.refinements += 1
        if task.description == "slow":
            self.reached.set()
            assert self.opened.wait(20)
        return super().refine(task, *args, **named)  # type: ignore[arg-type]  # handed through


def test_a_refined_adapter_that_is_there_does_not_wait_for_another_tasks_refinement() -> None:
    source = Slow()
    library = AdapterLibrary(source)
    ready = library.refined(Task("quick", (), EXAMPLES), in_prompt=True)
    slow = threading.Thread(
        target=lambda: library.refined(Task("slow", (), EXAMPLES), in_prompt=True)
    )
    slow.start()
    assert source.reached.wait(20)
    found: list[object] = []
    asking = threading.Thread(
        target=lambda: found.append(
            library.refined(Task("quick", (), EXAMPLES), in_prompt=True).adapter
        )
    )
    asking.start()
    asking.join(20)
    waited = asking.is_alive()
    source.opened.set()
    slow.join()
    asking.join()
    assert not waited
    assert found == [ready.adapter]


def test_threads_that_want_one_refined_adapter_refine_once() -> None:
    source = Slow()
    library = AdapterLibrary(source)
    start = threading.Barrier(6)

    def get() -> None:
        start.wait()
        library.refined(Task("Judge.", (), EXAMPLES), in_prompt=True)

    threads = [threading.Thread(target=get) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert source.refinements == 1


# The generator


def test_task_labels_and_examples_each_decide_the_adapter(generator: Generator) -> None:
    task = Task("Judge the review.", ("good", "bad"), EXAMPLES)
    written = generator.write(task)
    assert same_bits(generator.write(task), written)
    others = [
        Task("Judge the review.", (), EXAMPLES),
        Task("Judge the film.", ("good", "bad"), EXAMPLES),
        Task("Judge the review.", ("good", "bad")),
        Task("Judge the review.", ("good", "bad"), EXAMPLES[:3]),
        Task("Judge the review.", ("good", "bad"), (*EXAMPLES[:3], Example("input 3", "else"))),
    ]
    digests = {generator.write(other).digest for other in others}
    assert len(digests | {written.digest}) == 1 + len(others)
    assert min(furthest(generator.write(other), written) for other in others) > 1e-3


def test_the_order_of_its_examples_does_not_change_what_an_adapter_adds(
    generator: Generator,
) -> None:
    one, two = (generator.write(Task("Judge.", (), e)) for e in (EXAMPLES, EXAMPLES[::-1]))
    assert furthest(one, two) < 1e-4


def test_spaces_around_a_task_change_neither_digest_nor_bits(generator: Generator) -> None:
    one = generator.write(Task("Judge the text.", ("a",), (Example("x", "y"),)))
    two = generator.write(Task(" Judge\nthe  text.", ("a ",), (Example(" x\n", "y "),)))
    assert one.digest == two.digest
    assert same_bits(one, two)


def test_the_fit_is_judged_by_the_text_and_not_by_examples(generator: Generator) -> None:
    bare, shown = generator.fit(Task(KNOWN[0])), generator.fit(Task(KNOWN[0], (), EXAMPLES))
    assert bare == shown
    assert bare.level == "known"


# The fit


@pytest.mark.parametrize(
    ("cosine", "level"),
    [(1.0, "known"), (0.91, "known"), (0.89, "near"), (0.51, "near"), (0.49, "unknown")],
)
def test_the_fit_follows_the_nearest_training_task(cosine: float, level: str) -> None:
    anchors = torch.eye(4)[:, None]
    gate = FitGate(known=0.9, near=0.5, names=list("abcd"), anchors_NWC=anchors)
    vector_C = torch.tensor([0.0, cosine, 0.01, 0.0])
    fit = gate.judge(vector_C)
    assert fit.level == level
    assert fit.similarity == pytest.approx(cosine)
    assert fit.nearest[:2] == ("b", "c")
    assert len(fit.nearest) == 3


def test_a_gate_with_fewer_tasks_than_it_would_name_names_those_it_has() -> None:
    gate = FitGate(0.9, 0.5, ["only"], torch.ones(1, 1, 1))
    assert gate.judge(torch.ones(1)).nearest == ("only",)


def test_a_training_task_is_as_near_as_its_nearest_wording() -> None:
    anchors_NWC = torch.stack([torch.eye(4)[:2], torch.eye(4)[2:]])
    gate = FitGate(0.9, 0.5, ["first", "second"], anchors_NWC)
    fit = gate.judge(torch.tensor([0.0, 0.6, 0.0, 0.8]))
    assert (fit.similarity, fit.nearest) == (pytest.approx(0.8), ("second", "first"))
    torch.testing.assert_close(
        gate.similarity(torch.tensor([0.0, 0.6, 0.0, 0.8])), torch.tensor([0.6, 0.8])
    )


# The digest


def test_the_digest_depends_on_base_version_and_every_part_of_the_task() -> None:
    task = Task("Pick one.", ("a", "b"), EXAMPLES[:2])
    digest = adapter_digest(task, "base", "v1")
    same = [
        Task("  Pick\n one. ", ("a ", " b"), EXAMPLES[:2]),
        Task.from_dict(task.to_dict()),
    ]
    other = [
        adapter_digest(task, "another base", "v1"),
        adapter_digest(task, "base", "v2"),
        *(
            adapter_digest(t, "base", "v1")
            for t in (
                Task("Pick two.", ("a", "b"), EXAMPLES[:2]),
                Task("Pick one.", ("b", "a"), EXAMPLES[:2]),
                Task("Pick one.", (), EXAMPLES[:2]),
                Task("Pick one.", ("a, b",), EXAMPLES[:2]),
                Task("Pick one.", ("a", "b")),
                Task("Pick one.", ("a", "b"), EXAMPLES[:3]),
            )
        ),
    ]
    assert {adapter_digest(t, "base", "v1") for t in same} == {digest}
    assert len({digest, *other}) == 1 + len(other)
    assert len(digest) == 24
    assert set(digest) <= set("0123456789abcdef")


# The encoder


def test_vectors_come_in_the_order_of_the_texts_and_do_not_depend_on_company(
    encoder: Encoder,
) -> None:
    texts = ["a much longer text than the others are", "b", "some text", "b"]
    together = encoder(texts)
    for text, vector_C in zip(texts, together, strict=True):
        torch.testing.assert_close(encoder([text])[0], vector_C, atol=1e-5, rtol=0)
    torch.testing.assert_close(together.norm(dim=-1), torch.ones(4))
    assert F.cosine_similarity(together[0], together[1], dim=0) < 0.999


def test_a_text_past_the_encoders_limit_is_read_up_to_there(encoder: Encoder) -> None:
    start = "word " * 70  # over 256 characters, a token each
    torch.testing.assert_close(encoder([start + "one end"]), encoder([start + "other, z"]))
