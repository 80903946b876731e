"""Examples that start programs of their own: how they end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMAND = """
import argparse, signal, subprocess, sys, threading
from examples.agent.command import run_command
from examples.serving.processes import run_to_the_end

# As in a terminal: what a script starts in the background is born ignoring it.
signal.signal(signal.SIGINT, signal.default_int_handler)

def job(options):
    started = subprocess.Popen([sys.executable, "-c", "import threading; threading.Event().wait()"])
    print(started.pid, flush=True)
    threading.Event().wait()

run_to_the_end(lambda: run_command("test", job, argparse.Namespace(json=None)))
"""


@pytest.mark.skipif(os.name == "nt", reason="sends a POSIX signal")
@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_an_example_that_a_signal_ends_takes_what_it_started_along(sent: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", COMMAND],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        assert process.stdout is not None
        started = int(process.stdout.readline())
        process.send_signal(sent)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert not psutil.pid_exists(started)
