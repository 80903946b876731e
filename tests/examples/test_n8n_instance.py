"""What n8n says over HTTP, as its versions were seen to say it, and what becomes of it."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from examples.agent.errors import ExampleError
from examples.n8n.instance import N8n
from examples.n8n.model_nodes import speaking
from examples.n8n.workflow import MODELS as MODELS_FILE
from examples.n8n.workflow import read_credential, read_workflow

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = {"data": {"rawApiKey": "a-key"}}
UNKNOWN = {"code": 404, "message": "The requested webhook is not registered."}


def kept(number: int, status: str) -> dict[str, Any]:
    data = {"resultData": {"runData": {}, "lastNodeExecuted": "Start"}}
    return {"data": [{"id": str(number), "status": status, "data": data}]}


@contextmanager
def answering(answers: dict[str, list[tuple[int, dict[str, Any]]]]) -> Iterator[N8n]:
    """An n8n that gives these answers in turn, by path; the last one again and again."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            left = answers[urlsplit(self.path).path]
            status, body = left.pop(0) if len(left) > 1 else left[0]
            text = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # as inherited
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        n8n = N8n(f"http://127.0.0.1:{server.server_port}", "a-password")
        try:
            yield n8n
        finally:
            n8n.close()
            server.shutdown()
            thread.join()


def test_a_webhook_that_is_not_known_yet_is_called_again() -> None:
    """And the execution is read when n8n has written it, not the one before it."""
    answers = {
        "/webhook/pages": [(404, UNKNOWN), (200, {})],
        "/api/v1/executions": [
            (200, kept(1, "success")),
            (200, kept(1, "success")),
            (200, kept(2, "running")),
            (200, kept(2, "success")),
        ],
    }
    with answering(answers) as n8n:
        execution = n8n.run("pages", {})
    assert (execution.id, execution.status) == ("2", "success")


def test_an_execution_that_failed_is_a_result_and_no_error() -> None:
    answers = {
        "/webhook/pages": [(500, {"message": "Error in workflow"})],
        "/api/v1/executions": [(200, {"data": []}), (200, kept(1, "error"))],
    }
    with answering(answers) as n8n:
        assert n8n.run("pages", {}).status == "error"


def test_what_n8n_refuses_is_told_with_its_words() -> None:
    refusal = {"message": "Invalid scopes for user role"}
    answers = {"/rest/owner/setup": [(200, {})], "/rest/api-keys": [(400, refusal)]}
    said = r"refuses /rest/api-keys: .*Invalid scopes"
    with answering(answers) as n8n, pytest.raises(ExampleError, match=said):
        n8n.open()


MODELS = read_workflow(MODELS_FILE)


@pytest.mark.parametrize("node", speaking(MODELS), ids=lambda node: str(node["name"]))
def test_a_model_nodes_own_list_is_asked_for(node: dict[str, Any]) -> None:
    shown = {"data": {"results": [{"name": "AUTO", "value": "auto"}]}}
    path = "/rest/dynamic-node-parameters/resource-locator-results"
    with answering({path: [(200, shown)]}) as n8n:
        assert n8n.models(node) == ["auto"]


def test_n8ns_own_test_of_a_credential_says_what_is_wrong() -> None:
    wrong = {"data": {"status": "Error", "message": "Connection refused"}}
    right = {"data": {"status": "OK", "message": "Connection successful!"}}
    with answering({"/rest/credentials/test": [(200, wrong), (200, right)]}) as n8n:
        assert n8n.test(read_credential()) == "Connection refused"
        assert n8n.test(read_credential()) == "OK"


def test_an_owner_and_a_key_are_made_and_the_workflow_is_activated() -> None:
    answers = {
        "/rest/owner/setup": [(200, {})],
        "/rest/api-keys": [(200, KEY)],
        "/api/v1/workflows/an-id/activate": [(200, {})],
    }
    with answering(answers) as n8n:
        n8n.open()
        n8n.activate("an-id")
