"""The panels that *Istio Workload* and *Istio Service* share: what comes in, and what goes out."""

from dataclasses import dataclass

from refapp.monitoring.dashboards import promql
from refapp.monitoring.dashboards.model import Panel, Query
from refapp.monitoring.dashboards.panels import lines

_SIZES = (("request", "istio_request_bytes"), ("response", "istio_response_bytes"))
_QUANTILES = (0.5, 0.9, 0.99)


@dataclass(frozen=True)
class Direction:
    """Traffic in one direction.

    `word` begins the titles: `Incoming` or `Outgoing`. `peer` is whom a panel tells apart, by these labels and with
    this legend. `selector` takes its requests, `tcp` its connections. Where they are counted by the destination, they
    are `secured` or not.
    """

    word: str
    peer: str
    labels: str
    legend: str
    selector: str
    tcp: str
    secured: bool = False

    def panels(self) -> tuple[Panel, ...]:
        """Requests, success, latency, sizes and TCP, by peer."""
        return (self._requests(), self._success(), self._latency(), *self._sizes(), *self._tcp())

    def _requests(self) -> Panel:
        secured = ("connection_security_policy",) if self.secured else ()
        labels = ("response_code", *secured)
        return lines(
            f"{self.word} requests by {self.peer} and response code",
            Query(
                expr=promql.requests(self.selector, ", ".join((self.labels, *labels))),
                # The code first: a long name may be cut off at its end.
                legend=" ".join(("{{response_code}}", self.legend, *(f"{{{{{label}}}}}" for label in secured))),
            ),
            unit="reqps",
            description="Requests a second by their HTTP status"
            + (", and whether they came by mutual TLS, which only the destination can tell." if secured else "."),
        )

    def _success(self) -> Panel:
        return lines(
            f"{self.word} success rate by {self.peer}",
            Query(expr=promql.success(self.selector, self.labels), legend=self.legend),
            unit="percentunit",
            high=1.01,
            limits=((None, "red"), (0.99, "green")),
            calculations=("lastNotNull", "min"),
            description="The share of requests that were not answered with a 5xx.",
        )

    def _latency(self) -> Panel:
        queries = {
            f"p{round(100 * q)}": Query(
                expr=promql.quantile(q, self.selector, self.labels), legend=f"{self.legend} p{round(100 * q)}"
            )
            for q in _QUANTILES
        }
        return lines(
            f"{self.word} request duration by {self.peer}",
            queries,
            unit="ms",
            width=24,
            description="The time within which 50, 90 and 99 of 100 requests were answered.",
        )

    def _sizes(self) -> tuple[Panel, ...]:
        return tuple(
            lines(
                f"{self.word} {what} size by {self.peer}",
                {
                    f"p{round(100 * q)}": Query(
                        expr=promql.quantile(q, self.selector, self.labels, metric),
                        legend=f"{self.legend} p{round(100 * q)}",
                    )
                    for q in (0.5, 0.99)
                },
                unit="bytes",
                description=f"The size that 50 and 99 of 100 bodies of a {what} did not exceed.",
            )
            for what, metric in _SIZES
        )

    def _tcp(self) -> tuple[Panel, ...]:
        empty = "Empty as long as only HTTP and gRPC are spoken, or nobody with a sidecar counts."
        sent = f"Bytes a second that the destination sent back on TCP connections. {empty}"
        received = f"Bytes a second that the destination got on TCP connections. {empty}"
        return tuple(
            lines(
                f"Bytes {what} on {self.word.lower()} TCP by {self.peer}",
                Query(expr=promql.total(f"istio_tcp_{what}_bytes_total", self.tcp, self.labels), legend=self.legend),
                unit="Bps",
                description=description,
            )
            for what, description in (("received", received), ("sent", sent))
        )
