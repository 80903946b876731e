"""Settings as they are written into clients' files and shells: what is read, and what refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mcp_server.app.settings import BETWEEN, PATHS, Settings
from mcp_server.cli.main import main


def invoke(*args: str, **env: str) -> Result:
    return CliRunner().invoke(main, list(args), env=env)


def read(name: str, value: str, **env: str) -> str:
    """What a setting is read as, by its variable."""
    done = invoke("settings", **{f"HYPERNET_MCP_{name}": value, **env})
    assert done.exit_code == 0, done.output
    return done.output.partition(f"HYPERNET_MCP_{name}=")[2].partition("\n")[0]


def test_settings_lists_every_setting_with_its_value_and_meaning(database: Path):
    text = invoke("settings", HYPERNET_MCP_DATABASE=str(database)).output
    assert f"HYPERNET_MCP_DATABASE={database}" in text
    for name, field in Settings.model_fields.items():
        assert f"HYPERNET_MCP_{name.upper()}=" in text
        assert field.description
        assert field.description in text


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("HYPERNET_MCP_PORT", "99999"),
        ("HYPERNET_MCP_PORT", "many"),
        ("HYPERNET_MCP_CHECKPOINT_EVERY", "0"),
        ("HYPERNET_MCP_DEVICE", "cuda; rm -rf"),
        ("HYPERNET_MCP_SOFT_LIMIT", "1.5"),
        ("HYPERNET_MCP_HOST", "192.0.2.1"),
        ("HYPERNET_MCP_DOCUMENTS", "relative/folder"),
        ("HYPERNET_MCP_PINNED_TOKENS", "-1"),
        ("HYPERNET_MCP_ALLOWED_ORIGINS", "app.example.org"),
        ("HYPERNET_MCP_ALLOWED_ORIGINS", "https://app.example.org/page"),
        ("HYPERNET_MCP_ALLOWED_ORIGINS", "*"),
        ("HYPERNET_MCP_ALLOWED_HOSTS", "https://mcp.example.org"),
        ("HYPERNET_MCP_TRUSTED_PROXIES", "proxy.example.org"),
        ("HYPERNET_MCP_TRUSTED_PROXIES", "*"),
        ("HYPERNET_MCP_HOST", "http://127.0.0.1"),
        ("HYPERNET_MCP_HOST", "127.0.0.1:8000"),
        ("HYPERNET_MCP_ALLOWED_HOSTS", "a$b.example.org"),
        ("HYPERNET_MCP_DATABASE", "sqlite:///m.db"),
        ("HYPERNET_MCP_DATABASE", "file:///m.db"),
        ("HYPERNET_MCP_DATABASE", "file::memory:"),
        ("HYPERNET_MCP_LOG_TEXT", "maybe"),
        ("HYPERNET_MCP_LOG_LEVEL", "LOUD"),
        ("HYPERNET_MCP_ROWS", "2.5"),
        ("HYPERNET_MCP_TRACES", "localhost:4318"),
    ],
)
def test_a_bad_setting_is_refused_by_its_variables_name(variable: str, value: str):
    done = invoke("settings", **{variable: value})
    assert done.exit_code == 1
    assert variable in done.output
    assert "Traceback" not in done.output
    for words in ("Input should", "unable to parse", "valid integer", "Value error", "pydantic"):
        assert words not in done.output


def test_folders_of_documents_are_separated_as_in_path(tmp_path: Path):
    one, two = tmp_path / "one", tmp_path / "two, too"
    value = f"{one}{os.pathsep}{two}{os.pathsep}"
    text = invoke("settings", HYPERNET_MCP_DOCUMENTS=value).output
    assert f"HYPERNET_MCP_DOCUMENTS={one}{os.pathsep}{two}\n" in text


HOME = Path.home().as_posix()


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("DATABASE", "~/m.db", f"{HOME}/m.db"),
        ("DATABASE", "$THERE/m.db", "/there/m.db"),
        ("CACHE", "${THERE}/c", "/there/c"),
        ("TOKENS", "%THERE%/t", "/there/t"),
        ("BASE", "~/model.gguf", f"{HOME}/model.gguf"),
        ("ENCODER", "${THERE}", "/there"),
        ("HYPERNETWORK", "~", HOME),
        ("DATABASE", "./~/m.db", "~/m.db"),
        ("BASE", "some/model", "some/model"),
    ],
)
def test_home_and_environment_variables_stand_for_paths_in_settings_and_options(
    name: str, value: str, read: str
):
    given = {f"HYPERNET_MCP_{name}": value, "THERE": "/there"}
    assert f"HYPERNET_MCP_{name}={read}\n" in invoke("settings", **given).output
    if name in ("DATABASE", "TOKENS"):
        text = invoke(f"--{name.lower()}={value}", "settings", THERE="/there").output
        assert f"HYPERNET_MCP_{name}={read}\n" in text


def test_each_folder_of_documents_has_its_own_home_and_a_variable_may_hold_several():
    several = os.pathsep.join(("/one", "/two"))
    value = os.pathsep.join(("~/a", "$SEVERAL", "~/b"))
    text = invoke("settings", HYPERNET_MCP_DOCUMENTS=value, SEVERAL=several).output
    folders = os.pathsep.join((f"{HOME}/a", "/one", "/two", f"{HOME}/b"))
    assert f"HYPERNET_MCP_DOCUMENTS={folders}\n" in text


@pytest.mark.parametrize("value", ["", " "])
def test_an_empty_setting_is_an_unset_one(value: str):
    usual = invoke("settings").output
    for name in Settings.model_fields:
        done = invoke("settings", **{f"HYPERNET_MCP_{name.upper()}": value})
        assert done.output == usual, name
    for option in ("host", "port", "tokens", "database", "engine"):
        assert invoke(f"--{option}", value, "settings").output == usual, option


GUID = "{3F2504E0-4F89-41D3-9A0C-0305E82C3301}"
# Forms that clients, shells, templates and manuals have.
PLACEHOLDERS = (
    "${workspaceFolder}", "${user_config.documents}", "${input:folder}", "${env:HOME}", "$EMPTY",
    "$NOWHERE_SET", "%NOWHERE_SET%", "%APPDATA%", "{{ folder }}", "{workspaceFolder}", "{env:HOME}",
    "{0}", "{}", "#{folder}", "<path>", "<your folder>", "$(pwd)", "$((1+1))", "$1", "$@",
    "$env:APPDATA", "$Env:USERPROFILE", "`pwd`", "%(here)s", "@DATADIR@", "...", "${CUT_OFF",
    "{CUT_OFF", "<CUT_OFF", "$(CUT_OFF",
)  # fmt: skip


@pytest.mark.parametrize("form", PLACEHOLDERS)
def test_a_placeholder_that_nobody_filled_in_is_refused_by_name(form: str):
    for name in Settings.model_fields:
        value = form if len(name) % 2 else f"/x/{form}" + "/m" * (not form.endswith("_OFF"))
        done = invoke("settings", **{f"HYPERNET_MCP_{name.upper()}": value, "EMPTY": ""})
        assert done.exit_code == 1
        assert f"setting HYPERNET_MCP_{name.upper()}: the placeholder " in done.output
        assert form[:-1] in done.output


def test_a_home_that_is_nobodys_is_refused_by_name():
    for name in PATHS:
        done = invoke("settings", **{f"HYPERNET_MCP_{name.upper()}": "~no-such-user/m"})
        assert done.exit_code == 1
        assert f"setting HYPERNET_MCP_{name.upper()}: ~no-such-user is no user" in done.output


@pytest.mark.parametrize(
    "value",
    [
        '"~/m.db"',
        "'~/m.db'",
        '"~/m.db',
        '~/m.db"',
        "\N{LEFT DOUBLE QUOTATION MARK}~/m.db\N{RIGHT DOUBLE QUOTATION MARK}",
        "\N{LEFT SINGLE QUOTATION MARK}~/m.db\N{RIGHT SINGLE QUOTATION MARK}",
        '"8000"',
        "'",
    ],
)
def test_quotes_that_nobody_took_off_are_refused(value: str):
    for name in Settings.model_fields:
        done = invoke("settings", **{f"HYPERNET_MCP_{name.upper()}": f" {value} "})
        assert done.exit_code == 1
        assert f"setting HYPERNET_MCP_{name.upper()}: the quote " in done.output


@pytest.mark.parametrize(
    "value", ['/x:"/y"', "/x:'/y z'", "~/'My Files'/m", "~/My\\ Files/m", "[/x]"]
)
def test_quotes_around_a_part_of_a_path_are_refused(value: str):
    done = invoke("settings", HYPERNET_MCP_DOCUMENTS=value)
    assert done.exit_code == 1
    assert "setting HYPERNET_MCP_DOCUMENTS: " in done.output


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("/x/$$/m.db", "/x/$/m.db"),
        ("/x/$$HOME/m.db", "/x/$HOME/m.db"),
        ("/x/$$$THERE", "/x/$/there"),
        ("/x/cost$/m.db", "/x/cost$/m.db"),
        ("/x/O'Brien/it's/m.db", "/x/O'Brien/it's/m.db"),
        ("/x/100%/50%.db", "/x/100%/50%.db"),
        ("/x/%E4%BD%A0/m.db", "/x/%E4%BD%A0/m.db"),
        ("/x/[2024] (new)/m.db", "/x/[2024] (new)/m.db"),
        (f"/x/{GUID}/m", f"/x/{GUID}/m"),
        ("/x/a@b.c@d/..m/../m.db", "/x/a@b.c@d/..m/../m.db"),
        ("/x/日本 語/m.db", "/x/日本 語/m.db"),
    ],
)  # fmt: skip
def test_what_only_looks_like_a_placeholder_or_is_escaped_is_taken_as_it_is(value: str, path: str):
    assert read("DATABASE", value, THERE="/there") == path


@pytest.mark.parametrize("held", ["${workspaceFolder}", "$HOME/x", '"/x"', "{x}"])
def test_what_a_variable_holds_is_no_placeholder_either(held: str):
    done = invoke("settings", HYPERNET_MCP_DATABASE="$THERE/m.db", THERE=held)
    assert done.exit_code == 1
    assert "setting HYPERNET_MCP_DATABASE: the " in done.output


def test_a_variable_outside_paths_is_refused_with_the_reason():
    done = invoke("settings", HYPERNET_MCP_PORT="$PORT", PORT="8001")
    assert "variables are taken in paths alone" in done.output
    assert read("METRICS_READERS", "a$$b") == "a$b"


WRITTEN = {
    "log_text": "TRUE", "log_level": "warning", "log_format": "JSON", "decode": "Full",
    "rows": "25", "checkpoint_every": "25", "body_seconds": "25.5", "port": "8001",
    "soft_limit": "0.5", "host": "localhost", "device": "cpu", "engine": "echo",
    "traces": "http://localhost:4318/v1/traces?a=%20b", "allowed_origins": "https://a.example",
    "trusted_proxies": "10.0.0.0/8", "documents": "/x", "adapters": "/x",
    "engine_url": "http://vllm.example:8000",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted({*Settings.model_fields} - {"engine_key"}))  # never shown
def test_white_space_around_a_value_makes_no_difference_in_any_setting(name: str):
    value = WRITTEN.get(name, "1025")
    plain = read(name.upper(), value)
    assert plain.casefold() == value.casefold()
    for white in (" {} ", "{} ", "\t{}", "{}\r\n", "\u00a0{}\u3000"):
        assert read(name.upper(), white.format(value)) == plain
    if (separator := BETWEEN.get(name)) is not None:
        several = f" {value} {separator} {separator}\t{value} "
        assert read(name.upper(), several) == f"{plain}{separator}{plain}"


def test_a_control_character_within_a_value_is_refused():
    for name in ("DATABASE", "ENGINE", "METRICS_READERS"):
        done = invoke("settings", **{f"HYPERNET_MCP_{name}": "a\nb"})
        assert "holds the control character '\\n'" in done.output


def test_settings_show_no_words_of_a_programming_language():
    text = invoke("settings").output
    assert "HYPERNET_MCP_BASE=    (unset)\n" in text
    assert "HYPERNET_MCP_DOCUMENTS=    (unset)\n" in text
    assert "HYPERNET_MCP_LOG_TEXT=false\n" in text
    for words in ("None", "()", "False", "Path("):
        assert words not in text


def test_an_option_is_refused_by_its_own_name_and_an_empty_one_gives_way_to_the_variable():
    done = invoke("--database", "<path>", "settings")
    assert "Error: --database: the placeholder <path>" in done.output
    for option, value in (("database", "/x/m.db"), ("host", "localhost"), ("port", "8001")):
        given = {f"HYPERNET_MCP_{option.upper()}": value}
        text = invoke(f"--{option}", " ", "settings", **given).output
        assert f"HYPERNET_MCP_{option.upper()}={value}\n" in text


def test_an_option_overrides_the_environment(database: Path):
    done = invoke("--database", str(database), "settings", HYPERNET_MCP_DATABASE="/elsewhere.db")
    assert f"HYPERNET_MCP_DATABASE={database}" in done.output


def test_the_engines_key_is_never_shown():
    done = invoke("settings", HYPERNET_MCP_ENGINE_KEY="open sesame")
    assert "HYPERNET_MCP_ENGINE_KEY=**********" in done.output
    assert "sesame" not in done.output


@pytest.mark.parametrize(
    "url",
    ["vllm.example:8000", "http://me:secret@vllm.example", "ftp://x", "http://", "http://a b"],
)
def test_an_engines_address_that_is_none_is_refused(url: str):
    done = invoke("settings", HYPERNET_MCP_ENGINE_URL=url)
    assert done.exit_code == 1
    assert "setting HYPERNET_MCP_ENGINE_URL: " in done.output


def test_a_folder_of_adapters_has_to_be_an_absolute_path():
    done = invoke("settings", HYPERNET_MCP_ADAPTERS="adapters")
    assert "HYPERNET_MCP_ADAPTERS: adapters is not an absolute path" in done.output
