import pytest

from refapp.query.mesh.traffic import Options, build


@pytest.fixture
def reduced(telemetry, question, now):
    return lambda *samples: build(telemetry(*samples), now, question(), Options(kind="service"))


def edges(graph):
    return {(edge.source.split("_")[-1], edge.target.split("_")[-1]): edge for edge in graph.edges}


def test_only_services_and_those_that_nobody_calls_are_left(reduced, sample):
    graph = reduced(sample("a", "b", 3.0), sample("b", "c", 2.0))
    assert sorted(node.id for node in graph.nodes) == [
        "svc_Kubernetes_dev_b",
        "svc_Kubernetes_dev_c",
        "wl_Kubernetes_dev_a",
    ]
    assert {pair: edge.rate for pair, edge in edges(graph).items()} == {("a", "b"): 3.0, ("b", "c"): 2.0}


def test_calls_of_two_workloads_of_a_service_are_added(reduced, sample):
    graph = reduced(
        sample("a", "b-v1", 1.0, to="b"),
        sample("a", "b-v2", 1.0, to="b"),
        sample("b-v1", "c", 2.0),
        sample("b-v2", "c", 2.0, grpc_response_status="14", connection_security_policy="none"),
        sample("b-v2", "d", 4.0),
    )
    found = edges(graph)
    joined = found["b", "c"]
    assert (joined.rate, joined.errors, joined.share, joined.mtls) == (4.0, 2.0, 0.5, 0.5)
    assert {code: response.rate for code, response in joined.responses.items()} == {"0": 2.0, "14": 2.0}
    assert joined.rates == {"grpc": 4.0, "grpcErr": 2.0}
    assert found["b", "d"].share == 0.5


def test_a_service_that_calls_nobody_has_no_edges_from_it(reduced, sample):
    assert set(edges(reduced(sample("a", "b")))) == {("a", "b")}
