"""What callers notice of a replica that fails, hangs or is not there, and how much may be under way."""

import re
import socket
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import grpc
import httpx
import pytest

from refapp.deploy.local.ports import Ports
from refapp.mesh import MONGODB, Address, configuration
from refapp.mesh.envoy.outbound import CIRCUIT_BREAKER, OUTLIER_DETECTION
from refapp.mesh.envoy.routes import RETRIES, TIMEOUT
from refapp.pb.greeting.v3 import greeting_pb2, greeting_pb2_grpc


def counted(mesh, pod=None):
    """What a sidecar, that of the gateway unless said otherwise, has counted of its cluster of callees."""
    metrics = (pod or mesh.gateway).metrics
    text = httpx.get(f"{metrics.url}/stats/prometheus").text
    found = re.finditer(
        r'^envoy_cluster_(\w+){envoy_cluster_name="(?:outbound_service-a|inbound.*)"} (\d+)$', text, re.MULTILINE
    )
    return Counter({match[1]: int(match[2]) for match in found})  # it names what it has used


@pytest.fixture
def another(mesh, eventually):
    """Starts a further replica of the service, whose sidecar stands before an application of the test's."""

    def start(application):
        pod = _replica(mesh, application)
        configuration.write_sidecar(mesh.mesh, pod)
        mesh.start(pod.name)
        eventually(lambda: _is_ready(pod))
        return pod

    return start


def _is_ready(pod):
    try:
        return httpx.get(f"{pod.metrics.url}/ready").is_success
    except httpx.TransportError:
        return False


def _replica(mesh, application):
    ports = Ports()
    inbound, metrics, store = (Address("127.0.0.1", ports.take()) for _ in range(3))
    return replace(
        mesh.service,
        name=f"service-a-{uuid.uuid4().hex[:8]}",
        application=application,
        inbound=inbound,
        metrics=metrics,
        outbound={MONGODB: store},
    )


@pytest.fixture
def replicas(mesh, eventually):
    """Sets which replicas the gateway's sidecar calls, and waits until it does; in the end the one of the mesh."""

    def use(*pods):
        before = counted(mesh)["update_success"]
        configuration.write_endpoints(mesh.mesh, "service-a", pods)
        eventually(lambda: counted(mesh)["update_success"] > before)
        eventually(lambda: counted(mesh)["membership_total"] == len(pods))

    yield use
    use(mesh.service)


@pytest.fixture
def nowhere():
    """An address where nobody listens: the socket that is bound to it does not."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield Address(*bound.getsockname())


@pytest.fixture
def hanging():
    """An application that lets callers connect, and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield Address(*server.getsockname())


class Unavailable(greeting_pb2_grpc.GreetingServiceServicer):
    """Passes on that somebody else is not there."""

    def Greeting(self, _, context):  # noqa: N802 - its name in the proto
        context.abort(grpc.StatusCode.UNAVAILABLE, "somebody deeper in the chain")


@pytest.fixture
def unavailable():
    """An application whose every answer is UNAVAILABLE."""
    server = grpc.server(ThreadPoolExecutor(1))
    greeting_pb2_grpc.add_GreetingServiceServicer_to_server(Unavailable(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield Address("127.0.0.1", port)
    server.stop(None).wait()


@pytest.fixture
def call(mesh):
    """Calls Service A as the gateway does, through its sidecar, and gives the future of the answer."""
    address = mesh.gateway.outbound["service-a"]
    # Several connections, as each carries a limited number of calls at a time.
    options = [("grpc.use_local_subchannel_pool", 1)]
    channels = [grpc.insecure_channel(str(address), options) for _ in range(16)]
    stubs = [greeting_pb2_grpc.GreetingServiceStub(channel) for channel in channels]

    def call(number=0):
        return stubs[number % len(stubs)].Greeting.future(greeting_pb2.GreetingRequest())

    yield call
    for channel in channels:
        channel.close()


@pytest.mark.parametrize("application", ["nowhere", "unavailable"])
def test_a_replica_that_cannot_serve_gets_no_calls_for_a_while(
    mesh, replicas, another, call, eventually, request, application
):
    replicas(mesh.service, another(request.getfixturevalue(application)))
    retried = counted(mesh)["upstream_rq_retry"]
    failed = 0

    def ejected():
        return counted(mesh)["outlier_detection_ejections_active"] == 1

    def call_until_ejected():
        nonlocal failed
        failed += call().code() is grpc.StatusCode.UNAVAILABLE
        return ejected()

    eventually(call_until_ejected)
    assert failed >= OUTLIER_DETECTION["consecutive_gateway_failure"]
    # The ejection reaches the thread that calls within a second: Envoy merges changes of a cluster's members.
    eventually(lambda: all(call().code() is grpc.StatusCode.OK for _ in range(20)))
    assert counted(mesh)["upstream_rq_retry"] == retried  # the application may have done what it was called for


def test_the_only_replica_gets_all_calls_whatever_it_answers(mesh, replicas, another, call, unavailable):
    replicas(another(unavailable))
    calls = 3 * OUTLIER_DETECTION["consecutive_gateway_failure"]
    answers = {(answer.code(), answer.details()) for answer in [call() for _ in range(calls)]}
    assert answers == {(grpc.StatusCode.UNAVAILABLE, "somebody deeper in the chain")}
    assert counted(mesh)["outlier_detection_ejections_active"] == 0


def test_a_call_that_reached_nobody_is_made_again_elsewhere(mesh, replicas, call, eventually, nowhere):
    gone = replace(mesh.service, name="service-a-gone", inbound=nowhere)
    replicas(mesh.service, gone)
    before = counted(mesh)["upstream_rq_retry_success"]

    def call_until_repeated():
        assert call().code() is grpc.StatusCode.OK
        return counted(mesh)["upstream_rq_retry_success"] > before

    eventually(call_until_repeated)


def test_a_call_that_reaches_nobody_is_made_three_times(mesh, replicas, call, nowhere):
    replicas(replace(mesh.service, name="service-a-gone", inbound=nowhere))
    before = counted(mesh)["upstream_rq_retry"]
    answer = call()
    assert answer.code() is grpc.StatusCode.UNAVAILABLE
    assert counted(mesh)["upstream_rq_retry"] - before == RETRIES["num_retries"]


def test_calls_have_a_limit_in_number_and_in_time(mesh, replicas, another, call, eventually, hanging):
    replicas(another(hanging))
    most, excess = CIRCUIT_BREAKER["max_requests"], 50
    waiting = [call()]
    eventually(lambda: counted(mesh)["upstream_rq_active"] == 1)
    waiting += [call(number) for number in range(1, most)]
    eventually(lambda: counted(mesh)["upstream_rq_active"] == most)
    for refused in [call(number) for number in range(excess)]:
        assert refused.code() is grpc.StatusCode.UNAVAILABLE
        assert "overflow" in refused.details()
    timed_out = counted(mesh)["upstream_rq_timeout"]
    assert not any(one.done() for one in waiting)
    assert waiting[0].exception(timeout=2 * float(TIMEOUT.rstrip("s"))).details() == "upstream request timeout"
    assert counted(mesh)["upstream_rq_timeout"] > timed_out
