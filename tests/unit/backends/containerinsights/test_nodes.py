import pytest

from refapp.backends.containerinsights.nodes import drafts


def told(found, kind, *, enhanced=True):
    return [members for of, members in drafts(found, enhanced=enhanced) if of == kind]


def cpu(total, user, system):
    return {"usage": {"total": total * 10**9, "user": user * 10**9, "system": system * 10**9}}


@pytest.fixture
def after(node, watch):
    """A maker of what is found out ten seconds after the node said what it says before."""

    def after(before, now, *pods):
        node.tell("/", **before)
        watch.found(*pods)
        node.seconds = 10
        node.tell("/", **now)
        return watch.found(*pods)

    return after


def test_cpu_and_memory(after, node, pod):
    counted = {"pgfault": 100, "pgmajfault": 10}
    sizes = {"usage": 900, "working_set": node.memory // 4, "rss": 4, "cache": 3, "mapped_file": 2, "swap": 1}
    pods = pod("f-1", cpu_request=0.5, memory_request=node.memory // 8), pod("f-2", cpu_request=0.5, running=False)
    found = after(
        {"cpu": cpu(100, 80, 20)}, {"cpu": cpu(120, 95, 25), "memory": {**sizes, "container_data": counted}}, *pods
    )
    (members,) = told(found, "Node", enhanced=False)
    assert members == {
        "node_cpu_limit": 4000,
        "node_cpu_request": 1000,
        "node_cpu_reserved_capacity": 25.0,
        "node_cpu_usage_total": 2000.0,
        "node_cpu_usage_user": 1500.0,
        "node_cpu_usage_system": 500.0,
        "node_cpu_utilization": 50.0,
        "node_memory_limit": node.memory,
        "node_memory_request": node.memory // 8,
        "node_memory_reserved_capacity": 12.5,
        "node_memory_usage": 900,
        "node_memory_working_set": node.memory // 4,
        "node_memory_utilization": 25.0,
        "node_memory_rss": 4,
        "node_memory_cache": 3,
        "node_memory_mapped_file": 2,
        "node_memory_swap": 1,
        "node_number_of_running_pods": 1,
        "node_number_of_running_containers": 1,
    }


def test_faults_are_counted_a_second(after):
    def of(pgfault, pgmajfault):
        faults = {"pgfault": pgfault, "pgmajfault": pgmajfault}
        return {"memory": {"container_data": faults, "hierarchical_data": faults}}

    (members,) = told(after(of(1000, 10), of(1200, 15)), "Node")
    assert (members["node_memory_pgfault"], members["node_memory_pgmajfault"]) == (20.0, 0.5)
    assert (members["node_memory_hierarchical_pgfault"], members["node_memory_failures_total"]) == (20.0, 20.5)


def test_without_requests_nothing_is_reserved(watch, pod):
    (members,) = told(watch.found(pod()), "Node")
    assert [members[f"node_{what}"] for what in ("cpu_request", "memory_request", "cpu_reserved_capacity")] == [0, 0, 0]


def test_the_network_is_told_by_interface_and_as_a_whole(after):
    def of(eth0, eth1):
        names = ("rx_bytes", "rx_packets", "rx_dropped", "tx_bytes")
        pairs = (dict(zip(names, counts, strict=True)) for counts in (eth0, eth1))
        interfaces = [{"name": f"eth{number}", **counts} for number, counts in enumerate(pairs)]
        return {"network": {**interfaces[0], "interfaces": interfaces}}

    found = after(of((0, 0, 0, 0), (100, 5, 5, 5)), of((100, 20, 0, 50), (200, 6, 15, 5)))
    assert told(found, "NodeNet") == [
        {
            "interface": "eth0",
            "node_interface_network_rx_bytes": 10.0,
            "node_interface_network_rx_packets": 2.0,
            "node_interface_network_rx_dropped": 0.0,
            "node_interface_network_tx_bytes": 5.0,
            "node_interface_network_total_bytes": 15.0,
        },
        {
            "interface": "eth1",
            "node_interface_network_rx_bytes": 10.0,
            "node_interface_network_rx_packets": 0.1,
            "node_interface_network_rx_dropped": 1.0,
            "node_interface_network_tx_bytes": 0.0,
            "node_interface_network_total_bytes": 10.0,
        },
    ]
    (members,) = told(found, "Node")
    assert members["node_network_rx_bytes"] == 20.0
    assert members["node_network_rx_dropped"] == 1.0
    assert members["node_network_total_bytes"] == 25.0


def test_filesystems(after):
    sizes = {"capacity": 200, "usage": 50, "available": 140}
    vda = {"device": "/dev/vda", "type": "ext4", **sizes, "has_inodes": True, "inodes": 8, "inodes_free": 4}
    none = {"device": "none", "type": "zfs", "capacity": 0, "usage": 0, "available": 0}
    found = after({}, {"filesystem": [vda, none]})
    assert told(found, "NodeFS") == [
        {
            "device": "/dev/vda",
            "fstype": "ext4",
            "node_filesystem_capacity": 200,
            "node_filesystem_usage": 50,
            "node_filesystem_available": 140,
            "node_filesystem_inodes": 8,
            "node_filesystem_inodes_free": 4,
            "node_filesystem_utilization": 25.0,
        },
        {
            "device": "none",
            "fstype": "zfs",
            "node_filesystem_capacity": 0,
            "node_filesystem_usage": 0,
            "node_filesystem_available": 0,
        },
    ]


def test_disks(after):
    def of(read, written):
        return {
            "diskio": {
                "io_service_bytes": [
                    {"device": "/dev/vda", "stats": {"Read": read, "Write": written, "Total": read + written}}
                ]
            }
        }

    assert told(after(of(0, 100), of(50, 300)), "NodeDiskIO") == [
        {
            "device": "/dev/vda",
            "node_diskio_io_service_bytes_read": 5.0,
            "node_diskio_io_service_bytes_write": 20.0,
            "node_diskio_io_service_bytes_total": 25.0,
        }
    ]


def test_a_machine_that_tells_little(after):
    found = after({}, {})
    assert [kind for kind, _ in drafts(found, enhanced=True)] == ["Node"]
    (members,) = told(found, "Node")
    assert not {name for name in members if "usage" in name or "utilization" in name or "network" in name}
    assert members["node_status_condition_ready"] == 1
    assert "node_status_condition_ready" not in told(found, "Node", enhanced=False)[0]


def test_a_node_that_tells_nothing_has_no_events(silent, pod):
    assert list(drafts(silent.found(pod()), enhanced=True)) == []
