"""A workflow of a real n8n whose every step runs under its own weights; see README.md."""
