from refapp.query.mesh.finish import RequestsByPlace, Surroundings, finish
from refapp.query.mesh.graph import Node, NodeKind
from refapp.query.mesh.health import Replicas, Status
from refapp.query.mesh.inventory import Definition, Inventory


def done(node, *samples, around=None, edges=(), namespaces=("dev",)):
    return finish(
        node,
        edges,
        traffic={},
        services=(),
        requests=RequestsByPlace(samples),
        around=around or Surroundings(),
        namespaces=namespaces,
    )


def workload(name, **fields):
    return Node(id=name, kind=NodeKind.WORKLOAD, namespace="dev", workload=name, app=name, **fields)


def test_requests_belong_to_workload_application_and_service(sample):
    samples = (sample("a", "b", 1.0, to="s"), sample("b", "c", 2.0, "source", grpc_response_status="14"))
    places = RequestsByPlace(samples)
    node = places.of(workload("b"))
    assert (node.inbound, node.outbound) == ({"grpc": {"0": 1.0}}, {"grpc": {"14": 2.0}})
    assert places.of(Node(id="b", kind=NodeKind.APP, namespace="dev", app="b")) == node
    service = places.of(Node(id="s", kind=NodeKind.SERVICE, namespace="dev", service="s"))
    assert (service.inbound, service.outbound) == ({"grpc": {"0": 1.0}}, {})
    assert places.of(Node(id="b", kind=NodeKind.APP, namespace="other", app="b")).inbound == {}


def test_a_node_fails_when_what_it_calls_fails(sample):
    node = done(workload("b"), sample("b", "c", 2.0, "source", grpc_response_status="14"))
    assert node.health.status is Status.FAILURE
    assert node.health.reasons == ("outbound grpc: 100 % with code 14",)


def test_pods_count_where_they_are_known():
    inventory = Inventory(workloads=(Definition("a-v1", "dev", "a", "v1"), Definition("a-v2", "dev", "a", "v2")))
    around = Surroundings(inventory, {"a-v1": Replicas(1, 1, 1), "a-v2": Replicas(2, 2, 0)})
    app = Node(id="a", kind=NodeKind.APP, namespace="dev", app="a")
    assert done(app, around=around).replicas == Replicas(3, 3, 1)
    assert done(workload("a-v2"), around=around).health.status is Status.FAILURE
    assert done(workload("other"), around=around).replicas is None
    assert done(app).replicas is None


def test_a_workload_without_pods_is_dead():
    inventory = Inventory(workloads=(Definition("a", "dev", "a", "v1"),))
    assert done(workload("a"), around=Surroundings(inventory, {})).dead
    assert not done(workload("a"), around=Surroundings(inventory)).dead
    assert not done(workload("b"), around=Surroundings(inventory, {})).dead


def test_what_cannot_be_looked_into_has_no_health(sample):
    node = Node(id="x", kind=NodeKind.UNKNOWN, inaccessible=True)
    assert done(node, sample("a", "b", grpc_response_status="14")).health.status is Status.NA


def test_whether_a_node_is_outside_depends_on_what_is_asked_for():
    assert done(workload("a"), namespaces=("other",)).outside
    assert not done(workload("a")).outside
