"""Research tasks: questions over facts, decomposition, claims, kinds of studies.

Knows nothing of models or training.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from hypernet.training.generators.common import Drawn, GeneratedTask
from hypernet.training.generators.grammar import (
    capital,
    classify_wordings,
    expand,
    frame_wordings,
    maybe,
)
from hypernet.training.generators.research import words
from hypernet.training.generators.research.cases import Case, drawn_case
from hypernet.training.generators.research.wordings import (
    FIRST_STEP_DETAILS,
    FIRST_STEP_VERBS,
    NUMBERED_DETAILS,
    NUMBERED_VERBS,
    OWN,
    STEPS_DETAILS,
    STEPS_VERBS,
)

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping, Sequence


def _shown(rng: random.Random, case: Case) -> str:
    """Facts and question, at times with a fact that does not matter."""
    facts = list(case.facts)
    if maybe(rng, 0.45):
        filler = expand(rng, rng.choice(words.FILLERS), words.SLOTS)
        facts.insert(rng.randrange(len(facts) + 1), filler)
    return f"Facts: {' '.join(facts)}\nQuestion: {case.question}"


def _draw_facts(rng: random.Random, labels: Sequence[str]) -> Drawn:
    yes = maybe(rng, 0.5)
    return Drawn(_shown(rng, drawn_case(rng, yes)), labels[0 if yes else 1])


def _open_case(rng: random.Random) -> Case:
    """A case without one of the facts that only its text could tell."""
    case = drawn_case(rng, maybe(rng, 0.5))
    while not case.private:
        case = drawn_case(rng, maybe(rng, 0.5))
    facts = list(case.facts)
    spot = rng.choice(case.private)
    # Half of the time a filler stands in, so that the number of facts gives nothing away.
    facts[spot : spot + 1] = (
        [expand(rng, rng.choice(words.FILLERS), words.SLOTS)] if maybe(rng, 0.5) else []
    )
    return case._replace(facts=facts)


def _draw_facts_or_unknown(rng: random.Random) -> Drawn:
    label = rng.choice(("yes", "no", "unknown"))
    case = drawn_case(rng, label == "yes")
    if label == "unknown":
        case = _open_case(rng)
    return Drawn(_shown(rng, case), label)


def _draw_enough(rng: random.Random) -> Drawn:
    if maybe(rng, 0.5):
        return Drawn(_shown(rng, _open_case(rng)), "insufficient")
    return Drawn(_shown(rng, drawn_case(rng, maybe(rng, 0.5))), "sufficient")


def _decomposed(rng: random.Random) -> tuple[str, list[str]]:
    """A question and its steps."""
    row = rng.choice(words.DECOMPOSITIONS)
    for slot, names in words.STEP_SLOTS.items():
        first, second = rng.sample(names, 2)
        if slot != "diet" or "{diet2}" not in row:
            row = row.replace(f"{{{slot}2}}", second)
        row = row.replace(f"{{{slot}}}", first)
    question, steps = row.split(" => ")
    parts = [capital(expand(rng, step, {})) for step in steps.split(" ; ")]
    question = expand(rng, question, {})
    return (question.lower() if maybe(rng, 0.05) else question), parts


def _draw_steps(rng: random.Random) -> Drawn:
    question, steps = _decomposed(rng)
    return Drawn(question, " ; ".join(steps))


def _draw_numbered(rng: random.Random) -> Drawn:
    question, steps = _decomposed(rng)
    return Drawn(question, "\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1)))


def _draw_first_step(rng: random.Random) -> Drawn:
    question, steps = _decomposed(rng)
    return Drawn(question, steps[0])


def _draw_plan(rng: random.Random) -> Drawn:
    """A plan in order, or with a step before the one that it refers to."""
    _, steps = _decomposed(rng)
    valid = maybe(rng, 0.5)
    if not valid:
        spot = rng.choice([spot for spot, step in enumerate(steps) if "#" in step])
        steps.insert(0, steps.pop(spot))
    return Drawn(" ; ".join(steps), "valid" if valid else "invalid")


class Finding(NamedTuple):
    """A result of a study as told, and claims that agree and disagree with it."""

    told: str
    agrees: str
    contradicts: str


_UP = ("raised", "increased", "pushed up")
_DOWN = ("lowered", "reduced", "decreased")


def _finding(rng: random.Random, drug: str, outcome: str, patients: str) -> Finding:
    """What the drug did to the outcome."""
    up = maybe(rng, 0.5)
    done, opposite = (_UP, _DOWN) if up else (_DOWN, _UP)
    plain = {True: "higher", False: "lower"}
    share = rng.randint(5, 60)
    if maybe(rng, 0.3):
        return Finding(
            f"{capital(drug)} did not change {outcome} (p = 0.{rng.randint(21, 89)}).",
            rng.choice((f"{capital(drug)} has no significant effect on {outcome} in {patients}.",
                        f"In {patients}, {outcome} stays the same with {drug}.")),
            f"{capital(drug)} {rng.choice(_UP + _DOWN)} {outcome} in {patients}.",
        )  # fmt: skip
    return Finding(
        rng.choice((f"{capital(drug)} {rng.choice(done)} {outcome} by {share}% (p < 0.01).",
                    f"Mean {outcome} was {share}% {plain[up]} with {drug} than with placebo.")),
        rng.choice((f"{capital(drug)} leads to {plain[up]} {outcome} in {patients}.",
                    f"{capital(outcome)} is {plain[up]} in {patients} who get {drug}.")),
        rng.choice((f"{capital(drug)} leads to {plain[not up]} {outcome} in {patients}.",
                    f"{capital(drug)} {rng.choice(opposite)} {outcome} in {patients}.",
                    f"{capital(drug)} makes no difference to {outcome} in {patients}.")),
    )  # fmt: skip


def _draw_claim(rng: random.Random, labels: Sequence[str]) -> Drawn:
    """Labels: supported, refuted, not enough info."""
    slots = words.STUDY_SLOTS
    drug, patients = rng.choice(slots["drug"]), rng.choice(slots["patients"])
    outcomes = rng.sample(slots["outcome"], 3)
    findings = [_finding(rng, drug, outcome, patients) for outcome in outcomes]
    fixed = {**slots, "drug": (drug,), "patients": (patients,), "outcome": tuple(outcomes[:2])}
    methods = (f"We enrolled {{n}} {patients} in {{3-40}} centers.",
               f"In a trial, {{n}} {patients} took {drug} or placebo for {{4-52}} weeks.",
               f"{capital(patients)} were randomized to {drug} or placebo.")  # fmt: skip
    opening = (words.ROLES["background"][0], words.ROLES["background"][3])
    told = [
        capital(expand(rng, rng.choice(opening), fixed)),
        expand(rng, rng.choice(methods), fixed),
        *(finding.told for finding in findings[:2]),
    ]
    if maybe(rng, 0.5):
        told.append(f"Side effects were {rng.choice(('mild', 'rare', 'similar in both groups'))}.")
    label = rng.choice(labels)
    if label == labels[2]:
        claim = rng.choice((findings[2].agrees, findings[2].contradicts))
    else:
        finding = rng.choice(findings[:2])
        claim = finding.agrees if label == labels[0] else finding.contradicts
    form = rng.choice(("Abstract: {0}\nClaim: {1}", "Claim: {1}\nAbstract: {0}", "{0}\n\n{1}"))
    return Drawn(form.format(" ".join(told), claim), label)


def _draw_sentence(rng: random.Random, kinds: Mapping[str, Sequence[str]], most: int = 1) -> Drawn:
    label = rng.choice(list(kinds))
    forms = rng.sample(kinds[label], rng.randint(1, most))
    # One paper has one drug, one disease, one kind of patient.
    fixed: dict[str, Sequence[str]] = {
        slot: names if slot == "n" else [rng.choice(names)]
        for slot, names in words.STUDY_SLOTS.items()
    }
    said = [capital(expand(rng, form, fixed)) for form in forms]
    return Drawn(re.sub(r"\.\.", ".", " ".join(said)), label)


def _draw_interventional(rng: random.Random) -> Drawn:
    """Whether researchers assigned the treatment to people."""
    label = rng.choice(("trial", "observational"))
    kinds = ("randomized controlled trial",) if label == "trial" else (
        "cohort study", "case-control study", "cross-sectional survey")  # fmt: skip
    drawn = _draw_sentence(rng, {kind: words.STUDIES[kind] for kind in kinds}, 2)
    return Drawn(drawn.input, label)


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


def _fact_tasks() -> list[GeneratedTask]:
    thing = "yes/no question with facts"
    return [
        _task("research_facts_yes_no", thing, "the answer that follows from the facts",
              ("yes", "no"), lambda rng: _draw_facts(rng, ("yes", "no"))),
        _task("research_facts_true_false", "question with background facts",
              "whether what is asked holds", ("true", "false"),
              lambda rng: _draw_facts(rng, ("true", "false"))),
        _task("research_facts_or_unknown", thing, "the answer, if the facts decide it",
              ("yes", "no", "unknown"), _draw_facts_or_unknown),
        _task("research_facts_enough", thing, "whether the facts are enough to answer",
              ("sufficient", "insufficient"), _draw_enough),
    ]  # fmt: skip


def _step_tasks() -> list[GeneratedTask]:
    return [
        GeneratedTask("research_decomposition",
                      frame_wordings("research_decomposition", STEPS_VERBS, STEPS_DETAILS),
                      _draw_steps),
        GeneratedTask("research_decomposition_numbered",
                      frame_wordings("research_numbered", NUMBERED_VERBS, NUMBERED_DETAILS),
                      _draw_numbered),
        GeneratedTask("research_first_step",
                      frame_wordings("research_first_step", FIRST_STEP_VERBS, FIRST_STEP_DETAILS),
                      _draw_first_step),
        _task("research_plan_valid", "plan of sub-questions",
              "whether its references only point back", ("valid", "invalid"), _draw_plan),
    ]  # fmt: skip


def _paper_tasks() -> list[GeneratedTask]:
    verdicts = ("supported", "refuted", "not enough info")
    short = ("true", "false", "cannot say")
    return [
        _task("research_claim", "abstract with a claim", "how the abstract bears on the claim",
              verdicts, lambda rng: _draw_claim(rng, verdicts)),
        _task("research_claim_true", "abstract with a claim", "the status of the claim",
              short, lambda rng: _draw_claim(rng, short)),
        _task("research_study_type", "sentence from a paper", "the type of the study",
              tuple(words.STUDIES), lambda rng: _draw_sentence(rng, words.STUDIES, 2)),
        _task("research_abstract_role", "sentence of an abstract", "its part in the abstract",
              tuple(words.ROLES), lambda rng: _draw_sentence(rng, words.ROLES)),
        _task("research_trial_or_observational", "passage from a paper", "the design of the study",
              ("trial", "observational"), _draw_interventional),
    ]  # fmt: skip


def tasks() -> list[GeneratedTask]:
    """All research tasks."""
    return [*_fact_tasks(), *_step_tasks(), *_paper_tasks()]
