"""The tests of the generators need the dependency group `tasks`; without it they are left out."""

from __future__ import annotations

from importlib.util import find_spec

NEEDED = ("faker", "babel", "simple_icd_10_cm")
collect_ignore = [] if all(map(find_spec, NEEDED)) else ["test_generated_tasks.py"]
