"""workflow.json: reading it, and putting this run's addresses into a copy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("workflow.json")
# What the file says, so that it can be imported as it is.
MCP = "http://127.0.0.1:8000/mcp"
PAGES = "http://127.0.0.1:8090"
MCP_CLIENT = "@n8n/n8n-nodes-langchain.mcpClient"


def read_workflow() -> dict[str, Any]:
    """The file as it is imported in n8n."""
    workflow: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return workflow


def addressed(mcp: str, pages: str, workflow_id: str) -> dict[str, Any]:
    """The workflow with other addresses, and an id, which the command line's import asks for."""
    text = FILE.read_text(encoding="utf-8").replace(MCP, mcp).replace(PAGES, pages)
    return {**json.loads(text), "id": workflow_id}


def called_tools(workflow: dict[str, Any]) -> dict[str, str]:
    """Which tool each node with an MCP client calls, by node, in the file's order."""
    return {
        str(node["name"]): str(node["parameters"]["tool"]["value"])
        for node in workflow["nodes"]
        if node["type"] == MCP_CLIENT
    }


def webhook_path(workflow: dict[str, Any]) -> str:
    """Where the workflow is started."""
    (start,) = (node for node in workflow["nodes"] if node["type"] == "n8n-nodes-base.webhook")
    return str(start["parameters"]["path"])
