"""Write everything that is made from the code, or say what of it is out of date.

python -m distribution [--check]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from distribution.bundle import manifest
from distribution.readme import filled
from distribution.registry import server_json
from mcp_server.cli.config import CLIENTS, configuration, starting

ROOT = Path(__file__).parent.parent
PAGES = {
    ROOT / "README.md": ("config", "tools", "commands", "flags", "settings"),
    ROOT / "docs" / "clients.md": ("places",),
}


def generated() -> dict[Path, str]:
    """Each file that is made from the code, and what it has to hold."""
    files = {page: filled(page.read_text(encoding="utf-8"), names) for page, names in PAGES.items()}
    files |= {
        ROOT / "server.json": server_json(),
        ROOT / "distribution" / "manifest.json": manifest(),
        ROOT / "mcp.json": configuration("claude-desktop", starting("name")),
    }
    for name, client in CLIENTS.items():
        # As folders: two clients call their file the same.
        file = ROOT / "distribution" / "clients" / name / client.file
        files[file] = configuration(name, starting("name"))
    return files


def main() -> int:
    """Write, or with --check compare; 1 when something is out of date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    stale = [
        (file, text)
        for file, text in generated().items()
        if not file.exists() or file.read_text(encoding="utf-8") != text
    ]
    for file, text in stale:
        if arguments.check:
            print(f"{file.relative_to(ROOT)} is out of date: run `make generate`", file=sys.stderr)
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
        print(f"wrote {file.relative_to(ROOT)}")
    return 1 if arguments.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
