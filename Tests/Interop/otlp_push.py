"""An application with the OpenTelemetry SDK, which exports a span and a metric over OTLP/HTTP.

    python3 otlp_push.py --gateway http://127.0.0.1:PORT --collector NAME

The name goes into the header X-Collector, as an operator would configure it. Ends with 0 where both
exports were taken.
"""

import argparse

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricExportResult, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExportResult


class Spans(OTLPSpanExporter):
    """Remembers how each export ended."""

    results: list = []

    def export(self, spans):
        self.results.append(super().export(spans))
        return self.results[-1]


class Metrics(OTLPMetricExporter):
    """Remembers how each export ended."""

    results: list = []

    def export(self, *arguments, **named):
        self.results.append(super().export(*arguments, **named))
        return self.results[-1]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--gateway", required=True)
    parser.add_argument("--collector", required=True)
    options = parser.parse_args()
    headers = {"X-Collector": options.collector}
    resource = Resource.create({"service.name": options.collector})

    tracers = TracerProvider(resource=resource)
    spans = Spans(endpoint=f"{options.gateway}/v1/traces", headers=headers, timeout=20)
    tracers.add_span_processor(SimpleSpanProcessor(spans))
    with tracers.get_tracer("test").start_as_current_span("checkout"):
        pass

    metrics = Metrics(endpoint=f"{options.gateway}/v1/metrics", headers=headers, timeout=20)
    reader = PeriodicExportingMetricReader(metrics, export_interval_millis=3_600_000)
    meters = MeterProvider(resource=resource, metric_readers=[reader])
    meters.get_meter("test").create_counter("orders").add(1)
    meters.force_flush()

    tracers.shutdown()
    meters.shutdown()
    assert spans.results == [SpanExportResult.SUCCESS], spans.results
    assert metrics.results and set(metrics.results) == {MetricExportResult.SUCCESS}, metrics.results
    print("exported")


if __name__ == "__main__":
    main()
