from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from hypernet.training.generators.code import tasks as code
from hypernet.training.generators.code.snippets import BUGS, TEMPLATES, snippet

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from hypernet.training.generators.code.snippets import Snippet, Template
    from hypernet.training.generators.common import Drawn, GeneratedTask

TASKS = {task.name: task for task in code.tasks()}
each_task = pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
PYTHON = TEMPLATES["python"]


def draws(task: GeneratedTask, count: int = 300, seed: int = 1) -> list[Drawn]:
    rng = random.Random(seed)  # noqa: S311  # sampling, not secrets
    return [task.draw(rng) for _ in range(count)]


def outcome(source: str, arguments: str) -> object:
    """What the Python function f gives for the arguments, or the type of its error."""
    space: dict[str, object] = {}
    # Endless loops of mutants end as an error of the counter.
    exec(compile(source.replace("while ", "while tick() and "), "f", "exec"), space)  # noqa: S102
    ticks = iter(range(1000))
    space["tick"] = lambda: next(ticks) >= 0
    try:
        return space["f"](*json.loads(arguments))  # type: ignore[operator]
    except Exception as error:
        return type(error)


def compiles(snippets: Sequence[Snippet], folder: Path) -> list[bool]:
    """For each Java snippet whether javac takes it, all in one call."""
    (folder / "ListNode.java").write_text("class ListNode{int val;ListNode next;}")
    (folder / "TreeNode.java").write_text("class TreeNode{int val;TreeNode left,right;}")
    for number, found in enumerate(snippets):
        text = re.sub(r"^class \w+", f"class S{number}", found.code)
        (folder / f"S{number}.java").write_text(f"import java.util.*;\n{text}")
    command = ["javac", "-Xmaxerrs", "9999", "-proc:none", "-d", str(folder / "out")]
    done = subprocess.run(
        [*command, *map(str, folder.glob("*.java"))], capture_output=True, text=True, check=False
    )
    failed = {int(number) for number in re.findall(r"S(\d+)\.java:\d+: error", done.stderr)}
    return [number not in failed for number in range(len(snippets))]


@pytest.mark.slow
@each_task
def test_every_label_is_drawn_about_equally_often(task: GeneratedTask) -> None:
    if task.labels:
        counts = [sum(d.output == label for d in draws(task, 900)) for label in task.labels]
        assert sum(counts) == 900
        assert min(counts) > 0.6 * 900 / len(counts)


def test_the_library_is_large_and_every_change_applies_to_its_function() -> None:
    assert sum(map(len, TEMPLATES.values())) >= 40
    for templates in TEMPLATES.values():
        for template in templates:
            assert template.logic
            assert all(old in template.code for old, _ in template.logic + template.reference)


@pytest.mark.parametrize("template", PYTHON, ids=[template.names[0] for template in PYTHON])
def test_a_logic_change_of_python_runs_to_another_result_and_a_reference_change_fails(
    template: Template,
) -> None:
    right = outcome(template.code.replace("FN", "f"), template.arguments)
    for old, new in template.logic:
        wrong = outcome(template.code.replace(old, new, 1).replace("FN", "f"), template.arguments)
        assert wrong != right
        assert not isinstance(wrong, type) or wrong is StopIteration
    for old, new in template.reference:
        wrong = outcome(template.code.replace(old, new, 1).replace("FN", "f"), template.arguments)
        assert wrong in (IndexError, KeyError)


@pytest.mark.parametrize("bug", ["", *BUGS])
def test_python_parses_unless_the_bug_is_one_of_syntax(bug: str) -> None:
    rng = random.Random(4)  # noqa: S311  # sampling, not secrets
    for _ in range(200):
        source = snippet(rng, "python", bug).code
        if bug == "syntax":
            with pytest.raises(SyntaxError):
                compile(source, "f", "exec")
        else:
            compile(source, "f", "exec")


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("javac"), reason="needs a Java compiler")
def test_java_compiles_unless_the_bug_is_one_of_syntax(
    tmp_path: Path,
) -> None:
    rng = random.Random(5)  # noqa: S311  # sampling, not secrets
    working = [snippet(rng, "java", bug) for bug in ("", "logic") for _ in range(40)]
    assert all(compiles(working, tmp_path))
    broken = [snippet(rng, "java", "syntax") for _ in range(40)]
    parsing = [s for s, fine in zip(broken, compiles(broken, tmp_path), strict=True) if fine]
    # Type errors only show once nothing else in the call fails to parse.
    for path in tmp_path.glob("S*.java"):
        path.unlink()
    assert not any(compiles(parsing, tmp_path))


def test_the_faulty_line_is_exactly_one_line_of_the_code() -> None:
    for drawn in draws(TASKS["code_faulty_line"]):
        assert [line.strip() for line in drawn.input.split("\n")].count(drawn.output) == 1
