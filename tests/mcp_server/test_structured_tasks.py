"""Saved tasks whose answers are JSON: what counts as right, and what they learn to write."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from anyio import to_thread
from support import connected

from hypernet.adapters.cache import AdapterCache
from hypernet.engine.echo import EchoAdapter, EchoEngine, EchoSource
from hypernet.runtime import Runtime

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from support import Caller

    from hypernet.engine.interface import Request, Ticket
    from hypernet.task import Task
    from mcp_server.app.application import Application

    MakeApp = Callable[..., Application]

pytestmark = pytest.mark.anyio

TEXT = {"type": "string"}
BUYER = {"type": "object", "properties": {"town": TEXT, "name": TEXT}}
SCHEMA = {
    "type": "object",
    "properties": {"order": {"type": "number"}, "buyer": BUYER, "ask": {"type": "boolean"}},
    "required": ["order", "buyer"],
}


class Filling(EchoEngine):
    """Writes an order's fields as a constrained engine does: in the schema's order, no spaces."""

    def __init__(self) -> None:
        super().__init__()
        self.orders = set[str]()

    def check_schema(self, schema: Mapping[str, Any]) -> None:
        """Refuse none."""

    def submit(self, request: Request) -> Ticket:
        number, name, town = request.input.split()
        assert request.output_schema is not None
        fields = request.output_schema["properties"]
        self.orders.add(" ".join([*fields, *fields["buyer"]["properties"]]))
        values = {"name": json.dumps(name), "town": json.dumps(town), "order": number}
        buyer = ",".join(f'"{each}":{values[each]}' for each in fields["buyer"]["properties"])
        values["buyer"] = f"{{{buyer}}}"
        written = ",".join(f'"{each}":{values[each]}' for each in fields if each in values)
        return super().submit(replace(request, input=f"{{{written}}}"))


class Noting(EchoSource):
    """Keeps the answers of the examples that it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.answers = set[str]()

    def write(self, task: Task) -> EchoAdapter:
        self.answers |= {example.output for example in task.examples}
        return super().write(task)


def example(number: int, *, wrong: bool = False) -> dict[str, str]:
    """An order, its fields spaced and nested as a person writes them; the third has them turned."""
    buyer = {"name": "Åsa", "town": "Ely" if not wrong else "Rye"}
    fields = {"order": "NUMBER", "buyer": buyer}
    turned = fields if number != 3 else dict(reversed(fields.items()))
    text = json.dumps(turned, ensure_ascii=False).replace('"NUMBER"', f"{number}.50")
    return {"input": f"{number}.50 Åsa Ely", "output": text}


async def learned(
    make_app: MakeApp, engine: EchoEngine, source: EchoSource, examples: list[dict[str, str]]
) -> tuple[dict[str, Any], str]:
    """The quality of a task of some examples, and what a step of it then answers."""
    app = make_app(load=lambda *_: Runtime(engine, AdapterCache(source), {"engine": "echo"}, None))
    async with connected(app) as call:
        card = await saved(call, examples)
        await to_thread.run_sync(app.learner.wait)
        task = await call("set_task", name="orders")
        step = await call("run_step", session_id=task["session_id"], input="70.10 Bo Bath")
    assert card["changed"]
    return task["quality"], step["output"]


async def saved(call: Caller, examples: list[dict[str, str]]) -> dict[str, Any]:
    task = {"name": "orders", "task": "Fill in the order.", "output_schema": SCHEMA}
    card = await call("save_task", **task, examples=examples)
    await call("set_task", name="orders")  # the model is loaded now
    return card


async def test_a_structured_answer_is_right_where_its_values_are(make_app: MakeApp):
    examples = [*map(example, range(7)), example(7, wrong=True)]
    quality, _ = await learned(make_app, Filling(), EchoSource(), examples)
    assert {each["way"] for each in quality["ways"]} == {"prompted", "text", "examples", "trained"}
    assert [(each["right"], each["asked"]) for each in quality["ways"]] == [(7, 8)] * 4


async def test_fields_are_written_in_the_order_of_the_examples_and_learned_as_written(
    make_app: MakeApp,
):
    engine, source = Filling(), Noting()
    _, output = await learned(make_app, engine, source, [*map(example, range(8))])
    assert output == '{"order":70.10,"buyer":{"name":"Bo","town":"Bath"}}'
    assert engine.orders == {"order buyer ask name town"}
    expected = {f'{{"order":{n}.50,"buyer":{{"name":"Åsa","town":"Ely"}}}}' for n in range(8)}
    assert source.answers == expected


@pytest.mark.parametrize(
    ("given", "same"),
    [
        ('{"a": 1, "b": [2]}', True),
        ('{"b": [2.0], "a": 1.00}', True),
        ('{"a": true, "b": [2]}', False),
        ('{"a": "1", "b": [2]}', False),
        ('{"a": 1, "b": [2, 2]}', False),
        ('{"a": 1}', False),
        ('{"a": 1, "b": [2]', False),
    ],
)
async def test_json_values_are_compared_by_what_they_are(make_app: MakeApp, given: str, same: bool):
    class Given(EchoEngine):
        def submit(self, request: Request) -> Ticket:
            return super().submit(replace(request, input=given))

    app = make_app(
        load=lambda *_: Runtime(Given(), AdapterCache(EchoSource()), {"engine": "echo"}, None)
    )
    examples = [{"input": f"number {n}", "output": '{"a":1,"b":[2]}'} for n in range(8)]
    async with connected(app) as call:
        await call("save_task", name="any", task="Give the values.", examples=examples)
        await call("set_task", name="any")
        await to_thread.run_sync(app.learner.wait)
        quality = (await call("set_task", name="any"))["quality"]
    assert {each["right"] for each in quality["ways"]} == {8 if same else 0}


async def test_a_schema_that_kept_examples_do_not_fit_is_refused_and_changes_nothing(
    make_app: MakeApp,
):
    free = [{"input": f"7 {name} Ulm", "output": name} for name in ("Ann", "Bob")]
    async with connected(make_app(Filling())) as call:
        await call("save_task", name="orders", task="Read the order.", examples=free)
        fault = await call.refused("save_task", name="orders", output_schema=SCHEMA)
        assert "output_schema: 2 of the 2 examples that stay" in fault
        fitting = [{"input": "7 Ann Ulm", "output": json.dumps({"order": 7, "buyer": {}})}]
        added = {"examples": fitting, "add": True}
        assert "2 of the 2" in await call.refused(
            "save_task", name="orders", output_schema=SCHEMA, **added
        )
        saved = await call("save_task", name="orders", output_schema=SCHEMA, examples=fitting)
    assert (saved["changed"], saved["task"]["examples"]) == (True, 1)
