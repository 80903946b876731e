"""Task text in, adapter out: what decides an adapter, and the fit of a task."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tiny_models import furthest, same_bits, tiny_generator

from hypernet.task import Example, Task

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
    bare, with_examples = generator.fit(Task(KNOWN[0])), generator.fit(Task(KNOWN[0], (), EXAMPLES))
    assert bare == with_examples
    assert bare.level == "known"


def test_giving_way_to_steps_changes_no_bit_and_progress_may_end_a_refinement_between_steps(
    generator: Generator,
) -> None:
    task = Task("Judge the review.", ("good", "bad"), EXAMPLES)
    alone = generator.write(task)
    refined = generator.refine(task, alone, in_prompt=True)
    told: list[str] = []
    with generator.turns.first():
        beside = generator.write(task)
        again = generator.refine(
            task, alone, in_prompt=True, progress=lambda _, message: told.append(message)
        )
    assert same_bits(beside, alone)
    assert same_bits(again, refined)
    assert len(told) > len(set(told)) > 16

    def give_up(fraction: float, message: str) -> None:
        raise KeyboardInterrupt(message)

    with pytest.raises(KeyboardInterrupt, match="reading the examples"):
        generator.refine(task, alone, in_prompt=True, progress=give_up)
