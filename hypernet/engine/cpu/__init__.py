"""One decode step on a CPU, compiled at first use: quantised weights, all rows, all adapters.

`weights` lays the weights out, `vectors` and `kernels` compute, `decoder` owns threads and buffers.
"""
