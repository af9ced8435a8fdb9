"""What the shipper counts, for Prometheus.

Where Fluent Bit has such a metric, it has its name and labels (docs.fluentbit.io, Administration, Monitoring); `name`
is the kind of log group that an input and an output serve, as by Fluent Bit's `Alias`. `reason` is ours.
"""

from collections.abc import Callable, Iterable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from refapp.monitoring.loggroups import APPLICATION, DATAPLANE, HOST

REFUSED, TOO_OLD, EXPIRED, TOO_NEW, BACKLOG = "refused", "too_old", "expired", "too_new", "backlog"
"""Why lines are dropped: the endpoint refuses each as invalid, too old, beyond the group's retention or too far in the
future; or more waits than there may."""

_Value = Callable[[], float]
_KINDS = (APPLICATION, DATAPLANE, HOST)
_REASONS = (REFUSED, TOO_OLD, EXPIRED, TOO_NEW, BACKLOG)
_DELAYS = (0.1, 0.25, 0.5, 1, 1.5, 2, 3, 5, 10, 30, 60, 300, 3600)
# The times at which series began, one more series for each, are asked for by nobody.
disable_created_metrics()  # type: ignore[no-untyped-call]


class Counters:
    """The metrics of one shipper; each series is there from the start, as 0."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self.read = self._counter("fluentbit_input_records", "Lines that were read.")
        self.read_bytes = self._counter("fluentbit_input_bytes", "Bytes of the text of lines that were read.")
        self.sent = self._counter("fluentbit_output_proc_records", "Events that the endpoint has taken.")
        self.sent_bytes = self._counter("fluentbit_output_proc_bytes", "Bytes of the messages of these.")
        self.errors = self._counter("fluentbit_output_errors", "Requests that failed.")
        self.retries = self._counter("fluentbit_output_retries", "Batches and questions that are tried again.")
        self.retried = self._counter("fluentbit_output_retried_records", "Events that are tried again.")
        self.cut = self._counter("refapp_shipper_cut_records", "Events that lack the end of an overlong line.")
        self.cut_characters = self._counter("refapp_shipper_cut_characters", "Characters that these lack.")
        self.asked = self._counter("refapp_shipper_asked", "Questions to the endpoint what a stream holds.")
        text = "Lines that are given up."
        self.dropped = Counter("fluentbit_output_dropped_records", text, ("name", "reason"), registry=self._registry)
        text = "Seconds from the time of the oldest line of a batch to its answer."
        self.delay = Histogram(
            "refapp_shipper_delay_seconds", text, ("name",), buckets=_DELAYS, registry=self._registry
        )
        for kind in _KINDS:
            self.delay.labels(kind)
            for reason in _REASONS:
                self.dropped.labels(kind, reason)

    def tell(self, family: type[CounterMetricFamily | GaugeMetricFamily], name: str, text: str, of: _Value) -> None:
        """Show a value that is found out when it is asked for."""
        self._registry.register(_Told(family, name, text, of))

    def text(self) -> bytes:
        """The metrics in the text format of Prometheus."""
        return generate_latest(self._registry)

    def _counter(self, name: str, text: str) -> Counter:
        counter = Counter(name, text, ("name",), registry=self._registry)
        for kind in _KINDS:
            counter.labels(kind)
        return counter


class _Told(Collector):
    def __init__(self, family: type[CounterMetricFamily | GaugeMetricFamily], name: str, text: str, of: _Value) -> None:
        self._family, self._name, self._text, self._of = family, name, text, of

    def collect(self) -> Iterable[CounterMetricFamily | GaugeMetricFamily]:
        return [self._family(self._name, self._text, value=self._of())]
