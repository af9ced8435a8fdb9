"""Replicas that come and go under load."""

import threading

import httpx
import pytest

from refapp.mesh import configuration


def served(pod):
    """How many requests of the gateway a pod's sidecar has counted."""
    text = httpx.get(f"{pod.metrics.url}/stats/prometheus").text
    lines = [line for line in text.splitlines() if line.startswith("istio_requests_total")]
    return sum(int(line.rsplit(" ", 1)[1]) for line in lines if 'source_workload="rev-proxy"' in line)


@pytest.fixture
def failures(mesh):
    """What has failed of the requests that are made all the while; at least one was made when the test ends."""
    failures, over = [], threading.Event()

    def call():
        with httpx.Client() as client:
            while True:
                response = client.get(mesh.api)
                if not response.is_success:
                    failures.append(response.text)
                if over.is_set():
                    return

    callers = [threading.Thread(target=call) for _ in range(2)]
    for caller in callers:
        caller.start()
    yield failures
    over.set()
    for caller in callers:
        caller.join()


def test_replicas_come_and_go_without_a_failed_request(mesh, failures, eventually):
    first, second = mesh.service, mesh.replica
    try:
        for pods in ([first, second], [second], [second, first]):
            before = {pod.name: served(pod) for pod in pods}
            configuration.write_endpoints(mesh.mesh, "service-a", pods)
            eventually(lambda: all(served(pod) > before[pod.name] for pod in pods))  # noqa: B023 - now
    finally:
        configuration.write_endpoints(mesh.mesh, "service-a", [first])
    settled = served(first)
    eventually(lambda: served(first) > settled)
    assert failures == []
