"""The model side as the server gets it: with an encoder for search, or without one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tiny_models import save_tiny_base, save_tiny_encoder

from hypernet.engine.echo_vectors import echo_vectors
from hypernet.runtime import RuntimeOptions, load_runtime

if TYPE_CHECKING:
    from pathlib import Path


def options(tmp_path: Path, encoder: Path) -> RuntimeOptions:
    return RuntimeOptions(
        base=str(save_tiny_base(tmp_path / "base")),
        encoder=str(encoder),
        decode="full",
        cache=tmp_path / "cache",
    )


def test_a_base_without_a_hypernetwork_still_has_an_encoder_that_many_threads_may_use(
    tmp_path: Path,
):
    runtime = load_runtime(options(tmp_path, save_tiny_encoder(tmp_path / "encoder")))
    try:
        embedder = runtime.embedder
        assert embedder is not None
        batches = [[f"text {n} " * (1 + n % 7) for n in range(start, 10)] for start in range(8)]
        alone = [embedder.embed(batch) for batch in batches]
        with ThreadPoolExecutor(8) as pool:
            together = list(pool.map(embedder.embed, batches))
    finally:
        runtime.close()
    assert runtime.library is None
    for text, one, other in zip(*map(chain.from_iterable, (batches, alone, together)), strict=True):
        assert one.values_C.dtype == np.float32
        assert np.linalg.norm(one.values_C) == pytest.approx(1, abs=1e-5)
        np.testing.assert_allclose(one.values_C, other.values_C, atol=1e-5)
        assert one.tokens_TC.shape == (len(one.words), len(one.values_C))
        np.testing.assert_allclose(one.tokens_TC, other.tokens_TC, atol=1e-4)
        assert set(one.words) == set(text.split())


def test_without_an_encoder_the_base_still_loads_and_says_that_words_alone_are_searched(
    tmp_path: Path,
):
    runtime = load_runtime(options(tmp_path, tmp_path / "nowhere"))
    runtime.close()
    assert runtime.embedder is None
    assert "by words alone" in runtime.about["search"]


def test_vectors_of_the_echo_runtime_are_unit_long_and_nearest_for_shared_words():
    query, near, far, empty = echo_vectors(["the lease ends", "a lease ends in May", "kiwis", ""])
    for vector in (query, near, far, empty):
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-6)
    assert query @ near > query @ far
    np.testing.assert_array_equal(query, echo_vectors(["The  lease ends"])[0])


@pytest.mark.parametrize(("said", "asleep"), [({}, True), ({"OMP_WAIT_POLICY": "active"}, False)])
def test_torchs_threads_sleep_while_they_wait_unless_the_environment_says_otherwise(
    tmp_path: Path, said: dict[str, str], asleep: bool
):
    program = (
        "from pathlib import Path\n"
        "from hypernet.base_model.sources import ModelNotFoundError\n"
        "from hypernet.runtime import RuntimeOptions, load_runtime\n"
        "try:\n"
        "    load_runtime(RuntimeOptions(base='/nowhere', cache=Path.cwd()))\n"
        "except ModelNotFoundError:\n"
        "    import torch\n"
    )
    unsaid = {k: v for k, v in os.environ.items() if not k.startswith(("OMP_", "GOMP_"))}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**unsaid, **said, "OMP_DISPLAY_ENV": "verbose"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    turns = re.findall(r"GOMP_SPINCOUNT = '(\d+)'", done.stderr)
    if not turns:
        pytest.skip("this torch has another OpenMP than GNU's")
    assert {each == "0" for each in turns} == {asleep}
