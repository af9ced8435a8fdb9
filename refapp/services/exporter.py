"""The way of spans to a collector: OTLP over HTTP, in batches, beside the work of the service."""

import logging
from collections.abc import Sequence

import requests
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from refapp.services.hops import reason
from refapp.services.logs import get_logger
from refapp.services.settings import Tracing

# What tells of a collector that is away: one line for each attempt, and for each span that finds the queue full.
_LOGGERS = ("opentelemetry.exporter.otlp", "opentelemetry.sdk._shared_internal")

log = get_logger()


def open_processor(tracing: Tracing) -> BatchSpanProcessor:
    """A processor that keeps the spans that end, up to the 2048 of OTEL_BSP_MAX_QUEUE_SIZE, and exports them.

    A collector that is away, or too slow, costs spans and is logged once, until it takes spans again.
    """
    exporter = Exporter(tracing.endpoint)
    processor = BatchSpanProcessor(exporter, schedule_delay_millis=tracing.delay)
    exporter.speak()
    return processor


class Exporter(SpanExporter):
    """Exports spans to the URL of a collector."""

    def __init__(self, url: str) -> None:
        session = requests.Session()
        session.trust_env = False  # the platform is never behind the proxy that the environment names for the way out
        self._exporter = OTLPSpanExporter(url, session=session)
        self._complaints = _Complaints(url)

    def speak(self) -> None:
        """Log when exporting begins to fail and when it works again, in place of all that the SDK would log of it."""
        for name in _LOGGERS:
            logger = logging.getLogger(name)
            logger.addHandler(self._complaints)
            logger.propagate = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Export spans, trying again for 10 seconds, or for OTEL_EXPORTER_OTLP_TIMEOUT."""
        result = self._exporter.export(spans)
        if result is SpanExportResult.SUCCESS:
            self._complaints.end()
        return result

    def shutdown(self) -> None:
        """Try no more."""
        self._exporter.shutdown()  # type: ignore[no-untyped-call]
        for name in _LOGGERS:
            logger = logging.getLogger(name)
            logger.removeHandler(self._complaints)
            logger.propagate = True


class _Complaints(logging.Handler):
    """Says the first of what the SDK says again and again."""

    def __init__(self, url: str) -> None:
        super().__init__(logging.WARNING)
        self._url = url
        self._told = False

    def emit(self, record: logging.LogRecord) -> None:
        if not self._told:
            self._told = True
            log.warning("spans are not exported", detail=_detail(record), collector=self._url)

    def end(self) -> None:
        if self._told:
            self._told = False
            log.info("spans are exported again", collector=self._url)


def _detail(record: logging.LogRecord) -> str:
    """The cause of what a record tells, without all that the layers between say of it."""
    arguments = record.args if isinstance(record.args, tuple) else ()
    error = next((argument for argument in arguments if isinstance(argument, Exception)), None)
    return record.getMessage() if error is None else reason(_first(error))


def _first(error: BaseException) -> BaseException:
    while cause := error.__cause__ or error.__context__:
        error = cause
    return error
