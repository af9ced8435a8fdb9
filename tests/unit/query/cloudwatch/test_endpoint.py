"""The same questions, asked of the endpoint that stands for AWS locally."""

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import suppress
from itertools import islice
from types import SimpleNamespace

import httpx
import pandas as pd
import pytest

from refapp.draw import cloudwatch as draw
from refapp.query.cloudwatch import Cloud, CloudError, CloudWatchLogs, ContainerInsights, QueryError

CLUSTER = "istio-observe-demo"
APPLICATION = f"/aws/containerinsights/{CLUSTER}/application"
PERFORMANCE = f"/aws/containerinsights/{CLUSTER}/performance"
STREAM = "ip-127-0-0-1-application.var.log.containers.service-f-1_dev_service-f-ab.log"
PERIODS = 5
ARTICLE = """fields @timestamp, @message
| filter kubernetes.container_name = "service-f"
and @message like "error"
| sort @timestamp desc
| limit 20"""
DIMENSIONS = (
    ["PodName", "Namespace", "ClusterName"],
    ["Service", "Namespace", "ClusterName"],
    ["Namespace", "ClusterName"],
    ["ClusterName"],
)
POD = ("pod_cpu_utilization", "pod_memory_utilization", "pod_network_rx_bytes", "pod_network_tx_bytes")


def minutes():
    """The beginnings of the last whole minutes, the oldest first, in milliseconds since 1970."""
    now = int(time.time()) // 60 * 60
    return [1000 * (now - 60 * ago) for ago in range(PERIODS, 0, -1)]


def log_line(number, ms):
    level = "error" if number % 2 else "info"
    processed = {"level": level, "msg": f"message {number}", "duration_ms": number / 2}
    kubernetes = {"pod_name": "service-f-1", "namespace_name": "dev", "container_name": "service-f"}
    record = {"stream": "stdout", "log": json.dumps(processed), "log_processed": processed, "kubernetes": kubernetes}
    return {"timestamp": ms, "message": json.dumps(record)}


def performance(kind, ms, values, dimensions, **members):
    metrics = [{"Name": name} for name in values]
    directive = {"Namespace": "ContainerInsights", "Dimensions": dimensions, "Metrics": metrics}
    event = {"Type": kind, "Version": "0", "Timestamp": str(ms), "ClusterName": CLUSTER, **members, **values}
    return {"timestamp": ms, "message": json.dumps({"CloudWatchMetrics": [directive], **event})}


def pod(name, number, ms, values):
    counted = {"pod_number_of_running_containers": 2, "pod_number_of_containers": 2}
    kubernetes = {"pod_name": f"{name}-{number}", "namespace_name": "dev"}
    event = performance(
        "Pod", ms, dict(zip(POD, values, strict=True)), DIMENSIONS, Namespace="dev", PodName=name, Service=name
    )
    told = json.loads(event["message"]) | counted | {"kubernetes": kubernetes}
    return {**event, "message": json.dumps(told)}


def node(ms):
    values = {"node_cpu_utilization": 40.0, "node_memory_utilization": 60.0}
    return performance("Node", ms, values, [["ClusterName"]], NodeName="ip-127-0-0-1")


def container(ms):
    kubernetes = {"pod_name": "service-d-1", "namespace_name": "dev", "container_name": "service-d"}
    event = {"Type": "Container", "Timestamp": str(ms), "container_cpu_usage_total": 12.5, "kubernetes": kubernetes}
    return {"timestamp": ms, "message": json.dumps({**event, "container_memory_working_set": 1000})}


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    """The address of an endpoint of these tests."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    store = tmp_path_factory.mktemp("endpoint") / "store"
    environ = os.environ | {"PORT": address, "STORE": str(store)}
    command = [sys.executable, "-m", "refapp.backends.cloudwatch.endpoint.server"]
    with subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True) as process:
        try:
            deadline = time.monotonic() + 60
            while not answers(f"http://{address}/health"):
                assert process.poll() is None, process.communicate()
                assert time.monotonic() < deadline
                time.sleep(0.02)
            yield f"http://{address}"
        finally:
            process.terminate()
            process.communicate(timeout=30)


def answers(url):
    with suppress(httpx.HTTPError):
        return httpx.get(url).is_success
    return False


@pytest.fixture(scope="module")
def aws(url):
    """The endpoint, with the log lines of a container and the performance events of two workloads."""
    cloud = Cloud(lambda: {"aws": url})
    logs = cloud.client("logs")
    times = minutes()
    for group, stream in ((APPLICATION, STREAM), (PERFORMANCE, "ip-127-0-0-1")):
        logs.create_log_group(logGroupName=group)
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
    lines = [log_line(number, times[0] + 10_000 * number) for number in range(20)]
    logs.put_log_events(logGroupName=APPLICATION, logStreamName=STREAM, logEvents=lines)
    events = [
        event
        for place, ms in enumerate(times)
        for event in (
            pod("service-a", 1, ms, (1.0, 2.0, 100.0, 1000.0 * (place + 1))),
            pod("service-d", 1, ms, (3.0, 4.0, 300.0, 3000.0 * (place + 1))),
            pod("service-d", 2, ms, (5.0, 6.0, 500.0, 5000.0 * (place + 1))),
            node(ms),
            container(ms),
        )
    ]
    logs.put_log_events(logGroupName=PERFORMANCE, logStreamName="ip-127-0-0-1", logEvents=events)
    return SimpleNamespace(cloud=cloud, logs=CloudWatchLogs(cloud), insights=ContainerInsights(cloud), times=times)


def time_of(ms):
    return pd.Timestamp(ms, unit="ms", tz="UTC")


def test_groups_and_streams(aws):
    groups = aws.logs.groups("/aws/containerinsights")
    assert groups["name"].tolist() == [APPLICATION, PERFORMANCE]
    assert (groups["bytes"] > 0).all()
    streams = aws.logs.streams()
    assert streams["name"].tolist() == [STREAM]
    assert streams["first"].iloc[0] == time_of(aws.times[0])


def test_the_events_of_a_stream(aws):
    frame = aws.logs.events(STREAM)
    assert frame["timestamp"].tolist() == [time_of(aws.times[0] + 10_000 * number) for number in range(20)]
    assert frame.attrs["complete"]
    newest = aws.logs.events(STREAM, limit=3)
    assert newest["message"].tolist() == frame["message"].tolist()[-3:]
    assert not newest.attrs["complete"]


def test_events_by_a_pattern(aws):
    frame = aws.logs.filter('{ $.log_processed.level = "error" }')
    assert len(frame) == 10
    assert frame["id"].is_unique
    assert frame["stream"].unique().tolist() == [STREAM]


def test_events_as_they_come(aws):
    group = "/test/tail"
    client = aws.cloud.client("logs")
    client.create_log_group(logGroupName=group)
    client.create_log_stream(logGroupName=group, logStreamName="s")
    lines = aws.logs.tail(group, "wanted", since="1m", pause=0.02)
    for number in range(3):
        event = {"timestamp": round(time.time() * 1000), "message": f"wanted {number}"}
        client.put_log_events(logGroupName=group, logStreamName="s", logEvents=[event])
        assert [line.message for line in islice(lines, 1)] == [f"wanted {number}"]
    lines.close()


def test_the_articles_query(aws):
    frame = aws.logs.query(ARTICLE)
    assert list(frame.columns) == ["@timestamp", "@message", "@ptr"]
    assert len(frame) == 10
    assert frame["@timestamp"].is_monotonic_decreasing
    assert frame.attrs["statistics"]["recordsMatched"] == 10
    record = aws.logs.record(frame["@ptr"].iloc[0])
    assert record["log_processed.level"] == "error"
    draw.results(frame, histogram=aws.logs.histogram(ARTICLE), opened=(0,)).draw_without_rendering()


def test_numbers_and_bins_have_their_types(aws):
    text = (
        "stats count(*) as n, avg(log_processed.duration_ms) as mean by log_processed.level as level, bin(1m) as minute"
        "| sort minute asc, level asc"
    )
    frame = aws.logs.query(text)
    assert frame["n"].sum() == 20
    assert frame["n"].dtype == "int64"
    assert frame["mean"].dtype == "float64"
    assert isinstance(frame["minute"].dtype, pd.DatetimeTZDtype)
    assert set(frame["level"]) == {"error", "info"}
    draw.visualization(frame, "bar").draw_without_rendering()


def test_a_histogram_counts_all_that_the_query_matches(aws):
    frame = aws.logs.histogram(ARTICLE, last="15m")
    assert frame["events"].sum() == 10
    assert frame["time"].is_monotonic_increasing


def test_a_query_may_name_its_groups(aws):
    frame = aws.logs.query(f"SOURCE logGroups(namePrefix: ['{APPLICATION}']) | stats count(*) as n")
    assert frame["n"].tolist() == [20]


def test_a_query_that_is_not_understood_is_shown_with_its_place(aws):
    with pytest.raises(QueryError) as raised:
        aws.logs.query("fields @timestamp\n| fliter x = 1")
    assert "fliter" in str(raised.value)
    lines = str(raised.value).splitlines()
    (mark,) = [number for number, line in enumerate(lines) if set(line.strip()) == {"^"}]
    assert lines[mark - 1] == "    | fliter x = 1"


def test_a_group_that_is_not_there_is_an_error(aws):
    with pytest.raises(CloudError) as raised:
        aws.logs.query("limit 1", "/no/such/group")
    assert raised.value.code == "ResourceNotFoundException"


def test_an_operation_that_nobody_knows_is_refused_at_once(aws):
    began = time.monotonic()
    with pytest.raises(CloudError):
        aws.cloud.call("logs", "list_log_anomaly_detectors")
    assert time.monotonic() - began < 5


def test_the_query_from_a_container_to_its_lines(aws):
    frame = aws.insights.logs("service-f")
    assert len(frame) == 20
    assert aws.insights.logs("service-x").empty


def test_the_metrics_of_the_cluster(aws):
    frame = aws.insights.metrics("pod_network_tx_bytes", Namespace="dev")
    assert sorted(frame["PodName"].dropna()) == ["service-a", "service-d"]
    assert set(frame["ClusterName"]) == {CLUSTER}


def test_a_metric_over_time(aws):
    frame = aws.insights.metric("pod_network_tx_bytes", Namespace="dev", last="10m")
    values = frame["pod_network_tx_bytes"].loc[[time_of(ms) for ms in aws.times]]
    assert values.tolist() == [pytest.approx(3000 * (place + 1)) for place in range(PERIODS)]


def test_a_metric_of_all_workloads(aws):
    frame = aws.insights.metric("pod_network_tx_bytes", by="PodName", Namespace="dev", statistic="Maximum", last="10m")
    assert list(frame.columns) == ["service-a", "service-d"]
    assert frame["service-d"].dropna().tolist() == [5000 * (place + 1) for place in range(PERIODS)]
    nothing = aws.insights.metric("pod_network_tx_bytes", by="PodName", Namespace="prod", last="10m")
    assert nothing.empty


def test_the_dashboard(aws):
    found = aws.insights.performance(last="10m")
    assert list(found.cpu.columns) == list(found.sent.columns) == ["service-a", "service-d"]
    assert found.running["pods"].tolist() == [3] * PERIODS
    assert found.running["containers"].tolist() == [6] * PERIODS
    draw.performance(found).draw_without_rendering()


def test_the_container_map(aws):
    frame = aws.insights.objects("10m")
    found = frame.set_index(["kind", "name"])
    assert found.loc[("cluster", CLUSTER), "cpu"].item() == 40
    assert found.loc[("workload", "service-d"), "cpu"].item() == pytest.approx(4)
    assert found.loc[("namespace", "dev"), "pods"].item() == 3
    draw.container_map(frame).draw_without_rendering()


def test_the_performance_events_of_a_container(aws):
    frame = aws.insights.container("service-d")
    assert frame["cpu"].tolist() == [12.5] * PERIODS
    assert frame["@timestamp"].is_monotonic_increasing
    assert "memory_limit" not in frame


def test_the_articles_alarm_goes_off(aws):
    dimensions = [{"Name": "Namespace", "Value": "dev"}, {"Name": "ClusterName", "Value": CLUSTER}]
    datum = {"MetricName": "pod_network_tx_bytes", "Dimensions": dimensions, "Value": 5000.0}
    aws.cloud.call("cloudwatch", "put_metric_data", Namespace="ContainerInsights", MetricData=[datum])
    name = aws.insights.put_network_alarm(1000.0, missing="ignore")
    found = aws.insights.wait_for_alarm(name, within=60)
    assert found.state == "ALARM"
    assert found.dimensions == {"Namespace": "dev", "ClusterName": CLUSTER}
    assert found.states["state"].iloc[-1] == "ALARM"
    assert aws.insights.alarms("network").loc[0, "state"] == "ALARM"
    assert aws.insights.objects("10m").set_index("kind").loc["namespace", "alarm"] == "ALARM"
    draw.alarm(found).draw_without_rendering()
    aws.insights.delete_alarm(name)
    with pytest.raises(CloudError, match="no alarm"):
        aws.insights.alarm(name)
