"""One decode step on a CPU, compiled at first use: quantised weights, all rows, all adapters.

`weights` and `store` lay the weights out, `decode` computes with what `linear`, `attention`,
`vectors`, `scalars` and `barrier` give it, `decoder` owns threads and buffers.
"""
