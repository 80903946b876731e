"""What text in the prompt that does not help costs: the base of the default context budget.

    python -m bench.context --tasks FILE [FILE ...] [--json OUT] [--count 8] [--instances 6]

Each instance of each task is answered with 0, 128, 256, 512 and 1,024 tokens of excerpts about
other tasks in its prompt, and with as many tokens of earlier steps of its own task, with the
answers that the model itself gave there. The prompts are those of the server, the engine and the
adapters are the real ones. With labels the score is exact match, else ROUGE-L.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from checkpoints import Hit, StepRecord
from checkpoints.documents import split
from hypernet.adapters.plan import make_plan
from hypernet.engine.interface import Request
from hypernet.evaluation.arms import has_labels
from hypernet.evaluation.scores import exact, interval, rouge_l, scorer
from hypernet.runtime import RuntimeOptions, load_runtime
from hypernet.training.task_files import read_any
from mcp_server.jobs.context import Budget, Memory, compose

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hypernet.adapters.plan import Plan
    from hypernet.engine.interface import Generation, Ticket
    from hypernet.runtime import Runtime
    from hypernet.training.data import Instance, TaskData

TOKENS = (128, 256, 512, 1024)
KINDS = ("excerpts", "recent")
MOST_INPUT, MOST_ANSWER, SPARE = 512, 48, 8
# A loss of mean score that is taken as none.
HARMLESS = 0.01
DATE = "2026-01-01T00:00:00.000+00:00"


@dataclass(frozen=True)
class Case:
    """A task with the instances asked, and those before them as the job's earlier steps."""

    data: TaskData
    plan: Plan
    asked: tuple[Instance, ...]
    earlier: tuple[Instance, ...]
    max_tokens: int

    @property
    def labels(self) -> tuple[str, ...]:
        """The answers to choose from, if the task has some."""
        return self.data.task.labels if has_labels(self.data.task) else ()


def cases_of(
    runtime: Runtime, tasks: Sequence[TaskData], count: int, instances: int, seed: int
) -> list[Case]:
    """`count` tasks that have enough short instances, in an order drawn by `seed`."""
    rng = random.Random(seed)  # noqa: S311  # sampling, not secrets
    cases: list[Case] = []
    for data in rng.sample(list(tasks), len(tasks)):
        short = [i for i in data.instances if runtime.engine.count(i.input) <= MOST_INPUT]
        if len(short) < 2 * instances:
            continue
        drawn = rng.sample(short, len(short))
        answer = max(runtime.engine.count(i.outputs[0]) for i in drawn) + SPARE
        plan = make_plan(
            runtime.library, data.task, "auto", capabilities=runtime.engine.capabilities
        )
        asked, earlier = drawn[:instances], _filling(runtime, drawn[instances:])
        cases.append(Case(data, plan, tuple(asked), tuple(earlier), min(answer, MOST_ANSWER)))
        if len(cases) == count:
            return cases
    raise SystemExit(
        f"tasks: {len(cases)} have {2 * instances} inputs of at most {MOST_INPUT} tokens, "
        f"{count} are needed; lower --count or --instances"
    )


def _filling(runtime: Runtime, instances: Sequence[Instance]) -> Sequence[Instance]:
    """As many as fill the largest budget: each is answered once, which takes time."""
    tokens = 0
    for number, instance in enumerate(instances, 1):
        tokens += runtime.engine.count(instance.input)
        if tokens >= TOKENS[-1]:
            return instances[:number]
    return instances


def answers(
    runtime: Runtime, case: Case, instances: Sequence[Instance], memory: Memory, tokens: int
) -> list[Generation]:
    """The model's answers with that memory in the prompt, at most `tokens` of it."""
    budget = Budget(case.max_tokens, 1.0, recent=tokens, retrieved=tokens, pinned=0)
    tickets: list[Ticket] = []
    for instance in instances:
        prompt = compose(runtime.engine, case.plan.prefix, instance.input, memory, budget)
        request = Request(
            prompt.input,
            prompt.prefix,
            case.plan.adapter,
            max_tokens=case.max_tokens,
            labels=case.labels,
        )
        tickets.append(runtime.engine.submit(request))
    return [ticket.result() for ticket in tickets]


def score(case: Case, given: Sequence[Generation]) -> float:
    """Mean over the asked instances, 0 to 1."""
    of = exact if case.labels else rouge_l
    pairs = zip(given, case.asked, strict=True)
    return sum(float(of(one.text, i.outputs)) for one, i in pairs) / len(given)


def measure(runtime: Runtime, cases: Sequence[Case], seed: int) -> Iterator[dict[str, float]]:
    """Each case's scores, by condition."""
    rng = random.Random(seed)  # noqa: S311  # sampling, not secrets
    for case in cases:
        bare = answers(runtime, case, case.asked, Memory(), 0)
        scores = {"none": score(case, bare)}
        others = [i.input for other in cases if other is not case for i in other.earlier]
        earlier = answers(runtime, case, case.earlier, Memory(), 0)
        for tokens in TOKENS:
            excerpts = Memory(found=hits_of(rng.sample(others, len(others))))
            recent = Memory(recent=steps_of(case, earlier), steps=len(earlier))
            for kind, memory in zip(KINDS, (excerpts, recent), strict=True):
                given = answers(runtime, case, case.asked, memory, tokens)
                scores[f"{kind}_{tokens}"] = score(case, given)
        yield scores


def hits_of(texts: Sequence[str]) -> list[Hit]:
    """Texts as finds, best first."""
    pieces = [piece for text in texts[:40] for piece in split(text)]
    return [
        Hit(n, piece, f"notes {n}", "document", None, DATE, 1 / (n + 1))
        for n, piece in enumerate(pieces)
    ]


def steps_of(case: Case, given: Sequence[Generation]) -> list[StepRecord]:
    """Earlier instances, with what the model said to them, as steps of the job."""
    return [
        StepRecord(n, "", i.input, one.text, {}, case.plan.mode, None, {}, None, DATE)
        for n, (i, one) in enumerate(zip(case.earlier, given, strict=True), 1)
    ]


def report_of(names: Sequence[str], scores: Sequence[dict[str, float]]) -> dict[str, Any]:
    """Means, each condition's difference to the bare prompt, and the largest harmless budgets."""
    conditions = list(scores[0])
    differences = {
        condition: interval([one[condition] - one["none"] for one in scores])
        for condition in conditions[1:]
    }
    harmless = {}
    for kind in KINDS:
        harmless[kind] = 0
        for tokens in TOKENS:
            if differences[f"{kind}_{tokens}"]["mean"] < -HARMLESS:
                break
            harmless[kind] = tokens
    return {
        "mean": {c: sum(one[c] for one in scores) / len(scores) for c in conditions},
        "difference": differences,
        "harmless_tokens": harmless,
        "per_task": dict(zip(names, scores, strict=True)),
    }


def main() -> None:
    """Measure, print a table, and write JSON if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=Path, nargs="+", required=True)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--count", type=int, default=8, help="tasks [8]")
    parser.add_argument("--instances", type=int, default=6, help="of each task [6]")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--hypernetwork", help="folder; without it the shipped one")
    arguments = parser.parse_args()
    if arguments.count < 2 or arguments.instances < 1:
        parser.error("--count must be at least 2, --instances at least 1")
    scorer()  # a missing package is an error before a model is loaded
    tasks = [task for path in arguments.tasks for task in read_any(path)]
    started = time.perf_counter()
    runtime = load_runtime(RuntimeOptions(hypernetwork=arguments.hypernetwork))
    try:
        cases = cases_of(runtime, tasks, arguments.count, arguments.instances, arguments.seed)
        scores = []
        for case, found in zip(cases, measure(runtime, cases, arguments.seed), strict=True):
            scores.append(found)
            print(f"measured {case.data.name}", flush=True)
    finally:
        runtime.close()
    report = report_of([case.data.name for case in cases], scores)
    settings = {"tasks": len(cases), "instances": arguments.instances, "seed": arguments.seed}
    report |= {"about": runtime.about, "settings": settings}
    report["seconds"] = round(time.perf_counter() - started, 1)
    print(f"\n{'in the prompt':16}{'score':>8}{'difference':>12}   95 % interval")
    for condition, mean in report["mean"].items():
        of = report["difference"].get(condition)
        difference = f"{of['mean']:+12.3f}   {of['low']:+.3f} to {of['high']:+.3f}" if of else ""
        print(f"{condition:16}{mean:8.3f}{difference}")
    print(f"harmless: {report['harmless_tokens']}")
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
