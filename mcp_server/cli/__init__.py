"""The shell: the `hypernet-mcp` command and its subcommands."""
