"""What becomes of requests when a part of the platform fails, and of the part."""

import itertools
import threading
from collections import Counter

import httpx
import pytest

from refapp.topology import REFERENCE


def pod_of(platform, workload):
    return next(pod for pod in platform.status().pods if pod.workload == workload)


def path_to(workload):
    """The hops from the gateway to a workload."""
    path = [workload]
    while callers := REFERENCE.callers(path[0]):
        path.insert(0, callers[0])
    return path


class Clients(threading.Thread):
    """Sends one request after the other until told to stop, and keeps the answers."""

    def __init__(self, url):
        super().__init__(daemon=True)
        self._url = url
        self._told = threading.Event()
        self.answers = []

    def run(self):
        with httpx.Client(timeout=30) as client:
            while not self._told.is_set():
                try:
                    self.answers.append(client.get(self._url))
                except httpx.TransportError as error:
                    self.answers.append(error)

    def stop(self):
        self._told.set()
        self.join()
        return self.answers

    @property
    def succeeded(self):
        return sum(1 for answer in list(self.answers) if isinstance(answer, httpx.Response) and answer.is_success)


@pytest.fixture
def clients(platform):
    threads = [Clients(platform.api) for _ in range(4)]
    for thread in threads:
        thread.start()
    yield threads
    for thread in threads:
        thread.stop()


@pytest.mark.parametrize("workload", REFERENCE.answer)
def test_a_hanging_service_is_named_by_the_error(platform, workload):
    platform.kill(pod_of(platform, workload).name, "SIGSTOP")
    response = httpx.get(platform.api, headers={"Grpc-Timeout": "300m"}, timeout=30)
    assert response.status_code == 504
    hops = path_to(workload)
    # Which of the hops on the way notices first that the time is over is a race; each names the next one.
    named = [f"{caller} → {callee}" for caller, callee in itertools.pairwise(hops)]
    assert response.json()["message"].startswith(named[0])
    assert any(hop in response.json()["message"] for hop in named)


@pytest.mark.parametrize("workload", [workload.name for workload in REFERENCE])
def test_a_service_killed_under_load_comes_back_alone(platform, clients, eventually, workload):
    before = {pod.name: pod.restarts for pod in platform.status().pods}
    victim = pod_of(platform, workload).name
    eventually(lambda: all(thread.succeeded for thread in clients))
    platform.kill(victim)
    eventually(lambda: pod_of(platform, workload).restarts == before[victim] + 1)
    eventually(lambda: pod_of(platform, workload).ready)
    seen = [thread.succeeded for thread in clients]
    eventually(lambda: all(thread.succeeded > count for thread, count in zip(clients, seen, strict=True)))
    answers = [answer for thread in clients for answer in thread.stop()]
    failed = [answer for answer in answers if isinstance(answer, httpx.Response) and not answer.is_success]
    assert {answer.status_code for answer in failed} <= {503}
    if workload != REFERENCE.gateway.name:
        assert not [answer for answer in answers if not isinstance(answer, httpx.Response)]
        assert all(workload in answer.json()["message"] for answer in failed)
    after = {pod.name: pod.restarts for pod in platform.status().pods}
    assert after == before | {victim: before[victim] + 1}


@pytest.mark.parametrize(("store", "users"), [("mongodb", "service-c"), ("rabbitmq", "service-d")])
def test_a_store_killed_and_back(platform, clients, eventually, store, users):
    before = {pod.name: pod.restarts for pod in platform.status().pods}
    victim = pod_of(platform, store).name
    eventually(lambda: all(thread.succeeded for thread in clients))
    platform.kill(victim)

    def failures():
        return [a for thread in clients for a in list(thread.answers) if isinstance(a, httpx.Response) and a.is_error]

    messages = [answer.json()["message"] for answer in eventually(failures)]
    assert any(f"{users} → {store}" in message for message in messages) or store == "mongodb"
    assert all(store in message for message in messages)
    eventually(lambda: pod_of(platform, store).ready)
    seen = [thread.succeeded for thread in clients]
    eventually(lambda: all(thread.succeeded > count for thread, count in zip(clients, seen, strict=True)))
    after = {pod.name: pod.restarts for pod in platform.status().pods}
    assert after == before | {victim: before[victim] + 1}


@pytest.mark.parametrize("victim", [None, "rabbitmq", "mongodb", "service-d", "service-f"])
def test_every_accepted_greeting_is_stored_once(platform, clients, eventually, victim):
    eventually(lambda: all(thread.succeeded for thread in clients))
    if victim:
        pod = pod_of(platform, victim)
        platform.kill(pod.name)
        eventually(lambda: pod_of(platform, victim).restarts > pod.restarts and pod_of(platform, victim).ready)
    seen = [thread.succeeded for thread in clients]
    eventually(lambda: all(thread.succeeded > count for thread, count in zip(clients, seen, strict=True)))
    answers = [answer for thread in clients for answer in thread.stop()]
    accepted = [
        greeting["id"]
        for answer in answers
        if isinstance(answer, httpx.Response) and answer.is_success
        for greeting in answer.json()["greeting"]
        if greeting["service"] == "Service D"
    ]
    assert len(accepted) == len(set(accepted)) > 0

    def stored():
        return Counter(platform.documents.frame("service-f", limit=1_000_000)["_id"])

    eventually(lambda: set(accepted) <= set(stored()))
    assert set(stored().values()) == {1}
    assert platform.queues.frame().set_index("queue").loc["service-d.greeting.dead-letter", "ready"] == 0


def test_count_of_accepted_greetings_equals_the_documents(platform, eventually):
    def documents():
        counts = platform.documents.counts().set_index("workload")["documents"]
        return int(counts["service-f"])

    def backlog():
        queue = platform.queues.frame().set_index("queue").loc["service-d.greeting"]
        return int(queue["ready"] + queue["unacknowledged"])

    eventually(lambda: backlog() == 0)
    before = documents()
    report = platform.load(users=15, duration=3)
    assert report.failed == 0
    eventually(lambda: documents() - before == report.requests)


def test_a_stressed_pod_is_seen_by_prometheus(platform):
    pod = pod_of(platform, "service-g").name
    used = f'container_memory_working_set_bytes{{pod="{pod}", container="service-g"}} / 1024^2'
    cores = f'rate(container_cpu_usage_seconds_total{{pod="{pod}", container="service-g"}}[8s])'
    before = platform.metrics.wait(used)["value"].iloc[0]
    with platform.stress(pod, memory_mb=60, cpus=0.2):
        platform.metrics.wait(used, lambda frame: frame["value"].iloc[0] > before + 50)
        platform.metrics.wait(cores, lambda frame: len(frame) and frame["value"].iloc[0] > 0.1)
    platform.metrics.wait(used, lambda frame: frame["value"].iloc[0] < before + 25)


def test_a_leak_takes_a_pod_down_again_and_again_until_it_ends(platform, eventually):
    pod = pod_of(platform, "service-g")
    limit = platform.topology["service-g"].resources.memory_limit / 1024**2

    def restarts():
        return next(one.restarts for one in platform.status().pods if one.name == pod.name)

    with platform.stress(pod.name, memory_mb=limit):
        eventually(lambda: restarts() >= pod.restarts + 2)
        killed = f'kube_pod_container_status_last_terminated_reason{{pod="{pod.name}", reason="OOMKilled"}}'
        platform.metrics.wait(killed, lambda frame: list(frame["value"]) == [1])
    eventually(lambda: pod_of(platform, "service-g").ready)


def test_a_stress_of_a_pod_that_goes_away_ends_with_it(platform):
    platform.scale("service-e", 2)
    pod = next(pod for pod in reversed(platform.status().pods) if pod.workload == "service-e")
    with platform.stress(pod.name, memory_mb=20):
        platform.scale("service-e", 1)
    assert pod.name not in {one.name for one in platform.status().pods}
