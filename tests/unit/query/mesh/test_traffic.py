import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.mesh.addresses import stores
from refapp.query.mesh.finish import Surroundings
from refapp.query.mesh.graph import NodeKind
from refapp.query.mesh.health import Status
from refapp.query.mesh.inventory import Inventory
from refapp.query.mesh.telemetry import ask
from refapp.query.mesh.traffic import Options, build, errors, taken
from refapp.topology import REFERENCE

KINDS = ("versionedApp", "app", "workload", "service")


@pytest.fixture(scope="session")
def made(telemetry, question, now):
    """Makes a graph of samples of requests."""

    def made(*samples, namespaces=("dev",), around=None, tcp=(), **options):
        found = telemetry(*samples, tcp=list(tcp))
        return build(found, now, question(*namespaces), Options(**options), around)

    return made


def rates(graph):
    names = {node.id: f"{node.name} (s)" if node.kind is NodeKind.SERVICE else node.name for node in graph.nodes}
    return {(names[edge.source], names[edge.target], edge.protocol): edge.rate for edge in graph.edges}


def test_what_the_callee_reports_counts_once(made, sample):
    graph = made(sample("a", "b", 2.0, "source"), sample("a", "b", 3.0, "destination"))
    assert rates(graph) == {("a", "b (s)", "grpc"): 3.0, ("b (s)", "b", "grpc"): 3.0}


def test_what_only_the_caller_knows_is_added(made, sample):
    refused = sample("a", "unknown", 0.5, "source", to="b", grpc_response_status="14", response_flags="UF")
    graph = made(sample("a", "b", 2.0), sample("a", "b", 2.0, "source"), refused)
    assert rates(graph) == {("a", "b (s)", "grpc"): 2.5, ("b (s)", "b", "grpc"): 2.0}
    edge = graph.edges[0] if graph.edges[0].rate == 2.5 else graph.edges[1]
    assert (edge.errors, edge.error_share, edge.health.status) == (0.5, 0.2, Status.FAILURE)
    assert {code: (dict(one.flags), one.rate) for code, one in edge.responses.items()} == {
        "0": ({"-": 2.0}, 2.0),
        "14": ({"UF": 0.5}, 0.5),
    }


def test_another_code_or_flag_is_another_report(made, sample):
    graph = made(sample("a", "b", 2.0), sample("a", "b", 1.0, "source", response_flags="DI"), services=False)
    assert rates(graph) == {("a", "b", "grpc"): 3.0}


def test_an_unknown_source_is_a_node(made, sample):
    graph = made(sample("unknown", "b"))
    node = graph.node("unknown")
    assert (node.kind, node.root, node.health.status) == (NodeKind.UNKNOWN, True, Status.NA)
    assert rates(graph)[("unknown", "b (s)", "grpc")] == 1.0


def test_a_request_that_leads_nowhere_is_shown(made, sample):
    lost = {"request_protocol": "http", "response_code": "404", "grpc_response_status": None}
    graph = made(sample("a", "unknown", 1.0, "source", to="unknown", response_flags="NR", **lost))
    node = graph.node("unknown")
    assert (node.kind, node.inaccessible) == (NodeKind.SERVICE, True)
    assert graph.edges[0].rates == {"http": 1.0, "http4xx": 1.0}


def test_calls_from_another_namespace_are_of_the_callee(made, sample):
    outside = {"source_workload_namespace": "istio-system"}
    lost = sample("edge", "unknown", 0.5, "source", to="b", response_code="503", grpc_response_status=None, **outside)
    graph = made(sample("edge", "b", 1.0, **outside), sample("edge", "b", 9.0, "source", **outside), lost)
    assert rates(graph)[("edge", "b (s)", "grpc")] == 1.5
    assert (graph.node("edge").outside, graph.node("b").outside) == (True, False)


def test_calls_to_another_namespace_are_of_the_caller(made, sample):
    there = {"destination_workload_namespace": "other", "destination_service_namespace": "other"}
    graph = made(sample("a", "b", 1.0, "source", **there), sample("a", "b", 9.0, **there))
    assert set(rates(graph).values()) == {1.0}
    assert graph.node("b").outside


def test_calls_elsewhere_are_left_out(made, sample):
    elsewhere = {"source_workload_namespace": "x", "destination_workload_namespace": "x"}
    assert not made(sample("a", "b", **elsewhere, destination_service_namespace="x")).edges


def test_tcp_is_bytes_to_a_service_outside(made, sample, topology):
    store = sample(
        "two",
        "unknown",
        100.0,
        "source",
        to="mongodb",
        request_protocol="tcp",
        response_code=None,
        grpc_response_status=None,
    )
    graph = made(tcp=[store], around=Surroundings(Inventory.of(topology)))
    (edge,) = graph.edges
    assert (edge.protocol, edge.rate, edge.errors, edge.mtls, edge.health.status) == (
        "tcp",
        100.0,
        0.0,
        None,
        Status.HEALTHY,
    )
    target = graph.node("mongodb")
    assert (target.kind, target.service_entry, target.hosts) == (
        NodeKind.SERVICE,
        "MESH_EXTERNAL",
        ("mongodb.dev.svc.cluster.local",),
    )
    assert dict(graph.node("two").traffic) == {"tcpOut": 100.0}


def test_an_unknown_protocol_is_left_out(made, sample):
    assert not made(sample("a", "b", request_protocol="thrift")).nodes


def test_edges_without_traffic_are_kept_when_they_are_asked_for(made, sample):
    quiet = (sample("a", "b", 0.0), sample("b", "c", 1.0))
    assert len(made(*quiet).edges) == 2
    graph = made(*quiet, idle_edges=True)
    assert len(graph.edges) == 4
    assert [edge.idle for edge in graph.edges if edge.source.endswith("_a")] == [True]
    assert [edge.health.status for edge in graph.edges if edge.idle] == [Status.NA] * 2


def test_what_is_defined_and_has_no_traffic_is_added_when_it_is_asked_for(made, sample, topology):
    around = Surroundings(Inventory.of(topology))
    own = sample("front", "one")
    assert not any(node.idle for node in made(own, around=around).nodes)
    graph = made(own, around=around, idle_nodes=True)
    idle = {(str(node.kind), node.name) for node in graph.nodes if node.idle}
    assert idle == {
        ("app", "two"),
        ("app", "istio-ingressgateway"),
        *(("service", name) for name in ("two", "front", "istio-ingressgateway", "mongodb", "rabbitmq")),
    }
    assert not made(own, around=around, idle_nodes=True, namespaces=("other",)).nodes


@pytest.mark.parametrize("kind", KINDS)
def test_the_small_mesh_in_each_kind(small, question, now, topology, kind):
    found = ask(small, question())[now]
    graph = build(found, now, question(), Options(kind=kind), Surroundings(Inventory.of(topology)))
    apps, versions, services, workloads, edges = graph.counts
    assert services == 4
    if kind == "service":
        assert {pair[:2] for pair in rates(graph)} == {
            ("istio-ingressgateway", "front (s)"),
            ("front (s)", "one (s)"),
            ("one (s)", "rabbitmq (s)"),
            ("two", "rabbitmq (s)"),
            ("two", "mongodb (s)"),
        }
        return
    assert edges == 7
    assert (apps, versions, workloads) == ((0, 0, 4) if kind == "workload" else (4, 4, 0))


@pytest.mark.parametrize(("ui", "counts"), [(False, (10, 10, 10, 0, 22)), (True, (11, 11, 11, 0, 24))])
def test_the_article_counts_11_applications_11_services_and_24_edges(made, sample, ui, counts):
    # Each call is two edges, by way of its service; each connection to a store outside the mesh is one.
    calls = [("istio-ingressgateway", "rev-proxy"), *REFERENCE.calls]
    calls += [("istio-ingressgateway", "angular-ui")] if ui else []
    plain = {"request_protocol": "tcp", "response_code": None, "grpc_response_status": None}
    tcp = [
        sample(workload.name, "unknown", 9.0, "source", to=store, **plain)
        for workload in REFERENCE
        for store in stores(workload)
    ]
    graph = made(*(sample(*call) for call in calls), tcp=tcp, around=Surroundings(Inventory.of(REFERENCE)))
    assert graph.counts == counts


def test_two_versions_of_an_application(made, sample):
    samples = [
        sample(
            "a", f"b-{version}", 1.0, to="b", destination_canonical_service="b", destination_canonical_revision=version
        )
        for version in ("v1", "v2")
    ]
    graph = made(*samples)
    assert (graph.counts.apps, graph.counts.versions, graph.counts.services) == (2, 3, 1)
    assert rates(graph)[("a", "b (s)", "grpc")] == 2.0
    assert [edge.share for edge in graph.edges if edge.source.startswith("svc_")] == [0.5, 0.5]
    assert made(*samples, kind="app").counts.versions == 2


def test_the_share_is_of_what_the_caller_sends_by_the_protocol(made, sample):
    graph = made(sample("a", "b", 3.0), sample("a", "c", 1.0), services=False)
    assert [edge.share for edge in graph.edges] == [0.75, 0.25]


def test_nodes_know_their_services_and_the_application_of_a_service(made, sample, topology):
    graph = made(sample("front", "one"), around=Surroundings(Inventory.of(topology)))
    assert graph.node("one").services == (("Kubernetes", "dev", "one"),)
    assert graph.node("one", "service").app == "one"


@pytest.mark.parametrize(
    ("protocol", "rates", "failed"),
    [
        ("http", {"http": 9, "http3xx": 1, "http4xx": 2, "http5xx": 3, "httpNoResponse": 1}, 6),
        ("grpc", {"grpc": 9, "grpcErr": 2, "grpcNoResponse": 1}, 3),
        ("tcp", {"tcp": 9}, 0),
    ],
)
def test_what_counts_as_a_failure(protocol, rates, failed):
    assert errors(protocol, rates) == failed


NAMES = st.sampled_from(["a", "b", "c", "unknown"])
CALLS = st.lists(
    st.tuples(
        NAMES,
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from(["0", "5", "14"]),
        st.sampled_from(["source", "destination"]),
        st.floats(0.001, 1000),
    ),
    max_size=20,
    unique_by=lambda call: call[:4],
)


@given(CALLS, st.sampled_from(["versionedApp", "app", "workload"]), st.booleans())
def test_the_rates_of_the_edges_add_up_to_those_of_the_series(made, sample, question, calls, kind, services):
    samples = [
        sample(source, destination, rate, reporter, grpc_response_status=code)
        for source, destination, code, reporter, rate in calls
        if (source, reporter) != ("unknown", "source")
    ]
    # What is preferred of two reports of the same counts.
    best = {}
    for one in taken(samples, question()):
        best.setdefault((one.series.source, one.series.destination, one.series.code), one.value)
    graph = made(*samples, kind=kind, services=services)
    expected = pytest.approx(sum(best.values()))
    own = [edge for edge in graph.edges if not edge.source.startswith("svc_")]
    assert sum(edge.rate for edge in own) == expected
    for edge in graph.edges:
        assert edge.rate == pytest.approx(sum(response.rate for response in edge.responses.values()))
        assert edge.rate == pytest.approx(sum(sum(one.hosts.values()) for one in edge.responses.values()))
        assert 0 <= edge.errors <= edge.rate * (1 + 1e-9)
    for node in graph.nodes:
        out = [edge for edge in graph.edges if edge.source == node.id]
        assert node.traffic.get("grpcOut", 0.0) == pytest.approx(sum(edge.rate for edge in out))
        assert sum(edge.share for edge in out) == pytest.approx(1.0 if out else 0.0)
        into = [edge for edge in graph.edges if edge.target == node.id]
        assert node.traffic.get("grpcIn", 0.0) == pytest.approx(sum(edge.rate for edge in into))
        assert node.root == (bool(out) and not into)
