import pytest

from refapp.query.mesh.finish import Surroundings
from refapp.query.mesh.health import Replicas
from refapp.query.mesh.inventory import Inventory
from refapp.query.mesh.lists import applications, services, workloads
from refapp.query.mesh.telemetry import ask
from refapp.query.mesh.traffic import Options, build

NAMES = ["front", "istio-ingressgateway", "one", "two"]


@pytest.fixture
def graph(small, question, now, topology):
    around = Surroundings(Inventory.of(topology), {"one": Replicas(2, 2, 1)})
    return lambda kind: build(ask(small, question())[now], now, question(), Options(kind=kind, idle_nodes=True), around)


def test_applications(graph, topology):
    frame = applications(graph("app"), Inventory.of(topology)).set_index("name")
    assert list(frame.index) == NAMES
    assert frame.loc["one"].tolist() == ["dev", "Degraded", "app=one, version=v1", 1, 2.0, 0.0]
    assert frame.loc["two", "health"] == "No health information"


def test_workloads(graph):
    frame = workloads(graph("workload")).set_index("name")
    assert list(frame.index) == NAMES
    assert frame.loc["one", ["ready", "desired"]].tolist() == [1, 2]
    assert frame["ready"].isna().sum() == 3


def test_services(graph):
    frame = services(graph("workload")).set_index("name")
    assert list(frame.index) == ["front", "istio-ingressgateway", "mongodb", "one", "rabbitmq", "two"]
    assert frame[frame["external"]].index.tolist() == ["mongodb", "rabbitmq"]
    assert (frame.loc["rabbitmq", "tcp_bytes"], frame.loc["one", "app"]) == (200.0, "one")
    assert frame.loc["two", "health"] == "No health information"


def test_failures_are_a_share(telemetry, question, now, sample):
    samples = (sample("a", "b", 3.0), sample("a", "b", 1.0, grpc_response_status="14"))
    frame = services(build(telemetry(*samples), now, question(), Options()))
    assert frame.loc[0, ["name", "requests", "error_share"]].tolist() == ["b", 4.0, 0.25]


def test_nothing_gives_empty_frames(telemetry, question, now):
    graph = build(telemetry(), now, question(), Options())
    assert applications(graph, Inventory()).empty
    assert workloads(graph).empty
    assert services(graph).empty
