"""Logs and measurements of a live platform, in what stands for CloudWatch."""

import json
import subprocess
import sys
import uuid
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import boto3
import httpx
import pytest

from refapp.deploy.local.logfiles import LogReader
from refapp.topology import REFERENCE

ARTICLE = """\
fields @timestamp, @message
| filter kubernetes.container_name = "service-f"
and @message like "error"
| sort @timestamp desc
| limit 20"""
WAY = list(REFERENCE.visit(REFERENCE.gateway.name))
REFAPP = Path(sys.executable).with_name("refapp")


@pytest.fixture
def pod_of(platform, pods_of):
    return lambda workload: pods_of(platform, workload)[0].name


def lines_about(platform, request):
    """The events about a request, by the container that wrote them."""
    found = platform.logs.filter(f'"{request}"', last="10m")
    return Counter(json.loads(message)["kubernetes"]["container_name"] for message in found["message"])


def test_a_request_is_found_in_every_service_s_stream(platform, eventually):
    request = str(uuid.uuid4())
    httpx.get(platform.api, headers={"x-request-id": request}).raise_for_status()
    eventually(lambda: lines_about(platform, request), so=lambda found: set(WAY) <= set(found))


@pytest.mark.parametrize("killed", [None, "aws", "fluent-bit"])
def test_what_was_written_is_found_when_it_has_settled(platform, pod_of, killed):
    if killed:
        platform.kill(pod_of(killed))
    request = str(uuid.uuid4())
    httpx.get(platform.api, headers={"x-request-id": request}).raise_for_status()
    platform.logs.settle()
    assert set(WAY) <= set(lines_about(platform, request))


def test_each_line_of_a_container_is_there_once(platform, pod_of, eventually):
    platform.load(users=3, duration=2)
    pod = pod_of("service-b")

    def both():
        written = Counter(
            line.text for line in LogReader(platform._target.run.logs, of=pod).lines() if line.container == "service-b"
        )
        found = platform.logs.query(
            f'fields log | filter kubernetes.pod_name = "{pod}" and kubernetes.container_name = "service-b"',
            last="2h",
            limit=100_000,
        )
        return written, Counter(found.get("log", ()))

    written, found = eventually(both, so=lambda counts: counts[0] == counts[1])
    assert sum(found.values()) > 10
    assert max((found - written).values(), default=0) == 0


def test_the_article_s_query_finds_what_a_fault_has_put_there(platform, pod_of, eventually):
    began = datetime.now(UTC)
    platform.kill(pod_of("mongodb"))
    platform.load(rate=10, duration=2)
    eventually(lambda: all(pod.ready for pod in platform.status().pods))
    found = eventually(lambda: platform.logs.query(ARTICLE, start=began), so=len)
    errors = [json.loads(message)["log_processed"] for message in found["@message"]]
    assert "greetings not stored" in {error.get("msg") for error in errors}


def test_nothing_is_lost_or_doubled_while_cloudwatch_is_away(platform, pod_of, eventually):
    requests = [str(uuid.uuid4()) for _ in range(10)]
    platform.kill(pod_of("aws"))
    for request in requests:
        httpx.get(platform.api, headers={"x-request-id": request}).raise_for_status()
    eventually(lambda: all(pod.ready for pod in platform.status().pods))
    for request in requests:
        found = eventually(lambda: lines_about(platform, request), so=lambda found: set(WAY) <= set(found))  # noqa: B023
        assert {name: found[name] for name in WAY} == dict.fromkeys(WAY, 1)


def test_logs_of_sidecars_and_supervisor_are_the_data_plane(platform, eventually):
    httpx.get(platform.api).raise_for_status()

    def streams():
        return " ".join(platform.logs.streams("dataplane")["name"])

    eventually(streams, so=lambda names: "istio-proxy" in names and "supervisor.service" in names)
    assert "istio-proxy" not in " ".join(platform.logs.streams("application")["name"])


def test_container_insights_agrees_with_prometheus(platform, eventually):
    wanted = {workload.name for workload in REFERENCE.services}

    def measured():
        frame = platform.logs.query(
            'filter Type = "Container" and kubernetes.container_name like /^service-/'
            " | stats latest(container_memory_working_set) as memory by kubernetes.container_name as name",
            "performance",
            last="30s",
        )
        return dict(zip(frame.get("name", ()), frame.get("memory", ()), strict=True))

    found = eventually(measured, so=lambda memory: wanted <= set(memory))
    scraped = platform.metrics.instant('container_memory_working_set_bytes{container=~"service-.", namespace="dev"}')
    for container, value in zip(scraped["container"], scraped["value"], strict=True):
        assert found[container] == pytest.approx(value, rel=0.2)


def test_boto3_finds_it_by_the_variables_that_are_printed(platform, monkeypatch):
    home = platform._target.run.path
    printed = subprocess.run([REFAPP, "env", "--home", home], capture_output=True, text=True, check=True).stdout
    for line in printed.splitlines():
        name, _, value = line.removeprefix("export ").partition("=")
        monkeypatch.setenv(name, value)
    groups = boto3.client("logs").describe_log_groups()["logGroups"]
    assert platform.logs.group("application") in {group["logGroupName"] for group in groups}


def test_a_query_at_the_command_line(platform):
    home = platform._target.run.path
    command = [REFAPP, "insights", "stats count(*) as lines by kubernetes.container_name", "--home", home]
    shown = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "service-a" in shown.stdout
    assert "records matched" in shown.stderr
    told = json.loads(subprocess.run([*command, "--json"], capture_output=True, text=True, check=True).stdout)
    assert {"kubernetes.container_name", "lines"} <= set(told[0])
    wrong = subprocess.run(
        [REFAPP, "insights", "fields x | nonsense", "--home", home], capture_output=True, text=True, check=False
    )
    assert (wrong.returncode, "^" in wrong.stderr) == (1, True)
    url = subprocess.run([*command, "--url"], capture_output=True, text=True, check=True).stdout
    assert url.startswith("https://us-east-1.console.aws.amazon.com/cloudwatch/")
