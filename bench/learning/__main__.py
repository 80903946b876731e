"""What learning from examples brings, on task files of one's own choice.

    python -m bench.learning FILE … [--examples 16 64] [--seeds 3] [--stream 200] [--rows FILE]

Each task is learned from so many of its instances under each draw, and other instances are asked
under every way and under the one that serves. With `--stream`, tasks with enough instances also
answer so many in turn from nothing on, each wrong answer corrected. Rows are kept in a file: who
stops goes on from it. The figures, with intervals over tasks:

| key | what |
|---|---|
| `gate_minus_best@K`, `gate_minus_prompted@K`, `gate_minus_words@K` | label tasks: accuracy of what the gate serves, less that of the single way that is best over all tasks (`best@K`), the prompted base's, the classifier's |
| `learned_minus_text@K` | tasks without labels: exact answers of what is served, less those of the text alone |
| `ece@K`, `caught@K`, `asked@K` | label tasks: expected calibration error; of the wrong answers those under 0.8; of all answers those |
| `learn_K_s` | seconds to learn, median |
| `late_over_early` | wrong answers among the last fourth of a stream over those among its first |
"""  # noqa: E501  # a table's rows

from __future__ import annotations

import argparse
import json
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.learning.cases import cases
from bench.learning.gate import tried
from bench.learning.stream import streamed
from hypernet.evaluation.scores import interval
from hypernet.learning.judges.calibration import expected_error
from hypernet.learning.ways import MODEL_WAYS
from hypernet.runtime import RuntimeOptions, load_runtime

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    Row = dict[str, Any]

ASK_BELOW = 0.8


def main() -> None:
    """Run what is missing in the rows, then print the figures of all of them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tasks", type=Path, nargs="+", help="task files or folders")
    parser.add_argument("--examples", type=int, nargs="*", default=[16, 64])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--ask", type=int, default=40, help="instances asked of each task")
    parser.add_argument("--most-tokens", type=int, default=256, help="of an input")
    parser.add_argument("--stream", type=int, default=0, help="inputs of a stream; 0: none")
    parser.add_argument("--only", nargs="*", help="tasks whose names hold one of these")
    parser.add_argument("--hypernetwork")
    parser.add_argument("--rows", type=Path, default=Path("learning-rows.jsonl"))
    given = parser.parse_args()
    rows = _read(given.rows)
    runtime = load_runtime(RuntimeOptions(hypernetwork=given.hypernetwork))
    work: list[tuple[Callable[..., Row], list[int], int]] = [(tried, given.examples, given.ask)]
    if given.stream:
        work.append((streamed, [0], given.stream))
    for run, counts, ask in work:
        for case in cases(
            given.tasks,
            runtime.engine,
            counts=counts,
            seeds=range(given.seeds),
            ask=ask,
            most_tokens=given.most_tokens,
        ):
            key = f"{run.__name__} {case.key}"
            wanted = not given.only or any(part in case.name for part in given.only)
            if key in rows or not wanted:
                continue
            rows[key] = {"key": key, **run(runtime, case)}
            with given.rows.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps(rows[key]) + "\n")
            shown = {
                k: v for k, v in rows[key].items() if k not in ("sure", "shares", "wrong", "key")
            }
            print(json.dumps(shown), flush=True)
    runtime.close()
    print(json.dumps(figures(list(rows.values())), indent=1))


def figures(rows: Sequence[Row]) -> dict[str, Any]:
    """The keys of the report, for every number of examples."""
    found: dict[str, Any] = {}
    learned = [row for row in rows if "asked" in row]
    for count in sorted({row["examples"] for row in learned}):
        own = [row for row in learned if row["examples"] == count]
        labels, free = [r for r in own if r["labels"]], [r for r in own if not r["labels"]]
        found[f"learn_{count}_s"] = round(float(np.median([row["seconds"] for row in own])), 1)
        if labels:
            best = max(
                (*MODEL_WAYS, "words"), key=lambda way: sum(row["asked"][way] for row in labels)
            )
            found |= {
                f"best@{count}": best,
                f"gate_minus_best@{count}": _difference(labels, itemgetter(best)),
                f"gate_minus_prompted@{count}": _difference(labels, itemgetter("prompted")),
                f"gate_minus_words@{count}": _difference(labels, itemgetter("words")),
            }
            found |= _confidence(labels, count)
        if free:
            found[f"learned_minus_text@{count}"] = _difference(free, itemgetter("text"))
    streams = [row for row in rows if "wrong" in row]
    if streams:
        found["late_over_early"] = {
            kind: _late_over_early([row for row in streams if bool(row["labels"]) == labelled])
            for kind, labelled in (("labels", True), ("free", False))
        }
    return found


def _difference(
    rows: Iterable[Row], other: Callable[[dict[str, float]], float]
) -> dict[str, float]:
    """The served accuracy less another, by task: mean and interval."""
    by_task: dict[str, list[float]] = {}
    for row in rows:
        own = row["asked"]["served"] - other(row["asked"])
        by_task.setdefault(row["task"], []).append(own)
    means = [float(np.mean(values)) for values in by_task.values()]
    return {**interval(means), "tasks": len(means)}


def _confidence(rows: Sequence[Row], count: int) -> dict[str, float]:
    answers = [tuple(pair) for row in rows for pair in row["sure"]["served"]]
    wrong = [p for p, right in answers if not right]
    return {
        f"ece@{count}": expected_error(answers),
        f"caught@{count}": sum(p < ASK_BELOW for p in wrong) / max(1, len(wrong)),
        f"asked@{count}": sum(p < ASK_BELOW for p, _ in answers) / len(answers),
    }


def _late_over_early(rows: Sequence[Row]) -> dict[str, Any] | None:
    parts = [(row["wrong"], len(row["wrong"]) // 4) for row in rows]
    early = sum(sum(wrong[:part]) for wrong, part in parts)
    late = sum(sum(wrong[-part:]) for wrong, part in parts)
    if not early:
        return None
    tasks = len({row["task"] for row in rows})
    return {"ratio": late / early, "late": late, "early": early, "tasks": tasks}


def _read(file: Path) -> dict[str, Row]:
    if not file.is_file():
        return {}
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return {row["key"]: row for row in rows}


if __name__ == "__main__":
    main()
