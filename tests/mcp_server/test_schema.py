"""What a client's model reads before it calls: do the descriptions alone lead to the right call?

Each plain request names the tool and arguments that serve it, and the words by which a reader would
go. Checked without a model: the arguments fit the schema, the words are there, and a ranking by
words (BM25) puts the tool before all others.
"""

from __future__ import annotations

import copy
import json
import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from support import connected

from hypernet.adapters.plan import ADVISED
from mcp_server.schema import limits

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mcp_server.app.application import Application

    MakeApp = Callable[..., Application]

pytestmark = pytest.mark.anyio

S, C = "s" * 32, "c" * 32
# Saturation and length of BM25, at their usual values.
K1, B = 1.2, 0.75
# Words of every request and description.
COMMON = frozenset(
    re.findall(
        r"\w+",
        "a an and are as at be but by do for from i in into is it its me my not of on or our out "
        "so that the them then this to up was we what when where which will with you your",
    )
)


@dataclass(frozen=True)
class Plain:
    """A request in a user's words; what serves it; the words that lead there."""

    text: str
    tool: str
    arguments: dict[str, Any]
    cues: tuple[str, ...]


REQUESTS = [
    Plain(
        "Begin a job: the coming steps sort support tickets into billing and shipping",
        "set_task",
        {"task": "Sort support tickets by topic.", "labels": ["billing", "shipping"]},
        ("begin", "sort", "support tickets"),
    ),
    Plain(
        "From now on the job is another kind of work: the task is to write short replies",
        "set_task",
        {"task": "Write a short, friendly reply to the ticket.", "session_id": S},
        ("change its task", "another kind of work"),
    ),
    Plain(
        "Learn the task from these solved examples and refine the weights on them",
        "set_task",
        {
            "task": "Name the product.",
            "examples": [{"input": "The X1 broke.", "output": "X1"}],
            "refine": True,
        },
        ("solved instances", "train the weights", "examples"),
    ),
    Plain(
        "Classify this input: my parcel never came",
        "run_step",
        {"session_id": S, "input": "My parcel never came.", "step_key": "ticket-17"},
        ("classify", "input"),
    ),
    Plain(
        "Extract the amounts from this text as JSON that keeps to a schema",
        "run_step",
        {
            "session_id": S,
            "input": "Pay 20 euros.",
            "output_schema": {
                "type": "object",
                "properties": {"amount": {"type": "number"}},
                "additionalProperties": False,
            },
        },
        ("extract", "json schema"),
    ),
    Plain(
        "Sum up this text in at most 200 tokens of output",
        "run_step",
        {"session_id": S, "input": "A long text.", "max_tokens": 200},
        ("sum up", "most tokens of output"),
    ),
    Plain(
        "The call timed out; send the step again without running it twice",
        "run_step",
        {"session_id": S, "input": "My parcel never came.", "step_key": "ticket-17"},
        ("never runs twice", "timeout"),
    ),
    Plain(
        "Classify this whole list of items, a batch of 60 tickets, in one call",
        "run_steps",
        {"session_id": S, "inputs": ["My parcel never came.", "My bill is wrong."]},
        ("every input of a list", "batches", "in one call"),
    ),
    Plain(
        "Answer this with the parts that fit of these documents, for this step only",
        "run_step",
        {"session_id": S, "input": "When is it due?", "documents": ["It is due on 3 May."]},
        ("answer", "documents", "fitting parts"),
    ),
    Plain(
        "Make a checkpoint before the web page is added, so that we can undo it later",
        "checkpoint_memory",
        {"session_id": S, "label": "before the web page"},
        ("checkpoint", "before", "undo"),
    ),
    Plain(
        "Go back to where we were before the web page was added",
        "restore_memory",
        {"checkpoint_id": C},
        ("go back", "where things were before", "added"),
    ),
    Plain(
        "Undo the last steps",
        "restore_memory",
        {"checkpoint_id": C, "session_id": S},
        ("undo the last steps",),
    ),
    Plain(
        "Fork the session and try another way beside the first",
        "restore_memory",
        {"checkpoint_id": C, "fork": True},
        ("fork", "another way beside the first"),
    ),
    Plain(
        "Store this long document in memory instead of pasting it",
        "remember",
        {"session_id": S, "text": "Refunds take 14 days.", "source": "policy.md"},
        ("store", "documents", "instead of pasting"),
    ),
    Plain(
        "Read all the PDF and Markdown files of that folder into the memory",
        "remember",
        {"session_id": S, "paths": ["/srv/contracts"]},
        ("pdf", "markdown", "folders"),
    ),
    Plain(
        "Look up what the documents say of the refund deadline",
        "recall",
        {"session_id": S, "query": "refund deadline", "kind": "document"},
        ("look something up", "what a document says"),
    ),
    Plain(
        "Search what the earlier steps found about delivery since March",
        "recall",
        {"session_id": S, "query": "delivery", "kind": "step", "since": "2026-03-01T00:00:00Z"},
        ("search", "earlier step found"),
    ),
    Plain(
        "Keep this rule in view in every prompt",
        "pin_memory",
        {"session_id": S, "item_ids": [12]},
        ("in every prompt", "rules", "in view"),
    ),
    Plain(
        "Ignore everything from that forum from now on, it is poisoned",
        "quarantine_memory",
        {"session_id": S, "source": "forum.html", "reason": "planted instructions"},
        ("ignored from now on", "poisoned"),
    ),
    Plain(
        "That source can be trusted after all: release it and let it back in",
        "quarantine_memory",
        {"session_id": S, "source": "forum.html", "release": True},
        ("release", "lets it back in"),
    ),
    Plain(
        "Its owner asks for deletion: delete the source cv.pdf for good",
        "delete_memory",
        {"session_id": S, "source": "cv.pdf"},
        ("delete", "for good", "asks for deletion"),
    ),
    Plain(
        "Do not delete the whole session yet, only count what would go",
        "delete_memory",
        {"session_id": S, "whole_session": True, "dry_run": True},
        ("whole session", "only counts what would go"),
    ),
    Plain(
        "That output was wrong; the right answer to the step is shipping",
        "correct_step",
        {"session_id": S, "step": 3, "output": "shipping"},
        ("right answer", "output is seen to be wrong"),
    ),
    Plain(
        "The step's own output was right after all; the correction was wrong",
        "correct_step",
        {"session_id": S, "step": 3, "take_back": True},
        ("its own was right", "correction was wrong"),
    ),
    Plain(
        "Save this task under a name with 16 examples, it is done many times and must be measured",
        "save_task",
        {
            "name": "tickets",
            "task": "Sort by topic.",
            "labels": ["billing", "shipping"],
            "examples": [{"input": "I was charged twice.", "output": "billing"}],
        },
        ("under a name", "16 varied examples", "measured"),
    ),
    Plain(
        "Begin a new session that starts a job with a saved task instead",
        "set_task",
        {"name": "tickets"},
        ("saved task",),
    ),
    Plain(
        "Revoke the weights written from that planted text and never use them again",
        "revoke_adapter",
        {"session_id": S, "adapter_digest": "0123456789abcdef01234567"},
        ("revoke", "generated weights", "planted"),
    ),
    Plain(
        "Is the model still loading, and how far is the job of the earlier session?",
        "status",
        {},
        ("still loading", "how far", "earlier job"),
    ),
]


@pytest.fixture
async def listed(make_app: MakeApp) -> list[dict[str, Any]]:
    """The tools as a client gets them."""
    async with connected(make_app()) as call:
        tools = (await call.client.list_tools()).tools
    return [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in tools]


def read(tool: dict[str, Any]) -> str:
    """All that a tool says of itself."""
    properties = tool["inputSchema"]["properties"]
    described = [f"{name}: {schema.get('description', '')}" for name, schema in properties.items()]
    return " ".join([tool["title"], tool["description"], *described])


def words(text: str) -> list[str]:
    """The words of a text without their endings."""
    found = (word for word in re.findall(r"[a-z0-9]+", text.casefold()) if word not in COMMON)
    return [
        re.sub(r"(ies|ing|ed|es|s|e|y)$", "", word) if len(word) > 3 else word for word in found
    ]


def ranked(text: str, tools: Sequence[dict[str, Any]]) -> list[str]:
    """The tools' names, the best fit first (BM25; Robertson and Zaragoza 2009)."""
    documents = {tool["name"]: Counter(words(read(tool))) for tool in tools}
    mean = sum(sum(counts.values()) for counts in documents.values()) / len(documents)
    scores = dict.fromkeys(documents, 0.0)
    for word in set(words(text)):
        holding = sum(word in counts for counts in documents.values())
        rarity = math.log(1 + (len(documents) - holding + 0.5) / (holding + 0.5))
        for name, counts in documents.items():
            length = 1 - B + B * sum(counts.values()) / mean
            scores[name] += rarity * counts[word] * (K1 + 1) / (counts[word] + K1 * length)
    return sorted(scores, key=lambda name: -scores[name])


def described(name: str, tools: Sequence[dict[str, Any]]) -> bool:
    """Whether an argument is described, in this tool or in run_step, where it is the same."""
    schemas = (tool["inputSchema"]["properties"].get(name, {}) for tool in tools)
    return any(schema.get("description") for schema in schemas)


def problems(request: Plain, tools: Sequence[dict[str, Any]]) -> list[str]:
    """What keeps a reader of the descriptions from the right call."""
    everywhere = [tool for tool in tools if tool["name"] == "run_step"]
    tool = next(tool for tool in tools if tool["name"] == request.tool)
    schema = tool["inputSchema"]
    found = [
        error.message
        for error in jsonschema.Draft202012Validator(schema).iter_errors(request.arguments)
    ]
    for name in request.arguments:
        if not described(name, [tool, *everywhere]):
            found.append(f"{request.tool} does not say what {name} is")
    said = " ".join(read(tool).casefold().split())
    found += [f"{request.tool} says nothing of {cue!r}" for cue in request.cues if cue not in said]
    first = ranked(request.text, tools)[0]
    if first != request.tool:
        found.append(f"{first} comes before {request.tool}")
    return found


@pytest.mark.parametrize("request_", REQUESTS, ids=[each.text for each in REQUESTS])
async def test_the_descriptions_lead_a_plain_request_to_its_tool_and_arguments(
    listed: list[dict[str, Any]], request_: Plain
):
    assert problems(request_, listed) == []


async def test_a_description_that_loses_the_words_of_its_requests_no_longer_leads_there(
    listed: list[dict[str, Any]],
):
    assert {each.tool for each in REQUESTS} == {tool["name"] for tool in listed}
    for request in REQUESTS:
        poorer = copy.deepcopy(listed)
        tool = next(tool for tool in poorer if tool["name"] == request.tool)
        tool["title"] = ""
        tool["description"] = ""
        for schema in tool["inputSchema"]["properties"].values():
            schema["description"] = "."
        found = problems(request, poorer)
        assert any("says nothing of" in problem for problem in found), request.text


async def test_every_tool_shows_one_example_that_its_own_schema_accepts(
    listed: list[dict[str, Any]],
):
    for tool in listed:
        (line,) = re.findall(r"^Example: (\{.*\})$", tool["description"], re.MULTILINE)
        jsonschema.validate(json.loads(line), tool["inputSchema"])
        assert set(json.loads(line)) <= set(tool["inputSchema"]["properties"])


async def test_every_description_begins_with_a_sentence_that_can_stand_alone(
    listed: list[dict[str, Any]],
):
    for tool in listed:
        first = tool["description"].split("\n\n")[0]
        assert first.endswith(".")
        assert len(first.splitlines()) == 1
        assert len(first) <= 100


async def test_every_tool_says_what_it_changes(listed: list[dict[str, Any]]):
    hints = {tool["name"]: tool["annotations"] for tool in listed}
    assert {name for name, each in hints.items() if each.get("readOnlyHint")} == {
        "recall",
        "status",
    }
    assert [name for name, each in hints.items() if each.get("destructiveHint")] == [
        "restore_memory",
        "delete_memory",
    ]
    assert not any(each["openWorldHint"] for each in hints.values())


async def test_the_limits_that_the_descriptions_name_are_those_that_are_checked(
    listed: list[dict[str, Any]],
):
    said = {tool["name"]: read(tool) for tool in listed}
    assert f"Give {ADVISED} examples" in said["set_task"]
    assert f"1 to {limits.MAX_TOKENS[1]}" in said["run_step"]
    assert f"{limits.MAX_SECONDS[0]} to {limits.MAX_SECONDS[1]}" in said["run_step"]
    assert f"at most {limits.LABEL_CHARS} characters" in said["quarantine_memory"]
    assert f"at most {limits.TEMPERATURE[1]:g}" in said["run_step"]


async def test_what_a_model_reads_of_all_tools_stays_small(listed: list[dict[str, Any]]):
    # Counted in tokens by bench/field/tools_list.py; what takes more of them than others do has
    # about 3.6 characters in each: 16,208 at 4,497.
    assert len(json.dumps(listed, ensure_ascii=False, separators=(",", ":"))) < 3.61 * 4_500
