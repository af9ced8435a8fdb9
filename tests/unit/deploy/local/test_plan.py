from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from refapp.deploy.errors import DeployError
from refapp.deploy.local.options import Options
from refapp.deploy.local.plan import Planner
from refapp.deploy.local.rundir import RunDirectory
from refapp.deploy.local.specs import Tier
from refapp.services.settings import GatewaySettings, Settings
from refapp.services.ui.settings import UISettings
from refapp.topology import REFERENCE, Kind, Topology, Workload

_READERS = {Kind.UI: UISettings, Kind.GATEWAY: GatewaySettings, Kind.SERVICE: Settings}


def planner(tmp_path, topology=REFERENCE, **options):
    run = RunDirectory(tmp_path)
    run.clear()
    return Planner(topology, Options(**options), run)


def plan(tmp_path, topology=REFERENCE, **options):
    return planner(tmp_path, topology, **options).plan()


def settings(plan, workload):
    """What the process of a workload reads from the environment that it is given."""
    (pod, *_) = (pod for pod in plan.pods if pod.workload == workload)
    container = pod.containers[-1]
    return _READERS[REFERENCE[workload].kind].from_environ(container.env)


def test_every_workload_and_store_has_a_pod(tmp_path):
    workloads = [pod.workload for pod in plan(tmp_path).pods]
    stores, watchers = ["mongodb", "rabbitmq", "tracing"], ["prometheus", "alertmanager", "kubelet", "slack-inbox"]
    others = [*stores, *watchers, "aws", "fluent-bit", "cloudwatch-agent", "istio-ingressgateway"]
    assert sorted(workloads) == sorted([*(workload.name for workload in REFERENCE), *others])


def test_the_user_interface_is_told_whom_it_draws_and_whom_it_asks(tmp_path):
    planned = plan(tmp_path)
    told = settings(planned, "angular-ui")
    assert [(one.name, one.calls) for one in told.workloads] == [
        (workload.name, workload.calls) for workload in REFERENCE if workload.kind is not Kind.UI
    ]
    assert (told.jaeger, told.prometheus) == (planned.urls["jaeger"], planned.urls["prometheus"])
    assert told.server_log_level == "INFO"
    assert planned.urls["ui"] == f"{planned.urls['ingress']}/"


def test_the_user_interface_asks_the_servers_that_a_user_names(tmp_path):
    named = {"zipkin": "http://127.0.0.1:9", "jaeger": "http://127.0.0.1:8", "prometheus": "http://127.0.0.1:7"}
    told = settings(plan(tmp_path, **named), "angular-ui")
    assert (told.jaeger, told.prometheus) == (named["jaeger"], named["prometheus"])


def test_a_platform_without_a_user_interface_has_no_address_of_it(tmp_path):
    planned = plan(tmp_path, Options(ui=False).chosen(REFERENCE))
    assert "ui" not in planned.urls
    assert "angular-ui" not in {pod.workload for pod in planned.pods}


def test_cloudwatch_adds_what_stands_for_it_and_what_sends_to_it(tmp_path):
    without = {pod.workload for pod in plan(tmp_path, cloudwatch=False).pods}
    planned = plan(tmp_path)
    assert {pod.workload for pod in planned.pods} - without == {"aws", "fluent-bit", "cloudwatch-agent"}
    ports = {pod.workload: pod.containers[0].port for pod in planned.pods}
    assert planned.urls["aws"] == f"http://127.0.0.1:{ports['aws']}"
    assert planned.urls["shipper"] == f"http://127.0.0.1:{ports['fluent-bit']}"


def test_every_workload_has_a_sidecar_that_starts_first(tmp_path):
    planned = plan(tmp_path)
    containers = {pod.workload: [container.name for container in pod.containers] for pod in planned.pods}
    assert all(containers[workload.name] == ["istio-proxy", workload.name] for workload in REFERENCE)
    assert all(planned.mesh.bootstrap(pod.name).exists() for pod in planned.pods if pod.addresses)


def test_a_pod_calls_its_own_sidecar(tmp_path):
    planned = plan(tmp_path)
    for pod in planned.pods:
        if pod.addresses and REFERENCE[pod.workload].kind is Kind.SERVICE:
            read = settings(planned, pod.workload)
            called = [downstream.target for downstream in read.downstreams]
            for destination, url in (("mongodb", read.mongo_url), ("rabbitmq", read.amqp_url)):
                if url:
                    called.append(f"127.0.0.1:{urlsplit(url).port}")
                    assert destination in pod.addresses.outbound
            assert sorted(called) == sorted(f"{a.host}:{a.port}" for a in pod.addresses.outbound.values())


def test_a_replica_is_told_what_the_others_are(tmp_path):
    planning = planner(tmp_path)
    (first,) = (pod for pod in planning.plan().pods if pod.workload == "service-b")
    second = planning.replica("service-b")
    assert second.name != first.name
    assert second.name.rsplit("-", 1)[0] == first.name.rsplit("-", 1)[0]  # of one template
    assert set(second.containers[-1].env) == set(first.containers[-1].env)
    assert not {*_ports(second)} & {*_ports(first)}


def test_without_the_mesh_there_are_no_replicas_later(tmp_path):
    planning = planner(tmp_path, mesh=False)
    planning.plan()
    with pytest.raises(DeployError, match="without the mesh"):
        planning.replica("service-b")


def _ports(pod):
    return [port for container in pod.containers for port in container.ports.values()]


def test_messages_are_traced_when_asked_for(tmp_path):
    (pod,) = (pod for pod in plan(tmp_path, trace_messages="link").pods if pod.workload == "service-h")
    env = pod.containers[-1].env
    assert env["TRACE_MESSAGES"] == "link"
    assert env["OTEL_SERVICE_NAME"] == "service-h.dev"


def test_an_external_zipkin_is_used_instead_of_ours(tmp_path):
    planned = plan(tmp_path, zipkin="http://127.0.0.1:9/", jaeger="http://127.0.0.1:8")
    assert planned.urls["zipkin"] == "http://127.0.0.1:9"
    assert planned.urls["jaeger"] == "http://127.0.0.1:8"
    assert "tracing" not in {pod.workload for pod in planned.pods}
    assert planned.mesh.collector.port == 9


def test_each_port_is_used_once(tmp_path):
    containers = [container for pod in plan(tmp_path, replicas={"service-a": 3}).pods for container in pod.containers]
    ports = [port for container in containers for port in container.ports.values()]
    assert len(ports) == len(set(ports))


def test_downstreams_are_those_of_the_topology(tmp_path):
    planned = plan(tmp_path)
    for workload in REFERENCE.services:
        assert tuple(downstream.name for downstream in settings(planned, workload.name).downstreams) == workload.calls
    assert settings(planned, "rev-proxy").upstream.name == "service-a"


def test_targets_are_the_callee_s_replicas(tmp_path):
    planned = plan(tmp_path, replicas={"service-b": 2}, mesh=False)
    ports = [pod.containers[0].port for pod in planned.pods if pod.workload == "service-b"]
    (service_b, _) = settings(planned, "service-a").downstreams
    assert service_b.target == "ipv4:" + ",".join(f"127.0.0.1:{port}" for port in ports)


def test_roles_are_those_of_the_topology(tmp_path):
    planned = plan(tmp_path)
    roles = {
        workload.name: [
            role for role in ("stores", "publishes", "consumes") if getattr(settings(planned, workload.name), role)
        ]
        for workload in REFERENCE.services
    }
    assert {name: role for name, role in roles.items() if role} == {
        "service-c": ["stores"],
        "service-d": ["publishes"],
        "service-f": ["consumes"],
        "service-g": ["stores"],
        "service-h": ["stores"],
    }


def test_everything_listens_on_loopback_only(tmp_path):
    planned = plan(tmp_path)
    for workload in REFERENCE.services:
        assert settings(planned, workload.name).address[0] == "127.0.0.1"
    assert settings(plan(tmp_path, mesh=False), "rev-proxy").public_address[0] == "127.0.0.1"
    for pod in planned.pods:
        if pod.addresses:
            listening = (pod.addresses.application, pod.addresses.inbound, *pod.addresses.outbound.values())
            assert {address.host for address in listening} == {"127.0.0.1"}
    assert all("127.0.0.1" in url for url in planned.urls.values())


def test_ninth_service_needs_no_other_edit(tmp_path):
    workloads = [replace(w, calls=("service-i",)) if w.name == "service-c" else w for w in REFERENCE]
    ninth = Workload(name="service-i", title="Service I", greeting="Hej, from Service I!", database="service-i")
    planned = plan(tmp_path, Topology((*workloads, ninth)), mesh=False)
    (service_i,) = settings(planned, "service-c").downstreams
    (pod,) = (pod for pod in planned.pods if pod.workload == "service-i")
    assert service_i == ("service-i", f"ipv4:127.0.0.1:{pod.containers[0].port}")


def test_stores_that_nobody_uses_are_not_run(tmp_path):
    gateway = Workload(name="rev-proxy", title="gRPC Gateway", kind=Kind.GATEWAY)
    planned = plan(tmp_path, Topology((gateway,)), mesh=False, monitoring=False, cloudwatch=False)
    assert [pod.workload for pod in planned.pods] == ["rev-proxy"]
    assert set(planned.urls) == {"ingress", "gateway"}


def test_pods_are_named_as_a_deployment_names_them(tmp_path):
    names = [pod.name for pod in plan(tmp_path, replicas={"service-a": 2}).pods if pod.workload == "service-a"]
    (first, second) = (name.rsplit("-", 2) for name in names)
    assert first[:2] == second[:2]
    assert first[2] != second[2]
    assert (first[0], len(first[1]), len(first[2])) == ("service-a", 10, 5)


def test_stores_are_stopped_last(tmp_path):
    tiers = {pod.workload: pod.tier for pod in plan(tmp_path).pods}
    assert (
        tiers["istio-ingressgateway"]
        > tiers["rev-proxy"]
        > tiers["service-a"]
        > tiers["mongodb"]
        == tiers["rabbitmq"]
        == Tier.STORE
    )


def test_log_level_is_followed_from_a_file(tmp_path):
    planned = plan(tmp_path, log_level="debug")
    read = settings(planned, "service-c")
    assert read.log_level == read.log_level_file.read_text() == "debug"


def test_secrets_of_the_caller_s_environment_stay_there(tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-for-others")
    assert "not-for-others" not in repr(plan(tmp_path))
