"""A running n8n: what is imported, an owner, and executions over its own HTTP interface."""

from __future__ import annotations

import json
import secrets
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx2

from examples.agent.errors import ExampleError
from examples.serving.processes import Program, free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from examples.n8n.install import Install

IMPORT_SECONDS = 300
READY_SECONDS = 300.0
REQUEST_SECONDS = 60.0
RUN_SECONDS = 1800.0
SETTLE_SECONDS = 60.0
POLL_SECONDS = 0.5
SCOPES = ("workflow:read", "workflow:activate", "execution:read", "execution:list")
UNFINISHED = ("new", "running", "waiting")
EMAIL = "owner@example.org"


@dataclass(frozen=True)
class Execution:
    """One execution of the workflow, as n8n kept it."""

    id: str
    status: str
    """`success` or `error`."""
    error: str
    """What n8n says went wrong, and in which node; empty after a success."""
    items: dict[str, list[dict[str, Any]]]
    """What each finished node gave, by node: one JSON object an item."""


class N8n:
    """An n8n that listens."""

    def __init__(self, address: str, password: str) -> None:
        self.address, self.password = address, password
        self._http = httpx2.Client(base_url=address, timeout=REQUEST_SECONDS)

    def open(self) -> None:
        """Make the owner, and a key for the public interface.

        Raises:
            ExampleError: n8n refused.
        """
        owner = {"firstName": "Local", "lastName": "Owner", "email": EMAIL}
        self._send("/rest/owner/setup", {**owner, "password": self.password})
        key = {"label": "example", "expiresAt": None, "scopes": SCOPES}
        made = self._send("/rest/api-keys", key)
        self._http.headers["X-N8N-API-KEY"] = str(made["data"]["rawApiKey"])

    def close(self) -> None:
        """Let go of its connections; n8n runs on."""
        self._http.close()

    def activate(self, workflow_id: str) -> None:
        """Put an imported workflow to work.

        Raises:
            ExampleError: n8n refused.
        """
        self._send(f"/api/v1/workflows/{workflow_id}/activate", {})

    def models(self, node: dict[str, Any]) -> list[str]:
        """What a model node's own list shows to choose from, by the node of a workflow.

        Raises:
            ExampleError: n8n refused, or cannot get the list.
        """
        of_message = "modelId" in node["parameters"]
        parameter = "modelId" if of_message else "model"
        asked = {
            "path": f"parameters.{parameter}",
            "methodName": "modelSearch" if of_message else "searchModels",
            "nodeTypeAndVersion": {"name": node["type"], "version": node["typeVersion"]},
            "currentNodeParameters": node["parameters"],
            "credentials": node["credentials"],
        }
        shown = self._send("/rest/dynamic-node-parameters/resource-locator-results", asked)
        return [str(each["value"]) for each in shown["data"]["results"]]

    def test(self, credential: dict[str, Any]) -> str:
        """What n8n's own test says of a credential: `OK`, or why it does not work.

        Raises:
            ExampleError: n8n refused to test it.
        """
        said = self._send("/rest/credentials/test", {"credentials": credential})["data"]
        return "OK" if said["status"] == "OK" else str(said["message"])

    def run(self, path: str, body: dict[str, Any]) -> Execution:
        """Call a webhook, wait for the workflow's end, and give the execution.

        Raises:
            ExampleError: n8n does not answer, or knows no such webhook.
        """
        before = self._latest()
        ends = time.monotonic() + SETTLE_SECONDS
        while (answer := self._call(path, body)).status_code == httpx2.codes.NOT_FOUND:
            # A webhook is known some moments after its workflow was activated.
            if time.monotonic() > ends:
                raise ExampleError(f"n8n has no webhook {path}: {answer.text[:300]}")
            time.sleep(POLL_SECONDS)
        # An execution that failed is an answer, too: 500. What it did is written after that.
        ends = time.monotonic() + SETTLE_SECONDS
        while (kept := self._latest()) == before or kept is None or kept["status"] in UNFINISHED:
            if time.monotonic() > ends:
                raise ExampleError(f"n8n kept no execution: {answer.text[:300]}")
            time.sleep(POLL_SECONDS)
        return read_execution(kept)

    def _call(self, path: str, body: dict[str, Any]) -> httpx2.Response:
        try:
            return self._http.post(f"/webhook/{path}", json=body, timeout=RUN_SECONDS)
        except httpx2.HTTPError as error:
            raise ExampleError(f"n8n: {error}") from error

    def _latest(self) -> dict[str, Any] | None:
        """The execution that began last, with its data."""
        asked = {"includeData": "true", "limit": "1"}
        try:
            kept = _body(self._http.get("/api/v1/executions", params=asked))["data"]
        except httpx2.HTTPError as error:
            raise ExampleError(f"n8n: {error}") from error
        return kept[0] if kept else None

    def _send(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        try:
            return _body(self._http.post(path, json=body))
        except httpx2.HTTPError as error:
            raise ExampleError(f"n8n: {error}") from error


def read_execution(kept: dict[str, Any]) -> Execution:
    """An execution of the public interface, `includeData` on."""
    result = kept["data"]["resultData"]
    error = result.get("error") or {}
    where = (error.get("node") or {}).get("name") or result.get("lastNodeExecuted", "")
    items: dict[str, list[dict[str, Any]]] = {}
    for node, runs in result["runData"].items():
        last = runs[-1]  # a node that was tried again has its last try here
        # A sub-node, such as a chain's model, gives no items.
        if last.get("executionStatus") == "success" and "main" in last["data"]:
            items[node] = [item["json"] for item in last["data"]["main"][0] or []]
    said = f"{where}: {error.get('message', '')}" if error else ""
    return Execution(str(kept["id"]), str(kept["status"]), said, items)


@contextmanager
def running(
    install: Install,
    folder: Path,
    workflows: list[dict[str, Any]],
    credential: dict[str, Any],
    show: Callable[[str], None],
) -> Iterator[N8n]:
    """An n8n whose data are in a folder, with workflows imported and active.

    Raises:
        ExampleError: n8n cannot import them or the credential, does not start, or refuses.
    """
    port = free_port()
    env = {**install.env, **_settings(folder, port)}
    for kind, imported in (("credentials", [credential]), ("workflow", workflows)):
        file = folder / f"{kind}.json"
        file.write_text(json.dumps(imported), encoding="utf-8")
        show(f"n8n: importing, {kind}")
        _import(install, kind, file, env)
    program = Program([*install.command, "start"], env, folder / "n8n.log")
    n8n = N8n(f"http://127.0.0.1:{port}", f"Aa1{secrets.token_hex(8)}")
    try:
        _wait(n8n.address, program, show)
        n8n.open()
        for workflow in workflows:
            n8n.activate(str(workflow["id"]))
        yield n8n
    finally:
        n8n.close()
        program.stop()


def _settings(folder: Path, port: int) -> dict[str, str]:
    return {
        "N8N_USER_FOLDER": str(folder),
        "N8N_LISTEN_ADDRESS": "127.0.0.1",
        "N8N_PORT": str(port),
        "N8N_RUNNERS_BROKER_PORT": str(free_port()),
        "DB_TYPE": "sqlite",
        # Plain HTTP on this machine.
        "N8N_SECURE_COOKIE": "false",
        "N8N_DIAGNOSTICS_ENABLED": "false",
        "N8N_VERSION_NOTIFICATIONS_ENABLED": "false",
        "N8N_TEMPLATES_ENABLED": "false",
        "N8N_DYNAMIC_BANNERS_ENABLED": "false",
        "N8N_DISABLED_MODULES": "mcp-registry",
    }


def _import(install: Install, kind: str, file: Path, env: dict[str, str]) -> None:
    try:
        done = subprocess.run(
            [*install.command, f"import:{kind}", f"--input={file}"],
            env=env,
            capture_output=True,
            text=True,
            timeout=IMPORT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ExampleError(f"n8n: no import within {IMPORT_SECONDS} s") from error
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise ExampleError(f"n8n cannot import its {kind}: {' '.join(said[-3:])[:500]}")


def _wait(address: str, program: Program, show: Callable[[str], None]) -> None:
    began = time.monotonic()
    while True:
        if not program.running:
            raise ExampleError(f"n8n ended{program.last_words()}")
        waited = time.monotonic() - began
        if waited > READY_SECONDS:
            raise ExampleError(
                f"n8n is not ready after {READY_SECONDS:.0f} s{program.last_words()}"
            )
        show(f"n8n: starting, {waited:.0f} s")
        try:
            if httpx2.get(f"{address}/healthz/readiness", timeout=5).status_code == httpx2.codes.OK:
                return
        except httpx2.HTTPError:
            pass
        time.sleep(POLL_SECONDS)


def _body(answer: httpx2.Response) -> dict[str, Any]:
    if answer.is_error:
        raise ExampleError(f"n8n refuses {answer.request.url.path}: {answer.text[:300]}")
    body: dict[str, Any] = answer.json()
    return body
