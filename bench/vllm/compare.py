"""The same requests on vLLM and on our own engine: are the answers the same, and as often right?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.vllm.cases import Asked
    from hypernet.engine.interface import Engine, Generation

MODES = ("adapter", "hybrid")
TIE = 0.02
"""Of two answers' mean probability of a token, the difference under which they are as likely."""


def same(
    own: Engine, vllm: Engine, asked: Sequence[Asked]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Shares of equal outputs by mode, of equal labels, and each difference.

    Of a difference it is told how likely our engine finds its own answer and vLLM its own: where
    both are about as likely, the two part at a tie.
    """
    figures: dict[str, Any] = {}
    differences: list[dict[str, Any]] = []
    for mode in MODES:
        pairs = _answers(own, vllm, asked, mode, labels=False)
        figures[f"same_outputs_{mode}"] = _share(a.text == b.text for _, a, b in pairs)
        figures[f"right_{mode}_own"] = _share(each.right(a.text) for each, a, _ in pairs)
        figures[f"right_{mode}_vllm"] = _share(each.right(b.text) for each, _, b in pairs)
        differences += [_told(mode, *pair) for pair in pairs if pair[1].text != pair[2].text]
    labelled = [each for each in asked if each.task.labels]
    if labelled:
        pairs = _answers(own, vllm, labelled, "hybrid", labels=True)
        figures["same_labels"] = _share(a.text == b.text for _, a, b in pairs)
        figures["labels"] = len(pairs)
        differences += [_told("labels", *pair) for pair in pairs if pair[1].text != pair[2].text]
    return figures, differences


def cost_of_acting_on_all(own: Engine, vllm: Engine, asked: Sequence[Asked]) -> dict[str, Any]:
    """Right answers where adapters act on the whole prompt, beside ours and the base's."""
    figures: dict[str, Any] = {}
    for mode in ("prompted", *MODES):
        pairs = _answers(own, vllm, asked, mode, labels=False)
        figures[f"right_{mode}_own"] = _share(each.right(a.text) for each, a, _ in pairs)
        figures[f"right_{mode}_on_all"] = _share(each.right(b.text) for each, _, b in pairs)
    return figures


def _answers(
    own: Engine, vllm: Engine, asked: Sequence[Asked], mode: str, *, labels: bool
) -> list[tuple[Asked, Generation, Generation]]:
    requests = [each.request(mode, labels=labels) for each in asked]
    there = [vllm.submit(request) for request in requests[:200]]
    found = []
    for number, (each, request) in enumerate(zip(asked, requests, strict=True)):
        if number >= len(there):
            there.append(vllm.submit(request))
        found.append((each, own.submit(request).result(), there[number].result()))
    return found


def _told(mode: str, asked: Asked, own: Generation, vllm: Generation) -> dict[str, Any]:
    sure = [max((each.confidence or {"": 0.0}).values()) for each in (own, vllm)]
    return {
        "mode": mode,
        "task": asked.task.description[:80],
        "own": own.text,
        "vllm": vllm.text,
        "confidence": [round(each, 4) for each in sure],
        "tie": abs(sure[0] - sure[1]) <= TIE,
    }


def _share(found: Any) -> float:
    values = [bool(each) for each in found]
    return round(sum(values) / max(1, len(values)), 4)
