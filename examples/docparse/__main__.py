"""The command line of the agent: `python -m examples.docparse`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from functools import partial
from pathlib import Path

import anyio

from examples.agent.command import add_options, launch_of, run_command, write_json
from examples.agent.errors import ExampleError
from examples.docparse.agent import Run, run_agent
from examples.docparse.papers.files import write_papers
from examples.docparse.papers.making import make_papers
from examples.docparse.report import Screen, as_json

DOCUMENTS = 200
MOST_DOCUMENTS = 5_000


def main(arguments: list[str] | None = None) -> int:
    """Run the agent; 0 when every document was read and the base is what it was."""
    options = _parser().parse_args(arguments)
    return run_command("docparse", _job, options)


def _job(options: argparse.Namespace) -> int:
    run = Run()
    with Screen() as screen:
        try:
            _run(options, screen, run)
        finally:
            if run.rows:  # also of a run that was interrupted
                write_json(options.json, as_json(run))
    screen.summary(run)
    if run.before != run.after:
        raise ExampleError("the base does not answer other tasks as it did before")
    return 0


def _run(options: argparse.Namespace, screen: Screen, run: Run) -> None:
    # Windows keeps a killed process's files open for a moment; leftovers there are harmless.
    with tempfile.TemporaryDirectory(prefix="docparse-", ignore_cleanup_errors=True) as folder:
        post = (options.folder or Path(folder) / "post").absolute()
        post.mkdir(exist_ok=True)
        launch = launch_of(options, Path(folder), documents=post)
        screen.status(f"writing {options.documents} documents")
        papers = make_papers(options.documents, options.seed)
        write_papers(papers, post)
        anyio.run(partial(run_agent, papers, post, launch, screen, run))


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
    parser.add_argument(
        "--folder", type=Path, metavar="FOLDER", help="keep the documents here; default: temporary"
    )
    add_options(parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
