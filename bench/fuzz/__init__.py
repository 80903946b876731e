"""Malformed messages at real servers: `python -m bench.fuzz`."""
