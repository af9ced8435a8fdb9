from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refapp.query.mesh import series, telemetry, traffic
from refapp.services.ui.graph import graph
from refapp.services.ui.telemetry import Sample, Telemetry


def ends(source, destination, reporter="destination", **labels):
    """The labels of calls between workloads of the namespace."""
    known = destination != "unknown"
    return {
        "reporter": reporter,
        "source_workload": source,
        "source_workload_namespace": "dev",
        "destination_workload": destination,
        "destination_workload_namespace": "dev" if known else "unknown",
        "destination_service": f"{destination}.dev.svc.cluster.local",
        "destination_service_name": destination,
        "destination_service_namespace": "dev",
    } | labels


def grpc(value, source, destination, reporter="destination", *, status="0", **labels):
    outcome = {
        "request_protocol": "grpc",
        "response_code": "200",
        "grpc_response_status": status,
        "response_flags": "-",
    }
    policy = {"connection_security_policy": "mutual_tls" if reporter == "destination" else "unknown"}
    return Sample(ends(source, destination, reporter, **outcome | policy | labels), value)


def http(value, source, destination, *, code="200", **labels):
    outcome = {"request_protocol": "http", "response_code": code, "response_flags": "-"}
    return Sample(ends(source, destination, **{"connection_security_policy": "none", **outcome, **labels}), value)


def tcp(value, source, service):
    labels = {"destination_service": f"{service}.dev.svc.cluster.local", "destination_service_name": service}
    return Sample(ends(source, "unknown", "source", response_flags="-", **labels), value)


def p95(value, source, destination, reporter="destination", **labels):
    return Sample(ends(source, destination, reporter, **{"request_protocol": "grpc", **labels}), value)


def edges(**parts):
    made = graph(Telemetry(**{name: tuple(samples) for name, samples in parts.items()}), "dev")["edges"]
    return {(edge["source"], edge["destination"], edge["protocol"]): edge for edge in made}


def test_nothing_measured_is_an_empty_graph():
    assert graph(Telemetry(), "dev") == {"nodes": [], "edges": []}


def test_a_whole_graph():
    telemetry = Telemetry(
        requests=(grpc(3.2, "service-a", "service-b"), http(1, "istio-ingressgateway", "rev-proxy")),
        tcp=(tcp(512.5, "service-b", "mongodb"),),
        p95=(p95(12.3, "service-a", "service-b"),),
    )
    assert graph(telemetry, "dev") == {
        "nodes": [
            {"id": "istio-ingressgateway", "kind": "workload"},
            {"id": "mongodb", "kind": "service"},
            {"id": "rev-proxy", "kind": "workload"},
            {"id": "service-a", "kind": "workload"},
            {"id": "service-b", "kind": "workload"},
        ],
        "edges": [
            {
                "source": "istio-ingressgateway",
                "destination": "rev-proxy",
                "protocol": "http",
                "rate": 1,
                "errors": 0,
                "p95": None,
                "mtls": False,
            },
            {
                "source": "service-a",
                "destination": "service-b",
                "protocol": "grpc",
                "rate": 3.2,
                "errors": 0,
                "p95": 12.3,
                "mtls": True,
            },
            {
                "source": "service-b",
                "destination": "mongodb",
                "protocol": "tcp",
                "rate": 512.5,
                "errors": 0,
                "p95": None,
                "mtls": None,
            },
        ],
    }


@pytest.mark.parametrize("order", [1, -1])
def test_both_ends_reports_count_once(order):
    reports = [grpc(3, "a", "b", "source"), grpc(2, "a", "b")]
    (edge,) = edges(requests=reports[::order]).values()
    assert (edge["rate"], edge["mtls"]) == (2, True)


def test_the_caller_adds_what_the_callee_does_not_know():
    (edge,) = edges(
        requests=[
            grpc(2, "a", "b"),
            grpc(3, "a", "b", "source"),
            grpc(0.5, "a", "b", "source", status="14", response_flags="UF"),
            grpc(0.25, "a", "b", status="13"),
        ]
    ).values()
    assert (edge["rate"], edge["errors"]) == (2.75, 0.75)


def test_requests_that_reached_nobody_lead_to_the_service():
    lost = {"destination_service": "b.dev.svc.cluster.local", "destination_service_name": "b"}
    made = graph(
        Telemetry(
            requests=(
                grpc(1, "a", "b"),
                grpc(1, "a", "unknown", "source", status="14", response_flags="UH", **lost),
                grpc(
                    1,
                    "a",
                    "unknown",
                    "source",
                    status="14",
                    response_flags="UH",
                    **lost | {"destination_service_name": "c"},
                ),
                grpc(1, "unknown", "a", source_workload_namespace="unknown"),
            )
        ),
        "dev",
    )
    assert [(node["id"], node["kind"]) for node in made["nodes"]] == [
        ("a", "workload"),
        ("b", "workload"),
        ("c", "service"),
        ("unknown", "unknown"),
    ]
    assert [(edge["source"], edge["destination"], edge["rate"], edge["errors"]) for edge in made["edges"]] == [
        ("a", "b", 2, 1),
        ("a", "c", 1, 1),
        ("unknown", "a", 1, 0),
    ]


@pytest.mark.parametrize(
    ("sample", "failed"),
    [
        (grpc(1, "a", "b", status="0"), False),
        (grpc(1, "a", "b", status="5"), True),
        (grpc(1, "a", "b", status="0", response_code="503"), True),
        (grpc(1, "a", "b", response_code="0"), True),
        (http(1, "a", "b", code="200"), False),
        (http(1, "a", "b", code="302"), False),
        (http(1, "a", "b", code="404"), True),
        (http(1, "a", "b", code="500"), True),
        (http(1, "a", "b", code="0"), True),
        (http(1, "a", "b", code=""), True),
        (http(1, "a", "b", grpc_response_status="2"), False),
    ],
)
def test_what_counts_as_an_error(sample, failed):
    (edge,) = edges(requests=[sample]).values()
    assert edge["errors"] == (1 if failed else 0)


def test_a_grpc_answer_without_a_status_is_judged_by_http():
    sample = grpc(1, "a", "b")
    labels = {name: label for name, label in sample.labels.items() if name != "grpc_response_status"}
    (edge,) = edges(requests=[Sample(labels, 1)]).values()
    assert edge["errors"] == 0


@pytest.mark.parametrize(
    ("policies", "mtls"), [(["mutual_tls"], True), (["none"], False), (["mutual_tls", "none"], False)]
)
def test_mutual_tls_is_all_or_nothing(policies, mtls):
    (edge,) = edges(requests=[grpc(0.1, "a", "b", connection_security_policy=policy) for policy in policies]).values()
    assert edge["mtls"] is mtls
    assert edge["rate"] == pytest.approx(0.1 * len(policies))


def test_percentiles_are_the_callees_where_it_has_some():
    requests = [grpc(1, "a", "b"), grpc(1, "b", "c", "source")]
    made = edges(requests=requests, p95=[p95(9, "a", "b", "source"), p95(7, "a", "b"), p95(5, "b", "c", "source")])
    assert {key[:2]: edge["p95"] for key, edge in made.items()} == {("a", "b"): 7, ("b", "c"): 5}


def test_percentiles_without_traffic_make_no_edge():
    assert edges(p95=[p95(9, "a", "b")]) == {}


@pytest.mark.parametrize(
    "sample",
    [
        grpc(0, "a", "b"),
        grpc(1, "a", "b", request_protocol="udp"),
        grpc(1, "a", "b", reporter="waypoint"),
        grpc(1, "a", "b", destination_workload_namespace="other"),
        grpc(1, "a", "b", "source", source_workload_namespace="other"),
        grpc(1, "unknown", "b"),
        grpc(1, "a", "unknown", "source", destination_service_name="10.0.0.1:27017"),
        Sample({}, 1.0),
    ],
)
def test_what_makes_no_edge(sample):
    assert graph(Telemetry(requests=(sample,)), "dev") == {"nodes": [], "edges": []}


def test_calls_from_elsewhere_are_told_by_the_callee_or_by_nobody_else():
    outside = {"source_workload_namespace": "istio-system"}
    lost = {"destination_workload": "unknown", "destination_workload_namespace": "unknown", "response_code": "503"}
    made = edges(
        requests=[
            http(1, "edge", "rev-proxy", **outside),
            http(1, "edge", "rev-proxy", reporter="source", **outside),
            http(0.5, "edge", "rev-proxy", reporter="source", **outside | lost),
        ]
    )
    (edge,) = made.values()
    assert (edge["rate"], edge["errors"]) == (1.5, 0.5)


NAMES = st.sampled_from(["a", "b", "unknown", "", "10.0.0.1", "<script>"])
LABELS = st.dictionaries(
    st.sampled_from([*ends("a", "b"), "request_protocol", "response_code", "grpc_response_status", "response_flags"]),
    NAMES | st.sampled_from(["dev", "source", "destination", "grpc", "http", "200", "0", "14"]),
)
SAMPLES = st.lists(st.builds(Sample, LABELS, st.floats(-1, 1e9))).map(tuple)


@settings(deadline=None)
@given(st.builds(Telemetry, requests=SAMPLES, tcp=SAMPLES, p95=SAMPLES))
def test_whatever_is_reported_edges_end_at_nodes(telemetry):
    made = graph(telemetry, "dev")
    nodes = [node["id"] for node in made["nodes"]]
    assert nodes == sorted(set(nodes))
    assert {end for edge in made["edges"] for end in (edge["source"], edge["destination"])} == set(nodes)
    for edge in made["edges"]:
        assert 0 <= edge["errors"] <= edge["rate"]


WORKLOADS = ["a", "b", "c"]
OUTCOMES = [("200", "0"), ("200", "14"), ("503", "14"), ("0", None), ("404", None), ("200", None)]


@st.composite
def reports(draw):
    """A report as Istio makes it: a store, a service without an answer, or a call seen from either end."""
    source, destination = draw(st.sampled_from(["edge", *WORKLOADS])), draw(st.sampled_from(WORKLOADS))
    served = draw(st.booleans())
    reporter = draw(st.sampled_from(["source", "destination"])) if served else "source"
    protocol = draw(st.sampled_from(["grpc", "http"]))
    code, status = draw(st.sampled_from(OUTCOMES))
    labels = ends(source, destination if served else "unknown", reporter, request_protocol=protocol, response_code=code)
    service = destination if served else draw(st.sampled_from(["mongodb", "rabbitmq"]))
    labels |= {"destination_service": service, "destination_service_name": service}
    labels |= {"response_flags": draw(st.sampled_from(["-", "UF"])), "connection_security_policy": "mutual_tls"}
    if source == "edge":
        labels["source_workload_namespace"] = draw(st.sampled_from(["dev", "istio-system"]))
    if protocol == "grpc" and status is not None:
        labels["grpc_response_status"] = status
    for side in ("source", "destination"):
        labels[f"{side}_canonical_service"] = labels[f"{side}_workload"]
        labels[f"{side}_canonical_revision"] = "v1"
        labels[f"{side}_cluster"] = "Kubernetes"
    return Sample(labels, draw(st.floats(0.01, 100)))


def distinct(samples):
    """One sample for each set of labels, as Prometheus has them."""
    return list({tuple(sorted(sample.labels.items())): sample for sample in samples}.values())


@settings(deadline=None)
@given(st.lists(reports(), max_size=30).map(distinct))
def test_it_is_the_graph_of_the_notebooks(samples):
    time = datetime(2026, 11, 29, tzinfo=UTC)
    question = telemetry.Question(namespaces=("dev",), start=time, end=time, window=timedelta(minutes=1))
    measured = telemetry.Telemetry(
        requests=[telemetry.Sample(series.Series.of(sample.labels), sample.value) for sample in samples]
    )
    theirs = traffic.build(measured, time, question, traffic.Options(kind="workload", services=False))
    names = {node.id: node.workload or node.service for node in theirs.nodes}
    ours = edges(requests=samples)
    told = {}
    for edge in theirs.edges:
        # An edge of theirs is of a workload in a namespace.
        rate, errors = told.get(key := (names[edge.source], names[edge.target], edge.protocol), (0, 0))
        told[key] = (rate + edge.rate, errors + edge.errors)
    assert {key: (edge["rate"], edge["errors"]) for key, edge in ours.items()} == {
        key: pytest.approx(pair, abs=1e-5) for key, pair in told.items()
    }
