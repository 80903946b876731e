"""The HTTP application: who gets in, how much of it, and what is answered besides MCP."""
