"""What a call does: set a task, run a step, remember, recall, mark and look up."""
