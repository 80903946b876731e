"""Every action of the page: where its button is, what is filled in, what the store holds then.

In this order: a later one takes an earlier one back, or needs it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bench.page.views import filled
from checkpoints import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from playwright.sync_api import Locator

    from bench.page.browser import Watched
    from bench.page.made import Job

    Held = Callable[[Store, Job], Any]

MEMORY = "/jobs/{session}/memory"
ITEM = MEMORY + "?item={item}"
STEP = "/jobs/{session}/steps/{step}"
TASK = "/tasks/{task}"
REASON = "looks planted"
WAITS, WAIT_MS = 50, 100
ANSWER = "From October to April."
MESSAGE = "The lift smells of paint."


@dataclass(frozen=True)
class Action:
    """A button on a view, the fields beside it, what is said then, and what has come about.

    `held` reads from the store what the action changes, `becomes` is what it is afterwards; for an
    action that only runs something both stay None.
    """

    name: str
    view: str
    button: str
    says: str
    fields: Mapping[str, str] = field(default_factory=dict)
    held: Held | None = None
    becomes: Any = None


def _correction(store: Store, job: Job) -> Any:
    stand = [c for c in store.tasks.corrections(job.session) if c.ended is None]
    return next(((c.confirmed, c.output) for c in stand if c.step == job.step), None)


def _own_right(store: Store, job: Job) -> Any:
    stand = [c for c in store.tasks.corrections(job.session) if c.ended is None]
    return next((c.confirmed for c in stand if c.step == job.asked), None)


def _pinned(store: Store, job: Job) -> bool:
    return job.item in [hit.item_id for hit in store.marks.pinned(job.session)]


def _kept_out(store: Store, job: Job) -> list[tuple[bool, str]]:
    """For each mark of quarantine, but those of the job itself: whether of a whole source, why."""
    marks = store.marks.quarantined(job.session)
    return [(each.text is None, each.reason) for each in marks if each.source != "forum.html"]


def _revoked(store: Store, job: Job) -> list[str]:
    return [each.reason for each in store.revocations.revoked(job.session)]


def _labels(store: Store, job: Job) -> bool:
    return "looked at" in [each.label for each in store.checkpoints(job.session)]


def _forks(store: Store, job: Job) -> int:
    return store.overview.count()


def _steps(store: Store, job: Job) -> int:
    return store.session(job.session).steps


def _examples(store: Store, job: Job) -> bool:
    return MESSAGE in [each.input for each in store.tasks.get(job.task).examples]


def _current(store: Store, job: Job) -> int:
    return next(each.number for each in store.tasks.versions(job.task) if each.current)


def _measured(store: Store, job: Job) -> bool:
    return bool(store.tasks.get(job.unlearned).quality)


def _shared(store: Store, job: Job) -> bool:
    return next(each.shared for each in store.tasks.list() if each.name == job.task)


ACTIONS: tuple[Action, ...] = (
    Action(
        "correct a step", STEP, "form[action$='/correct'] [value=correct]",
        "Step {step} is corrected", {"output": ANSWER}, _correction, (False, ANSWER),
    ),
    Action(
        "take a correction back", STEP, "form[action$='/correct'] [value=take_back]",
        "taken back", held=_correction,
    ),
    Action(
        "confirm a step", "/jobs/{session}/steps/{asked}",
        "form[action$='/correct'] [value=confirm]",
        "Step {asked} is confirmed", held=_own_right, becomes=True,
    ),
    Action(
        "unpin an item", ITEM, "form[action$='/pin'] [value=unpin]",
        "Item {item} is pinned no more", held=_pinned, becomes=False,
    ),
    Action(
        "pin an item", ITEM, "form[action$='/pin'] [value=pin]",
        "Item {item} is pinned", held=_pinned, becomes=True,
    ),
    Action(
        "quarantine an item", ITEM, "form[action$='/quarantine'] [value=quarantine]",
        "Item {item} is in quarantine", {"reason": REASON}, _kept_out, [(False, REASON)],
    ),
    Action(
        "release an item", ITEM, "form[action$='/quarantine'] [value=release]",
        "Item {item} is let back in", held=_kept_out, becomes=[],
    ),
    Action(
        "quarantine a source", MEMORY + "?source={source}",
        "form[action$='/quarantine']:has([name=source]) [value=quarantine]",
        "Source {source} is in quarantine", {"reason": REASON}, _kept_out, [(True, REASON)],
    ),
    Action(
        "release a source", MEMORY + "?source={source}",
        "form[action$='/quarantine']:has([name=source]) [value=release]",
        "Source {source} is let back in", held=_kept_out, becomes=[],
    ),
    Action(
        "revoke an adapter", STEP, "form[action$='/revoke'] [value=revoke]",
        "is revoked in this job", {"reason": REASON}, _revoked, [REASON],
    ),
    Action(
        "allow an adapter again", "/jobs/{session}", "form[action$='/revoke'] [value=release]",
        "is allowed again", held=_revoked, becomes=[],
    ),
    Action(
        "label a checkpoint", "/jobs/{session}", "form[action$='/checkpoint'] button",
        "“looked at” is made", {"label": "looked at"}, _labels, True,
    ),
    Action(
        "fork from a checkpoint", "/jobs/{session}", "form[action$='/restore'] [value=fork]",
        "This is a new job", {"checkpoint_id": "{checkpoint}"}, _forks, 3,
    ),
    Action(
        "restore a checkpoint", "/jobs/{session}", "form[action$='/restore'] [value=restore]",
        "The job is back at step 6", {"checkpoint_id": "{checkpoint}"}, _steps, 6,
    ),
    Action(
        "add an example", TASK, "form[action$='/add'] button",
        "Added", {"input": MESSAGE, "output": "lift"}, _examples, True,
    ),
    Action(
        "take an example away", TASK, f"tr:has-text('{MESSAGE}') form[action$='/take'] button",
        "Taken away", held=_examples, becomes=False,
    ),
    Action(
        "go back to a version", TASK,
        "form[action$='/back']:has([name=version][value='1']) button",
        "is the current one", held=_current, becomes=1,
    ),
    Action(
        "share a task", TASK, "form[action$='/share'] button", "is shared",
        held=_shared, becomes=True,
    ),
    Action(
        "share a task no more", TASK, "form[action$='/share'] button", "its owner's alone",
        held=_shared, becomes=False,
    ),
    Action(
        "learn a task", "/tasks/{unlearned}", "form[action$='/learn'] button", "It is learned now",
        held=_measured, becomes=True,
    ),
    Action(
        "try an input", TASK, "form[action$='/try'] button", "Answers", {"input": MESSAGE},
    ),
    Action(
        "test a task", TASK + "/~/test", "form[action$='/test'] button", "1 of 1 right",
        {"examples": "input,output\nThe heating is loud.,heating"},
    ),
)  # fmt: skip


def run(action: Action, watched: Watched, job: Job, database: Path) -> list[str]:
    """Press an action's button as a person does; what is wrong with what came of it."""
    before = read(action, job, database)
    wrong = [] if before != action.becomes or action.held is None else ["it is so already"]
    page = watched.page
    watched.open(filled(action.view, job))
    button = page.locator(filled(action.button, job, quoted=False)).first
    unfold(button)
    form = button.locator("xpath=ancestor::form")
    for name, value in action.fields.items():
        place = form.locator(f"[name='{name}']")
        text = filled(value, job, quoted=False)
        if place.evaluate("each => each.matches('select')"):
            place.select_option(text)
        else:
            place.fill(text)
    with page.expect_navigation():
        button.click()
    said = page.inner_text("main")
    if (says := filled(action.says, job, quoted=False)) not in said:
        wrong.append(f"says not {says!r} but {said[:300]!r}")
    if page.locator(".notice.unchanged, .notice.bad").count():
        wrong.append(f"says that nothing changed: {page.inner_text('.notice')!r}")
    after = read(action, job, database)
    for _ in range(WAITS):  # for what goes on behind the answer
        if action.held is None or after == action.becomes:
            break
        page.wait_for_timeout(WAIT_MS)
        after = read(action, job, database)
    if action.held is not None and after != action.becomes:
        wrong.append(f"the store holds {after!r} and not {action.becomes!r}")
    return wrong + watched.faults


def read(action: Action, job: Job, database: Path) -> Any:
    """What the store holds of what an action changes."""
    if action.held is None:
        return None
    with Store.open_reader(database) as store:
        return action.held(store, job)


def unfold(place: Locator) -> None:
    """Open what a control is folded into, from the outside in."""
    folds = place.locator("xpath=ancestor::details")
    for n in range(folds.count()):
        fold = folds.nth(n)
        if fold.get_attribute("open") is None:
            fold.locator("> summary").click()
