"""The readers: one kind of document each, from bytes or text to sections."""
