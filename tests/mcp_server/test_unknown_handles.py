"""Handles that lead to nothing are refused with what may have been meant and may be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from mcp import MCPError
from support import KNOWN, connected

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp_server.app.application import Application

    MakeApp = Callable[..., Application]

pytestmark = pytest.mark.anyio


def exchanged(handle: str) -> str:
    """The first two neighbours that differ, the other way round."""
    at = next(n for n in range(5, len(handle) - 1) if handle[n] != handle[n + 1])
    return handle[:at] + handle[at + 1] + handle[at] + handle[at + 2 :]


# What becomes of a handle on its way: cut off, shouted, quoted, a slip of the hand.
SLIPS: dict[str, Callable[[str], str]] = {
    "cut off": lambda handle: f"{handle[:12]}…",
    "end alone": lambda handle: handle[-10:],
    "other case": str.swapcase,
    "quoted": lambda handle: f'"{handle}"',
    "as a resource": lambda handle: f"memory://sessions/{handle}/steps",
    "a line end": lambda handle: f"{handle}\n",
    "one letter less": lambda handle: handle[:7] + handle[8:],
    "two exchanged": exchanged,
}


@pytest.mark.parametrize("slip", SLIPS.values(), ids=SLIPS)
async def test_a_session_is_refused_with_the_nearest(make_app: MakeApp, slip: Any):
    async with connected(make_app()) as call:
        sessions = [await call.begin() for _ in range(5)]
        given = slip(sessions[2])
        for tool, arguments in (
            ("run_step", {"input": "x"}),
            ("set_task", {"task": KNOWN}),
            ("recall", {"query": "x"}),
            ("remember", {"text": "x"}),
            ("pin_memory", {"item_ids": []}),
            ("status", {}),
        ):
            refusal = await call.refused(tool, session_id=given, **arguments)
            assert refusal.endswith(f"did you mean {sessions[2]!r}?"), tool
            assert "session_id: " in refusal


@pytest.mark.parametrize("slip", SLIPS.values(), ids=SLIPS)
async def test_a_checkpoint_is_refused_with_the_nearest(make_app: MakeApp, slip: Any):
    async with connected(make_app()) as call:
        session = await call.begin()
        points = []
        for number in range(4):
            await call("remember", session_id=session, text=f"text {number}")
            points.append(await call("checkpoint_memory", session_id=session))
        wanted = points[1]["checkpoint_id"]
        refusal = await call.refused("restore_memory", checkpoint_id=slip(wanted))
    assert refusal.endswith(f"did you mean {wanted!r}?")


async def test_what_is_like_nothing_gets_no_name(make_app: MakeApp):
    async with connected(make_app()) as call:
        for _ in range(50):
            await call.begin()
        for given in ("nobody", "a", "x" * 32, "0123456789abcdefghijklmnopqrstuv"):
            refusal = await call.refused("status", session_id=given)
            assert "did you mean" not in refusal


async def test_one_kind_of_handle_given_for_another_is_told(make_app: MakeApp):
    async with connected(make_app()) as call:
        session = await call.begin()
        point = (await call("checkpoint_memory", session_id=session))["checkpoint_id"]
        as_session = await call.refused("status", session_id=point)
        as_point = await call.refused("restore_memory", checkpoint_id=session)
        other = await call.begin()
        foreign = await call.refused("restore_memory", checkpoint_id=point, session_id=other)
    assert as_session.endswith("that is the id of a checkpoint; give a session's")
    assert as_point.endswith("that is the id of a session; give a checkpoint's")
    assert f"name the session it was made in, {session!r}" in foreign


async def test_resources_and_prompts_tell_the_nearest_too(make_app: MakeApp):
    async with connected(make_app()) as call:
        session = await call.begin()
        with pytest.raises(MCPError) as resource:
            await call.client.read_resource(f"memory://sessions/{session[:12]}")
        with pytest.raises(MCPError) as prompt:
            await call.client.get_prompt("resume_a_session", {"session_id": session[:12]})
    assert f"did you mean {session!r}?" in str(resource.value)
    assert f"did you mean {session!r}?" in str(prompt.value)


async def test_an_adapter_that_is_nearly_one_that_was_used_is_refused(make_app: MakeApp):
    async with connected(make_app()) as call:
        session = await call.begin()
        step = await call("run_step", session_id=session, input="x")
        digest = step["adapter_digest"]
        other = "0" if digest[5] != "0" else "1"
        for given in (digest[:8], f"{digest[:8]}…", digest[:5] + other + digest[6:]):
            refusal = await call.refused("revoke_adapter", session_id=session, adapter_digest=given)
            assert f"did you mean {digest!r}? nothing was changed" in refusal
        before = await call("revoke_adapter", session_id=session, adapter_digest="f" * 24)
        await call("revoke_adapter", session_id=session, adapter_digest=digest)
        release = await call.refused(
            "revoke_adapter", session_id=session, adapter_digest=digest[:8], release=True
        )
    assert [each["digest"] for each in before["revoked"]] == ["f" * 24]
    assert f"was not revoked; did you mean {digest!r}? nothing was changed" in release
