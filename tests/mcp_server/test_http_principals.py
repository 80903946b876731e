"""Whose session it is over HTTP: another's token finds nothing, on every door and transport."""

from __future__ import annotations

import json
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from mcp.types import ResourceTemplateReference
from serving import connected_to, listening
from support import connected

from hypernet.engine.echo import EchoEngine
from mcp_server.http.tokens import Tokens, add_token

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support import Caller

    from mcp_server.app.application import Application

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

DOORS = [("http", "auto"), ("http", "legacy"), ("sse", "legacy")]
ABSENT = "A" * 32
NONE_HAS = "0" * 32


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tokens"


async def seen(call: Caller, session: str, checkpoint: str) -> list[str]:
    """All that the server says of a session, a checkpoint and a step of it."""
    texts = [
        await call.refused(tool, **arguments)
        for tool, arguments in [
            ("set_task", {"session_id": session, "task": "Mine now."}),
            ("run_step", {"session_id": session, "input": "x"}),
            ("run_step", {"session_id": session, "input": "x", "step_key": "k"}),
            ("checkpoint_memory", {"session_id": session}),
            ("restore_memory", {"checkpoint_id": checkpoint}),
            ("restore_memory", {"checkpoint_id": checkpoint, "fork": True}),
            ("restore_memory", {"checkpoint_id": checkpoint, "session_id": session}),
            ("remember", {"session_id": session, "text": "planted"}),
            ("recall", {"session_id": session, "query": "canary"}),
            ("pin_memory", {"session_id": session, "item_ids": []}),
            ("quarantine_memory", {"session_id": session, "source": "client"}),
            ("status", {"session_id": session}),
        ]
    ]
    for uri in (
        f"session://{session}",
        f"session://{session}/steps/1",
        f"checkpoint://{checkpoint}",
    ):
        try:
            texts.append(str(await call.client.read_resource(uri)))
        except Exception as error:  # its kind differs by era; what it says is compared
            texts.append(str(error))
    return texts


def hiding(texts: list[str], session: str, checkpoint: str) -> list[str]:
    return [each.replace(session, ABSENT).replace(checkpoint, NONE_HAS) for each in texts]


@pytest.mark.parametrize(("transport", "era"), DOORS)
async def test_anothers_session_is_refused_as_one_that_never_was(
    make_app: Callable[..., Application], file: Path, transport: str, era: str
):
    alice, bob = add_token(file, "alice"), add_token(file, "bob")
    app = make_app()
    async with listening(app, Tokens(file)) as address:
        async with connected_to(address, alice, era, transport) as call:
            session = await call.begin()
            await call("run_step", session_id=session, input="the canary sings", step_key="k")
            checkpoint = (await call("checkpoint_memory", session_id=session))["checkpoint_id"]
            mine = await call("status")
            assert [s["session_id"] for s in mine["sessions"]] == [session]
        async with connected_to(address, bob, era, transport) as call:
            texts = await seen(call, session, checkpoint)
            never = await seen(call, ABSENT, NONE_HAS)
            listed = await call("status")
            offered = await completed(call, session)
    assert hiding(texts, session, checkpoint) == never
    assert "canary" not in "".join(texts)
    assert listed["sessions"] == []
    assert offered == []
    assert app.opened is not None
    assert (app.opened.session(session).steps, app.opened.session(session).items) == (1, 1)


async def completed(call: Caller, session: str) -> list[str]:
    """What is offered where the session's names belong."""
    reference = ResourceTemplateReference(uri="session://{session_id}")
    offers: list[str] = []
    for name, given in (("session_id", {}), ("checkpoint_id", {"session_id": session})):
        result: Any = await call.client.complete(
            reference, {"name": name, "value": ""}, context_arguments=given
        )
        offers += result.completion.values
    return offers


async def test_a_principal_goes_on_with_its_session_over_another_transport(
    make_app: Callable[..., Application], file: Path
):
    token = add_token(file, "alice")
    async with listening(make_app(), Tokens(file)) as address:
        async with connected_to(address, token, transport="sse") as call:
            session = await call.begin()
        async with connected_to(address, token) as call:
            step = await call("run_step", session_id=session, input="again")
    assert step["step"] == 1


async def test_stdio_sees_every_session_and_a_principal_none_of_nobodys(
    make_app: Callable[..., Application], file: Path
):

    token = add_token(file, "alice")
    app = make_app()
    async with connected(app) as local:
        nobodys = await local.begin()
        async with listening(app, Tokens(file)) as address, connected_to(address, token) as call:
            assert "there is no session" in await call.refused("status", session_id=nobodys)
            mine = await call.begin()
            near = [await call.refused("status", session_id=each[:12]) for each in (nobodys, mine)]
        seen_here = await local("status")
    assert {s["session_id"] for s in seen_here["sessions"]} == {mine, nobodys}
    assert json.dumps(seen_here).count("alice") == 0
    # Of what may have been meant only what one may see is named.
    assert "did you mean" not in near[0]
    assert f"did you mean {mine!r}?" in near[1]


async def test_anothers_running_step_is_not_waited_for(
    make_app: Callable[..., Application], file: Path
):
    alice, bob = add_token(file, "alice"), add_token(file, "bob")
    going = threading.Event()
    engine = EchoEngine(before_token=lambda n: going.wait(10) and None)
    async with (
        listening(make_app(engine=engine), Tokens(file)) as address,
        connected_to(address, alice) as hers,
        connected_to(address, bob) as his,
        anyio.create_task_group() as tasks,
    ):
        session = await hers.begin()
        tasks.start_soon(partial(hers, "run_step", session_id=session, input="x"))
        while engine.busy != (0, 1):
            await anyio.lowlevel.checkpoint()
        refusal = await his.refused("run_step", session_id=session, input="x", max_seconds=5)
        assert "there is no session" in refusal
        assert engine.busy == (0, 1)
        going.set()
