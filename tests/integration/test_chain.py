"""One request through all services, and many at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import httpx
import pytest

from refapp.mesh.identity import INGRESS


def ask(platform, **headers):
    response = httpx.get(platform.api, headers=headers, timeout=30)
    response.raise_for_status()
    return response.json()["greeting"]


@pytest.fixture
def expected(platform):
    return [platform.topology[name] for name in platform.topology.answer]


def test_greetings_come_in_the_topology_s_order(platform, expected):
    greetings = ask(platform)
    assert [greeting["service"] for greeting in greetings] == [workload.title for workload in expected]
    assert [greeting["message"] for greeting in greetings] == [workload.greeting for workload in expected]


def test_each_greeting_is_its_own(platform, expected):
    greetings = ask(platform)
    assert len({greeting["id"] for greeting in greetings}) == len(expected)
    pods = {pod.name: pod.workload for pod in platform.status().pods}
    assert [pods[greeting["hostname"]] for greeting in greetings] == [workload.name for workload in expected]
    assert all(datetime.fromisoformat(greeting["created"]).tzinfo for greeting in greetings)


def test_concurrent_requests_do_not_see_each_other(platform, expected):
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: ask(platform), range(50)))
    for greetings in answers:
        assert [greeting["service"] for greeting in greetings] == [workload.title for workload in expected]
    ids = [greeting["id"] for greetings in answers for greeting in greetings]
    assert len(set(ids)) == 50 * len(expected)


def test_each_database_gets_the_greeting_that_was_sent(platform, eventually):
    greetings = {greeting["service"]: greeting for greeting in ask(platform)}
    senders = {"service-c": "Service A", "service-f": "Service D", "service-g": "Service E", "service-h": "Service E"}
    for workload, sender in senders.items():
        sent = greetings[sender]

        def document(workload=workload, sent=sent):
            return [row for row in platform.documents.frame(workload).to_dict("records") if row["_id"] == sent["id"]]

        (stored,) = eventually(document)
        assert {key: stored[key] for key in ("service", "message", "created", "hostname")} == {
            key: sent[key] for key in ("service", "message", "created", "hostname")
        }


def test_headers_reach_every_service(platform, eventually):
    sent = {
        "x-request-id": "request-of-this-test",
        "x-b3-traceid": "463ac35c9f6413ad48485a3953bb6124",
        "x-b3-spanid": "0020000000000001",
        "x-b3-sampled": "1",
    }
    ask(platform, **sent)
    expected = {INGRESS, platform.topology.gateway.name, *platform.topology.answer}

    def logged():
        lines = platform.logs.lines(contains=sent["x-request-id"])
        return {line.workload for line in lines if line.fields.get("trace_id") == sent["x-b3-traceid"]}

    eventually(lambda: logged() == expected)


def test_deadline_of_the_caller_travels_down_the_chain(platform):
    workload = next(pod for pod in platform.status().pods if pod.workload == "service-g")
    platform.kill(workload.name, "SIGSTOP")
    response = httpx.get(platform.api, headers={"Grpc-Timeout": "500m"}, timeout=30)
    assert response.status_code == 504
    assert response.json()["code"] == 4
