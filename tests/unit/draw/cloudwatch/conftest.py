"""What CloudWatch might tell, and what makes a figure of it hard to read."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import numpy as np
import pandas as pd
import pytest

from refapp.draw.dashboards.picture import Page
from refapp.query.cloudwatch.alarms import Alarm
from refapp.query.cloudwatch.containers import Performance
from refapp.query.cloudwatch.objects import objects

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WORKLOADS = ("rev-proxy", *(f"service-{letter}" for letter in "abcdefgh"), "mongodb", "rabbitmq")
LONG = "a-workload-whose-name-is-as-long-as-kubernetes-allows-a-name-to-be-63"


def over_time(columns, step=MINUTE):
    """Series by their names, indexed by time."""
    count = len(next(iter(columns.values()), ()))
    index = pd.DatetimeIndex([START + number * step for number in range(count)], name="time", tz="UTC")
    return pd.DataFrame(columns, index=index, dtype=float)


def history_of(*changes):
    rows = [(START + minute * MINUTE, "StateUpdate", before, after, "") for minute, before, after in changes]
    frame = pd.DataFrame(rows, columns=["time", "type", "before", "after", "summary"])
    return frame.assign(time=pd.to_datetime(frame["time"], utc=True))


@pytest.fixture
def frame():
    """Makes a frame of series, a row a minute."""
    return over_time


@pytest.fixture
def make_alarm():
    """Makes an alarm on what pods send, with any of its attributes."""

    def make_alarm(**more):
        known = {
            "name": "network-transmission",
            "state": "ALARM",
            "since": START + 6 * MINUTE,
            "reason": "Threshold Crossed: 1 datapoint [12000.5 (01/03/26 12:06:00)] was greater than the threshold.",
            "watches": "pod_network_tx_bytes",
            "statistic": "Average",
            "comparison": ">",
            "threshold": 12_000.0,
            "period": MINUTE,
            "dimensions": {"Namespace": "dev", "ClusterName": "istio-observe-demo"},
            "actions": (),
            "start": START,
            "end": START + 10 * MINUTE,
            "history": history_of((2, "INSUFFICIENT_DATA", "OK"), (6, "OK", "ALARM")),
            "measured": over_time({"pod_network_tx_bytes": [3000.0 + 1500 * minute for minute in range(11)]}),
        }
        return Alarm(**{**known, **more})

    return make_alarm


@pytest.fixture
def history():
    """Makes the history of an alarm: minute, before, after."""
    return history_of


@pytest.fixture
def make_performance():
    """Makes what the dashboard shows, of some workloads."""

    def make_performance(names=WORKLOADS, minutes=30):
        random = np.random.default_rng(1)
        parts = {
            part: over_time({name: scale * random.uniform(0.5, 1.5, minutes) for name in names})
            for part, scale in (("cpu", 8), ("memory", 3), ("received", 20_000), ("sent", 30_000))
        }
        running = over_time({"pods": np.linspace(20, 56, minutes), "containers": np.linspace(38, 110, minutes)})
        end = START + (minutes - 1) * MINUTE
        return Performance(namespace="dev", start=START, end=end, **parts, running=running)

    return make_performance


@pytest.fixture
def make_objects():
    """Makes the objects of a map: of namespaces with workloads, each with its service, CPU, memory and pods."""

    def make_objects(namespaces, alarms=(), nodes=(34.0, 51.0)):
        pods = [
            (namespace, service, name, f"{name}-{number}", cpu, memory, 5)
            for namespace, workloads in namespaces.items()
            for name, service, cpu, memory, count in workloads
            for number in range(count)
        ]
        names = ["Namespace", "Service", "PodName", "kubernetes.pod_name", "cpu", "memory", "samples"]
        known = pd.DataFrame([(*nodes, 5)], columns=["cpu", "memory", "samples"])
        states = pd.DataFrame(list(alarms), columns=["alarm", "state", "dimensions"])
        return objects("istio-observe-demo", pd.DataFrame(pods, columns=names), known, states)

    return make_objects


@pytest.fixture
def reference(make_objects):
    """The platform, with an alarm on its namespace, and two more namespaces."""
    dev = [(name, name, 0.5 + 1.5 * place, 0.4 + 0.2 * place, 2) for place, name in enumerate(WORKLOADS)]
    others = {
        "istio-system": [("istio-ingressgateway", "istio-ingressgateway", 2.2, 1.1, 1)],
        "amazon-cloudwatch": [("fluent-bit", None, 0.7, 0.4, 1)],
    }
    own = {"ClusterName": "istio-observe-demo"}
    alarms = [
        ("network-transmission", "ALARM", {"Namespace": "dev", **own}),
        ("d-cpu", "OK", {"PodName": "service-d", "Namespace": "dev", **own}),
        ("nodes", "INSUFFICIENT_DATA", own),
    ]
    return make_objects({"dev": dev, **others}, alarms)


def message(number, level="error"):
    log = {"level": level, "msg": "no connection to MongoDB", "service": "service-f", "number": number}
    kubernetes = {"pod_name": "service-f-7d9c5d8b4-ab2x2", "namespace_name": "dev", "docker_id": "ab" * 32}
    return json.dumps({"stream": "stdout", "log": json.dumps(log), "log_processed": log, "kubernetes": kubernetes})


@pytest.fixture
def make_events():
    """Makes events of a stream, seven seconds apart, of messages or of as many as asked."""

    def make_events(messages, stream="ip-127-0-0-1-application.var.log.containers.service-f.log"):
        messages = [message(number) for number in range(messages)] if isinstance(messages, int) else messages
        times = [START + timedelta(seconds=7 * number, milliseconds=5) for number in range(len(messages))]
        return pd.DataFrame({"timestamp": pd.to_datetime(times, utc=True), "stream": stream, "message": messages})

    return make_events


@pytest.fixture
def make_result(make_events):
    """Makes the result of a query, the newest first, with as many events as asked and CloudWatch's statistics."""

    def make_result(messages, **attrs):
        events = make_events(messages)[::-1].reset_index(drop=True)
        frame = pd.DataFrame({"@timestamp": events["timestamp"], "@message": events["message"], "@ptr": "x"})
        statistics = {"recordsMatched": 1234.0, "recordsScanned": 120_345.0, "bytesScanned": 34e6}
        known = {"start": START, "end": START + 10 * MINUTE, "elapsed": 0.23, "statistics": statistics}
        frame.attrs = {**known, **attrs}
        return frame

    return make_result


@pytest.fixture
def drawn(written):
    """Makes an SVG of a figure, which has to be possible, and returns its texts by gid."""

    def drawn(figure):
        figure.savefig(StringIO(), format="svg")
        return written(figure)

    return drawn


@pytest.fixture
def page():
    """An empty page."""
    return Page(3.0)
