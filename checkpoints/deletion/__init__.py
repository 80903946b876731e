"""Deleting for good: a session, a source or an item, and what else in the file quotes it."""
