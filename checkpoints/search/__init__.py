"""Search in one session's memory: ranking its items, and what of a ranking is shown."""
