"""Deleting for good: a session, a source or an item, with what else quotes it; and pruning."""
