"""The job and the step inside a client that speaks MCP Apps: a frame that asks it for views."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from bench.page.browser import LOOKS, opened, too_wide, violations
from bench.page.injection import injected
from bench.page.payloads import ways
from bench.page.serving import resources_of, tools_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Frame

    from bench.page.browser import Watched
    from bench.page.made import Job

    Shown = tuple[str, Job]

pytestmark = pytest.mark.browser

DOCUMENT = "ui://hypernet-mcp/app"
# What the specification has a client allow a document that names no other places.
POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; media-src 'self' data:; connect-src 'none'"
)
CLIENT = """<!doctype html><html lang="en"><head><title>A client</title></head><body><main>
<h1>A client</h1><iframe title="hypernet-mcp" sandbox="allow-scripts" width="100%" height="700">
</iframe></main><script>
const frame = document.querySelector("iframe");
let result = null;
const send = (message) => frame.contentWindow.postMessage({ jsonrpc: "2.0", ...message }, "*");
window.addEventListener("message", async ({ source, data: { id, method, params } }) => {
  if (source !== frame.contentWindow) return;
  if (method === "ui/initialize")
    send({ id, result: {
      protocolVersion: "2026-01-26",
      hostInfo: { name: "client", version: "1" },
      hostCapabilities: { serverResources: {} },
      hostContext: {},
    } });
  if (method === "ui/notifications/initialized")
    send({ method: "ui/notifications/tool-result", params: result });
  if (method === "resources/read")
    send({ id, result: { contents: [{ uri: params.uri, text: await read(params.uri) }] } });
});
function show(text, given) {
  result = given;
  frame.srcdoc = text;
}
</script></body></html>"""


@contextmanager
def shown_in_client(
    watched: Watched, read: Callable[[str], str], result: dict[str, Any]
) -> Iterator[Frame]:
    """The frame that a client shows beside a tool's result."""
    page = watched.page
    page.expose_function("read", read)
    page.set_content(CLIENT)
    policy = f'<head><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    text = read(DOCUMENT).replace("<head>", policy, 1)
    page.evaluate("([text, result]) => show(text, result)", [text, {"structuredContent": result}])
    page.frame_locator("iframe").locator("h1").wait_for()
    yield page.frames[1]


@pytest.mark.parametrize("look", LOOKS)
def test_a_client_shows_the_step_and_leads_to_the_job_and_back(
    browser: Browser, shown: Shown, look: str
):
    address, job = shown
    step = {"session_id": job.session, "step": job.step, "output": "as the tool said"}
    with (
        resources_of(address) as read,
        opened(browser, address, look) as watched,
        shown_in_client(watched, read, step) as frame,
    ):
        first = frame.inner_text("h1")
        found = [violations(frame), too_wide(frame)]
        frame.get_by_role("link", name="The job").click()
        frame.get_by_role("heading", name="Steps").wait_for()
        found += [violations(frame), too_wide(frame)]
        frame.get_by_role("button", name="Back").click()
        frame.get_by_role("heading", name=first, exact=True).wait_for()
        forms = frame.locator("form[method=post]").count()
    assert first == f"Step {job.step}"
    assert found == [[], [], [], []]
    assert forms == 0
    assert watched.faults == []


def test_no_text_becomes_markup_in_a_client(browser: Browser, shown: Shown):
    address, _ = shown
    with tools_of(address) as call, resources_of(address) as read:
        for payload in ways()[::6]:
            session = call("set_task", task=payload)["session_id"]
            done = call("run_step", session_id=session, input=payload)
            with (
                opened(browser, address, bypass_csp=True) as watched,
                shown_in_client(watched, read, done) as frame,
            ):
                assert payload[:20].strip() in frame.inner_text("main")
                assert injected(watched, frame) == []
