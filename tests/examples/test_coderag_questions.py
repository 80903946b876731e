"""What the code-retrieval agent asks of a function, and the answers that the parser gives."""

from __future__ import annotations

import ast

import pytest
from coderag_fakes import CLAMP, IS_WORD, function, package

from examples.coderag import changes
from examples.coderag.questions import (
    about_code,
    difference,
    is_right,
    of_function,
    of_package,
    says_the_same,
    signature,
)
from examples.coderag.sources import definition, first_sentence, read_package


@pytest.mark.parametrize(
    ("kind", "pick", "answer"),
    [
        ("find", 0, "Keep a value within its bounds: clamp"),
        ("explain", 0, "Keep a value within its bounds"),
        ("signature", 0, "def clamp(value: int, lowest=0, highest=10) -> int"),
        ("default", 0, "highest=10"),
        ("default", 1, "lowest=0"),
        ("compare", 0, "signature"),
        ("compare", 1, "logic"),
        ("compare", 2, "documentation"),
    ],
)
def test_the_parser_knows_the_answer(kind: str, pick: int, answer: str) -> None:
    """No person has to."""
    question = of_function(kind, function(), pick)
    assert question is not None
    assert question.answer == answer


@pytest.mark.parametrize("kind", ["explain", "default", "signature"])
def test_a_function_without_it_is_not_asked_about_it(kind: str) -> None:
    """One sentence is explained by itself, one parameter is no list."""
    assert of_function(kind, function(IS_WORD), 0) is None


def test_what_a_function_returns_is_taken_out_of_the_input() -> None:
    """The annotation is the answer."""
    question = of_function("returns", function(IS_WORD), 0)
    assert question is not None
    assert question.answer == "bool"
    assert "bool" not in about_code("returns", question.code, question.detail)


def test_a_defect_is_planted_in_a_copy_and_leaves_the_function_parsable() -> None:
    """Two letters of one use are swapped; the original is as it was."""
    question = of_function("defect", function(), 3)
    assert question is not None
    assert question.answer not in CLAMP
    assert sorted(question.answer) in [sorted(name) for name in ("value", "lowest", "highest")]
    assert question.code.count(question.answer) == 1
    assert definition(question.code).name == "clamp"
    text = about_code("defect", question.code, "")
    assert question.answer in text
    assert "Keep a value" not in text


@pytest.mark.parametrize("part", changes.PARTS)
def test_every_earlier_version_differs_in_the_part_that_it_is_said_to(part: str) -> None:
    """Arguments, body or docstring, and in nothing else."""
    for pick in range(12):
        before = changes.earlier(CLAMP, part, pick)
        assert before is not None
        assert _parts_of(before, CLAMP) == {part}


def _parts_of(one: str, two: str) -> set[str]:
    def split(source: str) -> dict[str, str]:
        node = definition(source)
        return {
            "signature": node.name + ast.dump(node.args),
            "documentation": ast.get_docstring(node) or "",
            "logic": "".join(map(ast.dump, node.body[1:])),
        }

    before, after = split(one), split(two)
    return {part for part in before if before[part] != after[part]}


def test_a_comparison_shows_the_lines_that_differ_and_no_others() -> None:
    """A small model reads them."""
    before = CLAMP.replace("value < lowest", "value <= lowest")
    assert difference(before, CLAMP) == "-    if value <= lowest:\n+    if value < lowest:"


@pytest.mark.parametrize(
    ("head", "found"),
    [
        ("def f(a, b=(1, 2)) -> tuple[int, ...]:", "def f(a, b=(1, 2)) -> tuple[int, ...]"),
        ("def f(a: dict[str, int]):", "def f(a: dict[str, int])"),
        ("def f():", None),
        ("def f(", None),
    ],
)
def test_a_signature_is_the_definition_up_to_its_colon(head: str, found: str | None) -> None:
    """To the letter, where it stands on one line."""
    assert signature(f"{head}\n    pass") == found


@pytest.mark.parametrize(
    ("output", "right"),
    [
        ("Keeps the value within given bounds.", True),
        ("Keep a value.", False),
        ("", False),
        ("Keep a value within its bounds.\nIt is a function.", False),
        ("Keep a value within its bounds " + "and so on " * 20, False),
    ],
)
def test_a_sentence_is_right_with_most_of_the_expected_words_in_one_line(
    output: str, right: bool
) -> None:
    """Other forms of the words count, a long text does not."""
    assert says_the_same(output, "Keep a value within its bounds") is right


def test_other_answers_are_right_to_the_letter_alone() -> None:
    """A longer span is not the default that was asked for."""
    assert is_right("default", " lowest=0 ", "lowest=0")
    assert not is_right("default", "lowest=0, highest=10", "lowest=0")


def test_a_package_is_only_summarised_where_its_description_says_the_summary() -> None:
    """What cannot be known from the text is not asked."""
    question = of_package(package())
    assert question is not None
    assert question.answer == "Tools for numbers and words"
    silent = package(sources=())
    assert of_package(type(silent)("x", "1", silent.summary, "Nothing to see.")) is None


def test_the_first_sentence_of_a_docstring_is_one_line_without_markup() -> None:
    """Whatever its markup."""
    doc = "Give a :class:`~a.Thing` or\n``None``. See below.\n\nMore."
    assert first_sentence(doc) == "Give a a.Thing or None"


def test_an_installed_package_has_short_documented_functions_under_unique_names() -> None:
    """This environment is the data."""
    found = read_package("click")
    assert found is not None
    names = [each.name for each in found.functions]
    assert len(names) == len(set(names)) > 5
    assert all(each.doc and each.source in found.files[each.file] for each in found.functions)
    assert read_package("no-such-package-here") is None
