"""The life of a local platform: its start, its end, and what may come between."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

import httpx
import psutil
import pytest

from refapp.deploy.errors import DeployError, MissingBinaryError, NotRunningError, RunDirectoryError
from refapp.deploy.local import orphans
from refapp.deploy.local.options import LAYERS, Options
from refapp.deploy.local.target import LocalTarget
from refapp.deploy.pods import Phase
from refapp.mesh.identity import INGRESS
from refapp.topology import MIB, REFERENCE, Kind, Resources, Topology, Workload

SMALL = Topology(
    (
        Workload(name="rev-proxy", title="gRPC Gateway", kind=Kind.GATEWAY, calls=("service-a",)),
        Workload(name="service-a", title="Service A", greeting="Hello, from Service A!"),
    )
)
PLAIN = Options(monitoring=False, cloudwatch=False)
"""What starts quickest, for all that does not concern what watches a platform."""


@pytest.fixture
def target(tmp_path):
    target = LocalTarget(tmp_path, topology=SMALL)
    yield target
    target.stop()


def test_a_pod_over_its_memory_limit_is_killed_and_started_again(tmp_path, eventually):
    hungry = replace(SMALL["service-a"], resources=Resources(memory_limit=16 * MIB))
    target = LocalTarget(tmp_path, topology=Topology((SMALL["rev-proxy"], hungry)))
    try:
        target.start(replace(PLAIN, mesh=False))
        (pod,) = eventually(lambda: [pod for pod in target.status().pods if pod.restarts])
    finally:
        target.stop()
    assert pod.workload == "service-a"
    assert "MiB of memory, and 16 are its limit" in pod.reason


@pytest.fixture
def processes_of(target):
    """The processes of the platform that ran last in the target's directory."""
    return lambda: orphans.processes(target.run.read_state()["platform"])


def supervisor_of(target):
    return target.run.read_state()["supervisor"]


def test_start_and_stop(target, processes_of):
    assert target.started() is None
    before = datetime.now(UTC)
    status = target.start()
    assert status.phase is Phase.READY
    assert [pod.workload for pod in status.pods] == [
        "tracing",
        "rev-proxy",
        "service-a",
        INGRESS,
        "prometheus",
        "alertmanager",
        "kubelet",
        "slack-inbox",
        "aws",
        "fluent-bit",
        "cloudwatch-agent",
    ]
    assert all(pod.ready for pod in status.pods)
    assert httpx.get(f"{status.urls['ingress']}/api/greeting").is_success
    assert before <= target.started() <= datetime.now(UTC) - timedelta(seconds=status.age)
    target.stop()
    assert processes_of() == []
    with pytest.raises(NotRunningError, match="start one with: refapp up"):
        target.status()


def test_databases_go_and_logs_stay(target):
    target.start(PLAIN)
    target.stop()
    assert not target.run.data.exists()
    assert any("greeting served" in line.text for line in target.log_lines())


def test_stop_of_nothing_is_harmless(target, tmp_path):
    target.stop()
    LocalTarget(tmp_path / "nothing").stop()


def test_second_start_attaches(target):
    first = target.start(PLAIN)
    second = target.start(PLAIN)
    assert second.urls == first.urls
    assert second.age > first.age


def test_two_starts_at_once_make_one_platform(target, processes_of):
    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(lambda _: LocalTarget(target.run.path, topology=SMALL).start(PLAIN), range(4)))
    assert len({status.urls["ingress"] for status in statuses}) == 1
    programs = [" ".join(process.cmdline()) for process in processes_of()]
    assert sum("refapp.services.gateway" in program for program in programs) == 1


def test_start_while_the_last_platform_ends(target):
    target.start(PLAIN)
    os.kill(supervisor_of(target), signal.SIGTERM)
    assert target.start(PLAIN).phase is Phase.READY


def test_replicas(target):
    status = target.start(replace(PLAIN, replicas={"service-a": 3, "rev-proxy": 2}))
    workloads = ["tracing", *["rev-proxy"] * 2, *["service-a"] * 3, INGRESS]
    assert [pod.workload for pod in status.pods] == workloads
    hosts = set()
    for _ in range(50):
        (greeting,) = httpx.get(f"{status.urls['ingress']}/api/greeting").json()["greeting"]
        hosts.add(greeting["hostname"])
    assert hosts == {pod.name for pod in status.pods if pod.workload == "service-a"}


def test_without_the_mesh_a_gateway_is_the_public_address(target):
    status = target.start(Options(mesh=False, monitoring=False, cloudwatch=False, replicas={"rev-proxy": 2}))
    assert {pod.workload for pod in status.pods} == {"rev-proxy", "service-a"}
    assert not {"zipkin", "jaeger"} & status.urls.keys()
    assert httpx.get(f"{status.urls['ingress']}/api/greeting").is_success
    for change in (lambda: target.scale("service-a", 2), lambda: target.inject("rev-proxy", "service-a", None)):
        with pytest.raises(DeployError, match="the mesh"):
            change()


def test_a_mesh_without_its_layers_still_passes_requests_on(target):
    status = target.start(replace(PLAIN, without=LAYERS))
    assert httpx.get(f"{status.urls['ingress']}/api/greeting").is_success
    (gateway,) = (pod for pod in status.pods if pod.workload == "rev-proxy")
    metrics = httpx.get(f"http://127.0.0.1:{gateway.ports['metrics']}/stats/prometheus").text
    assert "istio_requests_total" not in metrics
    assert "zipkin" not in status.urls
    assert not [line for line in target.log_lines() if "upstream_cluster" in line.text]
    # Plain connections: what the sidecar of service-a takes, everybody may send.
    (service,) = (pod for pod in status.pods if pod.workload == "service-a")
    with socket.create_connection(("127.0.0.1", service.ports["mtls"])) as plain:
        plain.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0")
        assert plain.recv(9)[3] == 4  # SETTINGS, RFC 9113


def test_a_platform_that_runs_otherwise_is_not_taken_for_it(target):
    target.start(PLAIN)
    with pytest.raises(DeployError, match="has mesh=True, not False; run `refapp down` first"):
        target.start(replace(PLAIN, mesh=False))


def test_a_start_that_hangs_ends_with_its_reason(target, monkeypatch, tmp_path):
    hanging = tmp_path / "envoy"
    hanging.write_text("#!/bin/sh\nexec sleep 600\n")
    hanging.chmod(0o755)
    monkeypatch.setenv("REFAPP_ENVOY", str(hanging))
    monkeypatch.setenv("REFAPP_START_TIMEOUT", "5")
    with pytest.raises(DeployError, match=r"not ready after 5 s: .*rev-proxy-.*; the logs are in"):
        target.start(PLAIN)


def test_running_platform_with_other_replicas_is_not_taken_for_it(target):
    target.start(PLAIN)
    with pytest.raises(DeployError, match=r"other replicas than asked for .*run `refapp down` first"):
        target.start(replace(PLAIN, replicas={"service-a": 2}))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (Options(replicas={"service-z": 1}), "no workload named 'service-z'; there are rev-proxy, service-a"),
        (Options(replicas={"service-a": 0}), "service-a can have 1 to 20 replicas"),
        (Options(replicas={"service-a": 1000}), "service-a can have 1 to 20 replicas"),
        (Options(idle=0), "a positive number of seconds"),
    ],
)
def test_impossible_options(target, options, message):
    with pytest.raises(DeployError, match=message):
        target.start(options)


def test_chosen_port(target):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert target.start(replace(PLAIN, port=port)).urls["ingress"] == f"http://127.0.0.1:{port}"
    with pytest.raises(DeployError, match="run `refapp down` first"):
        target.start(replace(PLAIN, port=port + 1))


def test_busy_port(target):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(DeployError, match=f"port {port} is busy; choose another one, or 0 for any free one"):
            target.start(replace(PLAIN, port=port))


def test_missing_program_is_named_with_its_installation(tmp_path, monkeypatch):
    monkeypatch.setattr("refapp.deploy.local.binaries._RABBITMQ", ("no-such-rabbitmq",))
    with pytest.raises(MissingBinaryError, match=r"rabbitmq-server is not installed; run: .* install rabbitmq"):
        LocalTarget(tmp_path, topology=REFERENCE).start()


def test_unwritable_run_directory(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RunDirectoryError, match="cannot be written"):
        LocalTarget(tmp_path / "file", topology=SMALL).start(PLAIN)


def test_service_that_does_not_start_is_shown_with_its_last_words(target, processes_of):
    with pytest.raises(DeployError) as caught:
        target.start(replace(PLAIN, log_level="loud"))
    message = str(caught.value)
    assert "does not start: it exited with code 2; its log is" in message
    assert "'loud' is no log level; the levels are trace, debug, info, warning, error, fatal, panic" in message
    target.stop()
    assert processes_of() == []


def test_platform_starts_again_after_a_failed_start(target):
    with pytest.raises(DeployError):
        target.start(replace(PLAIN, log_level="loud"))
    assert target.start(PLAIN).phase is Phase.READY


def test_killed_supervisor_leaves_nothing_running(target, processes_of, eventually):
    target.start(PLAIN)
    assert len(processes_of()) >= 4
    os.kill(supervisor_of(target), signal.SIGKILL)
    eventually(lambda: not processes_of())
    with pytest.raises(NotRunningError):
        target.status()
    assert target.start(PLAIN).phase is Phase.READY


def test_killed_supervisor_and_guardian_are_cleared_up_by_the_next_start(target, processes_of):
    target.start(PLAIN)
    (guardian,) = (process for process in processes_of() if orphans.__file__ in process.cmdline())
    left = [process for process in processes_of() if process.pid not in {guardian.pid, supervisor_of(target)}]
    guardian.kill()
    os.kill(supervisor_of(target), signal.SIGKILL)
    assert all(process.is_running() for process in left)
    assert target.start(PLAIN).phase is Phase.READY
    assert not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in left)


def test_run_directory_of_a_machine_that_was_switched_off(target):
    target.run.prepare()
    target.run.clear()
    target.run.write_state({"platform": "of-long-ago", "supervisor": 1, "phase": "ready"})
    (target.run.data / "mongod.lock").write_text("1")
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(target.run.socket))
    assert target.start(PLAIN).phase is Phase.READY


def test_unused_platform_ends_by_itself(target, eventually):
    target.start(replace(PLAIN, idle=1.0))
    eventually(lambda: not target.run.is_supervised())
    assert "nobody used the platform for 1 s: it ends" in target.run.supervisor_log.read_text()


def test_platform_whose_directory_is_removed_ends(target, processes_of, eventually):
    target.start(PLAIN)
    processes = processes_of()
    # While files are removed, others may come.
    eventually(lambda: shutil.rmtree(target.run.path, ignore_errors=True) or not target.run.path.exists())
    eventually(lambda: not any(process.is_running() for process in processes))


def test_requests_keep_a_platform_alive(target, eventually):
    status = target.start(replace(PLAIN, idle=4.0))
    with httpx.Client() as client:

        def used_beyond_the_limit():
            client.get(f"{status.urls['ingress']}/api/greeting")
            return target.status(use=False).age > 2 * status.idle_limit

        eventually(used_beyond_the_limit)
    assert target.status().phase is Phase.READY


def test_dead_process_is_started_again(target, eventually):
    target.start(PLAIN)
    (pod,) = (pod for pod in target.status().pods if pod.workload == "service-a")
    target.kill(pod.name)
    restarted = eventually(lambda: next((p for p in target.status().pods if p.restarts and p.ready), None))
    assert (restarted.name, restarted.reason) == (pod.name, "killed by SIGKILL")


def test_hanging_process_is_not_ready(target, eventually):
    (pod,) = (pod for pod in target.start(PLAIN).pods if pod.workload == "service-a")
    target.kill(pod.name, "SIGSTOP")
    eventually(lambda: not next(p for p in target.status().pods if p.name == pod.name).ready)
    target.kill(pod.name, "SIGCONT")
    eventually(lambda: all(pod.ready for pod in target.status().pods))


def test_dead_guardian_is_replaced(target, processes_of, eventually):
    target.start(PLAIN)

    def guardian():
        return next((process for process in processes_of() if orphans.__file__ in process.cmdline()), None)

    first = guardian()
    first.kill()
    eventually(lambda: (found := guardian()) and found.pid != first.pid)


@pytest.mark.parametrize(
    ("pod", "signal_name", "message"),
    [("service-a-x-y", "SIGKILL", "no pod named 'service-a-x-y'; there are tracing-"), (None, "SIGFUN", "SIGFUN")],
)
def test_impossible_kill(target, pod, signal_name, message):
    status = target.start(PLAIN)
    with pytest.raises(DeployError, match=message):
        target.kill(pod or status.pods[0].name, signal_name)


def test_platform_that_another_version_started(target):
    target.start(PLAIN)
    with pytest.raises(DeployError, match=r"does not understand /new: another version .* run `refapp down` first"):
        target._control._send("GET", "/new")


def test_control_socket_is_for_its_owner_only(target):
    target.start(PLAIN)
    assert target.run.socket.stat().st_mode & 0o077 == 0


def test_start_in_a_process_that_ends(tmp_path, target):
    code = (
        "import sys, json; from pathlib import Path; from refapp.topology import Topology;"
        "from refapp.deploy.local.target import LocalTarget;"
        "print(LocalTarget(Path(sys.argv[1]), topology=Topology.from_dict(json.loads(sys.argv[2]))).start().phase)"
    )
    command = [sys.executable, "-c", code, str(tmp_path), json.dumps(asdict(SMALL))]
    assert subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout == "ready\n"
    assert target.status().phase is Phase.READY
