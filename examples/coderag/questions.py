"""What is asked of code: the input made from a piece of source, and the answer that `ast` gives.

The same functions make the solved examples of the tasks and the questions of the job.
"""

from __future__ import annotations

import ast
import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from examples.coderag import changes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from examples.coderag.sources import Function, Package

Kind = Literal[
    "find", "explain", "returns", "signature", "default", "defect", "compare", "summarise"
]
RETURNS = ("bool", "str", "None")
CANDIDATES = 4
"""Functions that a find step chooses from."""
SENTENCE_WORDS = (4, 24)
ANSWER_WORDS = 40
SHARE = 0.6
_STOP = frozenset(
    {
        *("the", "and", "for", "with", "that", "this", "from", "are", "was", "its"),
        *("not", "all", "any", "into", "whether", "given", "has", "have", "can", "will"),
        *("you", "your", "which", "when", "where", "then", "than", "but", "one"),
    }
)


@dataclass(frozen=True)
class Question:
    """What is asked of one function or package, and the right answer."""

    kind: Kind
    code: str
    """As it is to stand in the code base: a defect is planted in it."""
    detail: str
    """What the input needs besides: a parameter's name, what is wanted, the earlier version."""
    answer: str


def of_function(kind: Kind, function: Function, pick: int) -> Question | None:
    """A question about a function; None where this kind cannot be asked of it.

    `pick` is any number: it chooses among several defaults or changes.
    """
    node, code = function.node, function.source
    match kind:
        case "find" if is_plain(function.says):
            line = candidate(function.says, function.name)
            return Question(kind, code, function.says, line)
        case "explain" if is_plain(function.says) and "\n\n" in function.doc:
            return Question(kind, code, "", function.says)
        case "returns" if node.returns and ast.unparse(node.returns) in RETURNS:
            return Question(kind, code, "", ast.unparse(node.returns))
        case "signature" if len(node.args.args) + len(node.args.kwonlyargs) > 1:
            head = signature(code)
            return Question(kind, code, "", head) if head else None
        case "default" if len(given := defaults(node, code)) > 1:
            name, whole = sorted(given.items())[pick % len(given)]
            return Question(kind, code, name, whole)
        case "defect" if (planted := changes.misspelt(code, pick)) is not None:
            return Question(kind, planted[0], "", planted[1])
        case "compare":
            part = changes.PARTS[pick % len(changes.PARTS)]
            before = changes.earlier(code, part, pick // len(changes.PARTS))
            return None if before is None else Question(kind, code, before, part)
    return None


def of_package(package: Package) -> Question | None:
    """The question what a package is for; None where its description does not say it."""
    wanted = content_words(package.summary)
    told = len(wanted & content_words(package.readme)) >= SHARE * len(wanted)
    if not told or not is_plain(package.summary):
        return None
    return Question("summarise", package.readme, "", package.summary)


def is_plain(sentence: str) -> bool:
    """Whether a sentence is neither a mere word nor a paragraph."""
    least, most = SENTENCE_WORDS
    return least <= len(sentence.split()) <= most


def signature(source: str) -> str | None:
    """A definition up to its colon; None where it is over several lines."""
    head = source.partition("\n")[0].rstrip()
    found = re.fullmatch(r"(def \w+\(.+\)(?:\s*->.*)?):", head)
    return found[1] if found else None


def defaults(node: ast.FunctionDef, source: str) -> dict[str, str]:
    """The parameters with a constant as default on one line, each with it as it stands there."""
    both = [*node.args.posonlyargs, *node.args.args]
    pairs = [
        *zip(both[len(both) - len(node.args.defaults) :], node.args.defaults, strict=True),
        *zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True),
    ]
    lines = source.split("\n")
    return {
        parameter.arg: lines[value.lineno - 1][parameter.col_offset : value.end_col_offset]
        for parameter, value in pairs
        if isinstance(value, ast.Constant) and parameter.lineno == value.end_lineno
    }


def about_code(kind: Kind, code: str, detail: str) -> str:
    """The input of a step about one function's code as memory has it."""
    match kind:
        case "returns":
            return re.sub(r"\)\s*->\s*[\w.]+\s*:", "):", code, count=1)
        case "default":
            return f"{code}\n\nParameter: {detail}"
        case "defect":
            return without_doc(code)
        case "compare":
            return difference(detail, code)
        case _:
            return code


def without_doc(code: str) -> str:
    """A function's code without its docstring."""
    try:
        first = ast.parse(code).body[0]
    except (SyntaxError, ValueError, IndexError):
        return code
    if not isinstance(first, ast.FunctionDef) or not ast.get_docstring(first):
        return code
    lines, doc = code.split("\n"), first.body[0]
    return "\n".join([*lines[: doc.lineno - 1], *lines[doc.end_lineno :]])


def difference(before: str, after: str) -> str:
    """The lines that differ between two versions."""
    found = difflib.unified_diff(
        before.strip().split("\n"), after.strip().split("\n"), n=0, lineterm=""
    )
    return "\n".join(line for line in found if not line.startswith(("---", "+++", "@@")))


def candidate(says: str, name: str) -> str:
    """A line of the list that a find step chooses from."""
    return f"{says}: {name}"


def candidates(wanted: str, offered: Sequence[tuple[str, str]]) -> str:
    """The input of a find step: what functions do, each with its name, and what is wanted."""
    lines = "\n".join(candidate(says, name) for says, name in offered)
    return f"{lines}\n\nWanted: {wanted}"


def about_package(name: str, readme: str) -> str:
    """The input of a summary."""
    return f"{name}: {readme}"


def content_words(text: str) -> set[str]:
    """The words that carry meaning, cut to their first five letters as a rough stem."""
    words = re.findall(r"[a-z]{3,}", text.lower())
    return {word[:5] for word in words if word not in _STOP}


def says_the_same(output: str, expected: str) -> bool:
    """Whether a line of at most 40 words has most of the content words that are expected."""
    wanted = content_words(expected)
    a_line = 0 < len(output.split()) <= ANSWER_WORDS and "\n" not in output.strip()
    return a_line and len(wanted & content_words(output)) >= SHARE * len(wanted)


def is_right(kind: Kind, output: str, expected: str) -> bool:
    """Whether an answer is right: to the letter, or for sentences by their words."""
    if kind in ("explain", "summarise"):
        return says_the_same(output, expected)
    return output.strip() == expected
