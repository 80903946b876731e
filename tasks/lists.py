"""Questions over the lists and tables of a kind's documents."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from tasks import forms
from tasks.wordings import Asked, Names, Question

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tasks.fields import Document, Value
    from tasks.specification import Field

Rows = tuple[dict[str, "Value"], ...]
Pick = Callable[[Rows], "str | None"]


class Maker(Protocol):
    """What makes the questions of a kind."""

    def asked(self, family: str, slots: dict[str, Names], **more: object) -> Asked:
        """What the wordings of a question have to say."""

    def yes_no(
        self, name: str, fields: tuple[str, ...], claims: Names, questions: Names,
        holds: Callable[[Document], bool | None],
    ) -> Question:  # fmt: skip
        """Whether something holds."""


def list_questions(
    made_by: Maker, name: str, field: Field, documents: Sequence[Document]
) -> list[Question]:
    """Questions over all rows, over one of them, and how many there are.

    The names of the list are plural; each column's first name is what one entry of it is called.
    """
    first = next(iter(field.columns))
    plural, ask = Names(field.names, field.unseen), Names(field.ask)
    one = field.columns[first].names

    def over(answer: Callable[[Rows], str | None]) -> Callable[[Document], str | None]:
        return lambda d: answer(d.rows[name]) if name in d.rows else None

    def texts(rows: Rows) -> list[str]:
        return [row[first].text for row in rows]

    found = []
    whole = {"field": plural, "ask": ask}
    written: dict[str, Callable[[Rows], str]] = {
        "joined": lambda rows: ", ".join(texts(rows)),
        "lines": lambda rows: "\n".join(texts(rows)),
        "strings": lambda rows: forms.as_json(texts(rows)),
    }
    for form, write in written.items():
        asked = made_by.asked("list", whole, form=form, about_form={"mark": "a comma and a blank"})
        found.append(Question(f"{name}/{form}", asked, over(write), (name,)))
    asked = made_by.asked("count", whole)
    found.append(Question(f"{name}/count", asked, over(lambda rows: str(len(rows))), (name,)))
    for title, phrase, pick in _picks(first, field):
        asked = made_by.asked("extract", {"field": Names(tuple(phrase.format(n) for n in one))})
        found.append(Question(f"{name}/{title}", asked, over(pick), (name,)))
    counts = sorted(len(d.rows[name]) for d in documents if name in d.rows)
    if counts and counts[0] < counts[-1]:
        found.append(_more_than(made_by, name, field, (counts[0] + counts[-1]) // 2))
    return found


def _picks(first: str, field: Field) -> Iterator[tuple[str, str, Pick]]:
    """What can be asked of single rows: a title, a phrase and the answer."""
    yield "first", "first {}", lambda rows: rows[0][first].text
    yield "last", "last {}", lambda rows: rows[-1][first].text
    yield "second", "second {}", lambda rows: rows[1][first].text if len(rows) > 1 else None
    for column, about in field.columns.items():
        if column == first or not about.names:
            continue
        name = about.names[0]
        yield f"first {column}", f"{name} of the first {{}}", _at(0, column)
        yield f"last {column}", f"{name} of the last {{}}", _at(-1, column)
        if about.make in ("money", "number", "product", "percent"):
            yield f"highest {column}", f"{{}} with the highest {name}", _top(first, column, 1)
            yield f"lowest {column}", f"{{}} with the lowest {name}", _top(first, column, -1)


def _at(index: int, column: str) -> Pick:
    return lambda rows: rows[index][column].text if column in rows[index] else None


def _top(first: str, column: str, sign: int) -> Pick:
    """The entry whose value is highest or lowest, if one alone is."""

    def pick(rows: Rows) -> str | None:
        if column not in rows[0]:
            return None
        best = max(sign * row[column].number for row in rows)
        having = [row for row in rows if sign * row[column].number == best]
        return having[0][first].text if len(having) == 1 < len(rows) else None

    return pick


def _more_than(made_by: Maker, name: str, field: Field, bound: int) -> Question:
    plural = field.names[0]
    claims = Names((f"there are more than {bound} {plural}",))
    questions = Names(
        (
            f"Are there more than {bound} {plural}?",
            f"Does the {{kind}} have more than {bound} {plural}?",
        )
    )

    def holds(document: Document) -> bool | None:
        return len(document.rows[name]) > bound if name in document.rows else None

    return made_by.yes_no(f"{name}/many", (name,), claims, questions, holds)
