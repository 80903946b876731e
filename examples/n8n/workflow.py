"""What n8n imports: workflows and a credential, as they are or with this run's addresses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("workflow.json")
MODELS = Path(__file__).with_name("models.json")
CREDENTIALS = Path(__file__).with_name("credentials.json")
# What the files say, so that they can be imported as they are.
MCP = "http://127.0.0.1:8000/mcp"
V1 = "http://127.0.0.1:8000/v1"
PAGES = "http://127.0.0.1:8090"
MCP_CLIENT = "@n8n/n8n-nodes-langchain.mcpClient"


def read_workflow(file: Path = FILE) -> dict[str, Any]:
    """The file as it is imported in n8n."""
    workflow: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return workflow


def addressed(mcp: str, pages: str, file: Path = FILE) -> dict[str, Any]:
    """The workflow with other addresses."""
    text = file.read_text(encoding="utf-8").replace(MCP, mcp).replace(PAGES, pages)
    workflow: dict[str, Any] = json.loads(text)
    return workflow


def read_credential(v1: str = V1) -> dict[str, Any]:
    """The credential that the model nodes name, with the address of `/v1`."""
    (credential,) = json.loads(CREDENTIALS.read_text(encoding="utf-8").replace(V1, v1))
    return dict(credential)


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
