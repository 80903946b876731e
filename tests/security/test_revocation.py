"""A generated adapter is memory too: revoked, it is used no more until it is released."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support import KNOWN

from checkpoints import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from security.conftest import Door


def test_revoke_then_run_is_refused_and_records_nothing_until_it_is_released(
    open_door: Callable[..., Door],
):
    door = open_door()
    task = door.tool("set_task", task=KNOWN)
    session, digest = task["session_id"], task["adapter"]["digest"]
    point = door.tool("checkpoint_memory", session_id=session)
    door.tool("run_step", session_id=session, input="before")
    revoked = door.tool(
        "revoke_adapter", session_id=session, adapter_digest=digest, reason="planted examples"
    )
    refused = door.refused("run_step", session_id=session, input="after", documents=["kept out"])
    refusal = door.refused("set_task", session_id=session, task=KNOWN)
    prompted = door.tool("set_task", session_id=session, task=KNOWN, mode="prompted")
    status = door.tool("status", session_id=session)["sessions"][0]
    freed = door.tool("revoke_adapter", session_id=session, adapter_digest=digest, release=True)
    door.tool("set_task", session_id=session, task=KNOWN)
    assert (revoked["used_by_steps"], revoked["task"]) == ([1], KNOWN)
    assert revoked["checkpoint_before"]["checkpoint_id"] == point["checkpoint_id"]
    assert [each["digest"] for each in revoked["revoked"]] == [digest]
    assert f"{digest} was revoked in this session (planted examples)" in refused
    assert "revoke_adapter and release true" in refusal
    assert prompted["mode"] == "prompted"
    assert (status["steps"], status["items"]) == (1, 1)
    assert freed["revoked"] == []
    assert door.tool("run_step", session_id=session, input="after")["step"] == 2


def test_what_was_refined_from_a_revoked_adapter_is_refused_too(open_door: Callable[..., Door]):
    door = open_door()
    examples = [{"input": f"i{n}", "output": "o"} for n in range(8)]
    task = door.tool("set_task", task=KNOWN, examples=examples)
    assert task["adapter"]["parent"] is not None
    door.tool(
        "revoke_adapter", session_id=task["session_id"], adapter_digest=task["adapter"]["parent"]
    )
    assert "was revoked" in door.refused("run_step", session_id=task["session_id"], input="x")


def test_a_task_for_one_step_is_refused_by_its_revoked_adapter(
    open_door: Callable[..., Door],
):
    door = open_door()
    session = door.tool("set_task", task=KNOWN)["session_id"]
    other = door.tool("run_step", session_id=session, input="x", task="Classify other things.")
    door.tool("revoke_adapter", session_id=session, adapter_digest=other["adapter_digest"])
    task = "Classify other things."
    assert "was revoked" in door.refused("run_step", session_id=session, input="x", task=task)
    assert door.tool("run_step", session_id=session, input="x")["step"] == 2


def test_other_sessions_keep_it_a_fork_starts_with_it_and_a_restore_keeps_it_revoked(
    open_door: Callable[..., Door],
):
    door = open_door()
    task = door.tool("set_task", task=KNOWN)
    session, digest = task["session_id"], task["adapter"]["digest"]
    other = door.tool("set_task", task=KNOWN)["session_id"]
    point = door.tool("checkpoint_memory", session_id=session)["checkpoint_id"]
    door.tool("revoke_adapter", session_id=session, adapter_digest=digest)
    door.tool("restore_memory", checkpoint_id=point)
    fork = door.tool("restore_memory", checkpoint_id=point, fork=True)["session"]["session_id"]
    for refusing in (session, fork):
        assert "was revoked" in door.refused("run_step", session_id=refusing, input="x")
    assert door.tool("run_step", session_id=other, input="x")["step"] == 1


def test_it_travels_with_an_exported_session(tmp_path: Path):
    with Store.open(tmp_path / "one.db") as one, Store.open(tmp_path / "two.db") as two:
        session = one.create_session().id
        one.revocations.revoke(session, "abc", "why")
        kept = one.revocations.revoked(session)
        one.maintenance.export(session, tmp_path / "session.jsonl")
        two.maintenance.import_session(tmp_path / "session.jsonl")
        assert two.revocations.revoked(session) == kept
        assert [each.reason for each in kept] == ["why"]
        assert two.maintenance.verify() == []
