"""The settings of a training run: what a file may say, and each fault by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hypernet.training.config import Source, TrainConfig

if TYPE_CHECKING:
    from pathlib import Path

TRAIN = '[[train]]\ntasks = "a"\n'


def read(folder: Path, text: str) -> TrainConfig:
    (folder / "run.toml").write_text(text)
    return TrainConfig.read(folder / "run.toml")


def test_a_config_file_sets_what_it_names_and_leaves_the_rest(tmp_path: Path) -> None:
    config = read(
        tmp_path,
        'name = "x"\nsteps = 7\nlora_rate = 1\n[tags]\nwhy = "a try"\n'
        '[[train]]\ntasks = "a"\nshare = 2\nonly = ["one"]\n[[train]]\ntasks = "generated"\n'
        '[[dev]]\ntasks = "b"\n',
    )
    assert (config.steps, config.lora_rate, config.batch) == (7, 1, TrainConfig.batch)
    assert config.tags == {"why": "a try"}
    assert config.train == (Source("a", share=2, only=("one",)), Source("generated"))
    assert config.dev == (Source("b"),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name =", "run.toml: not TOML"),
        ('name = "x"\nstepz = 7\n' + TRAIN, "run.toml: unknown setting 'stepz'"),
        ('name = "x"\n' + TRAIN + "sharp = 1", r"unknown setting 'train\[0\].sharp'"),
        ('name = "x"\n' + TRAIN + TRAIN + "max_stepp = 1", r"'train\[1\].max_stepp'"),
        ('name = "x"\n' + TRAIN + "[[dev]]\nshare = 1", r"dev\[0\].tasks is missing"),
        (TRAIN, "name"),
        ('name = "x"\n', "run.toml: .*train"),
        ('name = "x"\ntrain = []\n', "train: at least one source"),
        ('name = "x"\ntrain = "a"\n', "run.toml: train: 'a' is of another kind"),
        ('name = "x"\ntrain = ["a"]\n', r"train\[0\]: must be a table"),
        ("name = 3\n" + TRAIN, "run.toml: name: 3 is of another kind"),
        ('name = "x"\nsteps = "many"\n' + TRAIN, "steps: 'many' is of another kind"),
        ('name = "x"\nsteps = 1.5\n' + TRAIN, "steps: 1.5 is of another kind"),
        ('name = "x"\nsteps = true\n' + TRAIN, "steps: True is of another kind"),
        ('name = "x"\nconditioned = 1\n' + TRAIN, "conditioned: 1 is of another kind"),
        ('name = "x"\n' + TRAIN + 'held_out = "some"', r"train\[0\].held_out: 'some'"),
        ('name = "x"\n' + TRAIN + 'only = "one"', r"train\[0\].only: 'one'"),
        ('name = "x"\n' + TRAIN + "held_out = 1.0", r"train\[0\].held_out must be at least 0"),
        ('name = "x"\n' + TRAIN + "held_out = -0.1", r"train\[0\].held_out must be at least 0"),
        ('name = "x"\nin_prompt = 1.5\n' + TRAIN, "in_prompt must be at least 0"),
        ('name = "x"\nmemory_mb = 0\n' + TRAIN, "memory_mb must be at least 1"),
        ('name = "x"\ndev_tasks = 0\n' + TRAIN, "dev_tasks must be at least 1"),
        ('name = "x"\n' + TRAIN + "instances = 0", r"train\[0\].instances must be at least 1"),
        ('name = "x"\n' + TRAIN + "share = 0", r"train\[0\].share must be over 0"),
    ],
)
def test_each_fault_of_a_config_file_is_named(text: str, expected: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=expected):
        read(tmp_path, text)


@pytest.mark.parametrize("share", [0, -0.1, 1.1])
@pytest.mark.parametrize("name", ["adapted_share", "read_share"])
def test_a_share_of_layers_that_is_none_is_refused(name: str, share: float, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=name):
        read(tmp_path, f'name = "x"\n{name} = {share}\n' + TRAIN)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("prefix_wordings = 2\n" + TRAIN, "unknown setting 'prefix_wordings' .*leave it out"),
        ("read_wordings = 2\n" + TRAIN, "unknown setting 'read_wordings' .*leave it out"),
        ("prefix_shown = 2\n" + TRAIN, "unknown setting 'prefix_shown' .*no examples any more"),
        (TRAIN + "samples_per_task = 6", r"'train\[0\].samples_per_task' \(`instances` says"),
        (TRAIN + "prefixed_per_task = 6", r"'train\[0\].prefixed_per_task' \(`in_prompt` says"),
    ],
)
def test_a_setting_that_is_gone_is_refused_with_what_to_do(
    text: str, expected: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=expected):
        read(tmp_path, f'name = "x"\n{text}')


@pytest.mark.parametrize(("share", "first"), [(1.0, 0), (0.5, 15), (1 / 3, 20), (0.001, 29)])
def test_the_upper_share_of_the_layers_is_adapted(share: float, first: int) -> None:
    config = TrainConfig("x", (Source("a"),), adapted_share=share)
    assert config.first_layer(30) == first


def test_a_users_folder_goes_on_from_the_shipped_network_and_holds_some_back(
    tmp_path: Path,
) -> None:
    (tmp_path / "mine").mkdir()
    config = TrainConfig.of_folder(tmp_path / "mine")
    (source,) = config.train
    assert (config.name, config.start, source.tasks) == ("mine", "shipped", str(tmp_path / "mine"))
    assert 0 < source.held_out < 1
