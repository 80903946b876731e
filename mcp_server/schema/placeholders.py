"""What stands in a setting's text in the place of something else: variables, and what was left.

Clients and shells fill in some forms and leave others as they are; a form that nobody filled in
must not become a folder of that name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# A GUID in braces is a folder's name on Windows.
GUID = r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
# The first one that fits, from left to right. Where a form's end was cut off it is one as well.
FORMS = re.compile(
    r"""
    (?P<dollar> \$\$)
    | \$env:\w+                                   # PowerShell
    | \$\{(?P<braced> [^}]*)\}?
    | \$(?P<plain> [A-Za-z_]\w*)
    | \$(?: \([^)]*\)? | \[[^\]]*\]? | [0-9@*])   # a command, a sum, a script's arguments
    | %(?P<percent> [A-Za-z_]\w*)%
    | %\([^)]*\)
    | `[^`]*`
    | \{\{.*?\}\}
    | \{(?!GUID\})[^{}]*\}?
    | <[^<>]*>?
    | @[A-Za-z_]\w*@
    | (?<![^/\\:,;]) (?: \.{3,} | …) (?![^/\\:,;])
    | (?<![^:;,])\[(?![0-9A-Fa-f:.]+\]) .* \]\Z     # but for IPv6
    """.replace("GUID", GUID),
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
PERCENT_ENCODED = re.compile(r"[^%]*(?:%[0-9A-Fa-f]{2}[^%]*)+")
# An apostrophe may be part of a name; a pair around it, or one before all, is not.
QUOTES = re.compile(
    r"[\"\u201c-\u201f\u00ab\u00bb]"
    r"|(?<![^:;,])\s*['\u2018]"
    r"|(?<![^/\\])['\u2018][^/\\]*['\u2019](?![^/\\])"
    r"|\\ "
)


def filled_in(text: str, variables: Mapping[str, str] | None) -> str:
    """A text with the variables' values for `$NAME`, `${NAME}` and `%NAME%`, `$$` made `$`.

    Args:
        text: as it was written; without quotes, which nobody took off.
        variables: by name; None where they may not stand.

    Raises:
        ValueError: names the quote, control character or placeholder that is left.
    """
    check_plain(text)
    # Web addresses and some file names hold %20 and the like, and no other percent sign.
    encoded = PERCENT_ENCODED.fullmatch(text) is not None

    def value_of(found: re.Match[str]) -> str:
        if found["dollar"]:
            return "$"
        if encoded and found["percent"]:
            return found[0]
        name = found["braced"] or found["plain"] or found["percent"] or ""
        if not name:
            raise left_over(found[0], "write the value itself")
        if variables is None:
            why = "variables are taken in paths alone, so write the value itself"
            raise left_over(found[0], why)
        value = variables.get(name, "").strip()
        if not value:
            why = "there is no environment variable of that name to take; write the value itself"
            raise left_over(found[0], why)
        check_plain(value)
        for inner in FORMS.finditer(value):
            if not inner["dollar"] and not PERCENT_ENCODED.fullmatch(value):
                raise left_over(inner[0], f"it is in the variable {name}")
        return value

    return FORMS.sub(value_of, text)


def left_over(form: str, why: str) -> ValueError:
    """The refusal of a form."""
    dollar = " (a dollar sign that is meant is written $$)" if form.startswith("$") else ""
    return ValueError(f"the placeholder {form} was not filled in: {why}{dollar}")


def check_plain(text: str) -> None:
    """Refuse what is in a text only by accident.

    Raises:
        ValueError: a quote that nobody took off, or a control character.
    """
    if (quote := QUOTES.search(text)) is not None:
        mark = quote[0].strip()[0]
        sign = "a backslash before a space" if mark == "\\" else f"the quote {mark}"
        raise ValueError(f"{sign} is part of it, as no shell took it off; write it without")
    if (steering := re.search(r"[\x00-\x1f\x7f-\x9f]", text)) is not None:
        raise ValueError(f"it holds the control character {steering[0]!r}; write it without")
