"""Traces for an OpenTelemetry collector, where one is set.

A span stands for a request, one below it for each stage of a question. A query may hold a question, so a span has none.
"""

import time
from collections.abc import Mapping

from opentelemetry import trace
from opentelemetry.trace import Tracer

_STAGES = ("embed", "retrieve", "read")
_UNTOLD = ("url.query", "url.full", "http.url", "http.target")


class TracingError(ValueError):
    """Traces are asked for and what sends them is not installed."""


class Tracing:
    """Sends the spans of this process to a collector from now until :meth:`close`."""

    def __init__(self, endpoint: str) -> None:
        """:param endpoint: the address of a collector that takes OTLP over HTTP, such as ``http://127.0.0.1:4318``.

        :raises TracingError: when the extra ``traces`` is not installed.
        """
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor, TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
        except ImportError:
            raise TracingError(
                "PULLQUOTE_TRACES_ENDPOINT is set, and sending traces needs an extra: pip install 'pullquote[traces]'"
            ) from None

        class WithoutQuery(SpanProcessor):
            def on_start(self, span: Span, parent_context: object = None) -> None:  # noqa: ARG002
                for name in _UNTOLD:
                    if span.attributes and name in span.attributes:
                        span.set_attribute(name, "")

            def on_end(self, span: ReadableSpan) -> None: ...

        self.provider = TracerProvider(resource=Resource.create({"service.name": "pullquote"}))
        self.provider.add_span_processor(WithoutQuery())
        exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
        self.provider.add_span_processor(BatchSpanProcessor(exporter))
        trace.set_tracer_provider(self.provider)

    def close(self) -> None:
        """Send what is left."""
        self.provider.shutdown()


def note_stages(timings_ms: Mapping[str, float]) -> None:
    """Add a span for each stage of a question that has just been answered, below the span that is current."""
    tracer: Tracer = trace.get_tracer("pullquote")
    at = time.time_ns() - int(sum(timings_ms.get(stage, 0.0) for stage in _STAGES) * 1e6)
    for stage in _STAGES:
        if stage in timings_ms:
            span = tracer.start_span(stage, start_time=at)
            at += int(timings_ms[stage] * 1e6)
            span.end(at)
