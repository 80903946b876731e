"""What the installed Python distributions say of themselves: the agent's raw material."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from email.message import Message

DESCRIPTION_WORDS = 45
LICENCE_CHARS = 60

_PERMISSIVE = re.compile(
    r"\bMIT\b|BSD|Apache|\bISC|\bPSF|Python Software|\bzlib|Unlicense|\bCC0|public domain",
    re.IGNORECASE,
)
_COPYLEFT = re.compile(r"GPL|\bMPL|Mozilla|\bEPL|EUPL|CDDL", re.IGNORECASE)
_CODE = re.compile(r"^\s*(```|~~~).*?^\s*\1\s*$", re.MULTILINE | re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_IMAGE = re.compile(r"!\[[^\]]*\](\([^)]*\)|\[[^\]]*\])")
_LINK = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\[[^\]]*\])|`([^`<]+?)\s*<[^>]*>`__?")
_PROSE = re.compile(r"[A-Za-z*_`\"'].*\w.*\w")


@dataclass(frozen=True)
class Facts:
    """One distribution's metadata, as far as it goes: what is not stated is empty."""

    name: str
    version: str
    summary: str
    description: str = ""
    licence: str = ""
    python: str = ""
    status: str = ""
    needs: tuple[str, ...] = ()

    @property
    def slug(self) -> str:
        """The name in the spelling that compares equal for equal distributions."""
        return re.sub(r"[-_.]+", "-", self.name).lower()

    @property
    def oldest_python(self) -> str:
        """The oldest Python that it runs on, such as 3.10; empty when not stated."""
        found = re.search(r"(?:>=|~=)\s*(\d+(?:\.\d+)?)", self.python)
        return found[1] if found else ""

    @property
    def permissive(self) -> bool | None:
        """Whether the licence is a permissive one; None when the name does not tell."""
        copyleft, permissive = _COPYLEFT.search(self.licence), _PERMISSIVE.search(self.licence)
        if copyleft and permissive and " OR " in self.licence:
            return None
        return False if copyleft else True if permissive else None


def installed() -> list[Facts]:
    """The distributions of this environment that have a summary, by name.

    Of two with the same name the one that would be imported counts.
    """
    found: dict[str, Facts] = {}
    for distribution in metadata.distributions():
        facts = _read(distribution)
        if facts.name and facts.summary:
            found.setdefault(facts.slug, facts)
    return sorted(found.values(), key=lambda facts: facts.slug)


def _read(distribution: metadata.Distribution) -> Facts:
    # It is an email message, whatever narrower protocol it is declared as. A distribution that was
    # half removed has an empty one.
    fields = cast("Message", distribution.metadata)
    classifiers = fields.get_all("Classifier") or []
    body = fields.get("Description") or fields.get_payload()
    return Facts(
        name=fields.get("Name") or "",
        version=fields.get("Version") or "",
        summary=" ".join((fields.get("Summary") or "").split()),
        description=prose(body if isinstance(body, str) else ""),
        licence=_licence(fields.get("License-Expression"), fields.get("License"), classifiers),
        python=(fields.get("Requires-Python") or "").strip(),
        status=_last_part(classifiers, "Development Status ::"),
        needs=_needs(distribution.requires or []),
    )


def prose(text: str, words: int = DESCRIPTION_WORDS) -> str:
    """The first words of a readme, without its headings, badges, code and markup."""
    text = _TAG.sub(" ", _LINK.sub(r"\1\2", _IMAGE.sub(" ", _CODE.sub("\n\n", text))))
    blocks = re.split(r"\n\s*\n", text)
    lines = (
        " ".join(block.split())
        for block in blocks
        if all(_PROSE.match(line) for line in block.strip().splitlines())
    )
    kept = " ".join(line for line in lines if len(line.split()) > 5)
    return " ".join(re.sub(r"[*`]|\b_+|_+\b", "", kept).split()[:words])


def _licence(expression: str | None, field: str | None, classifiers: list[str]) -> str:
    # Old metadata may hold the whole licence text in its field; the classifier names it better.
    for candidate in (expression, field):
        if candidate and len(candidate) <= LICENCE_CHARS and candidate.upper() != "UNKNOWN":
            return " ".join(candidate.split())
    if classified := _last_part(classifiers, "License ::"):
        return classified
    return (expression or "")[:LICENCE_CHARS]


def _last_part(classifiers: list[str], prefix: str) -> str:
    parts = [line.split("::")[-1].strip() for line in classifiers if line.startswith(prefix)]
    return parts[0] if parts else ""


def _needs(requirements: list[str]) -> tuple[str, ...]:
    always = [line for line in requirements if "extra" not in line.partition(";")[2]]
    names = {found[0] for line in always if (found := re.match(r"[\w.-]+", line.strip()))}
    return tuple(sorted(names, key=str.lower))
