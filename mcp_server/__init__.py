"""The server: MCP tools over stdio, streamable HTTP and SSE. Computes neither tensors nor SQL."""

from importlib.metadata import version

__version__ = version("hypernet-mcp")
