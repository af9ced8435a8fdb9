from refapp.mesh.addresses import MONGODB, RABBITMQ, Address, destinations, stores
from refapp.topology import REFERENCE


def test_stores_follow_from_the_topology():
    expected = {
        "service-c": (MONGODB,),
        "service-d": (RABBITMQ,),
        "service-f": (MONGODB, RABBITMQ),
        "service-g": (MONGODB,),
        "service-h": (MONGODB,),
    }
    assert {workload.name: stores(workload) for workload in REFERENCE if stores(workload)} == expected


def test_destinations_are_workloads_and_stores():
    assert destinations(REFERENCE["service-b"]) == ("service-d", "service-e")
    assert destinations(REFERENCE["service-d"]) == (RABBITMQ,)


def test_every_file_has_its_place(mesh):
    places = [
        mesh.endpoints("x"),
        mesh.routes("x", "y"),
        mesh.routes("y", "x"),
        mesh.certificates("x"),
        mesh.bootstrap("x"),
        mesh.admin("x"),
    ]
    assert len(set(places)) == len(places)
    assert all(place.is_relative_to(mesh.directory) for place in places)


def test_an_address_as_text():
    assert str(Address("127.0.0.1", 9411)) == "127.0.0.1:9411"
    assert Address("127.0.0.1", 9411).url == "http://127.0.0.1:9411"
