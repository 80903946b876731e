"""Documents of a call on their way into memory: read file by file, cut, embedded and stored."""
