"""The plugin for vLLM's environment, where it needs no vLLM; `test_vllm_real.py` has the rest."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import fsspec
import pytest
from hypernet_vllm.activated import NEVER, first_active, invocation_tokens
from hypernet_vllm.resolver import Adapters
from tiny_models import activated, tiny_adapter

from hypernet.base_model.chat import ChatFormat
from hypernet.engine.vllm.adapters import AdapterFolder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from hypernet.base_model.loading import BaseModel

BUCKET = "memory://bucket/adapters"


@pytest.fixture
def name(base: BaseModel, tmp_path: Path) -> str:
    adapter = activated(tiny_adapter(base.forward, 1), ChatFormat.of(base.tokenizer))
    return AdapterFolder(tmp_path / "adapters", "tiny", 2**30).keep(adapter)


@pytest.fixture
def bucket(name: str, tmp_path: Path) -> Iterator[str]:
    """The same adapter, in an object store."""
    store = fsspec.filesystem("memory")
    store.put(str(tmp_path / "adapters"), "/bucket/adapters", recursive=True)
    yield BUCKET
    store.rm("/bucket", recursive=True)


def test_an_adapter_is_found_by_its_digest_in_the_folder(name: str, tmp_path: Path) -> None:
    found = Adapters(str(tmp_path / "adapters"), tmp_path / "cache").find(name)
    assert found == tmp_path / "adapters" / name


def test_an_adapter_of_a_bucket_is_copied_here_once_and_whole(
    name: str, bucket: str, tmp_path: Path
) -> None:
    adapters = Adapters(bucket, tmp_path / "cache")
    found = adapters.find(name)
    assert found == tmp_path / "cache" / name
    for file in (tmp_path / "adapters" / name).iterdir():
        assert (found / file.name).read_bytes() == file.read_bytes()
    fsspec.filesystem("memory").rm(f"/bucket/adapters/{name}", recursive=True)
    assert adapters.find(name) == found
    assert [each.name for each in (tmp_path / "cache").iterdir()] == [name]


def test_what_is_in_no_place_is_not_found(bucket: str, tmp_path: Path) -> None:
    for place in (bucket, str(tmp_path / "adapters"), str(tmp_path / "nowhere")):
        assert Adapters(place, tmp_path / "cache").find("0123456789abcdef") is None


@pytest.mark.parametrize(
    "digest",
    ["../adapters", "..", "a/b/c/d/e/f/g", "short", "", "/etc/passwd", "a" * 200, "A B C D E F"],
)
def test_a_name_that_is_no_digest_never_becomes_a_path(
    name: str, bucket: str, tmp_path: Path, digest: str
) -> None:
    for place in (bucket, str(tmp_path / "adapters")):
        assert Adapters(place, tmp_path / "cache").find(digest) is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "adapter_model.safetensors").unlink(),
        lambda folder: (folder / "adapter_config.json").unlink(),
        lambda folder: (folder / "adapter_config.json").write_text("{"),
        lambda folder: (folder / "adapter_config.json").write_text("[]"),
        lambda folder: (folder / "adapter_config.json").write_text('{"peft_type": "IA3"}'),
    ],
    ids=["no weights", "no config", "no JSON", "no object", "no LoRA"],
)
def test_what_is_no_whole_adapter_is_not_served(
    name: str, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    damage(tmp_path / "adapters" / name)
    assert Adapters(str(tmp_path / "adapters"), tmp_path / "cache").find(name) is None


def test_a_store_that_cannot_be_read_serves_nothing(tmp_path: Path) -> None:
    adapters = Adapters("nosuchprotocol://bucket", tmp_path / "cache")
    assert adapters.find("0123456789abcdef") is None


@pytest.mark.parametrize(
    ("prompt", "tokens", "first"),
    [
        ([5, 1, 2, 3], [1, 2], 1),
        ([1, 2, 5, 1, 2], [1, 2], 3),
        ([1, 2, 5, 1, 2, 9, 9], [1, 2], 3),
        ([5, 6, 7], [1, 2], NEVER),
        ([1], [1, 2], NEVER),
        ([], [1, 2], NEVER),
        (None, [1, 2], NEVER),
    ],
)
def test_an_adapter_acts_from_the_last_place_of_its_tokens_on(
    prompt: list[int] | None, tokens: list[int], first: int
) -> None:
    assert first_active(prompt, tokens) == first


def test_the_tokens_are_those_of_the_adapters_config(
    name: str, base: BaseModel, tmp_path: Path
) -> None:
    expected = tuple(ChatFormat.of(base.tokenizer).invocation_ids())
    assert invocation_tokens(str(tmp_path / "adapters" / name)) == expected
    plain = tmp_path / "plain"
    plain.mkdir()
    (plain / "adapter_config.json").write_text(json.dumps({"peft_type": "LORA"}))
    assert invocation_tokens(str(plain)) == ()
    assert invocation_tokens("a/name-on-the-hub") == ()


@pytest.mark.parametrize("config", ["[]", '{"alora_invocation_tokens": "ab"}', "[" * 100_000])
def test_odd_tokens_in_a_config_do_not_end_the_server(tmp_path: Path, config: str) -> None:
    (tmp_path / "adapter_config.json").write_text(config)
    assert invocation_tokens(str(tmp_path)) == ()
