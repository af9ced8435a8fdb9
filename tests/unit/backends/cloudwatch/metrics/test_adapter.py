"""The operations through boto3, in each protocol of CloudWatch's model."""

import gzip
import json
import secrets
import threading
from datetime import timedelta

import orjson
import pytest
import requests
from botocore.exceptions import ClientError

from refapp.backends.cloudwatch.metrics.alarms.evaluator import AlarmEvaluator
from refapp.backends.cloudwatch.metrics.emf import extract
from refapp.backends.cloudwatch.metrics.times import utc

SOON = 10
SIGNED = {"Authorization": "AWS4-HMAC-SHA256 Credential=test/20231114/eu-west-1/monitoring/aws4_request"}
JSON = SIGNED | {"Content-Type": "application/x-amz-json-1.0"}


def error(caught):
    response = caught.value.response
    metadata = response["ResponseMetadata"]
    return response["Error"]["Code"], metadata["HTTPStatusCode"], metadata.get("RetryAttempts", 0)


@pytest.fixture
def put_alarm(client):
    def put(name="slow", **members):
        alarm = {
            "Namespace": "shop",
            "MetricName": "latency",
            "Statistic": "Average",
            "Period": 60,
            "EvaluationPeriods": 1,
            "Threshold": 10,
            "ComparisonOperator": "GreaterThanThreshold",
        }
        client.put_metric_alarm(AlarmName=name, **alarm | members)

    return put


def test_metrics(client, clock):
    now = utc(clock.now)
    dimensions = [{"Name": "pod", "Value": "a"}]
    statistics = {"SampleCount": 2, "Sum": 30, "Minimum": 10, "Maximum": 20}
    client.put_metric_data(
        Namespace="shop",
        MetricData=[
            {"MetricName": "latency", "Value": 0.5, "Unit": "Seconds", "Timestamp": now, "Dimensions": dimensions},
            {
                "MetricName": "latency",
                "Values": [1.5, 2.5],
                "Counts": [2, 1],
                "Unit": "Seconds",
                "Dimensions": dimensions,
            },
            {"MetricName": "size", "StatisticValues": statistics, "StorageResolution": 1},
        ],
    )
    metrics = client.list_metrics(Namespace="shop")["Metrics"]
    assert metrics == [
        {"Namespace": "shop", "MetricName": "latency", "Dimensions": dimensions},
        {"Namespace": "shop", "MetricName": "size", "Dimensions": []},
    ]
    times = {"StartTime": now - timedelta(minutes=5), "EndTime": now + timedelta(minutes=1)}
    latency = {"Namespace": "shop", "MetricName": "latency", "Dimensions": dimensions}
    (point,) = client.get_metric_statistics(**latency, **times, Period=60, Statistics=["Sum", "SampleCount"])[
        "Datapoints"
    ]
    assert point == {"Timestamp": now, "Sum": 6.0, "SampleCount": 4.0, "Unit": "Seconds"}
    (point,) = client.get_metric_statistics(**latency, **times, Period=60, ExtendedStatistics=["p50"])["Datapoints"]
    assert point["ExtendedStatistics"] == {"p50": 1.5}
    answer = client.get_metric_data(
        MetricDataQueries=[
            {"Id": "m1", "MetricStat": {"Metric": latency, "Period": 60, "Stat": "Maximum"}, "ReturnData": False},
            {"Id": "e1", "Expression": "m1 * 10", "Label": "ten times ${MAX}"},
        ],
        **times,
    )
    (result,) = answer["MetricDataResults"]
    assert (result["Label"], result["Timestamps"], result["Values"]) == ("ten times 25", [now], [25.0])


def test_alarms(client, put_alarm, store, served, datum, clock, hour):
    put_alarm(Tags=[{"Key": "team", "Value": "a"}], AlarmDescription="too slow")
    client.put_composite_alarm(AlarmName="any", AlarmRule="ALARM(slow)")
    store.put([datum(11)])
    clock.now = hour + 60
    served.evaluate()
    (alarm,) = client.describe_alarms()["MetricAlarms"]
    assert (alarm["StateValue"], alarm["AlarmDescription"], alarm["Threshold"]) == ("ALARM", "too slow", 10.0)
    assert alarm["StateUpdatedTimestamp"] == alarm["StateTransitionedTimestamp"] == utc(hour + 60)
    assert json.loads(alarm["StateReasonData"])["recentDatapoints"] == [11.0]
    (composite,) = client.describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    assert (composite["StateValue"], composite["AlarmRule"]) == ("ALARM", "ALARM(slow)")
    arn = alarm["AlarmArn"]
    assert arn == "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:slow"
    client.tag_resource(ResourceARN=arn, Tags=[{"Key": "level", "Value": "1"}])
    client.untag_resource(ResourceARN=arn, TagKeys=["team"])
    assert client.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "level", "Value": "1"}]
    (found,) = client.describe_alarms_for_metric(Namespace="shop", MetricName="latency")["MetricAlarms"]
    assert found["AlarmName"] == "slow"
    client.disable_alarm_actions(AlarmNames=["slow"])
    assert not client.describe_alarms(AlarmNames=["slow"])["MetricAlarms"][0]["ActionsEnabled"]
    client.enable_alarm_actions(AlarmNames=["slow"])
    client.set_alarm_state(AlarmName="slow", StateValue="OK", StateReason="a test")
    items = client.describe_alarm_history(AlarmName="slow", ScanBy="TimestampAscending")["AlarmHistoryItems"]
    assert [item["HistorySummary"] for item in items] == [
        'Alarm "slow" created',
        "Alarm updated from INSUFFICIENT_DATA to ALARM",
        'Alarm "slow" updated',
        'Alarm "slow" updated',
        "Alarm updated from ALARM to OK",
    ]
    assert items[1]["Timestamp"] == utc(hour + 60)
    assert json.loads(items[1]["HistoryData"])["newState"]["stateValue"] == "ALARM"
    client.delete_alarms(AlarmNames=["any", "slow"])
    assert client.describe_alarms(AlarmTypes=["CompositeAlarm", "MetricAlarm"])["MetricAlarms"] == []


def test_pages_through_boto3(client, store, datum, clock, hour):
    store.put([datum(1, at=clock.now, name=f"metric-{number:04}") for number in range(1100)])
    names = [m["MetricName"] for page in client.get_paginator("list_metrics").paginate() for m in page["Metrics"]]
    assert names == [f"metric-{number:04}" for number in range(1100)]
    store.put([datum(minute, at=hour + 60 * minute) for minute in range(50)])
    metric = {"Metric": {"Namespace": "shop", "MetricName": "latency"}, "Period": 60, "Stat": "Sum"}
    pages = client.get_paginator("get_metric_data").paginate(
        MetricDataQueries=[{"Id": "m1", "MetricStat": metric}],
        StartTime=utc(hour),
        EndTime=utc(hour + 3600),
        ScanBy="TimestampAscending",
        MaxDatapoints=7,
    )
    assert [value for page in pages for one in page["MetricDataResults"] for value in one["Values"]] == list(range(50))


@pytest.mark.parametrize(
    ("operation", "parameters", "code", "status"),
    [
        ("set_alarm_state", {"AlarmName": "a", "StateValue": "NO", "StateReason": ""}, "ValidationError", 400),
        ("set_alarm_state", {"AlarmName": "a", "StateValue": "OK", "StateReason": ""}, "ResourceNotFound", 404),
        ("list_metrics", {"NextToken": "x"}, "InvalidNextToken", 400),
        ("list_metrics", {"Namespace": ":x"}, "ValidationError", 400),
        ("put_metric_data", {"Namespace": "n"}, "MissingParameter", 400),
        (
            "put_metric_data",
            {"Namespace": "AWS/n", "MetricData": [{"MetricName": "m", "Value": 1}]},
            "InvalidParameterValue",
            400,
        ),
        (
            "put_metric_data",
            {"Namespace": "n", "MetricData": [{"MetricName": "m", "Value": float("nan")}]},
            "InvalidParameterValue",
            400,
        ),
        (
            "put_metric_data",
            {"Namespace": "n", "MetricData": [{"MetricName": "m", "Value": float("-inf")}]},
            "InvalidParameterValue",
            400,
        ),
        (
            "put_metric_data",
            {"Namespace": "n", "MetricData": [{"MetricName": "m"}]},
            "InvalidParameterCombination",
            400,
        ),
        (
            "list_tags_for_resource",
            {"ResourceARN": "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:a"},
            "ResourceNotFoundException",
            404,
        ),
        ("describe_anomaly_detectors", {}, "InvalidAction", 400),
        ("get_metric_widget_image", {"MetricWidget": "{}"}, "InvalidAction", 400),
    ],
)
def test_errors_are_told_and_not_tried_again(client, operation, parameters, code, status):
    with pytest.raises(ClientError) as caught:
        getattr(client, operation)(**parameters)
    assert error(caught) == (code, status, 0)


def test_a_conflict(client, put_alarm):
    put_alarm()
    client.put_composite_alarm(AlarmName="any", AlarmRule="ALARM(slow)")
    with pytest.raises(ClientError) as caught:
        client.delete_alarms(AlarmNames=["slow"])
    assert error(caught)[:2] == ("ResourceConflict", 409)


def test_when_the_disk_is_full_the_request_may_be_repeated(endpoint, store):
    client = endpoint.client()
    pages = store._writer.execute("PRAGMA page_count").fetchone()[0]
    store._writer.execute(f"PRAGMA max_page_count = {pages}")
    data = [{"MetricName": f"metric-{number}", "Value": 1} for number in range(1000)]
    with pytest.raises(ClientError) as caught:
        client.put_metric_data(Namespace="shop", MetricData=data)
    code, status, attempts = error(caught)
    assert (code, status) == ("InternalServiceError", 500)
    assert attempts > 0  # boto3 tried again
    assert "database or disk is full" in str(caught.value)
    store._writer.execute("PRAGMA max_page_count = 100000")
    client.put_metric_data(Namespace="shop", MetricData=data)
    assert len(store.metrics()) == 1000


def test_moto_keeps_dashboards_and_insight_rules(client):
    client.put_dashboard(DashboardName="shop", DashboardBody='{"widgets": []}')
    assert client.get_dashboard(DashboardName="shop")["DashboardBody"] == '{"widgets": []}'
    assert [entry["DashboardName"] for entry in client.list_dashboards()["DashboardEntries"]] == ["shop"]
    client.delete_dashboards(DashboardNames=["shop"])
    with pytest.raises(ClientError) as caught:
        client.get_dashboard(DashboardName="shop")
    assert error(caught)[:2] == ("ResourceNotFound", 404)
    client.put_insight_rule(RuleName="rule", RuleDefinition="{}")
    assert [rule["Name"] for rule in client.describe_insight_rules()["InsightRules"]] == ["rule"]
    arn = "arn:aws:cloudwatch:eu-west-1:123456789012:insight-rule/rule"
    assert client.list_tags_for_resource(ResourceARN=arn)["Tags"] == []


def test_requests_may_be_compressed(endpoint, store):
    body = {"Namespace": "shop", "MetricData": [{"MetricName": "latency", "Value": 1}]}
    headers = JSON | {"X-Amz-Target": "GraniteServiceVersion20100801.PutMetricData", "Content-Encoding": "gzip"}
    answer = requests.post(endpoint.url, data=gzip.compress(orjson.dumps(body)), headers=headers, timeout=SOON)
    assert answer.status_code == 200
    assert [metric.name for metric in store.metrics()] == ["latency"]


@pytest.mark.parametrize(
    ("path", "headers", "body"),
    [
        ("/", JSON | {"X-Amz-Target": "GraniteServiceVersion20100801.PutMetricData"}, b"{"),
        ("/", JSON | {"X-Amz-Target": "GraniteServiceVersion20100801.PutMetricData"}, b"[]"),
        (
            "/",
            JSON | {"X-Amz-Target": "GraniteServiceVersion20100801.PutMetricData"},
            b'{"Namespace":"n","MetricData":"x"}',
        ),
        (
            "/",
            JSON | {"X-Amz-Target": "GraniteServiceVersion20100801.PutMetricData"},
            b'{"Namespace":5,"MetricData":[]}',
        ),
        ("/", JSON | {"X-Amz-Target": "GraniteServiceVersion20100801.Nope"}, b"{}"),
        ("/", JSON | {"X-Amz-Target": "GraniteServiceVersion20100801.FilterAlarms"}, b"{}"),
        (
            "/",
            SIGNED | {"Content-Type": "application/x-www-form-urlencoded"},
            b"Action=PutMetricAlarm&AlarmName=a&Period=x",
        ),
        ("/", SIGNED | {"Content-Type": "application/x-www-form-urlencoded"}, b"Action=Nope"),
        ("/", SIGNED | {"Content-Type": "application/x-www-form-urlencoded"}, b"\xff\xfe"),
        (
            "/service/GraniteServiceVersion20100801/operation/PutMetricData",
            SIGNED | {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"},
            b"\xa1\x61",
        ),
        (
            "/service/GraniteServiceVersion20100801/operation/PutMetricData",
            SIGNED | {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"},
            b"\x9f" * 5000,
        ),
        (
            "/service/GraniteServiceVersion20100801/operation/Nope",
            SIGNED | {"Content-Type": "application/cbor"},
            b"\xa0",
        ),
    ],
)
def test_whatever_is_sent_is_refused_as_the_sender_s_error(endpoint, path, headers, body):
    answer = requests.post(endpoint.url + path, data=body, headers=headers, timeout=SOON)
    assert answer.status_code == 400
    assert (
        b"ValidationError" in answer.content
        or b"InvalidAction" in answer.content
        or b"ValidationException" in answer.content
    )


def test_a_request_that_is_too_large_is_refused(client):
    # The client compresses what it sends, and the bytes sent are those that count: so these are random.
    data = [
        {
            "MetricName": f"metric-{number}",
            "Value": 1,
            "Dimensions": [{"Name": f"dimension-{place}", "Value": secrets.token_urlsafe(750)} for place in range(30)],
        }
        for number in range(60)
    ]
    with pytest.raises(ClientError) as caught:
        client.put_metric_data(Namespace="shop", MetricData=data)
    assert error(caught) == ("InvalidParameterValue", 400, 0)


def test_metrics_of_log_events_are_read_like_others(endpoint, store, clock, hour):
    directive = {"Namespace": "shop", "Dimensions": [["service"]], "Metrics": [{"Name": "size", "Unit": "Bytes"}]}
    event = {"CloudWatchMetrics": [directive], "Timestamp": f"{hour}000", "service": "f", "size": [1, 2]}
    store.put(extract(json.dumps(event), hour * 1000))
    (point,) = endpoint.client().get_metric_statistics(
        Namespace="shop",
        MetricName="size",
        Dimensions=[{"Name": "service", "Value": "f"}],
        StartTime=utc(hour),
        EndTime=utc(clock.now),
        Period=60,
        Statistics=["Sum"],
    )["Datapoints"]
    assert point == {"Timestamp": utc(hour), "Sum": 3.0, "Unit": "Bytes"}


def test_an_alarm_tells_a_queue(endpoint, store, served, datum, clock, hour, eventually):
    cloudwatch, sns, sqs = (endpoint.client(service) for service in ("cloudwatch", "sns", "sqs"))
    topic = sns.create_topic(Name="oncall")["TopicArn"]
    queue = sqs.create_queue(QueueName="alarms")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    cloudwatch.put_metric_alarm(
        AlarmName="slow",
        Namespace="shop",
        MetricName="latency",
        ExtendedStatistic="p90",
        Period=60,
        EvaluationPeriods=1,
        Threshold=10,
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=[topic],
    )
    store.put([datum(11)])
    clock.now = hour + 60
    with AlarmEvaluator(lambda: [served], every=0.01):
        (message,) = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=SOON)["Messages"]
        told = json.loads(json.loads(message["Body"])["Message"])
        assert (told["AlarmName"], told["NewStateValue"], told["OldStateValue"]) == (
            "slow",
            "ALARM",
            "INSUFFICIENT_DATA",
        )
        assert told["Trigger"]["ExtendedStatistic"] == "p90"
        items = eventually(
            lambda: cloudwatch.describe_alarm_history(HistoryItemType="Action")["AlarmHistoryItems"], within=SOON
        )
        assert [item["HistorySummary"] for item in items] == [f"Successfully executed action {topic}"]


def test_many_clients_at_once(endpoint, store):
    client, failures = endpoint.client(), []

    def work(number):
        try:
            for _ in range(10):
                client.put_metric_data(Namespace="shop", MetricData=[{"MetricName": f"metric-{number}", "Value": 1}])
        except Exception as failure:  # noqa: BLE001 - none is expected
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(store.metrics()) == 6
