"""The documents that the agent reads: made by a seed, so that what stands in them is known."""
