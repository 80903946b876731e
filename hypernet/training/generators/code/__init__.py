"""Bugs, reviews and languages of program text."""
