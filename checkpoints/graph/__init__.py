"""The history graph as rows: sessions, branches, nodes, checkpoints, items and their vectors."""
