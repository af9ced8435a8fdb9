import pytest

from refapp.backends.cloudwatch.metrics.datum import Metric
from refapp.backends.cloudwatch.metrics.errors import ValidationError
from refapp.backends.cloudwatch.metrics.expressions import Reference
from refapp.backends.cloudwatch.metrics.queries import Query, Reading, parse_queries
from refapp.backends.cloudwatch.metrics.statistics import parse_statistic


def stat(**members):
    return {"Metric": {"Namespace": "shop", "MetricName": "latency"}, "Period": 60, "Stat": "p90", **members}


def metric(id_="m1", **members):
    return {"Id": id_, "MetricStat": stat(), **members}


def expression(text, id_="e1", **members):
    return {"Id": id_, "Expression": text, **members}


def test_queries_come_after_what_they_name():
    found = parse_queries([expression("e2", "e1"), metric("m2"), expression("m1", "e2"), metric("m1")])
    assert [query.id for query in found] == ["m2", "m1", "e2", "e1"]


def test_members():
    reading = Reading(Metric("shop", "latency"), parse_statistic("p90"), 60, "Seconds")
    assert parse_queries([metric(MetricStat=stat(Unit="Seconds"), Label="a", ReturnData=False)]) == [
        Query("m1", reading, "a", None, returned=False)
    ]
    (_, found) = parse_queries([metric(), expression("m1", Period=300)])
    assert found == Query("e1", Reference("m1"), None, 300, returned=True)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ([metric("M1")], "must be of letters"),
        ([metric("m-1")], "must be of letters"),
        ([metric("m1"), metric("m1")], "m1 is there twice"),
        ([{"Id": "m1"}], "either MetricStat or Expression"),
        ([metric(Expression="1")], "either MetricStat or Expression"),
        ([metric(AccountId="123456789012")], "AccountId is not supported"),
        ([metric(Period=60)], "Period is of an expression"),
        ([metric(MetricStat=stat(Metric={"MetricName": "latency"}))], r"Metric\.Namespace is required"),
        ([metric(MetricStat=stat(Metric={"Namespace": "shop"}))], r"Metric\.MetricName is required"),
        ([metric(MetricStat=stat(Period=90))], "Period must be"),
        ([metric(MetricStat=stat(Stat="mean"))], "'mean' is not a statistic"),
        ([metric(Label="${NOPE}")], "NOPE"),
        ([expression("m1 +")], "Error in expression 'e1': The expression ends too early"),
        ([expression("m9")], "Error in expression 'e1': m9 is the Id of no metric or expression"),
        ([expression("e1")], "in a circle: e1 -> e1"),
        ([expression("e2", "e1"), expression("-e1", "e2")], "in a circle"),
        ([expression("1", Period=7)], "Period must be"),
        ([expression("SELECT AVG(x) FROM y")], "Metrics Insights"),
    ],
)
def test_what_is_refused_is_named(members, message):
    with pytest.raises(ValidationError, match=message):
        parse_queries(members)


def test_a_long_chain_of_expressions_is_no_deep_one():
    chain = [expression(f"e{no + 1}", f"e{no}") for no in range(499)]
    assert parse_queries([*chain, metric("e499")])[0].id == "e499"
