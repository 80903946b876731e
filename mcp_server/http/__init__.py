"""The HTTP transports for teams: who gets in, how much of it, and what is answered besides MCP.

Knows nothing of tools or sessions.
"""
