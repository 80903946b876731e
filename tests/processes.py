"""Server processes that tests start."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess


def address_of(process: subprocess.Popen[str]) -> str:
    """Where a server listens, once it says so on its stderr, which is a pipe.

    Raises:
        RuntimeError: it ended before it listened; tells what it said.
    """
    said = []
    for line in process.stderr or ():
        if found := re.search(r"running on (http://[0-9.]+:\d+)", line):
            return found[1]
        said.append(line)
    raise RuntimeError(f"the server ended before it listened: {''.join(said)}")
