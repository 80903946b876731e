"""The page's views inside clients: the extension MCP Apps, through the SDK's own client."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from mcp import Client
from mcp.client.extension import ClientExtension
from mcp.server.apps import APP_MIME_TYPE, EXTENSION_ID
from mcp.shared.exceptions import MCPError
from support import KNOWN, Caller

from mcp_server.protocol.server import build_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from mcp_server.app.application import Application

    Maker = Callable[..., Application]

pytestmark = pytest.mark.anyio

DOCUMENT = "ui://hypernet-mcp/app"
SHOWN = {"run_step", "status", "restore_memory"}
SCRIPT = "<img src=x onerror=alert(1)>"


class ShowsApps(ClientExtension):
    """A client that shows documents of MCP Apps."""

    identifier = EXTENSION_ID

    def settings(self) -> dict[str, Any]:
        return {"mimeTypes": [APP_MIME_TYPE]}


@asynccontextmanager
async def showing(app: Application, era: str) -> AsyncIterator[Caller]:
    async with Client(build_server(app), mode=era, extensions=[ShowsApps()]) as client:
        yield Caller(client)


async def documents(client: Client) -> set[str]:
    """The tools that name the document."""
    tools = (await client.list_tools()).tools
    return {tool.name for tool in tools if (tool.meta or {}).get("ui") == {"resourceUri": DOCUMENT}}


async def text_of(caller: Caller, uri: str) -> str:
    content = (await caller.client.read_resource(uri)).contents[0]
    return str(getattr(content, "text", ""))


async def test_a_client_that_shows_apps_hears_which_tools_have_one(make_app: Maker, era: str):
    async with showing(make_app(), era) as caller:
        named = await documents(caller.client)
        capabilities = caller.client.server_capabilities
    assert named == SHOWN
    assert EXTENSION_ID in (capabilities.extensions or {})


async def test_any_other_client_hears_nothing_of_it(make_app: Maker, era: str):
    async with Client(build_server(make_app()), mode=era) as client:
        assert await documents(client) == set()
        assert EXTENSION_ID not in (client.server_capabilities.extensions or {})
        listed = {str(each.uri) for each in (await client.list_resources()).resources}
        with pytest.raises(MCPError):
            await client.read_resource(DOCUMENT)
    assert DOCUMENT not in listed


async def test_the_document_needs_nothing_from_elsewhere(make_app: Maker, era: str):
    async with showing(make_app(), era) as caller:
        content = (await caller.client.read_resource(DOCUMENT)).contents[0]
    text = str(getattr(content, "text", ""))
    assert content.mime_type == APP_MIME_TYPE
    assert (content.meta or {})["ui"]["csp"] == {}
    assert text.startswith("<!doctype html>")
    assert not re.search(r"(src|href)=|url\(|@import|https?://(?!here)", text)
    assert "ui/notifications/initialized" in text


async def test_the_views_of_the_page_can_be_read_as_resources(make_app: Maker, era: str):
    async with showing(make_app(), era) as caller:
        session = await caller.begin(KNOWN)
        await caller("run_step", session_id=session, input=SCRIPT)
        jobs = await text_of(caller, "ui://hypernet-mcp/")
        job = await text_of(caller, f"ui://hypernet-mcp/jobs/{session}")
        step = await text_of(caller, f"ui://hypernet-mcp/jobs/{session}/steps/1")
        found = await text_of(caller, "ui://hypernet-mcp/?q=mood")
    assert f"/jobs/{session}" in jobs
    assert f"/jobs/{session}/steps/1" in job
    assert "&lt;img src=x" in step
    for view in (jobs, job, step, found):
        assert "<html" not in view
        assert '<form method="post"' not in view
        assert SCRIPT not in view


async def test_a_result_is_the_same_with_and_without_the_app(make_app: Maker, era: str):
    app = make_app()
    async with showing(app, era) as inside, Client(build_server(app), mode=era) as client:
        results = []
        for caller in (inside, Caller(client)):
            session = await caller.begin(KNOWN)
            done = await caller("run_step", session_id=session, input="all is well")
            varying = ("session_id", "resource", "timings", "adapter_cached", "tokens")
            results.append({key: value for key, value in done.items() if key not in varying})
    assert results[0] == results[1]


@pytest.mark.parametrize(
    "path",
    ["/jobs/none", "/jobs/x/steps/1", "/nothing", "/jobs/../../etc", "/login", "/static/page.css"],
)
async def test_what_is_not_there_is_an_error(make_app: Maker, path: str):
    async with showing(make_app(), "auto") as caller:
        with pytest.raises(MCPError, match="uri: "):
            await caller.client.read_resource(f"ui://hypernet-mcp{path}")


async def test_a_link_to_a_task_of_any_name_can_be_followed(make_app: Maker):
    async with showing(make_app(), "auto") as caller:
        await caller("save_task", name="Zölle sortieren", task="Sort duties.")
        listed = await text_of(caller, "ui://hypernet-mcp/tasks")
        link = re.search(r'href="(/tasks/[^"]+)"', listed)
        assert link is not None, listed
        shown = await text_of(caller, f"ui://hypernet-mcp{link[1]}")
        with pytest.raises(MCPError, match="over 10000 characters"):
            await caller.client.read_resource(f"ui://hypernet-mcp/?q={'x' * 10_000}")
    assert "Sort duties." in shown
