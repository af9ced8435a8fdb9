from datetime import timedelta

import pandas as pd
import pytest

from refapp.query.mesh.telemetry import ask, duration, expression, rows


def test_a_metric_is_asked_for_in_the_three_parts_of_kiali():
    found = expression("m", ("a", "b"), ("dev", "test"), timedelta(minutes=1))
    parts = found.split(" or ")
    assert [part.startswith("sum by (a,b) (rate(m{reporter=") for part in parts] == [True] * 3
    assert 'reporter="destination",destination_workload_namespace=~"dev|test"}[60000ms]' in parts[0]
    assert 'reporter="source",source_workload_namespace=~"dev|test"}' in parts[1]
    assert 'source_workload_namespace!~"dev|test",destination_service_namespace=~"dev|test"}' in parts[2]


@pytest.mark.parametrize("name", ['a"b', "", "A", "a_b", "-a", ".*"])
def test_what_is_no_name_of_a_namespace_is_refused(name):
    with pytest.raises(ValueError, match="no name of a namespace"):
        expression("m", ("a",), (name,), timedelta(minutes=1))


def test_durations_are_exact():
    assert duration(timedelta(seconds=1.5)) == "1500ms"


def test_a_frame_gives_labels_that_are_there_and_numbers():
    frame = pd.DataFrame(
        {"__name__": "m", "a": ["x", "", None, "y"], "value": [1.0, 2.0, 3.0, float("nan")]},
    )
    assert list(rows(frame)) == [({"a": "x"}, None, 1.0), ({}, None, 2.0), ({}, None, 3.0)]
    assert list(rows(pd.DataFrame(columns=["time", "value"]))) == []


def test_all_parts_are_read_at_one_time(small, question, now):
    (found,) = ask(small, question()).items()
    assert found[0] == now
    telemetry = found[1]
    sizes = (len(telemetry.requests), len(telemetry.tcp), len(telemetry.buckets), len(telemetry.duration))
    assert (sizes, len(telemetry.bodies)) == ((4, 3, 12, 4), 4)
    assert {sample.bound for sample in telemetry.buckets} == {10.0, 25.0, float("inf")}
    assert {sample.series.protocol for sample in telemetry.tcp} == {"tcp"}
    assert {sample.value for sample in telemetry.tcp} == {100.0}


@pytest.mark.parametrize(("tcp", "values"), [("received", {40.0}), ("total", {40.0, 100.0})])
def test_other_bytes_can_be_asked_for(small, question, now, tcp, values):
    assert {sample.value for sample in ask(small, question(tcp=tcp))[now].tcp} == values


def test_a_time_without_series_is_empty(prometheus, question, now):
    found = ask(prometheus(), question())
    assert list(found) == [now]
    assert not found[now].requests


def test_many_times_take_as_many_queries_as_one(small, question, now):
    step = timedelta(seconds=10)
    found = ask(small, question(start=now - 3 * step, step=step))
    assert list(found) == [now - number * step for number in (3, 2, 1, 0)]
    assert all(len(one.requests) == 4 for one in found.values())
    assert len(small.asked) == 5


def test_times_need_not_be_asked_for(small, question):
    ask(small, question(times=False))
    assert len(small.asked) == 2
