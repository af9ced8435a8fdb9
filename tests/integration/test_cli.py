"""The command line as its users see it, in processes of its own."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

REFAPP = Path(sys.executable).with_name("refapp")
LEVELS = "trace, debug, info, warning, error, fatal, panic"


@pytest.fixture
def refapp(run_directory):
    def refapp(*arguments, home=run_directory):
        environment = {**os.environ, "REFAPP_HOME": str(home), "COLUMNS": "200", "NO_COLOR": "1"}
        return subprocess.run([REFAPP, *arguments], env=environment, capture_output=True, text=True, check=False)

    return refapp


@pytest.fixture
def refapp_ok(refapp):
    def refapp_ok(*arguments, **options):
        result = refapp(*arguments, **options)
        assert result.returncode == 0, result.stderr
        return result.stdout

    return refapp_ok


def test_up_attaches_to_the_running_platform(platform, refapp_ok):
    output = refapp_ok("up")
    assert output.startswith("ready after")
    assert f"curl {platform.api}" in output
    assert output.endswith(f"open  {platform.urls['ui']}\n")


def test_up_as_json_is_the_status(platform, refapp_ok):
    assert json.loads(refapp_ok("up", "--json"))["urls"] == platform.urls


def test_status_shows_every_pod(platform, refapp_ok):
    output = refapp_ok("status")
    for pod in platform.status().pods:
        (line,) = (line for line in output.splitlines() if line.startswith(pod.name))
        assert re.search(r" yes +\d+ .* \d+m +\d+Mi ", line)
    assert platform.urls["ingress"] in output


def test_status_as_json_has_pods_and_urls(platform, refapp_ok):
    status = json.loads(refapp_ok("status", "--json"))
    assert status["phase"] == "ready"
    assert {"ingress", "gateway"} <= set(status["urls"])
    assert {pod["name"] for pod in status["pods"]} == {pod.name for pod in platform.status().pods}
    assert all(pod["memory"] > 1024**2 for pod in status["pods"])


def test_logs_are_merged_by_time(platform, refapp_ok):
    platform.load(users=2, duration=0.2)
    lines = [json.loads(line) for line in refapp_ok("logs", "--json", "--contains", "served").splitlines()]
    times = [line["time"] for line in lines]
    assert times == sorted(times)
    assert {line["workload"] for line in lines} >= {platform.topology.gateway.name, *platform.topology.answer}


def test_logs_of_one_workload_and_of_one_pod(platform, refapp_ok):
    pod = next(pod for pod in platform.status().pods if pod.workload == "service-d")
    by_workload = refapp_ok("logs", "service-d")
    by_pod = refapp_ok("logs", pod.name)
    # There may have been other pods of it, and the lines of a traceback name none.
    assert [line for line in by_workload.splitlines() if f" {pod.name} " in line] == [
        line for line in by_pod.splitlines() if f" {pod.name} " in line
    ]
    assert pod.name in by_workload
    words = [line.split() for line in by_workload.splitlines()]
    assert "service-e" not in {line[2].rsplit("-", 2)[0] for line in words if len(line) > 2}


def test_logs_of_a_level(refapp_ok, platform):
    pods = {pod.name for pod in platform.status().pods}
    levels = {line["level"] for line in map(json.loads, refapp_ok("logs", "--level", "warning", "--json").splitlines())}
    assert pods
    assert levels <= {"warning", "error", "fatal", "panic"}


def test_logs_that_are_followed(platform, run_directory):
    environment = {**os.environ, "REFAPP_HOME": str(run_directory), "PYTHONUNBUFFERED": "1"}
    command = [REFAPP, "logs", "--follow", "--json", "--contains", "request-that-is-awaited", "rev-proxy"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        platform.load(users=1, duration=0.05, headers={"x-request-id": "request-that-is-awaited"})
        assert json.loads(process.stdout.readline())["request_id"] == "request-that-is-awaited"
        process.terminate()


def test_load_reports(platform, refapp_ok):
    report = json.loads(refapp_ok("load", "--users", "2", "--duration", "0.5s", "--json"))
    assert report["requests"] > 0
    assert report["failed"] == 0
    assert report["p50_ms"] <= report["p90_ms"] <= report["p99_ms"]
    text = refapp_ok("load", "--rate", "10", "--duration", "0.5")
    assert re.match(r"5 requests in \d\.\d s, \d+/s, none failed\nlatency  p50 [\d.]+ ms   p90 [\d.]+ ms   p99 ", text)
    assert platform.status().phase == "ready"


def test_log_level_is_changed_on_the_running_service(platform, refapp_ok):
    (pod,) = (pod for pod in platform.status().pods if pod.workload == "service-c")
    refapp_ok("log-level", "service-c", "debug")
    try:
        platform.load(users=1, duration=0.05, headers={"x-request-id": "seen-at-debug"})
        (headers, *_) = platform.logs.lines(workload="service-c", level="debug", contains="seen-at-debug")
        assert headers.msg == "headersIn"
    finally:
        refapp_ok("log-level", "service-c", "info")
    (after,) = (pod for pod in platform.status().pods if pod.workload == "service-c")
    assert after.restarts == pod.restarts


def test_log_level_that_is_set_already(refapp_ok):
    refapp_ok("log-level", "service-c", "info")
    refapp_ok("log-level", "service-c", "info")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("log-level", "service-c", "loud"), 2, LEVELS),
        (
            ("log-level", "service-z", "info"),
            1,
            "no workload named 'service-z'; there are angular-ui, rev-proxy, service-a",
        ),
        (("logs", "--level", "loud"), 2, LEVELS),
        (("logs", "service-z"), 1, "no pod or workload named 'service-z' has logged; there are alertmanager-"),
        (("logs", "--since", "soon"), 2, "'soon' is no duration; write 90s, 30m or 2h"),
        (("load", "--users", "2", "--rate", "3"), 2, "a number of users or a rate, not both"),
        (("load", "--duration", "-1s"), 2, "'-1s' is no duration"),
        (("up", "--replicas", "service-a"), 2, "is not of the form WORKLOAD=N"),
        (("up", "--replicas", "service-a=2"), 1, "run `refapp down` first"),
        (("autoscale", "service-z"), 1, "no workload named 'service-z'"),
        (("autoscale", "service-a", "--cpu", "0"), 2, "an autoscaler aims at cpu, memory or both"),
        (("scale", "service-z", "2"), 1, "no workload named 'service-z'"),
        (("fault", "service-a", "service-h", "--delay", "1"), 1, "service-a does not call service-h"),
        (("fault", "service-a", "service-b"), 2, "a fault needs a delay, an HTTP status or a gRPC status"),
        (("up", "--no-mesh"), 1, "run `refapp down` first"),
        (("stress", "service-z-x-y", "--cpus", "1"), 1, "no pod named 'service-z-x-y'; there are rabbitmq-"),
        (("stress", "service-z-x-y"), 2, "a stress needs memory or cpus"),
        (("stress", "service-z-x-y", "--cpus", "-1"), 2, "cpus is -1.0: it has to be 0 or more"),
        (("kill", "service-z-x-y"), 1, "no pod named 'service-z-x-y'; there are rabbitmq-"),
    ],
)
def test_bad_input(platform, refapp, arguments, code, message):
    result = refapp(*arguments)
    assert result.returncode == code
    assert message in re.sub(r"[\s│]+", " ", result.stderr)
    assert "Traceback" not in result.stderr
    assert platform.status().phase == "ready"


@pytest.mark.parametrize("command", ["status", "load"])
def test_nothing_is_running(refapp, tmp_path, command):
    result = refapp(command, home=tmp_path)
    assert result.returncode == 1
    assert result.stderr == f"error: no platform is running in {tmp_path}; start one with: refapp up\n"


def test_down_of_nothing_is_harmless(refapp_ok, tmp_path):
    assert refapp_ok("down", home=tmp_path) == ""


def test_output_that_nobody_reads(platform, run_directory):
    assert platform.logs.lines()
    command = f"{REFAPP} logs | head -1"
    environment = {**os.environ, "REFAPP_HOME": str(run_directory)}
    result = subprocess.run(["bash", "-c", command], env=environment, capture_output=True, text=True, check=True)
    assert result.stderr == ""


@pytest.mark.usefixtures("platform")
def test_a_workload_is_scaled_by_itself(refapp_ok):
    refapp_ok("autoscale", "service-c", "--min", "1", "--max", "2", "--cpu", "500", "--memory", "500")
    text = refapp_ok("status")
    assert "service-c is scaled between 1 and 2 pods: 1 now, cpu " in text, text
    refapp_ok("autoscale", "service-c", "--off")
    assert "is scaled" not in refapp_ok("status")


def test_a_workload_is_scaled(platform, refapp_ok):
    refapp_ok("scale", "service-c", "2")
    assert len([pod for pod in platform.status().pods if pod.workload == "service-c"]) == 2
    refapp_ok("scale", "service-c", "1")
    assert len([pod for pod in platform.status().pods if pod.workload == "service-c"]) == 1


def test_a_fault_is_injected_and_healed(platform, refapp_ok):
    refapp_ok("fault", "service-b", "service-d", "--grpc-status", "14")
    try:
        assert httpx.get(platform.api).status_code == 503
    finally:
        refapp_ok("fault", "service-b", "service-d", "--heal")
    assert httpx.get(platform.api).is_success


def test_a_pod_is_stressed_and_healed(platform, refapp_ok, eventually):
    pod = next(pod for pod in platform.status().pods if pod.workload == "service-h")

    def memory():
        return next(one.memory for one in platform.status().pods if one.name == pod.name)

    refapp_ok("stress", pod.name, "--memory-mb", "50")
    try:
        eventually(lambda: memory() > pod.memory + 30 * 1024**2)
    finally:
        refapp_ok("stress", pod.name, "--heal")
    eventually(lambda: memory() < pod.memory + 15 * 1024**2)


def test_logs_of_sidecars(platform, refapp_ok):
    httpx.get(platform.api).raise_for_status()
    assert "upstream_cluster=" not in refapp_ok("logs", "service-b")
    assert "upstream_cluster=" in refapp_ok("logs", "service-b", "--container", "istio-proxy")


@pytest.mark.usefixtures("platform")
def test_the_use_of_pods_and_nodes(refapp_ok):
    pods = refapp_ok("top", "pods", "--sort-by", "memory")
    assert re.match(r"NAME +CPU\(cores\) +MEMORY\(bytes\)", pods)
    assert re.search(r"service-a-\S+ +\d+m +\d+Mi", pods)
    assert re.search(r"service-a-\S+ +istio-proxy +\d+m +\d+Mi", refapp_ok("top", "--containers"))
    assert re.search(r"ip-127-0-0-1 +\d+m +\d+% +\d+Mi +\d+%", refapp_ok("top", "nodes"))


@pytest.mark.usefixtures("platform")
def test_prometheus_is_asked(refapp, refapp_ok):
    assert json.loads(refapp_ok("query", "vector(42)", "--json"))[0]["value"] == 42
    assert "value" in refapp_ok("query", "machine_cpu_cores")
    assert "UTC" in refapp_ok("query", "vector(1)", "--last", "10s") or "+00:00" in refapp_ok(
        "query", "vector(1)", "--last", "10s"
    )
    assert refapp_ok("query", "absent(up) == 2").strip() == "no data"
    wrong = refapp("query", "sum(")
    assert wrong.returncode == 1
    assert "parse error" in wrong.stderr
