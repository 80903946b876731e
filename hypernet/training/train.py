"""Training a hypernetwork end to end through the frozen base: one flat, resumable loop.

Everything random is drawn from (seed, step), so a run that was stopped
and resumed takes the same steps as one that was not.
"""

from __future__ import annotations

import time
from functools import cache as once
from typing import TYPE_CHECKING

from hypernet.files import keep_private
from hypernet.hypernetwork.network import save_network
from hypernet.progress import silent
from hypernet.training.data import refuse_odd_outputs
from hypernet.training.judging.finish import BEST_FILE, anchors, finish, selected, watched
from hypernet.training.judging.losses import dev_losses
from hypernet.training.run import prepare
from hypernet.training.state import resume
from hypernet.training.step import take_step
from hypernet.training.task_files import write_tasks

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

    from hypernet.progress import Progress
    from hypernet.training.config import TrainConfig

HELD_OUT_FILE = "held-out.jsonl"
LOG_EVERY = 10
SAVE_EVERY = 50


def train(config: TrainConfig, folder: Path, cache: Path, progress: Progress = silent) -> Path:
    """Train, or go on where an earlier run in the same folder stopped.

    Args:
        config: the run's settings.
        folder: where state, log and the finished weights go.
        cache: the user's cache folder, for converted models.
        progress: takes the fraction of the run's steps that are done, and a line.

    Returns:
        The folder with `hypernetwork.safetensors`, `card.json` and, of what was held out of the
        training tasks, the task file `held-out.jsonl`.

    Raises:
        ValueError: a source holds no usable task, or the hypernetwork to start from does not fit.
    """
    run = prepare(config, cache, progress)
    refuse_odd_outputs(task for task, _ in run.tasks.train)
    folder.mkdir(parents=True, exist_ok=True)
    keep_private(folder / HELD_OUT_FILE)
    if held_out := run.tasks.held_out:
        write_tasks(folder / HELD_OUT_FILE, held_out)  # what `hypernet evaluate` may ask
    network, optimiser = run.network, run.optimiser
    state = resume(folder / "state.pt", network, optimiser)
    if config.start is not None and state.step == 0:
        state.average(network)

    @once
    def extra() -> dict[str, Tensor]:
        return anchors(run.pool, run.states.reader.encoder)

    first_step, started = state.step, time.monotonic()
    running = 0.0
    for step in range(state.step, config.steps):
        loss = take_step(network, optimiser, run.states, run.pool, config, step)
        running = loss if running == 0.0 else 0.9 * running + 0.1 * loss

        done = step + 1
        if done % LOG_EVERY == 0:
            rate = (time.monotonic() - started) / (done - first_step)
            left = rate * (config.steps - done) / 60
            progress(
                done / config.steps,
                f"step {done}/{config.steps} loss {running:.3f} {rate:.2f} s/step"
                f" {left:.0f} min left",
            )
        if run.dev and (done % config.evaluate_every == 0 or done == config.steps):
            found = dev_losses(network, run.states, run.dev, watched(config))
            state.add(done, running, found, network)
            progress(done / config.steps, f"step {done} dev {_line(found)}")
            if len(found["sources"]) > 1:
                for source, figures in found["sources"].items():
                    progress(done / config.steps, f"step {done} dev of {source} {_line(figures)}")
            score = sum(found[arm] for arm in selected(config))
            if score < state.best:
                state.best = score
                save_network(network, folder / BEST_FILE, extra())
        if done % SAVE_EVERY == 0 or done == config.steps:
            state.save(folder / "state.pt", done, network, optimiser)

    if not run.dev:
        save_network(network, folder / BEST_FILE, extra())
    return finish(run, folder, state)


def _line(figures: dict[str, float]) -> str:
    return " ".join(f"{k} {v:.3f}" for k, v in figures.items() if k != "sources")
