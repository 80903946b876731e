"""What a step is for: a description, optionally the allowed labels and a few examples.

And what may have been said before it, in a conversation.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

# What is as empty as a space, and what shows nothing at all beside format characters: joiners,
# fillers, variation selectors.
_BLANKS = frozenset("\u2800\u3164\uffa0")
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\ufe00-\ufe0f\ufff0-\ufff8"
    "\U000e0000-\U000e001f\U000e0080-\U000e0fff]"
)
_FLAG = "\U0001f3f4"


@dataclass(frozen=True)
class Example:
    """One solved instance of a task."""

    input: str
    output: str


@dataclass(frozen=True)
class Turn:
    """An earlier turn of a conversation: what a user said, and what was answered."""

    user: str
    answer: str


@dataclass(frozen=True)
class Task:
    """The description of what a step is for. `labels` keep the order in which they were given.

    That order has no effect: no text and no digest depends on it.
    """

    description: str
    labels: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()

    def normalised(self) -> Task:
        """The task with insignificant differences removed, so that equal tasks share a digest."""
        labels = in_order(as_read(label) for label in self.labels)
        return replace(self.tidied(), labels=labels)

    def tidied(self) -> Task:
        """The task in normal Unicode and without needless white space.

        Not its labels: an answer is one of them, to the byte.
        """
        return Task(
            description=as_read(self.description),
            labels=self.labels,
            examples=tuple(Example(e.input.strip(), e.output.strip()) for e in self.examples),
        )

    def allows(self, output: str) -> bool:
        """Whether an output is one of the labels, where there are any; white space aside."""
        return not self.labels or as_read(output) in {as_read(label) for label in self.labels}

    def without_examples(self) -> Task:
        """The same task, described by its text and labels alone."""
        return replace(self, examples=())

    def conditioning_text(self) -> str:
        """The text that the hypernetwork's encoder reads."""
        return _with_labels(self.description, self.labels)

    def prefix_text(self) -> str:
        """The text before a step's input when the task is in the prompt."""
        return f"{_with_labels(self.description, self.labels)}\n\n{self.examples_text()}"

    def examples_text(self) -> str:
        """The part of it that shows the examples."""
        return "".join(f"Input: {e.input}\nOutput: {e.output}\n\n" for e in self.examples)

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready form that `from_dict` reads back."""
        return {
            "description": self.description,
            "labels": list(self.labels),
            "examples": [{"input": e.input, "output": e.output} for e in self.examples],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Task:
        """The task that `to_dict` wrote.

        Raises:
            KeyError, TypeError: it is not of that form.
        """
        if not isinstance(data, Mapping):
            raise TypeError("a task must be an object")
        labels, examples = data.get("labels", ()), data.get("examples", ())
        if not isinstance(labels, (list, tuple)) or not isinstance(examples, (list, tuple)):
            raise TypeError("labels, examples: must be lists")
        pairs = [(each["input"], each["output"]) for each in examples]
        texts = [data["description"], *labels, *(text for pair in pairs for text in pair)]
        if not all(isinstance(text, str) for text in texts):
            raise TypeError("description, labels, examples: must be texts")
        return cls(
            description=data["description"],
            labels=tuple(labels),
            examples=tuple(Example(*pair) for pair in pairs),
        )


def adapter_digest(task: Task, base_fingerprint: str, hypernetwork_version: str) -> str:
    """The identity of a task's adapter by one hypernetwork on one base: 24 hex digits."""
    identity = {
        "base": base_fingerprint,
        "hypernetwork": hypernetwork_version,
        "task": task.normalised().to_dict(),
    }
    blob = json.dumps(identity, sort_keys=True, ensure_ascii=False).encode()
    return hashlib.sha256(blob).hexdigest()[:24]


def in_order(labels: Iterable[str]) -> tuple[str, ...]:
    """Labels in the one order that models read and score them in: alphabetical, case aside."""

    def place(label: str) -> tuple[str, str]:
        read = as_read(label)
        return read.casefold(), read

    return tuple(sorted(labels, key=place))


def as_read(text: str) -> str:
    """A description or label as models read it: NFC, one space wherever there is white space."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def as_seen(text: str) -> str:
    """A label as people see it: `as_read`, without what shows nothing."""
    flag = _FLAG in text  # of the flags of some countries these are the letters
    shown = "".join(
        " " if character in _BLANKS else character
        for character in text
        if character.isspace() or not (_UNSEEN.match(character) or _is_format(character, flag))
    )
    return as_read(shown)


def _is_format(character: str, flag: bool) -> bool:
    if flag and "\U000e0020" <= character <= "\U000e007f":
        return False
    return unicodedata.category(character) in ("Cf", "Cc")


def label_fault(labels: Iterable[str]) -> str | None:
    """What to say of labels that cannot be told apart, or seen; None if each is one of its own."""
    first: dict[str, int] = {}
    for number, label in enumerate(labels):
        if not (seen := as_seen(label)):
            return f"labels[{number}]: must not be empty, or nothing but invisible characters"
        if (before := first.setdefault(seen, number)) != number:
            return (
                f"labels: the same label is given twice, as labels[{before}] and labels[{number}] "
                "(white space, Unicode form and invisible characters make no difference)"
            )
    return None


def _with_labels(description: str, labels: tuple[str, ...]) -> str:
    if not labels:
        return description
    return f"{description}\nAnswer with one of: {', '.join(map(as_read, in_order(labels)))}"
