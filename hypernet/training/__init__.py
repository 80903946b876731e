"""Training and evaluating hypernetworks on task files; never needed to serve."""
