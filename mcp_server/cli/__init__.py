"""The command line: the `hypernet-mcp` command and its subcommands."""
