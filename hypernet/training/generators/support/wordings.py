"""Descriptions written for each support task."""

from __future__ import annotations

# For every set of intents; `{labels}` stands for its list.
INTENT_OWN = (
    "What does the user want? Choose from: {labels}.",
    "Intent detection for a chatbot. Known intents: {labels}. Output the intent name.",
    "Map the utterance to its intent. The intents are: {labels}.",
    "intent? ({labels})",
    "You are the first stage of a virtual assistant. Decide which skill should handle the "
    "message. Skills: {labels}. Reply with the skill name, nothing more.",
    "Someone sent us this message. Which of these is it about: {labels}?",
)

OWN: dict[str, tuple[str, ...]] = {
    "support_is_report_fraud": (
        "Does the customer report a payment that they did not make? yes or no",
        "We must catch fraud reports at once. Is this message one? Answer yes or no.",
        "fraud report? yes/no",
    ),
    "support_is_cancel_reservation": (
        "Does the user want to cancel a restaurant booking? yes/no",
        "Answer yes when the message asks to call off a table reservation and no otherwise.",
    ),
    "support_is_reminder": (
        "Is the user asking for a reminder? yes or no",
        "Answer yes if the request is to be reminded of something, no for any other request.",
    ),
    "support_request_domain": (
        "Which area does the request concern: card, travel, kitchen, car or assistant?",
        "Route the utterance to a domain: card, travel, kitchen, car, assistant.",
        "Requests about credit and debit cards or spending are card; trips are travel; food and "
        "restaurants are kitchen; driving is car; everything else about the device itself, timers, "
        "calendar or music is assistant. Name the domain.",
    ),
    "support_voice_intent": (
        "A smart speaker heard this. Did the user want to: add to playlist, book restaurant, get "
        "weather, play music, rate book, search creative work, search screening event?",
        "Label what the voice command is for: add to playlist, book restaurant, get weather, play "
        "music, rate book, search creative work (find a film, book, song or game by its title) or "
        "search screening event (cinema times).",
        "voice command -> add to playlist / book restaurant / get weather / play music / rate book "
        "/ search creative work / search screening event",
    ),
    "support_voice_intent_code": (
        "Name the intent class of the voice command: AddToPlaylist, BookRestaurant, GetWeather, "
        "PlayMusic, RateBook, SearchCreativeWork or SearchScreeningEvent.",
        "Return the intent identifier in CamelCase (AddToPlaylist, BookRestaurant, GetWeather, "
        "PlayMusic, RateBook, SearchCreativeWork, SearchScreeningEvent).",
    ),
    "support_voice_skill": (
        "Which app should open: music, weather, dining, books or cinema?",
        "The assistant has five skills: music, weather, dining, books, cinema. Pick one for the "
        "request.",
    ),
    "support_ticket_routing": (
        "Which team gets this ticket: billing, technical support, sales, shipping, returns, "
        "account access or human resources?",
        "Route the email to a department (billing, technical support, sales, shipping, returns, "
        "account access, human resources). Department name only.",
        "dispatch ticket to the right queue",
        "You are the dispatcher of a help desk. Money questions go to billing, malfunctions to "
        "technical support, offers to sales, deliveries to shipping, goods sent back to returns, "
        "login matters to account access, staff matters to human resources.",
    ),
    "support_ticket_priority": (
        "How pressing is this ticket: critical, high, medium or low?",
        "Set the priority. critical: everything is down or there is danger; high: many affected or "
        "a deadline is near; medium: one person or a workaround exists; low: cosmetic, wishes, "
        "questions.",
        "triage: critical/high/medium/low",
    ),
    "support_ticket_urgent": (
        "Must somebody look at the ticket right away? Answer urgent or can wait.",
        "urgent or can wait?",
        "Serious outages and looming deadlines are urgent, everything else can wait. Which is it?",
    ),
}

TICKET_JSON_VERBS = (
    "read the ticket and return who wrote it, the customer number and the department it belongs to",
    "turn the support ticket into a JSON record",
    "extract customer, number and department as JSON",
    "fill a JSON object with the keys customer, number and department from the ticket",
    "register the message: name of the customer, customer number, responsible department",
    "make a routing record in JSON for this email to the help desk",
    "parse the incoming ticket into JSON",
)
TICKET_JSON_DETAILS = (
    'Keys: "customer" (full name), "number" (integer), "department".',
    "The department is one of billing, technical support, sales, shipping, returns, account "
    "access, human resources.",
    'Format: {"customer": "...", "number": 12345, "department": "..."}.',
    "Only the JSON object with customer, number and department, please.",
    "Keys are customer, number, department, in this order. Departments: billing, technical "
    "support, sales, shipping, returns, account access, human resources.",
    "The number is written without quotes.",
)
