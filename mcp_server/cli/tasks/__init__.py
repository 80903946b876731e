"""`hypernet-mcp tasks`: the commands that look after named tasks, and what they read and print."""
