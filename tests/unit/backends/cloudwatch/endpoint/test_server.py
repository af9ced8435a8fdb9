"""The program, through boto3: what is wired to what, and what happens to it."""

import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from refapp.backends.cloudwatch.endpoint.calls import MAX_BODY
from refapp.backends.cloudwatch.endpoint.server import EndpointSettings, Upkeep
from refapp.backends.cloudwatch.events.database import StoreError
from refapp.services.settings import SettingsError


def test_settings_have_defaults():
    settings = EndpointSettings.from_environ({"STORE": ""})
    assert settings == EndpointSettings(address=("127.0.0.1", 4566), store=Path("cloudwatch"), max_bytes=4 * 1024**3)


def test_settings_are_read():
    settings = EndpointSettings.from_environ({"PORT": ":1", "STORE": "/x", "MAX_BYTES": "7"})
    assert settings == EndpointSettings(address=("", 1), store=Path("/x"), max_bytes=7)
    with pytest.raises(SettingsError, match="PORT is 'x'"):
        EndpointSettings.from_environ({"PORT": "x"})


def messages(logs, group, **members):
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, **members)
    return [event["message"] for page in pages for event in page["events"]]


def test_events_through_boto3(endpoint, now):
    logs = endpoint.stream("/through/boto3", "a", "b")
    for stream in ("a", "b"):
        events = now(*(f'{{"stream": "{stream}", "n": {n}}}' for n in range(2500)))
        assert "rejectedLogEventsInfo" not in logs.put_log_events(
            logGroupName="/through/boto3", logStreamName=stream, logEvents=events
        )
    assert len(messages(logs, "/through/boto3", PaginationConfig={"PageSize": 1000})) == 5000
    found = messages(logs, "/through/boto3", filterPattern='{ $.stream = "b" && $.n >= 2490 }')
    assert [json.loads(message)["n"] for message in found] == list(range(2490, 2500))
    last = logs.get_log_events(logGroupName="/through/boto3", logStreamName="a", limit=1)["events"]
    assert json.loads(last[0]["message"]) == {"stream": "a", "n": 2499}
    streams = logs.get_paginator("describe_log_streams").paginate(
        logGroupName="/through/boto3", PaginationConfig={"PageSize": 1}
    )
    assert [stream["logStreamName"] for page in streams for stream in page["logStreams"]] == ["a", "b"]


def test_errors_through_boto3(endpoint):
    logs = endpoint.client("logs")
    with pytest.raises(logs.exceptions.ResourceNotFoundException, match="log group does not exist"):
        logs.filter_log_events(logGroupName="/no")
    with pytest.raises(logs.exceptions.InvalidParameterException, match="Invalid filter pattern: unexpected 'a-b'"):
        logs.test_metric_filter(filterPattern="a-b", logEventMessages=["x"])
    assert logs.sent == 2


def test_a_query_through_boto3(endpoint, now, eventually):
    logs = endpoint.stream("/queried", "s")
    logs.put_log_events(logGroupName="/queried", logStreamName="s", logEvents=now('{"n": 1}', '{"n": 2}', "none"))
    seconds = int(time.time())
    span = {"startTime": seconds - 60, "endTime": seconds + 60}
    number = logs.start_query(logGroupName="/queried", queryString="stats sum(n) as total", **span)["queryId"]
    answer = eventually(
        lambda: logs.get_query_results(queryId=number),
        so=lambda answer: answer["status"] not in ("Scheduled", "Running"),
    )
    assert answer["results"] == [[{"field": "total", "value": "3"}]]
    assert answer["statistics"]["recordsScanned"] == 3
    logs.sent = 0
    with pytest.raises(logs.exceptions.MalformedQueryException) as refusal:
        logs.start_query(logGroupName="/queried", queryString="fields @message | nonsense", **span)
    location = refusal.value.response["queryCompileError"]["location"]
    assert (location["startCharOffset"], logs.sent) == (18, 1)


def test_regions_are_apart(endpoint, now):
    for region in ("us-east-1", "ap-southeast-2"):
        logs = endpoint.stream("/same", "s", region=region)
        directive = {"Namespace": "apart", "Dimensions": [[]], "Metrics": [{"Name": "length"}]}
        embedded = json.dumps({"CloudWatchMetrics": [directive], "length": len(region)})
        logs.put_log_events(logGroupName="/same", logStreamName="s", logEvents=now(region, embedded))
        alarm = {"AlarmName": region, "Namespace": "apart", "MetricName": "length", "Statistic": "Sum", "Period": 60}
        endpoint.client("cloudwatch", region).put_metric_alarm(
            **alarm, EvaluationPeriods=1, Threshold=0, ComparisonOperator="GreaterThanThreshold"
        )
    assert messages(endpoint.client("logs", "ap-southeast-2"), "/same")[0] == "ap-southeast-2"
    cloudwatch = endpoint.client("cloudwatch", "ap-southeast-2")
    assert statistics(cloudwatch, "apart", "length") == (len("ap-southeast-2"), 1)
    (alarm,) = cloudwatch.describe_alarms()["MetricAlarms"]
    assert alarm["AlarmArn"] == "arn:aws:cloudwatch:ap-southeast-2:123456789012:alarm:ap-southeast-2"


def test_live_tail_through_boto3(endpoint, now):
    logs = endpoint.stream("/tailed", "s")
    arn = "arn:aws:logs:us-east-1:123456789012:log-group:/tailed"
    stream = logs.start_live_tail(logGroupIdentifiers=[arn], logEventFilterPattern="ERROR")["responseStream"]
    events = iter(stream)
    assert next(events)["sessionStart"]["logGroupIdentifiers"] == [arn]
    logs.put_log_events(logGroupName="/tailed", logStreamName="s", logEvents=now("ERROR", "fine"))
    found = []
    while not found:
        found = next(events)["sessionUpdate"]["sessionResults"]
    assert [event["message"] for event in found] == ["ERROR"]
    stream.close()


def statistics(cloudwatch, namespace, metric, dimensions=()):
    moment = datetime.now(UTC)
    points = cloudwatch.get_metric_statistics(
        Namespace=namespace,
        MetricName=metric,
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions],
        StartTime=moment - timedelta(minutes=10),
        EndTime=moment + timedelta(minutes=1),
        Period=60,
        Statistics=["Sum", "SampleCount"],
    )["Datapoints"]
    return sum(point["Sum"] for point in points), sum(point["SampleCount"] for point in points)


def test_log_events_become_metrics(endpoint, now):
    logs, cloudwatch = endpoint.stream("/measured", "s"), endpoint.client("cloudwatch")
    logs.put_metric_filter(
        logGroupName="/measured",
        filterName="latency",
        filterPattern="{ $.latency = * }",
        metricTransformations=[
            {
                "metricName": "latency",
                "metricNamespace": "filtered",
                "metricValue": "$.latency",
                "dimensions": {"Service": "$.service"},
                "unit": "Milliseconds",
            }
        ],
    )
    directive = {"Namespace": "embedded", "Dimensions": [["Service"]], "Metrics": [{"Name": "load"}]}
    embedded = {"CloudWatchMetrics": [directive], "Service": "f", "load": 3, "Timestamp": str(int(time.time() * 1000))}
    found = now('{"latency": 5, "service": "f"}', '{"latency": 6, "service": "f"}', "none", json.dumps(embedded))
    logs.put_log_events(logGroupName="/measured", logStreamName="s", logEvents=found)
    assert statistics(cloudwatch, "filtered", "latency", [("Service", "f")]) == (11, 2)
    assert statistics(cloudwatch, "embedded", "load", [("Service", "f")]) == (3, 1)


def test_many_metrics_are_sent_packed(endpoint):
    cloudwatch = endpoint.client("cloudwatch")
    data = [{"MetricName": f"many{number}", "Value": number} for number in range(900)]
    cloudwatch.put_metric_data(Namespace="packed", MetricData=data)
    assert statistics(cloudwatch, "packed", "many7") == (7, 1)


def test_an_alarm_tells_a_queue(endpoint, eventually):
    cloudwatch, sns, sqs = (endpoint.client(service) for service in ("cloudwatch", "sns", "sqs"))
    topic = sns.create_topic(Name="alarms")["TopicArn"]
    queue = sqs.create_queue(QueueName="alarms")["QueueUrl"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:alarms")
    cloudwatch.put_metric_alarm(
        AlarmName="errors",
        Namespace="alarming",
        MetricName="errors",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=[topic],
    )
    cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="to see what it does")
    (told,) = eventually(lambda: sqs.receive_message(QueueUrl=queue).get("Messages"))
    assert json.loads(json.loads(told["Body"])["Message"])["NewStateReason"] == "to see what it does"


def test_a_body_that_is_too_long_is_not_read(endpoint):
    logs = endpoint.client("logs")
    with pytest.raises(logs.exceptions.ClientError, match="413") as refusal:
        logs.test_metric_filter(filterPattern="a", logEventMessages=["x" * (MAX_BODY + 1)])
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413
    assert logs.sent == 1


def test_bodies_may_be_as_long_as_the_largest_batch(endpoint, now):
    logs = endpoint.stream("/escaped", "s")
    message = "\x01" * (1_048_576 - 26)  # six characters each in JSON
    logs.put_log_events(logGroupName="/escaped", logStreamName="s", logEvents=now(message))
    assert logs.filter_log_events(logGroupName="/escaped")["events"][0]["message"] == message


def test_what_survives_a_restart(started, tmp_path, now):
    with started(tmp_path) as endpoint:
        logs = endpoint.stream("/kept", "s")
        logs.put_retention_policy(logGroupName="/kept", retentionInDays=14)
        logs.tag_log_group(logGroupName="/kept", tags={"k": "v"})
        transformation = {"metricName": "m", "metricNamespace": "n", "metricValue": "1"}
        logs.put_metric_filter(
            logGroupName="/kept", filterName="f", filterPattern="x", metricTransformations=[transformation]
        )
        logs.put_log_events(logGroupName="/kept", logStreamName="s", logEvents=now("x"))
        endpoint.client("sns").create_topic(Name="forgotten")
        assert endpoint.end() == (0, "")
    with started(tmp_path) as endpoint:
        logs = endpoint.client("logs")
        (group,) = logs.describe_log_groups()["logGroups"]
        assert (group["logGroupName"], group["retentionInDays"], group["metricFilterCount"]) == ("/kept", 14, 1)
        assert logs.list_tags_log_group(logGroupName="/kept")["tags"] == {"k": "v"}
        logs.put_log_events(logGroupName="/kept", logStreamName="s", logEvents=now("x"))
        assert messages(logs, "/kept") == ["x", "x"]
        assert statistics(endpoint.client("cloudwatch"), "n", "m") == (2, 2)
        assert endpoint.client("sns").list_topics()["Topics"] == []
        assert endpoint.health() == {"status": "UP", "logGroups": 1}


def test_a_killed_process_has_lost_nothing_that_it_acknowledged(started, tmp_path, now, eventually):
    acknowledged = []

    def write(endpoint, stream):
        logs = endpoint.client("logs", retries={"total_max_attempts": 1})
        for number in range(100_000):
            batch = [f"{stream} {number} {place}" for place in range(20)]
            try:
                logs.put_log_events(logGroupName="/killed", logStreamName=stream, logEvents=now(*batch))
            except Exception:  # noqa: BLE001 - whatever a connection says when it is lost
                return
            acknowledged.extend(batch)

    with started(tmp_path) as endpoint:
        endpoint.stream("/killed", "a", "b", "c")
        writers = [threading.Thread(target=write, args=(endpoint, stream)) for stream in "abc"]
        for writer in writers:
            writer.start()
        eventually(lambda: len(acknowledged) > 1000)
        endpoint.end(signal.SIGKILL)
        for writer in writers:
            writer.join(60)
    with started(tmp_path) as endpoint:
        found = messages(endpoint.client("logs"), "/killed")
    assert set(acknowledged) <= set(found)
    assert len(set(found)) == len(found)
    assert len(found) <= len(acknowledged) + 60  # the last batch of each may have been written, but not acknowledged


def test_a_full_disk_makes_boto3_come_again_and_loses_nothing(started, tmp_path, now):
    with started(tmp_path) as endpoint:
        logs = endpoint.stream("/full", "s")

        def put(text):
            logs.put_log_events(logGroupName="/full", logStreamName="s", logEvents=now(text * 100_000))

        def limit(size):
            resource.prlimit(endpoint.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

        put("a")
        limit(1)  # byte of each file
        logs.sent = 0
        with pytest.raises(
            logs.exceptions.ServiceUnavailableException, match="The store of log events cannot do it now"
        ):
            put("b")
        assert logs.sent > 1
        assert [message[0] for message in messages(logs, "/full")] == ["a"]

        def make_room(**_):
            limit(resource.RLIM_INFINITY)

        logs.meta.events.register("needs-retry", make_room)
        logs.sent = 0
        put("c")
        assert logs.sent == 2
        assert [message[0] for message in messages(logs, "/full")] == ["a", "c"]
        endpoint.end(signal.SIGKILL)
    with started(tmp_path) as endpoint:
        assert [message[0] for message in messages(endpoint.client("logs"), "/full")] == ["a", "c"]


def test_a_clean_end_answers_what_is_under_way(started, tmp_path):
    with started(tmp_path) as endpoint:
        logs = endpoint.stream("/ending", "s")
        arn = "arn:aws:logs:us-east-1:123456789012:log-group:/ending"
        stream = logs.start_live_tail(logGroupIdentifiers=[arn])["responseStream"]
        events = iter(stream)
        next(events)
        begun = time.monotonic()
        assert endpoint.end() == (0, "")
        assert time.monotonic() - begun < 5
        assert [name for event in events for name in event if name != "sessionUpdate"] == []


def test_a_signal_may_come_at_any_time(tmp_path):
    command = [sys.executable, "-m", "refapp.backends.cloudwatch.endpoint.server"]
    environ = os.environ | {"PORT": "127.0.0.1:0", "STORE": str(tmp_path / "store")}
    with subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True) as process:
        while not (tmp_path / "store").exists():  # it has begun, and is about to open its files
            time.sleep(0.001)
        for _ in range(2):
            process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (0, "")


def run(**environ):
    command = [sys.executable, "-m", "refapp.backends.cloudwatch.endpoint.server"]
    return subprocess.run(command, env=os.environ | environ, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("environ", "code", "complaint"),
    [
        ({"PORT": "x"}, 2, "PORT is 'x'"),
        ({"STORE": "/proc/nowhere"}, 1, "/proc/nowhere: "),
        ({"PORT": "192.0.2.1:1", "STORE": "here"}, 1, "[Errno 99] Cannot assign requested address"),
    ],
)
def test_a_process_that_cannot_start_says_why(tmp_path, monkeypatch, environ, code, complaint):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path for path in sys.path if path))
    done = run(**environ)
    assert (done.returncode, done.stderr.count("\n")) == (code, 1)
    assert done.stderr.startswith(complaint)


def test_a_directory_serves_one_process(started, tmp_path):
    with started(tmp_path) as endpoint:
        done = run(PORT="127.0.0.1:0", STORE=str(tmp_path))
        assert done.returncode == 1
        assert done.stderr == f"{tmp_path}: another process uses this directory; name another one\n"
        assert endpoint.health()


def test_a_broken_file_is_named(started, tmp_path):
    with started(tmp_path) as endpoint:
        endpoint.stream("/g")
        endpoint.end()
    (tmp_path / "us-east-1" / "events.duckdb").write_bytes(b"nonsense" * 1000)
    done = run(PORT="127.0.0.1:0", STORE=str(tmp_path))
    assert done.returncode == 1
    assert "events.duckdb" in done.stderr


def test_a_request_without_a_signature_is_refused(endpoint):
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(f"{endpoint.url}/bucket")


class Expiring:
    """A region whose events expire, the first time not, and are too many."""

    name = "us-east-1"

    def __init__(self):
        self.expired = 0

    def opened(self):
        return [self]

    def expire(self):
        self.expired += 1
        if self.expired == 1:
            raise StoreError("disk full")

    def bound(self, most):
        return 100 - most


def test_old_events_are_taken_away_now_and_then(eventually, caplog):
    region = Expiring()
    with Upkeep(region, most=60, period=0.001):
        eventually(lambda: region.expired > 2)
    assert "us-east-1: old events are left for another time" in caplog.text
    assert "us-east-1: the oldest 40 events have gone, to keep within MAX_BYTES" in caplog.text
