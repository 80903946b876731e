"""What people read and do: results, deletion, cut texts, and what an operator sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2
import regex

from bench.field.faults.doors import check, listening, shell

if TYPE_CHECKING:
    from pathlib import Path

    from bench.field.faults.doors import Door

NOTE = "The vault code is heron-4471-lilac."
CLUSTERS = ("e\u0301" * 3_000, "👩\u200d👩\u200d👧" * 2_000, "क\u094dष" * 3_000, "🇩🇪" * 2_000)
MARKS = regex.compile(r"[\p{M}\u200d]")


async def results_can_be_read(door: Door) -> None:
    """23: confidence, shares, what the task is, what a step was given, no adapter in prompted."""
    asked = {"task": "Sort it.", "labels": ["billing", "shipping"]}
    solved = [{"input": "My bill", "output": "billing"}]
    done = await door.call("set_task", **asked, examples=solved)
    check(sorted(done["labels"]) == asked["labels"], f"labels {done['labels']}")
    check(done["examples"] == 1, f"examples {done['examples']}")
    session = done["session_id"]
    step = await door.call("run_step", session_id=session, input="shipping is late")
    check(isinstance(step["confidence"], float), f"confidence {step['confidence']}")
    check(step["confidence"] == step["shares"][step["output"]], f"shares {step['shares']}")
    found = await door.call("recall", session_id=session, query="shipping", kind="step")
    check(found["excerpts"][0]["input"] == "shipping is late", f"recall shows {found}")
    plain = await door.call("set_task", **asked, session_id=session, mode="prompted")
    step = await door.call("run_step", session_id=session, input="billing again")
    told = (plain["adapter"], step["adapter_digest"], step["adapter_cached"])
    check(told == (None, None, None), f"prompted mode tells of an adapter: {told}")


async def what_is_deleted_is_gone_from_the_file(door: Door) -> None:
    """22: an item, a source and a session; a dry run deletes nothing."""
    for what in ("source", "session"):
        session = await door.session()
        await door.call("remember", session_id=session, text=NOTE, source="note")
        await door.call("run_step", session_id=session, input="What is the vault code?")
        which = {"source": "note"} if what == "source" else {"whole_session": True}
        await door.call("delete_memory", session_id=session, **which, dry_run=True)
        check(_holds(door, NOTE), "a dry run deleted it")
        await door.call("delete_memory", session_id=session, **which)
        for word in (NOTE, "heron-4471", "heron"):
            check(not _holds(door, word), f"{word!r} is in the file after deleting the {what}")


def _holds(door: Door, text: str) -> bool:
    files = door.folder.glob(f"{door.database.name}*")
    return any(text.encode() in file.read_bytes() for file in files)


async def no_text_is_cut_inside_a_character(door: Door) -> None:
    """20: of excerpts, pieces, and what an error quotes."""
    session = await door.session()
    for number, text in enumerate(CLUSTERS):
        source = f"s{number}"
        await door.call("remember", session_id=session, text=f"start {text} end", source=source)
        found = await door.call(
            "recall", session_id=session, query="start", sources=[source], budget_tokens=300
        )
        for excerpt in found["excerpts"]:
            whole = set(regex.findall(r"\X", f"start {text} end"))
            torn = set(regex.findall(r"\X", excerpt["text"])) - whole - {"…", "\n"}
            check(not torn, f"{source} was cut to {torn}")
        example = {"input": "a", "output": text[:2_000]}
        said = await door.refused("set_task", task="Sort.", labels=["p", "q"], examples=[example])
        check(not MARKS.match(regex.split(r"'…?", said)[0][-1]), f"an error quotes {said!r}")


def an_operator_sees_who_was_refused(folder: Path) -> None:
    """24: metrics of sessions, tasks and the file, and failed log-ins with the address."""
    tokens = folder / "tokens.json"
    made = shell("hypernet-mcp", "--tokens", str(tokens), "tokens", "add", "ann")
    check(made.returncode == 0, made.stderr.decode())
    token = next(word for word in made.stdout.decode().split() if len(word) > 30)
    with (
        listening(folder, HYPERNET_MCP_TOKENS=str(tokens)) as address,
        httpx2.Client(timeout=20) as http,
    ):
        for given in (b"Bearer wrong", b"Bearer wr\xf6ng", b"Basic eDp5"):
            http.post(f"{address}/mcp", headers=[(b"authorization", given)])
        http.get(f"{address}/metrics", headers={"host": "evil.example.org"})
        shown = http.get(f"{address}/metrics", headers={"authorization": f"Bearer {token}"}).text
        log = (folder / "log").read_text()
    check("127.0.0.1" in log and "evil.example.org" in log, f"the log tells {log!r}")
    for series in ("sessions", "tasks_total", "confidence", "database_bytes", "principal"):
        check(f"hypernet_mcp_{series}" in shown, f"no metric of {series}")


CASES = (
    results_can_be_read,
    what_is_deleted_is_gone_from_the_file,
    no_text_is_cut_inside_a_character,
)
WITHOUT_CLIENT = (an_operator_sees_who_was_refused,)
