"""The plugin for vLLM's environment, where it needs no vLLM; `test_vllm_real.py` has the rest."""

from __future__ import annotations

import json
import os
import struct
from dataclasses import replace
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


def weights_of(folder: Path) -> Path:
    return folder / "adapter_model.safetensors"


@pytest.fixture
def name(base: BaseModel, tmp_path: Path) -> str:
    adapter = activated(tiny_adapter(base.forward, 1), ChatFormat.of(base.tokenizer))
    return AdapterFolder(tmp_path / "adapters", "tiny", 2**30).keep(adapter)


@pytest.fixture
def bucket(name: str, tmp_path: Path) -> Iterator[str]:
    """The same adapter, in an object store."""
    upload(tmp_path)
    yield BUCKET
    fsspec.filesystem("memory").rm("/bucket", recursive=True)


def upload(tmp_path: Path) -> None:
    """Make the bucket what the folder is."""
    store = fsspec.filesystem("memory")
    if store.exists("/bucket"):
        store.rm("/bucket", recursive=True)
    store.put(str(tmp_path / "adapters"), "/bucket/adapters", recursive=True)


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
    assert [each.name for each in (tmp_path / "cache").iterdir() if each.is_dir()] == [name]


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
        lambda folder: (folder / "adapter_config.json").write_text("[" * 100_000),
        lambda folder: weights_of(folder).write_bytes(b""),
        lambda folder: weights_of(folder).write_bytes(b"\xff" * 100),
        lambda folder: weights_of(folder).write_bytes(weights_of(folder).read_bytes()[:-1]),
        lambda folder: weights_of(folder).write_bytes(weights_of(folder).read_bytes() + b"0"),
        lambda folder: weights_of(folder).write_bytes(struct.pack("<Q", 2) + b"[]"),
        lambda folder: weights_of(folder).write_bytes(struct.pack("<Q", 7) + b'{"a":1}'),
        lambda folder: weights_of(folder).write_bytes(
            struct.pack("<Q", 20) + b'{"__metadata__":[1]}'
        ),
        lambda folder: weights_of(folder).write_bytes(
            struct.pack("<Q", 25) + b'{"a":{"data_offsets":[]}}'
        ),
    ],
    ids=[
        "no weights", "no config", "no JSON", "no object", "no LoRA", "nested without end",
        "empty weights", "a length beyond all", "cut weights", "more behind the weights",
        "a header of no object", "a tensor without an end", "metadata of another kind",
        "a tensor without offsets",
    ],
)  # fmt: skip
def test_what_is_no_whole_adapter_is_not_served(
    name: str, bucket: str, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    damage(tmp_path / "adapters" / name)
    assert Adapters(str(tmp_path / "adapters"), tmp_path / "cache").find(name) is None
    # What is damaged in the cache is fetched again; what is damaged in the bucket never gets there.
    adapters = Adapters(bucket, tmp_path / "cache")
    found = adapters.find(name)
    assert found is not None
    damage(found)
    assert adapters.find(name) == found
    upload(tmp_path)
    assert Adapters(bucket, tmp_path / "other").find(name) is None
    assert [*(tmp_path / "other").rglob("*.safetensors")] == []


def test_weights_under_the_digest_of_others_are_not_served_and_names_by_people_are(
    base: BaseModel, tmp_path: Path
) -> None:
    folder = tmp_path / "adapters"
    adapters = Adapters(str(folder), tmp_path / "cache")
    digest, other = "ab" * 12, "cd" * 12
    own = replace(tiny_adapter(base.forward, 1), digest=digest)
    AdapterFolder(folder, "tiny", 2**30).keep(own)
    assert adapters.find(digest) == folder / digest
    (folder / digest).rename(folder / other)
    assert adapters.find(other) is None
    (folder / other).rename(folder / "legal-clauses")
    assert adapters.find("legal-clauses") == folder / "legal-clauses"


def test_a_full_cache_lets_go_of_what_was_asked_for_longest_ago_and_of_nothing_else(
    base: BaseModel, bucket: str, tmp_path: Path
) -> None:
    folder = AdapterFolder(tmp_path / "adapters", "tiny", 2**30)
    names = [folder.keep(tiny_adapter(base.forward, seed)) for seed in (2, 3, 4)]
    upload(tmp_path)
    cache = tmp_path / "cache"
    theirs = people_s(cache)
    ended, other = (Adapters(bucket, cache, most_bytes=1) for _ in range(2))
    assert ended.find(names[0]) is not None
    ended.close()
    assert other.find(names[1]) is not None
    for old in cache.rglob("*"):
        os.utime(old, (0, 0))
    assert other.find(names[2]) is not None
    left = {each.name for each in cache.iterdir() if not each.name.startswith(".hypernet-given-")}
    # What a living process was given stays however old it is.
    assert left == {names[1], names[2], *theirs}


def people_s(cache: Path) -> set[str]:
    """Others' things in a folder that was taken for the cache."""
    for name in ("my-own-lora", "ab" * 12, "empty", ".hidden", "adapter_config.json"):
        (cache / name).mkdir(parents=True)
    for name in ("my-own-lora", "ab" * 12):
        (cache / name / "adapter_config.json").write_text('{"peft_type": "LORA"}')
    (cache / "adapter_config.json" / "letter.txt").write_text("Dear all")
    (cache / ("cd" * 12)).write_text("a file")
    (cache / ("ef" * 12)).symlink_to(cache / "my-own-lora")
    return {each.name for each in cache.iterdir()}


def test_what_others_have_under_an_adapters_name_is_not_replaced(
    name: str, bucket: str, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    (cache / name).mkdir(parents=True)
    (cache / name / "letter.txt").write_text("Dear all")
    assert Adapters(bucket, cache).find(name) is None
    assert (cache / name / "letter.txt").read_text() == "Dear all"


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
