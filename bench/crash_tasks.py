"""What a killed worker's log promises of named tasks: versions, corrections, and what is learned.

An answered `save_task` or `correct_step` must be there exactly, the one under way may be or not.
The last accepted version serves, a task that was being learned is learned after the restart, to the
very quality that an undisturbed learning gives, and a corrected input is answered as corrected.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

# Imported on use by what learns: in the process that workers are forked from, once for all of them.
import sklearn.feature_extraction.text
import sklearn.linear_model  # noqa: F401  # as above
from anyio import to_thread
from mcp import Client

from checkpoints import MemoryFault
from hypernet.learning.learn import due, learn
from mcp_server.app.application import Application
from mcp_server.app.progress import CallProgress
from mcp_server.app.settings import Settings
from mcp_server.protocol.server import build_server
from mcp_server.tasks.quality import quality_of
from mcp_server.tasks.serving import form_of, mode_of, task_of

if TYPE_CHECKING:
    from pathlib import Path

    from checkpoints import Store, TaskVersion
    from hypernet.learning.ways import Way
    from hypernet.runtime import Runtime

TASK, SESSION = "tickets", "taught"
"""The task that steps run with and corrections teach, and the session that does it."""
LABELS = ["billing", "shipping"]
EXAMPLES = 12
MOST_EXAMPLES = 200
ASKED_AGAIN = 3


def question(number: int) -> str:
    """An input whose first word tells its label."""
    return f"{('money', 'parcel')[number % 2]} question number {number}"


def examples(first: int, count: int) -> list[dict[str, str]]:
    """Solved instances, the numbers of their questions from `first` on."""
    numbers = range(first, first + count)
    return [{"input": f"given {question(n)}", "output": LABELS[n % 2]} for n in numbers]


def saving(name: str, first: int, count: int, *, add: bool = False) -> dict[str, Any]:
    """The arguments of `save_task`."""
    given = {"name": name, "examples": examples(first, count), "add": add}
    return given if add else {**given, "task": "Sort by topic.", "labels": LABELS}


@dataclass
class TaskPromise:
    """A task's current version and what it uses."""

    version: int = 0
    examples: dict[str, str] = field(default_factory=dict)


@dataclass
class TaskPromises:
    """What the answers so far promise of tasks."""

    tasks: dict[str, TaskPromise] = field(default_factory=dict)
    corrected: dict[int, str] = field(default_factory=dict)
    """By the number of a step: the output that stands."""
    corrections: int = 0
    """Those recorded in all, replaced ones too."""
    accepted: dict[str, set[int]] = field(default_factory=dict)
    """The versions that were seen to be measured and accepted."""

    def answered(self, line: dict[str, Any], answer: dict[str, Any], inputs: list[str]) -> None:
        """An operation took place; `inputs` are those of the session's steps."""
        if line["kind"] == "save" and answer["changed"]:
            self.tasks[line["name"]] = self.after(line, inputs)
        elif line["kind"] == "correct" and answer["changed"]:
            self.tasks[TASK] = self.after(line, inputs)
            self.corrected[line["arguments"]["step"]] = line["arguments"]["output"]
            self.corrections += 1

    def after(self, line: dict[str, Any], inputs: list[str]) -> TaskPromise:
        """The task of an operation if it takes place and changes something."""
        arguments = line["arguments"]
        if line["kind"] == "correct":
            before = self.tasks[TASK]
            more = {inputs[arguments["step"] - 1]: arguments["output"]}
        else:
            before = self.tasks.get(line["name"], TaskPromise())
            more = {each["input"]: each["output"] for each in arguments["examples"]}
        return TaskPromise(before.version + 1, before.examples | more)


def check_tasks(
    store: Store,
    promises: TaskPromises,
    pending: dict[str, Any] | None,
    session: str | None,
    inputs: list[str],
) -> tuple[int, list[str]]:
    """How many answered operations are lost, and all that is wrong; settles the pending one."""
    wrong: list[str] = []
    lost = 0
    now = pending if pending is not None and pending["kind"] in ("save", "correct") else None
    aimed = None if now is None else TASK if now["kind"] == "correct" else now["name"]
    known = {each.name for each in store.tasks.list()}
    for name in sorted(known - set(promises.tasks) - {aimed}):
        wrong.append(f"task {name!r}: nobody saved it")
    took_place = False
    for name in sorted({*promises.tasks, *([aimed] if aimed in known else [])}):
        before = promises.tasks.get(name, TaskPromise())
        after = promises.after(now, inputs) if now is not None and name == aimed else before
        try:
            version = store.tasks.get(name)
        except MemoryFault as fault:
            lost, wrong = lost + max(1, before.version), [*wrong, f"task {name!r}: {fault}"]
            continue
        found = TaskPromise(version.number, {e.input: e.output for e in version.examples})
        if found not in (before, after):
            lost += sum(found.examples.get(k) != v for k, v in before.examples.items())
            lost += max(0, before.version - found.version)
            wrong.append(
                f"task {name!r}: version {found.version} with {len(found.examples)} examples, "
                f"expected {before.version} with {len(before.examples)} or {after.version} with "
                f"{len(after.examples)}"
            )
        took_place = took_place or (name == aimed and found == after)
        promises.tasks[name] = found
        wrong += _check_serving(store, promises, name)
    if session is not None:
        at_work = now if now is not None and now["kind"] == "correct" else None
        gone, problems = _check_corrections(store, promises, session, at_work, took_place)
        lost, wrong = lost + gone, wrong + problems
    return lost, wrong


def _check_serving(store: Store, promises: TaskPromises, name: str) -> list[str]:
    """The last accepted version serves, and no version is missing or there twice."""
    versions = store.tasks.versions(name, 1_000)
    serving = store.tasks.serving(name).version.number
    accepted = {each.number for each in versions if each.accepted}
    # One that uses a correction which another one replaced serves no more.
    ended = {each.id for each in store.tasks.corrections(name=name, limit=10_000) if each.ended}
    whole = [
        number
        for number in accepted
        if not any(each.correction in ended for each in store.tasks.get(name, number).examples)
    ]
    expected = max(whole, default=versions[0].number)
    wrong = []
    if serving != expected:
        wrong.append(f"task {name!r}: version {serving} serves, expected is {expected}")
    if gone := promises.accepted.get(name, set()) - accepted:
        wrong.append(f"task {name!r}: versions {sorted(gone)} were accepted, and are not")
    promises.accepted[name] = accepted
    numbers = [each.number for each in versions]
    if numbers != list(range(len(numbers), 0, -1)):
        wrong.append(f"task {name!r}: its versions are {numbers}")
    return wrong


def _check_corrections(
    store: Store,
    promises: TaskPromises,
    session: str,
    pending: dict[str, Any] | None,
    took_place: bool,
) -> tuple[int, list[str]]:
    rows = store.tasks.corrections(session, limit=10_000)
    standing = {each.step: each.output for each in rows if each.ended is None}
    if pending is not None:
        step, output = pending["arguments"]["step"], pending["arguments"]["output"]
        # The version and the correction were one transaction: both are there, or neither.
        if took_place and len(rows) == promises.corrections + 1 and standing.get(step) == output:
            promises.corrected[step] = output
            promises.corrections += 1
    if (standing, len(rows)) == (promises.corrected, promises.corrections):
        return 0, []
    gone = {n: o for n, o in promises.corrected.items() if standing.get(n) != o}
    problem = (
        f"corrections: {len(rows)} recorded and {len(standing)} standing, expected "
        f"{promises.corrections} and {len(promises.corrected)}; lost {sorted(gone)[:5]}"
    )
    return max(1, len(gone)), [problem]


async def finish(database: Path, promises: TaskPromises, inputs: list[str]) -> list[str]:
    """Let a server learn what is due, and say what is not as without any kill."""
    app = Application(Settings(database=database, engine="echo", cache=database.parent))
    try:
        async with Client(build_server(app)) as client:
            runtime = await app.loader.ready(CallProgress(_silent, "loading"))
            app.store()
            await to_thread.run_sync(app.learner.wait)
            wrong = await to_thread.run_sync(_not_learned, app, runtime, sorted(promises.tasks))
            if TASK not in promises.tasks:
                return wrong
            begun = await client.call_tool("set_task", {"name": TASK})
            session = (begun.structured_content or {})["session_id"]
            for step, output in list(promises.corrected.items())[-ASKED_AGAIN:]:
                arguments = {"session_id": session, "input": inputs[step - 1]}
                answer = (await client.call_tool("run_step", arguments)).structured_content or {}
                if (answer.get("output"), answer.get("answered_by")) != (output, "example"):
                    wrong.append(f"step {step}: was corrected, and is answered {answer}")
    finally:
        app.close()
    return wrong


def _not_learned(app: Application, runtime: Runtime, names: list[str]) -> list[str]:
    wrong = []
    for name in names:
        store, model = app.store(), runtime.identity
        found: list[TaskVersion] = [
            store.tasks.get(name, each.number)
            for each in store.tasks.versions(name, 1_000)
            if each.accepted
        ]
        count = len(store.tasks.get(name).examples)
        if due(count, len(found[0].examples) if found else 0):
            wrong.append(f"task {name!r}: is due with {count} examples and was not learned")
        if not found:
            continue
        last = found[0]
        # Of equal ways the one goes on that served then: one of those accepted before, or none.
        qualities = [quality_of(each.quality, model) for each in found]
        ways: set[Way | None] = {None, *(each.serving for each in qualities if each is not None)}
        same = next(each for each in reversed(found) if each.quality == last.quality)
        task, form, mode = task_of(same), form_of(same), mode_of(same)
        if not any(learn(runtime, task, form, mode, before=w) == qualities[0] for w in ways):
            wrong.append(f"task {name!r}: version {last.number} was learned to another quality")
    return wrong


async def _silent(share: float, total: float, message: str) -> None:
    pass
