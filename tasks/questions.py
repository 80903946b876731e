"""Questions over the documents of one kind, made from its fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tasks import comparisons, forms
from tasks.drawing import random_from
from tasks.lists import list_questions
from tasks.wordings import ANY_KIND, Asked, Names, Question, listed, mapped, series_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tasks.drawing import Random
    from tasks.fields import Document, Value
    from tasks.specification import Field, Kind

ABSENT = ("none",) * 6 + ("not given", "n/a", "null", "unknown", "-", "not stated")
MOST_ABSENT = 0.65
LEAST_SHARE = 0.3
FORMS_A_FIELD, COMBINATIONS, LABEL_IN_OBJECT = 3, 14, 0.5
MARKS = {' | ': '" | "', ", ": "a comma and a blank", "; ": "a semicolon and a blank",
         " - ": '" - "', " / ": '" / "', "\t": "a tab"}  # fmt: skip
CODES = (("A", "B", "C", "D", "E", "F"), ("1", "2", "3", "4", "5", "6"),
         ("red", "green", "blue", "yellow", "black", "white"), ("X", "Y", "Z", "W", "V", "U"),
         ("alpha", "beta", "gamma", "delta", "omega", "sigma"), ("0", "1", "2", "3", "4", "5"),
         ("cat", "dog", "owl", "fox", "bee", "elk"), ("p", "q", "r", "s", "t", "u"),
         ("T1", "T2", "T3", "T4", "T5", "T6"), ("north", "south", "east", "west", "up", "down"),
         ("apple", "pear", "plum", "fig", "lime", "kiwi"))  # fmt: skip


class Questions:
    """Makes the questions over one kind."""

    def __init__(self, kind: Kind, documents: Sequence[Document], seed: int) -> None:
        self._kind, self._documents, self._seed = kind, documents, seed
        self._noun = Names(kind.names * 3 + ANY_KIND, kind.unseen * 3)
        self._rng: Random = random_from(seed, kind.kind, "questions")

    def all(self) -> list[Question]:
        """All questions, each about asked fields alone."""
        made: list[Question] = []
        named = {name: field for name, field in self._kind.fields.items() if field.names}
        for name, field in named.items():
            # Each field draws for itself, so that a new field changes no other one's questions.
            self._rng = random_from(self._seed, self._kind.kind, name)
            if field.make == "label":
                made += self._labels(name, field)
            elif field.make == "rows":
                made += self._lists(name, field)
            else:
                made += self._extractions(name, field)
                made += self._labels(name, field) if field.values else []
                made += self._comparisons(name, field)
            made += self._presence(name, field)
        self._rng = random_from(self._seed, self._kind.kind, "questions")
        asked = {n: f for n, f in named.items() if n not in self._kind.held_out_fields}
        made += self._combinations(asked)
        made += self._sentences()
        return made

    def asked(self, family: str, slots: dict[str, Names], **more: object) -> Asked:
        """What the wordings of a question have to say, with the names of the kind."""
        slots = {"kind": self._noun, **slots}
        return Asked(family, slots, vertical=self._kind.vertical, **more)  # type: ignore[arg-type]

    def _slots(self, field: Field) -> dict[str, Names]:
        return {"field": Names(field.names, field.unseen), "ask": Names(field.ask)}

    # One field

    def _extractions(self, name: str, field: Field) -> list[Question]:
        values = [d.facts[name] for d in self._documents if name in d.facts]
        if len(values) < LEAST_SHARE * len(self._documents):
            return []
        special = [form for form, (suits, _) in forms.SPECIAL.items() if suits(values)]
        general = [form for form, (suits, _) in forms.GENERAL.items() if suits(values)]
        named = list(forms.NAMED)
        others = self._rng.sample(general + named[1:], FORMS_A_FIELD)
        if len(special) > 3:
            special = [special[0], *self._rng.sample(special[1:], 2)]
        chosen = ["", "json", *special, *others]
        return [self._extraction(name, field, form) for form in chosen]

    def _extraction(self, name: str, field: Field, form: str) -> Question:
        title = self._rng.choice(field.names)
        key, absent = forms.drawn_key(title, self._rng), self._absent_word(name)
        written = forms.SPECIAL.get(form) or forms.GENERAL.get(form)

        def answer(document: Document) -> str | None:
            value = document.facts.get(name)
            if value is None:
                nothing = forms.as_json({key: None}) if form == "json" else absent
                return nothing or None
            if form in forms.NAMED:
                return forms.NAMED[form](value.text, key, title)
            return written[1](value) if written else value.text

        about = {"key": key, "title": title}
        asked = self.asked("extract", self._slots(field), form=form, about_form=about,
                           absent=absent)  # fmt: skip
        return Question(f"{name}/{form or 'plain'}", asked, answer, (name,))

    def _absent_word(self, name: str) -> str:
        """What to answer where the field is missing, if it is so in some documents."""
        missing = sum(name not in d.facts for d in self._documents) / len(self._documents)
        return self._rng.choice(ABSENT) if 0 < missing <= MOST_ABSENT else ""

    def _presence(self, name: str, field: Field) -> list[Question]:
        there = sum(name in d.facts for d in self._documents) / len(self._documents)
        if not field.missing or not 0.3 <= there <= 0.85:
            return []
        claims = Names(tuple(f"the {noun} is given" for noun in field.names[:1]))
        questions = Names(tuple(f"Is the {n} given in the {{kind}}?" for n in field.names[:1]))
        return [self.yes_no(f"{name}/there", (name,), claims, questions, lambda d: name in d.facts)]

    def yes_no(
        self,
        name: str,
        fields: tuple[str, ...],
        claims: Names,
        questions: Names,
        holds: Callable[[Document], bool | None],
        words: tuple[str, str] = ("yes", "no"),
    ) -> Question:
        """A question that is answered with one of two words."""
        kind = self._kind.names[0]
        questions = Names(tuple(q.replace("{kind}", kind) for q in questions.seen))
        slots = {"claim": claims, "question": questions}
        slots |= {"yes": Names((words[0],)), "no": Names((words[1],))}

        def answer(document: Document) -> str | None:
            held = holds(document)
            return None if held is None else words[0] if held else words[1]

        return Question(name, self.asked("yesno", slots), answer, fields, words)

    def _comparisons(self, name: str, field: Field) -> list[Question]:
        made = []
        values = [d.facts[name] for d in self._documents if name in d.facts]
        for number, compared in enumerate(comparisons.found(field, values, self._rng)):
            held = compared.holds

            def holds(document: Document, held: Callable[[Value], bool] = held) -> bool | None:
                value = document.facts.get(name)
                return None if value is None else held(value)

            claims, questions = Names(compared.claims), Names(compared.questions)
            made.append(self.yes_no(f"{name}/than{number}", (name,), claims, questions, holds))
        return made

    # Labels

    def _labels(self, name: str, field: Field) -> list[Question]:
        rng, own = self._rng, field.values
        made = [self._labelled(f"{name}/label", name, field, {v: v for v in own}, bare=True)]
        upper = {v: v.upper() for v in own}
        made.append(self._labelled(f"{name}/upper", name, field, upper))
        for number in range(2 if field.labels else 0):
            if all(len(label.also) > number for label in field.labels.values()):
                also = {v: label.also[number] for v, label in field.labels.items()}
                made.append(self._labelled(f"{name}/also{number}", name, field, also))
        for number, codes in enumerate(rng.sample(CODES, 2)):
            if len(own) <= len(codes):
                values = rng.sample(own, len(own))
                mapping = dict(zip(values, codes, strict=False))
                made.append(
                    self._labelled(f"{name}/code{number}", name, field, mapping, codes=True)
                )
        for number, value in enumerate(rng.sample(own, min(3, len(own)))):
            words = ("true", "false") if number == 2 else ("yes", "no")
            made.append(self._is(name, field, value, words))
        return made

    def _labelled(
        self,
        title: str,
        name: str,
        field: Field,
        mapping: dict[str, str],
        *,
        bare: bool = False,
        codes: bool = False,
    ) -> Question:
        def answer(document: Document) -> str | None:
            value = document.facts.get(name)
            return mapping[_label(value)] if value else None

        notations = mapped if codes else listed
        slots = {**self._slots(field), "labels": Names(notations(mapping, self._rng))}
        asked = self.asked("mapped" if codes else "label", slots, bare=bare)
        return Question(title, asked, answer, (name,), tuple(mapping.values()))

    def _is(self, name: str, field: Field, value: str, words: tuple[str, str]) -> Question:
        about = field.labels.get(value)
        claims = Names(tuple(f"the {n} is {_quoted(value)}" for n in field.names[:3]))
        questions = [f"Is the {n} {_quoted(value)}?" for n in field.names[:3]]
        questions += [about.ask] * 3 if about and about.ask else []

        def holds(document: Document) -> bool | None:
            found = document.facts.get(name)
            return None if found is None else _label(found) == value

        return self.yes_no(f"{name}/is {value}", (name,), claims, Names(tuple(questions)), holds,
                            words)  # fmt: skip

    # Several facts

    def _combinations(self, fields: dict[str, Field]) -> list[Question]:
        # Fields that are often missing would leave answers of gaps alone.
        often = [n for n, f in fields.items() if f.make != "rows" and self._often(n)]
        usable = [name for name in often if fields[name].make != "label"]
        labels = [name for name in often if fields[name].make == "label"]
        made: dict[tuple[tuple[str, ...], str], Question] = {}
        for _ in range(COMBINATIONS * 3):
            size = self._rng.choice((2, 2, 3, 3, 4))
            if len(usable) < size or len(made) == COMBINATIONS:
                break
            names = tuple(self._rng.sample(usable, size))
            form = self._rng.choice(("object",) * 3 + ("joined",) * 4 + ("lines", "pairs"))
            if labels and form == "object" and self._rng.random() < LABEL_IN_OBJECT:
                names = (*names[1:], self._rng.choice(labels))
            together = sum(all(n in d.facts for n in names) for d in self._documents)
            if (names, form) not in made and together >= len(self._documents) * LEAST_SHARE:
                made[names, form] = self._combination(names, form)
        return list(made.values())

    def _often(self, name: str) -> bool:
        return sum(name in d.facts for d in self._documents) >= 0.6 * len(self._documents)

    def _combination(self, names: tuple[str, ...], form: str) -> Question:
        rng = self._rng
        titles = [rng.choice(self._kind.fields[name].names) for name in names]
        style = rng.choice(("snake", "snake", "camel", "kebab", "given", "pascal"))
        keys = [forms.key_name(title, style) for title in titles]
        joint, mark = rng.choice(list(MARKS.items()))
        choices = [self._choices(name) for name in names]
        told = [f'"{key}"{choice}' for key, choice in zip(keys, choices, strict=True)]
        pairs = "; ".join(f"{key}=..." for key in keys)
        about = {"mark": mark, "keys": series_of(told), "pairs": pairs}

        def answer(document: Document) -> str | None:
            if not all(name in document.facts for name in names):
                return None
            facts = [document.facts[name] for name in names]
            texts = [_label(f) if c else f.text for f, c in zip(facts, choices, strict=True)]
            if form == "object":
                return forms.as_json(dict(zip(keys, texts, strict=True)))
            if form == "pairs":
                return "; ".join(f"{k}={t}" for k, t in zip(keys, texts, strict=True))
            return ("\n" if form == "lines" else joint).join(texts)

        series = [series_of(titles)]
        for _ in range(2):
            chosen = [rng.choice(self._kind.fields[name].names) for name in names]
            series.append(series_of(chosen) if form != "object" else series_of(titles))
        unseen = [rng.choice(f.unseen or f.names) for f in map(self._kind.fields.get, names) if f]
        slots = {"fields": Names(tuple(series), (series_of(unseen),) if form != "object" else ())}
        asked = self.asked("several", slots, form=form, about_form=about)
        return Question(f"{'+'.join(names)}/{form}", asked, answer, names)

    def _choices(self, name: str) -> str:
        """The labels to choose from, if the field has some."""
        labels = self._kind.fields[name].labels
        return f" ({', '.join(labels)})" if labels else ""

    def _sentences(self) -> list[Question]:
        made = []
        for number, sentence in enumerate(self._kind.sentences):
            names = tuple(n for n in self._kind.fields if f"{{{n}}}" in sentence.text)
            text = sentence.text

            def answer(
                document: Document, text: str = text, names: tuple[str, ...] = names
            ) -> str | None:
                if not all(name in document.facts for name in names):
                    return None
                return text.format_map({name: document.facts[name].text for name in names})

            pattern = text.format_map({n: f"[{self._kind.fields[n].names[0]}]" for n in names})
            slots = {"about": Names((sentence.about,)), "sentence": Names((f'"{pattern}"',))}
            question = Question(f"sentence{number}", self.asked("sentence", slots), answer, names)
            made.append(question)
        return made

    # Lists

    def _lists(self, name: str, field: Field) -> list[Question]:
        return list_questions(self, name, field, self._documents)


def _label(value: Value) -> str:
    """The label as the specification spells it, whatever the document did to it."""
    return value.row[0]


def _quoted(value: str) -> str:
    return f'"{value}"' if " " in value else value
