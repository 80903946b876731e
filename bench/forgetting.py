"""What learning one task costs the others: plain fine-tuning beside generated adapters.

    python -m bench.forgetting [--json OUT] [--steps 60] [--plot [FILE]] [--hypernetwork DIR]
                               [--fine-tuned EARLIER]

One copy of the base is fine-tuned on invoices: all weights of its top third of layers. The frozen
base itself answers with adapters that the hypernetwork writes from each task's description. All
arms have the task's text in the prompt and answer the same generated instances; a loss is the mean
cross entropy of the answers. Fine-tuning takes most of an hour and does not depend on the
hypernetwork: for another one its losses can be taken from an EARLIER report. Knows nothing of
certificates.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Any, cast

import torch

from hypernet.adapters.refine import STEPS as REFINE_STEPS
from hypernet.adapters.refine import delta_of, refine
from hypernet.base_model import frozen_prefix
from hypernet.base_model.chat import ChatFormat
from hypernet.base_model.kv_cache import Recorder
from hypernet.base_model.llama import Llama
from hypernet.base_model.loading import base_source, encoder_source, fingerprint_of, load_base
from hypernet.hypernetwork.encoder import Encoder
from hypernet.hypernetwork.generator import find_weights, load_generator
from hypernet.runtime import RuntimeOptions
from hypernet.task import Example
from hypernet.training.config import TrainConfig
from hypernet.training.data import Sample, samples_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from hypernet.adapters.adapter import Adapter
    from hypernet.hypernetwork.generator import Generator
    from hypernet.training.data import TaskData

LEARNT = "documents_invoice_json"
REST = (
    "code_language", "code_review_comment_class", "finance_table_lookup", "finance_tweet_sentiment",
    "legal_clause_type", "legal_notice_period", "medical_icd10_title", "research_decomposition",
    "research_facts_yes_no", "sentiment_review_polarity", "sentiment_tweet_emotion4",
    "support_ticket_routing",
)  # fmt: skip
ARMS = ("base", "fine_tuned", "adapter", "refined")
# Hypernetworks are trained on instances of seed 0.
ASKED_SEED, LEARNT_SEED, SHOWN_SEED = 7001, 7002, 7003
BATCH, ROWS, RATE, SHOWN = 16, 8, 1e-4, 16
MOST_STEP, MOST_ANSWER = 512, 192
# Machines differ in rounding; instances that differ do so by far more.
SAME_LOSS = 1e-3


@dataclass(frozen=True)
class Asked:
    """What is asked of one task, computed by the frozen base up to the adapted layers."""

    data: TaskData
    prefixed: list[frozen_prefix.Ready]
    """The task's text as prefix, which the base reads: where adapters act."""
    whole: list[frozen_prefix.Ready]
    """The task's text read with the input, by whatever weights answer."""


def generated_task(name: str, count: int, seed: int) -> TaskData:
    """So many instances of a task of this package's own generators."""
    module = import_module(f"hypernet.training.generators.{name.partition('_')[0]}.tasks")
    (task,) = (task for task in module.tasks() if task.name == name)
    return cast("TaskData", task.data(count, seed))


def tokenised(chat: ChatFormat, data: TaskData, count: int) -> list[Sample]:
    """Up to so many instances within the token limits."""
    rng = random.Random(data.name)  # noqa: S311  # sampling, not secrets
    return samples_of(
        data, chat, count=count, wording=0, max_step=MOST_STEP, max_answer=MOST_ANSWER, rng=rng
    )


def read_whole(
    llama: Llama, chat: ChatFormat, first_layer: int, data: TaskData, samples: Sequence[Sample]
) -> list[frozen_prefix.Ready]:
    """Samples with the task's text moved into the step; only the chat's markup stays before it."""
    head = chat.prefix_ids("")
    text = tuple(chat.prefix_ids(data.task.prefix_text())[len(head) :])
    moved = [replace(sample, step_ids=text + sample.step_ids) for sample in samples]
    return frozen_prefix.compute(llama, first_layer, head, moved)


def ask(llama: Llama, chat: ChatFormat, first_layer: int, name: str, count: int) -> Asked:
    """Draw what is asked of a task and compute it up to the adapted layers."""
    data = generated_task(name, 2 * count, ASKED_SEED)
    samples = tokenised(chat, data, count)
    prefix_ids = chat.prefix_ids(data.task.prefix_text())
    prefixed = frozen_prefix.compute(llama, first_layer, prefix_ids, samples)
    return Asked(data, prefixed, read_whole(llama, chat, first_layer, data, samples))


@torch.no_grad()
def mean_loss(
    llama: Llama,
    first_layer: int,
    ready: Sequence[frozen_prefix.Ready],
    adapter: Adapter | None = None,
) -> float:
    """Mean answer loss of some samples, with or without an adapter."""
    delta = None if adapter is None else delta_of(adapter.factors, llama.config)
    rows = [ready[start : start + ROWS] for start in range(0, len(ready), ROWS)]
    return float(
        torch.cat(
            [frozen_prefix.answer_losses(llama, first_layer, batch, delta) for batch in rows]
        ).mean()
    )


def fine_tuned(
    llama: Llama,
    chat: ChatFormat,
    first_layer: int,
    data: TaskData,
    samples: Sequence[Sample],
    steps: int,
) -> Llama:
    """A copy of the base with all weights of the layers from `first_layer` on trained on a task.

    The base is left as it is.
    """
    tuned = Llama(llama.config, {name: t.clone() for name, t in llama.weights.items()})
    trained = [tensor.requires_grad_() for tensor in tuned.of_layers(first_layer)]
    optimiser = torch.optim.AdamW(trained, lr=RATE)
    for step in range(steps):
        batch = [samples[(step * BATCH + n) % len(samples)] for n in range(BATCH)]
        ready = read_whole(llama, chat, first_layer, data, batch)
        total = 0.0
        for start in range(0, BATCH, ROWS):
            losses_B = frozen_prefix.answer_losses(
                tuned, first_layer, ready[start : start + ROWS], None
            )
            loss = losses_B.sum() / BATCH
            loss.backward()  # type: ignore[no-untyped-call]  # untyped upstream
            total += float(loss.detach())
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        if (step + 1) % 10 == 0 or step + 1 == steps:
            print(f"fine-tuning step {step + 1}/{steps} loss {total:.3f}", flush=True)
    for tensor in trained:
        tensor.requires_grad_(False)
    return tuned


@torch.inference_mode()
def base_logits(llama: Llama, chat: ChatFormat, asked: Sequence[Asked]) -> list[Tensor]:
    """What the base alone says, one text of each task read whole."""
    found = []
    for one in asked:
        sample = one.prefixed[0].sample
        prefix_ids = chat.prefix_ids(one.data.task.prefix_text())
        ids = [*prefix_ids, *sample.step_ids, *sample.answer_ids]
        positions_1T = torch.arange(len(ids), device=llama.device)[None]
        x_1TD = llama.embed(torch.tensor([ids], device=llama.device))
        found.append(llama.logits(llama.run(x_1TD, positions_1T, Recorder(), None)))
    return found


def compare(
    generator: Generator, *, steps: int, count: int, earlier: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Fine-tune, write adapters, and measure both on the task learnt and on the rest.

    Args:
        generator: writes the adapters.
        steps: gradient steps of the fine-tuning.
        count: instances asked of each task.
        earlier: a report whose fine-tuned losses serve again.

    Returns:
        Losses by task and arm, their means over the rest, and whether the base is unchanged.

    Raises:
        ValueError: the earlier report is of other settings, or its base answered otherwise.
    """
    settings = {"steps": steps, "batch": BATCH, "rate": RATE, "instances": count}
    if earlier is not None:
        check_earlier(earlier, settings)
    llama, chat = generator.reader.llama, generator.reader.chat
    # Fine-tuning touches a third of the layers whatever the hypernetwork adapts; what is computed
    # once lies below both.
    third = TrainConfig("forgetting", ()).first_layer(llama.config.layers)
    layer = min(third, generator.network.config.first_layer)
    asked = [ask(llama, chat, layer, name, count) for name in (LEARNT, *REST)]
    before, weights = base_logits(llama, chat, asked), fingerprint_of(llama.weights)

    if earlier is None:
        learnt = generated_task(LEARNT, 2 * steps * BATCH, LEARNT_SEED)
        samples = tokenised(chat, learnt, steps * BATCH)
        tuned = fine_tuned(llama, chat, third, learnt, samples, steps)
        of_tuned = {one.data.name: mean_loss(tuned, layer, one.whole) for one in asked}
    else:
        of_tuned = {name: losses["fine_tuned"] for name, losses in earlier["tasks"].items()}
    scale = float((generator.card.get("scales") or {}).get("hybrid", 1.0))
    tasks: dict[str, dict[str, float]] = {}
    for one in asked:
        adapter = generator.write(one.data.task).scaled(scale)
        name, of_base = one.data.name, mean_loss(llama, layer, one.prefixed)
        if earlier is not None:
            check_same(name, of_base, earlier["tasks"][name]["base"])
        tasks[name] = {
            "base": of_base,
            "fine_tuned": of_tuned[name],
            "adapter": mean_loss(llama, layer, one.prefixed, adapter),
        }
        print(f"measured {one.data.name}", flush=True)
    shown = generated_task(LEARNT, SHOWN, SHOWN_SEED).instances
    examples = tuple(Example(i.input, i.outputs[0]) for i in shown)
    task = replace(asked[0].data.task, examples=examples)
    start = generator.write(task.without_examples()).scaled(scale)
    refined = refine(llama, chat, start, task, steps=min(steps, REFINE_STEPS))
    tasks[LEARNT]["refined"] = mean_loss(llama, layer, asked[0].prefixed, refined)

    after = base_logits(llama, chat, asked)
    same = all(torch.equal(one, two) for one, two in zip(before, after, strict=True))
    trained = {task["name"] for task in generator.card["data"]["tasks"]}
    return {
        "about": f"all weights of layers {third} to {llama.config.layers - 1}, {steps} steps of "
        f"{BATCH} invoices at {RATE:g}; {len(asked[0].prefixed)} instances asked of each task."
        + ("" if earlier is None else " The fine-tuned losses are an earlier report's."),
        "learnt": LEARNT,
        "arms": ARMS,
        "tasks": tasks,
        "rest": {arm: mean(tasks[name][arm] for name in REST) for arm in ARMS[:3]},
        "base_unchanged": same and fingerprint_of(llama.weights) == weights,
        "trained_on": [name for name in tasks if name in trained],
        "settings": settings,
    }


def check_earlier(earlier: dict[str, Any], settings: dict[str, Any]) -> None:
    """Refuse what is no report of this bench under these settings.

    Raises:
        ValueError: says what is missing or differs.
    """
    tasks = earlier.get("tasks", {})
    if missing := [name for name in (LEARNT, *REST) if "fine_tuned" not in tasks.get(name, {})]:
        raise ValueError(f"the earlier report has no fine-tuned loss of {missing[0]}")
    if earlier.get("settings") != settings:
        raise ValueError(f"the earlier report is of {earlier.get('settings')}, not {settings}")


def check_same(name: str, of_base: float, earlier: float) -> None:
    """Refuse an earlier report that asked something else of a task, or of another base.

    Raises:
        ValueError: the base's losses differ by more than machines do; names the task.
    """
    if abs(of_base - earlier) > SAME_LOSS:
        raise ValueError(
            f"{name}: the base's loss is {of_base:.4f}, in the earlier report {earlier:.4f}:"
            " it asked something else, or of another base"
        )


def show(report: dict[str, Any]) -> None:
    """The losses as a table."""
    rows = [*report["tasks"].items(), ("mean of the rest", report["rest"])]
    print(f"\n{'answer loss':28}" + "".join(f"{arm:>12}" for arm in ARMS))
    for name, of in rows:
        print(f"{name:28}" + "".join(f"{of[a]:12.3f}" if a in of else f"{'-':>12}" for a in ARMS))
    print(f"base bit-identical afterwards: {'yes' if report['base_unchanged'] else 'NO'}")


def draw(report: dict[str, Any], file: Path) -> None:
    """Bars of each task's loss before, after fine-tuning, and with its own adapter."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 7), layout="constrained")
    axes = FigureCanvasAgg(figure).figure.subplots()
    names = list(report["tasks"])
    colours = {"base": "#888888", "fine_tuned": "#c44e52", "adapter": "#4c72b0"}
    for number, (arm, colour) in enumerate(colours.items()):
        places = [row + 0.27 * (number - 1) for row in range(len(names))]
        values = [report["tasks"][name][arm] for name in names]
        axes.barh(places, values, height=0.25, color=colour, label=arm.replace("_", " "))
    axes.set_yticks(range(len(names)), names, fontsize=8)
    axes.invert_yaxis()
    axes.set_xlabel("answer loss (lower is better)")
    axes.legend()
    figure.savefig(str(file), dpi=150)


def main() -> None:
    """Compare, print a table, write JSON and draw if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--instances", type=int, default=32)
    parser.add_argument("--plot", type=Path, nargs="?", const=Path("forgetting.svg"))
    parser.add_argument("--hypernetwork", help="folder; without it the shipped one")
    parser.add_argument(
        "--fine-tuned", type=Path, metavar="EARLIER", help="report to take fine-tuned losses from"
    )
    arguments = parser.parse_args()
    if arguments.steps < 1 or arguments.instances < 1:
        parser.error("--steps and --instances must be at least 1")
    earlier = None
    if arguments.fine_tuned is not None:
        try:
            earlier = json.loads(arguments.fine_tuned.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            parser.error(f"--fine-tuned {arguments.fine_tuned}: no report ({error})")
    started = time.perf_counter()
    # In float32: small steps of fine-tuning would be rounded away in bfloat16.
    base = load_base(base_source(None), RuntimeOptions().cache, dtype=torch.float32)
    folder = find_weights(base.name, arguments.hypernetwork)
    if folder is None:
        parser.error(f"no hypernetwork for {base.name}")
    encoder = Encoder.load(encoder_source(None))
    generator = load_generator(folder, base, ChatFormat.of(base.tokenizer), encoder)
    try:
        compared = compare(
            generator, steps=arguments.steps, count=arguments.instances, earlier=earlier
        )
    except ValueError as error:
        parser.error(str(error))
    report = {
        "hypernetwork": {"name": generator.card["name"], "version": generator.version},
        "base": {"name": base.name, "fingerprint": base.fingerprint, "dtype": "float32"},
        **compared,
        "seconds": round(time.perf_counter() - started),
    }
    show(report)
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")
    if arguments.plot:
        draw(report, arguments.plot)


if __name__ == "__main__":
    main()
