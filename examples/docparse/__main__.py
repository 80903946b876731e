"""The command line of the agent: `python -m examples.docparse`."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import replace
from functools import partial
from io import TextIOWrapper
from pathlib import Path

import anyio

from examples.competitive_intel.errors import DemoError
from examples.competitive_intel.server import read_launch
from examples.docparse.agent import Run, run_agent
from examples.docparse.errors import DocparseError
from examples.docparse.papers.files import write_papers
from examples.docparse.papers.making import make_papers
from examples.docparse.report import Screen, as_json

CONFIG = Path(__file__).resolve().parents[2] / "mcp.json"
INTERRUPTED = 130
DOCUMENTS = 200
MOST_DOCUMENTS = 5_000


def main(arguments: list[str] | None = None) -> int:
    """Run the agent; 0 when every document was read and the base is what it was."""
    options = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        # A model may use a character that an old terminal cannot show.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        if options.json is not None and not options.json.absolute().parent.is_dir():
            raise DocparseError(f"cannot write {options.json}: there is no such folder")
        run = Run()
        with Screen() as screen:
            try:
                _run(options, screen, run)
            finally:
                if options.json is not None and run.rows:
                    _write(options.json, run)
        screen.summary(run)
        if run.before != run.after:
            raise DocparseError("the base does not answer other tasks as it did before")
    except* DemoError as group:
        print(f"docparse: failed: {_first(group)}", file=sys.stderr)
        return_code = 1
    except* KeyboardInterrupt:
        return_code = INTERRUPTED
    else:
        return_code = 0
    return return_code


def _run(options: argparse.Namespace, screen: Screen, run: Run) -> None:
    # Windows keeps a killed process's files open for a moment; leftovers there are harmless.
    with tempfile.TemporaryDirectory(prefix="docparse-", ignore_cleanup_errors=True) as folder:
        post = (options.folder or Path(folder) / "post").absolute()
        post.mkdir(exist_ok=True)
        database = options.database or Path(folder) / "memory.db"
        launch = read_launch(
            options.config, options.server, database.absolute(), Path(folder) / "server.log"
        )
        launch = replace(launch, env={**launch.env, "HYPERNET_MCP_DOCUMENTS": str(post)})
        screen.status(f"writing {options.documents} documents")
        papers = make_papers(options.documents, options.seed)
        write_papers(papers, post)
        anyio.run(partial(run_agent, papers, post, launch, screen, run))


def _write(file: Path, run: Run) -> None:
    text = json.dumps(as_json(run), indent=2, ensure_ascii=False)
    try:
        file.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise DocparseError(f"cannot write {file}: {error.strerror}") from error


def _first(error: BaseException) -> BaseException:
    """The first cause inside nested groups: task groups wrap what happens in them."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _count(text: str) -> int:
    count = int(text)
    if not 1 <= count <= MOST_DOCUMENTS:
        raise argparse.ArgumentTypeError(f"must be 1 to {MOST_DOCUMENTS}")
    return count


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m examples.docparse",
        description="Read invoices and receipts to checked JSON, learning from corrections.",
    )
    parser.add_argument(
        "--documents",
        type=_count,
        default=DOCUMENTS,
        metavar="N",
        help="how many documents (default: %(default)s)",
    )
    parser.add_argument(
        "--seed", type=int, default=1, metavar="N", help="of the documents (default: %(default)s)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the run here")
    parser.add_argument(
        "--folder", type=Path, metavar="FOLDER", help="keep the documents here; default: temporary"
    )
    parser.add_argument(
        "--config",
        type=Path,
        default=CONFIG,
        metavar="FILE",
        help="default: the project's mcp.json",
    )
    parser.add_argument(
        "--server", default="hypernet-mcp", metavar="NAME", help="the entry there (%(default)s)"
    )
    parser.add_argument(
        "--database",
        type=Path,
        metavar="FILE",
        help="keep the memory and the tasks here; default: a temporary file",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
