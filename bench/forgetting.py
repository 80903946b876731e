"""What learning one task costs the others: plain fine-tuning beside generated adapters.

    python -m bench.forgetting --tasks FILE [FILE ...] --learnt NAME [--json OUT] [--steps 60]
                               [--instances 32] [--plot [FILE]] [--hypernetwork DIR]
                               [--fine-tuned EARLIER]

One copy of the base is fine-tuned on the task NAME of the files: all weights of its last third of
layers. The frozen base itself answers with adapters that the hypernetwork writes from each task's
description. Asked are other instances of that task, and twelve other tasks spread over the files.
All arms have the task's text in the prompt and answer the same instances; a loss is the mean cross
entropy of the answers. The files are task files (`hypernet.training.task_files`), such as
`python -m tasks` writes, with instances that no hypernetwork was trained on. Fine-tuning takes most
of an hour and does not depend on the hypernetwork: for another one its losses can be taken from an
EARLIER report.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Any

import torch

from hypernet.adapters.refine import delta_of, refine, steps_for
from hypernet.base_model import frozen_prefix
from hypernet.base_model.chat import ChatFormat
from hypernet.base_model.kv_cache import Recorder
from hypernet.base_model.llama import Llama
from hypernet.base_model.loading import fingerprint_of, load_base
from hypernet.base_model.sources import base_source, encoder_source
from hypernet.hypernetwork.card import find_weights
from hypernet.hypernetwork.encoder import Encoder
from hypernet.hypernetwork.generator import load_generator
from hypernet.runtime import RuntimeOptions
from hypernet.task import Example
from hypernet.training.config import TrainConfig
from hypernet.training.data import samples_of
from hypernet.training.task_files import read_any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from hypernet.adapters.adapter import Adapter
    from hypernet.base_model.chat import Sample
    from hypernet.base_model.decoder import Forward
    from hypernet.base_model.frozen_prefix import PrecomputedSample
    from hypernet.hypernetwork.generator import Generator
    from hypernet.training.data import TaskData

ARMS = ("base", "fine_tuned", "adapter", "refined")
OTHERS = 12
BATCH, MICRO_BATCH, RATE, EXAMPLES = 16, 8, 1e-4, 16
MOST_STEP, MOST_ANSWER = 512, 192
# Machines differ in rounding; instances that differ do so by far more.
SAME_LOSS = 1e-3


@dataclass(frozen=True)
class Tasks:
    """What is learnt, and what is asked of it and of the others."""

    learnt: TaskData
    """With the instances that are learnt alone."""
    examples: tuple[Example, ...]
    """What its adapter is refined on."""
    asked: tuple[TaskData, ...]
    """The learnt one first, with other instances."""

    @property
    def others(self) -> tuple[str, ...]:
        """The names of the tasks that were not learnt."""
        return tuple(task.name for task in self.asked[1:])


@dataclass(frozen=True)
class Asked:
    """What is asked of one task, computed by the frozen base up to the adapted layers."""

    data: TaskData
    prefixed: list[PrecomputedSample]
    """The task's text as prefix, which the base reads: where adapters act."""
    whole: list[PrecomputedSample]
    """The task's text read with the input, by whatever weights answer."""


def read_all(files: Sequence[Path], learnt: str, count: int) -> Tasks:
    """The task that is learnt, and up to twelve others spread evenly over the files.

    Args:
        files: task files, or folders of them.
        learnt: the task's name.
        count: instances asked of each task.

    Raises:
        ValueError, FileNotFoundError: a file cannot be read, there is no such task, no other one,
            or too few instances of it.
    """
    found = {task.name: task for file in files for task in read_any(file)}
    if learnt not in found:
        raise ValueError(f"no task {learnt!r} in the files; there are {', '.join(sorted(found))}")
    others = [task for name, task in found.items() if name != learnt]
    if not others:
        raise ValueError(f"no task but {learnt!r} in the files: there is nothing to forget")
    some = min(OTHERS, len(others))
    chosen = [others[number * len(others) // some] for number in range(some)]
    distinct = tuple({i.input: i for i in reversed(found[learnt].instances)}.values())[::-1]
    first = count + EXAMPLES
    if len(distinct) <= first:
        raise ValueError(
            f"{learnt}: {len(distinct)} different instances, but {count} are asked, {EXAMPLES} "
            "refined on, and others learnt; ask fewer with --instances"
        )
    return Tasks(
        replace(found[learnt], instances=distinct[first:]),
        tuple(Example(i.input, i.outputs[0]) for i in distinct[count:first]),
        (replace(found[learnt], instances=distinct[:count]), *chosen),
    )


def tokenised(chat: ChatFormat, data: TaskData, count: int) -> list[Sample]:
    """Up to `count` instances within the token limits."""
    rng = random.Random(data.name)  # noqa: S311  # sampling, not secrets
    return samples_of(data, chat, count=count, max_step=MOST_STEP, max_answer=MOST_ANSWER, rng=rng)


def read_whole(
    base: Forward, chat: ChatFormat, first_layer: int, data: TaskData, samples: Sequence[Sample]
) -> list[PrecomputedSample]:
    """Samples with the task's text moved into the step; only the chat's markup stays before it."""
    head = chat.prefix_ids("")
    text = tuple(chat.prefix_ids(data.task.prefix_text())[len(head) :])
    moved = [
        replace(sample, input_ids=text + sample.input_ids).with_input_acted_on()
        for sample in samples
    ]
    return frozen_prefix.compute(base, first_layer, head, moved)


def ask(
    base: Forward,
    chat: ChatFormat,
    first_layer: int,
    data: TaskData,
    count: int,
    *,
    on_input: bool,
) -> Asked:
    """Draw what is asked of a task and compute it up to the adapted layers.

    Args:
        base: the frozen base.
        chat: its chat markup.
        first_layer: the first layer that is adapted or fine-tuned.
        data: the task.
        count: how many instances.
        on_input: whether adapters act on the input too.

    Raises:
        ValueError: no instance is within the token limits.
    """
    samples = tokenised(chat, data, count)
    if not samples:
        raise ValueError(
            f"{data.name}: no instance is within {MOST_STEP} input and {MOST_ANSWER} answer tokens"
        )
    prefix_ids = chat.prefix_ids(data.task.prefix_text())
    whole = read_whole(base, chat, first_layer, data, samples)
    if on_input:
        samples = [sample.with_input_acted_on() for sample in samples]
    prefixed = frozen_prefix.compute(base, first_layer, prefix_ids, samples)
    return Asked(data, prefixed, whole)


@torch.no_grad()
def mean_loss(
    base: Forward,
    first_layer: int,
    computed: Sequence[PrecomputedSample],
    adapter: Adapter | None = None,
) -> float:
    """Mean answer loss of some samples, with or without an adapter."""
    delta = None if adapter is None else delta_of(adapter.factors, base.config)
    starts = range(0, len(computed), MICRO_BATCH)
    batches = [computed[start : start + MICRO_BATCH] for start in starts]
    return float(
        torch.cat(
            [frozen_prefix.answer_losses(base, first_layer, batch, delta) for batch in batches]
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
        computed = read_whole(llama, chat, first_layer, data, batch)
        total = 0.0
        for start in range(0, BATCH, MICRO_BATCH):
            losses_B = frozen_prefix.answer_losses(
                tuned, first_layer, computed[start : start + MICRO_BATCH], None
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
def base_logits(base: Forward, chat: ChatFormat, asked: Sequence[Asked]) -> list[Tensor]:
    """The base's own logits [T, V] of one text of each task, read whole."""
    found = []
    for one in asked:
        sample = one.prefixed[0].sample
        prefix_ids = chat.prefix_ids(one.data.task.prefix_text())
        ids = [*prefix_ids, *sample.input_ids, *sample.invocation_ids, *sample.answer_ids]
        positions_1T = torch.arange(len(ids), device=base.device)[None]
        x_1TD = base.embed(torch.tensor([ids], device=base.device))
        found.append(base.logits(base.run(x_1TD, positions_1T, Recorder(), None)))
    return found


def compare(
    generator: Generator,
    tasks: Tasks,
    *,
    steps: int,
    count: int,
    earlier: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Fine-tune, write adapters, and measure both on the task learnt and on the rest.

    Args:
        generator: writes the adapters, for a base of the Llama family.
        tasks: what is learnt and asked.
        steps: gradient steps of the fine-tuning.
        count: instances asked of each task.
        earlier: a report whose fine-tuned losses serve again.

    Returns:
        Losses by task and arm, their means over the rest, and whether the base is unchanged.

    Raises:
        ValueError: the earlier report is of other settings, its base answered otherwise, or this
            base cannot be fine-tuned here.
    """
    settings = {"steps": steps, "batch": BATCH, "rate": RATE, "instances": count}
    learnt, names = tasks.learnt.name, (tasks.learnt.name, *tasks.others)
    if earlier is not None:
        check_earlier(earlier, settings, names)
    llama, chat = generator.reader.base, generator.reader.chat
    if not isinstance(llama, Llama):
        raise ValueError("only bases of the Llama family are fine-tuned here")
    # Fine-tuning touches a third of the layers whatever the hypernetwork adapts; what is computed
    # once lies below both.
    third = TrainConfig("forgetting", ()).first_layer(llama.config.layers)
    layer = min(third, generator.network.config.first_layer)
    on_input = not generator.network.config.invocation
    asked = [ask(llama, chat, layer, data, count, on_input=on_input) for data in tasks.asked]
    before, weights = base_logits(llama, chat, asked), fingerprint_of(llama.weights)

    if earlier is None:
        samples = tokenised(chat, tasks.learnt, steps * BATCH)
        if not samples:
            raise ValueError(f"{learnt}: no instance to learn is within the token limits")
        tuned = fine_tuned(llama, chat, third, tasks.learnt, samples, steps)
        of_tuned = {one.data.name: mean_loss(tuned, layer, one.whole) for one in asked}
    else:
        of_tuned = {name: of["fine_tuned"] for name, of in earlier["tasks"].items()}
    scale = float((generator.card.get("scales") or {}).get("hybrid", 1.0))
    losses: dict[str, dict[str, float]] = {}
    for one in asked:
        adapter = generator.write(one.data.task).scaled(scale)
        name, of_base = one.data.name, mean_loss(llama, layer, one.prefixed)
        if earlier is not None:
            check_same(name, of_base, earlier["tasks"][name]["base"])
        losses[name] = {
            "base": of_base,
            "fine_tuned": of_tuned[name],
            "adapter": mean_loss(llama, layer, one.prefixed, adapter),
        }
        print(f"measured {one.data.name}", flush=True)
    task = replace(asked[0].data.task, examples=tasks.examples)
    start = generator.write(task.without_examples()).scaled(scale)
    refined = refine(llama, chat, start, task, steps=min(steps, steps_for(len(task.examples))))
    losses[learnt]["refined"] = mean_loss(llama, layer, asked[0].prefixed, refined)

    after = base_logits(llama, chat, asked)
    same = all(torch.equal(one, two) for one, two in zip(before, after, strict=True))
    trained = {task["name"] for task in generator.card["data"]["tasks"]}
    return {
        "about": f"all weights of layers {third} to {llama.config.layers - 1}, {steps} steps of "
        f"{BATCH} of {learnt} at {RATE:g}; {len(asked[0].prefixed)} instances asked of each task."
        + ("" if earlier is None else " The fine-tuned losses are an earlier report's."),
        "learnt": learnt,
        "arms": ARMS,
        "tasks": losses,
        "rest": {arm: mean(losses[name][arm] for name in tasks.others) for arm in ARMS[:3]},
        "base_unchanged": same and fingerprint_of(llama.weights) == weights,
        "trained_on": [name for name in losses if name in trained],
        "settings": settings,
    }


def check_earlier(earlier: dict[str, Any], settings: dict[str, Any], names: Sequence[str]) -> None:
    """Refuse what is no report of this bench under these settings.

    Raises:
        ValueError: says what is missing or differs.
    """
    tasks = earlier.get("tasks", {})
    if missing := [name for name in names if "fine_tuned" not in tasks.get(name, {})]:
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
    parser.add_argument("--tasks", type=Path, nargs="+", required=True, metavar="FILE")
    parser.add_argument("--learnt", required=True, metavar="NAME", help="the task to fine-tune on")
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
    try:
        tasks = read_all(arguments.tasks, arguments.learnt, arguments.instances)
    except (ValueError, FileNotFoundError) as error:
        parser.error(str(error))
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
            generator, tasks, steps=arguments.steps, count=arguments.instances, earlier=earlier
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
