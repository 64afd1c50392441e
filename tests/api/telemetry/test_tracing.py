"""Traces reach the collector that is set, with the stages of a question and without its words."""

from http.server import BaseHTTPRequestHandler
from pathlib import Path

import httpx2
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from api.settings import ConfigurationError, load_settings
from tests.support.running_server import running_server
from tests.support.web_server import respond, serve


@pytest.mark.slow
def test_a_question_is_a_trace_without_its_words(seed_data: Path) -> None:
    received: list[bytes] = []

    def take(request: BaseHTTPRequestHandler) -> None:
        received.append(request.rfile.read(int(request.headers["content-length"])))
        respond(request, 200, {"content-type": "application/x-protobuf"})

    with serve() as web:
        web.pages["/v1/traces"] = take
        with running_server(seed_data, PULLQUOTE_TRACES_ENDPOINT=web.address, PULLQUOTE_THREADS="1") as (address, _):
            asked = {"q": "Who is the NATO zebrafish spokeswoman?"}
            httpx2.get(f"{address}/v1/ask", params=asked, timeout=60).raise_for_status()
    spans = [
        span
        for body in received
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]
    assert {"GET /v1/ask", "embed", "retrieve", "read"} <= {span.name for span in spans}
    request = next(span for span in spans if span.name == "GET /v1/ask")
    for span in spans:
        if span.name in {"embed", "retrieve", "read"}:
            assert (span.trace_id, span.parent_span_id) == (request.trace_id, request.span_id)
            assert request.start_time_unix_nano <= span.start_time_unix_nano <= span.end_time_unix_nano
    assert b"zebrafish" not in b"".join(received)


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="TRACES_ENDPOINT"):
        load_settings(traces_endpoint="collector:4318")
