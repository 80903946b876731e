"""Installing n8n: what is missing is said in one line, and a half-made folder is no n8n."""

from __future__ import annotations

import json
import os
import platform
import shutil
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from examples.agent.errors import ExampleError
from examples.n8n.__main__ import main
from examples.n8n.install import NODE, VERSION, install, installed

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the programs that stand in are scripts")


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of programs, before all others."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


def script(file: Path, text: str) -> None:
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)


def no_progress(text: str) -> None:
    pass


def test_without_npm_it_says_what_brings_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["--folder", str(tmp_path / "n8n")]) == 1
    said = capsys.readouterr().err
    assert said == "n8n: failed: npm is not there: install Node.js, which brings it\n"


def test_what_npm_says_is_told_with_its_log(tmp_path: Path, programs: Path) -> None:
    script(programs / "npm", "echo 'npm error code ETARGET'; echo 'npm error no match'; exit 1")
    folder = tmp_path / "n8n"
    with pytest.raises(ExampleError, match=r"failed: code ETARGET no match \(.*npm\.log\)"):
        install(folder, no_progress)
    assert installed(folder) is None


def test_too_little_room_is_said_before_anything_is_fetched(
    tmp_path: Path, programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(programs / "npm", "exit 1")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10**9))
    with pytest.raises(ExampleError, match=r"has 1\.0 GB free: n8n needs 6"):
        install(tmp_path / "n8n", no_progress)


def test_a_node_that_is_too_old_is_named_where_none_comes_along(
    tmp_path: Path, programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    script(programs / "npm", "exit 1")
    script(programs / "node", "echo v20.1.0")
    with pytest.raises(ExampleError, match=r"needs Node 24 or newer; found: v20\.1\.0"):
        install(tmp_path / "n8n", no_progress)


def test_a_binding_that_was_not_built_is_no_install(
    tmp_path: Path, programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    script(programs / "npm", "exit 0")
    script(programs / "node", '[ "$1" = --version ] && echo v24.0.0 || exit 1')
    with pytest.raises(ExampleError, match=r"needs make, a C\+\+ compiler and Python"):
        install(tmp_path / "n8n", no_progress)
    assert installed(tmp_path / "n8n") is None


def test_a_whole_install_is_found_and_one_of_another_version_is_not(
    tmp_path: Path, programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    script(programs / "npm", "exit 0")
    script(programs / "node", "echo v24.0.0")
    folder = tmp_path / "n8n"
    made = install(folder, no_progress)
    assert installed(folder) == made
    assert made.command[0] == str(programs / "node")
    assert json.loads((folder / "package.json").read_text())["dependencies"] == {"n8n": VERSION}
    (folder / "installed.json").write_text(json.dumps({"n8n": "1.0.0", "node": NODE}))
    assert installed(folder) is None


@pytest.mark.parametrize("steps", ["-1", "0", "20"])
def test_a_kill_outside_of_the_job_is_refused_before_anything_is_installed(
    steps: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "n8n"
    assert main(["--folder", str(folder), "--kill-after", steps]) == 1
    assert f"--kill-after {steps}: the job has 20 steps; 1 to 19" in capsys.readouterr().err
    assert not folder.exists()


def test_a_json_file_that_cannot_be_written_is_refused_before_anything_is_installed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "n8n"
    assert main(["--folder", str(folder), "--json", str(tmp_path / "none" / "run.json")]) == 1
    assert "there is no such folder" in capsys.readouterr().err
    assert not folder.exists()
