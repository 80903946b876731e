"""Whole jobs under different ways to serve their steps, with the interventions counted.

    python -m bench.agents [--agents code intel papers] [--seeds 1 2 3] [--jobs 20] [--arms …] [--work FOLDER]

Each job is a dozen steps over the material of the examples (`coderag`: sources of installed packages,
`competitive_intel`: their metadata, `docparse` as `papers`: bills that were written for it), looked up once and then served by every arm from the same inputs. Its steps are rotated from job to job, so that each
kind stands at each position. An **intervention** is a wrong answer, or one that the system asked about.

| arm | a step's prompt | weights |
|---|---|---|
| `everything` | all that was retrieved so far, up to the window, oldest out first; then the task and the input | the base's |
| `routing` | the task and the input | the base's |
| `shown` | the task with the solved examples that `named` has, and the input | the base's |
| `text` | as the fit decides | written from the task's text |
| `named` | as its gate decides | of a saved task with its solved examples, learned before |
| `learning` | the same | of a saved task that begins without an example; each intervention corrects a step |

Jobs, rows and the servers' databases are kept in the folder: who stops goes on from it. `--report` only
prints the figures of what is there, `--dry-run` says how many steps are missing. A step takes a fraction of a
second of one core, one of 7,000 tokens under `everything` half a minute.
"""  # noqa: E501  # a table's rows

from __future__ import annotations

import argparse
import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, get_args

import anyio

from bench.agents import code, intel, papers
from bench.agents.arms import ARMS, Arms, Quiet
from bench.agents.report import figures, plots
from bench.agents.steps import Agent, in_turn, read_job, write_job
from examples.agent.caller import Caller
from examples.agent.command import CONFIG
from examples.agent.server import connect, read_launch

if TYPE_CHECKING:
    from bench.agents.arms import Arm
    from bench.agents.steps import Job, Named


def main() -> None:
    """Run what is missing, then print the figures of all rows."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    agents = get_args(Agent)
    parser.add_argument("--agents", nargs="+", choices=agents, default=list(agents))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--jobs", type=int, default=20, help="of each agent and seed")
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=list(ARMS))
    parser.add_argument("--work", type=Path, default=Path("agents-work"))
    parser.add_argument("--report", action="store_true", help="only print the figures")
    parser.add_argument("--dry-run", action="store_true", help="only say what is missing")
    parser.add_argument("--plots", type=Path, help="a folder for plots; needs the extra evaluate")
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    rows = Rows(given.work / "rows.jsonl")
    wanted = [
        (agent, seed, number)
        for number in range(given.jobs)
        for seed in given.seeds
        for agent in given.agents
    ]
    missing = [each for each in wanted if any(not rows.has(arm, *each) for arm in given.arms)]
    if given.dry_run:
        steps = 12 * sum(not rows.has(arm, *each) for each in missing for arm in given.arms)
        print(f"{len(missing)} of {len(wanted)} jobs, {steps} steps are missing")
        return
    if not given.report:
        for agent, seed in dict.fromkeys((agent, seed) for agent, seed, _ in missing):
            numbers = [n for a, s, n in missing if (a, s) == (agent, seed)]
            anyio.run(partial(run, given.work, agent, seed, numbers, given.arms, rows))
    if given.plots is not None:
        plots(rows.all, given.plots)
    print(json.dumps(figures(rows.all), indent=1))


async def run(
    work: Path, agent: Agent, seed: int, numbers: list[int], arms: list[Arm], rows: Rows
) -> None:
    """The jobs of an agent and a seed, in order, each under every arm that it has no rows of."""
    folder = work / f"{agent}-{seed}"
    folder.mkdir(exist_ok=True)
    launch = read_launch(CONFIG, "hypernet-mcp", folder / "memory.db", folder / "server.log")
    async with connect(launch) as link:
        call = Caller(link, Quiet())
        window = int((await call("status"))["limits"].get("window_tokens") or 0)
        while not window:
            await anyio.sleep(1)
            window = int((await call("status"))["limits"].get("window_tokens") or 0)
        served = Arms(call, window)
        if "named" in arms:
            await served.save_named(await _tasks(agent))
        for number in numbers:
            job = in_turn(await _job(folder, agent, seed, number))
            for arm in arms:
                if not rows.has(arm, agent, seed, number):
                    rows.add(await served.run(arm, job))
            print(json.dumps(rows.told(agent, seed, number)), flush=True)


async def _tasks(agent: Agent) -> list[Named]:
    if agent == "papers":
        return await papers.named_tasks(Quiet())
    return code.tasks() if agent == "code" else intel.named_tasks()


async def _job(folder: Path, agent: Agent, seed: int, number: int) -> Job:
    file = folder / f"job-{number}.json"
    if not file.is_file():
        look_up = {"code": code.job, "intel": intel.job, "papers": papers.job}
        write_job(await look_up[agent](seed, number, Quiet()), file)
    return read_job(file)


class Rows:
    """The rows of all runs, kept in a file."""

    def __init__(self, file: Path) -> None:
        self._file, self.all = file, cast("list[dict[str, Any]]", [])
        if file.is_file():
            lines = file.read_text(encoding="utf-8").splitlines()
            self.all = [json.loads(line) for line in lines]
        self._there = {(row["arm"], row["agent"], row["seed"], row["job"]) for row in self.all}

    def has(self, arm: Arm, agent: Agent, seed: int, number: int) -> bool:
        """Whether a job was run under an arm."""
        return (arm, agent, seed, number) in self._there

    def add(self, rows: list[dict[str, Any]]) -> None:
        """Keep a job's rows, all of them at once."""
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        with self._file.open("a", encoding="utf-8") as stream:
            stream.write(text)
        self.all += rows
        self._there |= {(row["arm"], row["agent"], row["seed"], row["job"]) for row in rows}

    def told(self, agent: Agent, seed: int, number: int) -> dict[str, Any]:
        """A job's interventions by arm."""
        counts: dict[str, int] = {}
        for row in self.all:
            if (row["agent"], row["seed"], row["job"]) == (agent, seed, number):
                counts[row["arm"]] = counts.get(row["arm"], 0) + row["intervention"]
        return {"agent": agent, "seed": seed, "job": number, "interventions": counts}


if __name__ == "__main__":
    main()
