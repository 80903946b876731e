"""Bytes that a step adds to the database, early in a session and late.

    python -m bench.growth [--steps 10000] [--json FILE]

Steps of one size through `Store`, a checkpoint every 3. A file grows by pages, so one step's bytes
cannot be read off it: each figure is the growth of the pages in use over a window of 300 steps,
divided by 300. The first window begins at step 10, the last one ends at `--steps`. Content that
repeats or shrinks would flatter the late steps, so inputs and outputs are random words.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from checkpoints import StepDraft, Store

FIRST = 10
WINDOW = 300
WORDS = 60


def bytes_per_step(path: Path, steps: int, window: int = WINDOW) -> tuple[float, float]:
    """Bytes per step over the first window and over the last one."""
    rng = random.Random(0)  # noqa: S311  # sampling, not secrets
    words = [f"{rng.getrandbits(30):06x}"[:6] for _ in range(20_000)]
    at: dict[int, int] = {}
    marks = {FIRST, FIRST + window, steps - window, steps}
    with Store.open(path) as store:
        session = store.create_session().id
        for n in range(1, steps + 1):
            draft = StepDraft(
                input=" ".join(rng.choices(words, k=WORDS)),
                output=" ".join(rng.choices(words, k=WORDS)),
                task={"description": "summarise"},
                mode="adapter",
                adapter_digest="0" * 64,
                result={"tokens": n + 10**6},
                step_key=f"step-{n:08}",
            )
            store.append_step(session, draft)
            if n in marks:
                at[n] = _used(path)
    return (
        (at[FIRST + window] - at[FIRST]) / window,
        (at[steps] - at[steps - window]) / window,
    )


def _used(path: Path) -> int:
    # Through a reader, so that pages still in the log count as well.
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
        pages, free, size = (
            int(db.execute(f"PRAGMA {name}").fetchone()[0])
            for name in ("page_count", "freelist_count", "page_size")
        )
    return (pages - free) * size


def main() -> None:
    """Measure, print, write JSON if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        early, late = bytes_per_step(Path(folder) / "memory.db", arguments.steps)
    report = {
        "steps": arguments.steps,
        "window": WINDOW,
        "bytes_early": round(early),
        "bytes_late": round(late),
        "bytes_growth": round(late / early, 3),
    }
    for name, value in report.items():
        print(f"{name:14} {value}")
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
