"""Named tasks on the server: which version a step runs with, what teaches it, and who learns."""
