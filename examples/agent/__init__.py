"""What the examples share: the server's process and client, a table, checks, a command line."""
