"""What kinds of documents there are: their names, fields and layouts, read from YAML.

Knows nothing of drawing values or of questions.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from checkpoints.text.problems import problems_of

KINDS = Path(__file__).parent / "kinds"
HELD_OUT = Path(__file__).parent / "held_out.yaml"
PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
CHOICE = re.compile(r"\[\[((?:(?!\[\[|\]\]).)*)\]\]", re.DOTALL)
ROWS = re.compile(r"<<([a-z_]+): (.*?)>>", re.DOTALL)
Noise = Literal["slips", "breaks", "upper", "lower", "lead", "tail", "spaces"]
Maker = Literal[
    "person", "first_name", "company", "city", "street", "address", "postcode", "country",
    "email", "phone", "domain", "username", "date", "span", "time", "number", "percent", "money",
    "millions", "id", "choice", "column", "label", "rows", "sum", "product", "share", "icd",
]  # fmt: skip


class Part(BaseModel):
    """A part of a specification; a key that is none of its own is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Label(Part):
    """One value of a label field, and how a document expresses it without naming it."""

    say: tuple[str, ...]
    also: tuple[str, ...] = ()
    """Other words for the label."""
    ask: str = ""
    """A question that is answered with yes where the label holds."""
    more: tuple[str, ...] = ()
    """What other fields, as columns of this one, say with it."""


class Field(Part):
    """One thing that a document says."""

    make: Maker
    names: tuple[str, ...] = ()
    """What people call it, to stand behind "the"; without a name nobody asks for it."""
    unseen: tuple[str, ...] = ()
    """Names that only held-out wordings use."""
    ask: tuple[str, ...] = ()
    """Whole questions for it."""
    missing: float = 0.0
    """In which share of the documents it is left out."""
    choices: tuple[str | tuple[str, ...], ...] = ()
    of: tuple[str, ...] = ()
    """The fields it is made from."""
    column: int = 1
    low: float = 1
    high: float = 100
    decimals: int = 0
    unit: str = ""
    days: tuple[int, ...] = ()
    style: str = ""
    """The form of a date, if it is not that of the document."""
    labels: dict[str, Label] = {}
    columns: dict[str, Field] = {}
    count: tuple[int, int] = (2, 4)

    @model_validator(mode="after")
    def _settings_fit(self) -> Field:
        needed = {"choice": "choices", "id": "choices", "label": "labels", "rows": "columns"}
        needed |= dict.fromkeys(("column", "sum", "product", "share", "span"), "of")
        name = needed.get(self.make)
        if name and not getattr(self, name):
            raise ValueError(f"{self.make} needs {name}")
        return self

    @property
    def values(self) -> tuple[str, ...]:
        """The few values it can have, if it is asked for as a label."""
        if self.make == "label":
            return tuple(self.labels)
        plain = tuple(
            c for c in self.choices if isinstance(c, str) and re.match(r"[^\W\d][^\[]*$", c)
        )
        few = self.make == "choice" and 2 <= len(plain) == len(self.choices) <= 6
        return plain if few else ()


class Layout(Part):
    """One form that a kind's documents come in."""

    text: str
    language: str = "en"


class Sentence(Part):
    """A sentence that is written from facts, and what it is for."""

    about: str
    text: str


class Kind(Part):
    """A kind of document."""

    kind: str
    vertical: str
    names: tuple[str, ...]
    unseen: tuple[str, ...] = ()
    locales: tuple[str, ...] = ("en_US", "en_GB", "en_IN", "de_DE", "fr_FR", "es_ES", "it_IT",
                                "nl_NL", "pl_PL", "pt_PT")  # fmt: skip
    noise: tuple[Noise, ...] = ("breaks", "lead", "tail", "upper")
    fields: dict[str, Field]
    parts: dict[str, tuple[str, ...]] = {}
    """Phrases to choose from that are no facts."""
    layouts: tuple[Layout | str, ...]
    sentences: tuple[Sentence, ...] = ()
    held_out: bool = False
    held_out_fields: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _texts_fit(self) -> Kind:
        columns = {name for field in self.fields.values() for name in field.columns}
        known = set(self.fields) | set(self.parts) | columns
        says = [
            say for f in self.fields.values() for label in f.labels.values() for say in label.say
        ]
        texts = [*(layout.text for layout in self.all_layouts), *says]
        texts += [phrase for phrases in self.parts.values() for phrase in phrases]
        for text in texts:
            for name in [*PLACEHOLDER.findall(text), *(m[0] for m in ROWS.findall(text))]:
                if name not in known:
                    raise ValueError(f"{{{name}}} is no field: {text[:60]!r}")
            if text.count("[[") != text.count("]]"):
                raise ValueError(f"[[ without ]]: {text[:60]!r}")
        for layout in self.all_layouts:
            for line in layout.text.split("\n"):
                self._check_line(line)
        for sentence in self.sentences:
            if strange := set(PLACEHOLDER.findall(sentence.text)) - set(self.fields):
                raise ValueError(f"no fields: {sorted(strange)} in {sentence.text[:60]!r}")
        said = [n.lower() for f in self.fields.values() for n in (*f.names, *f.unseen)]
        if twice := {name for name in said if said.count(name) > 1}:
            raise ValueError(f"names of two fields: {sorted(twice)}")
        return self

    def _check_line(self, line: str) -> None:
        """A line is left out with a field that is missing; nothing else may go with it."""
        bare = line
        while CHOICE.search(bare):
            bare = CHOICE.sub("", bare)
        names = [*PLACEHOLDER.findall(ROWS.sub("", bare)), *(m[0] for m in ROWS.findall(bare))]
        loose = [name for name in names if self.may_lack(name)]
        if loose and any(not self.may_lack(name) for name in names):
            raise ValueError(f"put {{{loose[0]}}} in [[ ]], it may be missing: {line[:60]!r}")

    def may_lack(self, name: str) -> bool:
        """Whether a field may be missing, or each phrase of a part lacks something then."""
        if name in self.fields:
            return self.fields[name].missing > 0
        phrases = self.parts.get(name, ())
        inside = [PLACEHOLDER.findall(phrase) for phrase in phrases]
        return bool(inside) and all(any(map(self.may_lack, names)) for names in inside)

    @property
    def all_layouts(self) -> tuple[Layout, ...]:
        """The layouts, each with its language."""
        return tuple(Layout(text=x) if isinstance(x, str) else x for x in self.layouts)


class HeldOut(Part):
    """What no training task asks: whole kinds, and fields of the others by kind."""

    kinds: tuple[str, ...]
    fields: dict[str, tuple[str, ...]]


@cache
def held_out() -> HeldOut:
    """The declaration in `held_out.yaml`."""
    return HeldOut.model_validate(yaml.safe_load(HELD_OUT.read_text(encoding="utf-8")))


def read_kind(file: Path) -> Kind:
    """The kind that a file specifies; its name and vertical are the file's and the folder's.

    Raises:
        ValueError: something in the file is no part of a kind; names the file and the place.
    """
    name = f"{file.parent.name}/{file.name}"
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        about: dict[str, object] = {"kind": file.stem, "vertical": file.parent.name}
        about["held_out"] = file.stem in held_out().kinds
        about["held_out_fields"] = held_out().fields.get(file.stem, ())
        kind = Kind.model_validate({**content, **about})
    except (yaml.YAMLError, TypeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f" from line {mark.line + 1} on" if mark else ""
        raise ValueError(f"{name}: not a specification in YAML{line}") from error
    except ValidationError as error:
        raise ValueError(f"{name}: {problems_of(error, 'kind', 1)}") from error
    if strange := set(kind.held_out_fields) - set(kind.fields):
        raise ValueError(f"{HELD_OUT.name}: {file.stem} has no {sorted(strange)}")
    return kind


def read_kinds(vertical: str | None = None, folder: Path = KINDS) -> list[Kind]:
    """All kinds, or those of one vertical, in the order of their files' names.

    Raises:
        ValueError: as `read_kind`; or there is no such vertical.
    """
    kinds = [read_kind(file) for file in sorted(folder.glob(f"{vertical or '*'}/*.yaml"))]
    if not kinds:
        raise ValueError(f"{vertical}: no vertical in {folder}")
    return kinds
