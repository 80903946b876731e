"""The sources of installed packages, read with Python's own parser: the agent's raw material."""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from importlib import metadata
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, cast

from examples.competitive_intel.facts import prose

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from email.message import Message

FILE_CHARS = 60_000
FUNCTION_CHARS = 700
README_WORDS = 40
_LEFT_OUT = frozenset({"tests", "test", "testing", "_vendor", "vendored", "conftest.py"})


@dataclass(frozen=True)
class Function:
    """A short function of a module, as its lines stand there, without decorators."""

    package: str
    file: str
    """Its path below the code base, such as `click/utils.py`."""
    name: str
    source: str

    @cached_property
    def node(self) -> ast.FunctionDef:
        """Its parsed definition."""
        return definition(self.source)

    @property
    def doc(self) -> str:
        """Its docstring."""
        return ast.get_docstring(self.node) or ""

    @property
    def says(self) -> str:
        """What it does: the first sentence of its docstring."""
        return first_sentence(self.doc)


@dataclass(frozen=True)
class Package:
    """A distribution with the modules and functions that are of use here."""

    name: str
    version: str
    summary: str
    readme: str
    """The first words of its description, without markup."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Texts by path below the code base."""
    functions: tuple[Function, ...] = ()


def definition(source: str) -> ast.FunctionDef:
    """The function that a text defines.

    Raises:
        SyntaxError: it defines none.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of other people's code
        body = ast.parse(source).body
    if not body or not isinstance(body[0], ast.FunctionDef):
        raise SyntaxError("no function")
    return body[0]


def first_sentence(doc: str) -> str:
    """The first sentence of a docstring, on one line and without markup."""
    text = " ".join(doc.strip().partition("\n\n")[0].split())
    text = re.sub(r":\w+:`~?([^`]*)`", r"\1", text).replace("`", "")
    return re.split(r"(?<=[.!?:])\s", text, maxsplit=1)[0].rstrip(".:")


@cache
def read_package(name: str) -> Package | None:
    """An installed distribution's sources; None where it is not there."""
    about = read_about(name)
    if about is None:
        return None
    files = dict(_files(metadata.distribution(name), name))
    return replace(about, files=files, functions=tuple(_functions(name, files)))


def read_about(name: str) -> Package | None:
    """What an installed distribution says of itself, without its sources; None: not there."""
    try:
        distribution = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return None
    # It is an email message, whatever narrower protocol it is declared as.
    fields = cast("Message", distribution.metadata)
    body = fields.get("Description") or fields.get_payload()
    return Package(
        name,
        distribution.version,
        " ".join((fields.get("Summary") or "").split()).rstrip("."),
        prose(body if isinstance(body, str) else "", README_WORDS),
    )


def _files(distribution: metadata.Distribution, name: str) -> Iterator[tuple[str, str]]:
    for path in sorted(distribution.files or [], key=str):
        parts = PurePosixPath(path).parts
        if path.suffix != ".py" or _LEFT_OUT & set(parts) or ".." in parts or len(parts) < 2:
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        if len(text) <= FILE_CHARS:
            yield "/".join((name, *parts[1:])), text


def _functions(package: str, files: Mapping[str, str]) -> Iterator[Function]:
    """Short documented functions whose name occurs once in the package."""
    found: dict[str, list[Function]] = {}
    for file, text in files.items():
        lines = text.split("\n")
        for node in _parsed(text):
            source = "\n".join(lines[node.lineno - 1 : node.end_lineno])
            if len(source) > FUNCTION_CHARS or not source.isascii() or "\t" in source:
                continue
            if len(node.body) > 1 and ast.get_docstring(node):
                found.setdefault(node.name, []).append(Function(package, file, node.name, source))
    return (each[0] for each in found.values() if len(each) == 1)


def _parsed(text: str) -> list[ast.FunctionDef]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of other people's code
            body = ast.parse(text).body
    except SyntaxError:
        return []
    return [n for n in body if isinstance(n, ast.FunctionDef) and n.name.strip("_") == n.name]
