"""Single numbers in compiled code: stored ones as float32 and back, and a quick exponential."""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

COMPILED: dict[str, Any] = {
    "nogil": True, "cache": True, "error_model": "numpy",
    # No flag that lets the compiler assume there are no NaNs: the engine looks for them.
    "fastmath": {"reassoc", "contract", "nsz", "arcp"},
}  # fmt: skip
"""How all functions of the decode step are compiled."""

_I32, _FLOAT = ir.IntType(32), ir.FloatType()
_f = np.float32


@intrinsic  # type: ignore[untyped-decorator]  # numba is untyped
def widen(typing: Any, value: Any) -> Any:
    """A stored number as float32: bfloat16 lies in a uint16, float32 is itself."""

    def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:
        if signature.args[0] == types.float32:
            return args[0]
        bits = b.shl(b.zext(args[0], _I32), ir.Constant(_I32, 16))
        return b.bitcast(bits, _FLOAT)

    return types.float32(value), generate


@intrinsic  # type: ignore[untyped-decorator]  # numba is untyped
def narrow(typing: Any, array: Any, value: Any) -> Any:
    """A float32 as the array stores it: itself, or bfloat16 (nearest, ties to even) in uint16."""

    def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:
        if signature.args[0].dtype == types.float32:
            return args[1]
        bits = b.bitcast(args[1], _I32)
        odd = b.and_(b.lshr(bits, ir.Constant(_I32, 16)), ir.Constant(_I32, 1))
        rounded = b.add(bits, b.add(odd, ir.Constant(_I32, 0x7FFF)))
        return b.trunc(b.lshr(rounded, ir.Constant(_I32, 16)), ir.IntType(16))

    return array.dtype(array, types.float32), generate


@intrinsic  # type: ignore[untyped-decorator]  # numba is untyped
def power_of_two(typing: Any, exponent: Any) -> Any:
    """2 to a whole number from -126 to 127, given as int32."""

    def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:
        bits = b.shl(b.add(args[0], ir.Constant(_I32, 127)), ir.Constant(_I32, 23))
        return b.bitcast(bits, _FLOAT)

    return types.float32(types.int32), generate


@njit(**COMPILED)  # type: ignore[untyped-decorator]  # numba is untyped
def exp(x: Any) -> Any:
    """e to the x, good to float32's last bits; the compiler can run many at once, unlike libm's.

    2^n times the Taylor series of e^t, t within ±ln(2)/2.
    """
    x = min(max(x, _f(-87.0)), _f(88.0))
    n = np.floor(x * _f(1.44269504) + _f(0.5))
    t = (x - n * _f(0.693359375)) + n * _f(2.12194440e-4)
    series = _f(1.0 / 5040)
    for c in (1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5, 1.0, 1.0):
        series = series * t + _f(c)
    return series * power_of_two(np.int32(n))
