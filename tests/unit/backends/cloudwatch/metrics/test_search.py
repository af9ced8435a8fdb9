import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from refapp.backends.cloudwatch.metrics.datum import Metric
from refapp.backends.cloudwatch.metrics.errors import ValidationError
from refapp.backends.cloudwatch.metrics.search import LONGEST, matches_partly, parse_search


# The table of the user guide: a name, and its tokens.
@pytest.mark.parametrize(
    ("name", "tokens"),
    [
        ("CustomCount1", ["customcount1", "custom", "count", "1"]),
        ("SDBFailure", ["sdbfailure", "sdb", "failure"]),
        ("Project2-trial333", ["project2trial333", "project", "2", "trial", "333"]),
        ("Network-Errors_2", ["networkerrors2", "network", "errors", "2"]),
    ],
)
def test_each_token_finds_its_name(name, tokens):
    for token in tokens:
        assert matches_partly(token)(name)
    assert not matches_partly("other")(name)


@pytest.mark.parametrize(
    ("term", "name", "is_found"),
    [
        ("count", "CustomCount1", True),
        ("Count", "CustomCount1", True),
        ("COUNT", "CustomCount1", True),
        ("couNT", "CustomCount1", False),
        ("coun", "CustomCount1", False),
        ("CustomCount", "CustomCount1", True),
        ("Count1", "CustomCount1", True),
        ("customcount", "CustomCount1", False),
        ("count1", "CustomCount1", False),
        ("customcount1", "CustomCount1", True),
        ("CustomCount1", "CustomCount1", True),
        ("network/errors", "Network-Errors-2", True),
        ("network+errors", "NetworkErrors2", True),
        ("network-errors", "Network-Errors-2", True),
        ("Network_Errors", "NetworkErrors2", True),
        ("errors-network", "NetworkErrors2", False),
        ("pod_cpu", "pod_cpu_utilization", True),
        ("cpu_pod", "pod_cpu_utilization", False),
        ("i-1234567890123456", "i-1234567890123456", True),
        ("micro", "t2.micro", True),
        ("-", "a-b", False),
        ("größe", "Größe", True),
    ],
)
def test_partial_matches(term, name, is_found):
    assert matches_partly(term)(name) is is_found


METRICS = [
    Metric.of("AWS/EC2", "CPUUtilization", [("InstanceId", "i-1")]),
    Metric.of("AWS/EC2", "NetworkPackets", [("InstanceId", "i-1"), ("InstanceType", "t2.micro")]),
    Metric.of("AWS/EBS", "VolumeReadOps", [("VolumeId", "ProjectA")]),
    Metric.of("My Namespace", "Custom:Name[Special]", [("Dimension@Name", 'a "quoted" \\ (value)')]),
    Metric.of("ContainerInsights", "pod_cpu_utilization", [("ClusterName", "demo"), ("PodName", "service-f")]),
    Metric.of("ContainerInsights", "pod_cpu_utilization", [("ClusterName", "demo")]),
]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ('{AWS/EC2,InstanceId} MetricName="CPUUtilization"', [0]),
        ("{AWS/EC2,InstanceId}", [0]),
        ("{AWS/EC2}", [0, 1]),
        ("{AWS/EC2,InstanceType,InstanceId}, packets", [1]),
        ("{AWS/EC2,VolumeId}", []),
        ("{ContainerInsights,ClusterName,PodName} service", [4]),
        ("{ContainerInsights,ClusterName}", [5]),
        ('{"My Namespace", "Dimension@Name"}, "Custom:Name[Special]"', [3]),
        (r'"a \"quoted\" \\ \(value\)"', [3]),
        ('"CPUUtilization"', [0]),
        ('"cpuutilization"', []),
        ("utilization", [0, 4, 5]),
        ("InstanceType=micro", [1]),
        ('InstanceType="t2.micro" Namespace="AWS/EC2"', [1]),
        ('InstanceType="t2"', []),
        ('"Dimension@Name"=quoted', [3]),
        ("Namespace=AWS", [0, 1, 2]),
        ("NOT Namespace=AWS", [3, 4, 5]),
        ("(EC2 OR EBS) AND MetricName=ReadOps", [2]),
        ("(EC2 OR EBS) MetricName=ReadOps", [2]),
        ("EC2 OR EBS MetricName=ReadOps", [0, 1, 2]),
        ("network AND packets", [1]),
        ("network packets", [1]),
        ("{AWS/EC2} NOT packets NOT nothing", [0]),
        ("NOT (EC2 OR EBS) AND NOT demo", [3]),
        ("NOT NOT packets", [1]),
        ("or", []),
        ("ProjectA", [2]),
        ("{ContainerInsights, ClusterName} MetricName=memory OR (MetricName=cpu AND (demo OR test))", [5]),
    ],
)
def test_searches(search, found):
    is_found = parse_search(search)
    assert [place for place, metric in enumerate(METRICS) if is_found(metric)] == found


@pytest.mark.parametrize(
    ("search", "message"),
    [
        ("", "ends too early"),
        ("{AWS/EC2", "ends too early"),
        ("{}", "cannot be read at character 2"),
        ("a =", "cannot be read at character 3"),
        ('a"', "cannot be read at character 2"),
        ("NOT", "ends too early"),
        ("a OR", "ends too early"),
        ("(a", "ends too early"),
        ("a OR {b}", "cannot be read at character 6"),
        (":aws.AccountId=123", ":aws.AccountId is not supported"),
        ("a" * (LONGEST + 1), "at most 1024 characters"),
        ("(" * 31 + "a" + ")" * 31, "nested deeper than 30"),
    ],
)
def test_what_is_no_search_is_refused(search, message):
    with pytest.raises(ValidationError, match=re.escape(message)):
        parse_search(search)


def test_parentheses_in_quotation_marks_are_text():
    assert parse_search('"' + "(" * 200 + '"')(Metric("shop", "(" * 200))


TERMS = st.sampled_from(["utilization", "EC2", "micro", 'MetricName="CPUUtilization"', "PodName=service", "nothing"])


def nested(inner):
    return (
        st.tuples(st.just("NOT"), inner)
        | st.tuples(st.just("AND"), inner, inner)
        | st.tuples(st.just("OR"), inner, inner)
        | st.tuples(st.just(" "), inner, inner)
    )


def written(tree):
    if isinstance(tree, str):
        return tree
    sign, *parts = tree
    if sign == "NOT":
        return f"NOT ({written(parts[0])})"
    return f"({written(parts[0])}) {sign} ({written(parts[1])})"


def holds(tree, metric):
    if isinstance(tree, str):
        return parse_search(tree)(metric)
    sign, *parts = tree
    values = [holds(part, metric) for part in parts]
    return not values[0] if sign == "NOT" else any(values) if sign == "OR" else all(values)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tree=st.recursive(TERMS, nested, max_leaves=8))
def test_operators_are_what_they_say(tree):
    is_found = parse_search(written(tree))
    assert [is_found(metric) for metric in METRICS] == [holds(tree, metric) for metric in METRICS]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(search=st.text('aB1 {}()"\\,=-NOTANDOR', max_size=30) | st.text(max_size=20))
def test_any_text_is_read_or_refused(search):
    try:
        is_found = parse_search(search)
    except ValidationError:
        return
    for metric in METRICS:
        is_found(metric)
