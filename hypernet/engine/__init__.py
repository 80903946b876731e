"""Engines: things that run the frozen base model under a mix of adapters.

`base` holds the protocol and its messages, `torch_engine` the real one, `echo` the torch-free one.
"""
