"""What is asked: tasks nobody trained on, with inputs, from task files or generated ones."""

from __future__ import annotations

import random
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hypernet.engine.interface import Request
from hypernet.training.task_files import read_any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hypernet.adapters.cache import AdapterCache
    from hypernet.engine.interface import Adapter, Engine
    from hypernet.task import Task

MOST_INPUT = 300
ANSWER = 32


@dataclass(frozen=True)
class Asked:
    """An input of a task, and what is right."""

    task: Task
    adapter: Adapter
    input: str
    outputs: tuple[str, ...]

    def request(self, mode: str, *, labels: bool) -> Request:
        """The step as a mode has it, free to write unless it chooses among the labels."""
        return Request(
            self.input,
            prefix="" if mode == "adapter" else self.task.prefix_text(),
            adapter=None if mode == "prompted" else self.adapter,
            labels=self.task.labels if labels else (),
            max_tokens=ANSWER,
            max_seconds=600,
        )

    def right(self, output: str) -> bool:
        """Whether an answer is one of the right ones, but for case and white space."""
        return _plain(output) in {_plain(each) for each in self.outputs}


def cases(
    files: Sequence[Path],
    library: AdapterCache,
    engine: Engine,
    *,
    tasks: int,
    inputs: int,
    seed: int,
) -> list[Asked]:
    """So many inputs of so many tasks, drawn by the seed.

    Args:
        files: task files; none: documents are generated, of kinds that are held out of training.
        library: writes the adapters.
        engine: counts tokens; long inputs are left out.
        tasks: how many tasks.
        inputs: how many of each.
        seed: of the draw.
    """
    with tempfile.TemporaryDirectory() as own:
        data = [task for file in (files or _generated(Path(own), seed)) for task in read_any(file)]
    draw = random.Random(seed)  # noqa: S311  # sampling, not secrets
    found: list[Asked] = []
    for each in draw.sample(data, len(data)):
        short = [i for i in each.instances if engine.count(i.input) <= MOST_INPUT]
        if len(short) < inputs:
            continue
        adapter = library.get(each.task).adapter
        chosen = draw.sample(short, inputs)
        found += [Asked(each.task, adapter, i.input, tuple(i.outputs)) for i in chosen]
        if len(found) == tasks * inputs:
            break
    return found


def _generated(folder: Path, seed: int) -> list[Path]:
    from tasks.__main__ import main

    main(["--out", str(folder), "--documents", "4", "--seed", str(seed)])
    return sorted(folder.glob("dev_new_kinds*.jsonl.gz")) or sorted(folder.glob("dev_*.jsonl.gz"))


def _plain(text: str) -> str:
    return " ".join(text.casefold().split()).strip(" .")
