"""Arguments, labels, keys and structured answers: what is sent is what is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.field.faults.doors import check

if TYPE_CHECKING:
    from bench.field.faults.doors import Door

LOOKS_LIKE_JSON = ('{"a":1}', "[1, 2]", "null", "true", "12", '"quoted"', "1e5", "{}")
N8N = {"sessionId": "x", "action": "sendMessage", "chatInput": "hi", "toolCallId": "c1"}
CLOSED = {
    "type": "object",
    "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
    "required": ["a", "b"],
    "additionalProperties": False,
}


async def text_that_looks_like_json_stays_text(door: Door) -> None:
    """1: in every argument that may be text."""
    session = await door.session()
    for number, text in enumerate(LOOKS_LIKE_JSON):
        await door.call("remember", session_id=session, text=text, source=f"s{number}")
        found = await door.call("recall", session_id=session, query=text, sources=[f"s{number}"])
        check([e["text"] for e in found["excerpts"]] == [text], f"{text} came back as {found}")
        one = {"session_id": session, "input": text, "step_key": text, "context_tokens": 0}
        first = await door.call("run_step", **one)
        again = await door.call("run_step", **one)
        check(first["output"] == text, f"{text} as an input gave {first['output']!r}")
        check(again["replayed"] and again["step"] == first["step"], f"key {text} ran twice")
        made = await door.call("checkpoint_memory", session_id=session, label=text)
        check(made["label"] == text, f"label {text} became {made['label']!r}")


async def null_means_left_out(door: Door) -> None:
    """9: for every optional argument of every tool."""
    session = await door.session()
    await door.call("remember", session_id=session, text="a lease ends in May")
    given: dict[str, dict[str, Any]] = {
        "set_task": {"task": "Repeat it."},
        "run_step": {"session_id": session, "input": "x"},
        "checkpoint_memory": {"session_id": session},
        "remember": {"session_id": session, "text": "a"},
        "recall": {"session_id": session, "query": "lease"},
        "pin_memory": {"session_id": session, "item_ids": []},
        "status": {},
    }
    tools = {tool.name: tool for tool in (await door.client.list_tools()).tools}
    for name, needed in given.items():
        for argument in tools[name].input_schema["properties"]:
            if argument not in needed:
                await door.call(name, **needed, **{argument: None})


async def unknown_arguments_are_told(door: Door) -> None:
    """9: with the nearest right name; what n8n adds does no harm."""
    session = await door.session(**N8N)
    for wrong, right in (("maxTokens", "max_tokens"), ("stepKey", "step_key"), ("label", "labels")):
        result = await door.call("run_step", session_id=session, input="x", **{wrong: "3"})
        told = f"{result.get('ignored')} {result.get('ignored_note')}"
        check(wrong in told and right in told, f"{wrong} was told as {told!r}")
    result = await door.call("run_step", session_id=session, input="x", context_tokens=0, **N8N)
    check(result["output"] == "x", f"n8n's fields changed the answer to {result['output']!r}")


async def labels_come_back_to_the_byte(door: Door) -> None:
    """11: and such as are equal to a reader are refused."""
    session = await door.session(labels=["New  York", "Cafe\u0301", " Oslo"])
    for said, label in (("New York", "New  York"), ("Caf\u00e9", "Cafe\u0301"), ("Oslo", " Oslo")):
        one = {"session_id": session, "input": f"I saw {said} today", "context_tokens": 0}
        result = await door.call("run_step", **one)
        check(result["output"] == label, f"{label!r} came back as {result['output']!r}")
    for pair in (["caf\u00e9", "cafe\u0301"], ["a b", "a  b"], ["x", " x"]):
        text = await door.refused("set_task", task="Sort.", labels=pair)
        check("labels" in text, f"{pair} was refused as {text!r}")


async def a_step_key_belongs_to_its_input(door: Door) -> None:
    """12: used for another one, both beginnings are told."""
    session = await door.session()
    await door.call("run_step", session_id=session, input="first of all", step_key="k")
    text = await door.refused("run_step", session_id=session, input="second thing", step_key="k")
    check("first of all" in text and "second thing" in text, f"refused as {text!r}")


async def a_cut_structured_answer_is_an_error(door: Door) -> None:
    """13: it tells what there is, and its key may be sent again with more room."""
    session = await door.session(task="Give the person and the city as JSON.", max_seconds=300)
    asked = {"session_id": session, "input": "Ann lives in Rome.", "output_schema": CLOSED}
    text = await door.refused("run_step", **asked, max_tokens=2, step_key="k")
    check("max_tokens" in text, f"refused as {text!r}")
    again = await door.refused("run_step", **asked, max_tokens=2, step_key="k")
    check("max_tokens" in again, f"replayed as {again!r}")
    done = await door.call("run_step", **asked, max_tokens=400, step_key="k")
    check(done["step"] == 1 and not done["replayed"], f"sent again it gave {done}")


CASES = (
    text_that_looks_like_json_stays_text,
    null_means_left_out,
    unknown_arguments_are_told,
    labels_come_back_to_the_byte,
    a_step_key_belongs_to_its_input,
)
WITH_MODEL = (a_cut_structured_answer_is_an_error,)
