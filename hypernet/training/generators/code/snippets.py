"""Code snippets in varied style, each correct or with one bug of a known class.

Knows nothing of models or training.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from hypernet.training.generators.code.java import JAVA
from hypernet.training.generators.code.scripts import JAVASCRIPT, PYTHON
from hypernet.training.generators.code.words import COMMENTS, METHOD_SLIPS, SYNONYMS, UNKNOWN_CALLS
from hypernet.training.generators.grammar import maybe

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

BUGS = ("syntax", "reference", "logic")
LANGUAGES = ("java", "python", "javascript")


@dataclass(frozen=True)
class Template:
    """A correct function with the changes that break it."""

    language: str
    names: tuple[str, ...]
    code: str
    logic: tuple[tuple[str, str], ...]
    reference: tuple[tuple[str, str], ...]
    arguments: str


class Snippet(NamedTuple):
    """Code as shown; `line` is the changed line, empty where nothing or no single line changed."""

    code: str
    bug: str
    line: str
    name: str


def _parse(language: str, block: str) -> Template:
    marked: dict[str, list[str]] = {"N": [], "L": [], "R": [], "T": []}
    code = []
    for line in block.strip("\n").split("\n"):
        if re.match(r"[NLRT]: ", line):
            marked[line[0]].append(line[3:])
        else:
            code.append(line)
    pairs = {}
    for mark in "LR":
        pairs[mark] = tuple((a, b) for a, b in (text.split(" => ") for text in marked[mark]))
    names = tuple(marked["N"][0].split())
    arguments = "".join(marked["T"])
    return Template(language, names, "\n".join(code), pairs["L"], pairs["R"], arguments)


TEMPLATES: dict[str, tuple[Template, ...]] = {
    language: tuple(_parse(language, block) for block in source.split("===="))
    for language, source in zip(LANGUAGES, (JAVA, PYTHON, JAVASCRIPT), strict=True)
}


def _word(name: str) -> re.Pattern[str]:
    """The name as a variable: no attribute, no call."""
    return re.compile(rf"(?<![\w.'\"]){name}(?![\w('\"])")


def _renamed(rng: random.Random, code: str) -> str:
    """The code with some of its variables under other names."""
    used = set(re.findall(r"\w+", code))
    for name, others in SYNONYMS.items():
        other = rng.choice(others)
        if maybe(rng, 0.6) and other not in used and _word(name).search(code):
            code = _word(name).sub(other, code)
            used.add(other)
    return code


_VARIABLES = {name for names in SYNONYMS.items() for name in (names[0], *names[1])}


_KEYWORDS = ("is", "in", "as", "if", "do", "or")


def _taken(name: str, code: str) -> bool:
    """Whether the name means something already."""
    return name in _KEYWORDS or re.search(rf"\b{name}\b", code) is not None


def _unknown_variable(rng: random.Random, code: str, language: str) -> str | None:
    """One use of a variable under a name that nobody declared."""
    spots = []
    for name in sorted(_VARIABLES & set(re.findall(r"\w+", code))):
        # The first occurrence declares it; a plain assignment would declare the new name.
        for found in list(_word(name).finditer(code))[1:]:
            after, before = code[found.end() :], code[: found.start()]
            declares = before.endswith(("for ", "let ", "const ", "] ", "int ", "String "))
            if not re.match(r"(\[[^]]*\])*\s*(=[^=]|,.*[^=<>!]= )", after) and not declares:
                spots.append(found)
    if not spots:
        return None
    spot = rng.choice(spots)
    name = spot.group()
    slips = [f"{name}s", f"{name}1", f"new{name.title()}", name.upper(), f"{name}{name[-1]}"]
    slips += [name[:-1], *SYNONYMS.get(name, ())] if len(name) > 2 else ["temp2", "pos", "val"]
    slips = [slip for slip in slips if not _taken(slip, code)]
    return code[: spot.start()] + rng.choice(slips) + code[spot.end() :]


def _wrong_method(rng: random.Random, code: str, language: str) -> str | None:
    """A method that does not exist in place of one that does."""
    slips = [(old, new) for old, new in METHOD_SLIPS[language] if old in code]
    if not slips:
        return None
    old, new = rng.choice(slips)
    spot = rng.choice([found.start() for found in re.finditer(re.escape(old), code)])
    return code[:spot] + new + code[spot + len(old) :]


def _unknown_call(rng: random.Random, code: str, language: str) -> str | None:
    """The result handed to a helper that does not exist."""
    pattern = r"return ([a-z]\w*);" if language != "python" else r"return ([a-z]\w*)$"
    spots = list(re.finditer(pattern, code, flags=re.M))
    if not spots or not maybe(rng, 0.5):
        return None
    spot = rng.choice(spots)
    call = rng.choice(UNKNOWN_CALLS).format(spot.group(1))
    return code[: spot.start(1)] + call + code[spot.end(1) :]


def _changed(rng: random.Random, code: str, pairs: tuple[tuple[str, str], ...]) -> str:
    old, new = rng.choice(pairs)
    return code.replace(old, new, 1)


def _reference_bug(rng: random.Random, code: str, language: str) -> str:
    # A wrong method only exists in some snippets, an unknown variable in all.
    for slip in rng.sample((_unknown_variable, _wrong_method, _unknown_call), 3):
        found = slip(rng, code, language)
        if found is not None:
            return found
    raise ValueError(code)


def _line_where(rng: random.Random, lines: list[str], pattern: str) -> int | None:
    rows = [row for row, line in enumerate(lines) if re.search(pattern, line)]
    return rng.choice(rows) if rows else None


def _edit(pattern: str, replacement: str) -> Callable[[random.Random, list[str]], bool]:
    """An edit of one line: the last match of the pattern in a line that has one."""

    def apply(rng: random.Random, lines: list[str]) -> bool:
        row = _line_where(rng, lines, pattern)
        if row is None:
            return False
        spot = list(re.finditer(pattern, lines[row]))[-1]
        lines[row] = lines[row][: spot.start()] + replacement + lines[row][spot.end() :]
        return True

    return apply


def _drop_brace(rng: random.Random, lines: list[str]) -> bool:
    row = _line_where(rng, lines, r"^\s*\}\s*$")
    if row is None:
        return False
    del lines[row]
    return True


def _open_comment(rng: random.Random, lines: list[str]) -> bool:
    row = rng.randrange(1, len(lines))
    indent = re.match(r"\s*", lines[row])
    lines.insert(row, f"{indent.group() if indent else ''}/*")
    return True


def _bad_indent(rng: random.Random, lines: list[str]) -> bool:
    """One line of a block further right than the line before, which opens no block."""
    rows = [
        row
        for row in range(1, len(lines))
        if lines[row].strip()
        and lines[row - 1].strip()
        and not lines[row - 1].rstrip().endswith(":")
        and not lines[row - 1].lstrip().startswith("#")
        and not lines[row].lstrip().startswith(("#", "elif", "else"))
    ]
    if not rows:
        return False
    row = rng.choice(rows)
    before = len(lines[row - 1]) - len(lines[row - 1].lstrip())
    lines[row] = " " * (before + rng.choice((1, 2, 4))) + lines[row].lstrip()
    return True


_CURLY = (
    _edit(r"\)(?=[^()]*$)", ""),
    _edit(r"\((?=\w)", ""),
    _edit(r"\{\s*$", ""),
    _edit(r"\](?=[^\[\]]*$)", ""),
    _edit(r"(?<=return )(?=\w)", "("),
    _edit(r"(?<=\w)['\"](?=\W)", ""),
    _drop_brace,
    _drop_brace,
    _open_comment,
)
_SYNTAX_EDITS: dict[str, tuple[Callable[[random.Random, list[str]], bool], ...]] = {
    "java": (
        *_CURLY,
        # Without its semicolon a Java statement never parses; in JavaScript it may.
        _edit(r";\s*$", ""),
        _edit(r";\s*$", ""),
        _edit(r";\s*$", ":"),
        _edit(r"(?<=for \(int )(\w+) = ([^;]+);", r"i = 0,"),
        _edit(r"(?<=if \()(\w+) == (?=\w+\))", "7 = "),
        _edit(r"(?<=public )(int|String|boolean|long) (?=\w+\()", ""),
    ),
    "javascript": (*_CURLY[:-1], _edit(r"(?<=let )(?=\w)", "let "), _edit(r" === ", " == = ")),
    "python": (
        _edit(r":\s*$", ""),
        _edit(r":\s*$", ""),
        _edit(r"\)(?=[^()]*$)", ""),
        _edit(r"\](?=[^\[\]]*$)", ""),
        _edit(r"(?<=if )(.*) == ", r"x = "),
        _edit(r"(?<=\w) \+= 1$", "++"),
        _edit(r"(?<=return )(?=\w)", "("),
        _edit(r"^(\s*)else:", "    else"),
        _bad_indent,
        _bad_indent,
    ),
}


def _syntax_bug(rng: random.Random, code: str, language: str) -> str:
    # Comments are left alone: a bracket missing there breaks nothing.
    marker = "#" if language == "python" else "//"
    while True:
        lines = code.split("\n")
        if not rng.choice(_SYNTAX_EDITS[language])(rng, lines):
            continue
        before = [line for line in code.split("\n") if marker in line]
        if before == [line for line in lines if marker in line]:
            return "\n".join(lines)


def _commented(rng: random.Random, code: str, language: str) -> str:
    marker = "# " if language == "python" else "// "
    lines = code.split("\n")
    for _ in range(rng.choice((0, 0, 1, 1, 2))):
        row = rng.randrange(1, len(lines))
        found = re.match(r"\s*", lines[row])
        lines.insert(row, f"{found.group() if found else ''}{marker}{rng.choice(COMMENTS)}")
    if maybe(rng, 0.3):
        lines.insert(rng.randrange(1, len(lines)), "")
    return "\n".join(lines)


def _dressed(rng: random.Random, code: str, language: str) -> str:
    """The code in one of the layouts in which people post it."""
    if language == "python":
        if maybe(rng, 0.4):
            code = re.sub(r"^( {4})+", lambda m: "  " * (len(m.group()) // 4), code, flags=re.M)
        return code
    if language == "java":
        indent = rng.choice(("    ", "    ", "  ", ""))
        code = "\n".join(f"{indent}{line}" if line else line for line in code.split("\n"))
        owner = rng.choice(("Solution", "Solution", "Solution", "Main", "Utils"))
        code = f"class {owner} {{\n{code}\n}}"
    if maybe(rng, 0.25):
        code = re.sub(r"^( *)(.*\S) \{$", r"\1\2\n\1{", code, flags=re.M)
    if maybe(rng, 0.4):
        code = re.sub(r"\b(for|if|while) \(", r"\1(", code).replace(") {", "){")
    if maybe(rng, 0.3):
        code = re.sub(r"(?<=\w) ([=<+]) (?=\w)", r"\1", code)
    if maybe(rng, 0.15):
        code = re.sub(r"^( {4})+", lambda m: "  " * (len(m.group()) // 4), code, flags=re.M)
    return code


def _changed_line(before: str, after: str) -> str:
    """The one line of the code after that was not there before."""
    old, new = before.split("\n"), after.split("\n")
    if len(old) != len(new):
        return ""
    lines = [b for a, b in zip(old, new, strict=True) if a != b]
    alone = len(lines) == 1 and [line.strip() for line in new].count(lines[0].strip()) == 1
    return lines[0].strip() if alone else ""


def _broken(rng: random.Random, template: Template, bug: str) -> tuple[str, str]:
    """The function before and after the bug, layout not yet applied."""
    code = template.code
    marked = template.logic if bug == "logic" else template.reference
    if bug == "logic" or (bug == "reference" and marked and maybe(rng, 0.35)):
        # The same draws rename both versions alike.
        seed = rng.getrandbits(32)
        changed = _changed(rng, code, marked)
        return _renamed(type(rng)(seed), code), _renamed(type(rng)(seed), changed)
    code = _renamed(rng, code)
    return code, _reference_bug(rng, code, template.language) if bug == "reference" else code


def _neighbour(rng: random.Random, template: Template) -> str:
    """At times another correct method before the one that counts."""
    if template.language != "java" or maybe(rng, 0.7):
        return ""
    other = rng.choice([other for other in TEMPLATES["java"] if other is not template])
    return _renamed(rng, other.code).replace("FN", rng.choice(other.names)) + "\n\n"


def snippet(rng: random.Random, language: str, bug: str, most: int = 880) -> Snippet:
    """A snippet in the language with a bug of the class, "" for none; at most so long."""
    while True:
        template = rng.choice(TEMPLATES[language])
        name = rng.choice(template.names)
        before, after = _broken(rng, template, bug)
        extra = _neighbour(rng, template)
        seed = rng.getrandbits(32)
        dressed = []
        for code in (before, after):
            twin = type(rng)(seed)
            code = _commented(twin, extra + code.replace("FN", name), language)
            dressed.append(_dressed(twin, code, language))
        shown = _syntax_bug(rng, dressed[0], language) if bug == "syntax" else dressed[1]
        if len(shown) <= most and (not bug or shown != dressed[0]):
            return Snippet(shown, bug, _changed_line(dressed[0], shown), name)
