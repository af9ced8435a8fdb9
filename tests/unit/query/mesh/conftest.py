"""What the tests of the mesh share: series of a small mesh, and a Prometheus that answers from them."""

import re
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from refapp.query.mesh.series import Series
from refapp.query.mesh.telemetry import Question, Sample, Telemetry
from refapp.topology import Kind, Topology, Workload

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
UNKNOWN = "unknown"

SMALL = Topology(
    (
        Workload(name="front", title="Front", kind=Kind.GATEWAY, calls=("one",)),
        Workload(name="one", title="One", publishes="q"),
        Workload(name="two", title="Two", consumes="q", database="two"),
    )
)


def side(which, name, namespace="dev", version="v1"):
    known = name != UNKNOWN
    return {
        f"{which}_cluster": "Kubernetes",
        f"{which}_workload": name,
        f"{which}_workload_namespace": namespace if known else UNKNOWN,
        f"{which}_canonical_service": name.split("-v")[0],
        f"{which}_canonical_revision": version if known else UNKNOWN,
        f"{which}_principal": f"spiffe://cluster.local/ns/{namespace}/sa/{name}" if known else UNKNOWN,
    }


def service(name, namespace="dev"):
    known = name != UNKNOWN
    return {
        "destination_service": f"{name}.{namespace}.svc.cluster.local" if known else UNKNOWN,
        "destination_service_name": name,
        "destination_service_namespace": namespace if known else UNKNOWN,
    }


def make_labels(source, destination, reporter="destination", to=None, **labels):
    """The labels of a series from a workload to a workload by way of the service `to`, which has its name."""
    secured = {"connection_security_policy": "mutual_tls" if reporter == "destination" else UNKNOWN}
    outcome = {"request_protocol": "grpc", "response_code": "200", "grpc_response_status": "0", "response_flags": "-"}
    found = {"reporter": reporter, **side("source", source), **side("destination", destination)}
    found |= service(to if to is not None else destination) | secured | outcome | labels
    return {name: value for name, value in found.items() if value is not None}


def make_sample(source, destination, value=1.0, reporter="destination", bound=float("nan"), metric="m", **labels):
    found = make_labels(source, destination, reporter, **labels)
    protocol = "tcp" if found.get("request_protocol") == "tcp" else None
    return Sample(Series.of(found, protocol), value, bound, metric)


def tcp_labels(source, store, reporter="source", **labels):
    none = {"response_code": None, "grpc_response_status": None}
    return make_labels(source, UNKNOWN, reporter, to=store, request_protocol="tcp", **(none | labels))


class Prometheus:
    """Answers sums of rates by the series it is given: name, labels, and a rate or a function of time."""

    def __init__(self, *series):
        self.series = list(series)
        self.asked = []

    def instant(self, expr, time=None):
        self.asked.append(expr)
        return pd.DataFrame(self._rows(expr, time)).reindex(columns=self._columns(expr, "value"))

    def range(self, expr, start, end, step):
        self.asked.append(expr)
        moments = pd.date_range(start, end, freq=step)
        rows = [{**row, "time": moment} for moment in moments for row in self._rows(expr, moment.to_pydatetime())]
        return pd.DataFrame(rows).reindex(columns=self._columns(expr, "time", "value"))

    @staticmethod
    def _columns(expr, *more):
        return [*re.search(r"by \(([^)]*)\)", expr)[1].replace(" ", "").split(","), *more]

    def _rows(self, expr, time):
        found = defaultdict(float)
        for part in expr.split(" or "):
            by, inner = re.fullmatch(r"(?:sum|count) by \(([^)]*)\) \((.*)\)", part).groups()
            metric, selector = re.fullmatch(r"(?:rate\()?(\w+)(?:\{(.*)\}\[\d+ms\]\))?", inner).groups()
            names = by.replace(" ", "").split(",")
            for name, labels, rate in self.series:
                if name == metric and self._matches(labels, selector or ""):
                    value = rate(time) if callable(rate) else rate
                    found[tuple((one, labels[one]) for one in names if labels.get(one))] += value
        return [{**dict(key), "value": value} for key, value in found.items()]

    @staticmethod
    def _matches(labels, selector):
        tests = {
            "=": lambda value, wanted: value == wanted,
            "=~": lambda value, wanted: re.fullmatch(wanted, value) is not None,
            "!~": lambda value, wanted: re.fullmatch(wanted, value) is None,
        }
        parts = re.findall(r'(\w+)(=~|!~|=)"([^"]*)"', selector)
        return all(tests[how](labels.get(name, ""), wanted) for name, how, wanted in parts)


@pytest.fixture(scope="session")
def now():
    return NOW


@pytest.fixture(scope="session")
def topology():
    """A gateway, a service that publishes, and one that consumes and writes."""
    return SMALL


@pytest.fixture(scope="session")
def prometheus():
    """Makes a Prometheus of series."""
    return Prometheus


@pytest.fixture(scope="session")
def labels():
    """Makes the labels of a series."""
    return make_labels


@pytest.fixture(scope="session")
def tcp():
    """Makes the labels of a series of a connection to a store."""
    return tcp_labels


@pytest.fixture(scope="session")
def sample():
    """Makes a sample of requests."""
    return make_sample


@pytest.fixture(scope="session")
def question():
    """Makes a question about some minutes up to now."""

    def make(*namespaces, **fields):
        window = {"start": NOW, "end": NOW, "window": timedelta(minutes=5)}
        return Question(namespaces=namespaces or ("dev",), **(window | fields))

    return make


@pytest.fixture
def small():
    """A Prometheus of the small mesh: the edge, three workloads, a queue and a database."""
    found = []
    for source, destination, protocol in (("istio-ingressgateway", "front", "http"), ("front", "one", "grpc")):
        status = {"request_protocol": protocol} | ({"grpc_response_status": None} if protocol == "http" else {})
        for reporter in ("source", "destination"):
            own = make_labels(source, destination, reporter, **status)
            found.append(("istio_requests_total", own, 2.0))
            for bound, count in (("10", 1.0), ("25", 2.0), ("+Inf", 2.0)):
                found.append(("istio_request_duration_milliseconds_bucket", own | {"le": bound}, count))
            found.append(("istio_request_duration_milliseconds_sum", own, 20.0))
            found += [(f"istio_{body}_bytes_sum", own, 300.0) for body in ("request", "response")]
            for body in ("request", "response"):
                found += [(f"istio_{body}_bytes_bucket", own | {"le": le}, 2.0) for le in ("100", "500", "+Inf")]
    for source, store in (("one", "rabbitmq"), ("two", "rabbitmq"), ("two", "mongodb")):
        found.append(("istio_tcp_received_bytes_total", tcp_labels(source, store), 100.0))
        found.append(("istio_tcp_sent_bytes_total", tcp_labels(source, store), 40.0))
    return Prometheus(*found)


@pytest.fixture(scope="session")
def telemetry():
    """Makes telemetry of samples of requests."""
    return lambda *samples, **more: Telemetry(requests=list(samples), **more)
