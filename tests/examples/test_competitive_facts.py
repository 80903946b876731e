"""What the demo reads of installed distributions."""

from __future__ import annotations

import pytest
from competitive_fakes import facts

from examples.competitive_intel.facts import installed, prose


def test_installed_distributions_have_summaries_and_come_once_by_name() -> None:
    """This environment is the data."""
    found = installed()
    slugs = [each.slug for each in found]
    assert "pytest" in slugs
    assert slugs == sorted(set(slugs))
    assert all(each.summary for each in found)


@pytest.mark.parametrize(
    ("licence", "permissive"),
    [
        ("MIT", True),
        ("BSD-3-Clause AND 0BSD", True),
        ("Apache License, Version 2.0", True),
        ("MPL-2.0 AND MIT", False),
        ("GPL-3.0-only", False),
        ("GPL-2.0 OR MIT", None),
        ("See the file", None),
        ("", None),
    ],
)
def test_a_licence_is_permissive_or_not_or_does_not_tell(
    licence: str, permissive: bool | None
) -> None:
    """A guess would be counted against the model."""
    assert facts("a", licence=licence).permissive is permissive


@pytest.mark.parametrize(
    ("python", "oldest"),
    [(">=3.10.0", "3.10"), ("!=3.14.1,>=3.11", "3.11"), (">= 3.8, <4", "3.8"), ("", "")],
)
def test_the_oldest_python_is_read_from_the_requirement(python: str, oldest: str) -> None:
    """Patch versions and exclusions do not matter."""
    assert facts("a", python=python).oldest_python == oldest


def test_prose_keeps_sentences_and_drops_markup() -> None:
    """A small model should read words, not badges."""
    readme = """# Title

[![badge](https://x/y.svg)](https://x)

Click is a *package* for [command lines](https://c) with `little` code.

```python
import click
print("this is code and not a sentence at all")
```

- a list item that is long enough to look like a sentence here
"""
    assert prose(readme) == "Click is a package for command lines with little code."
