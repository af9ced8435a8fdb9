import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.backends.containerinsights.readings import ReadingError, container_key, pod_key, snapshot
from refapp.backends.containers.inventory import Pod

MACHINE = {"num_cores": 2, "memory_capacity": 100}
POD = Pod(name="a-1", workload="a", uid="u1")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


def test_cpu_is_counted_in_thousandths_of_a_second(node):
    node.tell("/", cpu={"usage": {"total": 1_500_000_000, "user": 1_000_000_000, "system": 500_000_000, "percpu": 7}})
    reading = node.snapshot().readings["Node",]
    assert reading.counters == {"cpu_usage_total": 1500, "cpu_usage_user": 1000, "cpu_usage_system": 500}


def test_memory_is_in_the_words_of_container_insights(node):
    counted = {"pgfault": 70, "pgmajfault": 3}
    sizes = {"usage": 9, "max_usage": 10, "working_set": 8, "rss": 4, "cache": 3, "mapped_file": 2, "swap": 1}
    node.tell("/", memory={**sizes, "failcnt": 0, "container_data": counted, "hierarchical_data": counted, "x": {}})
    reading = node.snapshot().readings["Node",]
    assert reading.values == {f"memory_{name}": size for name, size in sizes.items()} | {"memory_failcnt": 0}
    assert reading.counters == {
        "memory_pgfault": 70,
        "memory_pgmajfault": 3,
        "memory_hierarchical_pgfault": 70,
        "memory_hierarchical_pgmajfault": 3,
        "memory_failures_total": 73,
    }


def test_what_is_not_told_is_not_there(node):
    node.tell("/")
    reading = node.snapshot().readings["Node",]
    assert (reading.values, reading.counters) == ({}, {})
    assert list(node.snapshot().readings) == [("Node",)]


def test_a_time_is_in_seconds_since_1970(node):
    node.seconds = 61.25
    node.tell("/")
    assert node.snapshot().readings["Node",].at == 1_704_067_261.25


def test_pods_and_containers_are_told_apart(node, pod):
    one, other = pod("f-1"), pod("f-2", namespace="istio-system")
    node.pod(one, 10)
    node.pod(other, 20)
    readings = node.snapshot().readings
    assert readings[pod_key("dev", "f-1", "uid-f-1")].counters["cpu_usage_total"] == 10
    assert readings[pod_key("istio-system", "f-2", "uid-f-2")].counters["cpu_usage_total"] == 20
    assert readings[container_key("dev", "f-1", "uid-f-1", "service-f")].origin == "/kubepods/poduid-f-1/service-f-0"
    assert readings["PodNet", "dev", "f-1", "uid-f-1", "eth0"].labels == {"interface": "eth0"}


def test_other_cgroups_are_nobodys(node):
    node.tell("/system.slice/sshd.service", cpu={"usage": {"total": 1}})
    node.tell("/kubepods")
    assert list(node.snapshot().readings) == [("Node",)]


def test_the_network_may_be_a_single_interface(node):
    node.tell("/", network={"name": "eth0", "rx_bytes": 1, "tx_dropped": 2, "tcp": {"Established": 3}})
    reading = node.snapshot().readings["NodeNet", "eth0"]
    assert reading.counters == {"network_rx_bytes": 1, "network_tx_dropped": 2}


def test_filesystems(node):
    sizes = {"capacity": 100, "usage": 60, "available": 30}
    with_inodes = {"device": "/dev/a", "type": "ext4", **sizes, "has_inodes": True, "inodes": 8, "inodes_free": 4}
    without = {"device": "b", "type": "zfs", **sizes, "has_inodes": False, "inodes": 0, "inodes_free": 0}
    node.tell("/", filesystem=[with_inodes, without])
    readings = node.snapshot().readings
    assert readings["NodeFS", "/dev/a"].labels == {"device": "/dev/a", "fstype": "ext4"}
    expected = {f"filesystem_{name}": size for name, size in sizes.items()}
    assert readings["NodeFS", "b"].values == expected
    more = {"filesystem_inodes": 8, "filesystem_inodes_free": 4}
    assert readings["NodeFS", "/dev/a"].values == expected | more


def test_disks(node):
    node.tell(
        "/",
        diskio={
            "io_service_bytes": [{"device": "/dev/a", "stats": {"Read": 1, "Write": 2, "Total": 3, "Discard": 9}}],
            "io_serviced": [
                {"device": "/dev/a", "stats": {"Async": 4, "Sync": 5}},
                {"major": 8, "minor": 16, "stats": {"Total": 6}},
            ],
        },
    )
    readings = node.snapshot().readings
    assert readings["NodeDiskIO", "/dev/a"].counters == {
        "diskio_io_service_bytes_read": 1,
        "diskio_io_service_bytes_write": 2,
        "diskio_io_service_bytes_total": 3,
        "diskio_io_serviced_async": 4,
        "diskio_io_serviced_sync": 5,
    }
    assert readings["NodeDiskIO", "8:16"].counters == {"diskio_io_serviced_total": 6}


def test_an_entry_without_a_reading_is_none():
    assert snapshot(MACHINE, [{"name": "/", "spec": {}}, {"name": "/a", "spec": {}, "stats": []}]).readings == {}


@pytest.mark.parametrize(
    ("machine", "infos"),
    [
        ({}, []),
        ({"num_cores": "2", "memory_capacity": 1}, []),
        ({"num_cores": True, "memory_capacity": 1}, []),
        (MACHINE, {"items": []}),
        (MACHINE, [{"name": "/", "spec": {}, "stats": [{}]}]),
        (MACHINE, [{"name": "/", "spec": {}, "stats": [{"timestamp": "yesterday"}]}]),
        (
            MACHINE,
            [{"name": "/", "spec": {}, "stats": [{"timestamp": "2024-01-01T00:00:00Z", "memory": {"rss": "1"}}]}],
        ),
    ],
)
def test_what_is_no_answer_of_cadvisor_is_refused(machine, infos):
    with pytest.raises(ReadingError, match="not cAdvisor's answer"):
        snapshot(machine, infos)


@given(JSON, JSON)
def test_no_answer_breaks_anything(machine, infos):
    for answers in ((machine, infos), (MACHINE, infos), (MACHINE, [infos])):
        try:
            snapshot(*answers)
        except ReadingError:
            continue
