"""The `hypernet` command: the model side from the command line.

Torch is imported when a command needs it.
"""

from __future__ import annotations

import sys
from collections import deque
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click
from rich.console import Console
from rich.table import Table

from hypernet.adapters.plan import MODES, Mode, make_plan
from hypernet.base_model.sources import ModelNotFoundError
from hypernet.cli.options import (
    ERRORS,
    Command,
    base_option,
    cache_option,
    encoder_option,
    in_shell_words,
    weights_option,
)
from hypernet.copying import copies, copy_of
from hypernet.engine.checks import check_labels
from hypernet.engine.interface import EngineError, Request, confidence_of
from hypernet.model_files import BrokenModelError
from hypernet.runtime import Runtime, RuntimeOptions, load_runtime, wait_without_spinning
from hypernet.task import Example, Task
from hypernet.terminal import Group, TextError, json_text, lines_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from hypernet.engine.interface import Generation, Ticket

    # Where an input was given, and its text or why it is none.
    Given = tuple[str, str | TextError]

TRAINING = ("card", "evaluate", "train")


def _not_empty(context: click.Context, option: click.Parameter, text: str) -> str:
    if not text.strip():
        raise click.BadParameter("must not be empty")
    return text


_task = click.option(
    "--task",
    "description",
    required=True,
    callback=_not_empty,
    help="What the weights are for.",
)
_labels = click.option("--label", "labels", multiple=True, help="An allowed answer; repeat it.")


class _Commands(Group):
    """The commands here, and those of training, whose module is imported when one is looked up."""

    command_class = Command

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *TRAINING})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in TRAINING:
            return super().get_command(ctx, cmd_name)
        command: click.Command = import_module("hypernet.cli.training").COMMANDS[cmd_name]
        return command


@click.group(cls=_Commands, context_settings={"max_content_width": 100})
@click.version_option(package_name="hypernet-mcp", prog_name="hypernet")
def main() -> None:
    """Write weights from task descriptions, run them, and train the network that writes them."""
    wait_without_spinning()


@main.command()
@_task
@_labels
@click.option("--example", "examples", multiple=True, nargs=2, help="INPUT OUTPUT; repeat it.")
@click.option("--mode", type=click.Choice(MODES), default="auto", show_default=True)
@click.option("--file", type=click.File("rb"), help="Inputs, one a line. [default: the arguments]")
@click.option(
    "--copy/--no-copy",
    default=None,
    help="Hold each output to be a span of its input. [default: where the examples show it]",
)
@click.option("--max-tokens", type=click.IntRange(1, 2048), default=128, show_default=True)
@click.option("--temperature", type=click.FloatRange(0, 2), default=0.0, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@base_option
@weights_option
@encoder_option
@cache_option
@click.argument("inputs", nargs=-1)
def run(
    *,
    description: str,
    labels: tuple[str, ...],
    examples: tuple[tuple[str, str], ...],
    mode: Mode,
    file: BinaryIO | None,
    copy: bool | None,
    max_tokens: int,
    temperature: float,
    seed: int,
    as_json: bool,
    base: str | None,
    hypernetwork: str | None,
    encoder: str | None,
    cache: Path,
    inputs: tuple[str, ...],
) -> None:
    """Run a task on INPUTS: arguments, the lines of --file, or of a pipe.

    An input that cannot be answered is told on stderr by its number, the others are answered; the
    exit status is then 1. A blank line or argument is no input: it is told by its number, too, and
    left out.
    """
    given = _of_arguments(inputs)
    if file is not None:
        given += _of_lines(file)
    if not inputs and file is None and not sys.stdin.isatty():
        given = _of_lines(sys.stdin.buffer)
    given = _without_blanks(given)
    if not given:
        raise click.UsageError("no input: give it as arguments, with --file, or through a pipe")
    _check_labels(labels)
    if copy and labels:
        raise click.UsageError("give either --label or --copy")
    task = Task(description, labels, tuple(Example(i, o) for i, o in examples)).normalised()
    for example in task.examples:
        if not task.allows(example.output):
            raise click.UsageError(f"--example: {example.output!r} is none of the labels")
    runtime = _load(base, hypernetwork, encoder, cache, decodes=not labels)
    failed = 0
    try:
        plan = make_plan(runtime.library, task, mode, capabilities=runtime.engine.capabilities)
        request = Request(
            input="",
            prefix=plan.prefix,
            adapter=plan.adapter,
            max_tokens=max_tokens,
            temperature=temperature,
            seed=seed,
            labels=labels,
        )
        shown = runtime.engine.capabilities.copy and copies(task)
        copied = shown if copy is None else copy

        def asked(text: str) -> Request:
            return replace(request, input=text, copy=copy_of(text, task) if copied else None)

        for where, one, done in _answers(runtime, given, asked):
            if isinstance(done, Exception):
                failed += 1
                click.echo(f"{where}: {in_shell_words(done)}", err=True)
                continue
            confidence, shares = confidence_of(done.text, done.confidence)
            record: dict[str, Any] = {
                "input": one.input,
                "output": done.text,
                "mode": plan.mode,
                "adapter": plan.adapter.digest if plan.adapter else None,
                "confidence": confidence,
                "shares": shares,
                "stop_reason": done.stop_reason,
            }
            if one.copy is not None:
                record["span"] = one.copy.span(done.text)
            click.echo(json_text(record) if as_json else done.text)
    except EngineError as error:
        raise click.ClickException(in_shell_words(error)) from error
    finally:
        runtime.close()
    if failed:
        raise click.ClickException(f"{failed} of {len(given)} inputs were not answered, see above")


@main.command()
@_task
@_labels
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Export as a PEFT directory.",
)
@base_option
@weights_option
@encoder_option
@cache_option
def generate(
    *,
    description: str,
    labels: tuple[str, ...],
    out: Path | None,
    base: str | None,
    hypernetwork: str | None,
    encoder: str | None,
    cache: Path,
) -> None:
    """Write the adapter of a task: show what it is, or export it with --out."""
    from hypernet.adapters.peft_format import save_peft

    _check_labels(labels)
    runtime = _load(base, hypernetwork, encoder, cache)
    try:
        if runtime.library is None:
            raise click.ClickException(f"no hypernetwork for base {runtime.about['base']}")
        entry = runtime.library.get(Task(description, labels))
    finally:
        runtime.close()
    adapter, fit = entry.adapter, entry.fit
    click.echo(f"adapter     {adapter.digest}, rank {adapter.rank}, {_size(adapter.nbytes)}")
    click.echo(f"fit         {fit.level}, cosine {fit.similarity:.3f}")
    click.echo(f"nearest     {', '.join(fit.nearest)}")
    click.echo(f"written in  {entry.generation_ms:.1f} ms")
    if fit.level == "unknown":
        click.echo("far from every training task: this is the multi-task component alone")
    if out is not None:
        save_peft(adapter, out, runtime.about["base"])
        click.echo(f"exported to {out}")


@main.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--any-base", is_flag=True, help="Also when its config names another base.")
@base_option
@cache_option
def inspect(*, folder: Path, any_base: bool, base: str | None, cache: Path) -> None:
    """Check a PEFT LoRA directory against the base and show its parts."""
    from hypernet.adapters.peft_format import BadAdapterError, load_peft
    from hypernet.base_model.decoder import UnsupportedModelError
    from hypernet.base_model.loading import load_base
    from hypernet.base_model.sources import base_source

    try:
        loaded = load_base(base_source(base), cache)
        adapter = load_peft(folder, loaded.forward.config, None if any_base else loaded.name)
    except (BadAdapterError, BrokenModelError, ModelNotFoundError, UnsupportedModelError) as error:
        raise click.ClickException(in_shell_words(error)) from error
    table = Table("layer", "linear", "A", "B", "norm of A·B", box=None)
    for (layer, linear), (a_Ir, b_rO) in sorted(adapter.factors.items()):
        norm = float((a_Ir.float() @ b_rO.float()).norm())
        shapes = " x ".join(map(str, a_Ir.shape)), " x ".join(map(str, b_rO.shape))
        table.add_row(str(layer), linear, *shapes, f"{norm:.3f}")
    Console().print(table)
    click.echo(f"{adapter.digest}, rank {adapter.rank}, {len(adapter.factors)} linears")


def _check_labels(labels: tuple[str, ...]) -> None:
    try:
        check_labels(labels)
    except EngineError as error:
        raise click.ClickException(in_shell_words(error)) from error


def _size(nbytes: int) -> str:
    return f"{nbytes / 1e6:.1f} MB" if nbytes >= 100_000 else f"{nbytes / 1e3:.1f} kB"


def _of_arguments(inputs: tuple[str, ...]) -> list[Given]:
    # Those that are no text were refused before, by the argument's name.
    return [(f"input {number}", text.strip()) for number, text in enumerate(inputs, 1)]


def _of_lines(file: BinaryIO) -> list[Given]:
    return [(f"line {number}", text) for number, text in lines_of(file.read())]


def _without_blanks(given: list[Given]) -> list[Given]:
    for where, text in given:
        if text == "":
            click.echo(f"{where}: is blank, left out", err=True)
    return [each for each in given if each[1] != ""]


def _answers(
    runtime: Runtime, given: Iterable[Given], asked: Callable[[str], Request]
) -> Iterator[tuple[str, Request, Generation | Exception]]:
    """Each input with its answer or fault, in order; the batch is kept full, the queue short."""
    pending: deque[tuple[str, Request, Ticket | Exception]] = deque()
    for where, text in given:
        if len(pending) == 2 * runtime.engine.limits.rows:
            yield _answered(*pending.popleft())
        request = asked("" if isinstance(text, TextError) else text)
        pending.append((where, request, _submitted(runtime, request, text)))
    for each in pending:
        yield _answered(*each)


def _submitted(runtime: Runtime, request: Request, text: str | TextError) -> Ticket | Exception:
    if isinstance(text, TextError):
        return text
    try:
        return runtime.engine.submit(request)
    except EngineError as error:
        return error


def _answered(
    where: str, request: Request, ticket: Ticket | Exception
) -> tuple[str, Request, Generation | Exception]:
    if isinstance(ticket, Exception):
        return where, request, ticket
    try:
        return where, request, ticket.result()
    except EngineError as error:
        return where, request, error


def _load(
    base: str | None,
    hypernetwork: str | None,
    encoder: str | None,
    cache: Path,
    *,
    decodes: bool = False,
) -> Runtime:
    options = RuntimeOptions(
        base=base, hypernetwork=hypernetwork, encoder=encoder, cache=cache, decode_at_once=decodes
    )
    try:
        spinner = "dots" if ERRORS.encoding.startswith("utf") else "line"
        with ERRORS.status("loading the model", spinner=spinner) as status:
            return load_runtime(options, lambda done, text: status.update(f"{done:.0%} {text}"))
    except (EngineError, ModelNotFoundError, ValueError) as error:
        raise click.ClickException(in_shell_words(error)) from error
