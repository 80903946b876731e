"""The page's tasks: how good each is and why, what teaches them, and inputs that are tried."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING

import httpx2
import pytest
from anyio import create_task_group, to_thread
from serving import bearer, counted, requests_to
from support import KNOWN, connected

from hypernet.adapters.cache import AdapterCache
from hypernet.engine.echo import EchoEngine, EchoSource, echo_embeddings
from hypernet.hypernetwork.embedding import Embedder
from hypernet.hypernetwork.reliability import Reliability
from hypernet.runtime import Runtime
from mcp_server.http.application import build_reader
from mcp_server.http.tokens import Tokens, add_token
from mcp_server.jobs.answers import trying

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    from support import Caller

    from mcp_server.app.application import Application

    Maker = Callable[..., Application]

pytestmark = pytest.mark.anyio

LABELS = ["billing", "shipping"]
# The first word tells the label, and no input holds a label: the echo engine gets half right.
COINS = [
    {"input": f"{('money', 'parcel')[n % 2]} question number {n}", "output": LABELS[n % 2]}
    for n in range(16)
]
TICKETS = {"name": "tickets", "task": "Sort by topic.", "labels": LABELS}
CARD = '<li class="card way'
SCRIPT = "<script>alert(1)</script>"
ACTIONS = ("add", "take", "learn", "stop", "back", "share", "try", "test")


async def sent(
    client: httpx2.AsyncClient, address: str, what: str, token: str | None = None, **form: str
) -> httpx2.Response:
    """What a form of a task's page comes to, the page that it leads to included."""
    answer = await tried(client, address, what, token, **form)
    if answer.status_code == 303:
        return await client.get(answer.headers["Location"], headers=bearer(token))
    return answer


async def tried(
    client: httpx2.AsyncClient, address: str, what: str, token: str | None = None, **form: str
) -> httpx2.Response:
    page = (await client.get(address, headers=bearer(token))).text
    found = re.search(r'name="forgery" value="(\w+)"', page)
    fields = {**form, "forgery": found[1] if found else ""}
    return await client.post(f"{address}/~/{what}", data=fields, headers=bearer(token))


async def learned(app: Application, call: Caller, **changes: Any) -> None:
    await call("save_task", **{**TICKETS, "examples": COINS, **changes})
    await call("set_task", name="tickets")  # the model is loaded now
    await to_thread.run_sync(app.learner.wait)


def notice(answer: httpx2.Response) -> str:
    """What a page says of what was changed."""
    found = re.search(r'<p class="notice[^>]*>(.*?)</p>', answer.text)
    return found[1] if found else ""


def problem(answer: httpx2.Response) -> str:
    """What a page says of what went wrong."""
    found = re.findall(r'<p class="(?:notice bad|lead)"[^>]*>(.*?)</p>', answer.text)
    return str(found[-1]) if found else ""


def table(page: str, about: str) -> list[list[str]]:
    """The cells of a table's rows, in words, by the name of its region."""
    found = re.search(rf'aria-label="(?:Table of )?{about}"', page, re.IGNORECASE)
    assert found is not None, about
    part = page[found.start() :]
    body = part[part.index("<tbody>") : part.index("</tbody>")]
    return [
        [words(cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)]
        for row in re.findall(r"<tr>.*?</tr>", body, re.DOTALL)
    ]


def words(markup: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", markup).split())


# Looking


async def test_each_task_says_what_serves_it_how_good_it_is_and_how_it_fares(make_app: Maker):
    app = make_app()
    async with connected(app) as call, requests_to(app) as client:
        await learned(app, call, ask_below=1)
        session = (await call("set_task", name="tickets"))["session_id"]
        await call("run_step", session_id=session, input="a question of mine")
        await call("correct_step", session_id=session, step=1, output="shipping")
        await call("save_task", name="title", task="Give a title.", share=True)
        page = (await client.get("/tasks")).text
    tickets, title = table(page, "Tasks")
    assert tickets[0].startswith("tickets Sort by topic.")
    assert tickets[1] in ("words", "both")
    assert "94 %" in tickets[2]
    assert "16 of 16 held out, 95 %: 81 % to 100 %" in tickets[2]
    assert tickets[3:] == ["17", "2", "1", "1", "1", ""]
    assert title[1:] == ["not measured", "unknown", "0", "1", "0", "0", "0", "shared"]


async def test_a_task_that_was_not_measured_is_estimated_and_it_is_said_so(make_app: Maker):
    curve = {"power": 0.5, "accuracy": 0.71, "tasks": 12, "answers": 600}
    trained = {"offset": 0, "slope": 1, "accuracy": 0.56, "tasks": 50, "answers": 600}
    reliability = Reliability.of_card(
        {"reliability": {"known": {"labels": curve}, "trained": {"free": trained}}}
    )

    def load(options: object, progress: object) -> Runtime:
        library = AdapterCache(EchoSource(known=(KNOWN,)))
        embedder = Embedder("echo", echo_embeddings)
        return Runtime(EchoEngine(), library, {"engine": "echo"}, embedder, reliability=reliability)

    app = make_app(load=load)
    async with connected(app) as call, requests_to(app) as client:
        await call("save_task", name="mood", task=KNOWN, labels=["good", "bad"])
        await call("set_task", name="mood")
        shown = [{"input": f"so {word}", "output": word.upper()} for word in ("this", "that")]
        await call("save_task", name="shout", task="Topic in capitals.", examples=shown)
        await call("save_task", name="shown", task=KNOWN, examples=shown)
        mood, shout, known = table((await client.get("/tasks")).text, "Tasks")
        page, trained_page = [(await client.get(f"/tasks/{n}")).text for n in ("mood", "shout")]
    assert mood[2] == "71 % estimated, not measured: as 12 other tasks of its fit (known)"
    assert shout[2] == (
        "56 % estimated, not measured: as 50 other tasks that were trained on eight examples"
    )
    assert known[1:3] == ["not measured", "unknown"]
    assert "Estimated, not measured: <strong>71 %</strong>" in page
    assert "12 development tasks without examples whose fit is as this one's (known, la" in page
    assert "50 development tasks whose weights were trained on eight examples each (free" in (
        trained_page
    )


async def test_a_task_shows_the_gates_table_and_what_it_takes_to_be_sure(make_app: Maker):
    app = make_app()
    async with connected(app) as call, requests_to(app) as client:
        await learned(app, call)
        page = (await client.get("/tasks/tickets")).text
    rows = {row[0].removesuffix(" serves"): row for row in table(page, "Ways to serve it")}
    assert rows["prompted"][2:] == ["8 of 16", "50 %", "28 % to 72 %"]
    assert rows["words"][2:] == ["16 of 16", "100 %", "81 % to 100 %"]
    assert page.count('<span class="tag good">serves</span></th>') == 1
    assert "would tell the best way from the next" in page
    assert "Learn now" not in page


async def test_the_curve_has_each_measured_version_once_and_its_numbers_in_a_table(
    make_app: Maker,
):
    app = make_app()
    async with connected(app) as call, requests_to(app) as client:
        await learned(app, call, examples=COINS[:8])
        await call("save_task", name="tickets", ask_below=0.5)
        await learned(app, call, ask_below=0.5)
        page = (await client.get("/tasks/tickets")).text
    rows = table(page, "Measured versions")
    assert [(row[2], row[4], row[6]) for row in rows] == [
        ("8", "8 of 8", "4 of 8"),
        ("16", "16 of 16", "8 of 16"),
    ]
    assert 'class="line-0"' in page
    assert 'class="band-0"' in page


async def test_an_example_says_where_it_comes_from_and_links_to_the_step(make_app: Maker):
    app = make_app()
    async with connected(app) as call, requests_to(app) as client:
        await call("save_task", **TICKETS, examples=COINS[:1])
        session = (await call("set_task", name="tickets"))["session_id"]
        await call("run_step", session_id=session, input="my parcel never came")
        await call("correct_step", session_id=session, step=1, output="shipping")
        page = (await client.get("/tasks/tickets")).text
    taught, given = table(page, "Examples")
    assert taught[:3] == ["my parcel never came", "shipping", "correction of step 1"]
    assert given[:3] == [COINS[0]["input"], "billing", "given"]
    assert f'href="/jobs/{session}/steps/1"' in page
    assert table(page, "Jobs that use it")[0][1:3] == ["1", "Step 1"]
    assert table(page, "Days")[0][1:] == ["1", "0", "1", "0"]


async def test_long_lists_of_examples_versions_and_tasks_are_paged_and_small(make_app: Maker):
    app = make_app()
    long = [{"input": f"{n} <{'&' * 5000}", "output": f"{n} {'<' * 5000}"} for n in range(30)]
    async with connected(app) as call, requests_to(app) as client:
        for n in range(25):
            await call("save_task", name="title", task=f"Give a title, {n}.", examples=long)
        for n in range(52):
            await call("save_task", name=f"x{n:02}", task=f"{n} {'<' * 7000}")
        first = await client.get("/tasks/title")
        second = (await client.get("/tasks/title?examples=20&versions=20")).text
        one, two = [await client.get(path) for path in ("/tasks", "/tasks?skip=50")]
        wrong = await client.get("/tasks/title?examples=-1")
    assert len(table(first.text, "Examples")) == 20
    assert [len(table(second, each)) for each in ("Examples", "Versions")] == [10, 5]
    assert [len(table(each.text, "Tasks")) for each in (one, two)] == [50, 3]
    assert max(len(each.content) for each in (first, one)) <= 200_000
    assert wrong.status_code == 400
    assert "examples: " in wrong.text


async def test_names_with_spaces_and_other_letters_have_addresses(make_app: Maker):
    app = make_app()
    async with connected(app) as call, requests_to(app) as client:
        await call("save_task", name="Rechnung prüfen. 2", task="Check.")
        page = (await client.get("/tasks")).text
        (address,) = re.findall(r'href="(/tasks/[^"]+)"', page)
        shown = await client.get(address)
        none = await client.get("/tasks/none")
    assert shown.status_code == 200
    assert "Rechnung prüfen. 2</h1>" in shown.text
    assert none.status_code == 404
    assert "there is no task" in none.text


async def test_what_users_and_models_wrote_is_never_markup(make_app: Maker):
    app = make_app()
    async with connected(app) as call, requests_to(app) as client:
        examples = [{"input": f"{n} {SCRIPT}", "output": SCRIPT} for n in range(4)]
        await call("save_task", name="x", task=SCRIPT, labels=[SCRIPT, "y"], examples=examples)
        schema = {"type": "object", "title": SCRIPT}
        await call("save_task", name="s", task=SCRIPT, output_schema=schema)
        pages = [(await client.get(path)).text for path in ("/tasks", "/tasks/x", "/tasks/s")]
        pages.append((await sent(client, "/tasks/x", "try", input=SCRIPT)).text)
        pages.append((await sent(client, "/tasks/s", "try", input=SCRIPT)).text)
        pages.append((await sent(client, "/tasks/x", "test", examples=f"input,{SCRIPT}\n1,2")).text)
        pages.append((await sent(client, "/tasks/x", "add", input="1", output=SCRIPT * 2)).text)
    for page in pages:
        assert "<script>" not in page
        assert "&lt;script&gt;" in page or "\\u003cscript" in page
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=", page)


# Whose


async def test_a_shared_task_of_another_is_shown_and_cannot_be_changed(
    make_app: Maker, tmp_path: Path
):
    alice, bob = [add_token(tmp_path / "tokens", name) for name in ("alice", "bob")]
    app = make_app()
    own = app.store().visible_to("alice").tasks
    async with requests_to(app, Tokens(tmp_path / "tokens")) as client:
        async with connected(app) as call:
            await call("save_task", **TICKETS, examples=COINS[:4])  # the file owner's
        app.store().tasks.share("tickets")
        definition = app.store().tasks.get("tickets").definition
        own.save("mood", definition)
        own.share("mood")
        own.save("secret", definition)
        page = (await client.get("/tasks", headers=bearer(bob))).text
        links = re.findall(r'href="(/tasks/[^"]+)"', page)
        shown = [await client.get(link, headers=bearer(bob)) for link in links]
        before = [app.store().tasks.get(name) for name in ("tickets", "alice/mood")]
        refused = {
            what: await sent(client, links[0], what, bob, **FORM)
            for what in ACTIONS
            if what not in ("try", "test")
        }
        ran = await sent(client, links[0], "try", bob, input="billing")
        hidden = [
            await client.get("/tasks/alice/secret", headers=bearer(bob)),
            *[await sent(client, "/tasks/alice/secret", what, bob, **FORM) for what in ACTIONS],
        ]
        mine = (await client.get("/tasks", headers=bearer(alice))).text
    assert sorted(links) == ["/tasks/alice/mood", "/tasks/~/tickets"]
    assert all("it can be used, not changed" in each.text for each in shown)
    assert all(COINS[0]["input"] not in each.text for each in shown)
    assert all(f"/~/{what}" not in shown[0].text for what in ("add", "take", "learn", "share"))
    assert [app.store().tasks.get(name) for name in ("tickets", "alice/mood")] == before
    for what, answer in refused.items():
        assert (what, answer.status_code) == (what, 400)
        assert "changed" in problem(answer), what
    assert ran.status_code == 200
    assert {each.status_code for each in hidden} <= {403, 404}
    assert all("Sort by topic" not in each.text for each in hidden)
    assert 'href="/tasks/secret"' in mine


FORM = {
    "input": "x", "output": "billing", "version": "1", "share": "yes",
    "examples": "input,label\nx,billing",
}  # fmt: skip


async def test_what_is_learned_of_anothers_task_is_not_told(make_app: Maker, tmp_path: Path):
    bob = add_token(tmp_path / "tokens", "bob")
    held, began = threading.Event(), threading.Event()

    def hold(n: int) -> None:
        began.set()
        held.wait()

    app = make_app(engine=EchoEngine(before_token=hold))
    async with requests_to(app, Tokens(tmp_path / "tokens")) as client:
        async with connected(app) as call:
            await call("save_task", **TICKETS, examples=COINS, share=True)
        app.loader.start()
        await to_thread.run_sync(began.wait)
        page = (await client.get("/tasks/~/tickets", headers=bearer(bob))).text
        listed = (await client.get("/tasks", headers=bearer(bob))).text
        held.set()
        await to_thread.run_sync(app.learner.wait)
    assert "Being learned" not in page
    assert "being learned" not in listed


async def test_a_reader_shows_all_of_it_and_has_no_forms(make_app: Maker):
    app = make_app()
    async with connected(app) as call:
        await learned(app, call)
    transport = httpx2.ASGITransport(build_reader(app))
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        pages = [await client.get(path) for path in ("/tasks", "/tasks/tickets")]
        forms = [await client.get(f"/tasks/tickets/~/{what}") for what in ("try", "test")]
        refused = [await client.post(f"/tasks/tickets/~/{each}", data=FORM) for each in ACTIONS]
    assert [each.status_code for each in (*pages, *forms)] == [200] * 4
    assert all("<form" not in each.text for each in (*pages, *forms))
    assert "16 of 16" in pages[1].text
    assert [each.status_code for each in refused] == [403] * len(ACTIONS)
    assert app.store().tasks.get("tickets").number == 1


async def test_no_form_of_another_site_changes_a_task(make_app: Maker):
    app = make_app()
    async with connected(app) as call, requests_to(app) as client:
        await call("save_task", **TICKETS, examples=COINS[:4])
        before = app.store().tasks.line("tickets")
        codes = [
            (await client.post(f"/tasks/tickets/~/{what}", data=FORM)).status_code
            for what in ACTIONS
        ]
    assert codes == [403] * len(ACTIONS)
    assert app.store().tasks.line("tickets") == before


# Teaching


async def test_an_example_is_added_as_the_tool_does_and_counted_as_its_call(make_app: Maker):
    app = make_app()
    async with connected(app) as call, requests_to(app) as client:
        await call("save_task", **TICKETS)
        form = {"input": "where is my\r\nparcel", "output": "shipping"}
        added = await sent(client, "/tasks/tickets", "add", **form)
        again = await sent(client, "/tasks/tickets", "add", **form)
        calls = await counted(client)
    assert notice(added) == "Added: version 2 has 1 example."
    assert notice(again) == "Nothing changed: the task has this very example already."
    (example,) = app.store().tasks.get("tickets").examples
    assert (example.input, example.output) == ("where is my\nparcel", "shipping")
    assert calls["hypernet_mcp_calls_total outcome=ok tool=save_task"] == 3  # the client's too


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"input": "", "output": "billing"}, "input: must not be empty"),
        ({"output": "billing"}, "input: must not be empty"),
        ({"input": "x", "output": "other"}, "output: "),
        ({"input": "x" * 8_001, "output": "billing"}, "input: 8001 characters, the limit is 8000"),
        ({"input": "x\x00", "output": "billing"}, "input: must not hold NUL"),
    ],
)
async def test_an_example_that_is_none_is_refused_by_its_field(
    make_app: Maker, form: dict[str, str], said: str
):
    app = make_app()
    async with connected(app) as call, requests_to(app) as client:
        await call("save_task", **TICKETS)
        refused = await sent(client, "/tasks/tickets", "add", **form)
        calls = await counted(client)
    assert refused.status_code == 400
    assert problem(refused).startswith(said)
    assert app.store().tasks.get("tickets").number == 1
    assert calls["hypernet_mcp_calls_total outcome=error tool=save_task"] == 1


async def test_examples_are_taken_away_whether_given_or_of_a_correction(make_app: Maker):
    app = make_app()
    async with connected(app) as call, requests_to(app) as client:
        await call("save_task", **TICKETS, examples=COINS[:2])
        session = (await call("set_task", name="tickets"))["session_id"]
        await call("run_step", session_id=session, input="my parcel never came")
        await call("correct_step", session_id=session, step=1, output="shipping")
        page = (await client.get("/tasks/tickets")).text
        taught, given, _ = re.findall(r'name="example" value="(\w+)"', page)
        away = await sent(client, "/tasks/tickets", "take", example=given)
        back = await sent(client, "/tasks/tickets", "take", example=taught)
        twice = [await sent(client, "/tasks/tickets", "take", example=e) for e in (taught, given)]
        calls = await counted(client)
        step = await call("run_step", session_id=session, input="my parcel never came")
    assert notice(away) == "Taken away: version 3 has 2 examples."
    assert notice(back).startswith("The correction of step 1 was taken back: version 4")
    assert [each.status_code for each in twice] == [400, 400]
    assert all("nothing was changed" in problem(each) for each in twice)
    (left,) = app.store().tasks.get("tickets").examples
    assert left.input == COINS[0]["input"]
    assert step["answered_by"] == "model"
    corrections = "hypernet_mcp_corrections_total kind=taken_back principal=(none)"
    assert calls[corrections] == 1


async def test_a_task_goes_back_to_a_version_and_says_what_did_not_come_back(make_app: Maker):
    app = make_app()
    async with connected(app) as call, requests_to(app) as client:
        await call("save_task", **TICKETS, examples=COINS[:2])
        await call("save_task", **TICKETS, examples=COINS[:3])
        went = await sent(client, "/tasks/tickets", "back", version="1")
        refused = [
            await sent(client, "/tasks/tickets", "back", version=each)
            for each in ("1", "9", "x", "")
        ]
        page = (await client.get("/tasks/tickets")).text
    assert notice(went) == "Version 1 is the current one, with 2 examples."
    assert [each.status_code for each in refused] == [400] * 4
    assert "go_back_to: 1 is the current one" in problem(refused[0])
    assert all(problem(each).startswith("version: ") for each in refused[2:])
    assert [row[0] for row in table(page, "Versions")] == ["2", "1"]
    assert "current" in table(page, "Versions")[1][4]


async def test_a_task_is_shared_and_no_more(make_app: Maker):
    app = make_app()
    async with connected(app) as call, requests_to(app) as client:
        await call("save_task", **TICKETS)
        said = [
            notice(await sent(client, "/tasks/tickets", "share", share=share))
            for share in ("yes", "yes", "no")
        ]
    assert said[0] == "The task is shared: others may use it, not change it."
    assert said[1].startswith("Nothing changed: ")
    assert said[2].startswith("The task is its owner")
    assert app.store().tasks.line("tickets").shared is False


# Learning


async def test_a_task_with_few_examples_is_learned_when_it_is_asked_for(make_app: Maker):
    app = make_app()
    async with connected(app) as call, requests_to(app) as client:
        await call("save_task", **TICKETS, examples=COINS[:6])
        await call("set_task", name="tickets")
        asked = await sent(client, "/tasks/tickets", "learn")
        await to_thread.run_sync(app.learner.wait)
        page = (await client.get("/tasks/tickets")).text
        again = await sent(client, "/tasks/tickets", "learn")
    assert notice(asked) == "It is learned now; steps go first."
    assert table(page, "Ways to serve it")[0][2] == "3 of 6"
    assert notice(again) == "Nothing changed: it was learned already."


async def test_with_too_few_examples_to_hold_any_out_nothing_is_begun(make_app: Maker):
    app = make_app()
    async with connected(app) as call, requests_to(app) as client:
        await call("save_task", **TICKETS, examples=COINS[:3])
        refused = await sent(client, "/tasks/tickets", "learn")
    assert refused.status_code == 400
    assert problem(refused).startswith("examples: the task has 3 different inputs, 4 are needed")


async def test_learning_shows_how_far_it_is_is_stopped_and_goes_on_where_it_was(make_app: Maker):
    held, began = threading.Event(), threading.Event()

    def hold(n: int) -> None:
        began.set()
        held.wait()

    engine = EchoEngine(before_token=hold)
    app = make_app(engine=engine)
    async with connected(app) as call, requests_to(app) as client:
        await call("save_task", **TICKETS, examples=COINS)
        app.loader.start()
        await to_thread.run_sync(began.wait)
        page = (await client.get("/tasks/tickets")).text
        again = await sent(client, "/tasks/tickets", "learn")
        (listed,) = table((await client.get("/tasks")).text, "Tasks")
        stopped = await sent(client, "/tasks/tickets", "stop")
        held.set()
        await to_thread.run_sync(app.learner.wait)
        after = (await client.get("/tasks/tickets")).text
        twice = await sent(client, "/tasks/tickets", "stop")
        unlearned = app.store().tasks.get("tickets").quality
        await sent(client, "/tasks/tickets", "learn")
        await to_thread.run_sync(app.learner.wait)
        learned = (await client.get("/tasks/tickets")).text
    assert "Being learned:" in page
    assert "<progress" in page
    assert listed[1] == "being learned"
    assert notice(again) == "Nothing changed: it is being learned."
    assert notice(stopped).startswith("It stops within a piece of work")
    assert "not learned: it was stopped" in after
    assert "Learn now" in after
    assert notice(twice) == "Nothing changed: it is not being learned."
    assert unlearned is None
    assert "16 of 16" in learned
    assert "it was stopped" not in learned


async def test_what_was_stopped_is_learned_again_in_a_new_version(make_app: Maker):
    held, began = threading.Event(), threading.Event()

    def hold(n: int) -> None:
        began.set()
        held.wait()

    app = make_app(engine=EchoEngine(before_token=hold))
    async with connected(app) as call, requests_to(app) as client:
        await call("save_task", **TICKETS, examples=COINS[:12])
        app.loader.start()
        await to_thread.run_sync(began.wait)
        await sent(client, "/tasks/tickets", "stop")
        held.set()
        await to_thread.run_sync(app.learner.wait)
        await call("save_task", **TICKETS, examples=COINS)
        await to_thread.run_sync(app.learner.wait)
        page = (await client.get("/tasks/tickets")).text
    assert "16 of 16" in page


# Trying and testing


async def test_an_input_is_tried_under_each_way_side_by_side_and_nothing_is_kept(make_app: Maker):
    app = make_app()
    async with connected(app) as call, requests_to(app) as client:
        await learned(app, call)
        before = app.store().tasks.counts("tickets"), len(app.store().sessions())
        answer = await sent(client, "/tasks/tickets", "try", input="parcel of mine")
        calls = await counted(client)
    cards = answer.text.split(CARD)[1:]
    titles = [re.search(r"<h3[^>]*>([^<]*)", each)[1].strip() for each in cards]  # type: ignore[index]  # each has one
    assert titles == ["Prompted", "Text only", "Learned", "As steps are served"]
    outputs = [re.search(r'class="output"[^>]*>([^<]*)', each)[1] for each in cards]  # type: ignore[index]  # the same
    assert outputs == ["billing", "billing", "billing", "shipping"]
    assert "other than prompted" in cards[3]
    assert "as prompted" in cards[1]
    assert all("billing</th>" in each and "shipping</th>" in each for each in cards)
    assert all(re.search(r"\d\.\d\d s<", each) for each in cards)
    assert re.search(r"<dt>Confidence</dt><dd>90 %", cards[0])
    assert "base" in cards[0]
    assert "parcel of mine</textarea>" in answer.text
    assert (app.store().tasks.counts("tickets"), len(app.store().sessions())) == before
    assert calls["hypernet_mcp_calls_total outcome=ok tool=try_task"] == 4
    assert sum(v for k, v in calls.items() if k.startswith("hypernet_mcp_answers_total")) == 4


async def test_a_task_without_examples_is_tried_without_learned_weights(make_app: Maker):
    app = make_app()
    async with connected(app) as call, requests_to(app) as client:
        await call("save_task", name="title", task="Give a title.")
        answer = await sent(client, "/tasks/title", "try", input="two words")
    assert answer.text.count(CARD) == 3
    assert answer.text.count('tabindex="0">two words<') == 3
    assert "not measured yet" in answer.text


async def test_a_corrected_input_is_answered_by_its_correction_in_the_last_card_alone(
    make_app: Maker,
):
    app = make_app()
    async with connected(app) as call, requests_to(app) as client:
        await call("save_task", **TICKETS)
        session = (await call("set_task", name="tickets"))["session_id"]
        await call("run_step", session_id=session, input="my parcel never came")
        await call("correct_step", session_id=session, step=1, output="shipping")
        answer = await sent(client, "/tasks/tickets", "try", input="my parcel never came")
    *others, last = answer.text.split(CARD)[1:]
    assert "By an example or a correction of this very input" in last
    assert 'tabindex="0">shipping<' in last
    assert all('tabindex="0">billing<' in each for each in others)


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "input: must not be empty"), ("word " * 9_000, "input: "), ("x\x00", "input: ")],
)
async def test_an_input_that_cannot_be_tried_is_named_and_stays_in_the_form(
    make_app: Maker, text: str, said: str
):
    app = make_app()
    async with connected(app) as call, requests_to(app) as client:
        await call("save_task", **TICKETS)
        answer = await sent(client, "/tasks/tickets", "try", input=text)
    assert answer.status_code == 400
    assert said in problem(answer)
    assert CARD not in answer.text
    if len(text) > 1_000:
        assert "word word" in answer.text


async def test_who_has_as_many_calls_running_as_may_be_tries_nothing(make_app: Maker):
    held, began = threading.Event(), threading.Event()

    def hold(n: int) -> None:
        began.set()
        held.wait()

    app = make_app(engine=EchoEngine(before_token=hold), calls=1)
    async with connected(app) as call, requests_to(app) as client:
        await call("save_task", **TICKETS)
        session = (await call("set_task", name="tickets"))["session_id"]
        async with create_task_group() as tasks:

            async def step() -> None:
                await call("run_step", session_id=session, input="a question")

            tasks.start_soon(step)
            await to_thread.run_sync(began.wait)
            busy = [
                await sent(client, "/tasks/tickets", what, **FORM)
                for what in ("try", "test", "add")
            ]
            held.set()
    assert "calls: 1 of yours are running, the limit" in problem(busy[0])
    assert [each.status_code for each in busy] == [429, 429, 429]
    assert app.store().tasks.get("tickets").number == 1


async def test_trying_ends_when_its_time_is_over(make_app: Maker, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(trying, "SECONDS", 0)
    app = make_app()
    async with connected(app) as call, requests_to(app) as client:
        await call("save_task", **TICKETS)
        answer = await sent(client, "/tasks/tickets", "try", input="x")
    assert answer.status_code == 504
    assert "the 0 s of this call are over" in problem(answer)


async def test_a_model_that_cannot_be_loaded_is_told(make_app: Maker):
    def broken(options: object, progress: object) -> Runtime:
        raise RuntimeError("inside")

    app = make_app(load=broken)
    async with connected(app) as call, requests_to(app) as client:
        await call("save_task", **TICKETS)
        answers = [await sent(client, "/tasks/tickets", each, **FORM_OF[each]) for each in FORM_OF]
    assert [each.status_code for each in answers] == [503, 503]
    assert all("the model could not be loaded" in problem(each) for each in answers)
    # What was written in a form is not lost with it.
    for answer, form in zip(answers, FORM_OF.values(), strict=True):
        assert f">{next(iter(form.values()))}</textarea>" in answer.text


FORM_OF = {"try": {"input": "x"}, "test": {"examples": "input,label\nx,billing"}}


async def test_pasted_examples_are_asked_and_the_wrong_answers_are_listed(make_app: Maker):
    app = make_app()
    async with connected(app) as call, requests_to(app) as client:
        await learned(app, call)
        before = app.store().tasks.counts("tickets"), app.store().tasks.line("tickets")
        rows = "text,label\nparcel of mine,shipping\nmoney of mine,shipping\nwhat,nonsense\n"
        answer = await sent(
            client, "/tasks/tickets", "test", examples=f"{rows}{COINS[0]['input']},billing"
        )
        as_lines = await sent(
            client, "/tasks/tickets", "test", examples='{"input": "parcel", "output": "shipping"}'
        )
        calls = await counted(client)
    assert "2 of 3 right</h2>" in answer.text
    (wrong,) = table(answer.text, "Wrong answers")
    assert wrong[:4] == ["examples line 3", "money of mine", "shipping", "billing"]
    assert "examples line 4: &#39;nonsense&#39; is none of the labels" in answer.text
    assert "1 of the inputs is among its examples" in answer.text
    assert "1 of 1 right</h2>" in as_lines.text
    assert (app.store().tasks.counts("tickets"), app.store().tasks.line("tickets")) == before
    assert calls["hypernet_mcp_calls_total outcome=ok tool=test_task"] == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "examples: must not be empty"),
        ("text,label\n", "examples: hold nothing to ask"),
        ("question of mine,billing\nother,shipping", "examples: hold nothing to ask"),
        ("a,a\n1,2", "examples: its first line names a column twice"),
        ("text,label\n" + "x,billing\n" * 201, "examples: 201 entries, the limit is 200"),
    ],
)
async def test_pasted_examples_that_are_none_are_named_and_stay_in_the_form(
    make_app: Maker, text: str, said: str
):
    app = make_app()
    async with connected(app) as call, requests_to(app) as client:
        await call("save_task", **TICKETS)
        answer = await sent(client, "/tasks/tickets", "test", examples=text)
        calls = await counted(client)
    assert answer.status_code == 400
    assert said in problem(answer)
    assert "--" not in problem(answer)
    assert calls["hypernet_mcp_calls_total outcome=error tool=test_task"] == 1
