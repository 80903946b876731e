"""Planted defects and made-up earlier versions: small edits of a real function, with the truth."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from examples.coderag.sources import definition, first_sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

PARTS = ("signature", "logic", "documentation")
"""What an earlier version may differ in."""
NAME_CHARS = 4
"""A shorter name has no letters to swap."""
_OPPOSITES = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
    ast.And: ("and", "or"),
    ast.Or: ("or", "and"),
}
_EXTRA = ("verbose=False", "timeout=None", "strict=True", "encoding='utf-8'", "cache=None")


@dataclass(frozen=True)
class Edit:
    """A change within one line, counted from 0."""

    line: int
    start: int
    end: int
    text: str

    def apply(self, source: str) -> str:
        """The source with the edit."""
        lines = source.split("\n")
        line = lines[self.line]
        lines[self.line] = line[: self.start] + self.text + line[self.end :]
        return "\n".join(lines)


def misspelt(source: str, pick: int) -> tuple[str, str] | None:
    """The function with two letters of one use of a parameter swapped, and the wrong name.

    It would end in a NameError. None where no parameter with enough letters is used. `pick` is any
    number: it chooses the use and the letters.
    """
    node = definition(source)
    names = {each.arg for each in (*node.args.args, *node.args.kwonlyargs)}
    uses = [
        each
        for statement in node.body[1:]
        for each in ast.walk(statement)
        if isinstance(each, ast.Name) and each.id in names and len(each.id) >= NAME_CHARS
    ]
    options = [
        (Edit(use.lineno - 1, use.col_offset, use.col_offset + len(use.id), wrong), wrong)
        for use in uses
        for wrong in _swapped(use.id)
        if wrong not in source
    ]
    if not options:
        return None
    edit, wrong = options[pick % len(options)]
    return edit.apply(source), wrong


def _swapped(name: str) -> Iterator[str]:
    """The name with two neighbouring letters swapped, the first one left alone."""
    for at in range(1, len(name) - 1):
        one, two = name[at], name[at + 1]
        if one != two and one.isalpha() and two.isalpha():
            yield f"{name[:at]}{two}{one}{name[at + 2 :]}"


def earlier(source: str, part: str, pick: int) -> str | None:
    """An earlier version that differs in one of `PARTS`; None where there can be none.

    `pick` is any number: it chooses among several places or values.
    """
    made = {"signature": _other_signatures, "logic": _other_logic, "documentation": _other_docs}
    options = list(made[part](source))
    return options[pick % len(options)] if options else None


def _other_signatures(source: str) -> Iterator[str]:
    """Other names, one parameter more, other defaults."""
    node = definition(source)
    head, separator, rest = source.partition("\n")
    for name in (f"_{node.name}", f"{node.name}_", f"old_{node.name}", f"do_{node.name}"):
        yield source.replace(f"def {node.name}(", f"def {name}(", 1)
    body = head.rstrip()
    closing = body.rfind(")", 0, node.returns.col_offset if node.returns else len(body))
    if body.endswith(":") and closing > 0 and node.args.args and not node.args.kwarg:
        for extra in _EXTRA:
            if extra.partition("=")[0] not in source:
                yield f"{head[:closing]}, {extra}{head[closing:]}{separator}{rest}"
    for value in (*node.args.defaults, *(each for each in node.args.kw_defaults if each)):
        if isinstance(value, ast.Constant) and (other := _other_value(value.value)) is not None:
            at = value.col_offset
            length = len(ast.get_source_segment(source, value) or "")
            yield Edit(value.lineno - 1, at, at + length, repr(other)).apply(source)


def _other_value(value: object) -> object | None:
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case str():
            return f"{value}s" if value else "-"
        case None:
            return 0
    return None


def _other_logic(source: str) -> Iterator[str]:
    """Conditions turned round, one off, another truth value."""
    for statement in definition(source).body[1:]:
        for node in ast.walk(statement):
            edit = _turned(node, source)
            if edit is not None:
                yield edit.apply(source)


def _turned(node: ast.AST, source: str) -> Edit | None:
    match node:
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _OPPOSITES:
            return _between(left, right, _OPPOSITES[type(op)], source)
        case ast.BoolOp(op=op, values=[left, right]):
            return _between(left, right, _OPPOSITES[type(op)], source)
        case ast.BinOp(left=left, op=ast.Sub(), right=ast.Constant(value=1) as right):
            return _between(left, right, ("-", "+"), source)
        case ast.BinOp(left=left, op=ast.Add(), right=ast.Constant(value=1) as right):
            return _between(left, right, ("+", "-"), source)
        case ast.Return(value=ast.Constant(value=bool(value)) as constant):
            at = constant.col_offset
            return Edit(constant.lineno - 1, at, at + len(str(value)), str(not value))
    return None


def _between(left: ast.expr, right: ast.expr, change: tuple[str, str], source: str) -> Edit | None:
    """The edit of the operator between two operands on one line."""
    old, new = change
    if left.end_lineno != right.lineno or left.end_col_offset is None:
        return None
    line = source.split("\n")[right.lineno - 1]
    at = line.find(old, left.end_col_offset, right.col_offset)
    return None if at < 0 else Edit(right.lineno - 1, at, at + len(old), new)


def _other_docs(source: str) -> Iterator[str]:
    """A first line that says less, or something else besides."""
    doc = ast.get_docstring(definition(source)) or ""
    first, words = doc.split("\n")[0], first_sentence(doc).split()
    if len(words) > 4 and source.count(first) == 1:
        for other in (f"{' '.join(words[:-2])}.", f"Helper. {first}", f"{first} Experimental."):
            yield source.replace(first, other)
