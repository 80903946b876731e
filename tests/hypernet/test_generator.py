"""Task text in, adapter out: what decides an adapter, and the fit of a task."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tiny_models import Counting, activated, furthest, same_bits, tiny_generator

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


def test_adapters_made_from_examples_that_are_read_once_are_the_same_to_the_bit(
    generator: Generator,
) -> None:
    task = Task("Judge the review.", ("good", "bad"), EXAMPLES)
    written = generator.write(task)
    refined = generator.refine(task, written, in_prompt=True)
    with generator.remembering(task) as once:
        part = replace(task, examples=EXAMPLES[:3])
        once.refine(part, once.write(part), in_prompt=True)
        assert same_bits(once.write(task), written)
        assert same_bits(once.refine(task, written, in_prompt=True), refined)
    assert same_bits(once.refine(task, once.write(task), in_prompt=True), refined)


def test_examples_of_several_adapters_are_read_once(generator: Generator) -> None:
    examples = tuple(Example("a" * (60 + 2 * n), "b") for n in range(4))
    task, chat = Task("Judge the review.", (), examples), generator.reader.chat
    counting = Counting(generator.reader.base)
    own = replace(generator, reader=replace(generator.reader, base=counting))
    with own.remembering(task) as once:
        for part in (examples[:3], examples[1:], examples):
            some = replace(task, examples=part)
            once.refine(some, activated(once.write(some), chat), in_prompt=True)
    inputs = [len(chat.input_ids(example.input)) for example in examples]
    assert sorted(tokens for tokens in counting.rows if tokens in inputs) == inputs
    # By themselves, with their answers, padded to the longest.
    whole = len(chat.prefix_ids("") + chat.step_ids(examples[-1].input)) + len("b")
    assert counting.rows.count(whole) == len(examples)


@pytest.mark.parametrize("together_bytes", [2**29, 1])
def test_several_are_refined_together_as_far_as_memory_allows_and_progress_rises_to_the_end(
    generator: Generator, together_bytes: int
) -> None:
    own = replace(generator, together_bytes=together_bytes)
    tasks = [Task("Judge the review.", (), EXAMPLES[:n]) for n in (2, 3, 4)]
    told: list[float] = []
    refined = own.refine_together(
        [(task, own.write(task)) for task in tasks],
        in_prompt=True,
        progress=lambda fraction, _: told.append(fraction),
    )
    alone = [own.refine(task, own.write(task), in_prompt=True) for task in tasks]
    assert [one.digest for one in refined] == [one.digest for one in alone]
    if together_bytes == 1:
        assert all(same_bits(one, other) for one, other in zip(refined, alone, strict=True))
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)
