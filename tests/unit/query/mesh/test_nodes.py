import pytest

from refapp.query.mesh.graph import NodeKind
from refapp.query.mesh.nodes import Nodes, describe, describe_service
from refapp.query.mesh.series import Party, Series, Service

KINDS = ("versionedApp", "app", "workload", "service")


@pytest.mark.parametrize(
    ("kind", "node", "identity"),
    [
        ("versionedApp", NodeKind.APP, "vapp_Kubernetes_dev_w"),
        ("app", NodeKind.APP, "app_Kubernetes_dev_a"),
        ("workload", NodeKind.WORKLOAD, "wl_Kubernetes_dev_w"),
        ("service", NodeKind.WORKLOAD, "wl_Kubernetes_dev_w"),
    ],
)
def test_what_a_workload_is_in_each_kind_of_graph(kind, node, identity):
    found = describe(Party("Kubernetes", "dev", "w", "a", "v1"), None, kind)
    assert (found.kind, found.id) == (node, identity)
    assert found.version == ("" if kind == "app" else "v1")
    assert found.workload == ("" if kind == "app" else "w")


def test_a_workload_without_an_application_stays_one():
    assert describe(Party("c", "dev", "w", "unknown", "unknown"), None, "app").id == "wl_c_dev_w"


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_known_is_the_unknown_source(kind):
    found = describe(Party(*["unknown"] * 5), None, kind)
    assert (found.kind, found.id, found.inaccessible) == (NodeKind.UNKNOWN, "unknown_source", True)


@pytest.mark.parametrize("kind", KINDS)
def test_a_request_that_leads_nowhere_has_a_service_of_its_own(kind):
    found = describe(Party(*["unknown"] * 5), Service("unknown", "unknown", "unknown"), kind)
    assert (found.kind, found.name, found.inaccessible) == (NodeKind.SERVICE, "unknown", True)


def test_a_service_that_nobody_answers_for_is_itself():
    found = describe(Party("c", "unknown", "unknown", "unknown", "unknown"), Service("dev", "s.dev", "s"), "app")
    assert found == describe_service(Service("dev", "", "s"), "c")


def test_a_service_stands_between_two_workloads(labels):
    nodes = Nodes("versionedApp", services=True)
    hops = nodes.hops(Series.of(labels("a", "b", to="s")))
    assert [tuple(hop) for hop in hops] == [
        ("vapp_Kubernetes_dev_a", "svc_Kubernetes_dev_s"),
        ("svc_Kubernetes_dev_s", "vapp_Kubernetes_dev_b"),
    ]
    assert set(nodes.found) == {end for hop in hops for end in hop}


@pytest.mark.parametrize(
    ("services", "wanted", "destination", "to"),
    [(False, 1, "b", "s"), (True, 1, "unknown", "s"), (True, 1, "b", "unknown"), (True, 1, "b", "PassthroughCluster")],
)
def test_no_service_stands_between(labels, services, wanted, destination, to):
    nodes = Nodes("versionedApp", services=services)
    assert len(nodes.hops(Series.of(labels("a", destination, to=to)))) == wanted


def test_a_graph_of_services_always_has_them(labels):
    assert len(Nodes("service", services=False).hops(Series.of(labels("a", "b")))) == 2


def test_what_was_met_is_not_idle(labels):
    nodes = Nodes("workload", services=True)
    nodes.hops(Series.of(labels("a", "b")))
    for name in "bc":
        nodes.add(describe(Party("Kubernetes", "dev", name, name, "v1"), None, "workload"))
    assert [nodes.found[f"wl_Kubernetes_dev_{name}"].idle for name in "abc"] == [False, False, True]
