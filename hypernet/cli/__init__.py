"""The command line: the `hypernet` command and its subcommands."""
