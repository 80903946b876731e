"""A competitive-intelligence agent that survives the death of its server: `make demo`."""
