"""Every view of the page, by an address that a made job fills in, and what is checked of each."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from bench.page.browser import opened, too_wide, unreached, violations, words

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from bench.page.made import Job


@dataclass(frozen=True)
class View:
    """A view: `path` with the names of a `Job`'s handles, and a text that must stand on it."""

    name: str
    path: str
    says: str
    status: int = 200

    def of(self, job: Job) -> str:
        """Its address for a job."""
        return filled(self.path, job)


def filled(text: str, job: Job, *, quoted: bool = True) -> str:
    """A text with a job's handles in it; `quoted` as in an address."""
    handles = {name: str(value) for name, value in asdict(job).items()}
    if quoted:
        handles = {name: quote(value, safe="") for name, value in handles.items()}
    return text.format_map(handles)


VIEWS = (
    View("jobs", "/", "the ones active last first"),
    View("jobs found", "/?q=heating+at+night", "Found"),
    View("nothing found", "/?q=zzyzx", "Found"),
    View("refused", "/?skip=many", "skip", 400),
    View("no such job", "/jobs/none", "none", 404),
    View("job", "/jobs/{session}", "Steer"),
    View("older steps", "/jobs/{session}?after=4", "Steer"),
    View("at a checkpoint", "/jobs/{session}?at={checkpoint}", "the history at the checkpoint"),
    View("fork", "/jobs/{fork}", "Steer"),
    View("step", "/jobs/{session}/steps/{step}", "house-rules.md"),
    View("step that asks for review", "/jobs/{session}/steps/{asked}", "review"),
    View("all of a part", "/jobs/{session}/steps/{step}?part=input", "Step {step}"),
    View("no such step", "/jobs/{session}/steps/99999", "99999", 404),
    View("memory", "/jobs/{session}/memory", "Sources"),
    View("memory found", "/jobs/{session}/memory?q=lost+key", "Found"),
    View("item", "/jobs/{session}/memory?item={item}", "Item {item}"),
    View("source", "/jobs/{session}/memory?source={source}", "{source}"),
    View("compare", "/compare", "Compare"),
    View("compared", "/compare?a={session}&b={fork}", "differ"),
    View("one step compared", "/compare?a={session}&b={fork}&n=8", "Step 8"),
    View("tasks", "/tasks", "{task}"),
    View("task", "/tasks/{task}", "held out"),
    View("try a task", "/tasks/{task}/~/try", "Try"),
    View("task that was not learned", "/tasks/{unlearned}", "Learn now"),
    View("test a task", "/tasks/{task}/~/test", "Test"),
    View("no such task", "/tasks/none", "none", 404),
    View("server", "/server", "Server"),
)


@dataclass(frozen=True)
class Found:
    """What is wrong with a view in one look: `violations` are axe's, `wrong` is all else."""

    wrong: list[str]
    violations: list[str]


def looked_at(browser: Browser, address: str, view: View, job: Job, look: str) -> Found:
    """A view in a look, gone through by keyboard, which opens what is folded."""
    with opened(browser, address, look) as watched:
        status, page = watched.open(view.of(job)), watched.page
        wrong = [] if status == view.status else [f"status {status} and not {view.status}"]
        if (says := filled(view.says, job, quoted=False)) not in page.inner_text("body"):
            wrong.append(f"does not say {says!r}")
        if (headings := page.locator("h1").count()) != 1:
            wrong.append(f"{headings} h1")
        wrong += too_wide(page)
        wrong += unreached(page)
        wrong += too_wide(page)
        return Found(wrong + watched.faults, violations(page))


def unreadable(browser: Browser, address: str, view: View, job: Job) -> list[str]:
    """Words of a view that are not there without JavaScript."""
    shown: list[list[str]] = []
    for enabled in (True, False):
        with opened(browser, address, java_script_enabled=enabled) as watched:
            watched.open(view.of(job))
            shown.append(words(watched.page))
    return sorted(set(shown[0]) - set(shown[1]))
