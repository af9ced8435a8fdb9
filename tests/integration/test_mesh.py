"""The mesh of the whole platform: replicas, faults, stores and sidecars that die."""

import re
import time
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
import pytest

from refapp.deploy.errors import DeployError
from refapp.deploy.local import orphans
from refapp.deploy.local.options import Options
from refapp.mesh.identity import INGRESS


def samples(pod, name):
    """The samples of a metric at the sidecar of a pod: labels and value."""
    text = httpx.get(f"http://127.0.0.1:{pod.ports['metrics']}/stats/prometheus").text
    found = (re.fullmatch(rf"{name}{{(.*)}} ([0-9.e+]+)", line) for line in text.splitlines())
    return [(dict(re.findall(r'(\w+)="(.*?)"', match[1])), float(match[2])) for match in found if match]


@pytest.fixture
def one_of_each(platform):
    """The platform, in the end with one pod of each workload again."""
    yield platform
    for workload in platform.topology:
        platform.scale(workload.name, 1)


def test_scaling_under_load_loses_no_request(one_of_each, loaded, pods_of, eventually):
    platform = one_of_each
    with loaded(platform, users=4) as reports:
        platform.scale("service-b", 3)
        added = [pod for pod in pods_of(platform, "service-b") if pod.ports["mtls"]][1:]
        served = [lambda pod=pod: sum(value for _, value in samples(pod, "istio_requests_total")) for pod in added]
        eventually(lambda: all(count() > 0 for count in served))
        platform.scale("service-b", 1)
        platform.scale("rev-proxy", 2)
        platform.scale("rev-proxy", 1)
    assert all(report.requests > 0 for report in reports)
    assert [report.errors for report in reports] == [{}] * len(reports)
    assert len(pods_of(platform, "service-b")) == 1


@pytest.mark.parametrize(
    ("workload", "replicas", "message"),
    [
        ("service-z", 2, "no workload named 'service-z'"),
        ("service-a", 0, "service-a can have 1 to 20 replicas on one machine, not 0"),
        ("mongodb", 2, "no workload named 'mongodb'"),
    ],
)
def test_impossible_scale(platform, workload, replicas, message):
    with pytest.raises(DeployError, match=message):
        platform.scale(workload, replicas)


def test_a_delay_befalls_one_call_and_ends(platform):
    with platform.fault("service-b", "service-e", delay=0.5):
        before = time.monotonic()
        assert httpx.get(platform.api).is_success
        assert time.monotonic() - before >= 0.5
        assert platform.logs.lines(workload="service-e", contains="greeting served")
    before = time.monotonic()
    assert httpx.get(platform.api).is_success
    assert time.monotonic() - before < 0.5


def test_an_abort_names_its_hop(platform):
    with platform.fault("service-e", "service-h", grpc_status=14):
        response = httpx.get(platform.api)
    assert response.status_code == 503
    assert "service-e → service-h" in response.json()["message"]
    assert httpx.get(platform.api).is_success


def test_a_fault_at_the_edge(platform):
    with platform.fault(INGRESS, "rev-proxy", http_status=418):
        assert httpx.get(platform.api).status_code == 418
    assert httpx.get(platform.api).is_success


def test_a_call_that_nobody_makes_gets_no_fault(platform):
    with (
        pytest.raises(DeployError, match="service-a does not call service-h; the calls are istio-ingressgateway → rev"),
        platform.fault("service-a", "service-h", delay=1),
    ):
        pass


@pytest.mark.parametrize(("workload", "store"), [("service-c", "mongodb"), ("service-d", "rabbitmq")])
def test_stores_are_reached_through_the_sidecar(platform, eventually, workload, store, pods_of):
    (pod,) = pods_of(platform, workload)

    def sent():
        tags = [(tags, value) for tags, value in samples(pod, "istio_tcp_sent_bytes_total")]
        return sum(value for tags, value in tags if tags["destination_service_name"] == store)

    def opened():
        found = samples(pod, "istio_tcp_connections_opened_total")
        return sum(value for tags, value in found if tags["destination_service_name"] == store)

    before = sent()
    assert opened() > 0
    httpx.get(platform.api).raise_for_status()
    eventually(lambda: sent() > before)


def test_a_sidecar_that_dies_comes_back(platform, eventually, pods_of):
    (pod,) = pods_of(platform, "service-g")
    platform_id = platform._target.run.read_state()["platform"]
    (envoy,) = (
        process
        for process in orphans.processes(platform_id)
        if any(f"/{pod.name}.json" in argument for argument in process.cmdline())
    )
    envoy.kill()
    psutil.wait_procs([envoy], timeout=10)
    eventually(lambda: pods_of(platform, "service-g")[0].restarts > pod.restarts)
    eventually(lambda: httpx.get(platform.api).is_success)


def test_the_metrics_of_a_call_are_told_by_both_of_its_sidecars(platform, eventually, pods_of):
    (caller,), (callee,) = pods_of(platform, "service-a"), pods_of(platform, "service-b")

    def counts():
        source = [
            value
            for tags, value in samples(caller, "istio_requests_total")
            if (tags["reporter"], tags["destination_workload"], tags["response_code"]) == ("source", "service-b", "200")
        ]
        destination = [
            value
            for tags, value in samples(callee, "istio_requests_total")
            if (tags["reporter"], tags["source_workload"], tags["response_code"]) == ("destination", "service-a", "200")
        ]
        return sum(source), sum(destination)

    before = counts()
    for _ in range(3):
        httpx.get(platform.api).raise_for_status()
    eventually(lambda: [after - first for after, first in zip(counts(), before, strict=True)] == [3, 3])


def inotify_instances(pid):
    found = 0
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            found += "inotify" in str(link.readlink())
    return found


def test_as_many_files_are_watched_as_a_start_makes_sure_of(platform, monkeypatch):
    needed = []
    monkeypatch.setattr("refapp.deploy.local.watches.check", needed.append)
    Options().check(platform.topology)
    processes = orphans.processes(platform._target.run.read_state()["platform"])
    assert [sum(inotify_instances(process.pid) for process in processes)] == needed
