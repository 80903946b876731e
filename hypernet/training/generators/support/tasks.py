"""Support tasks: intents of requests, ticket routing and ticket priority.

Knows nothing of models or training.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hypernet.training.generators.common import Drawn, GeneratedTask
from hypernet.training.generators.grammar import (
    capital,
    classify_wordings,
    expand,
    frame_wordings,
    maybe,
    tidy,
    typo,
)
from hypernet.training.generators.support import ticket_words as tickets
from hypernet.training.generators.support import voice_words as voice
from hypernet.training.generators.support import words
from hypernet.training.generators.support.wordings import (
    INTENT_OWN,
    OWN,
    TICKET_JSON_DETAILS,
    TICKET_JSON_VERBS,
)

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping, Sequence

# Sets across domains, so that the description matters more than the domain.
_MIXED: tuple[tuple[str, ...], ...] = (
    ("weather", "recipe", "timer", "translate", "book flight", "balance", "tell joke"),
    (
        "find phone",
        "play music",
        "credit score",
        "definition",
        "pto request",
        "travel alert",
        "insurance change",
        "order status",
    ),
    (
        "meaning of life",
        "oil change when",
        "transfer",
        "calories",
        "alarm",
        "book hotel",
        "directions",
        "shopping list add",
        "bill due",
        "smart home",
    ),
    ("vaccines", "jump start", "direct deposit", "repeat", "restaurant reviews"),
    ("calendar", "new card", "traffic", "lost luggage", "who made you", "spending history"),
)
_YES_NO_INTENTS = ("report fraud", "cancel reservation", "reminder")


def _request(rng: random.Random, intent: str) -> str:
    """A request as typed or transcribed: lower case, now and then polite or clumsy."""
    text = expand(rng, rng.choice(words.INTENTS[intent]), words.SLOTS)
    if maybe(rng, 0.12):
        text = f"{rng.choice(words.BEFORE)} {text}"
    if maybe(rng, 0.1):
        text = f"{text} {rng.choice(words.AFTER)}"
    if maybe(rng, 0.1):
        text = capital(text) + rng.choice((".", "?", "!"))
    if maybe(rng, 0.06):
        text = typo(rng, text)
    return tidy(text)


def _draw_intent(rng: random.Random, intents: Sequence[str]) -> Drawn:
    intent = rng.choice(intents)
    return Drawn(_request(rng, intent), intent)


def _draw_domain(rng: random.Random, domains: Sequence[str]) -> Drawn:
    domain = rng.choice(domains)
    return Drawn(_request(rng, rng.choice(words.DOMAINS[domain])), domain)


def _draw_is_intent(rng: random.Random, intent: str) -> Drawn:
    answer = rng.choice(("yes", "no"))
    others = [other for other in words.INTENTS if other != intent]
    return Drawn(_request(rng, intent if answer == "yes" else rng.choice(others)), answer)


def _voice_request(rng: random.Random, intent: str) -> str:
    text = expand(rng, rng.choice(voice.VOICE[intent]), voice.SLOTS)
    style = rng.random()
    if style < 0.45:
        text = capital(text)
    elif style < 0.65:
        text = text.lower()
    if maybe(rng, 0.25):
        text += rng.choice((".", ".", "?", "!"))
    return typo(rng, text) if maybe(rng, 0.05) else text


def _draw_voice(rng: random.Random, names: Mapping[str, str]) -> Drawn:
    """Names gives the label for each intent."""
    label = rng.choice(list(dict.fromkeys(names.values())))
    intent = rng.choice([intent for intent, name in names.items() if name == label])
    return Drawn(_voice_request(rng, intent), label)


def _ticket(rng: random.Random, issue: str) -> str:
    """A ticket around the issue: greeting, context and closing at random."""
    said = expand(rng, issue, tickets.SLOTS)
    said = capital(said) if maybe(rng, 0.7) else said
    said += rng.choice((".", ".", "", "!", "?" if said.lower().startswith(_ASKS) else "."))
    greeting = rng.choice(tickets.GREETINGS)
    closing = expand(rng, rng.choice(tickets.CLOSINGS), tickets.SLOTS)
    gap = rng.choice((" ", " ", "\n"))
    text = gap.join(piece for piece in (greeting, said, closing) if piece)
    if maybe(rng, 0.15):
        text = f"Ticket #{rng.randint(1000, 99999)}: {text}"
    return typo(rng, text) if maybe(rng, 0.12) else text


_ASKS = ("how", "what", "where", "when", "why", "who", "can", "could", "is", "do", "does")


def _draw_ticket(rng: random.Random, issues: Mapping[str, Sequence[str]]) -> Drawn:
    label = rng.choice(list(issues))
    return Drawn(_ticket(rng, rng.choice(issues[label])), label)


def _draw_urgent(rng: random.Random) -> Drawn:
    label = rng.choice(("urgent", "can wait"))
    priority = rng.choice(("critical", "high") if label == "urgent" else ("medium", "low"))
    return Drawn(_ticket(rng, rng.choice(tickets.PRIORITIES[priority])), label)


def _draw_ticket_json(rng: random.Random) -> Drawn:
    department = rng.choice(list(tickets.DEPARTMENTS))
    name, number = rng.choice(_CALLERS), rng.randint(10000, 99999)
    body = _ticket(rng, rng.choice(tickets.DEPARTMENTS[department]))
    head = rng.choice((f"From: {name}\nCustomer no. {number}\n\n", f"{name} ({number}) wrote:\n"))
    answer = {"customer": name, "number": number, "department": department}
    return Drawn(head + body, json.dumps(answer))


_CALLERS = tuple(
    f"{first} {last}" for first in voice.SLOTS["first"] for last in voice.SLOTS["last"][:12]
)
_VOICE_NAMES = {intent: intent for intent in voice.VOICE}
_VOICE_CODES = {
    "add to playlist": "AddToPlaylist",
    "book restaurant": "BookRestaurant",
    "get weather": "GetWeather",
    "play music": "PlayMusic",
    "rate book": "RateBook",
    "search creative work": "SearchCreativeWork",
    "search screening event": "SearchScreeningEvent",
}
_VOICE_SKILLS = {
    "add to playlist": "music",
    "play music": "music",
    "get weather": "weather",
    "book restaurant": "dining",
    "rate book": "books",
    "search screening event": "cinema",
}


def _task(
    name: str,
    thing: str,
    aspect: str,
    labels: Sequence[str],
    draw: Callable[[random.Random], Drawn],
    own: Sequence[str],
) -> GeneratedTask:
    return GeneratedTask(
        name, classify_wordings(name, thing, aspect, labels, own), draw, tuple(labels)
    )


def _intent_task(name: str, intents: Sequence[str]) -> GeneratedTask:
    thing = "user request" if len(intents) % 2 else "message to an assistant"
    own = [text.format(labels=", ".join(intents)) for text in INTENT_OWN]
    return _task(name, thing, "the intent", intents, lambda rng: _draw_intent(rng, intents), own)


def _is_intent_task(intent: str) -> GeneratedTask:
    name = f"support_is_{intent.replace(' ', '_')}"
    return _task(
        name,
        "customer request",
        f"whether its intent is '{intent}'",
        ("yes", "no"),
        lambda rng: _draw_is_intent(rng, intent),
        OWN[name],
    )


def _intent_tasks() -> list[GeneratedTask]:
    domains = tuple(words.DOMAINS)[1:]
    return [
        _intent_task("support_intent_bank", words.DOMAINS["bank"]),
        _intent_task("support_intent_travel", words.DOMAINS["travel"]),
        _intent_task("support_intent_assistant", words.DOMAINS["assistant"]),
        _intent_task("support_intent_kitchen", words.DOMAINS["kitchen"]),
        _intent_task("support_intent_car", words.DOMAINS["car"]),
        *(_intent_task(f"support_intent_mixed{i}", mixed) for i, mixed in enumerate(_MIXED, 1)),
        *(_is_intent_task(intent) for intent in _YES_NO_INTENTS),
        _task(
            "support_request_domain",
            "user request",
            "the domain that it belongs to",
            domains,
            lambda rng: _draw_domain(rng, domains),
            OWN["support_request_domain"],
        ),
    ]


def _voice_task(name: str, names: Mapping[str, str]) -> GeneratedTask:
    return _task(
        name,
        "spoken request to a voice assistant",
        "what the user wants",
        tuple(dict.fromkeys(names.values())),
        lambda rng: _draw_voice(rng, names),
        OWN[name],
    )


def _ticket_tasks() -> list[GeneratedTask]:
    return [
        _task(
            "support_ticket_routing",
            "support ticket",
            "the department that should handle it",
            tuple(tickets.DEPARTMENTS),
            lambda rng: _draw_ticket(rng, tickets.DEPARTMENTS),
            OWN["support_ticket_routing"],
        ),
        _task(
            "support_ticket_priority",
            "support ticket",
            "the priority",
            tuple(tickets.PRIORITIES),
            lambda rng: _draw_ticket(rng, tickets.PRIORITIES),
            OWN["support_ticket_priority"],
        ),
        _task(
            "support_ticket_urgent",
            "support ticket",
            "whether it is urgent",
            ("urgent", "can wait"),
            _draw_urgent,
            OWN["support_ticket_urgent"],
        ),
        GeneratedTask(
            "support_ticket_json",
            frame_wordings("support_ticket_json", TICKET_JSON_VERBS, TICKET_JSON_DETAILS),
            _draw_ticket_json,
        ),
    ]


def tasks() -> list[GeneratedTask]:
    """All support tasks."""
    return [
        *_intent_tasks(),
        _voice_task("support_voice_intent", _VOICE_NAMES),
        _voice_task("support_voice_intent_code", _VOICE_CODES),
        _voice_task("support_voice_skill", _VOICE_SKILLS),
        *_ticket_tasks(),
    ]
