"""A tiny random base model and encoder on disk, and engines over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
from tiny_evaluation import recorded, save_random_hypernetwork, tiny_options
from tiny_models import save_tiny_base, save_tiny_encoder, tiny_adapter

from hypernet.base_model.loading import load_base
from hypernet.base_model.sources import Source
from hypernet.engine.interface import Request
from hypernet.engine.torch.engine import TorchEngine
from hypernet.hypernetwork.encoder import Encoder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hypernet.base_model.loading import BaseModel
    from hypernet.evaluation.evaluate import EvaluateOptions


@pytest.fixture(scope="session")
def base_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_base(tmp_path_factory.mktemp("tiny-base"))


@pytest.fixture(scope="session")
def encoder_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_encoder(tmp_path_factory.mktemp("tiny-encoder"))


@pytest.fixture(scope="session")
def base(base_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> BaseModel:
    cache = tmp_path_factory.mktemp("cache")
    return load_base(Source("settings", str(base_folder)), cache, dtype=torch.float32)


@pytest.fixture(scope="session")
def encoder(encoder_folder: Path) -> Encoder:
    return Encoder.load(Source("settings", str(encoder_folder)))


@pytest.fixture
def engine(base: BaseModel) -> Iterator[TorchEngine]:
    engine = TorchEngine(base)
    yield engine
    engine.close()


@pytest.fixture
def requests(base: BaseModel) -> list[Request]:
    """Base rows and three adapters, with and without prefixes, of different lengths."""
    one, two, three = (tiny_adapter(base.forward, seed) for seed in (1, 2, 3))
    return [
        Request("the first input", adapter=one, max_tokens=24),
        Request("x", prefix="Translate this.\n\n", adapter=two, max_tokens=17),
        Request("a base row, and rather a longer one than the others", max_tokens=24),
        Request("fourth", prefix="Translate this.\n\n", adapter=three, max_tokens=33),
        Request("fifth", prefix="Another task.\n\n", max_tokens=24),
    ]


@pytest.fixture
def narrow(base: BaseModel) -> Iterator[TorchEngine]:
    """One row, two slots for adapters, a queue of two."""
    engine = TorchEngine(base, rows=1, slots=3, queue=2, rank=4)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def hypernetwork(
    base: BaseModel, encoder: Encoder, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A folder with a random hypernetwork and static adapter for the tiny base."""
    return save_random_hypernetwork(base, encoder, tmp_path_factory.mktemp("hypernetwork"))


@pytest.fixture
def options(
    hypernetwork: Path, base_folder: Path, encoder_folder: Path, tmp_path: Path
) -> EvaluateOptions:
    """An evaluation of a few tiny tasks."""
    return tiny_options(hypernetwork, base_folder, encoder_folder, tmp_path)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Request]:
    """What the evaluation asks of the engine, as it does."""
    return recorded(monkeypatch)
