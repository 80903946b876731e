"""`hypernet-mcp sessions`: what each command prints, changes and refuses."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
import tomllib
import unicodedata
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
import regex
from click.testing import CliRunner, Result
from rich.cells import cell_len

from checkpoints import ItemDraft, StepDraft, Store
from mcp_server.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path


def invoke(database: Path, *args: str, status: int = 0) -> Result:
    done = CliRunner().invoke(main, ["--database", str(database), "sessions", *args])
    assert done.exit_code == status, done.output
    assert "Traceback" not in done.output
    return done


def parsed(database: Path, *args: str, status: int = 0) -> Any:
    return json.loads(invoke(database, *args, "--json", status=status).stdout)


@pytest.fixture
def session(database: Path) -> str:
    """A session of nine steps, its head restored to step 6."""
    with Store.open(database) as store:
        handle = store.create_session().id
        task = {"mode": "auto", "refined": False, "task": {"description": "Find \x1b[31mclauses"}}
        store.set_task(handle, task)
        for n in range(1, 10):
            draft = StepDraft(f"page {n}", f"clause {n}", task, "adapter", None, {}, f"k{n}")
            store.append_step(handle, draft)
        store.remember(handle, [ItemDraft("Ninety days.", "contract.txt")])
        store.restore(store.checkpoints(handle)[1].id)
    return handle


@pytest.mark.parametrize("charset", ["cp1252", "ascii"])
def test_no_command_fails_on_what_the_terminal_cannot_show(
    database: Path, tmp_path: Path, charset: str
) -> None:
    text = "漢字 😀 é"
    with Store.open(database) as store:
        handle = store.create_session().id
        store.set_task(handle, {"task": {"description": text}})
        store.append_step(handle, StepDraft(text, text, {}, "adapter", None, {}, "k"))
        store.checkpoint(handle, text)
    runner = CliRunner(charset=charset)
    for args in (
        ("sessions", "list"),
        ("sessions", "show", handle),
        ("sessions", "show", text),
        ("sessions", "verify"),
        ("sessions", "prune", "--dry-run"),
        ("settings",),
        ("--help",),
        ("sessions", "--help"),
        ("config", "vscode", "--start", "name", "--env", f"HYPERNET_MCP_BASE={text}"),
    ):
        done = runner.invoke(main, ["--database", str(database), *args])
        assert done.exception is None or isinstance(done.exception, SystemExit), args
    for args in (("sessions", "list"), ("sessions", "show", handle)):
        done = runner.invoke(main, ["--database", str(database), *args, "--json"])
        assert "漢字 😀 é" in json.dumps(json.loads(done.stdout), ensure_ascii=False)


@pytest.mark.parametrize("charset", ["cp1252", "ascii", "utf-8"])
def test_no_line_is_wider_for_what_the_terminal_cannot_show(database: Path, charset: str) -> None:
    text = "Übersetze 日本語 ins Deutsche 🎉 \u2026 " * 10
    with Store.open(database) as store:
        handle = store.create_session(text[:40]).id
        store.set_task(handle, {"task": {"description": text}})
        store.append_step(handle, StepDraft(text, text, {}, "adapter", None, {}, "k"))
    runner = CliRunner(charset=charset, env={"COLUMNS": "80"})
    done = runner.invoke(main, ["--database", str(database), "sessions", "list"])
    assert {cell_len(line) <= 80 for line in done.stdout.splitlines()} == {True}
    assert "\\u" not in done.stdout
    done = runner.invoke(main, ["--database", str(database), "sessions", "show", handle])
    table = done.stdout.split("items    ")[1]
    assert len({cell_len(line) for line in table.splitlines() if "Deutsche" in line}) == 1
    assert {cell_len(line) <= 80 for line in table.splitlines()} == {True}


def test_a_handle_whose_bytes_are_no_text_is_refused(database: Path, session: str) -> None:
    assert "not UTF-8" in invoke(database, "show", "\udcfc", status=2).output


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_a_file_in_another_encoding_is_refused_in_plain_words(
    database: Path, session: str, encoding: str, tmp_path: Path
) -> None:
    file = tmp_path / "exported"
    invoke(database, "export", session, str(file))
    file.write_bytes(("é" + file.read_text(encoding="utf-8")).encode(encoding, "replace"))
    assert "line 1" in invoke(database, "import", str(file), status=2).output


def test_help_names_every_command_and_what_needs_the_database_alone(database: Path) -> None:
    text = invoke(database, "--help").output
    for name in ("list", "show", "verify", "prune", "export", "import", "backup"):
        assert name in text
        assert "Usage" in invoke(database, name, "--help").output
    assert "stop the server first" in text


def test_list_shows_whole_handles_and_nothing_that_steers_a_terminal(
    database: Path, session: str
) -> None:
    text = invoke(database, "list").output
    assert session in text
    assert "\x1b" not in text
    (listed,) = parsed(database, "list")
    assert (listed["id"], listed["steps"]) == (session, 6)


FAMILY = "\N{WOMAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL} e\u0301"


@pytest.mark.parametrize("task", ["a long task " * 40, "漢字の契約" * 40, FAMILY * 60, ""])
@pytest.mark.parametrize("principal", [None, "alice@" + "department." * 17, "契約部の" * 40])
def test_no_line_of_the_list_is_wider_than_a_terminal_and_json_has_all(
    database: Path, task: str, principal: str | None
) -> None:
    with Store.open(database) as store:
        handles = [store.create_session(principal).id for _ in range(3)]
        for handle in handles:
            store.set_task(handle, {"task": {"description": task}})
        store.append_step(handles[0], StepDraft("page 1", "one", {}, "adapter", None, {}))
    lines = invoke(database, "list").output.splitlines()
    assert max(map(cell_len, lines)) <= 80
    assert [line.split()[0] for line in lines[::2]] == handles[::-1]
    assert [line.split("  ")[3] for line in lines[1::2]] == [
        "0 steps, 0 items", "0 steps, 0 items", "1 step, 1 item",
    ]  # fmt: skip
    if task:
        assert all(line.endswith("…") for line in lines[1::2])
    assert {s["principal"] for s in parsed(database, "list")} == {principal}
    assert {s["task"]["task"]["description"] for s in parsed(database, "list")} == {task}


LONG = "Extract the governing-law clause and name the jurisdiction, and nothing else. " * 4


def test_show_fits_a_terminal_of_80_columns_and_breaks_no_time_or_handle(database: Path) -> None:
    label = "before the second document was read in full and compared with the first " * 2
    task = {"task": {"description": LONG}}
    with Store.open(database) as store:
        handle = store.create_session("alice@" + "department." * 9).id
        store.set_task(handle, task)
        for _ in range(3):
            store.append_step(handle, StepDraft(LONG, LONG, task, "prompted", None, {}))
        point = store.checkpoint(handle, label)
    lines = invoke(database, "show", handle).output.splitlines()
    assert max(map(cell_len, lines)) <= 80
    shown = "\n".join(lines)
    when = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")
    assert len(when.findall(shown)) == 3 + 2  # the steps', the checkpoint that fell due, this one
    assert f"\n{point.id}  step 3, 1 item, 20" in shown
    about = shown.partition("\nhead")[0].partition("task")[2]
    assert " ".join(about.split()) == LONG.strip()
    assert all(line.startswith(" " * 9) for line in about.splitlines()[1:])


def test_what_is_empty_is_said_and_no_table_has_a_nameless_column(database: Path) -> None:
    with Store.open(database) as store:
        handle = store.create_session().id
    text = invoke(database, "show", handle).output
    assert "task     none\n" in text
    assert "no steps yet" in text
    assert "no checkpoints yet" in text
    assert "nothing would be removed" in invoke(database, "prune", "--dry-run").output
    assert "nothing removed" in invoke(database, "prune").output
    deleted = invoke(database, "delete", handle, "--source", "none", status=2).output
    assert "--source: " in deleted
    with Store.open(database) as store:
        store.append_step(handle, StepDraft("in", "out", {}, "adapter", None, {}))
    text = invoke(database, "delete", handle).output
    assert re.search("deleted +\u2503 value", text)
    assert invoke(database, "list").output == "no sessions yet\n"


@pytest.mark.parametrize("env", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C"}])
def test_a_terminal_of_ascii_gets_nothing_else(database: Path, env: dict[str, str]) -> None:
    text = "\u6f22\u5b57 \U0001f600 \xe9"
    with Store.open(database) as store:
        handle = store.create_session(text).id
        store.set_task(handle, {"task": {"description": LONG + text}})
        store.append_step(handle, StepDraft(text, LONG + text, {}, "adapter", None, {}))
        store.checkpoint(handle, text)
    unset = ("PYTHONIOENCODING", "PYTHONUTF8", "LC_ALL")
    others = {name: value for name, value in os.environ.items() if name not in unset}
    start = ("--start", "name", "--env", f"HYPERNET_MCP_BASE={text}")
    for args in (
        ("sessions", "list"),
        ("sessions", "list", "--json"),
        ("sessions", "show", handle),
        ("sessions", "show", text),
        ("settings",),
        (text,),
        ("config", "cursor", *start),
        ("config", "codex", *start),
    ):
        command = [sys.executable, "-m", "mcp_server", "--database", str(database), *args]
        done = subprocess.run(command, env=others | env, capture_output=True, check=False)
        assert (done.stdout + done.stderr).isascii(), args
        assert b"Traceback" not in done.stderr
        if "--json" in args:
            assert json.loads(done.stdout)[0]["principal"] == text
        if "cursor" in args:
            entry = json.loads(done.stdout)["mcpServers"]["hypernet-mcp"]
            assert entry["env"]["HYPERNET_MCP_BASE"] == text
        if "codex" in args:
            entry = tomllib.loads(done.stdout.decode())["mcp_servers"]["hypernet-mcp"]
            assert entry["env"]["HYPERNET_MCP_BASE"] == text


def test_show_tells_steps_and_checkpoints(database: Path, session: str) -> None:
    text = invoke(database, "show", session).output
    assert "clause 6" in text
    assert "clause 7" not in text
    printed = parsed(database, "show", session, "--steps", "2")
    assert [s["n"] for s in printed["steps"]] == [5, 6]
    assert [c["step"] for c in printed["checkpoints"]] == [3, 6]
    assert printed["checkpoints"][0]["id"] in text


def test_show_gives_a_confidence_of_earlier_releases_in_todays_form(database: Path) -> None:
    with Store.open(database) as store:
        handle = store.create_session().id
        old = {"confidence": {"yes": 0.75, "no": 0.25}, "asked": {"seed": 1}}
        store.append_step(handle, StepDraft("page", "yes", {}, "adapter", None, old, "k"))
    (step,) = parsed(database, "show", handle)["steps"]
    assert step["result"] == {
        "confidence": 0.75,
        "shares": {"yes": 0.75, "no": 0.25},
        "asked": {"seed": 1},
    }


@pytest.mark.parametrize("handle", ["nobody", "../../etc/passwd", "'; DROP TABLE texts; --"])
def test_a_session_that_is_not_there_is_refused_by_name(
    database: Path, session: str, handle: str
) -> None:
    said = invoke(database, "show", "--", handle, status=2).output
    assert "Error: SESSION: " in said
    assert not re.search(r"session_id|checkpoint_id|item_id|recall|create", said)


def test_refusals_name_the_options_and_the_commands_that_help(
    database: Path, session: str, tmp_path: Path
) -> None:
    (file := tmp_path / "there").touch()
    for args, told in (
        (("show", "nobody"), "SESSION: there is no session 'nobody'"),
        (("delete", session, "--item", "99"), "--item: the session's memory has no item 99"),
        (("delete", session, "--source", "xyz"), "--source: the session's memory has nothing"),
        (("export", session, str(file)), "give --force"),
        (("backup", str(file)), "give --force"),
    ):
        said = invoke(database, *args, status=2).output
        assert told in said
        assert not re.search(r"session_id|checkpoint_id|item_id|recall|Store\.|allow it", said)


@pytest.mark.parametrize("command", ["show", "export"])
def test_a_session_that_is_nearly_there_is_named(
    database: Path, session: str, tmp_path: Path, command: str
) -> None:
    more = [str(tmp_path / "file")] if command == "export" else []
    refused = invoke(database, command, "--", session[:12], *more, status=2)
    assert f"did you mean {session!r}?" in refused.output


def test_verify_ends_with_0_or_with_1_and_what_is_wrong(database: Path, session: str) -> None:
    assert "all is well" in invoke(database, "verify").output
    assert parsed(database, "verify") == {"ok": True, "problems": []}
    with closing(sqlite3.connect(database)) as db:
        db.execute("UPDATE texts SET text = 'forged' WHERE text = 'clause 2'")
        db.commit()
    assert "does not match its hash" in invoke(database, "verify", status=1).output
    assert parsed(database, "verify", status=1)["ok"] is False


def test_prune_does_what_its_dry_run_said(database: Path, session: str) -> None:
    planned = parsed(database, "prune", "--keep", "0", "--dry-run")
    assert planned["steps"] == 3
    assert "would be removed" in invoke(database, "prune", "--keep", "0", "--dry-run").output
    assert parsed(database, "show", session)["session"]["steps"] == 6
    done = parsed(database, "prune", "--keep", "0")
    assert {name: done[name] for name in planned} == planned
    assert [c["step"] for c in parsed(database, "show", session)["checkpoints"]] == [6]
    assert parsed(database, "verify")["ok"]
    assert invoke(database, "prune", "--keep", "-1", status=2)


def test_export_and_import_move_a_session(database: Path, session: str, tmp_path: Path) -> None:
    file, other = tmp_path / "s.jsonl", tmp_path / "other.db"
    assert parsed(database, "export", session, str(file))["bytes"] == file.stat().st_size
    assert "is there already" in invoke(database, "export", session, str(file), status=2).output
    invoke(database, "export", session, str(file), "--force")
    planned = parsed(other, "import", str(file), "--dry-run")
    assert not other.exists()
    assert parsed(other, "import", str(file)) == planned
    printed, original = (parsed(each, "show", session) for each in (other, database))
    assert printed == original
    assert "already" in invoke(other, "import", str(file), "--dry-run", status=2).output


def test_an_import_of_a_changed_file_names_the_line(
    database: Path, session: str, tmp_path: Path
) -> None:
    file, other = tmp_path / "s.jsonl", tmp_path / "other.db"
    invoke(database, "export", session, str(file))
    file.write_bytes(file.read_bytes().replace(b"clause 3", b"clause X"))
    assert "Error: line " in invoke(other, "import", str(file), status=2).output
    assert parsed(other, "list") == []


def test_backup_is_a_database_of_its_own(database: Path, session: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    invoke(database, "backup", str(copy))
    assert parsed(copy, "list") == parsed(database, "list")
    assert "is there already" in invoke(database, "backup", str(copy), status=2).output
    invoke(database, "backup", str(copy), "--force")


def test_reading_works_beside_a_running_server_and_changing_says_who_has_it(
    database: Path, session: str, tmp_path: Path
) -> None:
    with Store.open(database) as store:
        assert len(parsed(database, "list")) == 1
        assert parsed(database, "verify")["ok"]
        parsed(database, "prune", "--dry-run")
        parsed(database, "export", session, str(tmp_path / "s.jsonl"))
        parsed(database, "backup", str(tmp_path / "copy.db"))
        for command in (("prune",), ("import", str(tmp_path / "s.jsonl"))):
            assert "in use by process" in invoke(database, *command, status=2).output
        assert store.session(session).steps == 6


def test_no_database_is_said_and_none_is_made(database: Path) -> None:
    for command in ("list", "verify", "prune --dry-run"):
        assert "is not there" in invoke(database, *command.split(), status=2).output
    assert not database.exists()


def test_neither_torch_nor_mcp_is_imported(database: Path, session: str) -> None:
    code = (
        "import sys\n"
        "from click.testing import CliRunner\n"
        "from mcp_server.cli.main import main\n"
        f"CliRunner().invoke(main, ['--database', {str(database)!r}, 'sessions', 'verify'])\n"
        "print(sorted({'torch', 'mcp', 'transformers'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_table_aligns_and_turns_nothing_around_text_of_any_script(database: Path) -> None:
    texts = (
        "\u6f22\u5b57\u306e\u5165\u529b",
        "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd (abc) " * 6,
        "\u0645\u0631\u062d\u0628\u0627 123",
        "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 30,
        "\u0915\u094d\u0937\u093f" * 40,
    )
    task = {"task": {"description": texts[2]}}
    with Store.open(database) as store:
        handle = store.create_session().id
        for text in texts:
            store.append_step(handle, StepDraft(text, "ok", task, "adapter", None, {}))
        store.set_task(handle, task)
    shown = invoke(database, "show", handle).stdout
    steps, _ = shown.split("\u2514", 1)
    rows = [line for line in steps.splitlines() if line.startswith("\u2502")]
    assert {cell_len(row) for row in rows} == {cell_len(rows[0])}
    for line in shown.splitlines():
        outside = re.sub("\u2068[^\u2068\u2069]*\u2069", "", line)
        assert not {unicodedata.bidirectional(c) for c in outside} & {"R", "AL", "AN"}
    whole = {c for text in texts for c in regex.findall(r"\X", text)}
    cells = "".join(row.split("\u2502")[4] for row in rows)
    assert set(regex.findall(r"\X", cells)) - whole <= set(" \u2068\u2069\u2026")
    assert f"\u2068{texts[2]}\u2069" in shown


def test_a_terminal_that_has_no_marks_of_direction_gets_none(database: Path) -> None:
    with Store.open(database) as store:
        handle = store.create_session("\u05e9\u05dc\u05d5\u05dd").id
    done = CliRunner(charset="cp1252").invoke(
        main, ["--database", str(database), "sessions", "show", handle]
    )
    assert "u2068" not in done.output


@pytest.mark.parametrize(
    ("command", "option", "least"),
    [
        (("sessions", "list"), "--limit", 1),
        (("sessions", "show", "SESSION"), "--steps", 0),
        (("tasks", "list"), "--limit", 1),
        (("tasks", "show", "x"), "--days", 1),
        (("tasks", "show", "x"), "--versions", 1),
    ],
)
def test_a_number_of_lines_that_would_hide_what_there_is_is_refused(
    database: Path, session: str, command: tuple[str, ...], option: str, least: int
):
    args = [session if each == "SESSION" else each for each in command]
    done = CliRunner().invoke(main, ["--database", str(database), *args, option, str(least - 1)])
    assert done.exit_code == 2
    assert f"Invalid value for '{option}'" in done.output
    assert "no sessions yet" not in done.output
