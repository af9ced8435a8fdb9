from datetime import UTC, datetime, timedelta

import pytest

from refapp.query.cloudwatch.containers import ContainerInsights
from refapp.query.cloudwatch.spans import milliseconds

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
END = START + timedelta(minutes=3)
TIME = {"start": START, "end": END}
CLUSTER = {"Name": "ClusterName", "Value": "istio-observe-demo"}
PERFORMANCE = "/aws/containerinsights/istio-observe-demo/performance"
TYPES = ["MetricAlarm", "CompositeAlarm"]


@pytest.fixture
def insights(aws):
    return ContainerInsights(aws.cloud)


def row(**values):
    return [{"field": name, "value": value} for name, value in values.items()]


def query(aws, *rows, text=None, group=PERFORMANCE):
    asked = None
    if text is not None:
        times = {"startTime": milliseconds(START) // 1000, "endTime": milliseconds(END) // 1000}
        asked = {"queryString": text, **times, "logGroupNames": [group]}
    aws.says("logs", "start_query", {"queryId": "q"}, asked)
    aws.says("logs", "get_query_results", {"status": "Complete", "results": list(rows)})


def test_the_metrics_of_the_cluster_are_listed(aws, insights):
    found = {"MetricName": "m", "Namespace": "ContainerInsights", "Dimensions": [CLUSTER]}
    asked = {
        "Namespace": "ContainerInsights",
        "MetricName": "m",
        "Dimensions": [{"Name": "Namespace", "Value": "dev"}, CLUSTER],
    }
    aws.says("cloudwatch", "list_metrics", {"Metrics": [found]}, asked)
    assert insights.metrics("m", Namespace="dev").to_dict("records") == [
        {"metric": "m", "ClusterName": "istio-observe-demo"}
    ]


def test_a_metric_is_asked_for_with_the_clusters_name(aws, insights):
    dimensions = [{"Name": "Namespace", "Value": "dev"}, CLUSTER]
    metric = {"Namespace": "ContainerInsights", "MetricName": "m", "Dimensions": dimensions}
    asked = {"Id": "q0", "MetricStat": {"Metric": metric, "Period": 300, "Stat": "Maximum"}, "Label": "m"}
    answer = {"Id": "q0", "Label": "m", "Timestamps": [START], "Values": [1.0]}
    parameters = {"MetricDataQueries": [asked], "StartTime": START, "EndTime": END, "ScanBy": "TimestampAscending"}
    aws.says("cloudwatch", "get_metric_data", {"MetricDataResults": [answer]}, parameters)
    frame = insights.metric("m", statistic="Maximum", period="5m", Namespace="dev", **TIME)
    assert frame["m"].tolist() == [1]


def test_a_metric_may_be_asked_for_of_all_workloads(aws, insights):
    answer = {"Id": "q0", "Label": "service-a/dev", "Timestamps": [START], "Values": [1.0]}
    aws.says("cloudwatch", "get_metric_data", {"MetricDataResults": [answer]})
    frame = insights.metric("pod_cpu_utilization", by="PodName", Namespace="dev", **TIME)
    assert list(frame.columns) == ["service-a"]


def test_the_dashboard_has_a_frame_for_each_panel(aws, insights):
    results = [
        {"Id": f"q{number}", "Label": "a/dev", "Timestamps": [START], "Values": [float(number)]} for number in range(4)
    ]
    aws.says("cloudwatch", "get_metric_data", {"MetricDataResults": results})
    text = (
        'filter Type = "Pod" and Namespace = "dev"\n'
        "| stats avg(pod_number_of_running_containers) as running by kubernetes.pod_name, bin(1m) as time\n"
        "| stats count(*) as pods, sum(running) as containers by time\n"
        "| sort time asc"
    )
    query(aws, row(time="2026-03-01 12:00:00.000", pods="3", containers="6.5"), text=text)
    found = insights.performance(**TIME)
    assert [frame["a"].iloc[0] for frame in (found.cpu, found.memory, found.received, found.sent)] == [0, 1, 2, 3]
    assert found.cpu.attrs["metric"] == "pod_cpu_utilization"
    assert found.sent.attrs["metric"] == "pod_network_tx_bytes"
    assert found.running.loc[START].tolist() == [3, 6.5]
    assert (found.namespace, found.start, found.end) == ("dev", START, END)


@pytest.mark.parametrize(("period", "written"), [("10s", "bin(10s)"), ("2h", "bin(2h)"), ("1d", "bin(1d)")])
def test_the_dashboard_counts_in_its_period(aws, insights, period, written, monkeypatch):
    asked = []
    monkeypatch.setattr(aws.cloud, "pages", lambda *_, **__: [{"MetricDataResults": []}])
    call = aws.cloud.call
    monkeypatch.setattr(aws.cloud, "call", lambda *told, **asks: asked.append(asks) or call(*told, **asks))
    query(aws)
    found = insights.performance(period=period, **TIME)
    assert written in asked[0]["queryString"]
    assert found.running.empty


def test_the_objects_of_the_map(aws, insights):
    query(
        aws,
        row(
            Namespace="dev",
            Service="s",
            PodName="s",
            **{"kubernetes.pod_name": "s-1"},
            cpu="1.5",
            memory="2",
            samples="3",
        ),
    )
    query(aws, row(cpu="30", memory="40", samples="3"))
    alarm = {
        "AlarmName": "x",
        "StateValue": "ALARM",
        "StateUpdatedTimestamp": START,
        "MetricName": "m",
        "Period": 60,
        "Dimensions": [CLUSTER],
    }
    aws.says("cloudwatch", "describe_alarms", {"MetricAlarms": [alarm]}, {"AlarmTypes": TYPES})
    frame = insights.objects()
    assert frame["kind"].tolist() == ["cluster", "namespace", "service", "workload", "pod"]
    assert frame["cpu"].tolist() == [30, 1.5, 1.5, 1.5, 1.5]
    assert frame["alarm"].tolist() == ["ALARM", "", "", "", ""]


def test_the_performance_events_of_a_container(aws, insights):
    query(aws, row(**{"@timestamp": "2026-03-01 12:00:00.000"}, pod="p", cpu="12.5", memory="1000", **{"@ptr": "x"}))
    frame = insights.container("service-d", **TIME)
    assert list(frame.columns) == ["@timestamp", "pod", "cpu", "memory"]
    assert frame["cpu"].tolist() == [12.5]


def test_names_are_quoted_in_queries(aws, insights, monkeypatch):
    asked = []
    call = aws.cloud.call
    monkeypatch.setattr(aws.cloud, "call", lambda *told, **asks: asked.append(asks) or call(*told, **asks))
    query(aws)
    insights.container('x" or 1 = 1 #\\', "dev", **TIME)
    assert 'kubernetes.container_name = "x\\" or 1 = 1 #\\\\"' in asked[0]["queryString"]


def test_the_query_for_the_log_lines_of_a_container(insights):
    assert insights.logs_query("service-d") == (
        "fields @timestamp, @message\n"
        '| filter kubernetes.namespace_name = "dev"\n'
        '    and kubernetes.container_name = "service-d"\n'
        "| sort @timestamp desc\n"
        "| limit 20"
    )
    assert '\n    and kubernetes.pod_name = "p-1"\n| sort' in insights.logs_query("service-d", pod="p-1", limit=5)


def test_the_log_lines_of_a_container(aws, insights):
    group = PERFORMANCE.replace("performance", "application")
    query(aws, row(**{"@message": "m"}), text=insights.logs_query("service-d", pod="p"), group=group)
    assert insights.logs("service-d", pod="p", **TIME)["@message"].tolist() == ["m"]


def test_the_articles_alarm_is_on_what_the_pods_of_a_namespace_send(aws, insights):
    asked = {
        "AlarmName": "network-transmission",
        "Namespace": "ContainerInsights",
        "MetricName": "pod_network_tx_bytes",
        "Dimensions": [{"Name": "Namespace", "Value": "dev"}, CLUSTER],
        "Statistic": "Average",
        "Period": 10,
        "EvaluationPeriods": 1,
        "Threshold": 5000.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "missing",
        "AlarmActions": [],
        "OKActions": [],
    }
    aws.says("cloudwatch", "put_metric_alarm", {}, asked)
    assert insights.put_network_alarm(5000.0, period=timedelta(seconds=10)) == "network-transmission"


def test_an_alarm_may_be_on_any_metric_of_the_cluster(aws, insights, monkeypatch):
    sent = {}
    monkeypatch.setattr(aws.cloud, "call", lambda *_, **asked: sent.update(asked))
    insights.put_alarm("nodes", "node_cpu_utilization", 80.0, comparison=">=")
    assert sent["Dimensions"] == [CLUSTER]
    assert sent["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"


def test_alarms_are_deleted(aws, insights):
    aws.says("cloudwatch", "delete_alarms", {}, {"AlarmNames": ["x"]})
    insights.delete_alarm("x")


def test_an_alarm_is_waited_for_and_read(aws, insights):
    alarm = {"AlarmName": "x", "StateValue": "ALARM", "StateUpdatedTimestamp": START, "AlarmRule": "ALARM(y)"}
    for _ in range(2):
        aws.says(
            "cloudwatch", "describe_alarms", {"CompositeAlarms": [alarm]}, {"AlarmTypes": TYPES, "AlarmNames": ["x"]}
        )
    aws.says("cloudwatch", "describe_alarm_history", {"AlarmHistoryItems": []})
    assert insights.wait_for_alarm("x").state == "ALARM"
