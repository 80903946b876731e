"""What a run leaves: its card, the hypernetwork in its folder, and which folders are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
from tiny_models import furthest, same_bits, save_tiny_base
from tiny_training import LICENCES, card_of, loaded, tiny_config

from hypernet.base_model.loading import load_base
from hypernet.base_model.sources import Source as ModelSource
from hypernet.task import Example, Task
from hypernet.training.judging.losses import ARMS
from hypernet.training.train import train

if TYPE_CHECKING:
    from pathlib import Path

    from hypernet.base_model.loading import BaseModel
    from hypernet.hypernetwork.encoder import Encoder
    from hypernet.training.config import TrainConfig

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def config(
    tmp_path_factory: pytest.TempPathFactory, base_folder: Path, encoder_folder: Path
) -> TrainConfig:
    return tiny_config(tmp_path_factory.mktemp("data"), base_folder, encoder_folder)


@pytest.fixture(scope="module")
def finished(config: TrainConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run."""
    folder = tmp_path_factory.mktemp("runs")
    return train(config, folder / "whole", folder / "cache")


def test_the_card_holds_every_arms_loss_and_exact_answers_on_the_finished_weights(
    finished: Path,
) -> None:
    figures = card_of(finished)["development"]["figures"]
    assert set(figures) >= {*ARMS, *(f"{arm}_exact" for arm in ARMS)}
    assert figures["matched"] < figures["base"]
    assert figures["hybrid"] < figures["prompted"]
    assert len({round(figures[arm], 6) for arm in ARMS}) == len(ARMS)
    assert all(0 <= figures[f"{arm}_exact"] <= 1 for arm in ARMS)


def test_the_finished_folder_is_a_hypernetwork_that_knows_its_tasks(
    finished: Path, base: BaseModel, encoder: Encoder
) -> None:
    generator = loaded(finished, base, encoder)
    fit = generator.fit(Task("Answer with B.", ("B", "none")))
    assert fit.nearest[0] in {f"task{n}" for n in range(len(LICENCES))}
    assert fit.similarity == pytest.approx(1.0, abs=1e-2)  # anchors are stored in float16
    adapter = generator.write(Task("Answer with B."))
    assert {layer for layer, _ in adapter.factors} == {2, 3}
    card = card_of(finished)
    assert card["base"]["fingerprint"] == base.fingerprint
    assert card["recipe"]["lora_rate"] == 2e-2


def test_a_network_loaded_twice_writes_the_same_adapter(
    finished: Path, base: BaseModel, encoder: Encoder
) -> None:
    task = Task("Answer with B.", ("B", "none"), (Example("ab", "B"), Example("cd", "B")))
    one, two = (loaded(finished, base, encoder).write(task) for _ in range(2))
    assert one.digest == two.digest
    assert same_bits(one, two)
    without = loaded(finished, base, encoder).write(task.without_examples())
    assert furthest(one, without) > 1e-6


# Damaged and foreign folders


@pytest.mark.parametrize("name", ["card.json", "hypernetwork.safetensors"])
def test_a_folder_without_one_of_its_files_is_refused(
    name: str, finished: Path, base: BaseModel, encoder: Encoder, tmp_path: Path
) -> None:
    for file in ("card.json", "hypernetwork.safetensors"):
        if file != name:
            (tmp_path / file).write_bytes((finished / file).read_bytes())
    with pytest.raises(ValueError, match=f"{name} is missing"):
        loaded(tmp_path, base, encoder)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"encoder": {}}'])
def test_a_damaged_card_is_refused(
    text: str, finished: Path, base: BaseModel, encoder: Encoder, tmp_path: Path
) -> None:
    weights = "hypernetwork.safetensors"
    (tmp_path / weights).write_bytes((finished / weights).read_bytes())
    (tmp_path / "card.json").write_text(text)
    with pytest.raises(ValueError, match=r"card\.json is damaged"):
        loaded(tmp_path, base, encoder)


def test_weights_made_with_another_encoder_are_refused(
    finished: Path, base: BaseModel, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoder, "fingerprint", "f00")
    with pytest.raises(ValueError, match="f00 is loaded"):
        loaded(finished, base, encoder)


def test_weights_for_a_base_of_another_size_are_refused(
    finished: Path, encoder: Encoder, tmp_path: Path
) -> None:
    folder = save_tiny_base(tmp_path / "wide", hidden_size=48)
    wide = load_base(ModelSource("settings", str(folder)), tmp_path / "cache", dtype=torch.float32)
    with pytest.raises(ValueError, match="hidden size 32, this one's is 48"):
        loaded(finished, wide, encoder)
