"""models.json: n8n's own model nodes, what becomes of their answers, and checks that can fail."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from example_run import ROOT
from n8n_fakes import (
    MODEL_NODES,
    OF_MODELS,
    PAGES,
    SESSION,
    FakeDisplay,
    a_model_job,
    model_execution,
    model_held,
)

from examples.agent.errors import ExampleError
from examples.n8n.instance import Execution
from examples.n8n.model_checks import model_checks_of
from examples.n8n.model_job import model_rows, run_models
from examples.n8n.model_nodes import CHAT, CHAT_MODEL, RESPONSES, speaking
from examples.n8n.workflow import (
    CREDENTIALS,
    MCP,
    MODELS,
    V1,
    addressed,
    called_tools,
    read_credential,
    webhook_path,
)
from examples.n8n.workflow import PAGES as SHOP

if TYPE_CHECKING:
    from examples.n8n.model_job import ModelJob

TEXT = MODELS.read_text(encoding="utf-8")
NODES = {node["name"]: node for node in OF_MODELS["nodes"]}
SESSION_OF = "$('Open the session').first().json.structuredContent.session_id"


def failed(job: ModelJob) -> list[str]:
    return [check.name for check in model_checks_of(job) if not check.holds]


class Server:
    """Holds what both executions left, and counts their calls."""

    def __init__(self) -> None:
        self.executions = 0

    def calls(self, tool: str) -> dict[str, int]:
        of_one = {RESPONSES: 16, CHAT: 8}[tool]
        # Other calls came before.
        return {"ok": 5 + of_one * self.executions, "error": 2}

    def steps(self, session: str) -> list[dict[str, Any]]:
        assert session == SESSION
        held = model_held()
        return held if self.executions == 1 else [*held, *held[4:12]]


class Nodes:
    """An n8n whose executions of the model nodes are these."""

    def __init__(self, server: Server, executions: list[Execution]) -> None:
        self._server, self._executions = server, executions
        self.bodies: list[dict[str, Any]] = []

    def run(self, path: str, body: dict[str, Any]) -> Execution:
        assert path == "hypernet-models"
        self.bodies.append(body)
        self._server.executions += 1
        return self._executions.pop(0)

    def models(self, node: dict[str, Any]) -> list[str]:
        return ["auto", "task:page-review"]

    def test(self, credential: dict[str, Any]) -> str:
        return "OK"


def run(executions: list[Execution]) -> tuple[ModelJob, Nodes, FakeDisplay]:
    display = FakeDisplay()
    fake: Any = Server()
    n8n: Any = Nodes(fake, executions)
    return run_models(n8n, OF_MODELS, read_credential(), fake, PAGES, display), n8n, display


def test_twelve_nodes_stand_in_one_chain_and_two_models_below_it() -> None:
    assert len(NODES) == len({node["id"] for node in NODES.values()}) == 14
    chain, node = ["Start"], "Start"
    while following := OF_MODELS["connections"].get(node):
        ((connection,),) = following["main"]
        node = connection["node"]
        chain.append(node)
    below = {
        name: OF_MODELS["connections"][name]["ai_languageModel"][0][0]["node"]
        for name, node in NODES.items()
        if node["type"] == CHAT_MODEL
    }
    assert len(chain) == 12
    assert below == {"Model of price": "Chain: price", "Model of material": "Chain: material"}
    assert set(chain) | set(below) == set(NODES)
    assert webhook_path(OF_MODELS) == "hypernet-models"
    assert OF_MODELS["pinData"] == {"Start": [{"json": {"body": {}}}]}


def test_both_kinds_of_node_call_both_apis_under_auto_and_a_saved_task() -> None:
    ways = {(node.kind, node.api, node.model) for node in MODEL_NODES}
    assert ways == {
        ("OpenAI 2.3", RESPONSES, "auto"),
        ("OpenAI 2.3", RESPONSES, "task:page-review"),
        ("OpenAI 1.8", CHAT, "task:page-review"),
        ("OpenAI Chat Model 1.3", RESPONSES, "auto"),
        ("OpenAI Chat Model 1.3", CHAT, "auto"),
    }
    tasks = [node.system for node in MODEL_NODES if node.model == "auto"]
    assert len(set(tasks)) == len(tasks) == 4
    assert {node.system for node in MODEL_NODES if node.model != "auto"} == {None}


def test_the_saved_task_is_saved_before_its_model_is_asked() -> None:
    assert list(called_tools(OF_MODELS).items()) == [
        ("Open the session", "set_task"),
        ("Save the task", "save_task"),
    ]
    assert "name: 'page-review'" in NODES["Save the task"]["parameters"]["jsonInput"]


def test_nodes_give_session_and_key_and_models_below_a_chain_the_session_alone() -> None:
    """n8n evaluates what stands in a sub-node for the first item, whichever is asked about."""
    for node in speaking(OF_MODELS):
        options = node["parameters"]["options"]
        sent = options.get("metadata", options.get("extraBody", ""))
        if node["typeVersion"] == 1.8:
            assert not options
            continue
        assert SESSION_OF in sent
        assert ("step_key" in sent) is (node["type"] != CHAT_MODEL)
        assert ("$('List the pages').item.json.page" in sent) is (node["type"] != CHAT_MODEL)


def test_expressions_name_nodes_that_come_before() -> None:
    order = list(NODES)
    for name, node in NODES.items():
        for named in re.findall(r"\$\('([^']+)'\)", json.dumps(node["parameters"])):
            assert order.index(named) < order.index(name)


def test_nothing_of_a_machine_and_no_secret_is_in_the_files() -> None:
    both = TEXT + CREDENTIALS.read_text(encoding="utf-8")
    assert set(re.findall(r"https?://[^/\"]+", both)) == {MCP.removesuffix("/mcp"), SHOP}
    assert not re.search(r"(?<![\w.])/(root|home|tmp|Users|work)\b|[A-Z]:\\\\", both)
    assert read_credential()["data"] == {"apiKey": "none", "url": V1}
    named = {json.dumps(node["credentials"]) for node in speaking(OF_MODELS)}
    credential = read_credential()
    mine = {"openAiApi": {"id": credential["id"], "name": credential["name"]}}
    assert named == {json.dumps(mine)}


def test_a_run_puts_its_own_addresses_in() -> None:
    changed = json.dumps(addressed("http://127.0.0.1:1/mcp", "http://127.0.0.1:2", MODELS))
    assert MCP not in changed
    assert SHOP not in changed
    assert changed.count("http://127.0.0.1:1/mcp") == 2
    assert read_credential("http://127.0.0.1:3/v1")["data"]["url"] == "http://127.0.0.1:3/v1"


def test_the_commands_of_the_docs_name_files_that_can_be_imported() -> None:
    """The command line's import asks for ids."""
    said = (ROOT / "docs" / "openai.md").read_text(encoding="utf-8")
    named = re.findall(r"^n8n import:(\w+) --input=(\S+)", said, re.MULTILINE)
    assert [kind for kind, _ in named] == ["credentials", "workflow"]
    files = [json.loads((ROOT / file).read_text(encoding="utf-8")) for _, file in named]
    assert files == [[read_credential()], OF_MODELS]
    assert all(each["id"] for each in (read_credential(), OF_MODELS))


def test_the_job_runs_twice_under_one_session_and_all_checks_hold() -> None:
    both = [model_execution(replayed=False), model_execution(replayed=True)]
    job, n8n, display = run(both)
    assert failed(job) == []
    assert n8n.bodies == [{}, {"session_id": SESSION}]
    assert job.calls == {RESPONSES: {"ok": 32, "error": 0}, CHAT: {"ok": 16, "error": 0}}
    assert sorted(job.lists) == ["lmChatOpenAi 1.3", "openAi 1.8", "openAi 2.3"]
    assert display.events[1] == "the same once more: 8 steps more"
    assert all(row.correct for row in job.rows)


def test_an_answer_is_joined_with_its_step_by_number_or_by_what_was_asked() -> None:
    rows = {(row.node, row.page): row for row in a_model_job().rows}
    price = rows["Chain: price", "nordic-lamp"]
    assert (price.step, price.key, price.held) == (7, None, True)
    assert price.adapter == "adapter-of-What is the price in this product page?"
    record = rows["Message: record", "nordic-lamp"]
    assert (record.step, record.key) == (19, "Message: record nordic-lamp")
    again = rows["Message: review again", "nordic-lamp"]
    assert (again.step, again.held, again.replayed_again) == (None, False, False)


def test_an_execution_that_failed_or_lost_answers_ends_the_job() -> None:
    gave_up = Execution("1", "error", "Message: maker: no such model", {})
    with pytest.raises(ExampleError, match="model nodes failed: Message: maker: no such model"):
        run([gave_up])
    short = model_execution(replayed=False)
    short.items["Chain: price"].pop()
    with pytest.raises(ExampleError, match=r"Chain: price: 3 and 4 answers of 4 pages"):
        model_rows(MODEL_NODES, PAGES, short, model_execution(replayed=True), model_held())


LISTED = "n8n tests the credential and lists the models"
CALLED = "the nodes call both of OpenAI's APIs"
RECORDED = "answers in the session are recorded as n8n has them, others are not"
KEYED = "a key sent once more runs nothing"
WEIGHTS = "each system message and saved task has weights of its own"


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"credential": "Connection refused"}, [LISTED]),
        ({"lists": {"openAi 2.3": ["auto"]}}, [LISTED]),
        ({"lists": {}}, [LISTED]),
        ({"calls": {RESPONSES: {"ok": 48}, CHAT: {}}}, [CALLED]),
        ({"calls": {RESPONSES: {"ok": 32, "error": 1}, CHAT: {"ok": 16}}}, [CALLED]),
        ({"held": 21, "held_again": 29}, [RECORDED]),
        ({"held_again": 40}, [KEYED]),
    ],
    ids=[
        "the test fails", "a task is not listed", "no lists", "one api", "an error",
        "a step too much", "all ran again",
    ],
)  # fmt: skip
def test_each_check_fails_where_its_promise_is_broken(
    changes: dict[str, Any], names: list[str]
) -> None:
    assert failed(a_model_job(**changes)) == names


@pytest.mark.parametrize(
    ("node", "change", "names"),
    [
        ("Message: maker", {"adapter": None}, [WEIGHTS]),
        ("Message: maker", {"adapter": "adapter-of-task:page-review"}, [WEIGHTS]),
        ("Message: review again", {"adapter": "another"}, [WEIGHTS]),
        ("Chain: price", {"held": False}, [RECORDED]),
        ("Message: review again", {"step": 21, "held": True}, [RECORDED, KEYED]),
        ("Message: record", {"replayed_again": False}, [KEYED]),
    ],
    ids=[
        "no weights", "weights of another task", "a saved task of two minds",
        "another answer is held", "nothing without a session", "a key ran again",
    ],
)  # fmt: skip
def test_each_check_fails_where_a_row_breaks_its_promise(
    node: str, change: dict[str, Any], names: list[str]
) -> None:
    rows = tuple(replace(row, **change) if row.node == node else row for row in a_model_job().rows)
    assert failed(a_model_job(rows=rows)) == names
