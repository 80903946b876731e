"""The `hypernet` command on a tiny base: tasks on inputs, checks before training, adapter files."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from hypernet.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


def invoke(*args: object, given: str | bytes | None = None, charset: str = "utf-8") -> Result:
    return CliRunner(charset=charset).invoke(main, [str(arg) for arg in args], input=given)


@pytest.fixture
def on_tiny_base(base_folder: Path, tmp_path: Path) -> list[object]:
    return ["--base", base_folder, "--cache", tmp_path]


def test_a_task_runs_on_arguments_in_order(on_tiny_base: list[object]):
    task = ["run", "--task", "Choose.", "--label", "a", "--label", "b", "--json"]
    done = invoke(*task, *on_tiny_base, "first", "second")
    assert done.exit_code == 0, done.output
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["input"] for row in rows] == ["first", "second"]
    assert all(row["output"] in ("a", "b") for row in rows)
    assert all(row["confidence"] == row["shares"][row["output"]] for row in rows)
    assert all(sum(row["shares"].values()) == pytest.approx(1) for row in rows)
    assert {row["mode"] for row in rows} == {"prompted"}


def test_the_answer_is_a_label_as_it_was_given_and_none_may_read_the_same(
    on_tiny_base: list[object],
):
    task = ["run", "--task", "Choose.", "--label", "a  b"]
    done = invoke(*task, "--label", "\tc", "--json", *on_tiny_base, "first")
    same = invoke(*task, "--label", "a b", *on_tiny_base, "first")
    row = json.loads(done.stdout)
    assert row["output"] in ("a  b", "\tc")
    assert 0 < row["confidence"] <= 1
    assert same.exit_code != 0
    assert "--label: the same label is given twice, as number 1 and number 2" in same.output


def test_inputs_come_from_a_pipe_or_a_file_too_and_blank_ones_are_told(
    on_tiny_base: list[object], tmp_path: Path
):
    file = tmp_path / "inputs.txt"
    file.write_text("\none\n \t\ntwo\n\u3000\n")
    task = ["run", "--task", "Say.", "--max-tokens", "2", "--json", *on_tiny_base]
    piped = invoke(*task, given="one\ntwo\n")
    filed = invoke(*task, "--file", file)
    given = invoke(*task, "one", " ", "two", "")
    assert {done.exit_code for done in (piped, filed, given)} == {0}
    assert len(piped.stdout.splitlines()) == 2
    assert filed.stdout == given.stdout == piped.stdout
    assert "blank" not in piped.stderr
    told = [f"line {n}: is blank, left out" for n in (1, 3, 5)]
    assert filed.stderr.splitlines()[:3] == told
    assert "input 2: is blank, left out\ninput 4: is blank, left out\n" in given.stderr


@pytest.mark.parametrize("args", [(" ",), ("", "\n")])
def test_blank_inputs_alone_are_told_as_no_input(args: tuple[str, ...]):
    done = invoke("run", "--task", "Say.", *args, given="more")
    assert done.exit_code == 2
    assert "no input" in done.stderr


SAY = ["run", "--task", "Say.", "--max-tokens", "2", "--json"]


@pytest.mark.parametrize("piped", [True, False])
@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (b"word " * 9000, "prompt tokens and --max-tokens 2 make"),
        ("Düsseldorf".encode("latin-1"), "is not UTF-8 (byte 0xfc at 2); save the text as UTF-8"),
        (b"\xff", "is not UTF-8 (byte 0xff at 1)"),
        (b"half \xe2\x82", "is not UTF-8"),
        (b"a\0b", "holds NUL or half characters"),
        (b"\xed\xa0\x80", "is not UTF-8"),
    ],
)
def test_a_line_that_cannot_be_answered_is_told_by_its_number_and_the_others_are_answered(
    on_tiny_base: list[object], bad: bytes, why: str, piped: bool, tmp_path: Path
):
    data = b"first\n\n" + bad + b"\nlast\n"
    (file := tmp_path / "lines").write_bytes(data)
    args = [*SAY, *on_tiny_base]
    done = invoke(*args, given=data) if piped else invoke(*args, "--file", file)
    assert done.exit_code == 1
    assert [json.loads(line)["input"] for line in done.stdout.splitlines()] == ["first", "last"]
    (told,) = [line for line in done.stderr.splitlines() if line.startswith("line 3: ")]
    assert why in told
    assert "1 of 3 inputs were not answered" in done.stderr
    assert isinstance(done.exception, SystemExit)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-32"])
def test_lines_in_an_encoding_that_they_name_by_its_mark_are_read(
    on_tiny_base: list[object], encoding: str
):
    text = "erste Zeile: Düsseldorf\r\n漢字 😀\n"
    done = invoke(*SAY, *on_tiny_base, given=text.encode(encoding))
    assert done.exit_code == 0, done.stderr
    inputs = [json.loads(line)["input"] for line in done.stdout.splitlines()]
    assert inputs == ["erste Zeile: Düsseldorf", "漢字 😀"]


def test_a_text_of_half_characters_keeps_its_whole_lines(on_tiny_base: list[object]):
    done = invoke(*SAY, *on_tiny_base, given="one\ntwo".encode("utf-16")[:-1])
    assert done.exit_code == 1
    assert [json.loads(line)["input"] for line in done.stdout.splitlines()] == ["one"]
    assert "line 2: holds NUL or half characters" in done.stderr


def test_an_argument_that_is_too_long_is_told_and_the_others_are_answered(
    on_tiny_base: list[object],
):
    done = invoke(*SAY, *on_tiny_base, "one", "word " * 9000, "three")
    assert done.exit_code == 1
    assert [json.loads(line)["input"] for line in done.stdout.splitlines()] == ["one", "three"]
    assert "input 2: " in done.stderr


@pytest.mark.parametrize(
    "args", [("--task", "\udcfc"), ("--label", "\udcfc"), ("--example", "a", "\udcfc"), ("\udcfc",)]
)
def test_an_argument_whose_bytes_are_no_text_is_refused_by_its_name(args: tuple[str, ...]):
    done = invoke("run", "--task", "Say.", *args)
    assert done.exit_code == 2
    assert "holds bytes that are not UTF-8" in done.output
    assert (args[0] if args[0].startswith("--") else "INPUTS") in done.output


@pytest.mark.parametrize("charset", ["cp1252", "latin-1", "ascii"])
def test_output_never_fails_on_what_the_terminal_cannot_show(
    on_tiny_base: list[object], charset: str
):
    text = "漢字 😀 ü"
    done = invoke(*SAY, *on_tiny_base, text, charset=charset)
    assert done.exit_code == 0, done.exception
    assert json.loads(done.stdout)["input"] == text
    plain = ["run", "--task", "Say.", "--label", "漢字", "--label", "😀"]
    done = invoke(*plain, *on_tiny_base, "x", charset=charset)
    assert done.exit_code == 0, done.exception
    assert done.stdout.strip() in (r"\u6f22\u5b57", r"\U0001f600")


NAMES_OF_TOOLS = ("max_tokens", "labels:", "labels[", "remember", "HYPERNET_MCP_")


@pytest.mark.parametrize(
    "args",
    [
        ("--label", "a"),
        ("--label", "a", "--label", " "),
        ("--label", "a", "--label", "a"),
        ("--max-tokens", "2048", "word " * 9000),
        ("--copy", "--label", "a", "--label", "b"),
        ("--example", "i", "c", "--label", "a", "--label", "b"),
    ],
)
def test_errors_name_the_options_of_the_shell_and_not_the_arguments_of_tools(
    on_tiny_base: list[object], args: tuple[str, ...]
):
    done = invoke("run", "--task", "Say.", *on_tiny_base, *args, "x")
    assert done.exit_code > 0
    assert "--" in done.stderr
    assert not [word for word in NAMES_OF_TOOLS if word in done.stderr], done.stderr


def test_a_device_that_cannot_be_used_is_refused_with_the_option(
    on_tiny_base: list[object], encoder_folder: Path, tmp_path: Path
):
    row = {"task": "t", "definition": "Do.", "instances": [{"input": "i", "output": ["o"]}] * 3}
    (tasks := tmp_path / "tasks.jsonl").write_text(json.dumps(row))
    done = invoke(
        "evaluate", "--tasks", tasks, "--arms", "base", "--device", "foo", *on_tiny_base,
        "--encoder", encoder_folder,
    )  # fmt: skip
    assert done.exit_code == 1
    assert "--device cpu" in done.stderr
    assert not [word for word in NAMES_OF_TOOLS if word in done.stderr], done.stderr


ESCAPED = {"PYTHONIOENCODING": "ascii"}


@pytest.mark.parametrize("env", [ESCAPED, {"LC_ALL": "C"}])
@pytest.mark.parametrize(
    "args",
    [
        ("run", "--task", "Say.", "漢字 é", "--label", "漢字", "--label", "😀"),
        ("run", "--task", "Say.", "漢字 é", "--json", "--max-tokens", "2"),
        ("run", "--task", "Say.", "--file", "漢字 é"),
        ("漢字 é",),
        ("run", "--漢字"),
        ("--help",),
        ("run", "--help"),
    ],
)
def test_a_terminal_of_ascii_gets_nothing_else(
    on_tiny_base: list[object], env: dict[str, str], args: tuple[str, ...]
):
    runs = args[:1] == ("run",) and "--help" not in args
    program = "from hypernet.cli.main import main; main(prog_name='hypernet')"
    command = [sys.executable, "-c", program, *args, *map(str, on_tiny_base * runs)]
    unset = ("PYTHONIOENCODING", "PYTHONUTF8", "LC_ALL")
    others = {name: value for name, value in os.environ.items() if name not in unset}
    done = subprocess.run(command, env=others | env, capture_output=True, check=False)
    assert (done.stdout + done.stderr).isascii()
    assert b"Traceback" not in done.stderr
    assert done.returncode == (0 if "--help" in args or args[3:4] == ("漢字 é",) else 2)


def test_more_inputs_than_the_engine_lets_wait_are_all_answered(on_tiny_base: list[object]):
    task = ["run", "--task", "Say.", "--max-tokens", "1", "--json", *on_tiny_base]
    texts = [f"line {n}" for n in range(300)]
    done = invoke(*task, given="\n".join(texts))
    assert done.exit_code == 0, done.output
    assert [json.loads(line)["input"] for line in done.stdout.splitlines()] == texts


def test_copied_outputs_are_spans_with_their_place(on_tiny_base: list[object]):
    text = "order 7741920 of May"
    shown = ["--example", "order 12 of June", "12", "--example", "order 3 of July", "3"]
    task = ["run", "--task", "Say.", "--max-tokens", "30", "--json", *on_tiny_base]
    for asked in (["--copy"], shown):
        (row,) = map(json.loads, invoke(*task, *asked, text).stdout.splitlines())
        start, end = row["span"]
        assert text[start:end] == row["output"] != ""
    (free,) = map(json.loads, invoke(*task, *shown, "--no-copy", text).stdout.splitlines())
    assert "span" not in free
    assert free["output"] not in text
    both = invoke(*task, "--copy", "--label", "a", "--label", "b", text)
    assert both.exit_code == 2
    assert "either --label or --copy" in both.output


def test_no_input_at_all_is_told(on_tiny_base: list[object]):
    done = invoke("run", "--task", "Say.", *on_tiny_base, given="")
    assert done.exit_code == 2
    assert "no input" in done.output


def test_a_refused_request_is_told_without_a_stack(on_tiny_base: list[object]):
    done = invoke("run", "--task", "Say.", "--label", "only", *on_tiny_base, "x")
    assert done.exit_code == 1
    assert "--label: 1 given" in done.output


def test_an_example_whose_output_is_no_label_is_refused():
    labels = ["--label", "a", "--label", "b"]
    done = invoke("run", "--task", "Say.", *labels, "--example", "i", "c", "x")
    assert done.exit_code == 2
    assert "--example: 'c' is none of the labels" in done.output


def test_generate_without_a_hypernetwork_for_the_base_is_told(on_tiny_base: list[object]):
    done = invoke("generate", "--task", "Say.", *on_tiny_base)
    assert done.exit_code == 1
    assert "no hypernetwork" in done.output


def test_a_dry_run_of_training_counts_tasks_and_trains_nothing(tmp_path: Path):
    tasks = tmp_path / "tasks.jsonl.gz"
    row = {"task": "t", "definition": "Do.", "instances": [{"input": "i", "output": ["o"]}] * 3}
    tasks.write_bytes(gzip.compress(json.dumps(row).encode()))
    config = tmp_path / "run.toml"
    config.write_text(
        f'name = "r"\nbase = "{tmp_path}"\n'
        f'[[train]]\ntasks = "{tasks}"\n[[dev]]\ntasks = "{tasks}"\n'
    )
    done = invoke("train", config, "--dry-run", "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert "1 tasks, 3 instances" in done.output
    assert not (tmp_path / "out").exists()


def test_a_bad_training_setting_is_named(tmp_path: Path):
    config = tmp_path / "run.toml"
    config.write_text('name = "r"\nlearning_speed = 3\n')
    done = invoke("train", config)
    assert done.exit_code == 1
    assert "learning_speed" in done.output


def test_a_missing_source_of_training_is_named_by_its_setting(tmp_path: Path):
    tasks = tmp_path / "tasks.jsonl"
    row = {"task": "t", "definition": "Do.", "instances": [{"input": "i", "output": ["o"]}]}
    tasks.write_text(json.dumps(row))
    config = tmp_path / "run.toml"
    for setting in (f'tasks = "{tasks}"\nwordings = "gone.jsonl"', 'tasks = "gone.jsonl"'):
        config.write_text(f'name = "r"\n[[train]]\ntasks = "{tasks}"\n[[train]]\n{setting}\n')
        done = invoke("train", config, "--dry-run")
        assert done.exit_code == 1
        name = setting.splitlines()[-1].split()[0]
        assert f"train[1].{name}: gone.jsonl does not exist" in done.output


def test_the_version_is_the_distributions():
    assert version("hypernet-mcp") in invoke("--version").output


@pytest.mark.parametrize("command", ["run", "generate"])
@pytest.mark.parametrize("task", ["", " \n"])
def test_an_empty_task_is_refused(command: str, task: str):
    done = invoke(command, "--task", task, *(["x"] if command == "run" else []))
    assert done.exit_code == 2
    assert "'--task': must not be empty" in done.output


def test_generate_refuses_a_label_alone_as_run_does():
    done = invoke("generate", "--task", "Say.", "--label", "a")
    assert done.exit_code == 1
    assert "--label: 1 given" in done.output


def test_a_small_adapter_has_its_size_in_kb(
    on_tiny_base: list[object], encoder_folder: Path, hypernetwork: Path, tmp_path: Path
):
    weights = ["--encoder", encoder_folder, "--hypernetwork", hypernetwork]
    out = tmp_path / "adapter"
    done = invoke("generate", "--task", "Say.", *on_tiny_base, *weights, "--out", out)
    assert done.exit_code == 0, done.output
    (size,) = re.findall(r"rank \d+, ([0-9.]+) kB", done.stdout)
    assert float(size) > 0
    assert (out / "adapter_config.json").is_file()


@pytest.mark.parametrize(
    ("args", "option"),
    [
        (("run", "--task", "Say.", "x", "--cache", "FILE"), "--cache"),
        (("generate", "--task", "Say.", "--cache", "FILE"), "--cache"),
        (("generate", "--task", "Say.", "--out", "FILE"), "--out"),
        (("inspect", ".", "--cache", "FILE"), "--cache"),
        (("train", "FILE", "--out", "FILE"), "--out"),
        (("run", "--task", "Say.", "x", "--cache", "FILE/below"), "--cache"),
        (("generate", "--task", "Say.", "--out", "FILE/below"), "--out"),
    ],
)
def test_a_path_that_does_not_work_is_told_with_its_option(
    args: tuple[str, ...],
    option: str,
    base_folder: Path,
    encoder_folder: Path,
    hypernetwork: Path,
    tmp_path: Path,
):
    file = tmp_path / "file"
    file.write_text('name = "r"\n')
    given = [arg.replace("FILE", str(file)) for arg in args]
    if args[-1].endswith("below") and option == "--cache":
        base = tmp_path / "model.gguf"  # only a conversion writes into the cache
        base.touch()
        given += ["--base", str(base)]
    elif args[-1].endswith("below"):
        given += ["--base", str(base_folder), "--cache", str(tmp_path)]
        given += ["--encoder", str(encoder_folder), "--hypernetwork", str(hypernetwork)]
    done = invoke(*given)
    assert done.exit_code in (1, 2)
    assert option in done.output
    assert str(file) in done.output.replace("\n", "")
    assert isinstance(done.exception, SystemExit)


def test_a_path_that_begins_with_the_users_home_is_there(
    on_tiny_base: list[object],
    encoder_folder: Path,
    hypernetwork: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    weights = ["--encoder", encoder_folder, "--hypernetwork", hypernetwork]
    done = invoke("generate", "--task", "Say.", *on_tiny_base, *weights, "--out=~/adapter")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "adapter" / "adapter_config.json").is_file()
    assert not (tmp_path / "~").exists()


@pytest.mark.parametrize("name", ["adapter_config.json", "adapter_model.safetensors"])
def test_inspect_names_a_file_that_only_points_to_another(
    on_tiny_base: list[object], name: str, tmp_path: Path
):
    config = {"peft_type": "LORA", "r": 4, "target_modules": ["q_proj"]}
    (tmp_path / "adapter_config.json").write_text(json.dumps(config))
    (tmp_path / "adapter_model.safetensors").write_text("{}")
    (tmp_path / name).write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
    done = invoke("inspect", tmp_path, "--any-base", *on_tiny_base)
    assert done.exit_code == 1
    assert f"{tmp_path / name} is a Git LFS pointer" in done.output


def test_inspect_refuses_a_folder_that_is_no_adapter(on_tiny_base: list[object], tmp_path: Path):
    done = invoke("inspect", tmp_path, *on_tiny_base)
    assert done.exit_code == 1
    assert "adapter_config.json is missing" in done.output
