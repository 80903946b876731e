"""The shell: the `hypernet` command and its subcommands."""
