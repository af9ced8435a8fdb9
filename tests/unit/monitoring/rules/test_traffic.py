from functools import partial

import pytest

from refapp.monitoring.rules import Thresholds, traffic
from refapp.monitoring.timing import Timing
from refapp.topology import REFERENCE, Kind, Topology, Workload

group = partial(traffic.group, REFERENCE, thresholds=Thresholds())

CALLED = {"reporter": "source", "destination_service_namespace": "dev"}
WHERE = {"destination_service_namespace": "dev", "namespace": "dev"}
FOREVER = "x80"


def calls(service, *, grpc="0", http="200", **labels):
    labels = CALLED | {"destination_service_name": service, "response_code": http} | labels
    return series("istio_requests_total", **labels, **({"grpc_response_status": grpc} if grpc else {}))


def series(name, **labels):
    return name + "{" + ",".join(f'{label}="{value}"' for label, value in labels.items()) + "}"


def durations(service, fast, slow):
    """Calls a scrape that take less than 500 ms, and those that take up to a second."""
    labels = CALLED | {"destination_service_name": service}
    rates = {"100": fast, "500": fast, "1000": fast + slow, "+Inf": fast + slow}
    name = "istio_request_duration_milliseconds_bucket"
    return {series(name, **labels, le=le): f"0+{rate}{FOREVER}" for le, rate in rates.items()}


def pods(*apps):
    labels = {"job": "kubernetes-pods", "namespace": "dev"}
    return {series("up", **labels, app=app, pod=f"{app}-1-2"): f"1{FOREVER}" for app in apps}


def errors(*failing):
    """The case of Service E, of whose calls some fail: how many a scrape, of 90 that do not."""
    return {
        "alert": "WorkloadErrors",
        "at": "8m",
        "series": {calls("service-e"): f"0+90{FOREVER}"} | {name: f"0+{rate}{FOREVER}" for name, rate in failing},
    }


ERRORS = {
    "fires": WHERE | {"destination_service_name": "service-e", "workload": "service-e"},
    "summary": "Calls to service-e fail",
    "value": "10%",
    "description": "10% of the calls to service-e fail, for more than 2m; up to 5% are accepted.",
}
ANSWERED = REFERENCE.answer
FEW = ("rev-proxy", *(name for name in ANSWERED if name != "service-c"))

CASES = [
    errors((calls("service-e", grpc="14"), 10)) | ERRORS,
    errors((calls("service-e", grpc="", http="503"), 10)) | ERRORS,
    # One call, seen with both: it counts once. And one that never reached a workload counts too.
    errors((calls("service-e", grpc="14", http="503"), 5), (calls("service-e", grpc="4", response_flags="UH"), 5))
    | ERRORS,
    errors((calls("service-e", grpc="14"), 4)),
    # What the caller did wrong is no failure of the workload: NOT_FOUND, 404.
    errors((calls("service-e", grpc="5"), 10), (calls("service-e", grpc="", http="404"), 20)),
    # The same failure, counted where it happens: by a workload of its own calls.
    errors((calls("service-e", grpc="14", reporter="destination"), 50)),
    {
        "alert": "WorkloadSlow",
        "at": "8m",
        "series": durations("service-e", 90, 10),
        "fires": WHERE | {"destination_service_name": "service-e", "workload": "service-e"},
        "summary": "service-e answers slowly",
        "value": "950 ms",
        "description": (
            "One of 100 calls to service-e takes longer than 950 ms, for more than 2m; 500 ms are accepted."
        ),
    },
    {"alert": "WorkloadSlow", "at": "8m", "series": durations("service-e", 1000, 1)},
    {
        "alert": "WorkloadWithoutTraffic",
        "at": "8m",
        "series": {calls(name): f"0+9{FOREVER}" for name in FEW} | pods("rev-proxy", *ANSWERED),
        "fires": {"namespace": "dev", "app": "service-c", "workload": "service-c"},
        "summary": "Nobody calls service-c",
        "value": "0 calls/s",
        "description": (
            "Requests come in at the edge, but none has reached service-c for more than 2m. It has 1 pod(s)."
        ),
    },
    {
        # Service F takes its greetings from the queue: nobody has to call it.
        "alert": "WorkloadWithoutTraffic",
        "at": "8m",
        "series": {calls(name): f"0+9{FOREVER}" for name in ("rev-proxy", *ANSWERED)}
        | pods("rev-proxy", "service-f", *ANSWERED),
    },
    {
        # A platform that nobody uses is no failure.
        "alert": "WorkloadWithoutTraffic",
        "at": "8m",
        "series": {calls(name): f"9{FOREVER}" for name in ("rev-proxy", *ANSWERED)} | pods("rev-proxy", *ANSWERED),
    },
]


@pytest.mark.parametrize("case", CASES)
def test_alerts(case, check):
    check(case, group)


def test_each_alert_fires_and_is_silent(both):
    both(CASES, group)


def test_a_ninth_service_is_watched():
    gateway = Workload(name="gate", title="Gate", kind=Kind.GATEWAY, calls=("nine",))
    topology = Topology((gateway, Workload(name="nine", title="Nine")))
    (alert,) = (a for a in traffic.group(topology, Timing(), Thresholds()).alerts if a.name == "WorkloadWithoutTraffic")
    assert 'app=~"gate|nine"' in alert.expr
    assert 'destination_service_name="gate"' in alert.expr
