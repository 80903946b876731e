"""Vector products that numba's Python cannot express.

Each function here writes LLVM's intermediate language, which numba compiles for the processor at
hand.

A group of quantised weights is 32 inputs of 16 outputs, an output per lane:
4 bits (uint8 tiles):  w = d * q + m, byte k holds input k in its low half and k + 16 in its high;
8 bits (int8 tiles):   w = d * q.
These are the blocks of the GGUF types Q4_1 and Q8_0, turned so that no lane needs another's sum.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

LANES, GROUP = 16, 32

_I8, _I32, _I64 = ir.IntType(8), ir.IntType(32), ir.IntType(64)
_FLOATS, _HALVES = ir.VectorType(ir.FloatType(), LANES), ir.VectorType(ir.HalfType(), LANES)
_INTS, _BYTES = ir.VectorType(_I32, LANES), ir.VectorType(_I8, LANES)
_SHORTS = ir.VectorType(ir.IntType(16), LANES)


def dot_group(rows: int) -> Any:
    """An intrinsic that adds one group's part to 16 outputs of some rows.

    The result has the arguments q, q_at, stride, d, m, scale_at, x, x_at, x_stride, sums, sum_at,
    sum_stride, y, y_at, y_stride: flat arrays and where in them to start. The order of additions is
    the same for any number of rows, so a row's result does not depend on its neighbours.
    """

    @intrinsic  # type: ignore[untyped-decorator]  # numba is untyped
    def add(  # flat arrays and offsets
        typing: Any, q: Any, q_at: Any, stride: Any, d: Any, m: Any, scale_at: Any, x: Any,
        x_at: Any, x_stride: Any, sums: Any, sum_at: Any, sum_stride: Any, y: Any, y_at: Any,
        y_stride: Any,
    ) -> Any:  # fmt: skip
        signature = types.void(q, q_at, stride, d, m, scale_at, x, x_at, x_stride, sums, sum_at,
                               sum_stride, y, y_at, y_stride)  # fmt: skip
        return signature, _dot_group(rows, four_bits=q.dtype == types.uint8)

    return add


def _dot_group(rows: int, *, four_bits: bool) -> Any:
    def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:
        (q, q_at, stride, d, m, scale_at, x, x_at, x_stride, sums, sum_at, sum_stride, y, y_at,
         y_stride) = args  # fmt: skip
        kind = signature.args

        def data(argument: int, value: Any) -> Any:
            return context.make_array(kind[argument])(context, b, value).data

        def number(value: int) -> Any:
            return ir.Constant(_I64, value)

        def vector(pointer: Any, at: Any, of: Any) -> Any:
            return b.bitcast(b.gep(pointer, [at]), of.as_pointer())

        def load(pointer: Any, at: Any, of: Any, align: int) -> Any:
            return b.load(vector(pointer, at, of), align=align)

        fma = cgutils.get_or_insert_function(
            b.module, ir.FunctionType(_FLOATS, [_FLOATS] * 3), f"llvm.fma.v{LANES}f32"
        )
        q_data, x_data, y_data, sum_data = data(0, q), data(6, x), data(12, y), data(9, sums)
        zero = ir.Constant(_FLOATS, [0.0] * LANES)
        low, high = [zero] * rows, [zero] * rows
        row_at = [b.add(x_at, b.mul(x_stride, number(row))) for row in range(rows)]
        for k in range(GROUP // 2):
            if four_bits:
                both = b.zext(load(q_data, b.add(q_at, b.mul(stride, number(k))), _BYTES, 1), _INTS)
                w_low = b.uitofp(b.and_(both, ir.Constant(_INTS, [15] * LANES)), _FLOATS)
                w_high = b.uitofp(b.lshr(both, ir.Constant(_INTS, [4] * LANES)), _FLOATS)
            else:
                w_low, w_high = (
                    b.sitofp(
                        b.sext(load(q_data, b.add(q_at, b.mul(stride, number(i))), _BYTES, 1),
                               _INTS),
                        _FLOATS,
                    )
                    for i in (k, k + GROUP // 2)
                )  # fmt: skip
            for row in range(rows):
                x_low = _spread(b, b.load(b.gep(x_data, [b.add(row_at[row], number(k))])))
                x_high = _spread(b, b.load(b.gep(x_data, [b.add(row_at[row], number(k + 16))])))
                low[row] = b.call(fma, [x_low, w_low, low[row]])
                high[row] = b.call(fma, [x_high, w_high, high[row]])
        scale = b.fpext(load(data(3, d), scale_at, _HALVES, 2), _FLOATS)
        if four_bits:
            offset = b.fpext(load(data(4, m), scale_at, _HALVES, 2), _FLOATS)
        for row in range(rows):
            place = vector(y_data, b.add(y_at, b.mul(y_stride, number(row))), _FLOATS)
            total = b.load(place, align=4)
            if four_bits:
                at = b.add(sum_at, b.mul(sum_stride, number(row)))
                total = b.call(fma, [_spread(b, b.load(b.gep(sum_data, [at]))), offset, total])
            total = b.call(fma, [b.fadd(low[row], high[row]), scale, total])
            b.store(total, place, align=4)
        return context.get_dummy_value()

    return generate


def add_product(rows: int, blocks: int) -> Any:
    """An intrinsic that adds a product with a plain matrix to 16 · `blocks` outputs of some rows.

    The result has the arguments m, m_at, m_stride, depth, x, x_at, x_stride, y, y_at, y_stride:
    flat arrays and where in them to start. y += x · m over `depth` rows of m, an even number, which
    lie `m_stride` apart; m holds float32, or bfloat16 in uint16. The order of additions is the
    same for any number of rows and blocks.
    """

    @intrinsic  # type: ignore[untyped-decorator]  # numba is untyped
    def add(  # flat arrays and offsets
        typing: Any, m: Any, m_at: Any, m_stride: Any, depth: Any, x: Any, x_at: Any, x_stride: Any,
        y: Any, y_at: Any, y_stride: Any,
    ) -> Any:  # fmt: skip
        signature = types.void(m, m_at, m_stride, depth, x, x_at, x_stride, y, y_at, y_stride)
        return signature, _add_product(rows, blocks)

    return add


def _add_product(rows: int, blocks: int) -> Any:
    def generate(context: Any, b: Any, signature: Any, args: Any) -> Any:
        m, m_at, m_stride, depth, x, x_at, x_stride, y, y_at, y_stride = args

        def data(argument: int, value: Any) -> Any:
            return context.make_array(signature.args[argument])(context, b, value).data

        def number(value: int) -> Any:
            return ir.Constant(_I64, value)

        def vector(pointer: Any, at: Any, of: Any) -> Any:
            return b.bitcast(b.gep(pointer, [at]), of.as_pointer())

        m_data, x_data, y_data = data(0, m), data(4, x), data(7, y)
        narrow_ = signature.args[0].dtype == types.uint16
        fma = cgutils.get_or_insert_function(
            b.module, ir.FunctionType(_FLOATS, [_FLOATS] * 3), f"llvm.fma.v{LANES}f32"
        )
        zero = ir.Constant(_FLOATS, [0.0] * LANES)
        row_at = [b.add(x_at, b.mul(x_stride, number(row))) for row in range(rows)]
        # Two sums each, of even and odd inputs: one alone would wait for its own last addition.
        sums = [[[cgutils.alloca_once_value(b, zero) for _ in range(2)] for _ in range(blocks)]
                for _ in range(rows)]  # fmt: skip
        with cgutils.for_range(b, b.lshr(depth, number(1))) as pair:
            for odd in range(2):
                k = b.add(b.mul(pair.index, number(2)), number(odd))
                line = b.add(m_at, b.mul(m_stride, k))
                weights = []
                for block in range(blocks):
                    at = b.add(line, number(block * LANES))
                    if narrow_:
                        bits = b.zext(b.load(vector(m_data, at, _SHORTS), align=2), _INTS)
                        sixteen = ir.Constant(_INTS, [16] * LANES)
                        weights.append(b.bitcast(b.shl(bits, sixteen), _FLOATS))
                    else:
                        weights.append(b.load(vector(m_data, at, _FLOATS), align=4))
                for row in range(rows):
                    factor = _spread(b, b.load(b.gep(x_data, [b.add(row_at[row], k)])))
                    for block in range(blocks):
                        place = sums[row][block][odd]
                        b.store(b.call(fma, [factor, weights[block], b.load(place)]), place)
        for row in range(rows):
            for block in range(blocks):
                even, odd_ = (b.load(place) for place in sums[row][block])
                at = b.add(b.add(y_at, b.mul(y_stride, number(row))), number(block * LANES))
                place = vector(y_data, at, _FLOATS)
                b.store(b.fadd(b.load(place, align=4), b.fadd(even, odd_)), place, align=4)
        return context.get_dummy_value()

    return generate


def _spread(b: Any, value: Any) -> Any:
    undefined = ir.Constant(_FLOATS, ir.Undefined)
    one = b.insert_element(undefined, value, ir.Constant(_I32, 0))
    return b.shuffle_vector(one, undefined, ir.Constant(_INTS, [0] * LANES))
