"""hypernet-mcp over HTTP for the examples: started, killed and ended as their jobs ask."""
