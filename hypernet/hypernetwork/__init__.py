"""The hypernetwork: what is read of a task, and the network that writes adapters from it."""
