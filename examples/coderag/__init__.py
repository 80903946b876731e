"""A code-retrieval agent over installed packages' sources: `make coderag`."""
