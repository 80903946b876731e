"""Whether JSON schemas are any, and whether answers fit them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mcp_server.schema.limits import InputError, beginning

if TYPE_CHECKING:
    from collections.abc import Mapping


def check_schema(field: str, schema: Mapping[str, Any]) -> None:
    """Refuse what is no JSON schema.

    Raises:
        InputError: says where it is not.
    """
    # Imported on use: most calls have no schema.
    import jsonschema

    try:
        jsonschema.validators.validator_for(schema).check_schema(schema)
    except jsonschema.SchemaError as error:
        raise InputError(
            f"{field}: {error.json_path} is no schema: {error.message[:200]}"
        ) from error


def misfit(text: str, schema: Mapping[str, Any]) -> str | None:
    """What keeps a text from being an answer of a schema; None: it is one."""
    import jsonschema

    try:
        value = json.loads(text)
        error = next(jsonschema.validators.validator_for(schema)(schema).iter_errors(value), None)
    except (ValueError, RecursionError):
        return f"{beginning(text)!r} is no JSON"
    except Exception as wrong:  # a reference that leads nowhere: engines say more of such schemas
        return f"the schema cannot be used: {beginning(str(wrong))}"
    return None if error is None else f"{error.json_path} does not fit: {error.message[:200]}"
