"""What is right: the answers that the packages' metadata gives by itself, without a model."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING

from examples.agent.errors import ExampleError

if TYPE_CHECKING:
    from pathlib import Path

KINDS = ("name", "oldest Python", "licence", "purpose")
"""What the steps for one package ask, in their order."""


@dataclass(frozen=True)
class Package:
    """What a package says of itself; what it does not say is empty."""

    name: str
    summary: str
    licence: str
    python: str

    def expected(self, kind: str) -> str:
        """The right answer, as a person would write it; empty where the metadata has none."""
        if kind == "oldest Python":
            found = re.search(r"(?:>=|~=)\s*(\d+(?:\.\d+)*)", self.python)
            return found[1] if found else ""
        own = {"name": self.name, "licence": self.licence}
        return own.get(kind, self.summary)

    def confirms(self, kind: str, output: str) -> bool | None:
        """Whether an answer is right; None where the metadata does not say."""
        expected, said = self.expected(kind), " ".join(output.split())
        if not expected:
            return None
        if kind == "name":
            return _plain(_argument(output)) == _plain(self.name)
        if kind == "oldest Python":
            return said.removesuffix(".0") == expected.removesuffix(".0")
        if kind == "purpose":
            # Some words of the summary, and more than the name and the language.
            words = said.rstrip(".").casefold()
            return words in expected.casefold() and words not in ("", "python", _plain(self.name))
        return said == expected


def read_packages(python: Path, names: list[str]) -> list[Package]:
    """The packages as they are installed in that Python's environment.

    Raises:
        ExampleError: one is not there, or has no summary.
    """
    folders = [str(folder) for folder in python.parents[1].glob("**/site-packages")]
    return [_package(folders, name) for name in names]


def _package(folders: list[str], name: str) -> Package:
    for found in metadata.distributions(name=name, path=folders):
        fields = found.metadata
        get = {key: fields[key] for key in fields}  # the last of several
        if not get.get("Summary"):
            raise ExampleError(f"{name} has no summary: name another package")
        return Package(
            name=get["Name"],
            summary=" ".join(get["Summary"].split()),
            licence=get.get("License-Expression") or get.get("License") or "",
            python=get.get("Requires-Python") or "",
        )
    raise ExampleError(f"{name} is not installed beside LangChain: name a package that is")


def _argument(output: str) -> str:
    """The package that a call of `look_up` names."""
    try:
        return str(json.loads(output)["package"])
    except (ValueError, LookupError, TypeError):
        return ""


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).casefold()
