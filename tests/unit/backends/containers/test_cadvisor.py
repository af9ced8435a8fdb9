import shutil
import subprocess
from dataclasses import replace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from refapp.backends.containers.cadvisor import cpu_quota, cpu_shares
from refapp.backends.containers.cadvisor import families as collect
from refapp.backends.containers.inventory import Container, Pod
from refapp.backends.containers.processes import Disk, Resident
from refapp.backends.containers.server import Exposition
from refapp.backends.containers.sockets import TcpSocket

LIMIT = 400 << 20


class Table:
    """Two sockets of process 10."""

    def connections(self):
        return [TcpSocket(1, 11, 100, 10, 4, 2), TcpSocket(2, 12, 200, 20, 6, 3)]


@pytest.fixture
def here(made_up, node):
    """A node with a pod of two containers, one of them with a child."""
    made_up.add(10, user=1.0)
    made_up.add(11, 10, user=2.0)
    made_up.add(20, user=4.0)
    made_up.disks[10] = Disk(1000, 2000)
    made_up.shares[20] = Resident(5 << 20, 3 << 20)
    made_up.opened[10] = {11, 12}
    here = node(kernel=made_up)
    here.sampler = type(here.sampler)(here.sampler.file, kernel=made_up, sockets=Table())
    containers = (
        Container(name="istio-proxy", pid=20, running=True, memory_limit=LIMIT, started=9.0),
        Container(
            name="service-a",
            image="refapp/service-a",
            pid=10,
            running=True,
            restarts=3,
            memory_limit=LIMIT,
            cpu_limit=0.2,
            cpu_request=0.005,
        ),
    )
    here.runs(Pod(name="a-1", workload="service-a", uid="u1", containers=containers))
    return here


def text(here):
    return Exposition(lambda: collect(here.sampler)).text().decode()


def samples(here):
    return [sample for family in text_string_to_metric_families(text(here)) for sample in family.samples]


def value(here, name, **labels):
    found = [entry for entry in samples(here) if entry.name == name and labels.items() <= entry.labels.items()]
    assert len(found) == 1, found
    return found[0].value


def test_the_labels_are_those_of_a_kubelet(here):
    (found,) = [s for s in samples(here) if s.name == "container_processes" and s.labels["container"] == "service-a"]
    assert found.labels == {
        "container": "service-a",
        "id": "/kubepods/podu1/service-a-3",
        "image": "refapp/service-a",
        "name": "k8s_service-a_a-1_dev_u1_3",
        "namespace": "dev",
        "pod": "a-1",
    }


@pytest.mark.parametrize(
    ("name", "container", "expected"),
    [
        ("container_cpu_usage_seconds_total", "service-a", 3.0),
        ("container_cpu_user_seconds_total", "service-a", 3.0),
        ("container_cpu_system_seconds_total", "service-a", 0.0),
        ("container_memory_working_set_bytes", "istio-proxy", 8 << 20),
        ("container_memory_usage_bytes", "istio-proxy", 8 << 20),
        ("container_memory_rss", "istio-proxy", 5 << 20),
        ("container_memory_cache", "istio-proxy", 3 << 20),
        ("container_fs_reads_bytes_total", "service-a", 1000),
        ("container_fs_writes_bytes_total", "service-a", 2000),
        ("container_processes", "service-a", 2),
        ("container_threads", "service-a", 2),
        ("container_file_descriptors", "service-a", 6),
        ("container_start_time_seconds", "istio-proxy", 9.0),
        ("container_oom_events_total", "service-a", 0),
        ("container_spec_memory_limit_bytes", "service-a", LIMIT),
        ("container_spec_cpu_period", "service-a", 100_000),
        ("container_spec_cpu_quota", "service-a", 20_000),
        ("container_spec_cpu_shares", "service-a", 5),
        ("container_network_transmit_bytes_total", "POD", 300),
        ("container_network_receive_bytes_total", "POD", 30),
        ("container_network_transmit_packets_total", "POD", 10),
        ("container_network_receive_packets_total", "POD", 5),
    ],
)
def test_values(here, name, container, expected):
    assert value(here, name, container=container) == expected


def test_a_container_is_seen_when_it_is_sampled(here):
    assert value(here, "container_last_seen", container="service-a") == here.sampler.taken


def test_sums_by_pod_count_nothing_twice(here):
    def total(name):
        return sum(sample.value for sample in samples(here) if sample.name == name and sample.labels["pod"] == "a-1")

    assert total("container_spec_memory_limit_bytes") == 2 * LIMIT
    assert total("container_cpu_usage_seconds_total") == 7.0
    assert total("container_memory_working_set_bytes") == 8 << 20


def test_the_node_is_the_root(here):
    load = here.sampler.load
    assert value(here, "container_cpu_usage_seconds_total", id="/") == load.user + load.system
    assert value(here, "container_memory_working_set_bytes", id="/") == load.memory.working_set
    roots = [sample.labels for sample in samples(here) if sample.labels.get("id") == "/"]
    assert roots
    assert all(labels[name] == "" for labels in roots for name in ("container", "namespace", "pod", "image", "name"))


def test_the_machine(here):
    machine = here.sampler.machine
    assert value(here, "machine_memory_bytes") == machine.memory
    assert value(here, "machine_cpu_cores") == machine.cores
    assert value(here, "machine_cpu_physical_cores") == machine.physical_cores
    assert value(here, "machine_scrape_error") == 0
    here.sampler.load = None
    assert value(here, "machine_scrape_error") == 1


def test_help_names_the_source(here, made_up):
    made_up.memory_source = "what somebody said"
    assert "otherwise what somebody said." in text(here)
    assert "sock_diag" in text(here)
    assert "{" not in "".join(line for line in text(here).splitlines() if line.startswith("# HELP"))


def test_what_a_system_does_not_tell_is_left_out(here, made_up):
    made_up.disk_source = ""
    here.sampler.network = None
    assert "container_fs_" not in text(here)
    assert "container_network_" not in text(here)


def test_a_container_that_was_started_again_is_another(here):
    (pod,) = here.sampler.inventory.pods
    again = replace(pod.containers[1], restarts=4)
    here.runs(replace(pod, containers=(pod.containers[0], again)))
    names = {s.labels["name"] for s in samples(here) if s.labels.get("container") == "service-a"}
    assert names == {"k8s_service-a_a-1_dev_u1_4"}


def test_series_are_unique(here):
    found = [(sample.name, *sorted(sample.labels.items())) for sample in samples(here)]
    assert len(found) == len(set(found))


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_promtool_finds_no_fault(here):
    found = subprocess.run(
        ["promtool", "check", "metrics"], input=text(here), capture_output=True, text=True, check=False
    )
    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")


@pytest.mark.parametrize(("limit", "quota"), [(None, None), (0.2, 20_000), (2, 200_000), (0.001, 1000)])
def test_a_limit_of_cpu_is_a_quota(limit, quota):
    assert cpu_quota(Container(name="c", cpu_limit=limit)) == quota


@pytest.mark.parametrize(("request_", "shares"), [(None, 2), (0.001, 2), (0.25, 256), (1, 1024)])
def test_a_request_for_cpu_is_a_weight(request_, shares):
    assert cpu_shares(Container(name="c", cpu_request=request_)) == shares
