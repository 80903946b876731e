"""The LangChain example without LangChain: its files, what is right, what must hold, refusals."""

from __future__ import annotations

import ast
import io
import json
import os
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from examples.agent.errors import ExampleError
from examples.langchain import install as installing
from examples.langchain.__main__ import PACKAGES, main
from examples.langchain.install import CONSTRAINTS, REQUIREMENTS, installed
from examples.langchain.job import Row, run_agent
from examples.langchain.report import Screen, checks_of, last_line
from examples.langchain.teaching import read_tasks
from examples.langchain.truth import KINDS, Package, read_packages

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "examples" / "langchain"
HTTPX = Package(
    name="httpx",
    summary="The next generation HTTP client.",
    licence="BSD-3-Clause",
    python=">=3.8",
)
posix = pytest.mark.skipif(os.name == "nt", reason="the programs that stand in are scripts")


def test_the_agent_is_fewer_than_40_lines_and_the_hook_needs_nothing_else_of_here() -> None:
    agent, hook = (
        (HERE / f"{name}.py").read_text(encoding="utf-8") for name in ("agent", "middleware")
    )
    assert sum(bool(line.strip()) for line in agent.splitlines()) < 40
    imported = [
        (node.module or "").partition(".")[0]
        for node in ast.walk(ast.parse(hook))
        if isinstance(node, ast.ImportFrom)
    ]
    assert set(imported) <= {*sys.stdlib_module_names, "langchain", "langchain_core", "langgraph"}


def test_what_is_required_is_pinned() -> None:
    required = re.findall(r"^([\w-]+)", REQUIREMENTS.read_text(encoding="utf-8"), re.MULTILINE)
    pins = dict(
        re.findall(r"^([\w-]+)==(\S+)$", CONSTRAINTS.read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert len(required) == 3
    assert pins.keys() >= set(required)
    assert pins["langchain"].startswith("1.")


def test_the_saved_tasks_answers_stand_in_their_inputs_and_the_plan_names_them() -> None:
    tasks = read_tasks()
    agent = (HERE / "agent.py").read_text(encoding="utf-8")
    assert {f"task:{task['name']}" for task in tasks} == set(re.findall(r"task:[\w-]+", agent))
    for task in tasks:
        assert len({each["input"] for each in task["examples"]}) == 16
        assert all(each["output"] in each["input"] for each in task["examples"])


def test_what_the_pages_tell_to_run_is_there() -> None:
    """Paths, modules, make targets and options of the README and the guide."""
    texts = [
        file.read_text(encoding="utf-8")
        for file in (HERE / "README.md", ROOT / "docs" / "langchain.md")
    ]
    commands = "\n".join(
        block
        for text in texts
        for block in re.findall(r"^```(?:sh)?\n(.*?)^```", text, re.M | re.S)
    )
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert all(f"\n{target}:" in makefile for target in re.findall(r"^make (\S+)", commands, re.M))
    for path in re.findall(r"examples/\S+\.txt", commands):
        assert (ROOT / path).is_file()
    for module in re.findall(r"-m (examples\.\S+)", commands):
        assert (ROOT / module.replace(".", "/")).is_dir()
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0


def test_the_help_names_the_options_that_the_readme_names(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    said = capsys.readouterr().out
    readme = (HERE / "README.md").read_text(encoding="utf-8")
    assert all(option in said for option in re.findall(r"--[a-z-]+", readme.partition("|")[0]))
    assert all(name in said for name in PACKAGES)


@pytest.mark.parametrize(
    ("kind", "output", "right"),
    [
        ("name", '{"package": "HTTPX"}', True),
        ("name", '{"package": "http"}', False),
        ("name", "httpx", False),
        ("oldest Python", "3.8", True),
        ("oldest Python", "3.8.0", True),
        ("oldest Python", "3", False),
        ("oldest Python", "3.80", False),
        ("licence", "BSD-3-Clause", True),
        ("licence", "BSD", False),
        ("purpose", "HTTP client", True),
        ("purpose", "The next generation HTTP client.", True),
        ("purpose", "httpx", False),
        ("purpose", "HTTP clients", False),
        ("purpose", "", False),
    ],
)
def test_the_metadata_confirms_what_is_right_alone(kind: str, output: str, right: bool) -> None:
    assert HTTPX.confirms(kind, output) is right


def test_what_the_metadata_does_not_say_is_not_judged() -> None:
    silent = replace(HTTPX, licence="", python="")
    assert silent.confirms("licence", "MIT") is None
    assert silent.confirms("oldest Python", "3.8") is None


def test_the_metadata_is_read_beside_the_python_that_is_named(tmp_path: Path) -> None:
    info = tmp_path / "lib" / "site-packages" / "a_b-1.0.dist-info"
    info.mkdir(parents=True)
    fields = (
        "Metadata-Version: 2.4\nName: a-b\nVersion: 1.0\nSummary: Does\n it all.\nLicense: MIT\n"
        "Classifier: Topic :: X\nClassifier: Development Status :: 4 - Beta\n"
        "Requires-Python: >=3.9, !=3.9.1\n\nIts readme.\n"
    )
    (info / "METADATA").write_text(fields, encoding="utf-8")
    python = tmp_path / "bin" / "python"
    (found,) = read_packages(python, ["A_B"])
    assert (found.summary, found.licence) == ("Does it all.", "MIT")
    assert found.expected("oldest Python") == "3.9"
    with pytest.raises(ExampleError, match="nothing-here is not installed beside LangChain"):
        read_packages(python, ["nothing-here"])


def rows() -> list[Row]:
    """A run over one package in which all is as it should be, but the last answer wrong."""
    outputs = ('{"package": "httpx"}', "3.8", "BSD-3-Clause", "tea")
    return [
        Row(
            step=n,
            package="httpx",
            asks=kind,
            task=f"task {n}",
            door="/v1" if n < 4 else "run_step",
            adapter=f"adapter-{n}",
            tool=None,
            output=output,
            expected=HTTPX.expected(kind),
            correct=HTTPX.confirms(kind, output),
            prompt_tokens=n,
        )
        for n, (kind, output) in enumerate(zip(KINDS, outputs, strict=True), 1)
    ]


def record(run: list[Row]) -> list[dict[str, Any]]:
    return [{"output": row.output, "adapter_digest": row.adapter} for row in run]


def test_a_good_run_holds_all_checks_and_counts_its_wrong_answer() -> None:
    run = rows()
    assert all(check.holds for check in checks_of(run, record(run)))
    assert last_line(run) == (
        "langchain: 4 steps, 3 by /v1 and 1 by MCP, 4 tasks, 4 adapters, answers confirmed 3 of 4"
    )


@pytest.mark.parametrize(
    ("spoil", "failing"),
    [
        (
            lambda run: [run[0], replace(run[1], adapter=run[0].adapter), *run[2:]],
            {"other weights than the step before", "weights of its own for each task"},
        ),
        (
            lambda run: [*run[:3], replace(run[3], task=run[0].task)],
            {"weights of its own for each task"},
        ),
        (
            lambda run: [*run[:3], replace(run[3], adapter=None)],
            {"other weights than the step before"},
        ),
    ],
    ids=["the same twice", "two for one task", "none"],
)
def test_weights_that_do_not_change_are_found(
    spoil: Callable[[list[Row]], list[Row]], failing: set[str]
) -> None:
    run = spoil(rows())
    assert {check.name for check in checks_of(run, record(run)) if not check.holds} == failing


def test_a_step_that_the_server_did_not_record_is_found() -> None:
    run = rows()
    for recorded in (record(run)[:3], [*record(run)[:3], {"output": "x", "adapter_digest": "y"}]):
        (missing,) = (check for check in checks_of(run, recorded) if not check.holds)
        assert missing.said == "3 of 4"


def test_the_screen_prints_each_step_once_then_the_checks_and_the_line_for_machines() -> None:
    file, run = io.StringIO(), rows()
    with Screen(Console(file=file, width=120, highlight=False)) as screen:
        for _ in range(2):
            screen.learning("learning [tone]: trained")
        for row in run:
            screen.finished(row)
        screen.summary(run, checks_of(run, record(run)[:3]))
    text = file.getvalue()
    lines = text.splitlines()
    assert "\x1b" not in text
    assert lines[0] == "     -- the server learns the saved tasks, once: some minutes"
    assert lines[1].split() == ["step", "package", "task", "door", "weights", "right", "answer"]
    assert lines[3].split() == ["2", "httpx", "task", "2", "/v1", "adapter-", "right", "3.8"]
    assert lines[5].split()[-2:] == ["WRONG", "tea"]
    assert [line.partition(" ")[0] for line in lines[7:10]] == ["ok", "ok", "FAILED"]
    assert lines[10:] == [last_line(run)]


def script(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return file


@posix
def test_packages_that_cannot_be_had_are_told_in_pips_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "langchain"
    script(folder / "bin" / "python", "echo 'ERROR: No matching distribution'; exit 1")
    assert main(["--folder", str(folder), "--install-only"]) == 1
    said = capsys.readouterr().err
    log = folder / "pip.log"
    assert said == (
        f"langchain: failed: LangChain cannot be installed: No matching distribution ({log})\n"
    )
    assert installed(folder) is None


@posix
def test_an_environment_of_other_pins_is_brought_up_to_date_and_a_good_one_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, calls = tmp_path / "langchain", tmp_path / "calls"
    script(folder / "bin" / "python", f"echo $@ >> {calls}")
    for _ in range(2):
        assert main(["--folder", str(folder), "--install-only"]) == 0
    assert len(calls.read_text().splitlines()) == 1
    pins = tmp_path / "constraints.txt"
    pins.write_text("langchain==1.9.9\n")
    monkeypatch.setattr(installing, "CONSTRAINTS", pins)
    assert installed(folder) is None
    assert main(["--folder", str(folder), "--install-only"]) == 0
    assert str(pins) in calls.read_text().splitlines()[1]


@posix
def test_an_agent_that_fails_is_quoted_with_its_log(tmp_path: Path) -> None:
    traceback = "    | examples.langchain.middleware.StepError: step 1: no\n    +-----------------"
    python = script(tmp_path / "bin" / "python", f"echo '{traceback}' >&2; exit 1")
    log = tmp_path / "agent.log"
    with pytest.raises(ExampleError, match=r"the agent: \S+StepError: step 1: no \(.*agent\.log\)"):
        run_agent(python, "http://127.0.0.1:1", [HTTPX], log, lambda row: None)


@posix
def test_an_agent_that_stops_early_is_no_success(tmp_path: Path) -> None:
    taken = {
        "step": 1, "task": "t", "door": "/v1", "adapter": "a", "tool": None, "output": "x",
        "prompt_tokens": 3,
    }  # fmt: skip
    python = script(tmp_path / "bin" / "python", f"echo '{json.dumps(taken)}'")
    seen: list[Row] = []
    with pytest.raises(ExampleError, match="the agent took 1 steps of 4"):
        run_agent(python, "http://127.0.0.1:1", [HTTPX], tmp_path / "log", seen.append)
    assert [(row.package, row.asks, row.correct) for row in seen] == [("httpx", "name", False)]


def test_a_json_file_that_cannot_be_written_is_refused_before_anything_is_installed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "langchain"
    assert main(["--folder", str(folder), "--json", str(tmp_path / "none" / "run.json")]) == 1
    assert "there is no such folder" in capsys.readouterr().err
    assert not folder.exists()
