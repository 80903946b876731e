"""What the tests of the evaluation share: task files, a random hypernetwork, a recording engine."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import torch
from tiny_models import tiny_adapter

from hypernet.adapters.peft_format import save_peft
from hypernet.engine.torch.engine import TorchEngine
from hypernet.evaluation import evaluate as module
from hypernet.evaluation.arms import KINDS, WITH_EXAMPLES
from hypernet.evaluation.evaluate import EvaluateOptions
from hypernet.hypernetwork.config import NetworkConfig
from hypernet.hypernetwork.network import HyperNetwork, save_network

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from hypernet.base_model.loading import BaseModel
    from hypernet.engine.interface import Request, Ticket
    from hypernet.hypernetwork.encoder import Encoder

TASKS = {"colour": ("red", "blue"), "shout": (), "sign": ("plus", "minus")}
SCALES = {"hybrid": 0.5, "examples": 0.25, "static": 2.0}
ALL = tuple(f"{kind}@2" if kind in WITH_EXAMPLES else kind for kind in KINDS)


def task_row(name: str, labels: tuple[str, ...], count: int = 12) -> dict[str, Any]:
    return {
        "task": name,
        "definition": f"Say the {name}.",
        "labels": list(labels),
        "examples": [{"input": "never", "output": "shown"}],
        "instances": [
            {"input": f"{name} {n}", "output": [labels[n % 2] if labels else f"OUT {n}"]}
            for n in range(count)
        ],
    }


def write_tasks(file: Path, *rows: dict[str, Any]) -> Path:
    text = "".join(json.dumps(row) + "\n" for row in rows)
    file.write_bytes(gzip.compress(text.encode()) if file.suffix == ".gz" else text.encode())
    return file


def save_random_hypernetwork(base: BaseModel, encoder: Encoder, folder: Path) -> Path:
    """A hypernetwork whose adapters differ, with a static adapter beside it."""
    torch.manual_seed(7)
    network = HyperNetwork(
        NetworkConfig.for_base(
            base.forward.config, condition=encoder.size, hidden=16, rank=4, first_layer=2
        )
    )
    with torch.no_grad():
        for parameter in (*network.b.values(), network.head.weight):
            parameter.normal_(std=0.3)
    anchors = {"anchors_NWC": encoder(["Say the colour."])[:, None].half()}
    save_network(network, folder / "hypernetwork.safetensors", anchors)
    card = {
        "name": "random",
        "base": {"name": base.name, "fingerprint": base.fingerprint},
        "encoder": {"name": "tiny", "fingerprint": encoder.fingerprint},
        "fit": {"known": 0.999, "near": -1.0},
        "data": {"tasks": [{"name": "colour"}]},
        "scales": SCALES,
    }
    (folder / "card.json").write_text(json.dumps(card))
    save_peft(tiny_adapter(base.forward, 9), folder / "static", base.name)
    return folder


def tiny_options(
    hypernetwork: Path, base_folder: Path, encoder_folder: Path, tmp_path: Path
) -> EvaluateOptions:
    """Three tasks, three arms, two seeds."""
    rows = [task_row(name, labels) for name, labels in TASKS.items()]
    return EvaluateOptions(
        tasks=(write_tasks(tmp_path / "tasks.jsonl.gz", *rows),),
        arms=("base", "prompted", "matched"),
        seeds=(0, 1),
        per_task=3,
        refine_steps=2,
        hypernetwork=str(hypernetwork),
        base=str(base_folder),
        encoder=str(encoder_folder),
        cache=tmp_path / "cache",
        out=tmp_path / "report.json",
    )


def recorded(monkeypatch: pytest.MonkeyPatch) -> list[Request]:
    """A list that every request which reaches the engine is appended to."""
    requests: list[Request] = []

    class Recording(TorchEngine):
        def submit(self, request: Request) -> Ticket:
            requests.append(request)
            return super().submit(request)

    monkeypatch.setattr(module, "TorchEngine", Recording)
    return requests
