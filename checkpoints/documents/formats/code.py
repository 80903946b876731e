"""Source code to one section that says where its functions, classes or blocks begin.

Python is parsed by its own parser; of other languages, a block begins at a line without
indentation after a blank one.
"""

from __future__ import annotations

import ast
import re
import warnings
from itertools import accumulate

from checkpoints.documents.pieces import Section

# Only the last of several blank lines: each of them tried anew is quadratic.
_BLOCK = re.compile(r"\n[ \t]*\n(?=[^\s})\]])")


def code_section(text: str, *, python: bool) -> Section:
    """The file as one section whose pieces name their lines."""
    starts = _python_starts(text) if python else None
    if starts is None:
        starts = [match.end() for match in _BLOCK.finditer(text)]
    return Section(text, lines=True, starts=starts)


def _python_starts(text: str) -> list[int] | None:
    """Offsets of functions, classes and methods with their decorators and comments above.

    None for what does not parse.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of other people's code
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    lines = text.split("\n")
    offsets = [0, *accumulate(len(line) + 1 for line in lines)]
    starts: list[int] = []
    for node in _definitions(tree):
        line = min([node.lineno, *(each.lineno for each in node.decorator_list)]) - 1
        while line and lines[line - 1].lstrip().startswith("#"):
            line -= 1
        starts.append(offsets[line] + len(lines[line]) - len(lines[line].lstrip()))
    return starts


def _definitions(
    tree: ast.Module,
) -> list[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Those of the module, and those of its classes."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    top = [node for node in tree.body if isinstance(node, kinds)]
    inner = (n for c in top if isinstance(c, ast.ClassDef) for n in c.body if isinstance(n, kinds))
    return [*top, *inner]
