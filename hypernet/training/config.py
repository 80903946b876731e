"""One training run's settings, read from a TOML file."""

from __future__ import annotations

import re
import tomllib
from dataclasses import MISSING, dataclass, field, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

KINDS: dict[str, type | tuple[type, ...]] = {
    "str": str, "int": int, "float": (int, float), "bool": bool, "tuple": list, "dict": dict,
}  # fmt: skip
"""How TOML gives a setting, by the first word of its annotation."""
ON_DEMAND = "what training reads is computed as it is drawn; leave it out"
GONE = {
    "samples_per_task": "`instances` says how many of a task are tokenised",
    "prefixed_per_task": "`in_prompt` says how many samples have the task's text in the prompt",
    "prefix_wordings": ON_DEMAND,
    "read_wordings": ON_DEMAND,
    "prefix_shown": "prompts show no examples any more; leave it out",
    "micro_batch": "`micro_tokens` says how much goes through the layers at once",
}
"""Settings of earlier versions, and what to do instead."""
DEFAULT_RANK, DEFAULT_SHARE = 32, 1 / 3
REPLAYED = 0.25
"""Share of old tasks when a user's own folder is trained on."""


@dataclass(frozen=True)
class Source:
    """Where tasks come from, and how much of each is used."""

    tasks: str
    """A task file, or a folder of them or of tasks."""
    wordings: str | None = None
    """A file with other wordings of the tasks' descriptions."""
    share: float = 1.0
    """How many of a batch's samples come from here, against the other sources' shares."""
    held_out: float = 0.0
    """Which part of each task's instances is kept for development, with its last wordings."""
    only: tuple[str, ...] = ()
    """Names of the tasks to take; none means all."""
    instances: int = 64
    """Most instances of a task that are tokenised, and drawn from."""
    max_prefix: int = 160
    """Most tokens of a task's text in the prompt; longer wordings are passed over."""
    max_step: int = 160
    max_answer: int = 40


@dataclass(frozen=True)
class TrainConfig:
    """Everything a run depends on; equal settings and seed give equal weights on one machine."""

    name: str
    train: tuple[Source, ...]
    dev: tuple[Source, ...] = ()
    base: str | None = None
    encoder: str | None = None
    device: str = "cpu"
    seed: int = 0
    """Of the first weights and of what each step draws."""
    data_seed: int = 0
    """Of the instances and development tasks taken from the sources: runs that differ in `seed`
    alone see the same data."""
    start: str | None = None
    """A hypernetwork's folder to go on from, or "shipped"; none starts anew."""
    replay: float = 0.0
    """Share of a batch's samples from the tasks kept beside the weights that the run goes on from
    (`replay.jsonl.gz`), so that they are not forgotten. Without such a file nothing is mixed in."""
    # the network
    rank: int | None = None
    """None means that of the weights the run goes on from, and 32 anew."""
    hidden: int = 384
    adapted_share: float | None = None
    """How much of the layers, from the top, is adapted; None means as much as in the weights the
    run goes on from, and a third anew."""
    read_share: float | None = None
    """How much of the layers, from the bottom, reads a task's text and examples; None means as many
    as in the weights the run goes on from, and anew those below the adapted ones."""
    conditioned: bool = True
    """False trains the multi-task component alone: the `static` arm of the evaluation."""
    # the data
    in_prompt: float = 0.5
    """Share of samples with the task's text in the prompt."""
    max_paraphrases: int = 24
    dev_tasks: int = 40
    """Most development tasks of a source."""
    dev_samples_per_task: int = 8
    dev_examples: int = 8
    memory_mb: int = 4096
    """Most memory for what the frozen layers gave, kept to serve again."""
    allow_restricted: bool = False
    # the optimisation
    steps: int = 1000
    batch: int = 48
    samples_each: int = 2
    """Samples of a batch that share a task and what is read of it."""
    micro_tokens: int = 400
    """Most tokens, padding included, that go through the adapted layers at once."""
    lora_rate: float = 1e-3
    trunk_rate: float = 5e-4
    weight_decay: float = 0.01
    warm_up: float = 0.06
    clip: float = 1.0
    label_smoothing: float = 0.1
    nothing_read: float = 0.1
    """Share of samples with neither text nor examples read: they train the multi-task component."""
    examples_read: float = 0.45
    """Share of samples whose condition has examples, 1 to `most_examples` of them."""
    examples_alone: float = 0.4
    """Share of these whose condition has the examples without the text."""
    most_examples: int = 12
    condition_noise: float = 0.3
    evaluate_every: int = 100
    tags: dict[str, str] = field(default_factory=dict)
    """Free remarks for the card."""

    @classmethod
    def read(cls, file: Path) -> TrainConfig:
        """Read a TOML file.

        Raises:
            ValueError: names an unknown, missing or mistyped setting.
        """
        try:
            raw = tomllib.loads(file.read_text(encoding="utf-8-sig"))
        except UnicodeDecodeError as error:
            raise ValueError(f"{file.name}: not UTF-8; save it as UTF-8") from error
        except tomllib.TOMLDecodeError as error:
            raise ValueError(f"{file.name}: not TOML ({error})") from error
        _known(file, raw, cls)
        for kind in ("train", "dev"):
            if kind in raw:
                raw[kind] = tuple(
                    _source(file, row, f"{kind}[{n}]") for n, row in enumerate(raw[kind])
                )
        config = cls(**raw)
        if not config.train:
            raise ValueError(f"{file.name}: train: at least one source is needed")
        for name in ("adapted_share", "read_share"):
            share = getattr(config, name)
            if share is not None and not 0 < share <= 1:
                raise ValueError(f"{file.name}: {name} must be over 0 and at most 1")
        if not 0 <= config.in_prompt <= 1:
            raise ValueError(f"{file.name}: in_prompt must be at least 0 and at most 1")
        if not 0 <= config.replay < 1:
            raise ValueError(f"{file.name}: replay must be at least 0 and under 1")
        for name in ("dev_tasks", "memory_mb", "samples_each", "micro_tokens"):
            if getattr(config, name) < 1:
                raise ValueError(f"{file.name}: {name} must be at least 1")
        return config

    @classmethod
    def of_folder(cls, folder: Path) -> TrainConfig:
        """Settings for a user's own folder of tasks: go on from the shipped hypernetwork."""
        source = Source(str(folder), held_out=0.2, max_step=384, max_answer=96)
        return cls(
            name=folder.resolve().name,
            train=(source,),
            start="shipped",
            replay=REPLAYED,
            samples_each=4,
            steps=200,
        )

    def first_layer(self, layers: int) -> int:
        """The first adapted layer of a base with this many, of a network that starts anew."""
        share = DEFAULT_SHARE if self.adapted_share is None else self.adapted_share
        return layers - max(1, round(layers * share))

    def read_layer(self, layers: int) -> int | None:
        """The layer whose entering states are read of a task, where the settings name one."""
        if self.read_share is None:
            return None
        return min(layers - 1, round(layers * self.read_share))


def _source(file: Path, raw: Any, where: str) -> Source:
    if not isinstance(raw, dict):
        raise ValueError(f"{file.name}: {where}: must be a table with `tasks`")
    _known(file, raw, Source, f"{where}.")
    source = Source(**raw | {"only": tuple(raw.get("only", ()))})
    if source.share <= 0:
        raise ValueError(f"{file.name}: {where}.share must be over 0")
    if source.instances < 1:
        raise ValueError(f"{file.name}: {where}.instances must be at least 1")
    if not 0 <= source.held_out < 1:
        raise ValueError(f"{file.name}: {where}.held_out must be at least 0 and under 1")
    return source


def _known(file: Path, raw: dict[str, Any], kind: type, where: str = "") -> None:
    if unknown := sorted(set(raw) - {f.name for f in fields(kind)}):
        hint = f" ({GONE[unknown[0]]})" if unknown[0] in GONE else ""
        raise ValueError(f"{file.name}: unknown setting {where + unknown[0]!r}{hint}")
    for setting in fields(kind):
        needed = setting.default is MISSING and setting.default_factory is MISSING
        if needed and setting.name not in raw:
            raise ValueError(f"{file.name}: {where}{setting.name} is missing")
        wanted = KINDS[re.split(r"\W", str(setting.type))[0]]
        value = raw.get(setting.name)
        # In TOML as in Python a truth value is no number.
        if value is not None and (
            not isinstance(value, wanted) or isinstance(value, bool) is not (wanted is bool)
        ):
            raise ValueError(f"{file.name}: {where}{setting.name}: {value!r} is of another kind")
