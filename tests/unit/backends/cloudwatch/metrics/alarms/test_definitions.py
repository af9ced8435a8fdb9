import re

import pytest

from refapp.backends.cloudwatch.metrics.alarms.definitions import composite_definition, metric_definition, tags
from refapp.backends.cloudwatch.metrics.errors import ValidationError


def query(id_="m1", *, period=60, returned=True):
    metric = {"Namespace": "shop", "MetricName": "latency"}
    return {"Id": id_, "MetricStat": {"Metric": metric, "Period": period, "Stat": "Sum"}, "ReturnData": returned}


def expression(text, id_="e1", **members):
    return {"Id": id_, "Expression": text, **members}


@pytest.fixture
def math_request(metric_request):
    def request(*queries, **members):
        none = dict.fromkeys(["Namespace", "MetricName", "Statistic", "Period"])
        return metric_request(Metrics=list(queries), **none, **members)

    return request


def test_what_is_assumed(metric_request):
    definition = metric_definition(
        metric_request(Tags=[{"Key": "a", "Value": "b"}], EvaluationWindow={"SlidingWindow": {}})
    )
    assert definition == metric_request() | {
        "ActionsEnabled": True,
        "OKActions": [],
        "AlarmActions": [],
        "InsufficientDataActions": [],
        "Dimensions": [],
    }


def test_what_the_request_says_stays(metric_request, topic):
    given = {"ActionsEnabled": False, "OKActions": [topic], "Dimensions": [{"Name": "pod", "Value": "a"}]}
    assert metric_definition(metric_request(**given)).items() >= given.items()


def test_metrics(math_request):
    request = math_request(expression("m1 * 2"), query(returned=False))
    assert metric_definition(request)["Metrics"] == request["Metrics"]
    assert "Dimensions" not in metric_definition(request)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"EvaluationPeriods": None}, "EvaluationPeriods is required"),
        ({"Threshold": None}, "Threshold is required"),
        ({"ComparisonOperator": None}, "ComparisonOperator is required"),
        ({"ComparisonOperator": "GreaterThanUpperThreshold"}, "anomaly detection is not supported"),
        ({"ThresholdMetricId": "ad1"}, "ThresholdMetricId is not supported"),
        ({"EvaluationCriteria": {}}, "EvaluationCriteria is not supported"),
        ({"EvaluationInterval": 60}, "EvaluationInterval is not supported"),
        ({"WarmUpConfiguration": {}}, "WarmUpConfiguration is not supported"),
        ({"ActionConfiguration": {}}, "ActionConfiguration is not supported"),
        ({"EvaluationWindow": {"WallClockWindow": {}}}, "WallClockWindow is not supported"),
        ({"MetricName": None}, "MetricName is required"),
        ({"Namespace": None}, "Namespace is required"),
        ({"Period": None}, "Period is required"),
        ({"Statistic": None}, "Exactly one of Statistic and ExtendedStatistic"),
        ({"ExtendedStatistic": "p90"}, "Exactly one of Statistic and ExtendedStatistic"),
        ({"Statistic": None, "ExtendedStatistic": "p900"}, "'p900' is not a statistic"),
        ({"Statistic": None, "ExtendedStatistic": "Sum"}, "ExtendedStatistic must not be Sum"),
        ({"Period": 1}, "Period must be 10, 20, 30 or a multiple of 60"),
        ({"Period": 5}, "Period must be 10, 20, 30 or a multiple of 60"),
        ({"Period": 90}, "Period must be 10, 20, 30 or a multiple of 60"),
        ({"Period": 60, "EvaluationPeriods": 1441}, "one day"),
        ({"Period": 3600, "EvaluationPeriods": 169}, "seven days"),
        ({"DatapointsToAlarm": 2}, "DatapointsToAlarm must be less than or equal to EvaluationPeriods"),
        ({"TreatMissingData": "nope"}, "TreatMissingData must be one of"),
        ({"EvaluateLowSampleCountPercentile": "ignore"}, "with a percentile only"),
        (
            {"Statistic": None, "ExtendedStatistic": "p90", "EvaluateLowSampleCountPercentile": "nope"},
            "evaluate or ignore",
        ),
        (
            {"Statistic": None, "ExtendedStatistic": "tm90", "EvaluateLowSampleCountPercentile": "ignore"},
            "with a percentile only",
        ),
        ({"AlarmActions": ["arn:aws:automate:eu-west-1:ec2:stop"]}, "AlarmActions: arn:aws:automate"),
        ({"OKActions": ["oncall"]}, "is the ARN of no SNS topic"),
        ({"AlarmName": "a\nb"}, "control characters"),
    ],
)
def test_what_is_refused_is_named(metric_request, members, message):
    with pytest.raises(ValidationError, match=re.escape(message)):
        metric_definition(metric_request(**members))


@pytest.mark.parametrize("period", [10, 20, 30, 60, 120, 86400])
def test_periods(metric_request, period):
    assert metric_definition(metric_request(Period=period))["Period"] == period


def test_the_longest_time_that_is_watched(metric_request):
    metric_definition(metric_request(EvaluationPeriods=1440))
    metric_definition(metric_request(Period=3600, EvaluationPeriods=168))


@pytest.mark.parametrize(
    ("queries", "members", "message"),
    [
        ([query()], {"Namespace": "shop"}, "Namespace must not be there beside Metrics"),
        ([query()], {"Period": 60}, "Period must not be there beside Metrics"),
        ([query(), query("m2")], {}, "Exactly one of Metrics must have ReturnData true"),
        ([query(returned=False)], {}, "Exactly one of Metrics must have ReturnData true"),
        ([expression("SUM(SEARCH('a', 'Sum', 60))", Period=60)], {}, "SEARCH"),
        (
            [expression("m1 + m2"), query(returned=False), query("m2", period=300, returned=False)],
            {},
            "the same Period",
        ),
        ([expression("TIME_SERIES(1)")], {}, "the same Period"),
        ([expression("1 +"), query(returned=False)], {}, "ends too early"),
        ([query(period=5)], {}, "Period must be 10, 20, 30"),
        (
            [expression("m1"), *(query(f"m{no}", returned=False) for no in range(1, 12))],
            {},
            "at most 10 metrics and 10 expressions",
        ),
        (
            [query(returned=False), *(expression("m1", f"e{no}", ReturnData=not no) for no in range(11))],
            {},
            "at most 10 metrics and 10 expressions",
        ),
    ],
)
def test_what_is_refused_of_metrics_is_named(math_request, queries, members, message):
    with pytest.raises(ValidationError, match=re.escape(message)):
        metric_definition(math_request(*queries) | members)


def test_the_most_metrics_and_expressions(math_request):
    metrics = [query(f"m{no}", returned=False) for no in range(10)]
    expressions = [expression("m1", f"e{no}", ReturnData=not no) for no in range(10)]
    assert len(metric_definition(math_request(*metrics, *expressions))["Metrics"]) == 20


def test_composite_alarms(topic):
    request = {"AlarmName": "any", "AlarmRule": "ALARM(a)", "AlarmActions": [topic]}
    assert composite_definition(request) == {
        "AlarmName": "any",
        "AlarmRule": "ALARM(a)",
        "ActionsEnabled": True,
        "OKActions": [],
        "AlarmActions": [topic],
        "InsufficientDataActions": [],
    }


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"AlarmRule": "ALARM("}, "AlarmRule ends too early"),
        ({"ActionsSuppressor": "a"}, "needs ActionsSuppressorWaitPeriod"),
        ({"ActionsSuppressor": "a", "ActionsSuppressorWaitPeriod": 1}, "needs ActionsSuppressorWaitPeriod"),
        (
            {"ActionsSuppressor": "a", "ActionsSuppressorWaitPeriod": 1, "ActionsSuppressorExtensionPeriod": -1},
            "needs ActionsSuppressorWaitPeriod",
        ),
        ({"ActionsSuppressorWaitPeriod": 1}, "need an ActionsSuppressor"),
        ({"ActionConfiguration": {}}, "ActionConfiguration is not supported"),
        ({"AlarmActions": ["arn:aws:lambda:eu-west-1:123456789012:function:f"]}, "no SNS topic"),
    ],
)
def test_what_is_refused_of_composite_alarms_is_named(members, message):
    with pytest.raises(ValidationError, match=re.escape(message)):
        composite_definition({"AlarmName": "any", "AlarmRule": "TRUE", **members})


def test_tags():
    assert tags([{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}]) == {"a": "1", "b": ""}
    with pytest.raises(ValidationError, match="at most 50 tags"):
        tags([{"Key": f"{number}", "Value": ""} for number in range(51)])
