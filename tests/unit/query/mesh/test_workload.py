from datetime import timedelta

import pandas as pd
import pytest

from refapp.query.mesh.workload import COLUMNS, METRICS, measure, own

STEP = timedelta(seconds=10)


@pytest.fixture
def measured(small, now):
    def measured(direction, name, prometheus=small):
        return measure(prometheus, direction, ("dev", name), (now - STEP, now, STEP), timedelta(minutes=1))

    return measured


def stats(frame, metric):
    return frame[frame["metric"] == metric].groupby("stat")["value"].max().to_dict()


def test_what_goes_in_is_what_the_workload_itself_reports(measured, small):
    frame = measured("inbound", "one")
    assert list(frame.columns) == list(COLUMNS)
    requests = frame[frame["metric"] == "requests"]
    assert requests[["peer", "code", "stat", "value"]].to_numpy().tolist() == [["front", "0", "rate", 2.0]] * 2
    assert all('reporter="destination"' in expr and 'destination_workload="one"' in expr for expr in small.asked[-9:])


def test_durations_have_an_average_and_quantiles(measured):
    frame = measured("inbound", "one")
    assert stats(frame, "duration") == {"average": 10.0, "p50": 10.0, "p95": 23.5, "p99": pytest.approx(24.7)}
    assert stats(frame, "request size")["average"] == 150.0


def test_what_goes_out_to_stores_is_bytes(measured):
    frame = measured("outbound", "two")
    assert set(frame["metric"]) == {"tcp sent", "tcp received"}
    sent = frame[frame["metric"] == "tcp sent"]
    assert sent.groupby("peer")["value"].max().to_dict() == {"mongodb": 100.0, "rabbitmq": 100.0}
    assert stats(frame, "tcp received") == {"rate": 40.0}


def test_metrics_come_in_their_order(measured):
    order = list(dict.fromkeys(measured("inbound", "one")["metric"]))
    assert order == [name for name in METRICS if name in order]


def test_series_that_differ_in_nothing_that_is_told_are_added(measured, prometheus, labels):
    series = [
        ("istio_requests_total", labels("front", "one", **more), 1.0)
        for more in ({}, {"response_flags": "DC"}, {"response_code": "0"}, {"grpc_response_status": "14"})
    ]
    frame = measured("inbound", "one", prometheus(*series))
    assert frame.groupby("code")["value"].max().to_dict() == {"0": 2.0, "-": 1.0, "14": 1.0}


def test_a_workload_without_traffic_has_an_empty_frame(measured):
    frame = measured("inbound", "nobody")
    assert frame.empty
    assert list(frame.columns) == list(COLUMNS)


def test_the_rows_of_a_workload():
    frame = pd.DataFrame({"workload": ["a", "b", "a"], "x": [1, 2, 3]})
    assert own(frame, "a")["x"].tolist() == [1, 3]
    assert own(None, "a") is None
