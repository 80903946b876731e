"""workflow.json: what n8n imports, and what our tools are called with by it."""

from __future__ import annotations

import json
import os
import re
import sys
from typing import TYPE_CHECKING, Any

import httpx2
import jsonschema
import pytest
import yaml
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from examples.agent.errors import ExampleError
from examples.n8n.pages import read_pages, served
from examples.n8n.workflow import (
    FILE,
    MCP,
    MCP_CLIENT,
    PAGES,
    addressed,
    called_tools,
    read_workflow,
    webhook_path,
)

if TYPE_CHECKING:
    from pathlib import Path

TEXT = FILE.read_text(encoding="utf-8")
WORKFLOW = read_workflow()
NODES = {node["name"]: node for node in WORKFLOW["nodes"]}
# One argument a line, two columns in; what it holds is further in.
ARGUMENT = re.compile(r"^  (\w+): (.*?)(?=,\n  \w|\n\} \}\})", re.MULTILINE | re.DOTALL)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def sources(node: str) -> dict[str, str]:
    """A node's arguments as they are written: JavaScript, which n8n evaluates."""
    written = NODES[node]["parameters"]["jsonInput"]
    assert written.startswith("={{ {\n")
    assert written.endswith("\n} }}")
    return dict(ARGUMENT.findall(written))


def arguments(node: str, session: str | None) -> dict[str, Any]:
    """The same with values: constants as they are, expressions as texts like those of a page."""
    made: dict[str, Any] = {}
    for name, source in sources(node).items():
        if name == "session_id":
            made[name] = session
        elif "$" in source:
            made[name] = f"{node}: {name}"
        else:
            made[name] = yaml.safe_load(source)
    return made


def test_eleven_nodes_stand_in_one_chain_from_the_webhook_on() -> None:
    assert len(WORKFLOW["nodes"]) == len(NODES) == 11
    assert len({node["id"] for node in NODES.values()}) == 11
    chain, node = ["Start"], "Start"
    while following := WORKFLOW["connections"].get(node):
        ((connection,),) = following["main"]
        assert (connection["type"], connection["index"]) == ("main", 0)
        node = connection["node"]
        chain.append(node)
    assert chain == list(NODES)
    assert webhook_path(WORKFLOW) == "hypernet-pages"


def test_a_click_in_the_editor_starts_it_without_a_request() -> None:
    """What is pinned to the trigger stands in for the request there."""
    assert WORKFLOW["pinData"] == {"Start": [{"json": {"body": {}}}]}


def test_nothing_of_a_machine_and_no_secret_is_in_the_file() -> None:
    assert set(re.findall(r"https?://[^/\"]+", TEXT)) == {MCP.removesuffix("/mcp"), PAGES}
    assert not re.search(r"(?<![\w.])/(root|home|tmp|Users|work)\b|[A-Z]:\\\\", TEXT)
    assert not any("credentials" in node for node in NODES.values())


def test_nodes_that_call_tools_stop_at_an_error_and_try_again() -> None:
    """Up to version 1 of n8n's node a tool's error was handed on as if it were a result."""
    clients = [node for node in NODES.values() if node["type"] == MCP_CLIENT]
    assert len(clients) == 7
    for node in clients:
        assert node["typeVersion"] >= 1.1
        assert node["parameters"]["serverTransport"] == "httpStreamable"
        assert node["retryOnFail"] is True
        assert "onError" not in node
        most = arguments(node["name"], None)["max_seconds"] * 1000
        assert most < node["parameters"]["options"]["timeout"]


def test_each_node_has_a_task_of_its_own_and_keys_by_page() -> None:
    steps = [node for node, tool in called_tools(WORKFLOW).items() if tool == "run_step"]
    tasks = [sources(node).get("task", sources("Open the session")["task"]) for node in steps]
    assert len(set(tasks)) == len(steps) == 5
    keys = [sources(node)["step_key"] for node in steps]
    assert len(set(keys)) == 5
    assert all(key.endswith(" ' + $('List the pages').item.json.page") for key in keys)


def test_expressions_name_nodes_that_come_before() -> None:
    order = list(NODES)
    for name in called_tools(WORKFLOW):
        for named in re.findall(r"\$\('([^']+)'\)", NODES[name]["parameters"]["jsonInput"]):
            assert order.index(named) < order.index(name)


@pytest.mark.anyio
async def test_our_tools_take_every_nodes_arguments(tmp_path: Path) -> None:
    """The echo engine keeps to no schema, so that the record's call is held to the tool's own."""
    env = {**os.environ, "HYPERNET_MCP_ENGINE": "echo"}
    args = ["-m", "mcp_server", "--database", str(tmp_path / "memory.db")]
    server = StdioServerParameters(command=sys.executable, args=args, env=env)
    with (tmp_path / "log").open("w") as log:
        async with Client(stdio_client(server, errlog=log)) as client:
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
            session = None
            for node, tool in called_tools(WORKFLOW).items():
                sent = arguments(node, session)
                known = tools[tool].input_schema
                assert set(sent) <= set(known["properties"])
                given = {name: value for name, value in sent.items() if value is not None}
                jsonschema.validate(given, known)
                result = await client.call_tool(tool, sent)
                if "output_schema" in sent:
                    jsonschema.Draft202012Validator.check_schema(sent["output_schema"])
                    assert "the echo engine" in str(result.content)
                    continue
                assert not result.is_error, (node, result.content)
                assert result.structured_content is not None
                session = result.structured_content["session_id"]


def test_a_run_puts_its_own_addresses_in_and_nothing_else() -> None:
    changed = addressed("http://127.0.0.1:1234/mcp", "http://127.0.0.1:5678")
    text = json.dumps(changed)
    assert MCP not in text
    assert PAGES not in text
    assert text.count("http://127.0.0.1:1234/mcp") == 7
    assert text.count("http://127.0.0.1:5678") == 1
    assert changed.keys() == WORKFLOW.keys()


def test_the_pages_are_served_with_a_list_of_them() -> None:
    pages = read_pages()
    with served(pages) as address, httpx2.Client() as http:
        listed = http.get(f"{address}/pages.json").json()
        assert [each["page"] for each in listed] == [page.name for page in pages]
        assert [http.get(each["url"]).content for each in listed] == [page.text for page in pages]
        assert http.get(f"{address}/../workflow.json").status_code == 404


def test_a_port_that_is_taken_is_named() -> None:
    with served(read_pages()) as address:
        port = int(address.rpartition(":")[2])
        with (
            pytest.raises(ExampleError, match=f"cannot serve the pages on port {port}: "),
            served(read_pages(), port),
        ):
            raise AssertionError("two servers on one port")


def test_what_is_true_of_a_page_is_in_its_markup() -> None:
    teapot = read_pages()[0]
    assert (teapot.product, teapot.brand, teapot.price) == ("Classic teapot", "Mirelle", "27.25")
    assert (teapot.material, teapot.review) == ("glass", "positive")


def test_a_page_without_the_markup_is_named(tmp_path: Path) -> None:
    (tmp_path / "bare.html").write_text("<main><h1>A lamp</h1></main>")
    with pytest.raises(ExampleError, match=r"bare\.html: 0 elements say name, not one"):
        read_pages(tmp_path)
    with pytest.raises(ExampleError, match="has no pages"):
        read_pages(tmp_path / "none")
