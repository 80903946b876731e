"""Model files that are damaged, half there or missing: named, with what helps, by every door."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result
from hollow import save_hollow_model
from support import KNOWN, connected

from hypernet.hypernetwork.card import SHIPPED
from hypernet.runtime import load_runtime
from mcp_server.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hypernet.progress import Progress
    from hypernet.runtime import Runtime, RuntimeOptions
    from mcp_server.app.application import Application

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 269060552\n"
FAULTS = [
    ("model.safetensors", POINTER, "is a Git LFS pointer, not the file itself: run `git lfs pull`"),
    ("model.safetensors", b"", "is empty: fetch the file again"),
    ("model.safetensors", -1, "is damaged: it has 70 bytes and should have 71"),
    ("model.safetensors", -20, "is cut off or no safetensors file"),
    ("model.safetensors", b"<html>not found</html>", "is cut off or no safetensors file"),
    ("model.safetensors", None, "holds no *.safetensors"),
    ("tokenizer.json", None, "holds no tokenizer (tokenizer.json)"),
    ("tokenizer.json", POINTER, "is a Git LFS pointer"),
    ("tokenizer.json", b"", "is empty"),
    ("tokenizer.json", b'{"model": {', "holds no JSON object"),
    ("config.json", POINTER, "is a Git LFS pointer"),
    ("config.json", b"", "is empty"),
    ("config.json", b"{}", "names no model_type"),
    ("config.json", b"[]", "holds no JSON object"),
]


def invoke(*args: str, **env: str) -> Result:
    return CliRunner().invoke(main, list(args), env=env)


def break_file(file: Path, content: bytes | int | None) -> None:
    """Other bytes in its place, or fewer at its end, or no file."""
    whole = file.read_bytes()
    file.unlink()
    if content is not None:
        file.write_bytes(whole[:content] if isinstance(content, int) else content)


@pytest.mark.parametrize(("name", "content", "message"), FAULTS)
@pytest.mark.parametrize("setting", ["BASE", "ENCODER"])
def test_doctor_opens_a_model_and_names_the_file_that_is_broken(
    setting: str, name: str, content: bytes | int | None, message: str, tmp_path: Path
):
    folder = save_hollow_model(tmp_path / "model")
    env = {
        "HYPERNET_MCP_DATABASE": str(tmp_path / "memory.db"),
        f"HYPERNET_MCP_{setting}": str(folder),
    }
    assert "MISSING" not in invoke("doctor", **env).output
    break_file(folder / name, content)
    done = invoke("doctor", **env)
    assert done.exit_code == 1
    assert done.output.count("MISSING") == 1
    assert message in done.output
    assert str(folder) in done.output


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (POINTER, "is a Git LFS pointer"),
        (b"", "is empty"),
        (b"PK\3\4 something else", "is no GGUF file"),
        (b"GGUF\3\0\0\0" + b"\1\0\0\0\0\0\0\0" * 2, "is cut off or damaged"),
    ],
)
def test_doctor_and_setup_name_a_gguf_file_that_is_broken(
    content: bytes, message: str, tmp_path: Path
):
    (file := tmp_path / "model.gguf").write_bytes(content)
    env = {
        "HYPERNET_MCP_DATABASE": str(tmp_path / "memory.db"),
        "HYPERNET_MCP_CACHE": str(tmp_path),
        "HYPERNET_MCP_BASE": str(file),
    }
    for command in ("doctor", "setup"):
        done = invoke(command, **env)
        assert done.exit_code == 1
        assert isinstance(done.exception, SystemExit)
        assert f"{file} {message}" in done.output.replace("\n", " ")
    assert list((tmp_path / "models").iterdir()) == []


def test_doctor_opens_a_hypernetworks_files(tmp_path: Path):
    folder = shutil.copytree(SHIPPED / "smollm2-135m-instruct", tmp_path / "weights")
    env = {
        "HYPERNET_MCP_DATABASE": str(tmp_path / "memory.db"),
        "HYPERNET_MCP_HYPERNETWORK": str(folder),
    }
    assert "MISSING hypernetwork" not in " ".join(invoke("doctor", **env).output.split())
    weights = folder / "hypernetwork.safetensors"
    for content, message in ((POINTER, "Git LFS pointer"), (-5, "should have"), (None, "missing")):
        whole = weights.read_bytes()
        break_file(weights, content)
        done = invoke("doctor", **env)
        assert done.exit_code == 1
        assert message in done.output
        assert "MISSING hypernetwork" in " ".join(done.output.split())
        weights.write_bytes(whole)
    break_file(folder / "card.json", POINTER)
    assert "Git LFS pointer" in invoke("doctor", **env).output


@pytest.mark.anyio
@pytest.mark.parametrize("content", [POINTER, b"", -1])
async def test_a_client_hears_which_file_is_broken_and_so_does_the_log(
    make_app: Callable[..., Application],
    content: bytes | int,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
):
    folder = save_hollow_model(tmp_path / "model")
    break_file(folder / "model.safetensors", content)

    def load(options: RuntimeOptions, progress: Progress) -> Runtime:
        return load_runtime(replace(options, engine="torch"), progress)

    app = make_app(load=load, base=str(folder))
    async with connected(app) as call:
        refusal = await call.refused("set_task", task=KNOWN)
    assert f"the model could not be loaded: {folder / 'model.safetensors'} is" in refusal
    assert f"{folder / 'model.safetensors'} is" in caplog.text
