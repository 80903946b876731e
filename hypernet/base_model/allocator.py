"""Asks the C library to keep freed memory, where it would give it back at once.

A forward pass frees and asks for tensors of some megabytes at every layer. glibc hands such blocks
back to the system and gets them anew, page by page, which costs more than many of the products
computed in them.
"""

from __future__ import annotations

import ctypes
import sys

KEPT = 2**30
"""Bytes: larger blocks still go back at once, and so does what is free beyond this."""
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # numbers of mallopt(3)


def keep_freed_memory() -> bool:
    """Keep it from now on, in this process; False where the C library is not glibc."""
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    trimmed, mapped = mallopt(_TRIM_THRESHOLD, KEPT), mallopt(_MMAP_THRESHOLD, KEPT)
    return bool(trimmed == mapped == 1)
