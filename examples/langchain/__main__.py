"""The command line of the example: `python -m examples.langchain`."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

from examples.agent.errors import ExampleError
from examples.langchain.install import install, installed
from examples.langchain.job import run_agent
from examples.langchain.report import Screen, as_json, checks_of
from examples.langchain.teaching import teach
from examples.langchain.truth import read_packages
from examples.serving.memory_server import MemoryServer
from examples.serving.processes import stop_strays

if TYPE_CHECKING:
    from examples.langchain.job import Row
    from examples.langchain.report import Check

FOLDER = Path(__file__).resolve().parents[2] / ".langchain"
PACKAGES = ("certifi", "httpx", "starlette", "langchain")
INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Run the example; 0 when every step was answered and all checks hold."""
    options = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        # A model or a package may use a character that an old terminal cannot show.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        if options.json is not None and not options.json.absolute().parent.is_dir():
            raise ExampleError(f"cannot write {options.json}: there is no such folder")
        with Screen() as screen:
            python = _installed(options.folder.absolute(), screen)
            if options.install_only:
                return 0
            rows, checks, qualities = _run(python, options.folder, options.packages, screen)
            if options.json is not None:
                text = json.dumps(as_json(rows, checks, qualities), indent=2, ensure_ascii=False)
                options.json.write_text(text + "\n", encoding="utf-8")
            screen.summary(rows, checks)
    except ExampleError as error:
        print(f"langchain: failed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0 if all(check.holds for check in checks) else 1


def _installed(folder: Path, screen: Screen) -> Path:
    found = installed(folder)
    if found is None:
        screen.event(f"installing LangChain into {folder}, about 180 MB")
        found = install(folder, screen.status)
    return found


def _run(
    python: Path, folder: Path, names: list[str], screen: Screen
) -> tuple[list[Row], tuple[Check, ...], dict[str, dict[str, Any]]]:
    packages = read_packages(python, names)
    server = MemoryServer(folder.absolute())
    try:
        server.start(screen.status)
        qualities = teach(server.mcp, screen.learning)
        for name, quality in qualities.items():
            screen.event(
                f"saved task {name}: served by {quality['serving']}, expected accuracy "
                f"{quality['expected_accuracy']:.2f}"
            )
        screen.status("the agent starts")
        log = folder / "agent.log"
        rows = run_agent(python, server.address, packages, log, screen.finished)
        recorded = server.steps(server.last_session()["session_id"])
        return rows, checks_of(rows, recorded), qualities
    finally:
        server.stop()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m examples.langchain",
        description="Run an agent of LangChain whose every step works under its own weights.",
    )
    parser.add_argument(
        "packages",
        nargs="*",
        default=list(PACKAGES),
        metavar="PACKAGE",
        help=f"installed beside LangChain; default: {' '.join(PACKAGES)}",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the run here")
    parser.add_argument(
        "--folder",
        type=Path,
        default=FOLDER,
        metavar="FOLDER",
        help="LangChain's environment, and the server's memory; default: .langchain",
    )
    parser.add_argument("--install-only", action="store_true", help="install, run nothing")
    return parser


if __name__ == "__main__":
    # Whoever ends it by a signal wants the agent and the server to end, too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    code = main()
    if code == INTERRUPTED:
        stop_strays()
    sys.exit(code)
