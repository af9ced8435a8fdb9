import json
import logging
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.backends.containers.inventory import (
    Autoscaler,
    Container,
    Inventory,
    InventoryError,
    InventoryFile,
    Pod,
    parse,
    read,
    write,
)

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
COUNTS = st.integers(0, 2**40)
NUMBERS = st.floats(0, 1e12)
CONTAINERS = st.builds(
    Container,
    name=TEXT,
    image=TEXT,
    pid=st.none() | st.integers(1, 2**22),
    started=NUMBERS,
    restarts=COUNTS,
    running=st.booleans(),
    reason=TEXT,
    memory_limit=st.none() | COUNTS,
    memory_request=st.none() | COUNTS,
    cpu_limit=st.none() | NUMBERS,
    cpu_request=st.none() | NUMBERS,
    cgroup=TEXT,
)
PODS = st.builds(
    Pod,
    name=TEXT,
    workload=TEXT,
    namespace=TEXT,
    uid=TEXT,
    tier=TEXT,
    started=NUMBERS,
    ready=st.booleans(),
    reason=TEXT,
    service=st.none() | TEXT,
    containers=st.lists(CONTAINERS, max_size=3, unique_by=lambda container: container.name).map(tuple),
)
AUTOSCALERS = st.builds(
    Autoscaler,
    workload=TEXT,
    min=COUNTS,
    max=COUNTS,
    current=COUNTS,
    desired=COUNTS,
    target_utilisation=NUMBERS,
    utilisation=st.none() | NUMBERS,
)
INVENTORIES = st.builds(
    Inventory,
    node=TEXT,
    cluster=TEXT,
    namespace=TEXT,
    pods=st.lists(PODS, max_size=3, unique_by=lambda pod: (pod.namespace, pod.name)).map(tuple),
    replicas=st.dictionaries(TEXT, COUNTS, max_size=3),
    autoscalers=st.lists(AUTOSCALERS, max_size=2).map(tuple),
)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("inventory") / "inventory.json"


@given(INVENTORIES)
def test_what_is_written_is_read(path, inventory):
    write(path, inventory)
    assert read(path) == inventory


def test_fields_with_a_default_may_be_left_out():
    inventory = parse(b'{"pods": [{"name": "p", "workload": "w", "containers": [{"name": "c", "cpu_limit": 1}]}]}')
    (pod,) = inventory.pods
    assert (pod.namespace, pod.ready, pod.containers[0].pid, pod.containers[0].cpu_limit) == ("dev", False, None, 1.0)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[]", r"inventory is \[\]: it must be an object"),
        ('{"nodes": "x"}', "inventory has no nodes"),
        ('{"pods": [{"name": "p"}]}', r"inventory.pods\[0\] lacks workload"),
        ('{"pods": {}}', "inventory.pods is {}: it must be a list"),
        ('{"replicas": {"w": "1"}}', "inventory.replicas.w is '1': it must be a whole number"),
        ('{"replicas": {"w": true}}', "inventory.replicas.w is True: it must be a whole number"),
        ('{"replicas": {"w": 1.5}}', "inventory.replicas.w is 1.5: it must be a whole number"),
        ('{"node": null}', "inventory.node is None: it must be a text"),
    ],
)
def test_what_is_no_inventory_is_refused(content, complaint):
    with pytest.raises(InventoryError, match=complaint):
        parse(content.encode())


@pytest.mark.parametrize("name", ["pid", "restarts", "started", "memory_limit", "cpu_request"])
def test_numbers_below_their_range_are_refused(name):
    with pytest.raises(InventoryError, match=f"{name} is -1: it must be"):
        Container(name="c", **{name: -1})


def test_no_process_has_the_number_0():
    with pytest.raises(InventoryError, match="pid is 0: it must be 1 or more"):
        Container(name="c", pid=0)


def test_names_are_unique():
    pods = [Pod(name=name, workload="w", namespace=namespace) for name, namespace in ("pd", "pd", "qd", "pe")]
    with pytest.raises(InventoryError, match="pods share a name: d/p"):
        Inventory(pods=tuple(pods))
    with pytest.raises(InventoryError, match="containers share a name: c"):
        Pod(name="p", workload="w", containers=(Container(name="c"), Container(name="c")))


def test_terminations_are_counted():
    assert Container(name="c", running=True, restarts=2, reason="Error").terminations == 2
    assert Container(name="c", restarts=2, reason="Error").terminations == 3
    assert Container(name="c").terminations == 0


def test_a_replica_set_is_named_by_its_pods():
    assert Pod(name="service-a-9mv5d7w4rp-zts9l", workload="service-a").replica_set == "service-a-9mv5d7w4rp"
    assert Pod(name="single", workload="single").replica_set == "single"


def test_a_pod_has_the_labels_of_its_deployment():
    pod = Pod(name="a-1", workload="service-a", tier="service")
    assert pod.labels == {"app": "service-a", "tier": "service", "version": "v1"}
    assert Pod(name="a-1", workload="service-a").labels == {"app": "service-a", "version": "v1"}


@pytest.mark.parametrize(("service", "name"), [(None, "service-a"), ("front", "front"), ("", "")])
def test_a_service_is_named_after_the_workload_unless_another_is_told(service, name):
    assert Pod(name="a-1", workload="service-a", service=service).service_name == name


def test_a_workload_is_where_its_pods_are():
    inventory = Inventory(pods=(Pod(name="i-1", workload="i", namespace="istio-system"),))
    assert (inventory.namespace_of("i"), inventory.namespace_of("w")) == ("istio-system", "dev")


def test_a_file_is_read_again_only_when_it_was_replaced(tmp_path):
    path = tmp_path / "inventory.json"
    write(path, Inventory(node="one"))
    file = InventoryFile(path)
    first = file.current()
    assert first.node == "one"
    assert file.current() is first
    write(path, Inventory(node="two"))
    assert file.current().node == "two"
    assert file.errors == 0


def test_a_file_that_was_written_over_is_read_again(tmp_path):
    path = tmp_path / "inventory.json"
    write(path, Inventory(node="one"))
    file = InventoryFile(path)
    file.current()
    path.write_text(json.dumps({"node": "two"}))
    os.utime(path, ns=(1, 1))
    assert file.current().node == "two"


@pytest.mark.parametrize("spoil", [lambda path: path.write_text("{"), lambda path: path.unlink()])
def test_the_last_good_inventory_stays_in_use(tmp_path, caplog, spoil):
    path = tmp_path / "inventory.json"
    write(path, Inventory(node="one"))
    file = InventoryFile(path)
    file.current()
    spoil(path)
    with caplog.at_level(logging.WARNING):
        assert [file.current().node for _ in range(3)] == ["one"] * 3
    assert file.errors == 1
    (record,) = caplog.records
    assert record.getMessage().startswith(f"the inventory before stays in use: {path}: ")
    write(path, Inventory(node="two"))
    assert file.current().node == "two"
    assert file.errors == 1


def test_there_may_be_no_inventory_yet(tmp_path):
    file = InventoryFile(tmp_path / "inventory.json")
    assert file.current() == Inventory()
    assert file.errors == 1
