"""Threads that run one function together: each one's share of the work, and a barrier between."""

from __future__ import annotations

import platform
import sys
from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from hypernet.engine.cpu.scalars import COMPILED

SPINS = 2000
"""How often a thread looks before it lets another have the core."""

_I32, _I64 = ir.IntType(32), ir.IntType(64)


@njit(**COMPILED)  # type: ignore[untyped-decorator]  # numba is untyped
def share(count: int, part: int, parts: int) -> tuple[int, int]:
    """From where to where a thread's part of `count` things goes."""
    return count * part // parts, count * (part + 1) // parts


@njit(**COMPILED)  # type: ignore[untyped-decorator]  # numba is untyped
def meet(counter: Any, parts: int) -> None:
    """Wait until every thread has come here."""
    if parts == 1:
        return
    mine = arrive(counter)
    wanted = (mine // parts + 1) * parts
    spins = 0
    while arrived(counter) < wanted:
        spins += 1
        if spins < SPINS:
            pause()
        else:  # the others may be waiting for this very core
            give_way()


@intrinsic  # type: ignore[untyped-decorator]  # numba is untyped
def arrive(typing: Any, counter: Any) -> Any:
    """Count this thread in at counter[0], an int64; how many had come before it."""

    def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:
        pointer = context.make_array(signature.args[0])(context, b, args[0]).data
        return b.atomic_rmw("add", pointer, ir.Constant(_I64, 1), "seq_cst")

    return types.int64(counter), generate


@intrinsic  # type: ignore[untyped-decorator]  # numba is untyped
def arrived(typing: Any, counter: Any) -> Any:
    """How many threads have come, read so that what they wrote is seen."""

    def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:
        pointer = context.make_array(signature.args[0])(context, b, args[0]).data
        return b.load_atomic(pointer, "seq_cst", 8)

    return types.int64(counter), generate


@intrinsic  # type: ignore[untyped-decorator]  # numba is untyped
def give_way(typing: Any) -> Any:
    """Let another thread have the core."""

    def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:
        name = "SwitchToThread" if sys.platform == "win32" else "sched_yield"
        function = cgutils.get_or_insert_function(b.module, ir.FunctionType(_I32, []), name)
        b.call(function, [])
        return context.get_dummy_value()

    return types.void(), generate


@intrinsic  # type: ignore[untyped-decorator]  # numba is untyped
def pause(typing: Any) -> Any:
    """Tell the processor that this is a waiting loop."""

    def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:
        if platform.machine() in ("x86_64", "AMD64"):
            kind = ir.FunctionType(ir.VoidType(), [])
            b.call(cgutils.get_or_insert_function(b.module, kind, "llvm.x86.sse2.pause"), [])
        return context.get_dummy_value()

    return types.void(), generate
