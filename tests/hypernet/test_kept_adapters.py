"""Refined adapters that outlive the process: what is kept is what the steps gave, or nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tiny_models import same_bits, tiny_generator

from hypernet.adapters.kept import KeptAdapters
from hypernet.task import Example, Task

if TYPE_CHECKING:
    from pathlib import Path

    from hypernet.adapters.adapter import Adapter
    from hypernet.base_model.loading import BaseModel
    from hypernet.hypernetwork.encoder import Encoder
    from hypernet.hypernetwork.generator import Generator

EXAMPLES = tuple(Example(f"input {n}", f"output {n}") for n in range(4))
TASK = Task("Judge the review.", (), EXAMPLES)


@pytest.fixture
def generator(base: BaseModel, encoder: Encoder, tmp_path: Path) -> Generator:
    made = tiny_generator(base, encoder, tmp_path / "weights", ("Name the capital.",))
    return replace(made, kept=KeptAdapters(tmp_path / "kept"))


def steps_taken(generator: Generator, task: Task = TASK) -> tuple[int, Adapter]:
    told: list[str] = []
    start = generator.write(task)
    refined = generator.refine(
        task, start, in_prompt=True, progress=lambda _, message: told.append(message)
    )
    return len(set(told)), refined


def test_an_adapter_refined_once_is_read_back_to_the_bit_without_a_step(
    generator: Generator,
) -> None:
    steps, refined = steps_taken(generator)
    none, again = steps_taken(generator)
    assert steps > 16
    assert none == 0
    assert same_bits(again, refined)
    assert again.refinement == refined.refinement
    assert again.digest == refined.digest


def test_other_examples_are_trained_for_themselves(generator: Generator) -> None:
    steps_taken(generator)
    steps, _ = steps_taken(generator, replace(TASK, examples=EXAMPLES[:3]))
    assert steps > 16


def damaged(content: bytes) -> dict[str, bytes]:
    middle = len(content) // 2
    return {
        "cut": content[:middle],
        "empty": b"",
        "changed": content[:-1] + bytes([content[-1] ^ 1]),
        "other": b"version https://git-lfs.github.com/spec/v1\n",
    }


@pytest.mark.parametrize("how", ["cut", "empty", "changed", "other"])
def test_a_damaged_file_is_as_good_as_none(generator: Generator, tmp_path: Path, how: str) -> None:
    _, refined = steps_taken(generator)
    (file,) = (tmp_path / "kept").iterdir()
    assert file.stat().st_mode & 0o077 == 0
    file.write_bytes(damaged(file.read_bytes())[how])
    steps, again = steps_taken(generator)
    assert steps > 16
    assert same_bits(again, refined)


def test_what_other_code_trained_is_trained_anew(
    generator: Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps_taken(generator)
    monkeypatch.setattr("hypernet.adapters.kept.FORM", "another")
    assert steps_taken(generator)[0] > 16


def test_a_folder_that_cannot_be_written_to_keeps_nothing_and_fails_nothing(
    generator: Generator, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    nowhere = replace(generator, kept=KeptAdapters(tmp_path / "file"))
    assert steps_taken(nowhere)[0] > 16
    assert steps_taken(nowhere)[0] > 16


def test_over_its_size_the_longest_unused_go(generator: Generator, tmp_path: Path) -> None:
    kept = KeptAdapters(tmp_path / "few", most_bytes=0)
    few = replace(generator, kept=kept)
    _, refined = steps_taken(few)
    assert kept.read(refined.digest) is None


def test_a_name_that_is_no_digest_never_becomes_a_path(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="24 hexadecimal"):
        KeptAdapters(tmp_path).read("../../etc/passwd")
