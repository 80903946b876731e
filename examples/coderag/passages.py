"""What the agent takes of the excerpts that `recall` brings: the code that it asks about."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

from examples.coderag import questions
from examples.coderag.sources import definition, first_sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PASSAGE_CHARS = 1_200


def function_in(excerpts: Sequence[dict[str, Any]], source: str, name: str) -> str | None:
    """A function's code, where the excerpts hold it."""
    for excerpt in excerpts:
        if excerpt["source"] == source:
            for code in _definitions(excerpt["text"]):
                if code.startswith((f"def {name}(", f"async def {name}(")):
                    return code
    return None


def text_of(excerpts: Sequence[dict[str, Any]], source: str) -> str | None:
    """All that the excerpts hold of a source, where they hold any."""
    found = [str(excerpt["text"]) for excerpt in excerpts if excerpt["source"] == source]
    return "\n".join(found) if found else None


def readme_in(excerpts: Sequence[dict[str, Any]], source: str) -> str | None:
    """The description in a package's readme, below its heading."""
    text = text_of(excerpts, source)
    return None if text is None else " ".join(text.partition("\n")[2].split())


def best(excerpts: Sequence[dict[str, Any]]) -> str:
    """The beginning of the excerpt that fits the query best; empty without any."""
    found = max(excerpts, key=lambda excerpt: float(excerpt["score"]), default=None)
    return "" if found is None else str(found["text"])[:PASSAGE_CHARS]


def offered(excerpts: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    """What a few functions of the best excerpts do, with their names."""
    by_score = sorted(excerpts, key=lambda excerpt: -float(excerpt["score"]))
    found: dict[str, str] = {}
    for excerpt in by_score:
        for code in _definitions(excerpt["text"]):
            node = _parsed(code)
            says = first_sentence(ast.get_docstring(node) or "") if node else ""
            if node and questions.is_plain(says) and len(found) < questions.CANDIDATES:
                found.setdefault(says, node.name)
    return sorted(found.items())  # the place in the list says nothing of the score


def _definitions(text: str) -> Iterator[str]:
    """The functions of a module that a text holds, each up to the next line at the margin."""
    lines = text.split("\n")
    starts = [n for n, line in enumerate(lines) if re.match(r"(async )?def \w+\(", line)]
    for start in starts:
        end = start + 1
        while end < len(lines) and (not lines[end].strip() or lines[end][0] in " )\t"):
            end += 1
        yield "\n".join(lines[start:end]).rstrip()


def _parsed(code: str) -> ast.FunctionDef | None:
    try:
        return definition(code)
    except (SyntaxError, ValueError):
        return None
