"""A LangChain agent whose every step runs under its own weights; see README.md."""
