"""The frozen base on other tasks: what it answers to fixed questions, and its loss on them."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Call = Callable[..., Awaitable[dict[str, Any]]]

OTHER_TASKS: tuple[tuple[str, tuple[str, ...], tuple[tuple[str, str], ...]], ...] = (
    (
        "Is the mood of the message good or bad?",
        ("good", "bad"),
        (
            ("The film was a delight from the first minute.", "good"),
            ("We waited an hour and the soup came cold.", "bad"),
            ("My new neighbours are kind and quiet.", "good"),
            ("The zip broke on the second day.", "bad"),
        ),
    ),
    (
        "Which of these is the sentence about?",
        ("weather", "sport", "music"),
        (
            ("Rain will move in from the west by noon.", "weather"),
            ("She won the final in three sets.", "sport"),
            ("The choir sang the last verse twice.", "music"),
            ("Fog kept the valley white all day.", "weather"),
        ),
    ),
    (
        "Is the statement true or false?",
        ("true", "false"),
        (
            ("Paris is the capital of France.", "true"),
            ("A week has nine days.", "false"),
            ("Ice is frozen water.", "true"),
            ("The sun goes round the moon.", "false"),
        ),
    ),
)
WRITING = ("Answer in one sentence.", ("What is a library for?", "Why do leaves fall in autumn?"))
TOKENS = 24


@dataclass(frozen=True)
class BaseProbe:
    """What the base did with the questions."""

    loss: float
    """Mean negative log probability of the right label."""
    right: int
    asked: int
    digest: str
    """Of every answer and every probability, to the last bit."""


async def probe_base(call: Call) -> BaseProbe:
    """Ask the base, without any adapter, in a session of its own.

    Args:
        call: calls a tool by name with its arguments.
    """
    losses, right, seen = [], 0, []
    session = None
    for task, labels, questions in OTHER_TASKS:
        opened = await call(
            "set_task", task=task, labels=list(labels), mode="prompted", session_id=session
        )
        session = opened["session_id"]
        for text, answer in questions:
            found = await call("run_step", session_id=session, input=text, context_tokens=0)
            losses.append(-math.log(max(found["shares"][answer], 1e-12)))
            right += found["output"] == answer
            seen.append([found["output"], found["shares"], found["adapter_digest"]])
    task, prompts = WRITING
    await call("set_task", task=task, mode="prompted", session_id=session)
    for text in prompts:
        found = await call(
            "run_step", session_id=session, input=text, context_tokens=0, max_tokens=TOKENS
        )
        seen.append([found["output"], found["confidence"], found["adapter_digest"]])
    digest = hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()
    return BaseProbe(sum(losses) / len(losses), right, len(losses), digest)
