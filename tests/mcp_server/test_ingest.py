"""Documents into memory through the public door: files, batches, progress, cancellation."""

from __future__ import annotations

import threading
import unicodedata
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from support import connected

from hypernet.engine.echo import EchoEngine, echo_embeddings
from hypernet.hypernetwork.embedding import Embedder, Embedding
from hypernet.runtime import Runtime
from mcp_server.jobs.documents.ingest import BATCH

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from mcp_server.app.application import Application

    MakeApp = Callable[..., Application]

pytestmark = pytest.mark.anyio


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An allowed folder with one readable file of some kinds and two that cannot be read."""
    root = tmp_path / "papers"
    (root / "code").mkdir(parents=True)
    (root / "lease.md").write_text("# Lease\n\nIt ends in May.\n\n## Notice\n\nThree months.")
    (root / "page.html").write_text("<h1>Fruit</h1><p>Bananas are yellow.</p>")
    (root / "code" / "rent.py").write_text("def rent():\n    return 800\n")
    (root / "broken.pdf").write_bytes(b"%PDF-1.4 no more")
    (root / "empty.txt").write_text("")
    return root


class Counting:
    """Counts the texts that it embeds, and holds the batch of a document that is to wait."""

    def __init__(self, held_batch: int | None = None) -> None:
        self.texts = self.batches = 0
        self.held_batch = held_batch
        self.reached, self.released = threading.Event(), threading.Event()

    def __call__(self, texts: Sequence[str]) -> list[Embedding]:
        self.texts += len(texts)
        if len(texts) > 1:  # not a step's query or output
            self.batches += 1
            if self.batches == self.held_batch:
                self.reached.set()
                assert self.released.wait(20)
        return echo_embeddings(texts)

    def load(self, options: object, progress: object) -> Runtime:
        return Runtime(EchoEngine(), None, {}, Embedder("counted", self))


async def test_a_folder_is_remembered_with_places_and_what_failed_is_listed_with_its_remedy(
    make_app: MakeApp, folder: Path
):
    async with connected(make_app(documents=(folder,))) as call:
        session = await call.begin()
        done = await call("remember", session_id=session, paths=[str(folder)])
        found = await call("recall", session_id=session, query="notice months", budget_tokens=15)
        again = await call("remember", session_id=session, paths=["papers"])
    assert (done["stored"], done["files"], done["failed_count"]) == (4, 3, 2)
    assert [failed["name"] for failed in done["failed"]] == [
        "papers/broken.pdf",
        "papers/empty.txt",
    ]
    assert "save it again" in done["failed"][0]["problem"]
    assert "nothing to store" in done["failed"][1]["problem"]
    best = max(found["excerpts"], key=lambda excerpt: excerpt["score"])
    assert (best["source"], best["place"]) == ("papers/lease.md", "§ Lease > Notice")
    assert (again["stored"], again["duplicates"]) == (0, 4)


async def test_without_allowed_folders_no_file_is_read_and_the_error_names_the_setting(
    make_app: MakeApp, folder: Path
):
    async with connected(make_app()) as call:
        session = await call.begin()
        message = await call.refused("remember", session_id=session, paths=[str(folder)])
    assert "HYPERNET_MCP_DOCUMENTS" in message


@pytest.mark.parametrize("path", ["/etc/hostname", "../outside.txt", "nowhere.md", "\x00"])
async def test_a_path_outside_the_allowed_folders_is_refused_and_stores_nothing(
    make_app: MakeApp, folder: Path, path: str
):
    (folder.parent / "outside.txt").write_text("secret")
    async with connected(make_app(documents=(folder,))) as call:
        session = await call.begin()
        message = await call.refused("remember", session_id=session, paths=["lease.md", path])
        status = await call("status", session_id=session)
    assert message.count("paths") == 1
    assert status["sessions"][0]["items"] == 0


async def test_allowed_folders_of_one_name_share_no_source(make_app: MakeApp, tmp_path: Path):
    roots = [tmp_path / each / "docs" for each in ("a", "b")]
    for root in roots:
        root.mkdir(parents=True)
        (root / "both.md").write_text(f"The lease of {root.parent.name} ends in May.")
        (root / f"{root.parent.name}.md").write_text(f"A lease of {root.parent.name} alone.")
    async with connected(make_app(documents=tuple(roots))) as call:
        session = await call.begin()
        done = [
            await call("remember", session_id=session, paths=[str(each)])
            for each in (*roots, *roots, roots[1] / "both.md")
        ]
        found = await call("recall", session_id=session, query="lease")
        # Each source's name leads to its file.
        by_name = [
            await call("remember", session_id=session, paths=[each["source"]])
            for each in found["excerpts"]
        ]
    counts = [(each["stored"], each["duplicates"], each["superseded"]) for each in done]
    assert counts == [(2, 0, 0), (2, 0, 0), (0, 2, 0), (0, 2, 0), (0, 1, 0)]
    assert {each["source"]: each["text"] for each in found["excerpts"]} == {
        "docs/both.md": "The lease of a ends in May.",
        "docs/a.md": "A lease of a alone.",
        "b/docs/both.md": "The lease of b ends in May.",
        "docs/b.md": "A lease of b alone.",
    }
    assert [(each["stored"], each["duplicates"]) for each in by_name] == [(0, 1)] * 4


COMPOSED, APART = (unicodedata.normalize(form, "Verträge") for form in ("NFC", "NFD"))


@pytest.mark.parametrize("kept", [COMPOSED, APART])
@pytest.mark.parametrize("typed", [COMPOSED, APART])
async def test_names_are_found_in_any_unicode_form(
    make_app: MakeApp, tmp_path: Path, kept: str, typed: str
):
    (tmp_path / kept / kept).mkdir(parents=True)
    (tmp_path / kept / kept / f"{kept}.md").write_text("It ends in May.")
    root = tmp_path / typed
    async with connected(make_app(documents=(root,))) as call:
        session = await call.begin()
        counts = []
        for path in (
            root / typed / f"{typed}.md",
            f"{typed}/{typed}.md",
            f"{typed}/{typed}/{typed}.md",
            root,
            root / typed,
            (root / typed / f"{typed}.md").as_uri(),
        ):
            done = await call("remember", session_id=session, paths=[str(path)])
            counts.append((done["stored"], done["duplicates"]))
        excerpts = []
        for source in (kept, typed):
            found = await call(
                "recall",
                session_id=session,
                query="May",
                sources=[f"{source}/{source}/{source}.md"],
            )
            excerpts += found["excerpts"]
        name = f"{typed}/{typed}/{typed}.md"
        await call("quarantine_memory", session_id=session, source=name, reason="old")
        left = await call("recall", session_id=session, query="May")
    assert left["excerpts"] == []
    assert counts == [(1, 0), *[(0, 1)] * 5]
    assert [each["source"] for each in excerpts] == [f"{COMPOSED}/{COMPOSED}/{COMPOSED}.md"] * 2


@pytest.mark.parametrize(
    "address",
    ["file://ROOT/lease.md", "file://localhostROOT/lease.md", "FILE:ROOT/lease.md", "file://ROOT"],
)
async def test_a_file_address_names_its_path(make_app: MakeApp, folder: Path, address: str):
    root = folder.rename(folder.with_name("my papers"))
    uri = root.as_uri().removeprefix("file://")
    async with connected(make_app(documents=(root,))) as call:
        session = await call.begin()
        path = address.replace("ROOT", uri)
        done = await call("remember", session_id=session, paths=[path])
    assert done["files"] >= 1


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("file://server.example/share/lease.md", "is on the machine server.example"),
        ("file://", "names no file"),
        ("file://[", "is not an address"),
        ("file:///etc/hostname", "no such file or folder below the allowed folders"),
        ("file://ROOT/../outside.txt", "no such file or folder below the allowed folders"),
        ("file://ROOT/%2e%2e/outside.txt", "no such file or folder below the allowed folders"),
        ("file://ROOT/a%00b", "is not a path that can be opened"),
        ("https://example.com/lease.md", "is an address on the network"),
    ],
)
async def test_an_address_that_names_no_allowed_file_is_refused(
    make_app: MakeApp, folder: Path, address: str, problem: str
):
    (folder.parent / "outside.txt").write_text("secret")
    async with connected(make_app(documents=(folder,))) as call:
        session = await call.begin()
        path = address.replace("ROOT", str(folder))
        assert problem in await call.refused("remember", session_id=session, paths=[path])


async def test_a_single_file_that_cannot_be_read_is_an_error(make_app: MakeApp, folder: Path):
    async with connected(make_app(documents=(folder,))) as call:
        session = await call.begin()
        message = await call.refused("remember", session_id=session, paths=["broken.pdf"])
    assert "paths: papers/broken.pdf: is a broken PDF" in message


async def test_status_names_the_folders_that_may_be_read(make_app: MakeApp, folder: Path):
    async with connected(make_app(documents=(folder,))) as call:
        status = await call("status")
    assert status["document_folders"] == [str(folder)]


async def test_a_long_document_is_stored_in_batches_with_progress_that_increases(
    make_app: MakeApp, folder: Path
):
    for number in range(3):
        words = " ".join(f"w{number}x{n}" for n in range(8_000))
        (folder / f"long{number}.txt").write_text(words)
    reported: list[tuple[float, str]] = []

    async def hear(done: float, total: float | None, message: str | None) -> None:
        reported.append((done, str(message)))

    async with connected(make_app(documents=(folder,))) as call:
        session = await call.begin()
        await call.client.call_tool(
            "remember", {"session_id": session, "paths": ["."]}, progress_callback=hear
        )
        status = await call("status", session_id=session)
    assert status["sessions"][0]["items"] > 3 * BATCH
    assert len(reported) >= 3
    assert [done for done, _ in reported] == sorted({done for done, _ in reported})
    assert any("long2.txt" in message for _, message in reported)


async def test_steps_run_while_documents_are_embedded(make_app: MakeApp):
    embedding = Counting(held_batch=1)
    async with connected(make_app(load=embedding.load)) as call:
        session = await call.begin()
        async with anyio.create_task_group() as group:
            group.start_soon(
                lambda: call("remember", session_id=session, text="slow " * 400, source="book")
            )
            await anyio.to_thread.run_sync(embedding.reached.wait)
            step = await call("run_step", session_id=session, input="quick")
            before = await call("status", session_id=session)
            embedding.released.set()
        after = await call("status", session_id=session)
    assert step["step"] == 1
    assert before["sessions"][0]["items"] == 1  # the step's output
    assert after["sessions"][0]["items"] > 1


async def test_a_cancelled_call_keeps_its_whole_batches_and_a_repeat_embeds_only_the_rest(
    make_app: MakeApp,
):
    embedding = Counting(held_batch=2)
    documents = [" ".join(f"w{d}x{n}" for n in range(3_000)) for d in range(8)]
    async with connected(make_app(load=embedding.load)) as call:
        session = await call.begin()
        arguments = {"session_id": session, "documents": documents}
        async with anyio.create_task_group() as group:
            group.start_soon(lambda: call.client.call_tool("remember", arguments))
            await anyio.to_thread.run_sync(embedding.reached.wait)
            group.cancel_scope.cancel()
        embedding.released.set()
        kept = await call("status", session_id=session)
        before = embedding.texts
        again = await call("remember", **arguments)
    assert kept["sessions"][0]["items"] == BATCH == again["duplicates"]
    assert before == 2 * BATCH  # the second one was running when the client gave up
    assert embedding.texts - before == again["stored"] > BATCH


async def test_what_is_remembered_while_the_model_loads_gets_its_vectors_later(make_app: MakeApp):
    go = threading.Event()
    embedding = Counting()

    def slow(options: object, progress: object) -> Runtime:
        assert go.wait(20)
        return embedding.load(options, progress)

    app = make_app(load=slow)
    session = app.store().create_session().id
    async with connected(app) as call:
        done = await call("remember", session_id=session, text="The lease ends in May.")
        unread = app.store().maintenance.without_vectors("counted", 10)
        go.set()
        with anyio.fail_after(20):
            while app.store().maintenance.without_vectors("counted", 10):
                await anyio.lowlevel.checkpoint()
    assert done["stored"] == 1
    assert [text for _, text in unread] == ["The lease ends in May."]
    assert embedding.texts == 1


async def test_texts_of_an_earlier_process_without_vectors_get_them_after_the_start(
    make_app: MakeApp, database: Path
):
    first = make_app(load=lambda options, progress: Runtime(EchoEngine(), None, {}))
    async with connected(first) as call:
        session = await call.begin()
        await call("remember", session_id=session, documents=["one text", "another text"])
    first.close()
    embedding = Counting()
    second = make_app(load=embedding.load)
    async with connected(second) as call:
        await call("status", session_id=session)
        with anyio.fail_after(20):
            while second.store().maintenance.without_vectors("counted", 10):
                await anyio.lowlevel.checkpoint()
    assert embedding.texts == 2


async def test_every_excerpt_says_who_wrote_it(make_app: MakeApp):
    async with connected(make_app()) as call:
        session = await call.begin()
        await call("remember", session_id=session, text="lease of the user")
        await call("remember", session_id=session, text="lease of a tool", origin="tool")
        await call("run_step", session_id=session, input="lease of a step", context_tokens=0)
        found = await call("recall", session_id=session, query="lease")
        wrong = await call.refused("remember", session_id=session, text="x", origin="step")
    assert {e["text"].split()[-1]: e["origin"] for e in found["excerpts"]} == {
        "user": "user",
        "tool": "tool",
        "step": "step",
    }
    assert "origin" in wrong


async def test_outputs_of_steps_get_a_vector_too(make_app: MakeApp):
    embedding = Counting()
    app = make_app(load=embedding.load)
    async with connected(app) as call:
        session = await call.begin()
        await call("run_step", session_id=session, input="a b c")
    assert app.store().maintenance.without_vectors("counted", 10) == []
    assert embedding.texts == 1


async def test_a_step_is_read_by_the_encoder_only_when_there_is_a_document_to_find(
    make_app: MakeApp,
):
    embedding = Counting()
    app = make_app(load=embedding.load)
    async with connected(app) as call:
        session = await call.begin()
        await call("run_step", session_id=session, input="a b c")
        await call("remember", session_id=session, text="a b c d")
        before = embedding.texts
        step = await call("run_step", session_id=session, input="b c d")
    assert [excerpt["text"] for excerpt in step["retrieved"]] == ["a b c d"]
    assert (before, embedding.texts) == (2, 4)  # an output, the document; the input, its output


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, "text: give text, documents or paths"),
        ({"paths": ["x"] * 65}, "paths: 65 entries, the limit is 64"),
        ({"paths": [""]}, "paths[0]: must not be empty"),
        ({"paths": ["a\ud800"]}, "paths[0]: holds a lone surrogate"),
        ({"paths": ["p" * 5000]}, "paths[0]: 5000 characters"),
        ({"text": "x", "source": ""}, "source: must not be empty"),
        ({"text": "x", "source": "s" * 1001}, "source: 1001 characters, the limit is 1000"),
    ],
)
async def test_bad_arguments_of_remember_are_refused_by_name(
    make_app: MakeApp, arguments: dict[str, Any], expected: str
):
    async with connected(make_app()) as call:
        session = await call.begin()
        message = await call.refused("remember", session_id=session, **arguments)
    assert expected in message


async def test_an_edited_file_replaces_its_earlier_version_and_only_the_edit_is_embedded(
    make_app: MakeApp, folder: Path
):
    embedding, policy = Counting(), folder / "policy.md"
    sections = [f"# Part {n}\n\nRule {n} about leave." for n in range(BATCH + 6)]
    policy.write_text("\n\n".join(sections))
    async with connected(make_app(load=embedding.load, documents=str(folder))) as call:
        session = await call.begin()
        first = await call("remember", session_id=session, paths=["policy.md"])
        used = await call("run_step", session_id=session, input="rule 3 about leave")
        point = await call("checkpoint_memory", session_id=session)
        sections[3] = "# Part 3\n\nRule three hundred about leave."
        policy.write_text("\n\n".join(sections))
        before = embedding.texts
        again = await call("remember", session_id=session, paths=["policy.md"])
        embedded = embedding.texts - before
        search = {"session_id": session, "query": "rule 3 about leave", "kind": "document"}
        found = await call("recall", **search)
        step = await call("run_step", session_id=session, input="rule 3 about leave")
        source = used["retrieved"][0]["source"]
        kept = await call("quarantine_memory", session_id=session, source=source)
        await call("quarantine_memory", session_id=session, source=source, release=True)
        await call("restore_memory", checkpoint_id=point["checkpoint_id"])
        old = await call("recall", **search)
    assert first["superseded"] == 0
    assert (again["stored"], again["duplicates"], again["superseded"]) == (1, BATCH + 5, 1)
    assert embedded == 1
    texts = [[e["text"] for e in each] for each in (used["retrieved"], old["excerpts"])]
    assert all("Rule 3 about" in "".join(each) for each in texts)
    texts = [[e["text"] for e in each] for each in (step["retrieved"], found["excerpts"])]
    assert not any("Rule 3 about" in "".join(each) for each in texts)
    assert kept["used_by_steps"] == [1, 2]


async def test_texts_of_a_named_source_replace_each_other_and_unnamed_or_appended_ones_add_up(
    make_app: MakeApp,
):
    async with connected(make_app()) as call:
        session = await call.begin()
        done = [
            await call("remember", session_id=session, text=f"Leave: {days} days.", **more)
            for days, more in (
                (3, {"source": "policy.md"}),
                (5, {"source": "policy.md"}),
                (7, {"source": "policy.md", "append": True}),
                (1, {}),
                (2, {}),
            )
        ]
        found = await call("recall", session_id=session, query="leave days")
        status = await call("status", session_id=session)
    assert [each["superseded"] for each in done] == [0, 1, 0, 0, 0]
    texts = "".join(excerpt["text"] for excerpt in found["excerpts"])
    assert [days for days in range(9) if f"{days} days" in texts] == [1, 2, 5, 7]
    assert status["sessions"][0]["items"] == 4
