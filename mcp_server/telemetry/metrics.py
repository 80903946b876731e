"""What the server counts, for Prometheus to fetch. Labels come from the code, never from users.

Values that are looked at when fetched (queue, rows) come from functions given to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CONTENT_TYPE = CONTENT_TYPE_LATEST
CALL_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 45, 100)
COMMIT_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5)
SATURATION = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


class Metrics:
    """The counters of one server process, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        made: dict[str, Any] = {"registry": self.registry, "namespace": "hypernet_mcp"}
        self.calls = Counter("calls", "Calls that ended, by outcome.", ["tool", "outcome"], **made)
        self.call_seconds = Histogram(
            "call_seconds", "How long calls took.", ["tool"], buckets=CALL_SECONDS, **made
        )
        self.running = Gauge("calls_running", "Calls that run now.", **made)
        self.errors = Counter("errors", "Calls that were refused or failed.", ["kind"], **made)
        self.steps = Counter("steps", "Steps recorded, replayed ones aside.", ["mode"], **made)
        self.tokens = Counter(
            "tokens",
            "Tokens of recorded steps: prefix (also those reused of it), prompt, generated.",
            ["part"],
            **made,
        )
        self.adapters = Counter("adapters", "Adapters used: generated or reused.", ["how"], **made)
        self.saturation = Histogram(
            "saturation", "Share of the usable window per step.", buckets=SATURATION, **made
        )
        self.commits = Histogram(
            "commit_seconds",
            "Transactions that wrote a step, checkpoint or memory, their commit included.",
            buckets=COMMIT_SECONDS,
            **made,
        )
        self.checkpoints = Counter("checkpoints", "Checkpoints that steps or calls gave.", **made)
        self.in_flight = Gauge("http_requests_in_flight", "HTTP requests being answered.", **made)
        self.streams = Gauge("http_streams_open", "Event streams held open.", **made)
        self.refused = Counter(
            "refused", "Requests and calls refused, by the limit they met.", ["limit"], **made
        )
        self._made = made
        ProcessCollector(registry=self.registry)

    def add_gauge(self, name: str, about: str, value: Callable[[], float]) -> None:
        """Show a value that is looked up when the metrics are fetched."""
        Gauge(name, about, **self._made).set_function(value)

    def step(self, result: Mapping[str, Any]) -> None:
        """Count a step by what `run_step` returned."""
        if result.get("replayed"):
            return
        self.steps.labels(mode=result["mode"]).inc()
        tokens = result["tokens"]
        for part in ("prefix", "prefix_reused", "prompt", "generated"):
            self.tokens.labels(part=part).inc(tokens[part])
        if result.get("adapter_digest"):
            self.adapter(cached=bool(result.get("adapter_cached")))
        self.saturation.observe(result["saturation"])
        if result.get("checkpoint"):
            self.checkpoints.inc()

    def adapter(self, *, cached: bool) -> None:
        """Count an adapter that was asked for."""
        self.adapters.labels(how="reused" if cached else "generated").inc()

    def text(self) -> bytes:
        """All of it in Prometheus' text format."""
        return generate_latest(self.registry)
