import logging
import sys

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.backends.containers import machine, sampler
from refapp.backends.containers.inventory import Container, InventoryFile, Pod
from refapp.backends.containers.processes import Resident
from refapp.backends.containers.sampler import Rate

MEGABYTE = 1 << 20
linux = pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc")


def test_a_rate_needs_two_samples():
    rate = Rate(10.0)
    assert (rate.window, rate.per_second) == (0.0, None)
    rate.add(1.0, 5.0)
    assert rate.per_second is None
    rate.add(3.0, 6.0)
    assert (rate.window, rate.per_second) == (2.0, 0.5)


def test_a_rate_is_that_of_the_window():
    rate = Rate(10.0)
    for second in range(31):
        rate.add(second, max(0, second - 20) * 2)
    assert (rate.window, rate.per_second) == (10.0, 2.0)


@given(st.lists(st.tuples(st.floats(0.1, 5), st.floats(0, 3)), min_size=2, max_size=60))
def test_a_rate_is_not_negative_and_its_window_just_covers_the_time(steps):
    rate, now, value = Rate(10.0), 0.0, 0.0
    for step, used in steps:
        now, value = now + step, value + used
        rate.add(now, value)
    assert rate.per_second >= 0
    assert rate.window < 15.1


def test_containers_are_measured_in_the_order_of_the_inventory(made_up, node, pod):
    made_up.add(10, user=1.0)
    made_up.add(11, 10, user=2.0)
    made_up.add(20, user=4.0)
    here = node(kernel=made_up)
    here.runs(pod(20, "b-1"), pod(10, "a-1"))
    assert [(found.pod.name, found.usage.user) for found in here.sampler.containers()] == [("b-1", 4.0), ("a-1", 3.0)]


@pytest.mark.parametrize("fields", [{"running": False}, {"pid": None}, {"pid": 99}])
def test_a_container_that_does_not_run_is_not_measured(made_up, node, pod, fields):
    made_up.add(10)
    here = node(kernel=made_up)
    here.runs(pod(**{"pid": 10} | fields))
    assert here.found() == {}


def test_cpu_is_known_with_the_second_sample(made_up, node, pod, monkeypatch):
    clock = iter(range(100, 200))
    monkeypatch.setattr("refapp.backends.containers.sampler.time.monotonic", lambda: next(clock))
    here = node(kernel=made_up)
    made_up.add(10, user=5.0)
    here.runs(pod(10))
    (found,) = here.sampler.containers()
    assert found.cores is None
    made_up.add(10, user=5.25)
    here.sampler.sample()
    (found,) = here.sampler.containers()
    assert (found.cores, found.window) == (0.25, 1.0)


def test_a_container_that_was_started_again_starts_from_nothing(made_up, node, pod):
    here = node(kernel=made_up)
    made_up.add(10, user=5.0)
    here.runs(pod(10))
    made_up.stats.clear()
    made_up.add(30, user=0.5)
    here.runs(pod(30, restarts=1, reason="Error"))
    (found,) = here.sampler.containers()
    assert found.usage.user == 0.5


def test_a_pod_counts_on_when_a_container_is_started_again(made_up, node, pod):
    here = node(kernel=made_up)
    made_up.add(10, user=5.0)
    here.runs(pod(10))
    made_up.stats.clear()
    here.runs(pod(None, running=False, reason="Error"))
    made_up.add(30, user=0.5)
    here.runs(pod(30, restarts=1, reason="Error"))
    ((found, counters),) = here.sampler.totals()
    assert (found.name, counters.user) == ("service-a-1-1", 5.5)


def test_ends_for_lack_of_memory_are_counted(made_up, node, pod):
    here = node(kernel=made_up)
    made_up.add(10)
    here.runs(pod(10))
    assert [found.oom_kills for found in here.sampler.containers()] == [0]
    here.runs(pod(None, running=False, reason="OOMKilled"))
    here.sampler.sample()
    made_up.add(11)
    here.runs(pod(11, restarts=1, reason="OOMKilled"))
    here.sampler.sample()
    assert [found.oom_kills for found in here.sampler.containers()] == [1]
    made_up.add(12)
    here.runs(pod(12, restarts=2, reason="OOMKilled"))
    assert [found.oom_kills for found in here.sampler.containers()] == [2]
    made_up.add(13)
    here.runs(pod(13, restarts=3, reason="Error"))
    assert [found.oom_kills for found in here.sampler.containers()] == [2]


def test_few_shares_of_memory_are_read_at_once(made_up, node, pod, monkeypatch):
    clock = iter([100.0, 200.0, 201.0, 202.0])
    monkeypatch.setattr("refapp.backends.containers.sampler.time.monotonic", lambda: next(clock))
    here = node(kernel=made_up)
    for pid in range(10, 30):
        made_up.add(pid)
        made_up.shares[pid] = Resident(1, 0)
    here.runs(*(pod(pid, f"p-{pid}") for pid in range(10, 30)))
    for pid in range(10, 30):
        made_up.shares[pid] = Resident(2, 0)
    renewed = []
    for _ in range(3):
        here.sampler.sample()
        renewed.append(sum(found.usage.memory.anonymous == 2 for found in here.sampler.containers()))
    # They are read after the sums were made, so a sample shows those of the one before.
    here_now = sum(
        member.share.anonymous == 2 for meter in here.sampler._meters.values() for member in meter.members.values()
    )
    assert (renewed, here_now) == ([0, 8, 16], 20)


def test_a_broken_inventory_leaves_the_containers_measured(made_up, node, pod):
    made_up.add(10)
    here = node(kernel=made_up)
    here.runs(pod(10))
    here.path.write_text("{")
    here.sampler.sample()
    assert len(here.found()) == 1
    assert here.sampler.file.errors == 1


def test_a_machine_that_cannot_be_read_is_told(made_up, node, monkeypatch, caplog):
    def fail():
        raise OSError("no /proc")

    here = node(kernel=made_up)
    here.runs()
    monkeypatch.setattr(machine, "load", fail)
    with caplog.at_level(logging.WARNING):
        here.sampler.sample()
    assert here.sampler.load is None
    assert "the machine cannot be read: no /proc" in caplog.text


def test_sockets_that_cannot_be_read_are_told(made_up, node, pod, caplog):
    class Broken:
        def connections(self):
            raise OSError("no answer")

        def close(self):
            pass

    made_up.add(10)
    here = node(kernel=made_up)
    here.sampler = sampler.Sampler(InventoryFile(here.path), kernel=made_up, sockets=Broken())
    with caplog.at_level(logging.WARNING):
        here.runs(pod(10))
    assert "the sockets cannot be read: no answer" in caplog.text
    assert list(here.sampler.traffic()) == []
    assert len(here.found()) == 1


def test_without_sockets_there_is_no_network(made_up, node, pod, monkeypatch, caplog):
    def fail():
        raise OSError("netlink is a part of Linux")

    monkeypatch.setattr(sampler, "SocketTable", fail)
    with caplog.at_level(logging.WARNING):
        assert sampler.open_sockets() is None
    assert "the network is not measured: netlink is a part of Linux" in caplog.text
    here = node(kernel=made_up)
    here.runs(pod(10))
    assert list(here.sampler.traffic()) == []


@linux
def test_real_containers_agree_with_psutil(child, node):
    burning, holding = child(), child()
    here = node(network=True)
    containers = (
        Container(name="burns", pid=burning.pid, running=True),
        Container(name="holds", pid=holding.pid, running=True),
    )
    here.runs(Pod(name="p-1", workload="p", containers=containers))
    holding.run(f"data = b'x' * {64 * MEGABYTE}")
    burning.run("import time\nwhile time.process_time() < 0.5: pass")
    here.sampler.sample()
    found = here.found()
    times = psutil.Process(burning.pid).cpu_times()
    usage = found["p-1", "burns"].usage
    assert usage.user + usage.system == pytest.approx(times.user + times.system, abs=0.05)
    pss = psutil.Process(holding.pid).memory_full_info().pss
    assert found["p-1", "holds"].usage.memory.working_set == pytest.approx(pss, rel=0.05)
    assert found["p-1", "burns"].cores > found["p-1", "holds"].cores


@linux
def test_processes_that_come_and_go_break_nothing(child, node):
    forking = child()
    here = node(network=True)
    pod = Pod(name="p-1", workload="p", containers=(Container(name="c", pid=forking.pid, running=True),))
    forking.run("""
import subprocess, threading
stop = threading.Event()
def fork():
    while not stop.is_set():
        subprocess.run(["true"])
threads = [threading.Thread(target=fork) for _ in range(3)]
for thread in threads: thread.start()
""")
    seen = []
    try:
        for _ in range(40):
            here.runs(pod)
            (found,) = here.sampler.containers()
            seen.append(found.usage.user + found.usage.system)
    finally:
        forking.run("stop.set()\nfor thread in threads: thread.join()")
    assert seen == sorted(seen)
    here.sampler.sample()
    (found,) = here.sampler.containers()
    times = psutil.Process(forking.pid).cpu_times()
    total = times.user + times.system + times.children_user + times.children_system
    assert found.usage.user + found.usage.system == pytest.approx(total, abs=0.1)
