from datetime import UTC, datetime

import pytest
from moto.core.utils import get_service_model

from refapp.backends.cloudwatch.metrics.constraints import check
from refapp.backends.cloudwatch.metrics.errors import ValidationError

NOW = datetime(2023, 11, 14, tzinfo=UTC)


def shape(operation):
    return get_service_model("cloudwatch").operation_model(operation).input_shape


def refused(operation, request):
    with pytest.raises(ValidationError) as caught:
        check(shape(operation), request)
    return caught.value.message


def test_what_the_model_allows_passes():
    datum = {"MetricName": "m", "Value": 1, "Timestamp": NOW, "Dimensions": [{"Name": "a", "Value": "b"}] * 30}
    check(shape("PutMetricData"), {"Namespace": "n" * 255, "MetricData": [datum]})
    check(shape("DescribeAlarms"), {"AlarmTypes": ["MetricAlarm"], "MaxRecords": 100})
    check(shape("ListMetrics"), {"Namespace": None})
    check(None, {})


def test_as_cloudwatch_words_it():
    assert refused("SetAlarmState", {"AlarmName": "a", "StateValue": "INVALID", "StateReason": ""}) == (
        "1 validation error detected: Value 'INVALID' at 'stateValue' failed to satisfy constraint:"
        " Member must satisfy enum value set: [OK, ALARM, INSUFFICIENT_DATA]"
    )


@pytest.mark.parametrize(
    ("operation", "request_", "message"),
    [
        ("DeleteAlarms", {}, "Value null at 'alarmNames' failed to satisfy constraint: Member must not be null"),
        (
            "DeleteAlarms",
            {"AlarmNames": "a"},
            "at 'alarmNames' failed to satisfy constraint: Member must be of type list",
        ),
        ("DeleteAlarms", {"AlarmNames": ["a"] * 101}, "length less than or equal to 100"),
        ("DeleteAlarms", {"AlarmNames": [5]}, "Value '5' at 'alarmNames.1.member'"),
        ("ListMetrics", {"Namespace": ""}, "length greater than or equal to 1"),
        ("ListMetrics", {"Namespace": "n" * 256}, "length less than or equal to 255"),
        ("ListMetrics", {"Namespace": ":n"}, "regular expression pattern: [^:].*"),
        ("ListMetrics", {"RecentlyActive": "PT4H"}, "enum value set: [PT3H]"),
        ("DescribeAlarms", {"MaxRecords": 0}, "value greater than or equal to 1"),
        ("DescribeAlarms", {"MaxRecords": 101}, "value less than or equal to 100"),
        ("DescribeAlarms", {"MaxRecords": True}, "Member must be of type integer"),
        ("DescribeAlarms", {"MaxRecords": "5"}, "Member must be of type integer"),
        ("PutMetricData", {"Namespace": "n", "MetricData": [{"Value": 1}]}, "at 'metricData.1.member.metricName'"),
        (
            "PutMetricData",
            {"Namespace": "n", "MetricData": [{"MetricName": "m", "Dimensions": [{"Name": "a", "Value": "b"}] * 31}]},
            "at 'metricData.1.member.dimensions' failed to satisfy constraint: Member must have length less",
        ),
    ],
)
def test_what_the_model_does_not_allow_is_named(operation, request_, message):
    assert message in refused(operation, request_)


def test_everything_is_listed():
    message = refused("SetAlarmState", {"AlarmName": "", "StateValue": "x"})
    assert message.startswith("3 validation errors detected: ")
    assert message.count("failed to satisfy constraint") == 3


def test_a_long_value_is_not_repeated():
    assert len(refused("ListMetrics", {"Namespace": "n" * 100_000})) < 400
