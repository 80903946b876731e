"""One job on the page: its timeline, its steps with their prompts, and comparisons."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from serving import bearer, requests_to
from support import KNOWN, connected

from checkpoints import StepDraft, Store
from mcp_server.app.application import Application
from mcp_server.app.settings import Settings
from mcp_server.http.application import build_reader
from mcp_server.http.tokens import Tokens, add_token

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Maker = Callable[..., Application]

pytestmark = pytest.mark.anyio

SCRIPT = "<script>alert(1)</script>"
ODD = f"\"'>{SCRIPT} & {{{{ 7 * 7 }}}} 👩‍👩‍👧 \u202e"
MOST_BYTES = 200_000


def draft(number: int, **changes: Any) -> StepDraft:
    fields: dict[str, Any] = {
        "input": f"question {number}",
        "output": f"answer {number}",
        "task": {"description": "answer questions", "labels": [], "examples": []},
        "mode": "adapter",
        "adapter_digest": "a1b2c3d4e5",
        "result": {"tokens": {"prefix": 3, "prompt": 5, "generated": 2}, "fit": "near"},
    }
    return StepDraft(**{**fields, **changes})


def ran(app: Application, count: int, principal: str | None = None) -> str:
    """A session with so many steps; its handle."""
    store = app.store()
    session = store.create_session(principal).id
    for number in range(1, count + 1):
        store.append_step(session, draft(number))
    return session


async def text_of(client: httpx2.AsyncClient, path: str, status: int = 200) -> str:
    """What a page says, unescaped, with one space between words."""
    answer = await client.get(path)
    assert answer.status_code == status, answer.text
    assert len(answer.content) <= MOST_BYTES
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", answer.text)).split())


async def test_the_newest_steps_are_shown_first_and_the_earlier_ones_a_page_at_a_time(
    make_app: Maker,
):
    app = make_app()
    session = ran(app, 120)
    async with requests_to(app) as client:
        last = await client.get(f"/jobs/{session}")
        middle = (await client.get(f"/jobs/{session}?after=20")).text
        first = (await client.get(f"/jobs/{session}?after=0")).text
        beyond = (await client.get(f"/jobs/{session}?after=900")).text
    shown = [
        [int(n) for n in re.findall(r'id="step-(\d+)"', page)]
        for page in (last.text, middle, first, beyond)
    ]
    assert shown == [
        list(range(71, 121)), list(range(21, 71)), list(range(1, 51)), [120],
    ]  # fmt: skip
    assert f"/jobs/{session}?after=20" in last.text
    assert "Steps 71 to 120 of 120" in last.text
    assert len(last.content) <= MOST_BYTES


async def test_a_step_shows_its_task_weights_tokens_and_what_was_said_of_it(make_app: Maker):
    app = make_app()
    async with connected(app) as call:
        session = await call.begin(KNOWN, labels=["good", "bad"])
        await call("run_step", session_id=session, input="so good", ask_below=0.99)
        await call("run_step", session_id=session, input="so bad", task="Say it again.")
        await call("correct_step", session_id=session, step=1, output="bad")
        await call("checkpoint_memory", session_id=session, label="half way")
    async with requests_to(app) as client:
        page = (await client.get(f"/jobs/{session}")).text
        said = await text_of(client, f"/jobs/{session}")
    for words in (KNOWN, "Say it again.", "asks for review", "corrected", "task known", "so good",
                  "other weights", "% sure", "“half way”"):  # fmt: skip
        assert words in said
    digests = {
        step.adapter_digest[:8] for step in app.store().steps(session) if step.adapter_digest
    }
    assert all(digest in said for digest in digests)
    assert len(set(re.findall(r'fill="hsl\((\d+) ', page))) == len(digests) == 2
    assert re.search(r'aria-label="\d+ tokens of a window of 8192: [^"]*input 2, output \d+"', page)


async def test_what_a_restore_left_and_forks_are_shown_where_they_left(make_app: Maker):
    app = make_app()
    session = ran(app, 8)
    store = app.store()
    third, sixth = store.checkpoints(session)[:2]
    fork = store.restore(third.id, fork=True).id
    store.append_step(fork, draft(4, output="another way"))
    store.restore(third.id)
    store.append_step(session, draft(4, output="the third way"))
    async with requests_to(app) as client:
        said = await text_of(client, f"/jobs/{session}")
        page = (await client.get(f"/jobs/{session}")).text
        forked = await text_of(client, f"/jobs/{fork}")
        past = await text_of(client, f"/jobs/{session}?at={sixth.id}")
        step = await text_of(client, f"/jobs/{session}/steps/6?at={sixth.id}")
        foreign = await client.get(f"/jobs/{fork}?at={sixth.id}")
        unknown = await client.get(f"/jobs/{session}?at={'0' * 32}")
    assert "A restore put steps 4 to 8 out of sight here. Look at steps 4 to 6" in said
    assert "Nothing leads to the later ones." in said
    assert f"/jobs/{session}?at={sixth.id}&amp;after=3" in page
    assert f"/compare?a={session}&amp;b={fork}" in page
    assert f"Forked from {session[:8]}… after step 3" in forked
    assert "answer 6" in past
    assert "the third way" not in past
    assert "This is the history at the checkpoint" in past
    assert "question 6" in step
    assert (foreign.status_code, unknown.status_code) == (404, 404)


async def test_the_prompt_is_shown_part_by_part_with_sources_and_what_became_of_them(
    make_app: Maker,
):
    app = make_app(recent_tokens=100)
    async with connected(app) as call:
        session = await call.begin("Answer the question.")
        await call("remember", session_id=session, text="The lease ends in May.", source="a.md")
        await call("remember", session_id=session, text="Use metres.", source="b", pinned=True)
        await call("run_step", session_id=session, input="Is it cold?")
        await call("run_step", session_id=session, input="When does the lease end?")
        await call("quarantine_memory", session_id=session, source="a.md")
    async with requests_to(app) as client:
        said = await text_of(client, f"/jobs/{session}/steps/2")
        page = (await client.get(f"/jobs/{session}/steps/2")).text
    assert "the very prompt" in said
    order = ["The task's text", "Answer the question.", "Kept in view", "b, 20", "Use metres.",
             "Excerpts", "a.md, 20", "in quarantine now", "The lease ends in May.",
             "Earlier steps", "Is it cold?", "When does the lease end?"]  # fmt: skip
    at = said.index("The prompt")
    places = [said.index(words, at) for words in order]
    assert places == sorted(places)
    assert "score" in said
    assert re.search(r"/jobs/[^\"]+/memory\?item=1", page)
    assert "In memory yes: rank 16" in said
    assert f'href="/jobs/{session}/steps/1"' in page


async def test_a_prompt_that_lost_text_says_so(make_app: Maker):
    app = make_app()
    async with connected(app) as call:
        session = await call.begin()
        await call("remember", session_id=session, text="The lease ends in May.", source="a.md")
        await call("run_step", session_id=session, input="lease")
        await call("delete_memory", session_id=session, source="a.md")
    async with requests_to(app) as client:
        said = await text_of(client, f"/jobs/{session}/steps/1")
    assert "This is not all of the prompt of then" in said
    assert "retrieved: text in 1 place was deleted for good" in said


async def test_labels_shares_are_bars_and_a_step_of_a_saved_task_names_its_version(
    make_app: Maker,
):
    app = make_app()
    async with connected(app) as call:
        await call("save_task", name="mood", task="Tell the mood.", labels=["good", "bad"])
        session = (await call("set_task", name="mood"))["session_id"]
        await call("run_step", session_id=session, input="a good day")
    async with requests_to(app) as client:
        page = (await client.get(f"/jobs/{session}/steps/1")).text
        said = await text_of(client, f"/jobs/{session}/steps/1")
    assert "The labels' shares" in said
    assert "good the answer" in said
    assert 'href="/tasks/mood#versions"' in page
    assert "mood, version 1" in said


async def test_a_long_part_is_shown_by_its_beginning_and_whole_on_pages_of_its_own(
    make_app: Maker,
):
    app = make_app()
    store = app.store()
    session = store.create_session().id
    text = "".join(f"\"{n}' " for n in range(60_000))
    store.append_step(session, draft(1, input=text, output=text))
    found = ""
    async with requests_to(app) as client:
        step = await client.get(f"/jobs/{session}/steps/1")
        path: str | None = f"/jobs/{session}/steps/1?part=output"
        while path is not None:
            answer = await client.get(path)
            assert len(answer.content) <= MOST_BYTES
            found += html.unescape(re.findall(r"<pre[^>]*>(.*?)</pre>", answer.text, re.DOTALL)[0])
            onward = re.search(r'href="([^"]+)" rel="next"', answer.text)
            path = None if onward is None else html.unescape(onward[1])
        odd = [
            (await client.get(f"/jobs/{session}/steps/1?{query}")).status_code
            for query in ("part=x", "part=input&from=-1", "part=recent", "from=900")
        ]
    assert found == text
    assert len(step.content) <= MOST_BYTES
    assert "show all of it" in step.text
    assert odd == [400, 400, 200, 200]


@pytest.mark.parametrize("kind", ['"', "👩‍👩‍👧", "語", "\n"])
async def test_pages_stay_small_whatever_the_texts_are(make_app: Maker, kind: str):
    app = make_app(checkpoint_every=1)
    store = app.store()
    session = store.create_session().id
    for number in range(1, 61):
        task = {"description": f"{number}{kind * 5_000}"}
        texts = {"input": kind * 5_000, "output": f"{number}{kind * 5_000}"}
        store.append_step(session, draft(number, task=task, **texts))
        store.checkpoint(session, kind.strip() * 40 or None)
    other = ran(app, 60)
    async with requests_to(app) as client:
        sizes = [
            len((await client.get(path)).content)
            for path in (
                f"/jobs/{session}", f"/jobs/{session}/steps/60",
                f"/compare?a={session}&b={other}", f"/compare?a={session}&b={other}&n=5",
            )
        ]  # fmt: skip
    assert max(sizes) <= MOST_BYTES


async def test_no_text_of_users_or_models_is_markup_in_any_view(make_app: Maker):
    app = make_app()
    async with connected(app) as call:
        session = await call.begin(ODD, labels=[ODD, "other"])
        await call("remember", session_id=session, text=f"lease {ODD}", source=ODD)
        await call("remember", session_id=session, text=f"pin {ODD}", source="b", pinned=True)
        await call("run_step", session_id=session, input=f"lease {ODD}", context_tokens=500)
        await call("checkpoint_memory", session_id=session, label=ODD)
        await call("quarantine_memory", session_id=session, source=ODD, reason=ODD)
        other = await call.begin(ODD)
        await call("run_step", session_id=other, input=f"{ODD} rent")
    paths = [f"/jobs/{session}", f"/jobs/{session}/steps/1", f"/compare?a={session}&b={other}",
             f"/compare?a={session}&b={other}&n=1", f"/compare?a={SCRIPT}&b={SCRIPT}",
             f"/jobs/{session}/steps/1?part=retrieved"]  # fmt: skip
    async with requests_to(app) as client:
        pages = [(await client.get(path)).text for path in paths]
        steps = [(await client.get(f"/jobs/{SCRIPT}/steps/{SCRIPT}")).text]
    for page in (*pages, *steps):
        assert SCRIPT not in page
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*src=)", page)
        assert "{{" not in page or "{{ 7 * 7 }}" in html.unescape(page)
    assert all("&lt;script&gt;" in page for page in pages)


async def test_two_jobs_are_compared_from_shortly_before_they_part(make_app: Maker):
    app = make_app()
    one, other = ran(app, 70), ran(app, 65)
    store = app.store()
    store.append_step(one, draft(71, output="The lease ends in May.", mode="hybrid"))
    for number in range(66, 71):
        store.append_step(other, draft(number))
    store.append_step(other, draft(71, output="The lease ends in June."))
    async with requests_to(app) as client:
        said = await text_of(client, f"/compare?a={one}&b={other}")
        page = (await client.get(f"/compare?a={one}&b={other}")).text
        same = await text_of(client, f"/compare?a={one}&b={one}")
        step = (await client.get(f"/compare?a={one}&b={other}&n=71")).text
        only = await text_of(client, f"/compare?a={one}&b={store.checkpoints(one)[0].id}&n=71")
        none = await client.get(f"/compare?a={one}&b={other}&n=72")
    assert "The first difference is at step 71" in said
    assert "69 to 70 the same" in said
    assert "mode, output" in said
    for text in (page, step):
        assert "ends in<del> May</del><ins> June</ins>." in text
    assert "No step differs." in same
    assert "The first 71 steps are one and the same." in same
    assert "no such step" in only
    assert none.status_code == 404


async def test_a_difference_in_the_prompt_alone_is_shown_as_one(make_app: Maker):
    app = make_app()
    async with connected(app) as call:
        sessions = []
        for fact in ("The lease ends in May.", "The lease ends in June."):
            sessions.append(session := await call.begin())
            await call("remember", session_id=session, text=fact, source="a.md")
            step = {"task": "Answer.", "labels": ["yes", "no"]}
            await call("run_step", session_id=session, input="lease, yes", **step)
    query = "/compare?a={}&b={}".format(*sessions)
    async with requests_to(app) as client:
        said = await text_of(client, query)
        step_page = (await client.get(f"{query}&n=1")).text
    assert "The first difference is at step 1 , in its prompt alone" in said
    assert "ends in<del> May</del><ins> June</ins>." in step_page


async def test_the_form_to_compare_keeps_what_was_given_and_names_what_is_unknown(
    make_app: Maker,
):
    app = make_app()
    session = ran(app, 1)
    async with requests_to(app) as client:
        empty = await client.get("/compare")
        half = await client.get(f"/compare?a={session}")
        wrong = await client.get(f"/compare?a={session}&b={'x' * 32}")
    assert (empty.status_code, half.status_code, wrong.status_code) == (200, 200, 404)
    assert f'<option value="{session}">' in empty.text
    assert f'value="{session}"' in half.text
    assert 'id="problem-b"' in wrong.text
    assert 'id="problem-a"' not in wrong.text


async def test_a_job_without_steps_and_what_is_not_there_say_so(make_app: Maker):
    app = make_app()
    session = app.store().create_session().id
    async with requests_to(app) as client:
        said = await text_of(client, f"/jobs/{session}")
        codes = [
            (await client.get(path)).status_code
            for path in (
                f"/jobs/{'A' * 32}", f"/jobs/{session}/steps/1", f"/jobs/{session}/steps/x",
                f"/jobs/{session}?after=x", f"/jobs/{session}/steps/0", f"/jobs/{session}?after=7",
            )
        ]  # fmt: skip
    assert "No step yet." in said
    assert codes == [404, 404, 400, 400, 404, 200]


async def test_steps_of_earlier_releases_and_of_odd_imports_are_shown(make_app: Maker):
    app = make_app()
    store = app.store()
    session = store.create_session().id
    odd: list[dict[str, Any]] = [
        {}, {"tokens": 3, "context": 4, "shares": [1], "confidence": "x", "timings": []},
        {"confidence": {"good": 0.5, "bad": 0.5}, "context": [{"part": 7, "tokens": "x"}]},
        {"saturation": "x", "retrieved": {"a": 1}, "history": [], "sent": "x", "fit": 3},
    ]  # fmt: skip
    for number, result in enumerate(odd, 1):
        task: Any = {} if number == 2 else {"description": 5, "labels": "x"}
        store.append_step(session, draft(number, result=result, task=task, adapter_digest=None))
    other = ran(app, 4)
    async with requests_to(app) as client:
        codes = [
            (await client.get(path)).status_code
            for path in (
                f"/jobs/{session}", *(f"/jobs/{session}/steps/{n}" for n in range(1, 5)),
                f"/compare?a={session}&b={other}", f"/compare?a={session}&b={other}&n=3",
            )
        ]  # fmt: skip
    assert codes == [200] * len(codes)


async def test_a_reader_beside_the_server_shows_the_same(make_app: Maker, database: Path):
    app = make_app()
    async with connected(app) as call:
        session = await call.begin(KNOWN)
        await call("remember", session_id=session, text="The lease ends in May.", pinned=True)
        await call("run_step", session_id=session, input="lease")
    reading = Application(Settings(database=database))
    with Store.open_reader(database) as reading.opened:
        transport = httpx2.ASGITransport(build_reader(reading))
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
            job = await text_of(client, f"/jobs/{session}")
            step = await text_of(client, f"/jobs/{session}/steps/1")
            both = await text_of(client, f"/compare?a={session}&b={session}")
    assert "lease" in job
    assert "the very prompt" in step
    assert "In memory not now" in step
    assert "No step differs." in both


async def test_anothers_job_step_and_comparison_are_as_if_they_never_were(
    make_app: Maker, tmp_path: Path
):
    file = tmp_path / "tokens"
    alice, bob = add_token(file, "alice"), add_token(file, "bob")
    app = make_app()
    hers, his = ran(app, 4, "alice"), ran(app, 4, "bob")
    point = app.store().checkpoints(hers)[0].id
    paths = [f"/jobs/{hers}", f"/jobs/{hers}/steps/1", f"/jobs/{his}?at={point}",
             f"/compare?a={his}&b={hers}", f"/compare?a={his}&b={point}",
             f"/compare?a={hers}&b={his}&n=1"]  # fmt: skip
    async with requests_to(app, Tokens(file)) as client:
        for path in paths:
            seen = await client.get(path, headers=bearer(bob))
            never = await client.get(
                path.replace(hers, "A" * 32).replace(point, "0" * 32), headers=bearer(bob)
            )
            assert seen.status_code == never.status_code == 404
            same = seen.text.replace(hers, "A" * 32).replace(point, "0" * 32)
            assert strip(same) == strip(never.text)
        form = (await client.get("/compare", headers=bearer(bob))).text
        own = await client.get(f"/jobs/{hers}", headers=bearer(alice))
    assert hers not in form
    assert own.status_code == 200


def strip(page: str) -> str:
    """A page without what differs from one to the next."""
    return re.sub(r"\?[0-9a-f]{8}", "", page)
