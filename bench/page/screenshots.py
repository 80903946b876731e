"""Every view as a picture, light, dark and on a phone.

    python -m bench.page.screenshots [--folder screenshots] [--engine torch]

The job that is shown is run first, by the real model (some minutes); `--engine echo` takes seconds,
and its answers repeat the inputs.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bench.http_load import server
from bench.page import made
from bench.page.browser import LOOKS, chromium, missing, opened
from bench.page.views import VIEWS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from bench.page.made import Job


def taken(browser: Browser, address: str, job: Job, folder: Path) -> list[Path]:
    """A picture of each view in each look; their files."""
    files = []
    for look in LOOKS:
        with opened(browser, address, look) as watched:
            for view in VIEWS:
                watched.open(view.of(job))
                file = folder / f"{view.name.replace(' ', '-')}-{look}.png"
                watched.page.screenshot(path=file, full_page=True)
                files.append(file)
    return files


def main() -> None:
    """Run the job, open every view, write the pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--folder", type=Path, default=Path("screenshots"))
    parser.add_argument("--engine", default="torch")
    arguments = parser.parse_args()
    if (reason := missing()) is not None:
        raise SystemExit(reason)
    arguments.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made_in:
        folder = Path(made_in)
        job = made.small(folder / "memory.db", arguments.engine)
        with server(folder, arguments.engine) as address, chromium() as browser:
            files = taken(browser, address, job, arguments.folder)
    print(f"{len(files)} pictures in {arguments.folder}")


if __name__ == "__main__":
    main()
