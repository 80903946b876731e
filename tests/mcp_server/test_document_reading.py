"""Documents are read apart from the server: nothing in one stops, fills or breaks it."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import anyio
import psutil
import pytest
from support import connected

from checkpoints.documents import DocumentError, DocumentLimits
from mcp_server.app.reading import DocumentReaders

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mcp_server.app.application import Application

    MakeApp = Callable[..., Application]

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


def children() -> set[int]:
    return {child.pid for child in psutil.Process().children(recursive=True)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An allowed folder with nothing in it."""
    made = tmp_path / "papers"
    made.mkdir()
    return made


async def test_a_document_that_takes_too_long_is_given_up():
    async with DocumentReaders(DocumentLimits(seconds=0.001)).reader() as reader:
        with pytest.raises(DocumentError) as caught:
            await reader.read("a.txt", b"x" * 10_000_000)
    assert str(caught.value) == "a.txt: reading takes over 0.001 s; split the file and try again"


async def test_a_document_that_takes_too_much_memory_is_given_up_and_the_next_is_read():
    data = b"[" + b"[]," * 8_000_000 + b"1]"
    limits = DocumentLimits(memory_bytes=200 * 2**20)
    async with DocumentReaders(limits).reader() as reader:
        with pytest.raises(DocumentError) as caught:
            await reader.read("a.ipynb", data)
        after = await reader.read("b.txt", b"still there")  # in a new process
    assert caught.value.problem == "reading takes over 200 MiB of memory; split the file"
    assert [piece.text for piece in after.pieces] == ["still there"]


async def test_a_process_that_dies_over_a_document_is_named_as_such(
    monkeypatch: pytest.MonkeyPatch,
):
    dying = "import sys; sys.stdin.buffer.readline(); sys.exit(3)"
    async with DocumentReaders(DocumentLimits()).reader() as reader:
        with monkeypatch.context() as patched:
            patched.setattr("mcp_server.app.reading.COMMAND", dying)
            with pytest.raises(DocumentError, match="broke the program that reads it"):
                await reader.read("a.txt", b"x")
        assert (await reader.read("a.txt", b"x")).pieces[0].text == "x"


async def test_no_process_is_left_when_a_call_is_over_or_given_up():
    before = children()
    readers = DocumentReaders(DocumentLimits())
    async with readers.reader() as reader:
        await reader.read("a.txt", b"x")
        assert children() - before
    assert not children() - before
    with anyio.move_on_after(0):
        async with readers.reader() as reader:
            await reader.read("a.txt", b"x" * 10_000_000)
    assert not children() - before


async def test_other_calls_are_answered_while_a_document_is_read_and_the_call_ends_in_time(
    make_app: MakeApp, folder: Path
):
    (folder / "long.txt").write_text("a b. " * 6_000_000)
    app = make_app(documents=(folder,))
    async with connected(app) as call:
        session = await call.begin()
        ended = anyio.Event()
        said: list[str] = []

        async def remember() -> None:
            said.append(
                await call.refused(
                    "remember", session_id=session, paths=["long.txt"], max_seconds=1
                )
            )
            ended.set()

        answered = 0
        async with anyio.create_task_group() as group:
            group.start_soon(remember)
            while not ended.is_set():
                await call("status", session_id=session)
                answered += 1
    assert "max_seconds: the 1 s of this call are over" in said[0]
    assert answered > 2
    assert not [c for c in psutil.Process().children(recursive=True) if c.is_running()]


# Reads as the program does, but never comes to the end of a file whose name has "slow" in it.
SLOW = """
import sys, time
sys.path[:] = sys.argv[1:]
import checkpoints.documents.worker as w
read = w.read_document
w.read_document = lambda name, *more: time.sleep(9e9) if "slow" in name else read(name, *more)
w.main()
"""


async def test_a_file_slower_than_its_share_of_the_call_keeps_none_of_the_others_from_being_read(
    make_app: MakeApp, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("mcp_server.app.reading.COMMAND", SLOW)
    for name in ("a-slow.xlsx", "b.md", "c-slow.txt", "d.md"):
        (folder / name).write_text(f"This is {name}.")
    async with connected(make_app(documents=(folder,))) as call:
        session = await call.begin()
        done = await call("remember", session_id=session, paths=["."], max_seconds=10)
        alone = await call.refused(
            "remember", session_id=session, paths=["a-slow.xlsx"], max_seconds=1
        )
        with monkeypatch.context() as fast:
            fast.setattr("mcp_server.app.reading.COMMAND", SLOW.replace("slow", "no such name"))
            again = await call("remember", session_id=session, paths=["c-slow.txt"])
    assert (done["files"], done["stored"], done["failed_count"]) == (2, 2, 2)
    assert [each["name"] for each in done["failed"]] == ["papers/a-slow.xlsx", "papers/c-slow.txt"]
    for each in done["failed"]:
        assert re.fullmatch(
            r"not read in the [\d.]+ s that it had; call again with a larger max_seconds, remember "
            "it alone, or split the file",
            each["problem"],
        )
    assert "max_seconds: the 1 s of this call are over while reading" in alone
    assert "papers/a-slow.xlsx: not read in the" in alone
    assert again["stored"] == 1


async def test_files_that_were_never_reached_are_named_and_the_same_call_goes_on_with_them(
    make_app: MakeApp, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    (folder / "a.md").write_text("It ends in May.")
    for number in range(3):
        (folder / f"slow{number}.txt").write_text("x")
    (folder / "z.md").write_text("The rent is 800.")
    counted = folder.parent / "read"
    counting = SLOW.replace(
        "w.main()",
        f"""
counted = w.read_document
def count(name, *more):
    open({str(counted)!r}, "a").write(name + "\\n")
    return counted(name, *more)
w.read_document = count
w.main()
""",
    )
    monkeypatch.setattr("mcp_server.app.reading.COMMAND", counting)
    async with connected(make_app(documents=(folder,))) as call:
        session = await call.begin()
        arguments = {"session_id": session, "paths": ["."], "max_seconds": 5}
        first = await call("remember", **arguments)
        second = await call("remember", **arguments)
    assert (first["files"], first["stored"]) == (1, 1)
    reached = [each for each in first["failed"] if "not reached in time" in each["problem"]]
    assert "papers/z.md" in [each["name"] for each in reached]
    assert first["failed_count"] == 4
    assert "call again with the same arguments to go on" in reached[0]["problem"]
    # What was too slow for the first call waits for the others in the second.
    assert (second["files"], second["stored"], second["duplicates"]) == (2, 1, 1)
    assert second["failed_count"] == 3
    # And what the first call read is not read again.
    assert counted.read_text().split().count("papers/a.md") == 1


async def test_a_file_of_blank_lines_in_a_function_is_read_at_once(make_app: MakeApp, folder: Path):
    (folder / "a.js").write_text("f() {\n" + "\n" * 1_000_000 + "}\n")
    async with connected(make_app(documents=(folder,))) as call:
        session = await call.begin()
        done = await call("remember", session_id=session, paths=["a.js"])
    assert done["stored"] == 2


@pytest.mark.parametrize(
    "letters",
    ["\x85\ufeff", "\u17d4\U0001f3fd", "\u3002\u0301", "\u0600\u17d4", "\u0915\u093c\u17d4"],
    ids=["controls", "coloured stops", "stops with marks", "signs before stops", "dotted letters"],
)
async def test_letters_and_stops_without_a_plain_one_between_are_cut_at_once(
    make_app: MakeApp, folder: Path, letters: str
):
    (folder / "a.txt").write_text(letters * 40_000)
    async with connected(make_app(documents=(folder,))) as call:
        session = await call.begin()
        await call("remember", session_id=session, paths=["a.txt"])
        done = await call("remember", session_id=session, text=letters * 40_000, source="b")
    assert done["stored"] >= 1


async def test_what_is_read_in_part_is_named_with_files_of_other_kinds(
    make_app: MakeApp, folder: Path
):
    (folder / "a.txt").write_bytes("租约在五月结束。房租每月八百元。".encode("gbk"))
    (folder / "seal.png").write_bytes(b"x")
    async with connected(make_app(documents=(folder,))) as call:
        session = await call.begin()
        done = await call("remember", session_id=session, paths=["."])
        found = await call("recall", session_id=session, query="租约在五月结束")
    assert done["failed"] == []
    assert [(each["name"].split("/")[-1], each["problem"]) for each in done["partly"]] == [
        ("papers", "1 files of other kinds are not read: .png (1)"),
        ("a.txt", "read as gb18030, a guess; save the file as UTF-8 if its letters are wrong"),
    ]
    assert found["excerpts"][0]["text"].startswith("租约在五月")


async def test_of_more_parts_left_out_than_are_listed_the_number_is_told(
    make_app: MakeApp, folder: Path
):
    for number in range(103):
        (folder / f"a{number}.txt").write_bytes("café".encode("cp1252"))
    async with connected(make_app(documents=(folder,))) as call:
        session = await call.begin()
        done = await call("remember", session_id=session, paths=["."])
    assert len(done["partly"]) == 101
    assert done["partly"][-1]["problem"].startswith("3 more parts are left out")


@pytest.mark.parametrize("names", [[], ["seal.png"], ["seal.png", "empty.txt"]])
async def test_a_folder_of_which_nothing_could_be_read_is_refused_with_all_reasons(
    make_app: MakeApp, folder: Path, names: list[str]
):
    for name in names:
        (folder / name).write_bytes(b"")
    async with connected(make_app(documents=(folder,))) as call:
        session = await call.begin()
        message = await call.refused("remember", session_id=session, paths=["."])
    assert "paths: " in message
    assert all(name.split(".")[-1] in message for name in names)


def test_the_process_that_reads_loads_neither_torch_nor_numpy_nor_mcp():
    code = (
        "import sys, checkpoints.documents.worker\n"
        "print([m for m in ('torch', 'numpy', 'mcp', 'sqlite_utils', 'lxml') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
