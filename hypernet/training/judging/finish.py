"""The end of a run: which weights, at what scale, how well they do, and the card beside them."""

from __future__ import annotations

import copy
import hashlib
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import torch

from hypernet.adapters.peft_format import save_peft
from hypernet.files import PRIVATE, replacing
from hypernet.hypernetwork.card import CARD_FILE, WEIGHTS_FILE
from hypernet.hypernetwork.fit import FitGate
from hypernet.hypernetwork.network import load_network, save_network
from hypernet.hypernetwork.task_encoder import Condition
from hypernet.training.judging.calibrate import DevResult, calibrate
from hypernet.training.judging.comparison import comparison
from hypernet.training.judging.losses import dev_losses, means_of, task_losses

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence
    from pathlib import Path

    from torch import Tensor

    from hypernet.hypernetwork.encoder import Encoder
    from hypernet.hypernetwork.network import HyperNetwork
    from hypernet.training.config import TrainConfig
    from hypernet.training.frozen_states import FrozenStates
    from hypernet.training.pool import DevTask, PoolTask
    from hypernet.training.run import Run
    from hypernet.training.state import RunState

BEST_FILE = "best.safetensors"
# Wordings by which a text is recognised: of few tasks all, of thousands a few.
ANCHORS, MOST_ANCHORS = 64, 8192
SCALES = (0.5, 0.75, 1.0, 1.25)
# The sweep looks at every third development task: a factor is one number.
SWEPT = 3
WATCHED = ("null", "shuffled", "matched", "hybrid_null", "hybrid_shuffled", "hybrid", "examples",
           "examples_shuffled")  # fmt: skip
UNCONDITIONED = ("null", "hybrid_null")


def watched(config: TrainConfig) -> tuple[str, ...]:
    """The arms whose development losses a run reports."""
    return WATCHED if config.conditioned else UNCONDITIONED


def selected(config: TrainConfig) -> tuple[str, ...]:
    """The arms by whose sum of losses weights are chosen."""
    return ("matched", "hybrid", "examples") if config.conditioned else UNCONDITIONED


def anchors(pool: Sequence[PoolTask], encoder: Encoder) -> dict[str, Tensor]:
    """Wordings' vectors per training task, for the fit; a task with fewer repeats its last."""
    most = max(1, min(ANCHORS, MOST_ANCHORS // len(pool)))
    texts, longest = [], min(most, max(len(task.wordings) for task in pool))
    for task in pool:
        count = min(longest, len(task.wordings))
        spread = [task.wordings[n * len(task.wordings) // count] for n in range(count)]
        own = [wording.conditioning_text() for wording in spread]
        texts += own + [own[-1]] * (longest - len(own))
    return {"anchors_NWC": encoder(texts).view(len(pool), longest, -1).half()}


def finish(run: Run, folder: Path, state: RunState) -> Path:
    """Choose the weights and their scale, measure them, calibrate the fit, and write the card."""
    config, base, states, dev_set = run.config, run.base, run.states, run.dev
    encoder = states.reader.encoder
    network, extra = load_network(folder / BEST_FILE)
    candidates = {"best": network}
    if state.averaged > 1:
        candidates["mean"] = _averaged(network, state.mean)
    if not config.conditioned:
        for candidate in candidates.values():
            candidate.fix_gains()  # what the untrained encoder makes of a task would be noise
    name, scale = _best(candidates, states, dev_set, config)
    network = _scaled(candidates[name], scale)
    per_task = task_losses(network, states, dev_set) if dev_set else {}
    figures = means_of(per_task, dev_set) if dev_set else {}
    figures["scale"] = scale
    save_network(network, folder / WEIGHTS_FILE, extra)
    if not config.conditioned:
        constant = network.generate(Condition.null(network.config), f"{config.name}-static")
        save_peft(constant.to(torch.bfloat16), folder / "static", base.name)
    trained = [task.data for task in run.pool]
    gate = FitGate(1.0, 0.0, [t.name for t in trained], extra["anchors_NWC"].float())
    fit = calibrate(
        lambda texts: torch.stack([gate.similarity(v_C).max() for v_C in encoder(texts)]),
        config,
        [task for task, _ in run.tasks.train],
        [task for task, _ in run.tasks.dev],
        _results(dev_set, per_task, {t.name for t in trained}) if config.conditioned else (),
    )
    written = (folder / WEIGHTS_FILE).read_bytes()
    card = {
        "name": config.name,
        "weights_sha256": hashlib.sha256(written).hexdigest(),
        "base": {"name": base.name, "fingerprint": base.fingerprint},
        "encoder": {"name": "all-MiniLM-L6-v2", "fingerprint": encoder.fingerprint},
        "network": asdict(network.config),
        "weights": "the mean of all evaluated ones"
        if name == "mean"
        else "the best evaluated ones",
        "recipe": {k: v for k, v in asdict(config).items() if k not in ("train", "dev")},
        "data": {
            **config.tags,
            "left_out": "tasks whose data licence is marked NC, ND or GPL",
            "tasks": [
                {"name": t.name, "license": t.license, "description": t.task.description[:200]}
                for t in trained
            ],
        },
        "fit": fit,
        "development": {
            "figures": figures,
            "tasks": len(dev_set),
            "history": state.history,
            "comparison": comparison(run, per_task) if config.conditioned else [],
        },
    }
    # It quotes the tasks.
    with replacing(folder / CARD_FILE, permissions=PRIVATE) as stream:
        stream.write(json.dumps(card, indent=1, ensure_ascii=False).encode() + b"\n")
    return folder


def _results(
    dev_set: Sequence[DevTask],
    per_task: Mapping[str, Sequence[tuple[float, float]]],
    trained: Container[str],
) -> list[DevResult]:
    """What the calibration looks at; without development tasks there is nothing."""
    return [
        DevResult(
            task.source,
            task.wording.conditioning_text(),
            per_task["matched"][number][0],
            per_task["hybrid"][number][0],
            task.data.name in trained,
        )
        for number, task in enumerate(dev_set)
    ]


def _averaged(network: HyperNetwork, mean: Mapping[str, Tensor]) -> HyperNetwork:
    averaged = copy.deepcopy(network)
    with torch.no_grad():
        for name, parameter in averaged.named_parameters():
            parameter.copy_(mean[name])
    return averaged


def _scaled(network: HyperNetwork, scale: float) -> HyperNetwork:
    """A copy that writes all adapters times a factor."""
    scaled = copy.deepcopy(network)
    with torch.no_grad():
        for factor in scaled.b.values():
            factor.mul_(scale)
    return scaled


def _best(
    candidates: Mapping[str, HyperNetwork],
    states: FrozenStates,
    dev_set: Sequence[DevTask],
    config: TrainConfig,
) -> tuple[str, float]:
    """The weights, and the factor on all adapters, with the lowest development loss."""
    if not dev_set:
        return "best", 1.0
    sums = {}
    for name, network in candidates.items():
        for scale in SCALES:
            scaled, swept = _scaled(network, scale), dev_set[::SWEPT]
            found = dev_losses(scaled, states, swept, selected(config))
            sums[name, scale] = sum(found[arm] for arm in selected(config))
    return min(sums, key=lambda choice: sums[choice])
