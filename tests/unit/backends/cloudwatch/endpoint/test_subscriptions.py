import gzip
import json

import pytest

from refapp.backends.cloudwatch.endpoint.subscriptions import check
from refapp.backends.cloudwatch.errors import InvalidParameter

ARN = "arn:aws:kinesis:us-east-1:123456789012:stream/s"
GOOD = {"logGroupName": "g", "filterName": "f", "filterPattern": "ERROR", "destinationArn": ARN, "roleArn": "r"}


def test_a_filter_that_can_be_served():
    check(GOOD)


@pytest.mark.parametrize(
    ("members", "complaint"),
    [
        ({"filterPattern": "foo-bar"}, "Invalid filter pattern"),
        ({"filterPattern": None}, "'filterPattern' failed"),
        ({"destinationArn": "arn:aws:lambda:us-east-1:1:function:f"}, "delivers to kinesis, firehose, logs"),
        ({"destinationArn": "x"}, "delivers to kinesis, firehose, logs"),
        ({"destinationArn": None}, "'destinationArn' failed"),
        ({"distribution": "Random"}, "distribution: not supported"),
    ],
)
def test_a_filter_that_would_do_nothing(members, complaint):
    with pytest.raises(InvalidParameter, match=complaint):
        check(GOOD | members)


def records(kinesis, stream):
    start = {"StreamName": stream, "ShardId": "shardId-000000000000", "ShardIteratorType": "TRIM_HORIZON"}
    found = kinesis.get_records(ShardIterator=kinesis.get_shard_iterator(**start)["ShardIterator"])["Records"]
    return [json.loads(gzip.decompress(record["Data"])) for record in found]


def test_chosen_events_are_delivered_to_kinesis(endpoint, now):
    kinesis = endpoint.client("kinesis")
    kinesis.create_stream(StreamName="errors", ShardCount=1)
    logs = endpoint.stream("/subscribed", "s")
    logs.put_log_events(logGroupName="/subscribed", logStreamName="s", logEvents=now("ERROR before"))
    arn = "arn:aws:kinesis:us-east-1:123456789012:stream/errors"
    logs.put_subscription_filter(
        logGroupName="/subscribed",
        filterName="f",
        filterPattern="ERROR",
        destinationArn=arn,
        roleArn="arn:aws:iam::1:role/r",
    )
    logs.put_log_events(logGroupName="/subscribed", logStreamName="s", logEvents=now("ERROR a", "fine", "ERROR b"))
    logs.put_log_events(logGroupName="/subscribed", logStreamName="s", logEvents=now("fine"))
    (record,) = records(kinesis, "errors")
    assert [event["message"] for event in record["logEvents"]] == ["ERROR a", "ERROR b"]
    assert len({event["id"] for event in record["logEvents"]}) == 2
    assert (record["logGroup"], record["logStream"], record["subscriptionFilters"]) == ("/subscribed", "s", ["f"])
    assert [
        item["filterName"]
        for item in logs.describe_subscription_filters(logGroupName="/subscribed")["subscriptionFilters"]
    ]
    logs.delete_subscription_filter(logGroupName="/subscribed", filterName="f")
    logs.put_log_events(logGroupName="/subscribed", logStreamName="s", logEvents=now("ERROR c"))
    assert len(records(kinesis, "errors")) == 1


def test_chosen_events_are_copied_to_another_group(endpoint, now):
    logs = endpoint.stream("/original", "s")
    endpoint.stream("/copy", "s")
    arn = "arn:aws:logs:us-east-1:123456789012:log-group:/copy"
    logs.put_subscription_filter(
        logGroupName="/original", filterName="f", filterPattern="{ $.a = 1 }", destinationArn=arn
    )
    logs.put_log_events(logGroupName="/original", logStreamName="s", logEvents=now('{"a":1}', '{"a":2}'))
    copies = logs.filter_log_events(logGroupName="/copy")["events"]
    assert [event["message"] for event in copies] == ['{"a":1}']


def test_there_has_to_be_a_group(endpoint):
    logs = endpoint.client("logs")
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        logs.put_subscription_filter(**GOOD | {"logGroupName": "no"})
