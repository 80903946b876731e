"""`python -m mcp_server` is `hypernet-mcp`."""

from mcp_server.cli.main import main

main()
