"""What the page changes of named tasks: each the same call as the tool's or the shell's.

Trying an input and testing a task change nothing; as they run the model they are forms too.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from anyio import from_thread

from checkpoints import MemoryFault
from hypernet.learning.folds import LEAST
from hypernet.task import as_read
from mcp_server.app.deadline import Deadline, TimeOverError
from mcp_server.app.loader import LoadError
from mcp_server.app.principal import principal
from mcp_server.app.progress import CallProgress
from mcp_server.app.threads import in_thread
from mcp_server.jobs.answers.trying import try_ways
from mcp_server.page.actions.holding import holding
from mcp_server.page.views import task as task_view
from mcp_server.page.views import trying
from mcp_server.page.visit import Done, Notice, whole_number
from mcp_server.schema import limits
from mcp_server.schema.calls import SaveCall
from mcp_server.schema.limits import InputError
from mcp_server.schema.results import ExampleArgument
from mcp_server.tasks import changes
from mcp_server.tasks.quality import quality_of
from mcp_server.tasks.reading import FileError, read_text
from mcp_server.tasks.serving import named_task
from mcp_server.tasks.testing import test_task

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from mcp_server.page.views.task import Head
    from mcp_server.page.visit import Shown, Visit
    from mcp_server.schema.named import SavedResult
    from mcp_server.tasks.reading import Read
    from mcp_server.tasks.testing import Tested
    from mcp_server.telemetry.calls import Call

    Form = Mapping[str, str]

TEST_SECONDS = 300
TEST_ADVICE = "Nothing is recorded: test fewer examples at once"
FIRST = "examples[0]."


async def add_example(visit: Visit, form: Form, name: str) -> Done:
    """`save_task` with `add` and one example."""
    about = await _about(visit, name)
    given = {"input": form.get("input", ""), "output": form.get("output", "")}
    with _counted(visit, "save_task", name=about.name, examples=[given], add=True) as call:
        try:
            saved = await _saved(visit, about, examples=[ExampleArgument(**given)], add=True)
        except (InputError, MemoryFault) as error:  # of one form there is one example
            if not str(error).startswith(FIRST):
                raise
            raise InputError(str(error).removeprefix(FIRST)) from error
        call.content = saved.model_dump()
    if not saved.changed:
        text = "Nothing changed: the task has this very example already."
    else:
        text = f"Added: version {saved.task.version} has {_counted_examples(saved)}."
        text += "".join(f" Set aside: {each.why}." for each in saved.set_aside[:1])
    return Done(f"{about.address}#examples", Notice(text, saved.changed))


async def take_example(visit: Visit, form: Form, name: str) -> Done:
    """A given example is left out of the next version; a correction is taken back."""
    about = await _about(visit, name)
    key = form.get("example", "")
    found = next((e for e in about.version.examples if task_view.example_key(e) == key), None)
    if found is None:
        raise InputError("example: the task has it no more; nothing was changed")
    if found.correction is not None:
        return await _take_back(visit, about, found.correction)
    with _counted(visit, "save_task", name=about.name) as call:
        saved = await in_thread(
            lambda: changes.take_away(visit.store, about.name, found.input, visit.app.learner)
        )
        call.content = saved.model_dump()
    visit.app.learner.start()
    text = f"Taken away: version {saved.task.version} has {_counted_examples(saved)}."
    return Done(f"{about.address}#examples", Notice(text))


async def _take_back(visit: Visit, about: Head, correction: str) -> Done:
    """`correct_step` with `take_back`."""
    steps = await in_thread(lambda: visit.store.task_use.corrected(about.name))
    if correction not in steps:
        raise InputError("example: was taken back already; nothing was changed")
    session_id, step = steps[correction]
    with _counted(visit, "correct_step", session_id=session_id, step=step, take_back=True) as call:
        async with holding(visit, session_id):
            done = await in_thread(lambda: changes.take_back_correction(visit.store, correction))
        call.content = done.model_dump()
    visit.app.learner.start()
    text = f"The correction of step {step} was taken back: version {done.version} goes on without."
    return Done(f"{about.address}#examples", Notice(text, done.changed))


async def go_back(visit: Visit, form: Form, name: str) -> Done:
    """`save_task` with `go_back_to`."""
    about = await _about(visit, name)
    number = whole_number("version", form.get("version", ""))
    with _counted(visit, "save_task", name=about.name, go_back_to=number) as call:
        saved = await _saved(visit, about, go_back_to=number)
        call.content = saved.model_dump()
    text = f"Version {saved.task.version} is the current one, with {_counted_examples(saved)}."
    if saved.set_aside:
        text += f" {len(saved.set_aside)} of version {number} did not come back."
    return Done(f"{about.address}#versions", Notice(text, saved.changed))


async def share(visit: Visit, form: Form, name: str) -> Done:
    """`save_task` with `share`."""
    about = await _about(visit, name)
    shared = form.get("share") == "yes"
    with _counted(visit, "save_task", name=about.name, share=shared) as call:
        saved = await _saved(visit, about, share=shared)
        call.content = saved.model_dump()
    how = "shared: others may use it, not change it" if shared else "its owner's alone"
    text = f"The task is {how}." if saved.changed else f"Nothing changed: the task is {how}."
    return Done(about.address, Notice(text, saved.changed))


async def learn(visit: Visit, form: Form, name: str) -> Done:
    """As `hypernet-mcp tasks learn`, in the background."""
    about = await _about(visit, name)
    app, version = visit.app, about.version
    with _counted(visit, "learn_task", name=about.name):
        await in_thread(lambda: visit.store.tasks.versions(about.name, 1))  # one's own alone
        inputs = {as_read(each.input) for each in version.examples}
        if len(inputs) < LEAST:
            raise InputError(
                f"examples: the task has {len(inputs)} different inputs, {LEAST} are needed to "
                "hold some out; nothing was begun"
            )
        model, doing = app.learner.model, app.learner.doing
        if model is not None and quality_of(version.quality, model) is not None:
            return Done(about.address, Notice("Nothing changed: it was learned already.", False))
        if doing is not None and doing.digest == version.digest:
            return Done(about.address, Notice("Nothing changed: it is being learned.", False))
        app.learner.ask(version)
        app.loader.start()
    after = "" if model is not None else " once the model is loaded"
    return Done(f"{about.address}#learning", Notice(f"It is learned now{after}; steps go first."))


async def stop(visit: Visit, form: Form, name: str) -> Done:
    """End what learns the task; what was measured is kept."""
    about = await _about(visit, name)
    with _counted(visit, "stop_learning", name=about.name):
        await in_thread(lambda: visit.store.tasks.versions(about.name, 1))  # one's own alone
        stopped = visit.app.learner.stop(about.version.digest)
    text = "It stops within a piece of work, and what was measured is kept."
    if not stopped:
        text = "Nothing changed: it is not being learned."
    return Done(f"{about.address}#learning", Notice(text, stopped))


async def try_it(visit: Visit, form: Form, name: str) -> Shown:
    """An input under several ways, side by side; nothing is kept."""
    about = await _about(visit, name)
    text = form.get("input", "")
    try:
        side = await try_ways(visit.app, about.name, text)
    except (InputError, LoadError, TimeOverError) as error:
        return trying.shown_tried(about, text, error=error)
    return trying.shown_tried(about, text, side)


async def test(visit: Visit, form: Form, name: str) -> Shown:
    """As `hypernet-mcp tasks test`, of examples that were pasted; nothing is kept."""
    about = await _about(visit, name)
    text = form.get("examples", "")
    with _counted(visit, "test_task", name=about.name) as call:
        read = None
        try:
            read = _read(text).allowed(about.version.definition.labels)
            limits.check_count("examples", len(read.examples), limits.EXAMPLES)
            if not read.examples:
                raise InputError("examples: hold nothing to ask")
            tested = await _test(visit, about, read)
        except (FileError, InputError, LoadError, TimeOverError) as error:
            call.state = "error"
            call.outcome.set(error)
            return trying.shown_tested(about, text, read, error=error)
        return trying.shown_tested(about, text, read, tested)


async def _test(visit: Visit, about: Head, read: Read) -> Tested:
    deadline = Deadline(TEST_SECONDS, TEST_ADVICE)
    progress = CallProgress(_untold, "loading", "refining", "generating")
    with deadline.enforced(progress):
        runtime = await visit.app.loader.ready(progress)
        progress.doing = "the inputs were being asked"

        def told(fraction: float, message: str) -> None:
            from_thread.check_cancelled()

        def work() -> Tested:
            named = named_task(visit.store, about.name, runtime.identity)
            return test_task(named, runtime, read.examples, told)

        try:
            return await in_thread(work)
        except ValueError as error:
            raise InputError(str(error)) from error


def _read(text: str) -> Read:
    if not text.strip():
        raise InputError("examples: must not be empty")
    return read_text(text, "examples")


async def _about(visit: Visit, name: str) -> Head:
    return await in_thread(lambda: task_view.head(visit, name))


async def _saved(visit: Visit, about: Head, **said: Any) -> SavedResult:
    """What `save_task` comes to, and learning begun where it is due."""
    unsaid: dict[str, Any] = dict.fromkeys(
        ("task", "labels", "examples", "output_schema", "copy", "ask_below", "share", "go_back_to")
    )
    call = SaveCall(**{"name": about.name, "add": False, **unsaid, **said})
    saved = await in_thread(lambda: changes.save(visit.store, call, principal(), visit.app.learner))
    visit.app.learner.start()
    return saved


@contextmanager
def _counted(visit: Visit, tool: str, **arguments: Any) -> Iterator[Call]:
    """Limit, count and log it as a call; it is well where nothing is raised or said otherwise."""
    with visit.app.calls.run(tool, principal(), arguments) as call:
        call.state = "ok"
        yield call


def _counted_examples(saved: SavedResult) -> str:
    count = saved.task.examples
    return f"{count} example{'' if count == 1 else 's'}"


async def _untold(done: float, whole: float, message: str) -> None:
    """A form waits for its page as a whole."""
