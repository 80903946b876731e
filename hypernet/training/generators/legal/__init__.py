"""Clauses of contracts and sentences of privacy policies."""
