"""What the server counts, for Prometheus to fetch. docs/metrics.md says what each series means.

Labels come from the code and, for principals, from the operator's file of tokens; never from
clients. Values that are looked at when fetched (queue, rows, database) come from functions given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

CONTENT_TYPE = CONTENT_TYPE_LATEST
CALL_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 45, 100)
COMMIT_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5)
REFINEMENT_SECONDS = (1, 2.5, 5, 10, 20, 40, 80, 160, 320, 640)
SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
NAMESPACE = "hypernet_mcp"
MOST_PRINCIPALS = 100
"""Names that get a series of their own; the calls of all later ones are counted together."""
# No token can be issued to these.
NOBODY, OTHERS = "(none)", "(other)"


class Metrics:
    """The counters of one server process, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        made: dict[str, Any] = {"registry": self.registry, "namespace": NAMESPACE}
        self.calls = Counter("calls", "Calls that ended, by outcome.", ["tool", "outcome"], **made)
        self.call_seconds = Histogram(
            "call_seconds", "How long calls took.", ["tool"], buckets=CALL_SECONDS, **made
        )
        self.running = Gauge("calls_running", "Calls that run now.", **made)
        self.errors = Counter("errors", "Calls that were refused or failed.", ["kind"], **made)
        self.steps = Counter("steps", "Steps recorded, replayed ones aside.", ["mode"], **made)
        self.answers = Counter(
            "answers", "Answers without a session, which are not recorded.", ["mode"], **made
        )
        self.tokens = Counter(
            "tokens",
            "Tokens of steps and answers: prefix (also those reused of it), prompt, generated.",
            ["part"],
            **made,
        )
        self.tasks = Counter(
            "tasks", "Tasks set: how well they are known, and whether refined.",
            ["fit", "refined"], **made,
        )  # fmt: skip
        self.fits = Counter(
            "step_fits", "Steps and answers, by how well their task is known.", ["fit"], **made
        )
        self.confidence = Histogram(
            "confidence",
            "Confidence of steps and answers: the chosen label's, or that of the tokens written.",
            ["form"],
            buckets=SHARES,
            **made,
        )
        self.refinements = Histogram(
            "refinement_seconds",
            "Refinements that ended, from the writing of the adapter on, pauses included.",
            buckets=REFINEMENT_SECONDS,
            **made,
        )
        self.adapters = Counter("adapters", "Adapters used: generated or reused.", ["how"], **made)
        self.saturation = Histogram(
            "saturation", "Share of the usable window per step.", buckets=SHARES, **made
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
        self.principal_calls = Counter(
            "principal_calls", "Calls that ended, by whose.", ["principal", "outcome"], **made
        )
        self.principal_steps = Counter(
            "principal_steps", "Steps recorded, by whose.", ["principal"], **made
        )
        self.reviews = Counter(
            "reviews_asked", "Steps and answers that asked for review, by whose.", ["principal"],
            **made,
        )  # fmt: skip
        self.corrections = Counter(
            "corrections",
            "Steps that were corrected or confirmed, and corrections taken back, by whose.",
            ["principal", "kind"],
            **made,
        )
        self.learning = Histogram(
            "learning_seconds",
            "How long learning a saved task took, pauses included, by how it ended.",
            ["outcome"],
            buckets=REFINEMENT_SECONDS,
            **made,
        )
        self.principal_learning = Counter(
            "principal_learning_seconds", "Seconds of learning saved tasks, by whose.",
            ["principal"], **made,
        )  # fmt: skip
        self._made = made
        self._principals: set[str] = set()
        ProcessCollector(registry=self.registry)

    def add_gauge(self, name: str, about: str, value: Callable[[], float]) -> None:
        """Show a value that is looked up when the metrics are fetched."""
        Gauge(name, about, **self._made).set_function(value)

    def add_gauges(
        self, name: str, about: str, label: str, values: Callable[[], Mapping[str, float]]
    ) -> None:
        """Show a value for each of some labels, all looked up when the metrics are fetched."""
        self.registry.register(_Looked(f"{NAMESPACE}_{name}", about, label, values))

    def principal(self, name: str | None) -> str:
        """What a principal is called in labels: only so many have a name there."""
        if name is None:
            return NOBODY
        if name not in self._principals and len(self._principals) >= MOST_PRINCIPALS:
            return OTHERS
        self._principals.add(name)
        return name

    def task(self, result: Mapping[str, Any]) -> None:
        """Count a task by what `set_task` returned."""
        adapter, fit = result.get("adapter"), result.get("fit")
        refined = "yes" if adapter and adapter.get("parent") else "no"
        self.tasks.labels(fit=fit["level"] if fit else "none", refined=refined).inc()
        if adapter:
            self.adapter(cached=adapter["cached"])

    def step(self, result: Mapping[str, Any], who: str | None) -> None:
        """Count a step by what `run_step` returned, or an answer without a session."""
        if result.get("replayed"):
            return
        if result.get("session_id") is None:
            self.answers.labels(mode=result["mode"]).inc()
        else:
            self.steps.labels(mode=result["mode"]).inc()
            self.principal_steps.labels(principal=self.principal(who)).inc()
        if result.get("needs_review"):
            self.reviews.labels(principal=self.principal(who)).inc()
        self.fits.labels(fit=result.get("fit") or "none").inc()
        if (confidence := result.get("confidence")) is not None:
            form = "labels" if result["stop_reason"] == "label" else "text"
            self.confidence.labels(form=form).observe(confidence)
        tokens = result["tokens"]
        for part in ("prefix", "prefix_reused", "prompt", "generated"):
            self.tokens.labels(part=part).inc(tokens[part])
        if result.get("adapter_digest"):
            self.adapter(cached=bool(result.get("adapter_cached")))
        self.saturation.observe(result["saturation"])
        if result.get("checkpoint"):
            self.checkpoints.inc()

    def correction(self, result: Mapping[str, Any], who: str | None) -> None:
        """Count each correction in what `correct_step` returned that changed anything."""
        for each in result.get("steps") or [result]:
            if each["changed"]:
                kind = "confirmed" if each["confirmed"] else "corrected"
                kind = "taken_back" if each.get("taken_back") else kind
                self.corrections.labels(principal=self.principal(who), kind=kind).inc()

    def learned(self, who: str | None, outcome: str, seconds: float) -> None:
        """Count the learning of a saved task: `learned`, `stopped` or `failed`."""
        self.learning.labels(outcome=outcome).observe(seconds)
        self.principal_learning.labels(principal=self.principal(who)).inc(seconds)

    def adapter(self, *, cached: bool) -> None:
        """Count an adapter that was asked for."""
        self.adapters.labels(how="reused" if cached else "generated").inc()

    def text(self) -> bytes:
        """All of it in Prometheus' text format."""
        return generate_latest(self.registry)


class _Looked(Collector):
    """A gauge with a label, whose values are looked up when they are fetched."""

    def __init__(
        self, name: str, about: str, label: str, values: Callable[[], Mapping[str, float]]
    ) -> None:
        self._name, self._about, self._label, self._values = name, about, label, values

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """The gauge."""
        family = GaugeMetricFamily(self._name, self._about, labels=[self._label])
        for value, number in self._values().items():
            family.add_metric([value], number)
        yield family

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """The gauge without values: registering it looks nothing up."""
        return [GaugeMetricFamily(self._name, self._about, labels=[self._label])]
