"""Weights for each step: task text in, LoRA adapter out, and an engine that runs them.

Knows nothing of MCP or of SQLite. Importing this package does not import torch.
"""
