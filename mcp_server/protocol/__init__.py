"""The MCP server object: tools, resources, prompts and completions, their errors, and stdio."""
