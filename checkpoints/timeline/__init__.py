"""A history as people look at it: pages of steps, where it branched, how two of them differ."""
