"""The pages to be read: what is true of them, and a server that shows them to this machine.

    python -m examples.n8n.pages        # serves them where workflow.json looks for them

Each page says what it says twice: in words, which are what the scraper reads, and in the markup
that search engines read (schema.org), which is what answers are compared with.
"""

from __future__ import annotations

import json
import sys
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import html

from examples.agent.errors import ExampleError
from examples.n8n.workflow import PAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).with_name("pages")
GOOD_STARS = 3
WORDS = {"method": "text", "encoding": "unicode", "with_tail": False}


@dataclass(frozen=True)
class Page:
    """A page and what its markup says."""

    name: str
    text: bytes
    product: str
    brand: str
    price: str
    material: str
    stars: float

    @property
    def review(self) -> str:
        """Whether its review is a good one, in the workflow's words."""
        return "positive" if self.stars >= GOOD_STARS else "negative"


def read_pages(folder: Path = FOLDER) -> tuple[Page, ...]:
    """The pages of a folder, by name.

    Raises:
        ExampleError: a page without the markup; there are none.
    """
    pages = tuple(_read(file) for file in sorted(folder.glob("*.html")))
    if not pages:
        raise ExampleError(f"{folder} has no pages")
    return pages


@contextmanager
def served(pages: tuple[Page, ...], port: int = 0) -> Iterator[str]:
    """Serve the pages, and a list of them under /pages.json; gives the address.

    Raises:
        ExampleError: another program has the port; 0 takes a free one.
    """
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), _handler(pages))
    except OSError as error:
        raise ExampleError(f"cannot serve the pages on port {port}: {error.strerror}") from error
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def main() -> int:
    """Serve the pages until Ctrl-C."""
    try:
        with served(read_pages(), int(PAGES.rpartition(":")[2])) as address:
            print(f"{address}/pages.json, until Ctrl-C", flush=True)
            with suppress(KeyboardInterrupt):
                threading.Event().wait()
    except ExampleError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _handler(pages: tuple[Page, ...]) -> type[BaseHTTPRequestHandler]:
    by_path = {f"/{page.name}.html": page.text for page in pages}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host = self.headers.get("Host", "")
            listed = [
                {"page": page.name, "url": f"http://{host}/{page.name}.html"} for page in pages
            ]
            if self.path == "/pages.json":
                self._answer(200, "application/json", json.dumps(listed).encode())
            elif self.path in by_path:
                self._answer(200, "text/html; charset=utf-8", by_path[self.path])
            else:
                self._answer(404, "text/plain", b"there is no such page")

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # as inherited
            """Say nothing: the example has a screen of its own."""

    return Handler


def _read(file: Path) -> Page:
    text = file.read_bytes()
    root = html.fromstring(text)

    def said(name: str) -> str:
        found = [each for each in root.iter() if each.get("itemprop") == name]
        if len(found) != 1:
            raise ExampleError(f"{file.name}: {len(found)} elements say {name}, not one")
        return str(found[0].get("content") or html.tostring(found[0], **WORDS)).strip()

    return Page(
        name=file.stem,
        text=text,
        product=said("name"),
        brand=said("brand"),
        price=said("price"),
        material=said("material"),
        stars=float(said("ratingValue")),
    )


if __name__ == "__main__":
    sys.exit(main())
