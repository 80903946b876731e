"""The command line of the example: `python -m examples.n8n`."""

from __future__ import annotations

import argparse
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from examples.agent.command import add_json_option, run_command, write_json
from examples.agent.errors import ExampleError
from examples.n8n.checks import checks_of
from examples.n8n.install import VERSION, install, installed
from examples.n8n.instance import EMAIL, running
from examples.n8n.job import run_job
from examples.n8n.model_checks import model_checks_of
from examples.n8n.model_job import run_models
from examples.n8n.pages import read_pages, served
from examples.n8n.report import Screen, as_json
from examples.n8n.workflow import (
    MODELS,
    addressed,
    called_tools,
    read_credential,
    read_workflow,
    webhook_path,
)
from examples.serving.memory_server import MemoryServer
from examples.serving.processes import run_to_the_end

if TYPE_CHECKING:
    from examples.n8n.install import Install
    from examples.n8n.job import Job
    from examples.n8n.model_job import ModelJob
    from examples.n8n.pages import Page

FOLDER = Path(__file__).resolve().parents[2] / ".n8n"
KILL_AFTER = 10


def main(arguments: list[str] | None = None) -> int:
    """Run the example; 0 when the job was finished and all checks hold."""
    options = _parser().parse_args(arguments)
    return run_command("n8n", _job, options)


def _job(options: argparse.Namespace) -> int:
    pages, tools = read_pages(), called_tools(read_workflow())
    step_nodes = tuple(node for node, tool in tools.items() if tool == "run_step")
    kill_after, steps = options.kill_after, len(step_nodes) * len(pages)
    if not 0 < kill_after < steps:
        raise ExampleError(
            f"--kill-after {kill_after}: the job has {steps} steps; 1 to {steps - 1}"
        )
    with Screen() as screen:
        made = _installed(options.folder.absolute(), screen)
        if options.install_only:
            return 0
        job, models = _run(made, pages, step_nodes, kill_after, screen, keep=options.keep)
        checks = (*checks_of(job), *model_checks_of(models))
        write_json(options.json, as_json(job, models, checks))
        screen.summary(job, models, checks)
    return 0 if all(check.holds for check in checks) else 1


def _installed(folder: Path, screen: Screen) -> Install:
    found = installed(folder)
    if found is None:
        screen.event(f"installing n8n {VERSION} into {folder}: some minutes, about 4 GB")
        found = install(folder, screen.status)
    return found


def _run(
    made: Install,
    pages: tuple[Page, ...],
    step_nodes: tuple[str, ...],
    kill_after: int,
    screen: Screen,
    *,
    keep: bool,
) -> tuple[Job, ModelJob]:
    with tempfile.TemporaryDirectory(prefix="hypernet-n8n-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        server = MemoryServer(folder)
        try:
            server.start(screen.status)
            with served(pages) as address:
                workflow = addressed(server.mcp, address)
                of_models = addressed(server.mcp, address, MODELS)
                credential = read_credential(server.v1)
                imported = [workflow, of_models]
                with running(made, folder, imported, credential, screen.status) as n8n:
                    screen.event(f"n8n {VERSION} runs, with both workflows imported and active")
                    path = webhook_path(workflow)
                    job = run_job(n8n, path, server, step_nodes, pages, kill_after, screen)
                    models = run_models(n8n, of_models, credential, server, pages, screen)
                    if keep:
                        screen.event(
                            f"n8n stays at {n8n.address}, as {EMAIL} with the password "
                            f"{n8n.password}, until Ctrl-C"
                        )
                        _until_interrupted()
                    return job, models
        finally:
            server.stop()


def _until_interrupted() -> None:
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        return


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m examples.n8n",
        description="Run workflows in a real n8n, each node under its own weights: one of MCP "
        "Client nodes, hypernet-mcp killed in the middle of it, and one of n8n's own model nodes.",
    )
    add_json_option(parser)
    parser.add_argument(
        "--folder", type=Path, default=FOLDER, metavar="FOLDER", help="n8n's; default: .n8n"
    )
    parser.add_argument("--install-only", action="store_true", help="install n8n, run nothing")
    parser.add_argument(
        "--kill-after",
        type=int,
        default=KILL_AFTER,
        metavar="N",
        help="kill the server once N steps are recorded (%(default)s)",
    )
    parser.add_argument(
        "--keep", action="store_true", help="leave n8n open in the end, to look at it in a browser"
    )
    return parser


if __name__ == "__main__":
    run_to_the_end(main)
