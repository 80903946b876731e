"""Memory as the forward pass needs it: freed blocks kept, and large zeros that cost nothing yet.

A forward pass frees and asks for tensors of some megabytes at every layer. glibc hands such blocks
back to the system and gets them anew, page by page, which costs more than many of the products
computed in them. What each thread keeps so adds up, so it is given back after much work.
"""

from __future__ import annotations

import ctypes
import mmap
import sys
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import torch
    from torch import Tensor

KEPT = 2**30
"""Bytes: larger blocks still go back at once, and so does what is free beyond this."""
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # numbers of mallopt(3)
_DONT_NEED, _PAGE_OUT = 4, 21  # of madvise(2)
MAPS = Path("/proc/self/maps")


def lazy_zeros(shape: Sequence[int], dtype: torch.dtype, device: torch.device | str) -> Tensor:
    """Zeros; on a CPU with Unix, of memory that is taken page by page as it is written to."""
    import torch  # here: who only gives memory back need not have it

    nbytes = prod(shape) * dtype.itemsize
    if torch.device(device).type != "cpu" or sys.platform == "win32" or nbytes == 0:
        return torch.zeros(tuple(shape), dtype=dtype, device=device)
    pages = mmap.mmap(-1, nbytes, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    return torch.frombuffer(pages, dtype=dtype).view(tuple(shape))


def keep_freed_memory() -> bool:
    """Keep it from now on, in this process; False where the C library is not glibc."""
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    trimmed, mapped = mallopt(_TRIM_THRESHOLD, KEPT), mallopt(_MMAP_THRESHOLD, KEPT)
    return bool(trimmed == mapped == 1)


def give_back_freed_memory() -> bool:
    """Give back all that is free now, of every thread; False where nothing was, or without glibc.

    Learning a task leaves up to a gigabyte with each thread that worked for it.
    """
    if not sys.platform.startswith("linux"):
        return False
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return trim is not None and bool(trim(0))


def page_out(tensors: Iterable[Tensor]) -> None:
    """Let the memory go that tensors in mapped files take, where Linux can; they stay as they are.

    What is read again comes from the system's own cache of files. Other memory is left in place, or
    swapped out where the machine swaps.
    """
    if not sys.platform.startswith("linux"):
        return
    advise, page = _madvise(), mmap.PAGESIZE
    runs: list[list[int]] = []
    for first, size in sorted((t.data_ptr(), t.nbytes) for t in tensors if t.is_contiguous()):
        if runs and first - runs[-1][1] < page:  # the system may hold many pages as one
            runs[-1][1] = first + size
        else:
            runs.append([first, first + size])
    for first, end in runs:
        first_page, end_page = -(-first // page) * page, end // page * page
        if first_page < end_page:
            advise(first_page, end_page - first_page, _PAGE_OUT)


def forget_code(*libraries: str) -> None:
    """Let the memory go that libraries' code takes in this process, where Linux can tell.

    What is called again is read again, from the system's own cache of files. Meant for when most of
    what ran so far has run for the last time.

    Args:
        libraries: what the names of their files begin with.
    """
    if not sys.platform.startswith("linux") or not MAPS.exists():
        return
    advise = _madvise()
    for line in MAPS.read_text(encoding="utf-8", errors="replace").splitlines():
        place, mode, _, _, _, *file = line.split(maxsplit=5)
        # Only what can be run and cannot be written: anything else might be lost.
        if mode == "r-xp" and file and Path(file[0]).name.startswith(libraries):
            first, end = (int(edge, 16) for edge in place.split("-"))
            advise(first, end - first, _DONT_NEED)


def _madvise() -> Callable[[int, int, int], int]:
    advise = ctypes.CDLL(None).madvise
    advise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    return cast("Callable[[int, int, int], int]", advise)
