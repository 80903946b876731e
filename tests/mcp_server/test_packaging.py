"""How the server reaches its users: clients' files, the registry's entry, the bundle, uvx."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner
from mcp import Client, StdioServerParameters

from distribution import bundle, registry
from mcp_server.app.settings import Settings
from mcp_server.cli.config import CLIENTS, NAME, configuration
from mcp_server.cli.main import main

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parent.parent.parent
UVX = Path(sys.executable).with_name("uvx")
TEXTS = {"type": "array", "items": {"type": "string"}}
VARIABLES = {
    "type": "object",
    "propertyNames": {"pattern": "^[A-Z0-9_]+$"},
    "additionalProperties": {"type": "string"},
}
STDIO = {"command": {"type": "string", "minLength": 1}, "args": TEXTS, "env": VARIABLES}
# Which keys each client's own pages name, and which of them it insists on.
FORMATS = {
    "claude-desktop": ("mcpServers", STDIO, ["command"]),
    "claude-code": ("mcpServers", STDIO | {"type": {"const": "stdio"}}, ["command"]),
    "cursor": ("mcpServers", STDIO | {"type": {"const": "stdio"}}, ["command", "type"]),
    "vscode": ("servers", STDIO | {"type": {"const": "stdio"}}, ["command", "type"]),
    "codex": ("mcp_servers", STDIO, ["command"]),
}
# The registry's format of 2025-12-11, as far as our entry uses it.
REGISTRY = {
    "type": "object",
    "additionalProperties": False,
    "required": ["$schema", "name", "description", "version", "packages"],
    "properties": {
        "$schema": {"const": registry.SCHEMA},
        "name": {"type": "string", "pattern": "^[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+$", "maxLength": 200},
        "title": {"type": "string", "minLength": 1, "maxLength": 100},
        "description": {"type": "string", "minLength": 1, "maxLength": 100},
        "version": {"type": "string", "pattern": r"^\d+\.\d+\.\d+", "maxLength": 255},
        "packages": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["registryType", "identifier", "version", "transport"],
                "properties": {
                    "registryType": {"enum": ["npm", "pypi", "cargo", "oci", "nuget", "mcpb"]},
                    "identifier": {"type": "string"},
                    "version": {"type": "string", "not": {"const": "latest"}, "minLength": 1},
                    "runtimeHint": {"type": "string"},
                    "transport": {
                        "type": "object",
                        "required": ["type"],
                        "properties": {"type": {"const": "stdio"}},
                        "additionalProperties": False,
                    },
                    "environmentVariables": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "additionalProperties": False,
                            "required": ["name"],
                            "properties": {
                                "name": {"type": "string"},
                                "description": {"type": "string"},
                                "isRequired": {"type": "boolean"},
                                "format": {"enum": ["string", "number", "boolean", "filepath"]},
                                "default": {"type": "string"},
                                "choices": TEXTS,
                            },
                        },
                    },
                },
            },
        },
    },
}


def parsed(client: str, text: str) -> dict[str, Any]:
    return tomllib.loads(text) if client == "codex" else json.loads(text)


def printed(*words: str) -> str:
    done = CliRunner().invoke(main, ["config", *words])
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (built,) = tmp_path.glob("*.whl")
    return built


@pytest.mark.parametrize("client", CLIENTS)
def test_what_config_prints_is_in_the_clients_format(client: str):
    key, entry, required = FORMATS[client]
    schema = {
        "type": "object",
        "required": [key],
        "additionalProperties": False,
        "properties": {
            key: {
                "type": "object",
                "required": [NAME],
                "additionalProperties": {
                    "type": "object",
                    "required": required,
                    "properties": entry,
                    "additionalProperties": False,
                },
            }
        },
    }
    printed_now = parsed(client, printed(client, "--env", "HYPERNET_MCP_ENGINE=echo"))
    shipped = (ROOT / "distribution" / "clients" / client / CLIENTS[client].file).read_text()
    for configured in (printed_now, parsed(client, shipped)):
        jsonschema.validate(configured, schema)
    assert printed_now[key][NAME]["env"] == {"HYPERNET_MCP_ENGINE": "echo"}


@pytest.mark.crash
@pytest.mark.parametrize("client", CLIENTS)
async def test_what_config_prints_starts_a_server(client: str, database: Path):
    entry = parsed(client, printed(client))[CLIENTS[client].key][NAME]
    env = dict(os.environ) | {
        "HYPERNET_MCP_ENGINE": "echo",
        "HYPERNET_MCP_DATABASE": str(database),
    }
    program = StdioServerParameters(command=entry["command"], args=entry["args"], env=env)
    async with Client(program) as connected:
        assert "run_step" in {tool.name for tool in (await connected.list_tools()).tools}


@pytest.mark.parametrize("client", [name for name in CLIENTS if CLIENTS[name].http])
def test_a_running_servers_address_takes_the_place_of_the_command(client: str):
    url = "http://127.0.0.1:8000/mcp"
    entry = parsed(client, printed(client, "--url", url))[CLIENTS[client].key][NAME]
    assert entry.pop("type", "http") == "http"
    assert entry == {"url": url}


def test_a_client_that_takes_no_address_is_named():
    done = CliRunner().invoke(main, ["config", "claude-desktop", "--url", "http://x/mcp"])
    assert done.exit_code == 1
    assert "Claude Desktop takes no address" in done.output


def test_an_address_needs_no_installed_program_and_takes_no_settings(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    assert "http://x/mcp" in printed("cursor", "--url", "http://x/mcp")
    words = ["config", "cursor", "--url", "http://x/mcp", "--env", "HYPERNET_MCP_ENGINE=echo"]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 1
    assert "--env: a server that runs already has its settings" in done.output
    done = CliRunner().invoke(main, ["config", "cursor"])
    assert "is not installed as a program" in done.output


def test_a_variable_that_is_no_setting_is_refused_by_name():
    done = CliRunner().invoke(main, ["config", "cursor", "--env", "HYPERNET_MCP_NOTHING=1"])
    assert done.exit_code == 1
    assert "HYPERNET_MCP_NOTHING=1" in done.output
    assert "hypernet-mcp settings" in done.output


def test_paths_with_every_odd_character_come_back_from_toml_and_json():
    odd = 'C:\\Users\\"me"\\sch\u00f6n \U0001f600\t\x7f\\hypernet-mcp.exe'
    for client in CLIENTS:
        text = configuration(client, [odd, "--flag"], {"HYPERNET_MCP_BASE": odd})
        entry = parsed(client, text)[CLIENTS[client].key][NAME]
        assert (entry["command"], entry["env"]["HYPERNET_MCP_BASE"]) == (odd, odd)


def test_the_registrys_entry_is_in_its_format_and_tied_to_the_package():
    entry = json.loads((ROOT / "server.json").read_text())
    jsonschema.validate(entry, REGISTRY)
    assert f"mcp-name: {entry['name']}" in (ROOT / "README.md").read_text()
    assert entry["packages"][0]["identifier"] == NAME
    names = {f"HYPERNET_MCP_{name.upper()}" for name in Settings.model_fields}
    assert {each["name"] for each in entry["packages"][0]["environmentVariables"]} <= names


def test_the_bundles_manifest_names_what_the_bundle_holds(tmp_path: Path):
    bundle.stage(tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    server, project = manifest["server"], tomllib.loads((tmp_path / "pyproject.toml").read_text())
    assert (manifest["manifest_version"], server["type"]) == ("0.4", "uv")
    assert (tmp_path / server["entry_point"]).is_file()
    assert server["mcp_config"]["args"][3] in project["project"]["scripts"]
    assert (tmp_path / project["project"]["readme"]).is_file()
    asked = {f"${{user_config.{name}}}" for name in manifest["user_config"]}
    assert set(server["mcp_config"]["env"].values()) == asked


@pytest.mark.crash
@pytest.mark.skipif(not bundle.TOOL.exists(), reason="mcpb is missing: `make .venv/node`")
async def test_the_official_tool_packs_a_bundle_whose_server_starts(tmp_path: Path, database: Path):
    packed = bundle.build(tmp_path / "it.mcpb")
    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(unpacked)
    # In this environment instead of uv's, which would fetch torch; the code is the bundle's.
    program = StdioServerParameters(
        command=sys.executable,
        args=["-m", "mcp_server", "--engine", "echo", "--database", str(database)],
        cwd=unpacked,
        env=dict(os.environ) | {"PYTHONPATH": str(unpacked), "HYPERNET_MCP_DOCUMENTS": ""},
    )
    async with Client(program) as connected:
        assert "run_step" in {tool.name for tool in (await connected.list_tools()).tools}


@pytest.mark.crash
@pytest.mark.skipif(not shutil.which(str(UVX)), reason="uv is missing")
async def test_uvx_runs_the_wheel_by_the_packages_name(wheel: Path, tmp_path: Path, database: Path):
    # Without the model's libraries, gigabytes that this start needs none of.
    overrides = tmp_path / "overrides.txt"
    heavy = ("torch", "numba", "peft", "transformers")
    overrides.write_text("".join(f"{name} ; sys_platform == 'none'\n" for name in heavy))
    run = ["--quiet", "--python", sys.executable, "--overrides", str(overrides)]
    env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {"UV_SYSTEM_CERTS": "true"}
    program = StdioServerParameters(
        command=str(UVX),
        args=[*run, "--from", str(wheel), NAME, "--engine", "echo", "--database", str(database)],
        env=env,
    )
    async with Client(program) as connected:
        made = await connected.call_tool("set_task", {"task": "Repeat."})
    assert not made.is_error
