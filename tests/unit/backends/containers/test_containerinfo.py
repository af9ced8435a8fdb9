import json
from dataclasses import replace

import pytest

from refapp.backends.containers import containerinfo, devices, machine
from refapp.backends.containers.containerinfo import machine_info, subcontainers
from refapp.backends.containers.devices import Disk, Filesystem, Interface
from refapp.backends.containers.inventory import Container, Pod
from refapp.backends.containers.processes import Resident, Stat
from refapp.backends.containers.sockets import TcpSocket

MEGABYTE = 1 << 20
FLAGS = ("cpu", "memory", "network", "filesystem", "diskio")


class Table:
    """Two sockets of process 10."""

    def connections(self):
        return [TcpSocket(1, 11, 100, 10, 4, 2), TcpSocket(2, 12, 200, 20, 6, 3)]


@pytest.fixture
def here(made_up, node):
    """A node with a pod of two containers, and one whose container waits."""
    made_up.stats[10] = Stat(1, 10, 1, user=1.0, system=0.25, children_user=0.0, children_system=0.0, faults=90)
    made_up.stats[20] = Stat(1, 20, 1, 4.0, 0.0, 0.0, 0.0, faults=7, major_faults=3)
    made_up.shares[10] = Resident(5 * MEGABYTE, 3 * MEGABYTE)
    made_up.shares[20] = Resident(2 * MEGABYTE, 0)
    made_up.opened[10] = {11, 12}
    here = node(kernel=made_up)
    here.sampler = type(here.sampler)(here.sampler.file, kernel=made_up, sockets=Table())
    containers = (
        Container(name="istio-proxy", pid=20, running=True),
        Container(
            name="service-a", image="refapp/a", pid=10, running=True, restarts=3, cpu_limit=0.2, memory_limit=400
        ),
    )
    here.runs(
        Pod(name="a-1", workload="service-a", uid="u1", started=60.0, containers=containers),
        Pod(name="b-1", workload="b", uid="u2", containers=(Container(name="b", reason="Error"),)),
    )
    return here


def entries(here):
    infos = json.loads(json.dumps(subcontainers(here.sampler)))
    names = [info["name"] for info in infos]
    assert len(set(names)) == len(names)
    return {info["name"]: info for info in infos}


def stats(here, name):
    (found,) = entries(here)[name]["stats"]
    return found


def test_there_is_an_entry_for_each_cgroup_that_a_kubelet_has(here):
    assert sorted(entries(here)) == [
        "/",
        "/kubepods/podu1",
        "/kubepods/podu1/istio-proxy-0",
        "/kubepods/podu1/sandbox",
        "/kubepods/podu1/service-a-3",
        "/kubepods/podu2",
        "/kubepods/podu2/sandbox",
    ]


def test_a_container(here):
    found = entries(here)["/kubepods/podu1/service-a-3"]
    assert found["stats"][0].pop("timestamp").endswith("Z")
    faults = {"pgfault": 90, "pgmajfault": 0}
    assert found["stats"] == [
        {
            "cpu": {"usage": {"total": 1_250_000_000, "user": 1_000_000_000, "system": 250_000_000}},
            "memory": {
                "usage": 8 * MEGABYTE,
                "working_set": 8 * MEGABYTE,
                "rss": 5 * MEGABYTE,
                "cache": 3 * MEGABYTE,
                "mapped_file": 3 * MEGABYTE,
                "container_data": faults,
                "hierarchical_data": faults,
            },
        }
    ]
    assert found["spec"] == {
        "creation_time": "1970-01-01T00:00:00Z",
        "image": "refapp/a",
        "labels": {
            "io.kubernetes.container.name": "service-a",
            "io.kubernetes.pod.name": "a-1",
            "io.kubernetes.pod.namespace": "dev",
            "io.kubernetes.pod.uid": "u1",
        },
        "cpu": {"limit": 2, "quota": 20_000, "period": 100_000},
        "memory": {"limit": 400},
        **{f"has_{part}": part in {"cpu", "memory"} for part in FLAGS},
    }


def test_a_pod_is_the_sum_of_its_containers(here):
    found = stats(here, "/kubepods/podu1")
    assert found["cpu"]["usage"] == {"total": 5_250_000_000, "user": 5_000_000_000, "system": 250_000_000}
    assert found["memory"]["working_set"] == 10 * MEGABYTE
    assert found["memory"]["container_data"] == {"pgfault": 97, "pgmajfault": 3}
    assert entries(here)["/kubepods/podu1"]["spec"]["creation_time"] == "1970-01-01T00:01:00Z"


def test_a_pod_of_which_nothing_runs_uses_nothing(here):
    found = stats(here, "/kubepods/podu2")
    assert found["cpu"]["usage"]["total"] == 0
    assert found["memory"]["working_set"] == 0


def test_what_a_pod_has_used_does_not_fall_when_a_container_is_started_again(here, made_up):
    (pod, _) = here.sampler.inventory.pods
    made_up.add(30, user=0.5)
    again = replace(pod.containers[1], pid=30, restarts=4)
    here.runs(replace(pod, containers=(pod.containers[0], again)))
    assert stats(here, "/kubepods/podu1")["cpu"]["usage"]["total"] == 5_750_000_000
    assert stats(here, "/kubepods/podu1/service-a-4")["cpu"]["usage"]["total"] == 500_000_000


def test_a_pod_is_left_out_when_one_of_its_containers_cannot_be_read(here, made_up):
    del made_up.stats[20]
    here.sampler.sample()
    found = entries(here)
    assert "/kubepods/podu1" not in found
    assert "/kubepods/podu1/service-a-3" in found


def test_the_network_of_a_pod_is_its_sandboxs(here):
    network = stats(here, "/kubepods/podu1/sandbox")["network"]
    expected = {"name": "eth0", "rx_bytes": 30, "rx_packets": 5, "tx_bytes": 300, "tx_packets": 10}
    assert network == expected | {"interfaces": [expected]}
    labels = entries(here)["/kubepods/podu1/sandbox"]["spec"]["labels"]
    assert labels["io.kubernetes.container.name"] == containerinfo.SANDBOX == "POD"


def test_without_sockets_a_pod_has_a_sandbox_that_tells_nothing(here):
    here.sampler.network = None
    found = entries(here)["/kubepods/podu1/sandbox"]
    assert "network" not in found["stats"][0]
    assert found["spec"]["has_network"] is False


def test_mapped_memory_of_a_cgroup_is_not_told(here):
    (pod, _) = here.sampler.inventory.pods
    here.runs(replace(pod, containers=(replace(pod.containers[0], cgroup="/nowhere"), pod.containers[1])))
    assert "mapped_file" not in stats(here, "/kubepods/podu1/istio-proxy-0")["memory"]
    assert "mapped_file" not in stats(here, "/kubepods/podu1")["memory"]
    assert "mapped_file" in stats(here, "/kubepods/podu1/service-a-3")["memory"]


def test_faults_that_are_not_counted_are_not_told(here, made_up):
    made_up.fault_source = ""
    for name in ("/kubepods/podu1", "/kubepods/podu1/service-a-3"):
        assert "container_data" not in stats(here, name)["memory"]


def test_the_machine(here):
    found = machine_info(here.sampler)
    machine = here.sampler.machine
    assert (found["num_cores"], found["memory_capacity"]) == (machine.cores, machine.memory)
    assert entries(here)["/"]["spec"]["memory"] == {"limit": machine.memory}


def test_the_node(here, monkeypatch):
    memory = machine.Memory(1000, 700, 500, 400)
    load = machine.Load(user=2.0, system=1.0, memory=memory, mapped=50, swap=60)
    monkeypatch.setattr(machine, "load", lambda: load)
    monkeypatch.setattr(machine, "faults", lambda: machine.Faults(9, 2))
    monkeypatch.setattr(devices, "interfaces", lambda: [Interface("eth0", *range(1, 9))])
    monkeypatch.setattr(devices, "filesystems", lambda: [Filesystem("/dev/a", "ext4", 100, 60, 30, 8, 4)])
    monkeypatch.setattr(devices, "disks", lambda: [Disk("/dev/a", 1, 2, 3, 4)])
    found = stats(here, "/")
    assert found["cpu"]["usage"]["total"] == 3_000_000_000
    assert found["memory"]["mapped_file"] == 50
    assert found["memory"]["swap"] == 60
    assert found["memory"]["hierarchical_data"] == {"pgfault": 9, "pgmajfault": 2}
    (interface,) = found["network"]["interfaces"]
    assert interface == {
        "name": "eth0",
        "rx_bytes": 1,
        "rx_packets": 2,
        "rx_errors": 3,
        "rx_dropped": 4,
        "tx_bytes": 5,
        "tx_packets": 6,
        "tx_errors": 7,
        "tx_dropped": 8,
    }
    assert found["filesystem"] == [
        {
            "device": "/dev/a",
            "type": "ext4",
            "capacity": 100,
            "usage": 60,
            "available": 30,
            "has_inodes": True,
            "inodes": 8,
            "inodes_free": 4,
        }
    ]
    assert found["diskio"] == {
        "io_service_bytes": [{"device": "/dev/a", "stats": {"Read": 1, "Write": 2, "Total": 3}}],
        "io_serviced": [{"device": "/dev/a", "stats": {"Read": 3, "Write": 4, "Total": 7}}],
    }


def test_what_of_the_node_cannot_be_read_is_left_out(here, monkeypatch):
    def fail():
        raise OSError("no /proc")

    monkeypatch.setattr(machine, "load", fail)
    for name in ("interfaces", "filesystems", "disks"):
        monkeypatch.setattr(devices, name, list)
    assert stats(here, "/").keys() == {"timestamp"}
    assert not any(entries(here)["/"]["spec"][f"has_{part}"] for part in FLAGS)
