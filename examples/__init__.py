"""Example agents: ordinary MCP clients that know the server by its tools alone."""
