"""Adapters by task, the fit gate, and the generator that stands behind them."""

from __future__ import annotations

import threading
import unicodedata
from typing import TYPE_CHECKING

import pytest
import torch
import torch.nn.functional as F  # noqa: N812  # torch's own customary name

from hypernet.fit import FitGate
from hypernet.generator import Generator
from hypernet.library import AdapterLibrary
from hypernet.network import HyperNetwork, NetworkConfig
from hypernet.task import Example, Task, adapter_digest

if TYPE_CHECKING:
    from hypernet.adapter import Adapter
    from hypernet.encoder import Encoder
    from hypernet.models import BaseModel

KNOWN = ("Translate the sentence to French.", "Name the capital of the country.")
GIBBERISH = Task("zzzzqq 0101 ####")


def generator_for(base: BaseModel, encoder: Encoder, *, near: float) -> Generator:
    """A hypernetwork as after training, with a gate around two tasks."""
    torch.manual_seed(6)
    network = HyperNetwork(
        NetworkConfig.for_base(
            base.llama.config, condition=encoder.size, hidden=16, rank=4, first_layer=2
        )
    )
    with torch.no_grad():
        for parameter in (*network.b.parameters(), *network.head.parameters()):
            parameter.copy_(torch.randn_like(parameter) * 0.3)
    gate = FitGate(0.9999, near, KNOWN, encoder(list(KNOWN)))
    return Generator(network, encoder, gate, base.fingerprint, "v1", {})


@pytest.fixture
def generator(base: BaseModel, encoder: Encoder) -> Generator:
    return generator_for(base, encoder, near=-1.0)


@pytest.fixture
def library(generator: Generator) -> AdapterLibrary:
    return AdapterLibrary(generator, capacity=3)


def same_bits(one: Adapter, two: Adapter) -> bool:
    return one.factors.keys() == two.factors.keys() and all(
        torch.equal(mine, other)
        for key in one.factors
        for mine, other in zip(one.factors[key], two.factors[key], strict=True)
    )


# The library


def test_the_same_task_in_other_whitespace_and_unicode_form_is_one_adapter(
    library: AdapterLibrary,
) -> None:
    first = library.get(Task("Résumé:  pick one.", ("yes", "no")))
    decomposed = unicodedata.normalize("NFD", " Résumé:\n pick\tone. ")
    again = library.get(Task(decomposed, (" yes", "no "), (Example("a", "b"),)))
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


def test_a_task_far_from_all_training_gets_the_multi_task_component(
    base: BaseModel, encoder: Encoder
) -> None:
    generator = generator_for(base, encoder, near=0.999)
    library = AdapterLibrary(generator)
    unknown, known = library.get(GIBBERISH), library.get(Task(KNOWN[0]))
    assert (unknown.fit.level, known.fit.level) == ("unknown", "known")
    assert unknown.adapter.digest == generator.multi_task().digest
    assert same_bits(unknown.adapter, generator.multi_task())
    assert not same_bits(known.adapter, generator.multi_task())


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


# The generator


def test_a_task_and_its_labels_decide_the_adapter_and_examples_do_not(
    generator: Generator,
) -> None:
    task = Task("Judge the review.", ("good", "bad"))
    same = generator.write(Task("Judge the review.", ("good", "bad"), (Example("x", "good"),)))
    assert same_bits(generator.write(task), same)
    assert generator.write(task).digest == same.digest
    for other in (Task("Judge the review."), Task("Judge the film.", ("good", "bad"))):
        assert generator.write(other).digest != same.digest
        assert not same_bits(generator.write(other), same)


# The fit


@pytest.mark.parametrize(
    ("cosine", "level"),
    [(1.0, "known"), (0.91, "known"), (0.89, "near"), (0.51, "near"), (0.49, "unknown")],
)
def test_the_fit_follows_the_nearest_training_task(cosine: float, level: str) -> None:
    anchors = torch.eye(4)
    gate = FitGate(known=0.9, near=0.5, names=list("abcd"), anchors_NC=anchors)
    vector_C = torch.tensor([0.0, cosine, 0.01, 0.0])
    fit = gate.judge(vector_C)
    assert fit.level == level
    assert fit.similarity == pytest.approx(cosine)
    assert fit.nearest[:2] == ("b", "c")
    assert len(fit.nearest) == 3


def test_a_gate_with_fewer_tasks_than_it_would_name_names_those_it_has() -> None:
    gate = FitGate(0.9, 0.5, ["only"], torch.ones(1, 1))
    assert gate.judge(torch.ones(1)).nearest == ("only",)


# The digest


def test_the_digest_depends_on_base_version_text_and_labels_alone() -> None:
    task = Task("Pick one.", ("a", "b"))
    digest = adapter_digest(task, "base", "v1")
    same = [
        Task("  Pick\n one. ", ("a ", " b")),
        Task("Pick one.", ("a", "b"), (Example("in", "out"),)),
        Task.from_dict(task.to_dict()),
    ]
    other = [
        adapter_digest(task, "another base", "v1"),
        adapter_digest(task, "base", "v2"),
        adapter_digest(Task("Pick two.", ("a", "b")), "base", "v1"),
        adapter_digest(Task("Pick one.", ("b", "a")), "base", "v1"),
        adapter_digest(Task("Pick one."), "base", "v1"),
        adapter_digest(Task("Pick one.", ("a, b",)), "base", "v1"),
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
