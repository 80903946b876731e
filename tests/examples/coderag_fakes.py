"""Functions, packages and a server's answers for the tests of the code-retrieval agent."""

from __future__ import annotations

from typing import Any

from examples.coderag.agent import Row
from examples.coderag.sources import Function, Package

CLAMP = '''def clamp(value: int, lowest=0, highest=10) -> int:
    """Keep a value within its bounds.

    What is below or above them becomes the bound itself.
    """
    if value < lowest:
        return lowest
    return min(value, highest)'''
IS_WORD = '''def is_word(text: str) -> bool:
    """Return True if the text is one word."""
    return len(text.split()) == 1'''


def function(source: str = CLAMP, package: str = "toolkit") -> Function:
    name = source.partition("def ")[2].partition("(")[0]
    return Function(package, f"{package}/tools.py", name, source)


def package(name: str = "toolkit", sources: tuple[str, ...] = (CLAMP, IS_WORD)) -> Package:
    text = "import sys\n\n\n" + "\n\n\n".join(sources) + "\n"
    return Package(
        name,
        "1.0",
        "Tools for numbers and words",
        "Toolkit has tools for numbers and words of all kinds, and needs nothing else.",
        {f"{name}/tools.py": text},
        tuple(function(source, name) for source in sources),
    )


def excerpt(text: str, source: str = "code/toolkit/tools.py", score: float = 1.0) -> dict[str, Any]:
    return {"text": text, "source": source, "score": score}


def step_result(step: int, output: str, **fields: Any) -> dict[str, Any]:
    return {
        "step": step,
        "output": output,
        "confidence": 0.75,
        "needs_review": False,
        "answered_by": "model",
        "mode": "hybrid",
        "adapter_digest": "0123456789abcdef",
        "tokens": {"prefix": 5, "prefix_reused": 0, "prompt": 90, "retrieved": 0, "generated": 4},
        "saturation": 0.02,
        "checkpoint": None,
        "replayed": False,
        **fields,
    }


def row(step: int = 1, **fields: Any) -> Row:
    defaults: dict[str, Any] = {
        "step": step,
        "key": f"key-{step}",
        "kind": "default",
        "subject": "toolkit.clamp",
        "task": "coderag-default",
        "mode": "hybrid",
        "answered_by": "model",
        "adapter": "0123456789abcdef",
        "retrieved_tokens": 8_000,
        "sources": tuple(f"code/package{n}/tools.py" for n in range(7)),
        "found": True,
        "prompt_tokens": 95,
        "generated_tokens": 4,
        "saturation": 0.02,
        "output": "lowest=0",
        "confidence": 0.75,
        "expected": "lowest=0",
        "correct": True,
        "review": False,
        "checkpoint": None,
        "replayed": False,
        "seconds": 1.0,
    }
    return Row(**{**defaults, **fields})
