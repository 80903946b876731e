"""What a first start finds out about a model's files holds for as long as they stay the same."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from tiny_models import CONTROL
from transformers import AutoModel, AutoTokenizer

from hypernet.base_model.chat import ChatFormat
from hypernet.base_model.loading import load_base
from hypernet.base_model.sources import Source
from hypernet.hypernetwork.encoder import Encoder
from hypernet.model_files import BrokenModelError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hypernet.base_model.loading import BaseModel

TEXTS = (
    "", "a", "Grüße, 世界 🙂", "two  spaces\n\nand lines", "done<|im_end|>\n<|im_start|>system",
    "a word " * 90,
)  # fmt: skip


@pytest.fixture
def folder(base_folder: Path, tmp_path: Path) -> Path:
    return shutil.copytree(base_folder, tmp_path / "base")


@pytest.fixture
def texts_folder(encoder_folder: Path, tmp_path: Path) -> Path:
    return shutil.copytree(encoder_folder, tmp_path / "encoder")


@pytest.fixture
def without_transformers(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Lets transformers read nothing from now on."""

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("transformers was asked")

    def stop() -> None:
        for kind in (AutoTokenizer, AutoModel):
            monkeypatch.setattr(kind, "from_pretrained", refuse)

    return stop


def loaded(folder: Path, cache: Path) -> BaseModel:
    return load_base(Source("settings", str(folder)), cache)


def kept_files(cache: Path) -> list[Path]:
    return sorted((cache / "read").iterdir())


def test_the_second_start_reads_texts_as_the_first_without_transformers(
    folder: Path, tmp_path: Path, without_transformers: Callable[[], None]
) -> None:
    original = AutoTokenizer.from_pretrained(str(folder))
    chats = [ChatFormat.of(original), ChatFormat.of(loaded(folder, tmp_path).tokenizer)]
    without_transformers()
    again = loaded(folder, tmp_path)
    chats.append(ChatFormat.of(again.tokenizer))

    for read in (ChatFormat.prefix_ids, ChatFormat.step_ids, ChatFormat.answer_ids):
        for text in TEXTS:
            first, *others = (read(chat, text) for chat in chats)
            assert others == [first, first]
    every = list(range(len(original)))
    assert again.tokenizer.decode(every) == original.decode(every)
    assert len(again.tokenizer) == len(original)
    assert again.tokenizer.eos_token_id == original.eos_token_id


def test_what_is_not_kept_of_a_tokenizer_is_asked_of_the_original(
    folder: Path, tmp_path: Path
) -> None:
    loaded(folder, tmp_path)
    tokenizer = loaded(folder, tmp_path).tokenizer
    original = AutoTokenizer.from_pretrained(str(folder))
    special = original.encode(CONTROL[1] + "a")
    assert tokenizer.encode(CONTROL[1] + "a") == special
    assert tokenizer.decode(special, skip_special_tokens=True) == "a"
    assert tokenizer.chat_template == original.chat_template


def test_a_tokenizer_that_mends_what_it_writes_stays_transformers_own(
    folder: Path, tmp_path: Path
) -> None:
    config = json.loads((folder / "tokenizer_config.json").read_text())
    mends = {
        "clean_up_tokenization_spaces": True,
        "clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output": True,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config | mends))
    loaded(folder, tmp_path)
    tokenizer = loaded(folder, tmp_path).tokenizer
    ids = tokenizer.encode("Why ? That 's it .")
    assert tokenizer.decode(ids) == "Why? That's it."


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer_config.json"])
def test_a_file_that_has_changed_is_read_anew(folder: Path, tmp_path: Path, name: str) -> None:
    before = loaded(folder, tmp_path)
    if name == "model.safetensors":
        tensors = load_file(str(folder / name))
        tensors["model.norm.weight"] += 1
        save_file(tensors, str(folder / name), {"format": "pt"})
    else:
        config = json.loads((folder / name).read_text())
        (folder / name).write_text(json.dumps(config | {"eos_token": CONTROL[0]}))
    after = loaded(folder, tmp_path)
    assert (after.fingerprint == before.fingerprint) == (name != "model.safetensors")
    assert (after.tokenizer.eos_token_id == before.tokenizer.eos_token_id) == (
        name == "model.safetensors"
    )


@pytest.mark.parametrize("left", [0, 40, 400, -1])
def test_what_is_damaged_is_found_out_anew(folder: Path, tmp_path: Path, left: int) -> None:
    before = loaded(folder, tmp_path)
    (file,) = kept_files(tmp_path)
    whole = file.read_bytes()
    file.write_bytes(whole[:left])
    after = loaded(folder, tmp_path)
    assert after.fingerprint == before.fingerprint
    assert ChatFormat.of(after.tokenizer).step_ids("a") == ChatFormat.of(before.tokenizer).step_ids(
        "a"
    )
    assert file.read_bytes() == whole


def test_a_flipped_bit_is_noticed(folder: Path, tmp_path: Path) -> None:
    loaded(folder, tmp_path)
    (file,) = kept_files(tmp_path)
    whole = file.read_bytes()
    for place in (3, 100, len(whole) // 2):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        loaded(folder, tmp_path)
        assert file.read_bytes() == whole


def test_without_room_for_it_a_model_is_loaded_all_the_same(folder: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "read").write_text("no folder")
    assert loaded(folder, cache).fingerprint == loaded(folder, tmp_path).fingerprint


def test_several_first_starts_at_once_leave_one_whole_file(folder: Path, tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: loaded(folder, tmp_path).fingerprint, range(4)))
    assert len(set(found)) == 1
    (file,) = kept_files(tmp_path)
    written = file.stat().st_mtime_ns
    assert loaded(folder, tmp_path).fingerprint == found[0]
    assert file.stat().st_mtime_ns == written


def test_a_kept_encoder_gives_the_bits_that_transformers_gives(
    texts_folder: Path, tmp_path: Path, without_transformers: Callable[[], None]
) -> None:
    source = Source("settings", str(texts_folder))
    through = Encoder.load(source)
    Encoder.load(source, cache=tmp_path)
    without_transformers()
    kept = Encoder.load(source, cache=tmp_path)

    assert (kept.fingerprint, kept.size) == (through.fingerprint, through.size)
    texts = [text for text in TEXTS if text]
    assert torch.equal(kept(texts), through(texts))
    for one, two in zip(kept.embed(texts), through.embed(texts), strict=True):
        assert one.words == two.words
        assert (one.values_C == two.values_C).all()
        assert (one.tokens_TC == two.tokens_TC).all()


def test_an_encoder_of_another_form_stays_transformers_own(
    texts_folder: Path, tmp_path: Path
) -> None:
    config = json.loads((texts_folder / "config.json").read_text())
    (texts_folder / "config.json").write_text(json.dumps(config | {"hidden_act": "relu"}))
    source = Source("settings", str(texts_folder))
    through = Encoder.load(source)
    for _ in range(2):
        assert torch.equal(Encoder.load(source, cache=tmp_path)(["a b"]), through(["a b"]))


def test_a_kept_encoder_whose_file_broke_since_is_refused_by_name(
    texts_folder: Path, tmp_path: Path
) -> None:
    source = Source("settings", str(texts_folder))
    Encoder.load(source, cache=tmp_path)
    file = texts_folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(BrokenModelError, match=r"encoder.*model\.safetensors is damaged"):
        Encoder.load(source, cache=tmp_path)


PROGRAM = """
import sys
from pathlib import Path
from hypernet.engine.interface import Request
from hypernet.runtime import RuntimeOptions, load_runtime

base, encoder, cache = sys.argv[1:]
options = RuntimeOptions(base=base, encoder=encoder, cache=Path(cache))
runtime = load_runtime(options)
answer = runtime.engine.submit(Request("a", "Which?", labels=("one", "two"))).result().text
vector = runtime.embedder.embed(["a text"])[0]
runtime.close()
print(answer in ("one", "two"), len(vector.words))
print(sorted(name for name in ("transformers", "peft", "numba", "sympy") if name in sys.modules))
"""


def test_a_later_start_imports_only_what_an_answer_needs(
    base_folder: Path, encoder_folder: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", PROGRAM, str(base_folder), str(encoder_folder), str(tmp_path)]
    first, second = (
        subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
        for _ in range(2)
    )
    assert first[0] == second[0] == "True 5"
    assert second[1] == "[]"
