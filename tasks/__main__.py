"""The command `python -m tasks`: writes task files of generated documents and questions."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from hypernet.training.task_files import write_tasks
from tasks.building import Builder, Sizes
from tasks.specification import read_kinds


def main(arguments: list[str] | None = None) -> int:
    """Write the files; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tasks", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the files")
    parser.add_argument("--vertical", help="kinds of this one alone")
    parser.add_argument("--documents", type=int, default=48, help="training documents of a kind")
    parser.add_argument("--per-task", type=int, default=24, help="instances of a task")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    try:
        chosen.out.mkdir(parents=True, exist_ok=True)
        kinds = read_kinds(chosen.vertical)
        made = Builder(chosen.seed, Sizes(chosen.documents, chosen.per_task)).built(kinds)
    except OSError as error:
        sys.stderr.write(f"--out {chosen.out}: {error.strerror}\n")
        return 1
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    write_tasks(chosen.out / "replay.jsonl.gz", made.replay())
    for name, tasks in made.files().items():
        write_tasks(chosen.out / f"{name}.jsonl.gz", tasks)
    summary = made.summary(kinds)
    text = json.dumps(summary, indent=1, ensure_ascii=False) + "\n"
    (chosen.out / "tasks.json").write_text(text, encoding="utf-8")
    del summary["kinds"]
    sys.stdout.write(json.dumps(summary) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
