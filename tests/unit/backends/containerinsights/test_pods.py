import pytest

from refapp.backends.containerinsights.pods import drafts
from refapp.backends.containers.inventory import Container

MIB = 1 << 20
LIMITED = {"cpu_limit": 0.2, "cpu_request": 0.1, "memory_limit": 400 * MIB, "memory_request": 80 * MIB}


def told(found, kind, *, enhanced=True):
    return [members for of, members in drafts(found, enhanced=enhanced) if of == kind]


@pytest.fixture
def after(node, watch):
    """A maker of what is found out ten seconds after pods had used nothing; `used` is of their one container."""

    def after(*pods, **used):
        for one in pods:
            node.pod(one, 0)
        watch.found(*pods)
        node.seconds = 10
        for one in pods:
            node.pod(one, **used)
        return watch.found(*pods)

    return after


def test_a_pod_in_full(after, node, pod):
    found = after(pod(**LIMITED), used=1200, working_set=100 * MIB, received=5000, sent=250, faults=70)
    (members,) = told(found, "Pod", enhanced=False)
    assert members.pop("kubernetes") == {
        "namespace_name": "dev",
        "pod_id": "uid-service-f-1-1",
        "pod_name": "service-f-1-1",
        "pod_owners": [{"owner_kind": "Deployment", "owner_name": "service-f"}],
        "labels": {"app": "service-f", "version": "v1"},
        "service_name": "service-f",
    }
    assert members == {
        "Namespace": "dev",
        "PodName": "service-f",
        "Service": "service-f",
        "pod_cpu_limit": 200,
        "pod_cpu_request": 100,
        "pod_cpu_reserved_capacity": 2.5,
        "pod_cpu_usage_total": 120.0,
        "pod_cpu_usage_user": 80.0,
        "pod_cpu_usage_system": 40.0,
        "pod_cpu_utilization": 3.0,
        "pod_cpu_utilization_over_pod_limit": 60.0,
        "pod_memory_limit": 400 * MIB,
        "pod_memory_request": 80 * MIB,
        "pod_memory_reserved_capacity": pytest.approx(80 * MIB / node.memory * 100),
        "pod_memory_usage": 100 * MIB + 100,
        "pod_memory_working_set": 100 * MIB,
        "pod_memory_rss": 50 * MIB,
        "pod_memory_cache": 10,
        "pod_memory_mapped_file": 5,
        "pod_memory_pgfault": 7.0,
        "pod_memory_pgmajfault": pytest.approx(0.7),
        "pod_memory_hierarchical_pgfault": 7.0,
        "pod_memory_hierarchical_pgmajfault": pytest.approx(0.7),
        "pod_memory_failures_total": pytest.approx(7.7),
        "pod_memory_utilization": pytest.approx(100 * MIB / node.memory * 100),
        "pod_memory_utilization_over_pod_limit": 25.0,
        "pod_network_rx_bytes": 500.0,
        "pod_network_tx_bytes": 25.0,
        "pod_network_total_bytes": 525.0,
        "pod_number_of_containers": 1,
        "pod_number_of_running_containers": 1,
        "pod_number_of_container_restarts": 0,
        "pod_status": "Running",
    }


def test_the_enhanced_event_of_a_pod_tells_more(after, pod):
    found = after(pod(**LIMITED), used=1200)
    (classic,), (enhanced,) = told(found, "Pod", enhanced=False), told(found, "Pod")
    assert classic.items() <= enhanced.items()
    assert {name: enhanced[name] for name in enhanced.keys() - classic.keys()} == {
        "FullPodName": "service-f-1-1",
        "pod_status_ready": 1,
        "pod_status_scheduled": 1,
        "pod_status_running": 1,
        "pod_status_pending": 0,
        "pod_status_failed": 0,
        "pod_status_unknown": 0,
        "pod_status_succeeded": 0,
        "pod_container_status_running": 1,
        "pod_container_status_waiting": 0,
        "pod_container_status_terminated": 0,
        "pod_container_status_waiting_reason_crash_loop_back_off": 0,
        "pod_container_status_terminated_reason_oom_killed": 0,
    }


def test_the_interfaces_of_a_pod(after, pod):
    (members,) = told(after(pod(), used=0, received=5000, sent=250), "PodNet")
    assert members.pop("kubernetes")["pod_name"] == "service-f-1-1"
    assert members == {
        "Namespace": "dev",
        "PodName": "service-f",
        "FullPodName": "service-f-1-1",
        "Service": "service-f",
        "interface": "eth0",
        "pod_interface_network_rx_bytes": 500.0,
        "pod_interface_network_tx_bytes": 25.0,
        "pod_interface_network_total_bytes": 525.0,
    }


def test_a_container(after, node, pod):
    found = after(pod(**LIMITED), used=1200, working_set=100 * MIB)
    (members,) = told(found, "Container")
    assert members.pop("kubernetes")["container_name"] == "service-f"
    assert members["ContainerName"] == "service-f"
    assert members["container_cpu_usage_total"] == 120.0
    assert members["container_cpu_utilization"] == 3.0
    assert members["container_cpu_utilization_over_container_limit"] == 60.0
    assert members["container_memory_utilization"] == pytest.approx(100 * MIB / node.memory * 100)
    assert members["container_memory_utilization_over_container_limit"] == 25.0
    assert (members["container_status"], members["number_of_container_restarts"]) == ("Running", 0)
    assert not {"container_status_reason", "container_last_termination_reason"} & members.keys()
    (classic,) = told(found, "Container", enhanced=False)
    assert members.keys() - classic.keys() == {
        "FullPodName",
        "ContainerName",
        "container_cpu_utilization_over_container_limit",
        "container_memory_utilization_over_container_limit",
    }


def test_what_has_no_limit_has_no_field_for_it(after, pod):
    found = after(pod(), used=1200)
    for (members,) in (told(found, "Pod"), told(found, "Container")):
        assert not {name for name in members if "limit" in name or "request" in name or "reserved" in name}
        assert members["PodName"] == "service-f"


def test_a_pod_has_a_limit_only_if_each_of_its_containers_has_one(after, pod):
    proxy = Container(name="istio-proxy", pid=11, running=True, cpu_request=0.1)
    limited = Container(name="service-f", pid=10, running=True, **LIMITED)
    found = after(pod(containers=(proxy, limited)), used=1200)
    (members,) = told(found, "Pod")
    assert members["pod_cpu_request"] == 200
    assert not {name for name in members if "limit" in name}
    of_containers = {part["ContainerName"]: part for part in told(found, "Container")}
    assert of_containers["service-f"]["container_cpu_limit"] == 200
    assert "container_cpu_limit" not in of_containers["istio-proxy"]


def test_a_container_that_does_not_run(after, pod):
    crashed = Container(name="service-f", reason="OOMKilled", restarts=2, **LIMITED)
    proxy = Container(name="istio-proxy", pid=11, running=True)
    found = after(pod(containers=(proxy, crashed), ready=False), used=1200, working_set=100)
    (members,) = told(found, "Pod")
    assert (members["pod_number_of_containers"], members["pod_number_of_running_containers"]) == (2, 1)
    assert (members["pod_status"], members["pod_status_ready"]) == ("Running", 0)
    assert members["pod_container_status_waiting"] == 1
    assert members["pod_container_status_waiting_reason_crash_loop_back_off"] == 1
    assert members["pod_container_status_terminated_reason_oom_killed"] == 1
    _, container = told(found, "Container")
    assert container["container_status"] == "Waiting"
    assert container["container_status_reason"] == "CrashLoopBackOff"
    assert container["container_last_termination_reason"] == "OOMKilled"
    assert container["container_cpu_limit"] == 200
    assert not {name for name in container if "usage" in name or "utilization" in name or "working_set" in name}


def test_what_a_container_used_before_it_ended_is_not_told_of_it(node, watch, pod):
    runs, ended = pod(), pod(running=False, reason="Error")
    node.pod(runs, 100, working_set=50)
    found = watch.found(ended)
    (members,) = told(found, "Container")
    assert "container_memory_working_set" not in members


def test_a_container_that_is_being_created(watch, pod):
    (members,) = told(watch.found(pod(running=False, ready=False)), "Container")
    assert members["container_status_reason"] == "ContainerCreating"
    (members,) = told(watch.found(pod(running=False, ready=False)), "Pod")
    assert (members["pod_status"], members["pod_status_pending"], members["pod_status_running"]) == ("Pending", 1, 0)


def test_restarts_are_those_of_the_period(watch, pod):
    def restarts(count):
        found = watch.found(pod(restarts=count))
        (of_pod,), (of_container,) = told(found, "Pod"), told(found, "Container")
        names = "pod_number_of_container_restarts", "number_of_container_restarts"
        return of_pod.get(names[0]), of_container.get(names[1])

    assert [restarts(count) for count in (3, 3, 5, 6)] == [(None, None), (0, 0), (2, 2), (1, 1)]


def test_restarts_of_all_containers_are_the_pods(watch, pod):
    def containers(one, other):
        return (
            Container(name="a", pid=1, running=True, restarts=one),
            Container(name="b", pid=2, running=True, restarts=other),
        )

    watch.found(pod(containers=containers(1, 5)))
    (members,) = told(watch.found(pod(containers=containers(2, 8))), "Pod")
    assert members["pod_number_of_container_restarts"] == 4


def test_a_pod_without_a_service(watch, pod):
    (members,) = told(watch.found(pod(service="", namespace="kube-system")), "Pod")
    assert "Service" not in members
    assert "service_name" not in members["kubernetes"]
    assert members["Namespace"] == members["kubernetes"]["namespace_name"] == "kube-system"


def test_a_pod_that_is_not_measured_is_told_of_all_the_same(watch, pod):
    (members,) = told(watch.found(pod(**LIMITED)), "Pod")
    assert members["pod_cpu_limit"] == 200
    assert not {name for name in members if "usage" in name or "utilization" in name or "network" in name}


def test_a_pod_that_took_anothers_place_has_its_own_numbers(node, watch, pod):
    node.pod(pod(uid="old"), 100, working_set=50)
    (members,) = told(watch.found(pod(uid="new")), "Pod")
    assert "pod_memory_working_set" not in members


def test_an_evicted_pod_has_failed(watch, pod):
    (members,) = told(watch.found(pod(reason="Evicted", running=False)), "Pod")
    assert (members["pod_status"], members["pod_status_failed"]) == ("Failed", 1)


def test_a_node_that_tells_nothing_has_no_events(silent, pod):
    assert list(drafts(silent.found(pod()), enhanced=True)) == []
