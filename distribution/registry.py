"""`server.json`: what the MCP registry reads of a release.

Made for the registry's format of 2025-12-11. The name's first half says who vouches for it and is
proved at publication; the README's `mcp-name:` line ties the package to it.
"""

from __future__ import annotations

import json
from typing import Any

from mcp_server import __version__
from mcp_server.app.settings import Settings
from mcp_server.cli.config import NAME

SCHEMA = "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json"
SERVER = f"io.github.{NAME}/{NAME}"
DESCRIPTION = "Gives each step of a long agent job its own weights and keeps its memory in SQLite."
# What someone who installs it may want to set; `hypernet-mcp settings` lists the rest.
SETTINGS = ("database", "base", "documents", "engine")


def server_json() -> str:
    """The text of server.json."""
    about: dict[str, Any] = {
        "$schema": SCHEMA,
        "name": SERVER,
        "title": NAME,
        "description": DESCRIPTION,
        "version": __version__,
        "packages": [
            {
                "registryType": "pypi",
                "identifier": NAME,
                "version": __version__,
                "runtimeHint": "uvx",
                "transport": {"type": "stdio"},
                "environmentVariables": [_variable(name) for name in SETTINGS],
            }
        ],
    }
    return json.dumps(about, indent=2, ensure_ascii=False) + "\n"


def _variable(name: str) -> dict[str, Any]:
    field = Settings.model_fields[name]
    found: dict[str, Any] = {
        "name": f"HYPERNET_MCP_{name.upper()}",
        "description": field.description,
        "isRequired": False,
        "format": "filepath" if name in ("database", "documents") else "string",
    }
    if name == "engine":
        found["default"] = field.default
    return found
