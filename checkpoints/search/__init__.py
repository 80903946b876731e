"""Search: vectors, ranking, and what of a ranking is shown."""
