"""Installing LangChain into a folder of its own: a virtual environment, never the project's."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from examples.agent.errors import ExampleError

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).resolve().parent
REQUIREMENTS, CONSTRAINTS = HERE / "requirements.txt", HERE / "constraints.txt"
LOG = "pip.log"


def installed(folder: Path) -> Path | None:
    """The environment's Python; None where it is not what the pins say, or half made."""
    marker = folder / "installed"
    if not marker.is_file() or marker.read_text(encoding="utf-8") != _pins():
        return None
    return _python(folder) if _python(folder).exists() else None


def install(folder: Path, show: Callable[[str], None]) -> Path:
    """Make the environment, or bring it to what the pins say; gives its Python.

    Raises:
        ExampleError: the packages cannot be had; pip's own words are quoted.
    """
    folder.mkdir(parents=True, exist_ok=True)
    python, log = _python(folder), folder / LOG
    log.write_text("", encoding="utf-8")
    if not python.exists():
        show("making the environment")
        _run([sys.executable, "-m", "venv", str(folder)], log)
    pip = [str(python), "-m", "pip", "install", "--disable-pip-version-check"]
    show("installing LangChain")
    _run([*pip, "--constraint", str(CONSTRAINTS), "--requirement", str(REQUIREMENTS)], log)
    (folder / "installed").write_text(_pins(), encoding="utf-8")
    return python


def _run(command: list[str], log: Path) -> None:
    with log.open("ab") as output:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False
        )
    if done.returncode != 0:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        errors = [line for line in lines if line.startswith("ERROR: ")] or lines[-1:]
        said = " ".join(line.removeprefix("ERROR: ").strip() for line in errors[-2:])
        raise ExampleError(f"LangChain cannot be installed: {said or 'no word why'} ({log})")


def _pins() -> str:
    text = REQUIREMENTS.read_bytes() + CONSTRAINTS.read_bytes()
    return hashlib.sha256(text).hexdigest()


def _python(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
