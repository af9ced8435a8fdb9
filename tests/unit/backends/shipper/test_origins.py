import re

import pytest

from refapp.backends.containers.inventory import Container, Inventory, Pod
from refapp.backends.shipper.layout import PodDirectory
from refapp.backends.shipper.origins import ContainerRun, Node, Origin, container_id
from refapp.backends.shipper.record import parse, parse_plain

DIRECTORY = PodDirectory("dev", "service-a-69d7469cbf-ts4t7", "uid-1")
RUN = ContainerRun(DIRECTORY, "service-a", 0)
NODE = Node(name="node-1")


def known(**changes):
    pod = {"name": DIRECTORY.pod, "workload": "service-a", "uid": "uid-1", "tier": "service"}
    containers = (Container(name="istio-proxy"), Container(name="service-a", image="refapp/service-a"))
    return Inventory(pods=(Pod(**{**pod, "containers": containers, **changes}),))


def test_an_application():
    origin = NODE.container(RUN, known())
    identifier = container_id(RUN)
    assert origin.group("demo") == "/aws/containerinsights/demo/application"
    assert origin.stream == (
        f"node-1-application.var.log.containers.service-a-69d7469cbf-ts4t7_dev_service-a-{identifier}.log"
    )
    assert list(origin.about.items()) == [
        ("pod_name", "service-a-69d7469cbf-ts4t7"),
        ("namespace_name", "dev"),
        ("pod_id", "uid-1"),
        ("host", "node-1"),
        ("container_name", "service-a"),
        ("docker_id", identifier),
        ("container_image", "refapp/service-a"),
    ]


@pytest.mark.parametrize("inventory", [Inventory(), known(uid="another"), known(name="another")])
def test_what_the_inventory_does_not_know_comes_from_the_path(inventory):
    origin = NODE.container(RUN, inventory)
    assert origin == Origin(
        kind="application",
        stream=NODE.container(RUN, known()).stream,
        form="container",
        about={key: value for key, value in NODE.container(RUN, known()).about.items() if key != "container_image"},
    )


def test_the_namespace_is_that_of_the_inventory():
    origin = NODE.container(RUN, known(namespace="istio-system"))
    assert origin.group("demo") == "/aws/containerinsights/demo/dataplane"
    assert origin.about["namespace_name"] == "istio-system"
    assert "-dataplane.tail.var.log.containers.service-a-69d7469cbf-ts4t7_istio-system_service-a-" in origin.stream


def test_a_sidecar_is_of_the_data_plane():
    assert NODE.container(RUN._replace(container="istio-proxy"), known()).kind == "dataplane"


def test_another_namespace_may_be_the_own_one():
    node = Node(name="node-1", namespace="prod")
    assert node.container(RUN, known()).kind == "dataplane"
    assert node.container(RUN, known(namespace="prod")).kind == "application"


@pytest.mark.parametrize(("inventory", "more"), [(known(), {"tier": "service"}), (Inventory(), {})])
def test_labels_are_there_when_they_are_asked_for(inventory, more):
    origin = Node(name="node-1", labels=True).container(RUN, inventory)
    assert origin.about["labels"] == {"app": "service-a", "version": "v1"} | more


def test_an_id_belongs_to_one_run():
    others = [RUN._replace(run=1), RUN._replace(container="b"), RUN._replace(directory=DIRECTORY._replace(uid="2"))]
    ids = {container_id(run) for run in (RUN, *others, RUN)}
    assert len(ids) == 4
    assert all(re.fullmatch("[0-9a-f]{64}", one) for one in ids)


def test_units_and_files_of_the_host(tmp_path):
    unit, host = NODE.unit("supervisor.service"), NODE.host_file(tmp_path / "messages.log")
    assert (unit.kind, unit.stream) == ("dataplane", "node-1-dataplane.systemd.supervisor.service")
    assert (host.kind, host.stream) == ("host", "node-1.host.messages")
    assert unit.event(parse_plain(b"up")).message == (
        b'{"hostname":"node-1","systemd_unit":"supervisor.service","message":"up"}'
    )
    assert host.event(parse_plain(b"up")).message == b'{"message":"up"}'


def test_an_origin_can_be_written_down():
    origin = NODE.container(RUN, known())
    assert Origin.load(origin.dump()) == origin
    line = parse(b"2026-11-23T05:00:00.123456789Z stdout F {}")
    assert Origin.load(origin.dump()).event(line) == origin.event(line)
