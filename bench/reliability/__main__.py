"""Fit how sure answers to tasks that were not measured are, and put it into a hypernetwork's card.

    python -m bench.reliability FILE … [--seeds 3] [--examples 8] [--ask 12] [--most-tasks 30]
                                [--write]

Development tasks, none of which the weights were trained on, are asked as a step in mode `auto`
would be, through the engine that serves: without examples, or trained on `--examples` of them.
Without, tasks whose answers are spans are asked both as they come and with `copy`. Of trained
ones, and else by how well the hypernetwork knows the task, and by the kind of its answers one curve
is fitted: for labels a power of the shares, of trained ones another of those of a classifier of the
examples' words, which are multiplied; else an offset and a slope. It changes nothing where it does
no better on tasks that it was not fitted to. What is printed was measured with curves that had
not seen the task (each task is left out once), with 95 % intervals over tasks; `ece` is the
expected calibration error, `ece_0` that of all labels, `accuracy_gain` what the classifier brings.
Rows are kept in a file, and what is printed and written is of all of them: who stops goes on from
it, or takes what there is with `--seeds 0`. `--write` puts the curves into the card; those of which
there are no rows stay.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from bench.reliability.asking import Row, asked, work
from bench.reliability.fitting import figures, fitted_curves
from hypernet.files import replacing
from hypernet.hypernetwork.card import CARD_FILE, read_card
from hypernet.hypernetwork.reliability import ENTRY, Reliability
from hypernet.runtime import RuntimeOptions, load_runtime

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypernet.runtime import Runtime


def main(arguments: Sequence[str] | None = None) -> None:
    """Ask what is missing in the rows, then print the figures of all of them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tasks", type=Path, nargs="+", help="task files or folders")
    parser.add_argument("--seeds", type=int, default=1, help="draws of inputs")
    parser.add_argument("--examples", type=int, default=0, help="that each task is trained on")
    parser.add_argument("--ask", type=int, default=12, help="inputs asked of each task")
    parser.add_argument("--most-tokens", type=int, default=120, help="of an input")
    parser.add_argument(
        "--most-tasks", type=int, default=30, help="of a file and fit, drawn by chance"
    )
    parser.add_argument("--hypernetwork")
    parser.add_argument("--engine", default="torch")
    parser.add_argument("--rows", type=Path, default=Path("reliability-rows.jsonl"))
    parser.add_argument("--write", action="store_true", help="put the curves into the card")
    given = parser.parse_args(arguments)
    runtime = load_runtime(RuntimeOptions(engine=given.engine, hypernetwork=given.hypernetwork))
    try:
        folder = _folder(runtime) if given.write else None
        todo = work(
            given.tasks,
            runtime,
            seeds=range(given.seeds),
            examples=given.examples,
            ask=given.ask,
            most_tokens=given.most_tokens,
            most_tasks=given.most_tasks,
        )
        rows = _read(given.rows, runtime.identity)
        for number, each in enumerate(todo, 1):
            if each.key not in rows:
                rows[each.key] = asked(runtime, each)
                with given.rows.open("a", encoding="utf-8") as stream:
                    stream.write(json.dumps(rows[each.key].to_dict()) + "\n")
                print(f"{number} of {len(todo)}: {rows[each.key]}", flush=True)
    finally:
        runtime.close()
    found = list(rows.values())
    print(json.dumps(figures(found), indent=1))
    if folder is not None:
        curves = fitted_curves(found)
        if not curves:
            raise SystemExit("no curve: too few tasks of any level and kind; the card is as it was")
        write_card(folder, Reliability(curves))
        print(f"{folder / CARD_FILE}: {len(curves)} curves written")


def write_card(folder: Path, reliability: Reliability) -> None:
    """Put curves into the card of a hypernetwork's folder; all else in it, other curves too, stays.

    Raises:
        BadHypernetworkError: there is no card, or it is damaged.
        OSError: it cannot be written, and is as it was.
    """
    card = read_card(folder)
    curves = {**Reliability.of_card(card).curves, **reliability.curves}
    card = {**card, ENTRY: Reliability(curves).to_dict()}
    with replacing(folder / CARD_FILE) as stream:
        stream.write(json.dumps(card, indent=1, ensure_ascii=False).encode() + b"\n")


def _folder(runtime: Runtime) -> Path:
    """Where the weights are that write the adapters."""
    folder = getattr(None if runtime.library is None else runtime.library.source, "folder", None)
    if not isinstance(folder, Path):
        raise SystemExit("--write: this engine has no hypernetwork's folder; leave it out")
    return folder


def _read(file: Path, model: str) -> dict[str, Row]:
    """What was asked of this model before, by key."""
    if not file.is_file():
        return {}
    lines = file.read_text(encoding="utf-8").splitlines()
    rows = [Row(**json.loads(line)) for line in lines]
    return {row.key: row for row in rows if row.model == model}


if __name__ == "__main__":
    main()
