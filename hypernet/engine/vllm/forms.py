"""The form of an answer, as vLLM is asked for it: llguidance's grammars, as our own engine's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hypernet.engine.torch.constrain import LIBRARY_OPTIONS, copy_grammar

if TYPE_CHECKING:
    from hypernet.engine.interface import Request


def form_of(request: Request) -> dict[str, Any]:
    """What the answer has to follow, as `structured_outputs` of a completion; empty if nothing.

    vLLM hands it to llguidance where its backend for structured outputs is `guidance`.
    """
    if request.copy is not None:
        return {"structured_outputs": {"grammar": copy_grammar(request.copy)}}
    if request.output_schema is not None:
        # Without whitespace: a small model that may write a space can go on with spaces for ever.
        own = {**request.output_schema, LIBRARY_OPTIONS: {"whitespace_flexible": False}}
        return {
            "structured_outputs": {"grammar": f"start: answer\nanswer: %json {json.dumps(own)}"}
        }
    return {}
