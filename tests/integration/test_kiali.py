"""The mesh as Kiali shows it, from the metrics of a real platform."""

from datetime import timedelta

import httpx
import pytest

from refapp.mesh.identity import INGRESS
from refapp.query.mesh import NodeKind, Status, from_kiali

LAST = timedelta(seconds=30)
CALLS = 24  # edges: two for each of nine calls, and six to the stores

pytestmark = pytest.mark.usefixtures("_load")


@pytest.fixture(scope="module")
def _load(shared_platform, loaded):
    """Some requests a second while these tests run."""
    with loaded(shared_platform, rate=5):
        yield


@pytest.fixture
def graph(platform, eventually):
    """The graph, when all that is called has been seen."""

    def whole():
        httpx.get(platform.urls["ui"]).raise_for_status()
        found = platform.mesh.graph(LAST)
        calls = [edge for edge in found.edges if found.by_id[edge.source].kind is NodeKind.SERVICE]
        timed = all(edge.times and None not in (*edge.times, edge.throughput) for edge in calls)
        reported = all(edge.mtls is not None for edge in found.edges if edge.protocol != "tcp")
        return found if len(found.edges) == CALLS and timed and reported else None

    return eventually(whole, within=60)


def test_the_graph_is_that_of_the_topology(platform, graph):
    assert graph.counts == (11, 11, 11, 0, CALLS)
    names = {node.id: node.name for node in graph.nodes}
    services = {node.id for node in graph.nodes if node.kind is NodeKind.SERVICE}
    calls = {(names[edge.source], names[edge.target]) for edge in graph.edges if edge.protocol != "tcp"}
    asked = {(one, other) for one, other in calls if one != other}
    at_the_edge = {(INGRESS, name) for name in ("angular-ui", "rev-proxy")}
    assert asked == at_the_edge | set(platform.topology.calls)
    stores = {(names[edge.source], names[edge.target]) for edge in graph.edges if edge.protocol == "tcp"}
    assert stores == {
        *((f"service-{name}", "mongodb") for name in "cfgh"),
        *((f"service-{name}", "rabbitmq") for name in "df"),
    }
    assert all(graph.by_id[edge.target].id in services for edge in graph.edges if edge.protocol == "tcp")


def test_the_consumer_of_the_queue_has_connections_alone(graph):
    node = graph.node("service-f")
    assert {edge.protocol for edge in graph.edges_of(node)} == {"tcp"}
    assert node.root


def test_every_call_is_secured_and_timed(graph):
    for edge in graph.edges:
        if edge.protocol == "tcp":
            assert edge.mtls is None
            continue
        assert edge.mtls == pytest.approx(1.0)
        if graph.by_id[edge.source].kind is NodeKind.SERVICE:
            average, p50, p95, p99 = edge.times
            assert 0 < p50 <= p95 <= p99
            assert average > 0
            assert edge.throughput > 0


def test_the_json_is_read_as_it_was_written(graph):
    again = from_kiali(graph.to_kiali(), graph.namespaces)
    assert again.counts == graph.counts
    assert [edge.id for edge in again.edges] == [edge.id for edge in graph.edges]


def _injected(edge):
    return "14" in edge.responses and "FI" in edge.responses["14"].flags


@pytest.mark.usefixtures("graph")
def test_a_fault_makes_an_edge_and_what_waits_for_it_fail(platform, eventually):
    def failing():
        """The edge with the fault, when it and the service are told to fail: one may come a scrape before the other."""
        found = platform.mesh.graph(LAST)
        service = found.node("service-h", NodeKind.SERVICE)
        edges = [edge for edge in found.edges_of(service) if edge.target == service.id and _injected(edge)]
        told = service.health.status is Status.FAILURE
        return next((edge for edge in edges if told and edge.health.status is Status.FAILURE), None)

    with platform.fault("service-e", "service-h", grpc_status=14):
        edge = eventually(failing, within=60)
    assert edge.errors > 0
    assert "FI" in edge.responses["14"].flags
    replay = platform.mesh.replay(LAST, timedelta(seconds=5), window=timedelta(seconds=10))
    statuses = [{edge.health.status for edge in moment.edges} for moment in replay]
    assert any(Status.FAILURE in moment for moment in statuses)


@pytest.mark.usefixtures("graph")
def test_lists_and_overview(platform):
    names = {INGRESS, *(workload.name for workload in platform.topology)}
    assert set(platform.mesh.applications(LAST)["name"]) == names
    assert set(platform.mesh.workloads(LAST)["name"]) == names
    services = platform.mesh.services(LAST).set_index("name")
    assert set(services.index[services["external"]]) == {"mongodb", "rabbitmq"}
    overview = platform.mesh.overview(LAST).frame.set_index("namespace")
    assert overview.loc["dev", "applications"] == len(names)
    assert overview.loc["dev", "requests"] > 0


@pytest.mark.usefixtures("graph")
def test_a_workload_in_detail(platform, eventually):
    detail = platform.mesh.workload("service-a", LAST)
    assert {"requests", "duration"} <= set(detail.inbound["metric"])
    called = detail.outbound[detail.outbound["metric"] == "requests"]
    assert set(called["peer"]) == set(platform.topology["service-a"].calls)
    assert detail.configuration

    def recovered():  # from the fault of another test
        return platform.mesh.workload("service-a", LAST).health.status is not Status.FAILURE

    eventually(recovered, within=60)
