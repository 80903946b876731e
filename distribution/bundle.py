"""`dist/hypernet-mcp.mcpb`: a bundle that desktop clients install by a click.

    python -m distribution.bundle

Format 0.4 with a server of the type `uv`: the bundle holds our source and its pyproject.toml, and
the client's uv makes the environment. The official `mcpb` from `.node` validates and packs it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from distribution.registry import DESCRIPTION
from mcp_server import __version__
from mcp_server.cli.config import NAME

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "dist" / f"{NAME}.mcpb"
TOOL = ROOT / ".node" / "node_modules" / ".bin" / "mcpb"
PACKAGES = ("mcp_server", "hypernet", "checkpoints")
FILES = ("pyproject.toml", "README.md", "LICENSE")


def manifest() -> str:
    """The text of the bundle's manifest.json."""
    about = {
        "manifest_version": "0.4",
        "name": NAME,
        "display_name": NAME,
        "version": __version__,
        "description": DESCRIPTION,
        "author": {"name": f"the {NAME} authors"},
        "license": "Apache-2.0",
        "keywords": ["lora", "hypernetwork", "agents", "memory"],
        "server": {
            "type": "uv",
            "entry_point": "mcp_server/__main__.py",
            "mcp_config": {
                "command": "uv",
                "args": ["run", "--directory", "${__dirname}", NAME, "--transport", "stdio"],
                "env": {"HYPERNET_MCP_DOCUMENTS": "${user_config.documents}"},
            },
        },
        "tools_generated": True,
        "prompts_generated": True,
        "user_config": {
            "documents": {
                "type": "string",
                "title": "Folder of documents",
                "description": "A folder that `remember` may read files from; empty: none.",
                "default": "",
                "required": False,
            }
        },
        "compatibility": {
            "platforms": ["darwin", "win32", "linux"],
            "runtimes": {"python": ">=3.11"},
        },
    }
    return json.dumps(about, indent=2, ensure_ascii=False) + "\n"


def stage(folder: Path) -> None:
    """Put what the bundle holds into a folder: sources, no caches, nothing of the tests."""
    (folder / "manifest.json").write_text(manifest(), encoding="utf-8", newline="\n")
    for name in FILES:
        shutil.copy(ROOT / name, folder / name)
    for package in PACKAGES:
        ignore = shutil.ignore_patterns("__pycache__", "*.pyc")
        shutil.copytree(ROOT / package, folder / package, ignore=ignore)


def build(target: Path = TARGET) -> Path:
    """Validate the manifest and pack the bundle.

    Raises:
        FileNotFoundError: the `mcpb` tool is not there.
        subprocess.CalledProcessError: it refuses the manifest.
    """
    found = shutil.which(str(TOOL))
    if found is None:
        raise FileNotFoundError("the mcpb tool is not installed: run `make .venv/node`")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        stage(Path(folder))
        subprocess.run([found, "validate", folder], check=True, stdin=subprocess.DEVNULL)
        subprocess.run([found, "pack", folder, str(target)], check=True, stdin=subprocess.DEVNULL)
    return target


if __name__ == "__main__":
    try:
        print(f"wrote {build()}")
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        sys.exit(str(error))
