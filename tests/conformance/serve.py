"""Our own server with the conformance fixtures on it, over our own HTTP transport.

    python -m conformance.serve          (with tests/ on the path; `make conformance` does that)

Writes the address to stderr, as every HTTP start of ours does. Test-only.
"""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path

from conformance.fixtures import add_fixtures
from mcp import MCPDeprecationWarning

from mcp_server.app.application import Application
from mcp_server.app.settings import Settings
from mcp_server.http.serve import serve
from mcp_server.protocol.server import build_server
from mcp_server.telemetry import logs


def main() -> None:
    """Serve on a free loopback port until asked to stop."""
    # The older revision's scenarios ask for what the newer one deprecates.
    warnings.simplefilter("ignore", MCPDeprecationWarning)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(database=Path(folder) / "memory.db", engine="echo", port=0)
        logs.configure(settings.log_level)
        app = Application(settings)
        mcp = build_server(app)
        add_fixtures(mcp)
        try:
            serve(mcp, app)
        finally:
            app.close()


if __name__ == "__main__":
    main()
