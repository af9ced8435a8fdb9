import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client.parser import text_string_to_metric_families

from refapp.backends.containers.inventory import Inventory, write
from refapp.backends.containers.server import NodeSettings, StateExposition, application
from refapp.services.settings import SettingsError


def test_settings_have_defaults():
    settings = NodeSettings.from_environ({"PERIOD": ""})
    assert settings.address == ("127.0.0.1", 10250)
    assert (settings.inventory, settings.period, settings.window) == (Path("inventory.json"), 1.0, 10.0)


def test_settings_are_read():
    settings = NodeSettings.from_environ({"PORT": ":1", "INVENTORY": "/x", "PERIOD": "0.5", "WINDOW": "30"})
    assert (settings.address, settings.inventory) == (("", 1), Path("/x"))
    assert (settings.period, settings.window) == (0.5, 30.0)


@pytest.mark.parametrize(
    "environ", [{"PERIOD": "0"}, {"PERIOD": "x"}, {"PERIOD": "inf"}, {"WINDOW": "nan"}, {"WINDOW": "-1"}, {"PORT": "x"}]
)
def test_broken_settings_are_named(environ):
    (name,) = environ
    with pytest.raises(SettingsError, match=name):
        NodeSettings.from_environ(environ)


async def wait_for(client, path, found):
    while True:
        answer = await client.get(path)
        assert answer.status == 200
        text = await answer.text()
        if found(text):
            return answer, text


@pytest.fixture
async def client(node, child, pod):
    here = node()
    write(here.path, Inventory(node="node-1", pods=(pod(child().pid),)))
    async with TestClient(TestServer(application(here.sampler, 0.01))) as client:
        client.path = here.path
        yield client


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/metrics", "kubelet_running_pods"),
        ("/metrics/cadvisor", "container_memory_working_set_bytes"),
        ("/metrics/state", "kube_pod_info"),
    ],
)
async def test_metrics(client, path, name):
    answer, text = await wait_for(client, path, lambda text: name in text)
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert name in {family.name for family in text_string_to_metric_families(text)}


async def test_the_metrics_of_the_resource_api(client):
    for path, kind in (
        ("/apis/metrics.k8s.io/v1beta1/pods", "PodMetricsList"),
        ("/apis/metrics.k8s.io/v1beta1/namespaces/dev/pods", "PodMetricsList"),
        ("/apis/metrics.k8s.io/v1beta1/nodes", "NodeMetricsList"),
        ("/api/v1/nodes", "NodeList"),
    ):
        _, text = await wait_for(client, path, lambda text: json.loads(text)["items"])
        assert json.loads(text)["kind"] == kind
    answer = await client.get("/apis/metrics.k8s.io/v1beta1/namespaces/elsewhere/pods")
    assert (await answer.json())["items"] == []


async def test_cadvisors_api(client):
    _, text = await wait_for(client, "/api/v1.3/subcontainers/", lambda text: "service-a-1-1" in text)
    names = [info["name"] for info in json.loads(text)]
    assert (names[0], "/kubepods/podu1" in names) == ("/", True)
    answer = await client.get("/api/v1.3/machine")
    assert answer.content_type == "application/json"
    assert (await answer.json())["num_cores"] >= 1


async def test_a_new_inventory_is_taken_up(client):
    await wait_for(client, "/health", lambda text: json.loads(text) == {"status": "UP", "pods": 1})
    await wait_for(client, "/metrics/state", lambda text: "service-a-1-1" in text)
    write(client.path, Inventory(node="node-2"))
    await wait_for(client, "/health", lambda text: json.loads(text)["pods"] == 0)
    _, text = await wait_for(client, "/metrics/state", lambda text: "node-2" in text)
    assert "service-a-1-1" not in text


async def test_a_sample_that_fails_is_not_the_last(client, monkeypatch, caplog):
    def fail(_):
        monkeypatch.undo()
        raise RuntimeError("once")

    await wait_for(client, "/health", lambda text: '"pods": 1' in text)
    with caplog.at_level(logging.ERROR):
        monkeypatch.setattr("refapp.backends.containers.sampler.Sampler.sample", fail)
        write(client.path, Inventory())
        await wait_for(client, "/health", lambda text: '"pods": 0' in text)
    assert "a sample is left out" in caplog.text


def test_the_state_is_written_anew_only_with_a_new_inventory(node, made_up, pod):
    here = node(kernel=made_up)
    here.runs(pod(10))
    exposition = StateExposition(here.sampler)
    first = exposition.text()
    here.sampler.sample()
    assert exposition.text() is first
    here.runs(pod(10, restarts=1))
    assert exposition.text() != first


def start_process(**environ):
    command = [sys.executable, "-m", "refapp.backends.containers.server"]
    return subprocess.Popen(command, env=os.environ | environ, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def address():
    with socket.create_server(("127.0.0.1", 0)) as server:
        host, port = server.getsockname()
    return f"{host}:{port}"


def answered(url):
    try:
        with urllib.request.urlopen(url) as response:
            return response.read().decode()
    except OSError:
        return None


def test_the_process_serves_until_it_is_told_to_end(tmp_path, address, pod, child, eventually):
    path = tmp_path / "inventory.json"
    write(path, Inventory(node="node-1", pods=(pod(child().pid),)))
    process = start_process(PORT=address, INVENTORY=str(path), PERIOD="0.05")
    try:
        eventually(lambda: '"pods": 1' in (answered(f"http://{address}/health") or ""))
        for metrics in ("/metrics", "/metrics/cadvisor", "/metrics/state"):
            check(answered(f"http://{address}{metrics}"))
    finally:
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "")


def check(text):
    if shutil.which("promtool"):
        subprocess.run(["promtool", "check", "metrics"], input=text, text=True, check=True)


def test_a_process_without_an_inventory_says_so_and_waits(tmp_path, address, eventually):
    process = start_process(PORT=address, INVENTORY=str(tmp_path / "none"), PERIOD="0.05")
    try:
        eventually(lambda: "refapp_inventory_errors_total 1.0" in (answered(f"http://{address}/metrics") or ""))
    finally:
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 0
    assert errors.count("\n") == 1
    assert "the inventory before stays in use" in errors


def test_a_process_that_cannot_start_says_why(address):
    process = start_process(PERIOD="x")
    _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (2, "PERIOD is 'x': it must be a number of seconds greater than 0\n")
    host, _, port = address.partition(":")
    with socket.create_server((host, int(port))):
        process = start_process(PORT=address)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "address already in use" in errors
