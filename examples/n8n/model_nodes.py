"""n8n's own OpenAI nodes in a workflow: what each asks for, and what it gave."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "@n8n/n8n-nodes-langchain"
MESSAGE = f"{PACKAGE}.openAi"
CHAIN = f"{PACKAGE}.chainLlm"
CHAT_MODEL = f"{PACKAGE}.lmChatOpenAi"
RESPONSES, CHAT = "responses", "chat.completions"


@dataclass(frozen=True)
class ModelNode:
    """A node whose items are answers of a model."""

    name: str
    kind: str
    """Which of n8n's nodes speaks to the server, with its version."""
    api: str
    """`responses` or `chat.completions`."""
    model: str
    system: str | None
    """Its system message; None: it has none."""


@dataclass(frozen=True)
class Given:
    """One item of such a node."""

    text: str
    about: dict[str, Any] | None
    """The object `hypernet` of the answer; None where the node keeps the text alone."""


def model_nodes(workflow: dict[str, Any]) -> tuple[ModelNode, ...]:
    """The nodes that answer, in the workflow's order."""
    return tuple(_model_nodes(workflow))


def speaking(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    """The nodes that have a model and a credential, as the workflow has them."""
    return [node for node in workflow["nodes"] if node["type"] in (MESSAGE, CHAT_MODEL)]


def given(node: ModelNode, item: dict[str, Any]) -> Given:
    """What an item says, in the form of its node."""
    if node.kind.startswith("OpenAI Chat Model"):
        return Given(str(item["text"]), None)
    if node.api == CHAT:
        return Given(str(item["choices"][0]["message"]["content"]), item["hypernet"])
    text = item["output"][0]["content"][0]["text"]
    # n8n reads the text of an answer that has a schema.
    return Given(text if isinstance(text, str) else json.dumps(text), item["hypernet"])


def _model_nodes(workflow: dict[str, Any]) -> Iterator[ModelNode]:
    models = {
        link["node"]: node
        for node in workflow["nodes"]
        if node["type"] == CHAT_MODEL
        for link in workflow["connections"][node["name"]]["ai_languageModel"][0]
    }
    for node in workflow["nodes"]:
        name, parameters = str(node["name"]), node["parameters"]
        if node["type"] == MESSAGE:
            # Version 1 calls Chat Completions, version 2 Responses.
            api = CHAT if node["typeVersion"] < 2 else RESPONSES
            messages = parameters["messages" if api == CHAT else "responses"]["values"]
            system = [each["content"] for each in messages if each.get("role") == "system"]
            kind, model = f"OpenAI {node['typeVersion']}", parameters["modelId"]["value"]
        elif node["type"] == CHAIN:
            its = models[name]
            api = RESPONSES if its["parameters"].get("responsesApiEnabled", True) else CHAT
            # A message of a chain is the system's unless it says otherwise.
            system = [each["message"] for each in parameters["messages"]["messageValues"]]
            kind = f"OpenAI Chat Model {its['typeVersion']}"
            model = its["parameters"]["model"]["value"]
        else:
            continue
        yield ModelNode(name, kind, api, str(model), system[0] if system else None)
