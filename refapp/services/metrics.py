"""What a service counts itself, and the address at which a Prometheus reads it.

Names and labels of gRPC's are those that gRPC servers in Go have (https://github.com/grpc-ecosystem/go-grpc-middleware,
providers/prometheus), so dashboards made for these work here.
"""

from grpc import StatusCode
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    start_http_server,
)

from refapp.services.lifecycle import StartError

REGISTRY = CollectorRegistry()
"""All that this process tells: what its modules count, and its use of CPU, memory and files."""

ProcessCollector(registry=REGISTRY)
# The times at which series began, one more series for each, are asked for by nobody.
disable_created_metrics()  # type: ignore[no-untyped-call]


def counter(name: str, text: str, *labels: str) -> Counter:
    """A counter of this process; `_total` is added to its name. One without labels is told from the start, as 0."""
    return Counter(name, text, labels, registry=REGISTRY)


def histogram(name: str, text: str, *labels: str) -> Histogram:
    """A histogram of this process, of seconds, with the bounds that Prometheus' clients have unless told otherwise."""
    return Histogram(name, text, labels, registry=REGISTRY)


def code_name(code: StatusCode) -> str:
    """A status code as Go writes it: `OK`, `DeadlineExceeded`, and `Canceled` with one l."""
    special = {StatusCode.OK: "OK", StatusCode.CANCELLED: "Canceled"}
    return special.get(code) or code.name.title().replace("_", "")


def serve(address: tuple[str, int] | None) -> None:
    """Answer a Prometheus at an address, in a thread that ends with the process; without one nothing is done.

    Raises:
        StartError: the address is taken, or not one of this machine.
    """
    if address is None:
        return
    host, port = address
    try:
        start_http_server(port, host or "::", REGISTRY)
    except OSError as error:
        raise StartError(f"metrics cannot be served at {host}:{port}: {error.strerror}") from None
