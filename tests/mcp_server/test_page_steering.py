"""The page's forms: each does what its tool does, and nobody else's form does anything."""

from __future__ import annotations

import re
import threading
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import anyio
import httpx2
import pytest
from serving import counted, requests_to
from support import connected

from hypernet.engine.echo import EchoEngine
from mcp_server.http.application import build_reader
from mcp_server.http.tokens import Tokens, add_token
from mcp_server.page.actions import holding

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from support import Caller

    from mcp_server.app.application import Application

    Maker = Callable[..., Application]

pytestmark = pytest.mark.anyio

LABELS = ["billing", "shipping"]
ABSENT = "A" * 32


@dataclass
class Person:
    """Somebody at the page of one job."""

    client: httpx2.AsyncClient
    call: Caller
    session: str

    async def token(self) -> str:
        return token_in((await self.client.get(f"/jobs/{self.session}")).text)

    async def send(self, action: str, **fields: Any) -> httpx2.Response:
        data = {"forgery": await self.token(), **fields}
        return await self.client.post(f"/jobs/{self.session}/{action}", data=data)

    async def told(self, action: str, **fields: Any) -> str:
        """The notice on the page that follows a form."""
        answer = await self.send(action, **fields, next=f"/jobs/{self.session}/memory")
        assert answer.status_code == 303, answer.text
        text = (await self.client.get(answer.headers["Location"])).text
        found = re.search(r'<p class="notice[^>]*>(.*?)</p>', text, re.DOTALL)
        assert found is not None, text
        return found[1]

    async def refused(self, action: str, status: int, **fields: Any) -> str:
        answer = await self.send(action, **fields)
        assert answer.status_code == status, answer.text
        return answer.text


def token_in(page: str) -> str:
    found = re.search(r'name="forgery" value="([0-9a-f]+)"', page)
    assert found is not None, page
    return found[1]


@asynccontextmanager
async def at_the_page(app: Application, **task: Any) -> AsyncIterator[Person]:
    async with requests_to(app) as client, connected(app) as call:
        session = await call.begin(**task)
        await call("remember", session_id=session, text="Keep it short.", source="rules.md")
        item = app.store().contents.items(session, "rules.md")[0].item_id
        await call("pin_memory", session_id=session, item_ids=[item])
        yield Person(client, call, session)


def checkpoints(app: Application, session: str) -> list[tuple[int, str | None]]:
    return [(each.step, each.label) for each in app.store().checkpoints(session)]


async def test_a_step_is_corrected_confirmed_and_both_taken_back(make_app: Maker):
    app = make_app()
    async with at_the_page(app, labels=LABELS) as person:
        await person.call("run_step", session_id=person.session, input="about shipping")
        where = "steps/1/correct"
        corrected = await person.told(where, do="correct", output="billing")
        same = await person.told(where, do="correct", output="billing")
        confirmed = await person.told(where, do="confirm", output="ignored")
        back = await person.told(where, do="take_back")
        nothing = await person.refused(where, 400, do="take_back")
        kinds = [
            (each.output, each.confirmed, each.ended)
            for each in app.store().tasks.corrections(person.session)
        ]
    assert corrected.startswith("Step 1 is corrected. It concerns")
    assert "nothing was changed" in same
    assert confirmed.startswith("Step 1 is confirmed")
    assert back.startswith("The correction of step 1 was taken back")
    assert "has no correction; nothing was changed" in nothing
    assert kinds == [("billing", False, "replaced"), ("shipping", True, "taken back")]


async def test_what_a_person_writes_is_kept_to_the_letter(make_app: Maker):
    app = make_app()
    written = "first line\n  <b>second</b> & “third”\n"
    async with at_the_page(app) as person:
        await person.call("run_step", session_id=person.session, input="a b")
        sent = written.replace("\n", "\r\n")  # as browsers send it
        await person.told("steps/1/correct", do="correct", output=sent)
        kept = app.store().tasks.corrections(person.session)[-1].output
    assert kept == written


BAD: list[tuple[str, dict[str, str], str]] = [
    ("steps/1/correct", {"output": ""}, "output: must not be empty"),
    ("steps/1/correct", {"output": "x", "do": "other"}, "do: is not one of"),
    ("steps/9/correct", {"output": "x"}, "step"),
    ("steps/1/correct", {"label": "0"}, "label: step 1 has no label 0"),
    ("steps/1/correct", {"label": "x"}, "label: &#39;x&#39; is not a number"),
    ("quarantine", {"of": "9999"}, "item_id: the session&#39;s memory has no item 9999"),
    ("steps/x/correct", {"output": "x"}, "step: &#39;x&#39; is not a number"),
    ("steps/1/correct", {"output": "x" * 40_000}, "output: 40000 characters"),
    ("checkpoint", {"label": "l" * 201}, "label"),
    ("restore", {}, "checkpoint_id: choose a checkpoint"),
    ("restore", {"checkpoint_id": "a/b"}, "checkpoint_id"),
    ("pin", {"item_id": "9999"}, "item_ids: the session&#39;s memory has no item 9999"),
    ("pin", {}, "item_id: &#39;&#39; is not a number"),
    ("quarantine", {}, "give either item_id or source"),
    ("quarantine", {"item_id": "1", "source": "x"}, "give either item_id or source"),
    ("quarantine", {"item_id": "1", "reason": "r" * 201}, "reason: 201 characters"),
    ("quarantine", {"item_id": "1", "do": "release"}, "is not in quarantine"),
    ("quarantine", {"source": "nobody.md"}, "nobody.md"),
    ("revoke", {"adapter_digest": ""}, "adapter_digest: must not be empty"),
    ("revoke", {"adapter_digest": "ab", "do": "release"}, "adapter_digest"),
    ("cancel", {"running": "none"}, "does not run any more"),
]


async def test_a_bad_form_is_refused_by_name_and_changes_nothing(make_app: Maker):
    app = make_app()
    async with at_the_page(app) as person:
        await person.call("run_step", session_id=person.session, input="a b")
        before = app.store().session(person.session)
        answers = [(await person.send(action, **fields), said) for action, fields, said in BAD]
        after = app.store().session(person.session)
    for answer, said in answers:
        assert answer.status_code in (400, 404, 409), answer.text
        assert said in answer.text
    assert after == before
    assert app.store().tasks.corrections(person.session) == []


async def test_a_checkpoint_is_made_gone_back_to_and_forked_from(make_app: Maker):
    app = make_app(checkpoint_every=100)
    async with at_the_page(app) as person:
        step = {"session_id": person.session, "input": "a b"}
        await person.call("run_step", **step)
        made = await person.told("checkpoint", label="all <sorted>")
        marked = app.store().checkpoints(person.session)[-1]
        await person.call("run_step", **step)
        forked = await person.send("restore", do="fork", checkpoint_id=marked.id)
        other = forked.headers["Location"].split("?")[0].removeprefix("/jobs/")
        steps = [app.store().session(each).steps for each in (person.session, other)]
        back = await person.told("restore", do="restore", checkpoint_id=marked.id)
        foreign = app.store().checkpoint(other).id
        refused = await person.refused("restore", 400, do="restore", checkpoint_id=foreign)
    assert "“all &lt;sorted&gt;” is made at step 1" in made
    assert steps == [2, 1]
    assert back.startswith("The job is back at step 1")
    assert app.store().session(person.session).steps == 1
    assert checkpoints(app, person.session) == [(1, "all <sorted>")]
    assert "checkpoint" in refused


async def test_an_item_is_pinned_and_unpinned(make_app: Maker):
    app = make_app()
    async with at_the_page(app) as person:
        await person.call("remember", session_id=person.session, text="Also.", source="b.md")
        item = app.store().contents.items(person.session, "b.md")[0].item_id
        told = [
            await person.told("pin", do=do, item_id=str(item)) for do in ("pin", "pin", "unpin")
        ]
        refused = await person.refused("pin", 400, do="unpin", item_id=str(item))
        pinned = [hit.text for hit in app.store().marks.pinned(person.session)]
    assert told[0].startswith(f"Item {item} is pinned: it is in every prompt")
    assert "nothing was changed" in told[1]
    assert told[2].startswith(f"Item {item} is pinned no more")
    assert f"item {item} is not pinned" in refused
    assert pinned == ["Keep it short."]


async def test_a_source_is_kept_out_naming_the_steps_that_used_it_and_let_back_in(
    make_app: Maker,
):
    app = make_app(checkpoint_every=1)
    async with at_the_page(app) as person:
        session = person.session
        await person.call("run_step", session_id=session, input="one")
        text = "Refunds take fourteen days."
        await person.call("remember", session_id=session, text=text, source="forum.html")
        for _ in range(2):
            await person.call("run_step", session_id=session, input="how long do refunds take")
        out = await person.told("quarantine", source="forum.html", reason="planted")
        again = await person.told("quarantine", source="forum.html")
        [mark] = app.store().marks.quarantined(session)
        back = await person.told("quarantine", do="release", source="forum.html", reason="x")
    assert out.startswith("Source forum.html is in quarantine: 1 item")
    assert "Steps that used it: 2, 3. The checkpoint from before them is at step 1." in out
    assert "nothing was changed" in again
    assert (mark.source, mark.reason) == ("forum.html", "planted")
    assert back.startswith("Source forum.html is let back in: 1 item")
    assert app.store().marks.quarantined(session) == []


async def test_one_item_is_kept_out_and_let_back_in(make_app: Maker):
    app = make_app()
    async with at_the_page(app) as person:
        item = str(app.store().contents.items(person.session, "rules.md")[0].item_id)
        out = await person.told("quarantine", item_id=item)
        hidden = app.store().contents.item(person.session, int(item)).hidden
        back = await person.told("quarantine", do="release", item_id=item)
    assert out.startswith(f"Item {item} is in quarantine: 1 item")
    assert hidden
    assert back.startswith(f"Item {item} is let back in")


async def test_an_adapter_is_revoked_naming_its_steps_and_allowed_again(make_app: Maker):
    app = make_app()
    async with at_the_page(app) as person:
        step = {"session_id": person.session, "input": "a b"}
        digest = (await person.call("run_step", **step))["adapter_digest"]
        out = await person.told("revoke", adapter_digest=digest, reason="wrong examples")
        refused = await person.call.refused("run_step", **step)
        again = await person.told("revoke", adapter_digest=digest)
        back = await person.told("revoke", do="release", adapter_digest=digest)
        done = await person.call("run_step", **step)
    assert out.startswith(f"Adapter {digest} is revoked in this job")
    assert "Steps that used it: 1." in out
    assert "was revoked in this session (wrong examples)" in refused
    assert "nothing was changed" in again
    assert back.startswith(f"Adapter {digest} is allowed again")
    assert done["step"] == 2


class Held:
    """Holds an echo engine once it is armed, before a step's third word, until it is let go."""

    def __init__(self, armed: bool = True) -> None:
        self.reached, self.go = threading.Event(), threading.Event()
        self.armed = armed
        self.engine = EchoEngine(before_token=self.hold)

    def hold(self, n: int) -> None:
        if n == 2 and self.armed:
            self.reached.set()
            assert self.go.wait(30)


async def test_a_running_step_is_cancelled(make_app: Maker):
    held = Held()
    app = make_app(held.engine)
    ended: list[str] = []
    async with at_the_page(app) as person, anyio.create_task_group() as tasks:

        async def run() -> None:
            arguments = {"session_id": person.session, "input": "a b c d"}
            ended.append(await person.call.refused("run_step", **arguments))

        tasks.start_soon(run)
        await anyio.to_thread.run_sync(held.reached.wait)
        [step] = app.running.now(None)
        told = await person.told("cancel", running=step.id)
        held.go.set()
        late = await person.refused("cancel", 409, running=step.id)
        counts = await counted(person.client)
    assert told.startswith("The step was cancelled")
    assert ended[0].startswith("the step was cancelled on the page")
    assert "does not run any more" in late
    assert app.store().session(person.session).steps == 0
    assert counts["hypernet_mcp_calls_total outcome=ok tool=cancel_step"] == 1
    assert counts["hypernet_mcp_errors_total kind=StepCancelledError"] == 1


async def test_a_form_waits_only_so_long_for_a_step_that_runs(
    make_app: Maker, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(holding, "WAIT_SECONDS", 0.0)
    held = Held(armed=False)
    app = make_app(held.engine)
    async with at_the_page(app) as person, anyio.create_task_group() as tasks:
        step = {"session_id": person.session, "input": "a b"}
        await person.call("run_step", **step)
        held.armed = True
        tasks.start_soon(lambda: person.call("run_step", **{**step, "input": "a b c d"}))
        await anyio.to_thread.run_sync(held.reached.wait)
        refused = await person.refused("steps/1/correct", 400, output="x")
        held.go.set()
    assert "a step of this job runs; wait for its end or cancel it" in refused
    assert app.store().tasks.corrections(person.session) == []


async def test_forms_are_counted_and_logged_as_their_tools_are(
    make_app: Maker, caplog: pytest.LogCaptureFixture
):
    app = make_app()
    async with at_the_page(app) as person:
        await person.call("run_step", session_id=person.session, input="a b")
        before = await counted(person.client)
        caplog.set_level("INFO")
        caplog.clear()
        await person.told("steps/1/correct", output="b a")
        await person.told("checkpoint")
        await person.refused("pin", 400, item_id="9999")
        after = await counted(person.client)
    lines = [record.fields for record in caplog.records if record.getMessage() == "call"]
    grown = {name: after[name] - before.get(name, 0) for name in after}
    assert [(line["tool"], line["outcome"]) for line in lines] == [
        ("correct_step", "ok"), ("checkpoint_memory", "ok"), ("pin_memory", "error"),
    ]  # fmt: skip
    assert grown["hypernet_mcp_calls_total outcome=ok tool=correct_step"] == 1
    assert grown["hypernet_mcp_corrections_total kind=corrected principal=(none)"] == 1
    assert grown["hypernet_mcp_checkpoints_total"] == 1
    assert grown["hypernet_mcp_errors_total kind=BadValue"] == 1


ACTIONS = ["steps/1/correct", "checkpoint", "restore", "pin", "quarantine", "revoke", "cancel"]


async def test_a_form_without_the_token_or_from_another_site_changes_nothing(make_app: Maker):
    app = make_app()
    async with at_the_page(app) as person:
        await person.call("run_step", session_id=person.session, input="a b")
        item = app.store().contents.items(person.session, "rules.md")[0].item_id
        mark = app.store().checkpoint(person.session)
        fields = {
            "output": "x", "checkpoint_id": mark.id, "item_id": str(item), "adapter_digest": "ab",
        }  # fmt: skip
        good = await person.token()
        paths = [f"/jobs/{person.session}/{action}" for action in ACTIONS]
        tries: list[tuple[dict[str, str], dict[str, str]]] = [
            (fields, {}),
            ({**fields, "forgery": "0" * 64}, {}),
            ({**fields, "forgery": good}, {"Sec-Fetch-Site": "cross-site"}),
            ({**fields, "forgery": good}, {"Origin": "http://localhost:9"}),
        ]
        post = person.client.post
        codes = [
            (await post(path, data=data, headers=headers)).status_code
            for path in paths
            for data, headers in tries
        ]
        read = [(await person.client.get(path)).status_code for path in paths]
        person.client.cookies.clear()
        codes += [
            (await post(path, data={**fields, "forgery": good})).status_code for path in paths
        ]
    assert set(codes) == {403}
    assert set(read) == {405}
    store = app.store()
    assert store.tasks.corrections(person.session) == []
    assert store.marks.quarantined(person.session) == []
    assert store.revocations.revoked(person.session) == []
    assert len(store.checkpoints(person.session)) == 1
    assert len(store.sessions()) == 1


async def test_anothers_job_is_as_if_it_never_was(make_app: Maker, tmp_path: Path):
    file = tmp_path / "tokens"
    add_token(file, "alice")
    bob = add_token(file, "bob")
    app = make_app()
    hers = app.store().visible_to("alice").create_session("alice").id
    mark = app.store().checkpoint(hers)
    his = app.store().visible_to("bob").create_session("bob").id
    fields = {
        "output": "x", "checkpoint_id": mark.id, "item_id": "1", "adapter_digest": "a" * 24,
    }  # fmt: skip
    async with requests_to(app, Tokens(file)) as client:
        await client.post("/login", data={"token": bob})
        token = token_in((await client.get(f"/jobs/{his}")).text)
        seen = [
            [await client.get(path.format(each)) for each in (hers, ABSENT)]
            for path in ("/jobs/{}/memory", "/jobs/{}/memory?item=1", "/events?job={}")
        ] + [
            [
                await client.post(f"/jobs/{each}/{action}", data={**fields, "forgery": token})
                for each in (hers, ABSENT)
            ]
            for action in ACTIONS
        ]
    for mine, absent in seen:
        assert mine.status_code == absent.status_code == 404, mine.text
        assert mine.text.replace(hers, ABSENT) == absent.text
    assert len(app.store().checkpoints(hers)) == 1


async def test_a_page_that_only_reads_has_no_form_and_takes_none(make_app: Maker):
    app = make_app()
    async with at_the_page(app) as person:
        await person.call("run_step", session_id=person.session, input="a b")
        mark = app.store().checkpoint(person.session).id
        token = await person.token()
    transport = httpx2.ASGITransport(build_reader(app))
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        shown = [
            await client.get(f"/jobs/{person.session}{path}")
            for path in (
                "", "/steps/1", f"?at={mark}", "/memory", "/memory?item=1",
                "/memory?source=rules.md", "/memory?q=short",
            )
        ]  # fmt: skip
        fields = {"forgery": token, "item_id": "1"}
        answers = [
            await client.post(f"/jobs/{person.session}/{action}", data=fields) for action in ACTIONS
        ]
    assert [each.status_code for each in shown] == [200] * 7
    assert all('method="post"' not in each.text for each in shown)
    assert {each.status_code for each in answers} == {403}
    assert all("only shows" in each.text for each in answers)


async def test_after_a_form_only_the_jobs_own_pages_are_gone_to(make_app: Maker):
    app = make_app()
    places = ["https://example.org/", "//example.org", "/jobs/other", "/jobs/{}x", "/jobs/{}/\n"]
    async with at_the_page(app) as person:
        answers = [
            await person.send("checkpoint", next=place.format(person.session)) for place in places
        ]
    for answer in answers:
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith(f"/jobs/{person.session}?notice=")


async def test_a_step_is_corrected_to_one_of_its_labels_by_the_form_on_its_page(make_app: Maker):
    app = make_app()
    labels = ['the "first"', "the second"]
    async with at_the_page(app, labels=labels) as person:
        await person.call("run_step", session_id=person.session, input="it is the second")
        where = f"/jobs/{person.session}/steps/1"
        before = (await person.client.get(where)).text
        options = re.findall(r'<option( selected)? value="(\d)">([^<]*)</option>', before)
        await person.told("steps/1/correct", label="0")
        after = (await person.client.get(where)).text
        kept = app.store().tasks.corrections(person.session)[-1].output
    assert options == [("", "0", "the &#34;first&#34;"), (" selected", "1", "the second")]
    assert kept == labels[0]
    assert "Nobody has said yet" in before
    assert "Said to be wrong" in after
    assert '<option selected value="0">' in after
    assert "Take back" in after


async def test_a_step_of_no_labels_is_corrected_from_its_own_output(make_app: Maker):
    app = make_app()
    async with at_the_page(app) as person:
        await person.call("run_step", session_id=person.session, input="a <b>", context_tokens=0)
        page = (await person.client.get(f"/jobs/{person.session}/steps/1")).text
        await person.told("steps/1/correct", do="confirm")
        after = (await person.client.get(f"/jobs/{person.session}/steps/1")).text
    assert ">\na &lt;b&gt;</textarea>" in page
    assert "Said to be right" in after


async def test_a_checkpoint_that_is_looked_at_can_be_gone_on_from(make_app: Maker):
    app = make_app(checkpoint_every=1)
    async with at_the_page(app) as person:
        for _ in range(3):
            await person.call("run_step", session_id=person.session, input="a b")
        mark = app.store().checkpoints(person.session)[0]
        job = (await person.client.get(f"/jobs/{person.session}")).text
        point = (await person.client.get(f"/jobs/{person.session}?at={mark.id}")).text
        step = (await person.client.get(f"/jobs/{person.session}/steps/3")).text
        forked = await person.send("restore", do="fork", checkpoint_id=mark.id)
        other = forked.headers["Location"].split("?")[0]
        fork = (await person.client.get(other)).text
    assert f'value="{mark.id}"' in job
    assert f"?at={mark.id}" in job
    assert "Go on from here" in point
    assert f'value="{mark.id}"' in point
    assert f'value="{app.store().checkpoints(person.session)[1].id}"' in step
    assert "before the fork: to fork from only" in fork


async def test_a_running_step_is_on_its_jobs_page_with_its_text_and_a_way_to_cancel_it(
    make_app: Maker,
):
    held = Held()
    app = make_app(held.engine)
    async with at_the_page(app) as person, anyio.create_task_group() as tasks:
        session = person.session
        arguments = {"session_id": session, "input": "a <b> c d", "context_tokens": 0}
        with app.running.watching(None, session) as watcher:
            tasks.start_soon(lambda: person.call.refused("run_step", **arguments))
            news = await anext(watcher)
            while not news.written[0].pieces:
                news = await anext(watcher)
        [step] = app.running.now(None)
        page = (await person.client.get(f"/jobs/{session}")).text
        told = await person.told("cancel", running=step.id)
        held.go.set()
        after = (await person.client.get(f"/jobs/{session}")).text
    assert f'data-runs="{step.id}"' in page
    assert f'data-pieces="{len(step.pieces)}">a &lt;b&gt;</dd>' in page
    assert f'name="running" value="{step.id}"' in page
    assert told.startswith("The step was cancelled")
    assert "data-runs" not in after
