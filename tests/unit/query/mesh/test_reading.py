import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.query.mesh.finish import Surroundings
from refapp.query.mesh.graph import NodeKind
from refapp.query.mesh.health import Status
from refapp.query.mesh.inventory import Inventory
from refapp.query.mesh.reading import from_kiali
from refapp.query.mesh.telemetry import ask
from refapp.query.mesh.traffic import Options, build

# What a Kiali of 2021 answers: ids by MD5, a location for a service entry, no cluster.
OLD = {
    "timestamp": 1767323045,
    "duration": 60,
    "graphType": "versionedApp",
    "elements": {
        "nodes": [
            {"data": {"id": "n0", "nodeType": "app", "namespace": "dev", "app": "a", "isGroup": "app", "isBox": "app"}},
            {
                "data": {
                    "id": "n1",
                    "parent": "n0",
                    "nodeType": "app",
                    "namespace": "dev",
                    "workload": "a-v1",
                    "app": "a",
                    "version": "v1",
                    "traffic": [{"protocol": "http", "rates": {"httpOut": "2.50"}}],
                    "isRoot": True,
                }
            },
            {
                "data": {
                    "id": "n2",
                    "nodeType": "service",
                    "namespace": "dev",
                    "service": "db",
                    "isServiceEntry": "MESH_EXTERNAL",
                }
            },
            {
                "data": {
                    "id": "n3",
                    "nodeType": "unknown",
                    "namespace": "unknown",
                    "workload": "unknown",
                    "app": "unknown",
                }
            },
        ],
        "edges": [
            {
                "data": {
                    "id": "e1",
                    "source": "n1",
                    "target": "n2",
                    "responseTime": "17",
                    "isMTLS": "50",
                    "traffic": {
                        "protocol": "http",
                        "rates": {
                            "http": "2.50",
                            "http5xx": "0.50",
                            "httpPercentErr": "20.0",
                            "httpPercentReq": "40.0",
                        },
                        "responses": {"200": {"flags": {"-": "80.0"}}, "500": {"flags": {"-": "20.0"}}},
                    },
                }
            },
            {"data": {"id": "e2", "source": "n3", "target": "n1", "traffic": {"protocol": "tcp"}}},
        ],
    },
}


def test_an_answer_of_an_old_kiali():
    graph = from_kiali(OLD, ["dev"])
    assert (graph.kind, graph.duration.total_seconds(), graph.namespaces) == ("versionedApp", 60, ("dev",))
    assert [node.id for node in graph.nodes] == ["svc_unknown_dev_db", "unknown_source", "vapp_unknown_dev_a-v1"]
    assert graph.node("db").service_entry == "MESH_EXTERNAL"
    assert (graph.node("a").root, graph.node("a").traffic) == (True, {"httpOut": 2.5})
    edge = graph.edges[1]
    assert (edge.rate, edge.errors, edge.share, edge.mtls, edge.times.p95) == (2.5, 0.5, 0.4, 0.5, 17.0)
    assert edge.health.status is Status.FAILURE
    assert edge.responses["500"].rate == 0.5
    assert (graph.edges[0].idle, graph.node("unknown").kind) == (True, NodeKind.UNKNOWN)


@pytest.mark.parametrize(
    ("health", "status"),
    [
        ([], Status.NA),
        (None, Status.NA),
        ({"requests": {"inbound": {"grpc": {"0": 1.0, "2": 1.0}}, "outbound": {}}}, Status.FAILURE),
        (
            {
                "requests": {},
                "workloadStatus": dict.fromkeys(("desiredReplicas", "currentReplicas", "availableReplicas"), 1),
            },
            Status.HEALTHY,
        ),
        (
            {
                "requests": {},
                "workloadStatuses": [{"desiredReplicas": 2, "currentReplicas": 2, "availableReplicas": 1}],
            },
            Status.DEGRADED,
        ),
        ({"status": {"status": "Not Ready"}}, Status.NOT_READY),
        ({"status": "Degraded"}, Status.DEGRADED),
    ],
)
def test_health_is_judged_or_taken_over(health, status):
    data = {**OLD["elements"]["nodes"][1]["data"], "healthData": health}
    answer = {**OLD, "elements": {"nodes": [{"data": data}], "edges": None}}
    assert from_kiali(answer).nodes[0].health.status is status


@pytest.mark.parametrize("broken", [{}, {"graphType": "round"}, {**OLD, "elements": {}}, {**OLD, "timestamp": "x"}])
def test_what_is_no_graph_is_refused(broken):
    with pytest.raises((KeyError, TypeError, ValueError)):
        from_kiali(broken)


@pytest.mark.parametrize("kind", ["versionedApp", "app", "workload", "service"])
def test_what_is_written_is_read_again(small, question, now, topology, kind):
    around = Surroundings(Inventory.of(topology))
    graph = build(ask(small, question())[now], now, question(), Options(kind=kind, idle_nodes=True), around)
    again = from_kiali(graph.to_kiali(), graph.namespaces)
    assert again.counts == graph.counts
    assert {node.id: (node.health.status, node.root, node.idle) for node in again.nodes} == {
        node.id: (node.health.status, node.root, node.idle) for node in graph.nodes
    }
    for one, other in zip(again.edges, graph.edges, strict=True):
        assert (one.id, one.mtls, one.health) == (other.id, other.mtls, other.health)


CALLS = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from("bc"), st.sampled_from(["0", "14"]), st.floats(0.01, 1000)),
    min_size=1,
    unique_by=lambda call: call[:3],
)


@given(CALLS)
def test_rates_are_read_as_they_were_but_for_rounding(telemetry, question, sample, now, calls):
    samples = [sample(*pair, rate, grpc_response_status=code) for *pair, code, rate in calls]
    graph = build(telemetry(*samples), now, question(), Options())
    for one, other in zip(from_kiali(graph.to_kiali()).edges, graph.edges, strict=True):
        assert one.rate == pytest.approx(other.rate, abs=0.006)
        assert one.errors == pytest.approx(other.errors, abs=0.006)
        assert one.share == pytest.approx(other.share, abs=0.0006)
