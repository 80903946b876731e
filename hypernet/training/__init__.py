"""Training a hypernetwork on task files."""
