"""The command line of the example: `python -m examples.langchain`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from examples.agent.command import add_json_option, run_command, write_json
from examples.langchain.install import install, installed
from examples.langchain.job import run_agent
from examples.langchain.report import Screen, as_json, checks_of
from examples.langchain.teaching import teach
from examples.langchain.truth import read_packages
from examples.serving.memory_server import MemoryServer
from examples.serving.processes import run_to_the_end

if TYPE_CHECKING:
    from examples.agent.checks import Check
    from examples.langchain.job import Row

FOLDER = Path(__file__).resolve().parents[2] / ".langchain"
PACKAGES = ("certifi", "httpx", "starlette", "langchain")


def main(arguments: list[str] | None = None) -> int:
    """Run the example; 0 when every step was answered and all checks hold."""
    options = _parser().parse_args(arguments)
    return run_command("langchain", _job, options)


def _job(options: argparse.Namespace) -> int:
    folder = options.folder.absolute()
    with Screen() as screen:
        python = _installed(folder, screen)
        if options.install_only:
            return 0
        rows, checks, qualities = _run(python, folder, options.packages, screen)
        write_json(options.json, as_json(rows, checks, qualities))
        screen.summary(rows, checks)
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
    server = MemoryServer(folder)
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
    add_json_option(parser)
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
    run_to_the_end(main)
