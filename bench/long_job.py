"""A 40-step job over MCP with more material than any window holds, and facts planted in it.

    python -m bench.long_job [--json FILE] [--real] [--steps 40] [--seeds 3]

Each step brings some 2,400 tokens of new material, remembered by the server, with two facts in it;
then it works on a question about one of them. At steps 5, 12, 25 and 40 a fork of the job is asked
for facts planted anywhere before. Measured on the prompts as the engine got them: whether each
fits its budget, how their length grows, and whether the fact asked for is in it. The same job with
everything kept in the prompt is counted beside. Without --real, words are the tokens and nothing
is loaded.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import numpy as np
from mcp import Client

from hypernet.runtime import RuntimeOptions, load_runtime
from mcp_server.app.application import Application
from mcp_server.app.settings import Settings
from mcp_server.protocol.server import build_server

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hypernet.engine.interface import Engine, Request, Ticket
    from hypernet.runtime import Runtime

PROBED = (5, 12, 25, 40)
PROBES = 8
FACTS_PER_STEP = 2
TOKENS_PER_STEP = 2_400
MAX_TOKENS = 16
TASK = "Answer the question about the estates from the excerpts."

_FIRST = "Ash Birch Cedar Dun Elm Fern Glen Hazel Iron Juniper Kestrel Larch Moor North Oak".split()  # noqa: SIM905  # legible
_LAST = "bank bridge field ford gate haven hill mere ridge stead ton vale well wick wood".split()  # noqa: SIM905  # legible
_ROLES = "caretaker surveyor bursar forester archivist plumber notary gardener".split()  # noqa: SIM905  # legible
_NAMES = "Abel Berta Carl Dora Emil Frida Gustav Hanna Igor Jana Kurt Lena Milo Nora Otto".split()  # noqa: SIM905  # legible
_THINGS = "roof well barn orchard cellar fence kiln pond stable lane chapel mill".split()  # noqa: SIM905  # legible
_STATES = ("was mended", "was measured", "stayed closed", "was painted", "is let", "needs slates")


@dataclass(frozen=True)
class Fact:
    """A sentence in the material, the question that it answers, and what must be in the prompt."""

    estate: str
    sentence: str
    question: str
    answer: str


@dataclass
class RecordingEngine:
    """The engine of a runtime, with every request kept as it was sent."""

    engine: Engine
    requests: list[Request] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.engine, name)

    def submit(self, request: Request) -> Ticket:
        """Keep the request and pass it on."""
        self.requests.append(request)
        return self.engine.submit(request)


@dataclass
class Seen:
    """What one seed's job showed."""

    tokens: list[int] = field(default_factory=list)
    """Of the prompt of each step of the job."""
    material: list[int] = field(default_factory=list)
    overflows: int = 0
    found: dict[int, list[bool]] = field(default_factory=dict)
    """At each probed step, for each fact asked for, whether it was in the prompt."""
    most_saturation: float = 0.0


def plan_job(
    steps: int, seed: int, words: int = TOKENS_PER_STEP
) -> tuple[list[str], list[list[Fact]]]:
    """Material of `words` words and facts of each step; a role of an estate is mentioned once."""
    rng = random.Random(seed)  # noqa: S311  # sampling, not secrets
    estates = [first + last for first in _FIRST for last in _LAST]
    pairs = [(estate, role) for estate in estates for role in _ROLES]
    chosen = rng.sample(pairs, steps * FACTS_PER_STEP)
    materials, planted = [], []
    for step in range(steps):
        facts = []
        for estate, role in chosen[step * FACTS_PER_STEP : (step + 1) * FACTS_PER_STEP]:
            who = f"{rng.choice(_NAMES)} {rng.choice(_LAST).title()}{rng.randrange(100, 999)}"
            sentence, question = (
                f"The {role} of {estate} is {who}.",
                f"Who is the {role} of {estate}?",
            )
            facts.append(Fact(estate, sentence, question, who))
        materials.append(_material(rng, estates, facts, words))
        planted.append(facts)
    return materials, planted


def _material(rng: random.Random, estates: Sequence[str], facts: Sequence[Fact], most: int) -> str:
    """Reports on many estates, a paragraph each; a fact is in a paragraph on its estate."""
    paragraphs = [[_routine(rng, fact.estate) for _ in range(4)] for fact in facts]
    for paragraph, fact in zip(paragraphs, facts, strict=True):
        paragraph.insert(rng.randrange(len(paragraph) + 1), fact.sentence)
    words = 0
    while words < most:
        estate = rng.choice(estates)
        paragraphs.append([_routine(rng, estate) for _ in range(rng.randrange(3, 8))])
        words += len(" ".join(paragraphs[-1]).split())
    rng.shuffle(paragraphs)
    return "\n\n".join(map(" ".join, paragraphs))


def _routine(rng: random.Random, estate: str) -> str:
    """A sentence that answers nothing; one in ten names a role too."""
    if rng.random() < 0.1:
        return f"The {rng.choice(_ROLES)} of {estate} was away on day {rng.randrange(1, 366)}."
    thing, state = rng.choice(_THINGS), rng.choice(_STATES)
    return (
        f"On day {rng.randrange(1, 366)} the {thing} of {estate} {state} for {rng.randrange(900)}."
    )


async def run_job(
    runtime: Runtime, database: Path, steps: int, seed: int, probed: Sequence[int] = PROBED
) -> Seen:
    """Run one job and its probes through a server over an in-memory client."""
    engine = RecordingEngine(runtime.engine)
    recorded = replace(runtime, engine=engine)
    settings = Settings(database=database, engine="echo")
    app = Application(settings, load=lambda options, progress: recorded)
    seen, rng = Seen(), random.Random(seed + 1)  # noqa: S311  # sampling, not secrets
    (sample,), _ = plan_job(1, seed)
    words = TOKENS_PER_STEP * len(sample.split()) // runtime.engine.count(sample)
    materials, planted = plan_job(steps, seed, words)
    try:
        async with Client(build_server(app)) as client:
            session = str((await _call(client, "set_task", task=TASK))["session_id"])
            for number, (material, facts) in enumerate(zip(materials, planted, strict=True), 1):
                seen.material.append(runtime.engine.count(material))
                await _call(
                    client, "remember", session_id=session, text=material, source=f"report {number}"
                )
                await _ask(client, engine, seen, session, rng.choice(facts))
                seen.tokens.append(_length(engine))
                if number in probed:
                    before = [fact for each in planted[:number] for fact in each]
                    asked = rng.sample(before, min(PROBES, len(before)))
                    seen.found[number] = await _probe(client, engine, seen, session, asked)
    finally:
        app.backlog.close()
        app.store().close()
    return seen


async def _probe(
    client: Client, engine: RecordingEngine, seen: Seen, session: str, facts: Sequence[Fact]
) -> list[bool]:
    """Ask a fork of the job for some facts, so that the job itself goes on untouched."""
    point = await _call(client, "checkpoint_memory", session_id=session)
    fork = await _call(client, "restore_memory", checkpoint_id=point["checkpoint_id"], fork=True)
    other = str(fork["session"]["session_id"])
    return [await _ask(client, engine, seen, other, fact) for fact in facts]


async def _ask(
    client: Client, engine: RecordingEngine, seen: Seen, session: str, fact: Fact
) -> bool:
    """One step; whether the fact was in its prompt."""
    step = await _call(
        client, "run_step", session_id=session, input=fact.question, max_tokens=MAX_TOKENS
    )
    usable = engine.limits.window - MAX_TOKENS
    seen.overflows += _length(engine) > Settings.model_fields["soft_limit"].default * usable
    seen.most_saturation = max(seen.most_saturation, step["saturation"])
    return fact.answer in engine.requests[-1].input


def _length(engine: RecordingEngine) -> int:
    """Tokens of the last prompt, counted anew and not taken from the result."""
    request = engine.requests[-1]
    return sum(engine.measure(request.prefix, request.input))


async def _call(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments)
    if result.is_error or result.structured_content is None:
        raise RuntimeError(f"{tool}: {result.content}")
    return dict(result.structured_content)


def report_of(seen: Sequence[Seen], window: int) -> dict[str, Any]:
    """The figures over all seeds."""
    probed = sorted(seen[0].found)
    recalls = {n: [hit for one in seen for hit in one.found[n]] for n in probed}
    lengths_SN = np.array([one.tokens for one in seen], dtype=np.float64)
    steps = np.arange(1, lengths_SN.shape[1] + 1)
    half = len(steps) // 2
    kept_SN = np.cumsum([one.material for one in seen], axis=1)
    over = [int(np.argmax(row > window)) + 1 for row in kept_SN if (row > window).any()]
    return {
        "overflows": sum(one.overflows for one in seen),
        **{f"fact_recall_{n}": float(np.mean(recalls[n])) for n in probed},
        "facts_asked": {n: len(recalls[n]) for n in probed},
        "material_tokens": int(min(kept_SN[:, -1])),
        "tokens_per_step": {
            "mean": float(lengths_SN.mean()),
            "first": float(lengths_SN[:, 0].mean()),
            "last": float(lengths_SN[:, -1].mean()),
            "most": int(lengths_SN.max()),
            # The first steps have less to retrieve from, so the second half is reported apart.
            "slope_per_step": _slope(steps, lengths_SN.mean(0)),
            "slope_second_half": _slope(steps[half:], lengths_SN.mean(0)[half:]),
        },
        "most_saturation": max(one.most_saturation for one in seen),
        "everything_in_the_prompt": {
            "tokens_at_the_last_step": int(kept_SN[:, -1].max()),
            "window": window,
            "overflows_from_step": min(over) if over else None,
            "steps_that_do_not_fit": int((kept_SN > window).sum(1).max()),
        },
        "seeds": len(seen),
        "steps": int(lengths_SN.shape[1]),
    }


def _slope(steps_N: NDArray[np.int_], tokens_N: NDArray[np.float64]) -> float:
    return float(np.polyfit(steps_N, tokens_N, 1)[0])


async def run_jobs(runtime: Runtime, steps: int, seeds: int) -> dict[str, Any]:
    """Run the job under some seeds, each on a database of its own."""
    seen = []
    for seed in range(seeds):
        with tempfile.TemporaryDirectory() as folder:
            started = time.perf_counter()
            seen.append(await run_job(runtime, Path(folder, "memory.db"), steps, seed))
            print(f"seed {seed}: {time.perf_counter() - started:.1f} s", file=sys.stderr)
    return report_of(seen, runtime.engine.limits.window)


def main() -> None:
    """Run, print the report, and write it if asked; exit status 1 after an overflow."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--real", action="store_true", help="the real model and encoder")
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--seeds", type=int, default=3)
    arguments = parser.parse_args()
    if arguments.steps < PROBED[0] or arguments.seeds < 1:
        parser.error("--steps must be at least 5, --seeds at least 1")
    started = time.perf_counter()
    runtime = load_runtime(RuntimeOptions(engine="torch" if arguments.real else "echo"))
    try:
        report = anyio.run(run_jobs, runtime, arguments.steps, arguments.seeds)
    finally:
        runtime.close()
    report |= {"about": runtime.about, "seconds": round(time.perf_counter() - started, 1)}
    print(json.dumps(report, indent=1))
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")
    sys.exit(1 if report["overflows"] else 0)


if __name__ == "__main__":
    main()
