import os
import shutil
import subprocess
import sys

import pytest
from prometheus_client.parser import text_string_to_metric_families

from refapp.backends.containers import kubelet
from refapp.backends.containers.inventory import Container, Pod
from refapp.backends.containers.server import Exposition


@pytest.fixture
def here(made_up, node):
    here = node(kernel=made_up)
    runs = Container(name="a", running=True, pid=10)
    ended = Container(name="b", reason="Error")
    here.runs(
        Pod(name="p-1", workload="p", containers=(runs, ended)),
        Pod(name="p-2", workload="p", containers=(Container(name="a"),)),
    )
    return here


def text(here):
    return Exposition(lambda: kubelet.families(here.sampler)).text().decode()


def values(here, name):
    found = (sample for family in text_string_to_metric_families(text(here)) for sample in family.samples)
    return {tuple(sample.labels.values()): sample.value for sample in found if sample.name == name}


def test_pods_and_containers_are_counted(here):
    assert values(here, "kubelet_running_pods") == {(): 1}
    assert values(here, "kubelet_running_containers") == {("running",): 1, ("exited",): 1, ("created",): 1}
    assert values(here, "kubelet_node_name") == {("node-1",): 1}


def test_errors_of_the_inventory_are_counted(here):
    assert values(here, "refapp_inventory_errors_total") == {(): 0}
    here.path.unlink()
    here.sampler.sample()
    assert values(here, "refapp_inventory_errors_total") == {(): 1}


@pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc")
def test_this_process_is_measured(here):
    times = os.times()
    assert values(here, "process_cpu_seconds_total")[()] == pytest.approx(times.user + times.system, abs=0.5)
    assert values(here, "process_resident_memory_bytes")[()] > 1 << 20


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_promtool_finds_no_fault(here):
    found = subprocess.run(
        ["promtool", "check", "metrics"], input=text(here), capture_output=True, text=True, check=False
    )
    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")
