"""A tiny random base model and encoder on disk, and engines over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
from tiny_models import save_tiny_base, save_tiny_encoder

from hypernet.encoder import Encoder
from hypernet.engine.torch_engine import TorchEngine
from hypernet.models import Source, load_base

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hypernet.models import BaseModel


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
