"""What was answered so far while a task is measured, for who is interrupted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hypernet.files import PRIVATE, replacing
from hypernet.learning.answers import Answer
from hypernet.learning.judges.probe import packed, unpacked

if TYPE_CHECKING:
    from pathlib import Path


class Partial:
    """The answers of each piece of the work, in a file if there is one."""

    def __init__(self, file: Path | None, key: str) -> None:
        """`key` says of what the answers are: a file of another one is as good as none."""
        self._file, self._key = file, key
        self._answers = self._read()

    def get(self, name: str) -> list[Answer | None] | None:
        """The answers of a piece of the work that is done."""
        return self._answers.get(name)

    def add(self, name: str, answers: list[Answer | None]) -> None:
        """Keep a piece of the work."""
        self._answers[name] = answers
        if self._file is None:
            return
        done = {name: [_written(each) for each in found] for name, found in self._answers.items()}
        with replacing(self._file, permissions=PRIVATE) as stream:
            stream.write(json.dumps({"key": self._key, "answers": done}).encode())

    def _read(self) -> dict[str, list[Answer | None]]:
        if self._file is None:
            return {}
        try:
            stored = json.loads(self._file.read_text(encoding="utf-8"))
            if stored["key"] != self._key:
                return {}
            answers = stored["answers"].items()
            return {name: [_read_back(each) for each in found] for name, found in answers}
        except (OSError, ValueError, TypeError, AttributeError, KeyError):
            return {}


def _written(answer: Answer | None) -> dict[str, Any] | None:
    if answer is None:
        return None
    shares = None if answer.shares is None else dict(answer.shares)
    state = None if answer.state_D is None else packed(answer.state_D)
    return {"output": answer.output, "confidence": answer.confidence, "shares": shares,
            "state": state}  # fmt: skip


def _read_back(written: dict[str, Any] | None) -> Answer | None:
    if written is None:
        return None
    output, confidence = written["output"], written["confidence"]
    state = None if written["state"] is None else unpacked(written["state"])
    return Answer(output, confidence, written["shares"], state)
