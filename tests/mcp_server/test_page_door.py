"""The page's door: who may see it, what its answers forbid, and that texts stay texts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from serving import bearer, requests_to

from checkpoints import ItemDraft
from mcp_server.http.tokens import Tokens, add_token, revoke_tokens
from mcp_server.page.login import COOKIE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mcp_server.app.application import Application

    Maker = Callable[..., Application]

pytestmark = pytest.mark.anyio

SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tokens"


async def test_the_jobs_are_listed_with_their_steps_the_latest_first(make_app: Maker):
    app = make_app()
    async with requests_to(app) as client:
        sessions = [begun(app, task) for task in ("Sort tickets.", "Name the licence.")]
        text = (await client.get("/")).text
    assert text.index("Name the licence.") < text.index("Sort tickets.")
    assert all(f"/jobs/{session}" in text for session in sessions)


async def test_without_a_job_the_page_says_how_one_begins(make_app: Maker):
    async with requests_to(make_app()) as client:
        answer = await client.get("/")
    assert answer.status_code == 200
    assert "No job yet" in answer.text


async def test_what_users_wrote_is_never_markup(make_app: Maker):
    app = make_app()
    async with requests_to(app) as client:
        session = begun(app, SCRIPT)
        app.store().remember(session, [item(SCRIPT)])
        pages = [(await client.get(path)).text for path in ("/", f"/?q={SCRIPT}", "/?q=alert")]
    assert all(SCRIPT not in page for page in pages)
    assert all("&lt;script&gt;" in page for page in pages)


async def test_a_search_finds_what_jobs_remember_and_links_to_them(make_app: Maker):
    app = make_app()
    async with requests_to(app) as client:
        session = begun(app, "Answer questions.")
        app.store().remember(session, [item("Refunds take fourteen days.")])
        found = (await client.get("/", params={"q": "refunds"})).text
        nothing = (await client.get("/", params={"q": "zebra"})).text
    assert "Refunds take fourteen days." in found
    assert f"/jobs/{session}" in found
    assert "Nothing like it" in nothing


async def test_a_search_goes_on_in_older_jobs(make_app: Maker):
    app = make_app()
    async with requests_to(app) as client:
        for number in range(20):
            session = begun(app, f"Job {number}.")
            app.store().remember(session, [item(f"Refunds of kind {number}.")])
        first = (await client.get("/", params={"q": "refunds"})).text
        second = (await client.get("/", params={"q": "refunds", "skip": 15})).text
    assert "Refunds of kind 19." in first
    assert "Refunds of kind 4." not in first
    assert "/?q=refunds&amp;skip=15" in first
    assert "Refunds of kind 4." in second


async def test_every_answer_forbids_scripts_and_frames_of_others(make_app: Maker):
    async with requests_to(make_app()) as client:
        answers = [await client.get(path) for path in ("/", "/?skip=x", "/static/page.css")]
    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_no_page_has_a_script_or_a_style_in_its_text(make_app: Maker):
    app = make_app()
    async with requests_to(app) as client:
        begun(app, "Sort tickets.")
        text = (await client.get("/")).text
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*src=)", text)


async def test_a_number_that_is_none_is_named(make_app: Maker):
    async with requests_to(make_app()) as client:
        answer = await client.get("/?skip=many")
    assert answer.status_code == 400
    assert "skip" in answer.text


async def test_style_and_script_may_be_kept_and_other_files_are_not_served(make_app: Maker):
    async with requests_to(make_app()) as client:
        style, other = [await client.get(f"/static/{n}") for n in ("page.css", "..%2fforms.py")]
    assert "immutable" in style.headers["Cache-Control"]
    assert other.status_code == 404


async def test_with_access_tokens_the_page_asks_for_one_and_shows_nothing(
    make_app: Maker, file: Path
):
    add_token(file, "alice")
    app = make_app()
    begun(app, "Sort tickets.")
    async with requests_to(app, Tokens(file)) as client:
        answers = [await client.get(path) for path in ("/", "/jobs/x", "/tasks", "/events")]
    assert [answer.status_code for answer in answers] == [401] * 4
    assert all("Access token" in answer.text for answer in answers)
    assert all("Sort tickets." not in answer.text for answer in answers)


async def test_the_form_keeps_the_token_in_a_cookie_that_scripts_cannot_read(
    make_app: Maker, file: Path
):
    token = add_token(file, "alice")
    async with requests_to(make_app(), Tokens(file)) as client:
        entered = await client.post("/login", data={"token": f" {token}\n", "next": "/?skip=0"})
        shown = await client.get(entered.headers["Location"])
    assert entered.status_code == 303
    assert entered.headers["Location"] == "/?skip=0"
    cookie = entered.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert shown.status_code == 200


async def test_a_wrong_or_revoked_token_is_asked_for_again(make_app: Maker, file: Path):
    token = add_token(file, "alice")
    add_token(file, "bob")
    async with requests_to(make_app(), Tokens(file)) as client:
        wrong = await client.post("/login", data={"token": "wrong"})
        await client.post("/login", data={"token": token})
        before = await client.get("/")
        revoke_tokens(file, "alice")
        after = await client.get("/")
    assert (wrong.status_code, before.status_code, after.status_code) == (401, 200, 401)
    assert "not known here" in wrong.text


@pytest.mark.parametrize(
    "where", ["https://example.org/", "//example.org", "/mcp", "/\\example.org", "x", "/\tjobs"]
)
async def test_after_the_log_in_no_other_place_is_gone_to(make_app: Maker, file: Path, where: str):
    token = add_token(file, "alice")
    async with requests_to(make_app(), Tokens(file)) as client:
        entered = await client.post("/login", data={"token": token, "next": where})
    assert entered.headers["Location"] == "/"


async def test_guessing_tokens_by_the_form_is_slowed_down(make_app: Maker, file: Path):
    add_token(file, "alice")
    async with requests_to(make_app(), Tokens(file)) as client:
        codes = [
            (await client.post("/login", data={"token": f"guess {n}"})).status_code
            for n in range(40)
        ]
        asked = await client.get("/")
    assert codes[-1] == 429
    assert asked.status_code == 401  # to open the form is no guess


async def test_the_cookie_opens_the_page_alone(make_app: Maker, file: Path):
    token = add_token(file, "alice")
    async with requests_to(make_app(), Tokens(file)) as client:
        await client.post("/login", data={"token": token})
        codes = [
            (await client.get(path)).status_code
            for path in ("/", "/mcp", "/sse", "/metrics", "/v1/models")
        ]
    assert codes == [200, 401, 401, 401, 401]


async def test_another_sites_form_can_log_nobody_in_or_out(make_app: Maker, file: Path):
    token = add_token(file, "alice")
    async with requests_to(make_app(), Tokens(file)) as client:
        await client.post("/login", data={"token": token})
        site = {"Sec-Fetch-Site": "cross-site"}
        codes = [
            (await client.post(path, data={"token": token, "next": "/"}, headers=site)).status_code
            for path in ("/login", "/logout")
        ]
        inside = await client.get("/")
        left = await client.post("/logout", data={"next": "/"})
        outside = await client.get("/")
    assert codes == [400, 400]
    assert (inside.status_code, outside.status_code) == (200, 401)
    assert COOKIE in left.headers["Set-Cookie"]


async def test_each_principal_sees_its_own_jobs_alone(make_app: Maker, file: Path):
    alice, bob = add_token(file, "alice"), add_token(file, "bob")
    app = make_app()
    begun(app, "Sort Alice's tickets.", "alice")
    async with requests_to(app, Tokens(file)) as client:
        pages = {
            name: [
                (await client.get(path, headers=bearer(token))).text
                for path in ("/", "/?q=tickets", "/?q=Alice")
            ]
            for name, token in (("alice", alice), ("bob", bob))
        }
    assert "tickets" in pages["alice"][0]
    assert all("Sort Alice" not in page for page in pages["bob"])
    assert "No job yet" in pages["bob"][0]


async def test_who_asks_too_often_is_told_on_a_page(make_app: Maker, file: Path):
    token = add_token(file, "alice")
    async with requests_to(make_app(requests_per_minute=2), Tokens(file)) as client:
        await client.post("/login", data={"token": token})
        answers = [await client.get("/") for _ in range(3)]
    assert answers[-1].status_code == 429
    assert "too many requests" in answers[-1].text
    assert answers[-1].headers["Content-Type"].startswith("text/html")


async def test_looking_at_pages_takes_no_place_of_event_streams(make_app: Maker):
    async with requests_to(make_app(streams=1)) as client:
        codes = [(await client.get("/")).status_code for _ in range(4)]
    assert codes == [200] * 4


def begun(app: Application, task: str, principal: str | None = None) -> str:
    """A session with a task; its handle."""
    store = app.store()
    session = store.create_session(principal).id
    store.set_task(session, {"task": {"description": task}, "mode": "auto", "refined": False})
    return session


def item(text: str) -> ItemDraft:
    return ItemDraft(text, "policy.md")
