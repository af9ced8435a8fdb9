import pytest

from refapp.mesh import Address, Edge, Mesh, Pod
from refapp.mesh.configuration import write, write_route
from refapp.mesh.envoy.routes import Fault
from refapp.query.mesh.configuration import MeshConfiguration, frame


@pytest.fixture
def written(tmp_path, topology):
    """Writes the files of a small mesh, and gives what is read from them."""

    def written(**options):
        def address(port):
            return Address("127.0.0.1", port)

        stores = {"mongodb": address(1), "rabbitmq": address(2)}
        mesh = Mesh(topology=topology, directory=tmp_path, stores=stores, **options)
        outbound = {"one": address(3), "mongodb": address(4), "rabbitmq": address(5)}
        pods = [
            Pod(
                name=f"{name}-1",
                workload=name,
                application=address(6),
                inbound=address(7),
                metrics=address(8),
                outbound=outbound,
            )
            for name in ("front", "one", "two")
        ]
        write(mesh, pods, Edge(public=address(9), metrics=address(10)))
        return mesh, MeshConfiguration(mesh)

    return written


def told(objects):
    return {(one.kind, one.name, one.like) for one in objects}


def test_the_objects_of_a_workload(written):
    _, configuration = written()
    assert told(configuration("one")) == {
        ("RouteConfiguration", "front → one", "VirtualService"),
        ("ClusterLoadAssignment", "one", "Endpoints"),
        ("Cluster", "rabbitmq.dev.svc.cluster.local", "ServiceEntry"),
        ("Listener", "one", "PeerAuthentication"),
    }
    assert ("Cluster", "one.dev.svc.cluster.local", "DestinationRule") in told(configuration("front"))


def test_the_edge_has_its_routes_and_its_gateway(written):
    _, configuration = written()
    found = told(configuration("istio-ingressgateway"))
    assert ("Listener", "istio-ingressgateway", "Gateway") in found
    assert ("RouteConfiguration", "istio-ingressgateway → edge", "VirtualService") in found


@pytest.mark.parametrize(("mutual_tls", "mode"), [(True, "STRICT"), (False, "DISABLE")])
def test_mutual_tls_is_told(written, mutual_tls, mode):
    _, configuration = written(mutual_tls=mutual_tls)
    (policy,) = (one for one in configuration("one") if one.like == "PeerAuthentication")
    assert policy.spec["mtls"] == {"mode": mode}


def test_a_fault_is_seen_as_soon_as_it_is_there(written):
    mesh, configuration = written()
    write_route(mesh, "front", "one", Fault(grpc_status=14))
    (route,) = (one for one in configuration("one") if one.kind == "RouteConfiguration")
    assert "abort" in str(route.spec)


def test_a_workload_that_is_not_there_has_none(written):
    _, configuration = written()
    assert configuration("other") == []
    assert frame([]).empty


def test_the_frame_has_a_row_an_object(written):
    _, configuration = written()
    found = frame(configuration("one"))
    assert list(found.columns) == ["kind", "name", "namespace", "like"]
    assert len(found) == 4
