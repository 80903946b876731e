"""A short training run on tiny models, for the tests of the loop and of its finished folder."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tiny_models import task_row, write_rows

from hypernet.base_model.chat import ChatFormat
from hypernet.hypernetwork.generator import Generator, load_generator
from hypernet.training.config import Source, TrainConfig

if TYPE_CHECKING:
    from pathlib import Path

    from hypernet.base_model.loading import BaseModel
    from hypernet.hypernetwork.encoder import Encoder

STEPS = 12
LICENCES = ("Unknown", "CC BY 4.0", "MIT", "Apache 2.0", "CC BY-SA 4.0", "CC0: Public Domain")
RESTRICTED = ("CC BY-NC 4.0", "GPL 3.0", "CC BY-NC-ND 4.0", "LGPL", "cc by-nd 4.0")


def tiny_config(folder: Path, base_folder: Path, encoder_folder: Path) -> TrainConfig:
    """Six tasks to train on, and five that licences keep out."""
    kept = [task_row(n, licence) for n, licence in enumerate(LICENCES)]
    left_out = [task_row(10 + n, licence) for n, licence in enumerate(RESTRICTED)]
    wordings = [
        {"task": row["task"], "descriptions": [f"Say {row['definition'][-2]}!", "Do it."]}
        for row in kept
    ]
    source = Source(
        str(write_rows(folder / "train.jsonl.gz", kept + left_out)),
        wordings=str(write_rows(folder / "wordings.jsonl.gz", wordings)),
    )
    return TrainConfig(
        name="tiny",
        train=(source,),
        dev=(Source(str(write_rows(folder / "dev.jsonl.gz", kept))),),
        base=str(base_folder),
        encoder=str(encoder_folder),
        rank=4,
        hidden=16,
        adapted_share=0.5,
        dev_samples_per_task=3,
        dev_examples=3,
        most_examples=3,
        steps=STEPS,
        batch=6,
        micro_tokens=40,
        lora_rate=2e-2,
        trunk_rate=1e-2,
        evaluate_every=2,
    )


def card_of(folder: Path) -> dict[str, Any]:
    card: dict[str, Any] = json.loads((folder / "card.json").read_text())
    return card


def loaded(folder: Path, base: BaseModel, encoder: Encoder) -> Generator:
    return load_generator(folder, base, ChatFormat.of(base.tokenizer), encoder)
