import asyncio
import json
import logging
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.backends.containerinsights.agent import Agent, boundary, every
from refapp.backends.containerinsights.buffer import Buffer
from refapp.backends.containerinsights.events import Place, Writer
from refapp.backends.containerinsights.kubelet import KubeletError
from refapp.backends.containerinsights.telemetry import Telemetry
from refapp.backends.containers.inventory import Inventory, InventoryFile, write

DAY = 24 * 3600 * 1000


class Kubelet:
    """Tells of a node that is made up, unless it has an error to tell."""

    def __init__(self, node):
        self._node = node
        self.error = None

    def read(self):
        if self.error:
            raise self.error
        return self._node.snapshot()


class Writing:
    """An agent, and what it has written."""

    def __init__(self, node, path, capacity=1 << 20):
        self.kubelet = Kubelet(node)
        self.path = path
        self.buffer = Buffer(capacity)
        self.telemetry = Telemetry()
        writer = Writer(Place(cluster="demo", node="ip-1"), enhanced=True, period=5)
        self.agent = Agent(self.kubelet, InventoryFile(path), writer, self.buffer, self.telemetry)

    def write(self, timestamp):
        """The events of one period."""
        self.agent.write(timestamp)
        batches = [self.buffer.take() for _ in range(len(self.buffer))]
        return [json.loads(message) for batch in batches for message in batch.messages()]

    def count(self, name):
        return self.telemetry.registry.get_sample_value(f"containerinsights_{name}_total")


@pytest.fixture
def writing(node, tmp_path, pod):
    path = tmp_path / "inventory.json"
    write(path, Inventory(pods=(pod(),)))
    return Writing(node, path)


def kinds(events):
    return {event["Type"] for event in events}


def test_all_events_of_a_period_have_its_time(writing):
    events = writing.write(5000)
    assert {"Cluster", "Node", "Pod", "Container"} <= kinds(events)
    assert {event["Timestamp"] for event in events} == {"5000"}
    assert writing.count("periods") == 1


def test_rates_are_those_from_one_period_to_the_next(writing, node, pod):
    node.pod(pod(), 100)
    writing.write(5000)
    node.seconds = 5
    node.pod(pod(), 600)
    (event,) = [event for event in writing.write(10_000) if event["Type"] == "Pod"]
    assert event["pod_cpu_usage_total"] == 100.0


def test_a_new_inventory_is_taken_up(writing, pod):
    writing.write(5000)
    write(writing.path, Inventory(pods=(pod("f-1"), pod("f-2"))))
    events = writing.write(10_000)
    assert [event["FullPodName"] for event in events if event["Type"] == "Pod"] == ["f-1", "f-2"]


def test_a_kubelet_that_does_not_answer_is_told_once_and_counts_as_a_failed_node(writing, caplog):
    writing.write(5000)
    writing.kubelet.error = KubeletError("gone")
    with caplog.at_level(logging.INFO):
        for timestamp in (10_000, 15_000):
            events = writing.write(timestamp)
            assert kinds(events) == {"Cluster", "ClusterNamespace", "ClusterService"}
            assert events[0]["cluster_failed_node_count"] == 1
        writing.kubelet.error = None
        assert writing.write(20_000)[0]["cluster_failed_node_count"] == 0
    assert [record.getMessage() for record in caplog.records] == [
        "nothing is told of the node and its pods until the kubelet answers: gone",
        "the kubelet answers again",
    ]
    assert writing.count("kubelet_errors") == 2


def test_a_rate_reaches_over_the_periods_in_which_the_kubelet_did_not_answer(writing, node, pod):
    node.pod(pod(), 100)
    writing.write(5000)
    writing.kubelet.error = KubeletError("gone")
    writing.write(10_000)
    writing.kubelet.error = None
    node.seconds = 10
    node.pod(pod(), 600)
    (event,) = [event for event in writing.write(15_000) if event["Type"] == "Pod"]
    assert event["pod_cpu_usage_total"] == 50.0


def test_an_error_costs_one_period(writing, caplog):
    writing.kubelet.error = RuntimeError("a bug")
    assert writing.write(5000) == []
    assert "the events of a period are left out" in caplog.text
    writing.kubelet.error = None
    assert writing.write(10_000)
    assert (writing.count("errors"), writing.count("periods")) == (1, 1)


def test_without_an_inventory_the_node_is_told_of(writing):
    writing.path.unlink()
    assert kinds(writing.write(5000)) == {"Cluster", "Node"}


def test_events_that_are_dropped_are_counted_and_told_once(node, tmp_path, pod, caplog):
    path = tmp_path / "inventory.json"
    write(path, Inventory(pods=(pod(),)))
    writing = Writing(node, path, capacity=1)
    for timestamp in (5000, 10_000, 15_000):
        writing.agent.write(timestamp)
    (kept,) = [writing.buffer.take()]
    assert kept.timestamp == 15_000
    assert writing.count("events_dropped") == 2 * kept.events
    told = [record.getMessage() for record in caplog.records]
    assert told == ["too many events wait to be sent: the oldest are dropped"]


def test_the_events_of_twenty_pods_are_small_when_they_wait(node, tmp_path, pod):
    path = tmp_path / "inventory.json"
    pods = [
        pod(f"service-{n}-abc-{n}", workload=f"service-{n}", cpu_limit=0.5, memory_limit=1 << 28) for n in range(20)
    ]
    write(path, Inventory(pods=tuple(pods), replicas={one.workload: 1 for one in pods}))
    writing = Writing(node, path)
    for seconds in (0, 5):
        node.seconds = seconds
        for number, one in enumerate(pods):
            node.pod(one, seconds * 123.4 * number, working_set=12345 * number, received=seconds * 777 * number)
        writing.agent.write(seconds * 1000)
    assert 5_000 < writing.buffer.size < 2 * 20_000


@given(st.floats(0, 2e12), st.integers(1, DAY))
def test_a_boundary_is_the_next_multiple_of_the_period(now, period):
    found = boundary(now, period)
    assert found % period == 0
    assert now < found <= now + period


class Clock:
    """A clock that is so many seconds `ahead` of one that is never set."""

    def __init__(self):
        self.ahead = 1_700_000_000.0 - time.monotonic()

    def __call__(self):
        return time.monotonic() + self.ahead


async def called(period, write, times, clock=None):
    """The boundaries with which `write` was called that often."""
    stop, found = asyncio.Event(), []
    loop = asyncio.get_running_loop()

    def note(timestamp):
        found.append(timestamp)
        if len(found) == times:
            loop.call_soon_threadsafe(stop.set)
        write(timestamp)

    await asyncio.wait_for(every(period, note, stop, clock or Clock()), 30)
    return found


def gaps(found):
    """The milliseconds from one boundary to the next; on a busy machine some may be left out."""
    assert all(timestamp % 50 == 0 for timestamp in found)
    return [later - earlier for earlier, later in pairwise(found)]


async def test_each_boundary_is_written_once():
    found = gaps(await called(0.05, lambda _: None, 8))
    assert min(found) == 50


async def test_a_boundary_is_written_when_it_is_reached():
    clock = Clock()
    late = []
    await called(0.05, lambda timestamp: late.append(clock() - timestamp / 1000), 8, clock)
    assert -0.01 < min(late) < 0.04


async def test_what_takes_long_leaves_boundaries_out_and_does_not_drift():
    found = gaps(await called(0.05, lambda _: time.sleep(0.07), 5))
    assert min(found) == 100


@pytest.mark.parametrize("jump", [3600.0, -3600.0])
async def test_a_clock_that_is_set_is_followed(jump):
    clock = Clock()
    found = await called(0.05, lambda _: setattr(clock, "ahead", clock.ahead + jump), 3, clock)
    for earlier, later in pairwise(found):
        assert later - earlier == pytest.approx(jump * 1000, abs=2000)
        assert later % 50 == 0


async def test_a_clock_that_is_set_while_nothing_is_written_is_followed():
    clock, jumps = Clock(), iter([False, True])

    def told():
        """Jumps between the look at the clock before the wait and the one after it."""
        if next(jumps, False):
            clock.ahead += 100
        return clock()

    (found,) = await called(0.05, lambda _: None, 1, told)
    assert found / 1000 == pytest.approx(clock(), abs=1)


async def test_a_clock_that_wakes_too_early_writes_no_boundary_twice():
    clock = Clock()

    class Early:
        """Each wait seems to end a little before its time."""

        def __init__(self):
            self.calls = 0

        def __call__(self):
            self.calls += 1
            return clock() - (0.004 if self.calls % 3 != 2 else 0)

    found = gaps(await called(0.05, lambda _: None, 6, Early()))
    assert min(found) == 50


async def test_it_ends_when_it_is_told_to():
    stop = asyncio.Event()
    task = asyncio.create_task(every(3600.0, lambda _: None, stop))
    await asyncio.sleep(0)
    assert not task.done()
    stop.set()
    await asyncio.wait_for(task, 10)
