"""Code tasks: bugs in snippets, review comments, the language of a snippet.

Knows nothing of models or training.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypernet.training.generators.code import words
from hypernet.training.generators.code.snippets import BUGS, LANGUAGES, snippet
from hypernet.training.generators.code.wordings import LINE_DETAILS, LINE_VERBS, OWN
from hypernet.training.generators.common import Drawn, GeneratedTask
from hypernet.training.generators.grammar import (
    capital,
    classify_wordings,
    expand,
    frame_wordings,
    maybe,
    typo,
)

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping, Sequence

_WORKING = ("", "logic", "reference")
_BUG_MEANINGS = {
    "syntax": "the code does not parse or compile as written",
    "reference": "a name, method or index is used that does not exist",
    "logic": "the code runs but computes the wrong result",
}
_EFFECTS = {
    "does not parse": "syntax",
    "unknown name or index": "reference",
    "wrong result": "logic",
}


def _draw_bug(rng: random.Random, languages: Sequence[str], names: Mapping[str, str]) -> Drawn:
    """Names gives the class of bug behind each label, "" for none."""
    label = rng.choice(list(names))
    return Drawn(snippet(rng, rng.choice(languages), names[label]).code, label)


def _draw_buggy(
    rng: random.Random, languages: Sequence[str], labels: tuple[str, str] = ("buggy", "correct")
) -> Drawn:
    """The first label stands for code with a bug, the second for code without."""
    buggy = maybe(rng, 0.5)
    found = snippet(rng, rng.choice(languages), rng.choice(BUGS) if buggy else "")
    return Drawn(found.code, labels[0 if buggy else 1])


def _draw_parses(rng: random.Random) -> Drawn:
    parses = maybe(rng, 0.5)
    bug = rng.choice(_WORKING) if parses else "syntax"
    return Drawn(snippet(rng, rng.choice(LANGUAGES), bug).code, "yes" if parses else "no")


def _draw_line(rng: random.Random) -> Drawn:
    """Quote the changed line; bugs that spread over several lines are drawn again."""
    while True:
        found = snippet(rng, rng.choice(LANGUAGES), rng.choice(BUGS[1:]), most=700)
        if found.line:
            return Drawn(found.code, found.line)


def _foreign(rng: random.Random, language: str) -> str:
    """A snippet of a language that has no bug templates."""
    text = rng.choice(words.LANGUAGE_SNIPPETS[language])
    names = rng.sample(words.IDENTIFIERS, 5)
    lowers = {"v": names[0], "x": names[1], "r": names[2], "w": names[3], "w2": names[4]}
    function = rng.choice(words.FUNCTIONS)
    if maybe(rng, 0.4):
        function += f"_{rng.choice(words.IDENTIFIERS)}"
    slots = {
        **lowers,
        "X": capital(names[1]),
        "V": capital(names[0]),
        "C": capital(rng.choice(words.IDENTIFIERS)) + capital(rng.choice(words.FUNCTIONS)),
        "fn": function,
        "n": str(rng.randint(3, 99)),
    }
    for slot, name in slots.items():
        text = text.replace(f"<{slot}>", name)
    return text


def _draw_language(rng: random.Random, languages: Sequence[str]) -> Drawn:
    language = rng.choice(languages)
    if language in LANGUAGES:
        return Drawn(snippet(rng, language, "").code, language)
    return Drawn(_foreign(rng, language), language)


def _comment(rng: random.Random, comments: Sequence[str]) -> str:
    """A review comment as reviewers type it, at times with a second sentence."""
    text = expand(rng, rng.choice(comments), words.REVIEW_SLOTS)
    if maybe(rng, 0.35):
        text += rng.choice((". ", ".\n\n", " - ")) + expand(
            rng, rng.choice(comments), words.REVIEW_SLOTS
        )
    if maybe(rng, 0.35):
        text = text.replace("`", "")
    if maybe(rng, 0.6):
        text = capital(text)
    if maybe(rng, 0.4) and text[-1].isalnum():
        text += "."
    return typo(rng, text) if maybe(rng, 0.08) else text


def _draw_comment(rng: random.Random, comments: Mapping[str, Sequence[str]]) -> Drawn:
    label = rng.choice(list(comments))
    return Drawn(_comment(rng, comments[label]), label)


def _draw_functional(rng: random.Random) -> Drawn:
    label = rng.choice(("yes", "no"))
    other = rng.choice([kind for kind in words.REVIEW if kind != "function"])
    return Drawn(_comment(rng, words.REVIEW["function" if label == "yes" else other]), label)


def _task(
    name: str,
    thing: str,
    aspect: str,
    labels: Sequence[str],
    draw: Callable[[random.Random], Drawn],
    meanings: Mapping[str, str] | None = None,
) -> GeneratedTask:
    wordings = classify_wordings(name, thing, aspect, labels, OWN[name], meanings)
    return GeneratedTask(name, wordings, draw, tuple(labels))


def _bug_class_task(language: str, title: str) -> GeneratedTask:
    names = {bug: bug for bug in BUGS}
    return _task(
        f"code_{language}_bug_class",
        f"buggy {title} snippet",
        "the class of the bug",
        BUGS,
        lambda rng: _draw_bug(rng, (language,), names),
        _BUG_MEANINGS,
    )


def _is_buggy_task(language: str, title: str) -> GeneratedTask:
    return _task(
        f"code_{language}_is_buggy",
        f"piece of {title} code",
        "whether it has a bug",
        ("buggy", "correct"),
        lambda rng: _draw_buggy(rng, (language,)),
    )


def _bug_tasks() -> list[GeneratedTask]:
    titles = {"java": "Java", "python": "Python", "javascript": "JavaScript"}
    four = {**{bug: bug for bug in BUGS}, "none": ""}
    return [
        *(_bug_class_task(language, title) for language, title in titles.items()),
        *(_is_buggy_task(language, title) for language, title in titles.items()),
        _task(
            "code_bug_effect",
            "faulty function",
            "the effect of its bug",
            tuple(_EFFECTS),
            lambda rng: _draw_bug(rng, LANGUAGES, _EFFECTS),
        ),
        _task(
            "code_java_bug_or_none",
            "Java class",
            "the kind of bug in it, if any",
            tuple(four),
            lambda rng: _draw_bug(rng, ("java",), four),
            {**_BUG_MEANINGS, "none": "there is no bug"},
        ),
        _task(
            "code_review_verdict",
            "function from a pull request",
            "the verdict of a careful reviewer",
            ("reject", "approve"),
            lambda rng: _draw_buggy(rng, LANGUAGES, ("reject", "approve")),
            {"reject": "the function has a bug", "approve": "it is right"},
        ),
        _task("code_parses", "code snippet", "whether it parses", ("yes", "no"), _draw_parses),
        GeneratedTask(
            "code_faulty_line",
            frame_wordings("code_faulty_line", LINE_VERBS, LINE_DETAILS),
            _draw_line,
        ),
    ]


def _comment_tasks() -> list[GeneratedTask]:
    return [
        _task(
            "code_review_comment_class",
            "code review comment",
            "what it is about",
            tuple(words.REVIEW),
            lambda rng: _draw_comment(rng, words.REVIEW),
            {
                "discuss": "it asks about design or intent",
                "documentation": "comments, docs or messages should change",
                "false positive": "nothing needs to change",
                "function": "the behaviour is wrong",
                "refactoring": "the code should be tidier",
            },
        ),
        _task(
            "code_review_is_defect",
            "code review comment",
            "whether it points out wrong behaviour",
            ("yes", "no"),
            _draw_functional,
        ),
        _task(
            "code_review_weight",
            "code review comment",
            "how the author should take it",
            tuple(words.REVIEW_WEIGHT),
            lambda rng: _draw_comment(rng, words.REVIEW_WEIGHT),
        ),
    ]


def tasks() -> list[GeneratedTask]:
    """All code tasks."""
    languages = (*LANGUAGES, *words.LANGUAGE_SNIPPETS)
    return [
        *_bug_tasks(),
        *_comment_tasks(),
        _task(
            "code_language",
            "code snippet",
            "the programming language",
            languages,
            lambda rng: _draw_language(rng, languages),
        ),
    ]
