import json

import pytest

from refapp.backends.cloudwatch.errors import InvalidParameter
from refapp.backends.cloudwatch.events.store import Event
from refapp.backends.cloudwatch.logs.transformations import read_transformation
from refapp.backends.cloudwatch.metrics.datum import Metric

BASE = {"metricName": "m", "metricNamespace": "n", "metricValue": "1"}
MINUTE = 60_000


def applied(pattern, messages, step=0, **members):
    events = [Event(MINUTE * 10 + place * step, message) for place, message in enumerate(messages)]
    data = read_transformation(pattern, BASE | members).apply(events)
    return {(datum.metric, datum.timestamp // MINUTE): dict(datum.distribution.spread) for datum in data}


PLAIN = Metric("n", "m")


def test_each_chosen_event_counts():
    assert applied("ERROR", ["ERROR", "fine", "an ERROR"]) == {(PLAIN, 10): {1.0: 2.0}}
    assert applied("ERROR", ["ERROR"], metricValue="2.5e1") == {(PLAIN, 10): {25.0: 1.0}}
    assert applied("ERROR", ["fine"]) == {}


def test_minutes_are_told_apart():
    found = applied("ERROR", ["ERROR", "ERROR", "ERROR"], step=MINUTE // 2)
    assert found == {(PLAIN, 10): {1.0: 2.0}, (PLAIN, 11): {1.0: 1.0}}


def test_other_events_give_the_default_value():
    assert applied("ERROR", ["ERROR", "fine", "fine"], defaultValue=0) == {(PLAIN, 10): {1.0: 1.0, 0.0: 2.0}}


def test_values_are_read_from_events():
    messages = [json.dumps({"latency": value}) for value in (50, 1.5, "7", "slow", None, True, 1e200)] + ["{}", "x"]
    assert applied("{ $.latency = * || $.latency NOT EXISTS }", messages, metricValue="$.latency") == {
        (PLAIN, 10): {50.0: 1.0, 1.5: 1.0, 7.0: 1.0}
    }
    assert applied("[ip, , bytes]", ["a b 12", "a b c"], metricValue="$bytes") == {(PLAIN, 10): {12.0: 1.0}}
    assert applied("[ip, , bytes]", ["a 9 12"], metricValue="$2") == {(PLAIN, 10): {9.0: 1.0}}


def test_dimensions_are_read_from_events_that_have_them():
    messages = ['{"a":{"b":"x"},"code":404}', '{"code":404}', '{"a":{"b":""},"code":200}']
    found = applied("{ $.code = * }", messages, dimensions={"B": "$.a.b", "Code": "$.code"})
    assert found == {
        (Metric.of("n", "m", [("B", "x"), ("Code", "404")]), 10): {1.0: 1.0},
        (Metric.of("n", "m", [("Code", "404")]), 10): {1.0: 1.0},
        (Metric.of("n", "m", [("Code", "200")]), 10): {1.0: 1.0},
    }


def test_the_unit_is_handed_on():
    (datum,) = read_transformation("", BASE | {"unit": "Bytes"}).apply([Event(1, "x")])
    assert datum.unit == "Bytes"
    (datum,) = read_transformation("", BASE).apply([Event(1, "x")])
    assert datum.unit == "None"


@pytest.mark.parametrize(
    ("pattern", "members", "complaint"),
    [
        ("", {"metricName": None}, "'metricName' failed"),
        ("", {"metricName": "a:b"}, "regular expression pattern"),
        ("", {"metricNamespace": "a*"}, "regular expression pattern"),
        ("", {"metricValue": "x"}, "Value 'x' at 'metricValue' .* must be a number or refer to one"),
        ("", {"metricValue": "1e999"}, "must be a number"),
        ("", {"metricValue": "$.latency"}, r"\$\.latency refers to nothing"),
        ("{ $.a = 1 }", {"metricValue": "$a"}, r"\$a is no property such as"),
        ("[a, b]", {"metricValue": "$c"}, r"none of the pattern's words: \$a, \$b"),
        ("", {"defaultValue": "0"}, "'defaultValue' failed"),
        ("", {"unit": "Furlongs"}, "'unit' failed"),
        ("", {"unit": ["Bytes"]}, "'unit' failed"),
        ("", {"dimensions": {"a": "$.a"}}, "refers to nothing"),
        ("{ $.a = 1 }", {"dimensions": {"a": "b"}}, "b is no property"),
        ("{ $.a = 1 }", {"dimensions": {"a": 1}}, "'dimensions.value' failed"),
        ("{ $.a = 1 }", {"dimensions": {":a": "$.a"}}, "'dimensions.key' failed"),
        ("{ $.a = 1 }", {"dimensions": {" ": "$.a"}}, "'dimensions.key' failed"),
        ("{ $.a = 1 }", {"dimensions": {"é": "$.a"}}, "'dimensions.key' failed"),
        ("{ $.a = 1 }", {"dimensions": dict.fromkeys("abcd", "$.a")}, "at most 3 entries"),
        ("{ $.a = 1 }", {"dimensions": {"a": "$.a"}, "defaultValue": 0}, "mutually exclusive"),
        ("{ $.a = ", {}, "Invalid filter pattern"),
        ("", {"other": 1}, "other: not supported"),
    ],
)
def test_what_is_refused(pattern, members, complaint):
    with pytest.raises(InvalidParameter, match=complaint):
        read_transformation(pattern, BASE | members)


def test_it_has_to_be_a_structure():
    with pytest.raises(InvalidParameter, match="list of one structure"):
        read_transformation("", "x")
