"""The history graph: nodes, branches, sessions, checkpoints, and the marks beside them."""
