"""The store: `Store` for jobs, and what it gives: marks, revocations, deletions and maintenance."""
