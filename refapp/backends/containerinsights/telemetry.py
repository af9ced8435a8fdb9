"""What the agent tells of itself, at `/metrics`."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, ProcessCollector, generate_latest


class Telemetry:
    """Counts what the agent does."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.periods = self._counter("periods", "Periods of which events were written.")
        self.errors = self._counter("errors", "Periods of which none were written, because of an error.")
        self.kubelet_errors = self._counter(
            "kubelet_errors", "Periods in which the kubelet did not tell what it measures."
        )
        self.sent = self._counter("events_sent", "Events that the endpoint took.")
        self.rejected = self._counter("events_rejected", "Events that the endpoint found too old or too new.")
        self.refused = self._counter("events_refused", "Events that the endpoint will never take.")
        self.dropped = self._counter("events_dropped", "Events that were dropped because too many waited.")
        self.failures = self._counter("send_failures", "Requests that the endpoint did not answer as it should.")
        ProcessCollector(registry=self.registry)

    def _counter(self, name: str, text: str) -> Counter:
        return Counter(f"containerinsights_{name}", text, registry=self.registry)

    def watch(self, name: str, text: str, value: Callable[[], float]) -> None:
        """Tell a value as it is at the time."""
        Gauge(f"containerinsights_{name}", text, registry=self.registry).set_function(value)

    def text(self) -> bytes:
        """The metrics in the text format of Prometheus."""
        return generate_latest(self.registry)
