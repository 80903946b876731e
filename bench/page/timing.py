"""How long the server takes for each view, and how many bytes it is, with a job of 10,000 steps.

Times are a client's on the same machine, over one kept connection: what the server takes, and what
HTTP adds. `cpu_ms` is what the server's process computed meanwhile, whatever else the machine does.
"""

from __future__ import annotations

import time
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx2
import psutil

from bench.page.views import VIEWS

if TYPE_CHECKING:
    from bench.page.made import Job

WARM_UP = 3


def measure(address: str, job: Job, rounds: int = 40) -> dict[str, Any]:
    """The slowest view's p95, the most computing and the largest one's bytes; all for each view.

    Args:
        address: the server's, whose database holds `job`.
        rounds: how often each view is asked for, in turn.
    """
    taken: dict[str, list[float]] = {view.name: [] for view in VIEWS}
    computed = dict.fromkeys(taken, 0.0)
    sizes: dict[str, int] = {}
    process = _listening_at(address)
    with httpx2.Client(base_url=address, timeout=60) as client:
        for n in range(WARM_UP + rounds):
            for view in VIEWS:
                path = view.of(job)
                before, started = _cpu(process), time.perf_counter()
                answer = client.get(path)
                seconds = time.perf_counter() - started
                if answer.status_code != view.status:
                    raise RuntimeError(f"{path} answered {answer.status_code}")
                sizes[view.name] = len(answer.content)
                if n >= WARM_UP:
                    taken[view.name].append(1000 * seconds)
                    computed[view.name] += 1000 * (_cpu(process) - before) / rounds
    p95 = {name: quantiles(each, n=20)[-1] for name, each in taken.items()}
    return {
        "view_ms": round(max(p95.values()), 1),
        "view_cpu_ms": round(max(computed.values()), 1),
        "view_bytes": max(sizes.values()),
        "views": {
            name: {
                "p50_ms": round(median(taken[name]), 1),
                "p95_ms": round(p95[name], 1),
                "cpu_ms": round(computed[name], 1),
                "bytes": sizes[name],
            }
            for name in taken
        },
    }


def _listening_at(address: str) -> psutil.Process:
    """The server's process, which is a child of this one."""
    port = urlsplit(address).port
    children = psutil.Process().children(recursive=True)
    ports = {each: [c.laddr.port for c in each.net_connections()] for each in children}
    return next(each for each, listened in ports.items() if port in listened)


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system
