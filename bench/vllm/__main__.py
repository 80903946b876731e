"""vLLM as an engine, on a real server of it that this starts (`make vllm` installs it).

    python -m bench.vllm [FILE …] [--only same soak speed job] [--json FILE]

Tasks and inputs are those of the task files, or generated documents of kinds that are held out of
training. The figures:

| key | what |
|---|---|
| `same_outputs_adapter`, `same_outputs_hybrid` | of 200 inputs of 20 tasks, both engines in float32: those with equal answers |
| `same_labels` | the same choice, of the tasks with labels |
| `unexplained` | differences at no tie |
| `right_…_on_all` | answers that are right on a vLLM without the plugin, where adapters act on the whole prompt |
| `wrong`, `lost` | 2,000 requests over 100 adapters from 16 clients, the server killed in between: other answers than alone; requests without an answer, or with two |
| `overhead_ms` | a step through `run_step` less the same at vLLM's door, median |
| `through_vs_direct` | steps a second of 16 clients with 16 adapters, through us / directly |
| `ours_vs_vllm_1`, `ours_vs_vllm_16` | tokens a second of the same requests, our engine / vLLM, both in bfloat16 |
"""  # noqa: E501  # a table's rows

from __future__ import annotations

import argparse
import json
import tempfile
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import torch

from bench.vllm.cases import Asked, cases
from bench.vllm.compare import cost_of_acting_on_all, same
from bench.vllm.server import ENVIRONMENT, VllmServer, running
from bench.vllm.soak import soak
from bench.vllm.speed import CLIENTS, TASK, TEXT, job, overhead
from hypernet.base_model.loading import base_folder, load_base
from hypernet.engine.torch.engine import TorchEngine
from hypernet.engine.vllm import load
from hypernet.runtime import RuntimeOptions, load_runtime, load_writer
from hypernet.task import Task
from mcp_server.app.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hypernet.runtime import Runtime

ADAPTERS = 100
SOAK_TASK = "Answer question {n} about the note."
PARTS = ("same", "on_all", "soak", "speed", "job")


def main() -> None:
    """Run the parts asked for; their figures are kept in the file as they come."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", type=Path, nargs="*", help="task files")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--tasks", type=int, default=20)
    parser.add_argument("--inputs", type=int, default=10, help="of each task")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--requests", type=int, default=2000, help="of the soak")
    parser.add_argument("--restarts", type=int, default=3, help="of the server, during the soak")
    parser.add_argument("--steps", type=int, default=40, help="of the overhead")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--environment", type=Path, default=ENVIRONMENT, help="vLLM's own")
    parser.add_argument("--log", type=Path, default=Path("bench-vllm.log"), help="the server's")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for part in given.only:
            figures |= globals()[f"_{part}"](given, Path(folder))
            text = json.dumps(figures, indent=1, ensure_ascii=False)
            if given.json is not None:
                given.json.write_text(f"{text}\n", encoding="utf-8")
    print(text)


def _same(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Both in float32, or rounding alone would part them."""
    figures, differences = list[dict[str, Any]](), list[dict[str, Any]]()
    with _vllm(given, folder, "float32") as (_, runtime), closing(_own_float32()) as own:
        assert runtime.library is not None  # noqa: S101  # for the type checker: it ships weights
        for seed in given.seeds:
            asked = cases(
                given.files, runtime.library, own,
                tasks=given.tasks, inputs=given.inputs, seed=seed,
            )  # fmt: skip
            found, parted = same(own, runtime.engine, asked)
            figures.append({"seed": seed, "inputs": len(asked), **found})
            differences += parted
    return {
        "same": figures,
        "differences": differences,
        "unexplained": sum(not each["tie"] for each in differences),
    }


def _on_all(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    figures = []
    with (
        _vllm(given, folder, "float32", plugin=False) as (_, runtime),
        closing(_own_float32()) as own,
    ):
        assert runtime.library is not None  # noqa: S101  # as above
        for seed in given.seeds:
            asked = cases(
                given.files, runtime.library, own,
                tasks=given.tasks, inputs=given.inputs, seed=seed,
            )  # fmt: skip
            cost = cost_of_acting_on_all(own, runtime.engine, asked)
            figures.append({"seed": seed, "inputs": len(asked), **cost})
    return {"on_all": figures}


def _soak(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    with _vllm(given, folder, "float32", rows=CLIENTS) as (server, runtime):
        # By the generator itself: the library gives tasks that it does not know one adapter.
        generator = load_writer(RuntimeOptions()).generator
        assert generator is not None  # noqa: S101  # for the type checker: it ships weights
        tasks = [Task(SOAK_TASK.format(n=n)) for n in range(ADAPTERS)]
        asked = [
            Asked(task, generator.write(task), TEXT.format(n=n), ()) for n, task in enumerate(tasks)
        ]
        return soak(server, runtime.engine, asked, requests=given.requests, restarts=given.restarts)


def _speed(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    server = _server(given, folder, "bfloat16", plugin=True)
    with running(server):
        settings = Settings(
            database=folder / "speed.db",
            engine="vllm",
            engine_url=server.url,
            adapters=server.adapters.absolute(),
            rows=CLIENTS,
        )
        return anyio.run(partial(overhead, settings, server.url, given.steps, given.rounds))


def _job(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    own = load_runtime(RuntimeOptions(rows=CLIENTS, decode_at_once=True))
    with closing(own), _vllm(given, folder, "bfloat16", rows=CLIENTS) as (_, runtime):
        assert runtime.library is not None  # noqa: S101  # as above
        tasks = [Task(TASK.format(n=n, letter=chr(65 + n))) for n in range(CLIENTS)]
        adapters = [runtime.library.get(task).adapter for task in tasks]
        return job({"own": own.engine, "vllm": runtime.engine}, adapters, given.rounds)


@contextmanager
def _vllm(
    given: argparse.Namespace, folder: Path, dtype: str, *, plugin: bool = True, rows: int = 8
) -> Iterator[tuple[VllmServer, Runtime]]:
    server = _server(given, folder, dtype, plugin=plugin)
    with running(server):
        options = RuntimeOptions(engine_url=server.url, adapters=server.adapters, rows=rows)
        with closing(load(options, lambda _, message: None)) as runtime:
            yield server, runtime


def _server(given: argparse.Namespace, folder: Path, dtype: str, *, plugin: bool) -> VllmServer:
    source = load_writer(RuntimeOptions()).base.source
    return VllmServer(
        model=base_folder(source, RuntimeOptions().cache),
        adapters=(folder / "adapters").absolute(),
        log=given.log,
        environment=given.environment,
        dtype=dtype,
        plugin=plugin,
    )


def _own_float32() -> TorchEngine:
    writer = load_writer(RuntimeOptions())
    base = load_base(writer.base.source, RuntimeOptions().cache, dtype=torch.float32)
    return TorchEngine(base, rank=writer.rank)


if __name__ == "__main__":
    main()
