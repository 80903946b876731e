"""A task that learns from its examples: every way to serve it measured, and the best one served."""
