"""The commands of `hypernet` that train, evaluate and certify a hypernetwork.

Torch is imported when a command needs it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from hypernet.base_model.sources import ModelNotFoundError
from hypernet.cli.options import (
    ERRORS,
    Command,
    base_option,
    cache_option,
    encoder_option,
    in_shell_words,
    output,
    weights_option,
)
from hypernet.engine.interface import EngineError
from hypernet.files import replacing
from hypernet.hypernetwork.card import read_card
from hypernet.terminal import Cell


@click.command(cls=Command)
@click.argument("config", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="[default: runs/NAME]"
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Check the settings and the task files, estimate the time, then stop.",
)
@cache_option
def train(*, config: Path, out: Path | None, dry_run: bool, cache: Path) -> None:
    """Train a hypernetwork; run it again to go on where it stopped.

    CONFIG is a TOML file, or a folder of your own tasks (TASK/task.yaml and JSON lines): then
    training goes on from the shipped hypernetwork.
    """
    from hypernet.training.config import TrainConfig
    from hypernet.training.dry_run import dry_run as lines_of_dry_run
    from hypernet.training.train import train as run_training

    try:
        settings = TrainConfig.of_folder(config) if config.is_dir() else TrainConfig.read(config)
        if dry_run:
            for line in lines_of_dry_run(settings, cache, _lines):
                click.echo(line)
            return
        folder = run_training(settings, out or Path("runs") / settings.name, cache, _lines)
    except (ValueError, FileNotFoundError, ModelNotFoundError) as error:
        raise click.ClickException(in_shell_words(error)) from error
    if rows := read_card(folder)["development"].get("comparison"):
        Console().print(_comparison(rows))
    click.echo(folder)


def _comparison(rows: list[dict[str, Any]]) -> Table:
    """Exact answers before and after a run: of each of its own tasks, and of the old ones."""
    table = Table("task", "asked", "without its text", "with it", title="exact, before and after")
    for row in (row for row in rows if row["own"]):
        table.add_row(Cell(row["task"]), str(row["instances"]), *_before_after([row]))
    if old := [row for row in rows if not row["own"]]:
        asked = str(sum(row["instances"] for row in old))
        table.add_row(f"{len(old)} old tasks", asked, *_before_after(old))
    return table


def _before_after(rows: list[dict[str, Any]]) -> list[str]:
    def mean(key: str) -> float:
        return float(sum(row[key] for row in rows) / len(rows))

    return [f"{mean(f'{arm}_before'):.2f} to {mean(arm):.2f}" for arm in ("matched", "hybrid")]


def _seeds(context: click.Context, option: click.Parameter, text: str) -> tuple[int, ...]:
    try:
        seeds = tuple(int(part) for part in text.split(","))
    except ValueError:
        seeds = ()
    if not seeds or min(seeds) < 0:
        raise click.BadParameter(f"{text!r} is not a list of whole numbers such as 0,1,2")
    return seeds


@click.command(cls=Command)
@click.option(
    "--tasks",
    multiple=True,
    required=True,
    type=click.Path(exists=True, path_type=Path),
    help="Task file, folder of them, or folder of your own tasks; several may follow.",
)
@click.argument("more", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--arms", help="By name, with commas between. [default: the ten usual ones]")
@click.option("--seeds", default="0,1,2", show_default=True, callback=_seeds)
@click.option(
    "--per-task",
    type=click.IntRange(1),
    help="Instances asked of each task. [default: 10, or as many as every task has]",
)
@output("--json", "out", help="Write the report here.")
@output("--plot", help="Draw it here: .svg or .png.")
@click.option("--no-labels", is_flag=True, help="Leave the choice among labels out.")
@click.option("--dry-run", is_flag=True, help="Say what would run, then stop.")
@weights_option
@base_option
@encoder_option
@cache_option
@click.option("--device", default="cpu", show_default=True)
def evaluate(
    *,
    tasks: tuple[Path, ...],
    more: tuple[Path, ...],
    arms: str | None,
    seeds: tuple[int, ...],
    per_task: int | None,
    out: Path | None,
    plot: Path | None,
    no_labels: bool,
    dry_run: bool,
    hypernetwork: str | None,
    base: str | None,
    encoder: str | None,
    cache: Path,
    device: str,
) -> None:
    """Let every arm answer the same instances, and compare; run again to go on after a stop."""
    from hypernet.evaluation import plots as plotting
    from hypernet.evaluation.evaluate import evaluate as run_evaluation
    from hypernet.evaluation.plan import EvaluateOptions, plan_work

    options = EvaluateOptions(
        tasks=(*tasks, *more),
        arms=tuple(arms.split(",")) if arms is not None else None,
        seeds=seeds,
        per_task=per_task,
        labels=not no_labels,
        hypernetwork=hypernetwork,
        base=base,
        encoder=encoder,
        cache=cache,
        device=device,
        out=out,
    )
    if plot is not None:
        plotting.check(plot)
    try:
        if dry_run:
            work = plan_work(options, _lines)
            instances = sum(len(task.instances) for task in work.tasks)
            click.echo(f"tasks       {len(work.tasks)}, {instances} instances in the files")
            click.echo(f"asked       {work.per_task} of each task under each seed {seeds}")
            click.echo(f"arms        {', '.join(arm.name for arm in work.arms)}")
            click.echo(f"model calls {work.calls}")
            return
        report = run_evaluation(options, _lines)
    except (ValueError, FileNotFoundError, ModelNotFoundError, ModuleNotFoundError) as error:
        raise click.ClickException(in_shell_words(error)) from error
    except EngineError as error:
        raise click.ClickException(f"the engine refused a step: {in_shell_words(error)}") from error
    if out is not None:
        with replacing(out) as stream:
            stream.write(json.dumps(report, indent=1, ensure_ascii=False).encode() + b"\n")
    if plot is not None:
        plotting.draw(report, plot)
    _show(report)


def _named(
    context: click.Context, option: click.Parameter, texts: tuple[str, ...]
) -> dict[str, Path]:
    """NAME=FILE, each name once."""
    found: dict[str, Path] = {}
    for text in texts:
        name, _, file = text.partition("=")
        if not name or not Path(file).is_file():
            raise click.BadParameter(f"{text!r} is not NAME=FILE with a file that is there")
        if name in found:
            raise click.BadParameter(f"{name!r} is named twice")
        found[name] = Path(file)
    return found


@click.command(cls=Command)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--evaluation",
    "evaluations",
    multiple=True,
    metavar="NAME=REPORT",
    callback=_named,
    help="A report of `evaluate --json`, by name: known, unseen, examples, mixture or "
    "oracle; repeat it.",
)
@click.option(
    "--forgetting",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What `python -m bench.forgetting --json` wrote.",
)
@click.option("--check", is_flag=True, help="Only say whether the certificate is of the weights.")
@output("--html", help="Render the certificate here, as a page to read.")
def card(
    *,
    folder: Path,
    evaluations: dict[str, Path],
    forgetting: Path | None,
    check: bool,
    html: Path | None,
) -> None:
    """Certify the weights in FOLDER: put evaluation reports beside them, as certificate.json.

    With --check, only say whether the certificate there is of these weights; with --html, render it
    as a page.
    """
    from hypernet.evaluation import certificate

    if check and (evaluations or forgetting):
        raise click.UsageError("--check takes neither --evaluation nor --forgetting")
    if not check and not evaluations and not html:
        raise click.UsageError(
            "name a report with --evaluation NAME=REPORT, or give --check or --html OUT.html"
        )
    if forgetting and not evaluations:
        raise click.UsageError("--forgetting goes with --evaluation NAME=REPORT")
    try:
        if check:
            certificate.check(folder)
            click.echo(f"{folder}: the certificate is of these weights")
        if evaluations:
            reports = {name: _json(file) for name, file in evaluations.items()}
            certificate.build(folder, reports, _json(forgetting) if forgetting else None)
            click.echo(folder / certificate.CERTIFICATE_FILE)
        if html is not None:
            page = certificate.render(folder)
            with replacing(html) as stream:
                stream.write(page.encode())
            click.echo(html)
    except ValueError as error:
        raise click.ClickException(in_shell_words(error)) from error


def _lines(fraction: float, message: str) -> None:
    """Progress as lines, which keep what was before."""
    ERRORS.print(message)


def _json(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:  # not UTF-8, or not JSON
        raise ValueError(f"{file}: not JSON ({error})") from error
    if not isinstance(found, dict):
        raise ValueError(f"{file}: not a JSON object")
    return found


def _show(report: dict[str, Any]) -> None:
    """The arms, then the contrasts, as tables."""
    arms = Table("arm", "ROUGE-L", "95 % interval", "exact", "labels", "prompt tokens", box=None)
    for name, arm in report["arms"].items():
        labels = "-" if arm["label_accuracy"] is None else f"{arm['label_accuracy']:.3f}"
        between = f"{arm['rouge_l_low']:.3f} to {arm['rouge_l_high']:.3f}"
        score, tokens = f"{arm['rouge_l']:.3f}", f"{arm['prompt_tokens']:.0f}"
        arms.add_row(name, score, between, f"{arm['exact']:.3f}", labels, tokens)
    Console().print(arms)
    scores = {"contrasts": "ROUGE-L", "contrasts_exact": "exact", "contrasts_label": "labels"}
    contrasts = Table("contrast", "of", "difference", "95 % interval", box=None)
    for title, score in scores.items():
        for name, value in report[title].items():
            between = f"{value['low']:+.3f} to {value['high']:+.3f}"
            contrasts.add_row(name, score, f"{value['mean']:+.3f}", between)
    if contrasts.rows:
        Console().print(contrasts)


COMMANDS = {"card": card, "evaluate": evaluate, "train": train}
