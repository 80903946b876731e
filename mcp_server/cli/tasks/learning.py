"""`hypernet-mcp tasks learn` and `test`: with the model, in this process."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any

import click

from hypernet.terminal import Command
from mcp_server.cli.display import COLUMNS, counted, fitted, show_json, show_table
from mcp_server.cli.opening import Refusal, owner, reader
from mcp_server.cli.tasks.display import show_places, show_quality
from mcp_server.cli.tasks.options import AS_JSON, COLUMNS_OF, DRY_RUN, EXISTING, WORDS
from mcp_server.tasks.reading import FileError, read_examples

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from checkpoints import Store, TaskVersion
    from hypernet.progress import Progress
    from hypernet.runtime import Runtime
    from mcp_server.app.settings import Settings
    from mcp_server.tasks.testing import Tested, Wrong

WRONG_SHOWN = 20
INTERRUPTED = 130


@click.command(cls=Command)
@click.argument("name")
@DRY_RUN
@AS_JSON
@click.pass_obj
def learn(settings: Settings, name: str, dry_run: bool, as_json: bool) -> None:
    """Learn a task from its examples now: measure every way to serve it, and take the best.

    A running server does this by itself. Interrupted, it goes on where it stopped when it is
    called again. A dry run loads the model, tries a little, and tells about how long it takes.
    """
    if dry_run:
        _estimate(settings, name, as_json)
        return
    from mcp_server.tasks.learner import learn_version, learning_folder
    from mcp_server.tasks.quality import quality_of, quality_result

    beside = "a running server learns its tasks by itself; `hypernet-mcp tasks show NAME` tells"
    with owner(settings, WORDS, there=True, beside=beside) as store:
        version = _to_learn(store, name)
        with _model(settings, as_json) as (runtime, told):
            model = runtime.identity
            changed = quality_of(version.quality, model) is None
            if changed:
                folder = learning_folder(settings.cache, settings.database)
                try:
                    learn_version(runtime, store, version, folder, told)
                except KeyboardInterrupt:
                    click.echo("stopped; the same command goes on from here", err=True)
                    sys.exit(INTERRUPTED)
        learned = store.tasks.version(version.digest)
    quality = quality_result(learned, model)
    assert quality is not None  # noqa: S101  # for the type checker: it was measured
    if as_json:
        show_json({"name": version.task, "changed": changed, "quality": quality.model_dump()})
        return
    about = counted(quality.examples, "example")
    what = "learned" if changed else "nothing changed: was learned already"
    click.echo(fitted(f"{version.task} version {version.number}: {what}, {about}", COLUMNS))
    show_quality(quality)


def _to_learn(store: Store, name: str) -> TaskVersion:
    """The current version, if it has enough examples to hold some out."""
    from hypernet.learning.folds import LEAST
    from hypernet.task import as_read

    version = store.tasks.get(name)
    inputs = {as_read(each.input) for each in version.examples}
    if len(inputs) < LEAST:
        raise Refusal(
            f"NAME: task {version.task!r} has {counted(len(inputs), 'different input')}, {LEAST} "
            "are needed to hold some out; `hypernet-mcp tasks add NAME FILE` gives it more"
        )
    return version


def _estimate(settings: Settings, name: str, as_json: bool) -> None:
    from mcp_server.tasks.estimate import estimate
    from mcp_server.tasks.quality import quality_of
    from mcp_server.tasks.serving import form_of, mode_of, task_of

    with reader(settings, WORDS) as store:
        version = _to_learn(store, name)
    with _model(settings, as_json) as (runtime, told):
        if quality_of(version.quality, runtime.identity) is not None:
            if as_json:
                show_json({"name": version.task, "would_change": False})
            else:
                click.echo("nothing would change: this version was learned already")
            return
        told(0.5, "trying a few questions and training steps")
        found = estimate(runtime, task_of(version), form_of(version), mode_of(version))
    if as_json:
        show_json(
            {
                "name": version.task,
                "would_change": True,
                "examples": len(version.examples),
                "turns": found.turns,
                "questions": found.questions,
                "seconds": round(found.seconds, 1),
            }
        )
        return
    turns = counted(found.turns, "turn")
    click.echo(
        f"{counted(len(version.examples), 'example')}: {turns} of holding some out, "
        f"{found.questions} questions"
    )
    click.echo(f"about {max(1, round(found.seconds))} s on this machine as it is now")


@click.command(cls=Command)
@click.argument("name")
@click.argument("file", type=EXISTING)
@COLUMNS_OF[0]
@COLUMNS_OF[1]
@AS_JSON
@click.pass_obj
def test(
    settings: Settings,
    name: str,
    file: Path,
    input_column: str | None,
    output_column: str | None,
    as_json: bool,
) -> None:
    """Ask the inputs of FILE as steps would, and tell how many answers are right.

    FILE is as for `add`. Nothing is recorded or learned. An interval is 95 % of the share.
    """
    from mcp_server.tasks.serving import named_task
    from mcp_server.tasks.testing import test_task

    with reader(settings, WORDS) as store:
        labels = store.tasks.get(name).definition.labels
    try:
        read = read_examples(file, input_column, output_column)
    except FileError as error:
        raise Refusal(f"FILE: {error}") from error
    read = read.allowed(labels)
    problems = [f"{where}: {why}" for where, why in read.problems]
    if not read.examples:
        show_places("of its lines are no examples", problems)
        raise Refusal("FILE: holds nothing to ask")
    with _model(settings, as_json) as (runtime, told):
        with reader(settings, WORDS) as store:
            named = named_task(store, name, runtime.identity)
        tested = test_task(named, runtime, read.examples, told)
    _report(name, tested, problems, as_json)


def _report(name: str, tested: Tested, problems: list[str], as_json: bool) -> None:
    figure, wrong = tested.figure, tested.wrong
    low, high = figure.interval
    if as_json:
        show_json(
            {
                "name": name,
                "serving": tested.serving,
                "right": figure.right,
                "asked": figure.asked,
                "low": round(low, 3),
                "high": round(high, 3),
                "unanswered": tested.unanswered,
                "among_its_examples": tested.among_its_examples,
                "not_read": problems,
                "wrong": [
                    {"where": e.asked.where, "input": e.asked.input, "right": e.asked.output}
                    | {"given": e.given, "confidence": e.confidence}
                    for e in wrong
                ],
            }
        )
        return
    show_places("of its lines are no examples and were not asked", problems)
    served = f"served by {tested.serving}" if tested.serving else "not measured yet"
    click.echo(fitted(f"{name}, {served}", COLUMNS))
    share = f"{figure.share:.2f} ({low:.2f} to {high:.2f})"
    click.echo(f"{figure.right} of {figure.asked} right: {share}")
    if tested.among_its_examples:
        click.echo(
            f"{tested.among_its_examples} of the inputs are among its examples: the figure "
            "flatters it"
        )
    if wrong:
        rows = [_row(each) for each in wrong[:WRONG_SHOWN]]
        show_table(("wrong", "input", "right", "given", "sure"), rows, whole=0)
    if len(wrong) > WRONG_SHOWN:
        click.echo(f"and {len(wrong) - WRONG_SHOWN} more; --json has all")


def _row(wrong: Wrong) -> tuple[str, ...]:
    asked = wrong.asked
    given = "(too long)" if wrong.given is None else wrong.given
    sure = "" if wrong.confidence is None else f"{wrong.confidence:.2f}"
    return asked.where, asked.input, asked.output, given, sure


@contextlib.contextmanager
def _model(settings: Settings, as_json: bool) -> Iterator[tuple[Runtime, Progress]]:
    """The model side, loaded, and what takes progress to the terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from hypernet.engine.interface import EngineError
    from hypernet.runtime import load_runtime
    from mcp_server.app.loader import SHOWN_ERRORS, options_of

    columns: tuple[Any, ...] = (
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
    )
    console = Console(stderr=True, quiet=as_json)
    with Progress(*columns, console=console, transient=True) as bar:
        row = bar.add_task("loading the model", total=1.0)

        def told(fraction: float, message: str) -> None:
            bar.update(row, completed=fraction, description=message)

        try:
            runtime = load_runtime(options_of(settings), told)
        except SHOWN_ERRORS as error:
            raise Refusal(WORDS.said(str(error))) from error
        try:
            yield runtime, told
        except (EngineError, ValueError) as error:
            raise Refusal(WORDS.said(str(error))) from error
        finally:
            runtime.close()
