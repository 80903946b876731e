"""What the example agents share: the server's process, its client, a table, a command line."""
