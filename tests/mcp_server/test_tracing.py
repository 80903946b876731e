"""Spans: one for the call, one for each part of a step, and no text of users in them."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from support import connected

from hypernet.engine.echo import EchoEngine
from mcp_server.telemetry import tracing

if TYPE_CHECKING:
    from collections.abc import Callable

    from mcp_server.app.application import Application

pytestmark = pytest.mark.anyio


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    """The spans that end during a test; the process's own provider is left alone."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "TRACER", provider.get_tracer("test"))
    # The SDK made its tracer when it was imported, and has no public door to it.
    monkeypatch.setattr("mcp.shared._otel._tracer", provider.get_tracer("protocol"))
    return exporter


async def test_a_step_is_a_call_with_its_parts_inside(
    make_app: Callable[..., Application], spans: InMemorySpanExporter
):
    async with connected(make_app()) as call:
        session = await call.begin()
        spans.clear()
        await call("run_step", session_id=session, input="canary")
    ended = spans.get_finished_spans()
    whole = next(each for each in ended if each.name == "tools/call run_step")
    assert whole.context is not None
    parts = [
        each.name for each in ended if each.parent and each.parent.span_id == whole.context.span_id
    ]
    assert parts == ["plan", "recall", "generate", "commit"]
    assert not any("canary" in each.to_json() or session in each.to_json() for each in ended)


async def test_a_failing_part_says_its_kind_and_not_its_text(
    make_app: Callable[..., Application], spans: InMemorySpanExporter
):
    def failing(_: int) -> None:
        raise RuntimeError("the canary is in the error")

    async with connected(make_app(engine=EchoEngine(before_token=failing))) as call:
        session = await call.begin()
        await call.refused("run_step", session_id=session, input="x")
    ended = {each.name: each for each in spans.get_finished_spans()}
    assert ended["tools/call run_step"].status.status_code is StatusCode.ERROR
    assert ended["generate"].attributes is not None
    assert ended["generate"].attributes["error.type"] == "RuntimeError"
    assert not any("canary" in each.to_json() for each in ended.values())


@pytest.mark.slow
def test_without_an_address_nothing_of_the_extra_is_imported():
    code = (
        "import sys, mcp_server.protocol.server; "
        "print([m for m in sys.modules if 'telemetry.sdk' in m])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_address_without_the_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(tracing.TracingError, match=r"pip install 'hypernet-mcp\[otel\]'"):
        tracing.configure("http://localhost:4318/v1/traces", "1")
