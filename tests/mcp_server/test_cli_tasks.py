"""`hypernet-mcp tasks`: what each command reads, prints, changes and refuses."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result
from rich.cells import cell_len

from checkpoints import StepDraft, Store, TaskDefinition, TaskExample
from mcp_server.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

LABELS = ("billing", "shipping")
# The first word tells the label, and no input holds a label: the echo engine gets half right.
PAIRS = [(f"{('money', 'parcel')[n % 2]} question number {n}", LABELS[n % 2]) for n in range(16)]
TASK = ("--task", "Sort by topic.", "--label", "billing", "--label", "shipping")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HYPERNET_MCP_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def invoke(database: Path, *args: str, status: int = 0) -> Result:
    command = ["--database", str(database), "--engine", "echo", "tasks", *args]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == status, done.output
    assert "Traceback" not in done.output
    return done


def parsed(database: Path, *args: str, status: int = 0) -> Any:
    return json.loads(invoke(database, *args, "--json", status=status).stdout)


def csv_file(path: Path, rows: list[tuple[str, str]], head: str = "input,output") -> str:
    path.write_text("\n".join([head, *(f"{a},{b}" for a, b in rows)]) + "\n")
    return str(path)


@pytest.fixture
def tickets(database: Path, tmp_path: Path) -> str:
    """A task of sixteen examples, added by the shell."""
    file = csv_file(tmp_path / "tickets.csv", PAIRS)
    invoke(database, "add", "tickets", file, *TASK, "--ask-below", "0.8")
    return file


@pytest.mark.parametrize("name", ["t.csv", "t.tsv", "t.jsonl", "t.json", "folder", "semicolons"])
def test_examples_are_read_from_csv_json_lines_and_the_folders_of_training(
    database: Path, tmp_path: Path, name: str
) -> None:
    file = tmp_path / name
    lines = "".join(json.dumps({"input": a, "output": [b, "more"]}) + "\n" for a, b in PAIRS)
    more: tuple[str, ...] = TASK
    if name == "folder":
        (file / "tickets").mkdir(parents=True)
        about = "description: Sort by topic.\nlabels: [billing, shipping]\n"
        (file / "tickets" / "task.yaml").write_text(about)
        (file / "tickets" / "one.jsonl").write_text(lines)
        more = ()
    elif name.startswith("t.json"):
        file.write_text(lines)
    else:
        mark = {"t.csv": ",", "t.tsv": "\t", "semicolons": ";"}[name]
        rows = [f"Label{mark}TEXT{mark}n", *(f'{b}{mark}"{a}"{mark}1' for a, b in PAIRS)]
        file.write_text("\r\n".join(rows), encoding="utf-8-sig")
    planned = parsed(database, "add", "tickets", str(file), *more, "--dry-run")
    assert not database.exists()
    added = parsed(database, "add", "tickets", str(file), *more)
    assert (added["examples"], added["problems"], added["labels"]) == (
        16, [], {"billing": 8, "shipping": 8},
    )  # fmt: skip
    assert planned == added | {"dry_run": True, "version": None}
    with Store.open_reader(database) as store:
        version = store.tasks.get("tickets")
    assert [(each.input, each.output) for each in version.examples] == PAIRS
    assert (version.definition.description, version.definition.labels) == (TASK[1], LABELS)


BAD = """input,output
one,billing
two,other
,billing
three,billing,more
one,shipping
one, shipping
four,Shipping
"""


def test_a_dry_run_tells_lines_that_are_none_and_why_and_contradictions(
    database: Path, tmp_path: Path
) -> None:
    (file := tmp_path / "bad.csv").write_text(BAD)
    told = parsed(database, "add", "new", str(file), *TASK, "--dry-run")
    assert [(each["where"], each["why"]) for each in told["problems"]] == [
        ("bad.csv line 3", "'other' is none of the labels ('billing', 'shipping')"),
        ("bad.csv line 4", "input is empty"),
        ("bad.csv line 5", "has 3 columns, the first line 2"),
        ("bad.csv line 8", "'Shipping' is none of the labels ('billing', 'shipping')"),
    ]
    assert [(e["where"], e["output"], e["earlier"]) for e in told["contradictions"]] == [
        ("bad.csv line 6", "shipping", "bad.csv line 2"),
        ("bad.csv line 7", "shipping", "bad.csv line 2"),
    ]
    assert (told["read"], told["examples"]) == (3, 1)
    shown = invoke(database, "add", "new", str(file), *TASK, "--dry-run").output
    assert "4 lines are no examples:\n    bad.csv line 3: 'other' is none" in shown
    assert "2 contradict an earlier one" in shown
    assert not database.exists()


def test_bad_lines_are_refused_as_a_whole_or_left_out_when_asked(
    database: Path, tmp_path: Path
) -> None:
    (file := tmp_path / "bad.csv").write_text(BAD)
    refused = invoke(database, "add", "new", str(file), *TASK, status=2).output
    assert "bad.csv line 4: input is empty" in refused
    assert "SOURCE: nothing was changed" in refused
    assert not database.exists()
    assert parsed(database, "add", "new", str(file), *TASK, "--skip-bad")["examples"] == 1


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        ("a,b\nx,y\n", (), "has no 'input', but 'a', 'b'; give --input-column"),
        ("input,b\nx,y\n", (), "has no 'output', but 'input', 'b'; give --output-column"),
        ("input,output\nx,y\n", ("--input-column", "q"), "has no 'q'"),
        ("input,input\nx,y\n", (), "names a column twice"),
        ("", (), "holds no example"),
        ("input,output\nx,\xff\n", (), "line 2: is not UTF-8"),
        ('input,output\n"x,y\n', (), "is not CSV from here on"),
        (f"input,output\n{'x' * 200_000},y\nx,y\n", (), "input has 200000 characters, the limit"),
        ('{"input": 1, "output": "y"}', (), "input must be a text"),
        ('{"input": "x", "output": []}', (), "output must be a text"),
        ('{"input": "x"', (), "is not JSON"),
        ('{"input": "' + "x" * 9_000 + '", "output": "y"}', (), "has 9000 characters, the limit"),
        ('{"input": "\\ud83d", "output": "y"}', (), "input holds"),
    ],
)  # fmt: skip
def test_a_file_of_another_form_is_refused_in_plain_words(
    database: Path, tmp_path: Path, content: str, options: tuple[str, ...], message: str
) -> None:
    (file := tmp_path / "some.txt").write_bytes(content.encode("latin-1"))
    done = invoke(database, "add", "new", str(file), "--task", "Do.", *options, status=2)
    assert message in done.output
    assert not database.exists()


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("new", (), "--task: a new task needs it"),
        ("../x", ("--task", "Do."), "NAME: "),
        ("new", ("--task", "Do.", "--label", "one"), "--label: "),
        ("new", ("--task", "Do.", "--label", "a", "--outputs-are-labels"), "give either"),
        ("new", ("--task", "D" * 9_000), "--task: 9000 characters"),
        ("new", ("--task", "Do.", "--ask-below", "2"), "--ask-below"),
        ("new", ("--task", "Do.", "--input-column", "b"), "give --input-column"),
        ("alice/new", ("--task", "Do."), "NAME: there is no task 'alice/new'"),
        ("new", ("--task", "Do."), "SOURCE: 300 examples, the limit is 256"),
    ],
)
@pytest.mark.parametrize("dry_run", [(), ("--dry-run",)])
def test_what_cannot_be_added_is_refused_by_its_option_in_dry_runs_too(
    database: Path,
    tmp_path: Path,
    name: str,
    options: tuple[str, ...],
    message: str,
    dry_run: tuple[str, ...],
) -> None:
    invoke(database, "add", "there", csv_file(tmp_path / "one.csv", PAIRS), *TASK)
    file = csv_file(tmp_path / "many.csv", [(f"input {n}", "x") for n in range(300)])
    assert message in invoke(database, "add", name, file, *options, *dry_run, status=2).output
    assert [each["name"] for each in parsed(database, "list")] == ["there"]


def test_more_examples_follow_and_replace_stands_in_for_those_given_before(
    database: Path, tmp_path: Path, tickets: str
) -> None:
    more = csv_file(tmp_path / "more.csv", [("my parcel", "shipping"), ("my money", "billing")])
    again = invoke(database, "add", "tickets", tickets)
    assert "nothing changed" in again.output
    assert parsed(database, "add", "tickets", more)["examples"] == 18
    for dry_run in ("--dry-run", "--json"):  # the second one does it
        args = ("add", "tickets", more, "--replace", "--first", "1", dry_run)
        assert parsed(database, *args)["examples"] == 1
    shown = parsed(database, "show", "tickets")
    assert (shown["version"], shown["ask_below"], shown["labels"]) == (3, 0.8, list(LABELS))
    back = parsed(database, "go-back", "tickets", "1")
    assert (back["version"], back["examples"]) == (1, 16)
    refused = invoke(database, "go-back", "tickets", "9", status=2).output
    assert "VERSION: there is no version 9 of task 'tickets'" in refused


def test_what_corrections_brought_stays_when_examples_are_replaced(
    database: Path, tmp_path: Path, tickets: str
) -> None:
    corrected(database)
    more = csv_file(tmp_path / "more.csv", [("my money", "billing")])
    planned = parsed(database, "add", "tickets", more, "--replace", "--dry-run")
    assert parsed(database, "add", "tickets", more, "--replace")["examples"] == 2
    assert planned["examples"] == 2


def corrected(database: Path) -> None:
    """Two steps of the task, one of which asked, was wrong and was corrected."""
    with Store.open(database) as store:
        handle = store.create_session().id
        digest = store.tasks.get("tickets").digest
        for n in (1, 2):
            draft = StepDraft(
                f"zebra {n}", "billing", {}, "adapter", None, {}, task_version=digest,
                needs_review=n == 1,
            )  # fmt: skip
            store.append_step(handle, draft)
        store.tasks.correct(handle, 1, "shipping")


def test_show_tells_how_good_each_way_is_and_how_steps_fare(database: Path, tickets: str) -> None:
    invoke(database, "learn", "tickets")
    corrected(database)
    shown = parsed(database, "show", "tickets")
    ways = {each["way"]: (each["right"], each["asked"]) for each in shown["quality"]["ways"]}
    assert (ways["prompted"], ways["words"]) == ((8, 16), (16, 16))
    (day,) = shown["counts"]["days"]
    assert day | {"day": ""} == {
        "day": "", "steps": 2, "asked": 1, "corrected": 1, "confirmed": 0,
    }  # fmt: skip
    assert [each["number"] for each in shown["versions"]] == [2, 1]
    text = invoke(database, "show", "tickets").output
    assert re.search(r"prompted +\S 8/16 +\S 0.50 +\S 0.28 to 0.72", text)
    assert "ask below  0.80" in text
    assert re.search(r"in all +\S 2 +\S 1 +\S 1 +\S 0", text)
    assert max(map(cell_len, text.splitlines())) <= 80


def test_list_tells_how_each_task_is_served(database: Path, tickets: str) -> None:
    assert "version 1, 16 examples, not measured yet" in invoke(database, "list").output
    invoke(database, "learn", "tickets")
    (line,) = parsed(database, "list")
    text = invoke(database, "list").output
    assert (line["name"], line["examples"], line["serving"]) == ("tickets", 16, "both")
    assert f"served by both, expected accuracy {line['expected_accuracy']:.2f}" in text


@pytest.mark.parametrize("charset", ["utf-8", "ascii"])
def test_no_line_is_wider_than_a_terminal_whatever_a_task_is_called(
    database: Path, tmp_path: Path, charset: str
) -> None:
    name, text = "漢字の契約" * 12, "שלום \x1b[31m " * 60
    with Store.open(database) as store:
        own = store.visible_to("契約部の" * 20)
        definition = TaskDefinition(text, ("漢字 " * 20, "b" * 190))
        own.tasks.save(name, definition, [TaskExample(text, "b" * 190)])
        owner = own.tasks.get(name).owner
    runner = CliRunner(charset=charset, env={"COLUMNS": "80"})
    for args in (("list",), ("show", f"{owner}/{name}")):
        done = runner.invoke(main, ["--database", str(database), "tasks", *args])
        assert done.exit_code == 0, done.output
        assert max(map(cell_len, done.output.splitlines())) <= 80
        assert "\x1b" not in done.output


def test_learning_shows_a_table_and_a_second_time_changes_nothing(
    database: Path, tickets: str, cache: Path
) -> None:
    planned = parsed(database, "learn", "tickets", "--dry-run")
    assert (planned["turns"], planned["questions"], planned["examples"]) == (4, 64, 16)
    assert planned["seconds"] >= 0
    assert parsed(database, "show", "tickets")["quality"] is None
    text = invoke(database, "learn", "tickets").output
    assert "tickets version 1: learned, 16 examples" in text
    assert "* serves: expected accuracy 0.94" in text
    assert list((cache / "learning").rglob("*.json")) == []
    assert "nothing changed" in invoke(database, "learn", "tickets").output
    assert parsed(database, "learn", "tickets", "--dry-run")["would_change"] is False
    assert parsed(database, "learn", "tickets")["changed"] is False


def test_learning_that_was_interrupted_goes_on_where_it_stopped(
    database: Path, tickets: str, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hypernet.engine.echo import EchoEngine

    asked: list[str] = []
    submit = EchoEngine.submit

    def interrupted(engine: EchoEngine, request: Any) -> Any:
        asked.append(request.input)
        if len(asked) == 40:
            raise KeyboardInterrupt
        return submit(engine, request)

    monkeypatch.setattr(EchoEngine, "submit", interrupted)
    done = invoke(database, "learn", "tickets", status=130)
    assert "stopped; the same command goes on from here" in done.output
    assert parsed(database, "show", "tickets")["quality"] is None
    invoke(database, "learn", "tickets")
    # What was asked of the way that was interrupted is asked again, nothing else.
    assert 64 < len(asked) <= 64 + 4
    monkeypatch.undo()
    monkeypatch.setenv("HYPERNET_MCP_CACHE", str(cache))
    assert parsed(database, "show", "tickets")["quality"]["serving"] == "both"


def test_too_few_examples_are_not_learned_and_the_refusal_says_how_many(
    database: Path, tmp_path: Path
) -> None:
    file = csv_file(tmp_path / "few.csv", PAIRS[:3])
    told = invoke(database, "add", "few", file, *TASK).output
    assert "from 8 on it can be measured" in told
    for more in ((), ("--dry-run",)):
        refused = invoke(database, "learn", "few", *more, status=2).output
        assert "NAME: task 'few' has 3 different inputs, 4 are needed" in refused


def test_a_file_is_asked_under_the_way_that_serves(
    database: Path, tmp_path: Path, tickets: str
) -> None:
    rows = [("about shipping", "shipping"), ("my parcel question", "shipping"), ("x", "other")]
    file = csv_file(tmp_path / "test.csv", rows)
    before = parsed(database, "test", "tickets", file)
    assert (before["right"], before["asked"], before["serving"]) == (1, 2, None)
    (wrong,) = before["wrong"]
    assert (wrong["where"], wrong["right"], wrong["given"], wrong["confidence"]) == (
        "test.csv line 3", "shipping", "billing", 0.9,
    )  # fmt: skip
    invoke(database, "learn", "tickets")
    corrected(database)
    file = csv_file(tmp_path / "test.csv", [*rows[1:2], ("zebra 1", "shipping"), PAIRS[0]])
    after = parsed(database, "test", "tickets", file)
    assert (after["right"], after["asked"], after["serving"]) == (3, 3, "both")
    assert after["among_its_examples"] == 2
    text = invoke(database, "test", "tickets", file).output
    assert "3 of 3 right: 1.00 (0.44 to 1.00)" in text
    assert "2 of the inputs are among its examples" in text
    assert parsed(database, "show", "tickets")["counts"]["steps"] == 2


def test_export_and_import_move_a_task_and_believe_nothing_measured_elsewhere(
    database: Path, tmp_path: Path, tickets: str
) -> None:
    invoke(database, "learn", "tickets")
    corrected(database)
    file, other = tmp_path / "task.json", tmp_path / "other" / "memory.db"
    exported = parsed(database, "export", "tickets", str(file))
    assert exported == {"version": 2, "examples": 17, "bytes": file.stat().st_size}
    assert file.stat().st_mode & 0o077 == 0
    assert "give --force" in invoke(database, "export", "tickets", str(file), status=2).output
    invoke(database, "export", "tickets", str(file), "--force")
    planned = parsed(other, "import", str(file), "--dry-run")
    assert not other.exists()
    assert parsed(other, "import", str(file)) == planned | {"dry_run": False}
    here, there = (parsed(each, "show", "tickets") for each in (database, other))
    same = ("name", "description", "labels", "ask_below", "mode", "examples")
    assert {name: here[name] for name in same} == {name: there[name] for name in same}
    assert (there["version"], there["quality"]) == (1, None)
    refused = invoke(other, "import", str(file), "--dry-run", status=2).output
    assert "there is a task 'tickets' already; give another with --as" in refused
    invoke(other, "import", str(file), "--as", "copy", "--principal", "alice")
    assert [(e["name"], e["owner"]) for e in parsed(other, "list")] == [
        ("tickets", None), ("copy", "alice"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda task: task.pop("definition"), "definition: is missing"),
        (lambda task: task.update(format="other"), "format: should be 'hypernet-mcp task 1'"),
        (lambda task: task.update(digest="00"), "digest: is no field here"),
        (lambda task: task["examples"][2].update(input=3), "examples.2.input: "),
        (lambda task: task["examples"][2].update(output="no"), "examples[2].output: 'no' is none"),
        (lambda task: task["examples"].extend(task["examples"] * 20), "examples: 336"),
        (
            lambda task: task["definition"].update(labels=["a", "a"]),
            "labels: the same label is given",
        ),
        (lambda task: task["definition"].update(labels=["a"]), "task.json: labels: "),
        (lambda task: task["definition"].update(mode="other"), "definition.mode: should be"),
        (
            lambda task: task["definition"].update(ask_below=7),
            "FILE: task.json: definition.ask_below: ",
        ),
        (lambda task: task["definition"].update(description=" "), "json: definition.description: "),
        (lambda task: task["definition"].update(description="\0"), "definition.description: must"),
        (lambda task: task["definition"].update(copy=True), "give one of labels, schema and copy"),
        (
            lambda task: task["definition"].update(labels=[], schema={"type": "banana"}),
            "FILE: task.json: definition.schema: $.type is no schema",
        ),
        (
            lambda task: task["definition"].update(labels=[], schema={"type": "object"}),
            "FILE: task.json: examples[0].output: 'billing' is no JSON",
        ),
        (lambda task: task["examples"][2].update(output=" "), "json: examples[2].output: must not"),
        (lambda task: task.update(name="../x"), "NAME: "),
        (lambda task: task.update(name="alice/tickets"), "NAME: a name has no '/'"),
    ],
)
def test_an_import_is_checked_like_any_input(
    database: Path, tmp_path: Path, tickets: str, change: Any, message: str
) -> None:
    invoke(database, "export", "tickets", str(file := tmp_path / "task.json"))
    task = json.loads(file.read_text())
    change(task)
    file.write_text(json.dumps(task))
    other = tmp_path / "other.db"
    assert message in invoke(other, "import", str(file), status=2).output
    assert message in invoke(other, "import", str(file), "--dry-run", status=2).output


def test_adding_says_which_examples_from_before_are_used_no_more_and_why(
    database: Path, tmp_path: Path, tickets: str
) -> None:
    other = csv_file(tmp_path / "more.csv", [(PAIRS[0][0], "shipping")])
    for more in (["--dry-run"], []):
        told = invoke(database, "add", "tickets", other, *more).output
        assert "1 of those it had before are used no more:" in told
        assert f"'{PAIRS[0][0]}': a later example of the same input stands" in told
    labels = ["--label", "shipping", "--label", "refunds"]
    told = invoke(database, "add", "tickets", other, *labels).output
    assert "7 of those it had before are used no more:" in told
    assert "its output is none of the task's labels" in told


def test_columns_of_a_tsv_file_may_have_commas_in_their_names(
    database: Path, tmp_path: Path
) -> None:
    (tmp_path / "t.tsv").write_text("text\ta, b, or c\nHello, you\tb\n")
    column = ("--task", "Choose.", "--output-column", "a, b, or c")
    assert parsed(database, "add", "choice", str(tmp_path / "t.tsv"), *column)["examples"] == 1


def test_a_task_with_a_schema_is_shown_as_such_and_takes_answers_of_it_alone(
    database: Path, tmp_path: Path
) -> None:
    schema = {"type": "object", "required": ["sum"]}
    with Store.open(database) as store:
        store.tasks.save("bills", TaskDefinition("Read the bill.", schema=schema))
    file = tmp_path / "bills.jsonl"
    rows = [{"input": "7 dollars", "output": '{"sum": 7}'}, {"input": "x", "output": "seven"}]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    refused = invoke(database, "add", "bills", str(file), status=2).output
    assert "bills.jsonl line 2: 'seven' is no JSON (the task has a schema)" in refused
    assert parsed(database, "list")[0]["examples"] == 0
    assert parsed(database, "add", "bills", str(file), "--skip-bad")["examples"] == 1
    assert "none: answers are JSON by a schema" in invoke(database, "show", "bills").output


@pytest.mark.parametrize("content", [b"\xff", b"input,output\n", b"[" * 100_000, b"[]"])
def test_what_is_no_exported_task_is_refused(
    database: Path, tmp_path: Path, content: bytes
) -> None:
    (file := tmp_path / "task.json").write_bytes(content)
    assert "FILE: task.json: " in invoke(database, "import", str(file), status=2).output
    assert not database.exists()


def test_a_task_is_deleted_for_good_after_a_dry_run_that_says_the_same(
    database: Path, tickets: str
) -> None:
    planned = parsed(database, "delete", "tickets", "--dry-run")
    assert len(parsed(database, "list")) == 1
    assert parsed(database, "delete", "tickets") == planned
    assert (planned["tasks"], planned["examples of named tasks"]) == (1, 16)
    assert "no tasks yet" in invoke(database, "list").output
    refused = invoke(database, "delete", "tickets", status=2).output
    assert "NAME: there is no task 'tickets'" in refused
    assert b"parcel question" not in database.read_bytes()


def test_lines_that_are_no_examples_are_told_where_the_others_have_too_few_labels(
    database: Path, tmp_path: Path
) -> None:
    (file := tmp_path / "a.csv").write_text(f"text,label\n{'long ' * 9_000},a\nshort,b\n")
    told = invoke(
        database, "add", "new", str(file), "--task", "Do.", "--outputs-are-labels", status=2
    )
    assert "a.csv line 2: " in told.output
    assert "--label: 1 given" in told.output


def test_sharing_is_said_and_undone(database: Path, tickets: str) -> None:
    invoke(database, "share", "tickets")
    assert "tickets  (shared)" in invoke(database, "list").output
    assert "nothing changed" in invoke(database, "share", "tickets").output
    assert "nothing changed" not in invoke(database, "share", "tickets", "--off").output
    assert "nothing changed" in invoke(database, "share", "tickets", "--off").output
    assert parsed(database, "show", "tickets")["shared"] is False


def test_a_task_of_a_principal_is_theirs_and_the_shell_says_whose(
    database: Path, tmp_path: Path, tickets: str
) -> None:
    for principal in ("alice", "bob"):
        invoke(database, "add", "forms", tickets, *TASK, "--principal", principal)
    assert "several principals" in invoke(database, "show", "forms", status=2).output
    more = csv_file(tmp_path / "more.csv", [("my parcel", "shipping")])
    assert parsed(database, "add", "alice/forms", more)["examples"] == 17
    assert parsed(database, "show", "bob/forms")["examples"] == 16
    assert "alice/forms\n" in invoke(database, "list").output


def test_reading_works_beside_a_running_server_and_changing_says_who_has_it(
    database: Path, tmp_path: Path, tickets: str
) -> None:
    with Store.open(database):
        for args in (
            ("list",),
            ("show", "tickets"),
            ("test", "tickets", tickets),
            ("learn", "tickets", "--dry-run"),
            ("add", "tickets", tickets, "--dry-run"),
            ("export", "tickets", str(tmp_path / "task.json")),
            ("import", str(tmp_path / "task.json"), "--as", "copy", "--dry-run"),
        ):
            invoke(database, *args)
        for args, help_ in (
            (("add", "tickets", tickets), "save_task"),
            (("learn", "tickets"), "a running server learns its tasks by itself"),
            (("share", "tickets"), "save_task"),
            (("delete", "tickets"), "stop that process"),
        ):
            said = invoke(database, *args, status=2).output
            assert "in use by process" in said
            assert help_ in said


def test_no_database_is_said_and_none_is_made(database: Path) -> None:
    for command in ("list", "show x", "learn x --dry-run", "learn x", "delete x", "go-back x 1"):
        assert "is not there" in invoke(database, *command.split(), status=2).output
    assert not database.exists()


def test_neither_torch_nor_mcp_is_imported_to_look_at_tasks(database: Path, tickets: str) -> None:
    code = (
        "import sys\n"
        "from click.testing import CliRunner\n"
        "from mcp_server.cli.main import main\n"
        f"CliRunner().invoke(main, ['--database', {str(database)!r}, 'tasks', 'show', 'tickets'])\n"
        "print(sorted({'torch', 'mcp', 'transformers', 'sklearn'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
