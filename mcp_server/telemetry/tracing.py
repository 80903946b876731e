"""OpenTelemetry: spans for the parts of a step, inside the protocol library's span for the call.

Its programming interface comes with the protocol library and does nothing by itself; what records
and sends is the extra `otel`, imported only when the settings name an address. No text of users is
in a span.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from opentelemetry import trace

if TYPE_CHECKING:
    from collections.abc import Iterator

TRACER = trace.get_tracer("hypernet-mcp")


class TracingError(Exception):
    """Traces are asked for and cannot be sent; the message says what to do."""


@contextmanager
def span(name: str, **values: str | int | float | bool) -> Iterator[None]:
    """A span around a part of a call, with values that hold nothing of users' texts."""
    # What an error says may quote a user: its class is enough.
    with TRACER.start_as_current_span(
        name, attributes=values, record_exception=False, set_status_on_exception=False
    ) as current:
        try:
            yield
        except BaseException as error:
            current.set_attribute("error.type", type(error).__name__)
            raise


def configure(address: str, version: str) -> None:
    """Send spans to an OTLP/HTTP address, in batches, on a thread of its own.

    Raises:
        TracingError: the extra is not installed.
    """
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise TracingError(
            "traces: the extra is not installed; pip install 'hypernet-mcp[otel]'"
        ) from error
    resource = Resource.create({"service.name": "hypernet-mcp", "service.version": version})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=address)))
    trace.set_tracer_provider(provider)
