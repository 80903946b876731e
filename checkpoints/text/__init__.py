"""Text as people read it: its words, its pairs of characters, and where it may be cut."""
