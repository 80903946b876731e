"""Yes/no questions over facts, of many kinds; the answer follows from numbers drawn first.

Knows nothing of models or training.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hypernet.training.generators.grammar import article, capital, expand, maybe
from hypernet.training.generators.research import words

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping


class Case(NamedTuple):
    """A yes/no question with the facts that decide it, all of them needed."""

    facts: list[str]
    question: str
    yes: bool
    # Places of the facts about invented things, which nobody could know otherwise.
    private: tuple[int, ...] = ()


def _name(rng: random.Random, slot: str) -> str:
    return expand(rng, f"{{{slot}}}", words.SLOTS)


def _compared(rng: random.Random) -> Case:
    """Two numbers decide."""
    kind = rng.choice(words.COMPARISONS)
    x = rng.randint(kind.low, kind.high)
    y = rng.randint(kind.low, kind.high)
    while abs(x - y) * 12 < kind.high - kind.low and kind.low < 1000:
        y = rng.randint(kind.low, kind.high)
    more = maybe(rng, 0.5)
    names = {slot: expand(rng, rng.choice(getattr(kind, slot)), words.SLOTS) for slot in "ab"}
    forms = (
        rng.choice(kind.about_a),
        rng.choice(kind.about_b),
        rng.choice(kind.yes_if_more if more else kind.yes_if_less),
    )
    numbers = {"x": str(x), "y": str(y)}
    first, second, question = (_filled(rng, form, {**names, **numbers}) for form in forms)
    return Case([first, second], question, (x > y) == more, (1,))


def _filled(rng: random.Random, form: str, names: Mapping[str, str]) -> str:
    """The form with these names, the rest of its slots drawn."""
    for slot, name in names.items():
        form = form.replace(f"{{{slot}}}", name)
    return capital(expand(rng, form, words.SLOTS))


def _lifetime(rng: random.Random) -> Case:
    """Whether an event falls into a life."""
    person, event = _name(rng, "person"), expand(rng, "{war}", words.SLOTS)
    born = rng.randint(1500, 1930)
    died = born + rng.randint(45, 90)
    year = rng.choice((rng.randint(born + 15, died - 2), born - rng.randint(3, 80)))
    if maybe(rng, 0.3):
        year = died + rng.randint(3, 80)
    facts = [
        rng.choice((f"{person} was born in {born} and died in {died}.",
                    f"{person} ({born}-{died}) was a {rng.choice(words.JOBS)}.")),
        rng.choice((f"{capital(event)} took place in {year}.", f"The year of {event} was {year}.")),
    ]  # fmt: skip
    question = rng.choice((
        f"Could {person} have witnessed {event}?",
        f"Was {person} alive during {event}?",
        f"Might {person} have told friends about seeing {event}?",
    ))  # fmt: skip
    return Case(facts, question, born <= year <= died, (0, 1))


def _invention(rng: random.Random) -> Case:
    """Whether something existed before somebody died."""
    person, (thing, made) = _name(rng, "person"), rng.choice(words.INVENTIONS)
    died = made + rng.choice((-1, 1)) * rng.randint(10, 90)
    facts = [
        f"The {thing} was invented in {made}.",
        rng.choice((f"{person} died in {died}.", f"{person} passed away in the year {died}")),
    ]
    question = rng.choice((
        f"Could {person} have used {article(thing)}?",
        f"Is it possible that {person} owned {article(thing)}?",
        f"Would {person} have been able to see {article(thing)}?",
    ))  # fmt: skip
    return Case(facts, question, made < died, (1,))


def _dish(rng: random.Random) -> Case:
    """A dish contains what a diet leaves out, or not."""
    who, banned = rng.choice(words.DIETS)
    wanted = maybe(rng, 0.5)
    fitting = [dish for dish in words.DISHES if (dish[2] in banned) != wanted]
    dish, part, kind = rng.choice(fitting)
    avoided = ", ".join(banned)
    facts = [
        rng.choice((f"{capital(dish)} is made with {part}.",
                    f"A key ingredient of {dish} is {part}.")),
        f"Anything with {part} contains {kind}.",
        rng.choice((f"{capital(who)} must not eat any {avoided}.",
                    f"The only foods that {who} avoids are: {avoided}.")),
    ]  # fmt: skip
    fine = kind not in banned
    if maybe(rng, 0.5):
        question = rng.choice((f"Going by its {part} alone, is {dish} a problem for {who}?",
                               f"Given its {part}, should {who} avoid {dish}?"))  # fmt: skip
        return Case(facts, question, not fine)
    question = rng.choice((f"As far as {part} is concerned, can {who} eat {dish}?",
                           f"Would {part} in {dish} be fine for {who}?"))  # fmt: skip
    return Case(facts, question, fine)


def _trait(rng: random.Random) -> Case:
    """An animal shares a trait of its class only."""
    kind = rng.choice(list(words.CLASSES))
    other = kind if maybe(rng, 0.5) else rng.choice(list(words.CLASSES))
    animal = rng.choice(words.CLASSES[kind])
    trait = rng.choice(words.TRAITS[other])
    facts = [
        rng.choice((f"Zoologists count the {animal} among the {kind}.",
                    f"The {animal} belongs to the {kind}.")),
        f"Of all the vertebrates and insects in this guide, only {other} {trait}.",
    ]  # fmt: skip
    question = rng.choice((f"Does {article(animal)} belong to those that {trait}?",
                           f"Are {animal}s among the animals that {trait}?"))  # fmt: skip
    return Case(facts, question, kind == other)


def _abroad(rng: random.Random) -> Case:
    """A town lies in a country, the country has a language, a continent, a currency."""
    person, town = _name(rng, "person"), _name(rng, "town")
    land = rng.choice(words.LANDS)
    field = rng.choice((1, 2, 3))
    said = {
        1: f"The main language of {land[0]} is {land[1]}.",
        2: f"{land[0]} is a country in {land[2]}.",
        3: f"The currency of {land[0]} is {land[3]}.",
    }[field]
    others = sorted({other[field] for other in words.LANDS} - {land[field]})
    asked = land[field] if maybe(rng, 0.5) else rng.choice(others)
    question = {
        1: (f"Is {asked} the main language where {person} grew up?",
            f"Would {asked} be the usual language at {person}'s old school?"),
        2: (f"Did {person} grow up in {asked}?", f"Was {person}'s childhood home in {asked}?"),
        3: (f"Would shops in {person}'s home town expect {asked}?",
            f"Do people pay with {asked} in the town where {person} grew up?"),
    }[field]  # fmt: skip
    facts = [
        rng.choice((f"{person} grew up in {town}.", f"{person} spent all of childhood in {town}.")),
        rng.choice((f"{town} is a town in {land[0]}.", f"The town of {town} lies in {land[0]}.")),
        said,
    ]
    return Case(facts, rng.choice(question), asked == land[field], (0, 1))


def _material(rng: random.Random) -> Case:
    """Density and conduction."""
    name, density, floats, conducts = rng.choice(words.MATERIALS)
    item = rng.choice(words.OBJECTS)
    owner = _name(rng, "person")
    made = f"The {item} of {owner} is made of solid {name}."
    if maybe(rng, 0.5):
        facts = [made, f"{capital(name)} has a density of {density} g/cm3.",
                 "Objects with a density below 1 g/cm3 float in water, others sink."]  # fmt: skip
        sinks = maybe(rng, 0.5)
        verb = "sink" if sinks else "float"
        return Case(facts, f"Would the {item} of {owner} {verb} in water?", floats != sinks, (0,))
    facts = [made, f"{capital(name)} {'conducts' if conducts else 'does not conduct'} electricity."]
    return Case(facts, f"Could current flow through the {item} of {owner}?", conducts, (0,))


def _eligible(rng: random.Random) -> Case:
    """A prize is for one profession."""
    prize, person = _name(rng, "prize"), _name(rng, "person")
    job = rng.choice(words.JOBS)
    same = maybe(rng, 0.5)
    own = job if same else rng.choice([other for other in words.JOBS if other != job])
    facts = [
        rng.choice((f"{capital(prize)} is only given to {job}s.",
                    f"Only {job}s can win {prize}.")),
        rng.choice((f"{person} has never worked as anything but {article(own)}.",
                    f"{person} is {article(own)} and has no other profession.")),
    ]  # fmt: skip
    question = rng.choice((f"Is {person} eligible for {prize}?", f"Could {person} get {prize}?"))
    return Case(facts, question, same, (0, 1))


def _of_age(rng: random.Random) -> Case:
    """Somebody is old enough in a given year."""
    person, town = _name(rng, "person"), _name(rng, "town")
    act = rng.choice(("vote", "drive a car", "buy fireworks", "run for mayor", "rent a boat"))
    limit = rng.randint(14, 30)
    born = rng.randint(1850, 2000)
    year = born + limit + rng.choice((-1, 1)) * rng.randint(2, 12)
    facts = [
        rng.choice((f"In {town} you have to be {limit} to {act}.",
                    f"The minimum age to {act} in {town} is {limit}.")),
        rng.choice((f"{person} was born in {born}.", f"{person}'s year of birth is {born}.")),
    ]  # fmt: skip
    question = rng.choice((f"Was {person} allowed to {act} in {town} in {year}?",
                           f"In {year}, could {person} legally {act} in {town}?"))  # fmt: skip
    return Case(facts, question, year - born > limit, (0, 1))


_CASES = (
    _compared, _compared, _compared, _compared, _lifetime, _invention, _dish, _trait, _abroad,
    _material, _eligible, _of_age,
)  # fmt: skip


def drawn_case(rng: random.Random, yes: bool) -> Case:
    """A case of any kind with this answer."""
    while True:
        case = rng.choice(_CASES)(rng)
        if case.yes == yes:
            return case
