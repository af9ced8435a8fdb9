from dataclasses import replace
from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.deploy.target import ContainerLine
from refapp.query.logs import Logs, parse
from refapp.services.logs import LEVELS

RECEIVED = "2026-11-23T05:00:00.123456789Z"


def container_line(text, *, pod="service-a-x-y", time=RECEIVED, stream="stdout"):
    workload = pod.rsplit("-", 2)[0]
    return ContainerLine(pod=pod, workload=workload, container=workload, time=time, stream=stream, text=text)


def service_line(msg, *, level="info", time="2026-11-23T05:00:00Z", pod="service-a-x-y", **fields):
    record = {"time": time, "level": level, "msg": msg, "service": "service-a", "pod": pod, **fields}
    return container_line(orjson.dumps(record).decode(), pod=pod)


class Recorded:
    """A target whose pods have written certain lines; None is a moment without news."""

    def __init__(self, *lines):
        self._lines = lines

    def log_lines(self, *, of=None, follow=False):
        return iter([line for line in self._lines if (of in (None, line.pod, line.workload) if line else follow)])


def test_line_of_a_service():
    line = parse(service_line("greeting served", level="debug", duration_ms=1.5))
    assert (line.level, line.msg, line.fields) == ("debug", "greeting served", {"duration_ms": 1.5})
    assert line.time == datetime(2026, 11, 23, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("severity", "level"), [("I", "info"), ("W", "warning"), ("E", "error"), ("F", "fatal"), ("D1", "debug")]
)
def test_line_of_mongodb(severity, level):
    record = {
        "t": {"$date": "2026-11-23T05:16:32.125+00:00"},
        "s": severity,
        "msg": "Shutting down",
        "attr": {"exitCode": 0},
    }
    line = parse(container_line(orjson.dumps(record).decode()))
    assert (line.level, line.msg, line.fields) == (level, "Shutting down", {"exitCode": 0})
    assert line.time == datetime(2026, 11, 23, 5, 16, 32, 125000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "level"), [("info", "info"), ("warning", "warning"), ("critical", "fatal"), ("notice", "info")]
)
def test_line_of_rabbitmq(written, level):
    line = parse(container_line(f"2026-11-23 05:16:04.9+00:00 [{written}] <0.620.0> Message store stopped"))
    assert (line.level, line.msg) == (level, "Message store stopped")


def test_any_other_line_has_the_time_it_was_received():
    line = parse(container_line("Traceback (most recent call last):", stream="stderr"))
    assert (line.level, line.msg) == ("error", "Traceback (most recent call last):")
    assert line.time == datetime(2026, 11, 23, 5, 0, 0, 123456, tzinfo=UTC)


@given(
    st.one_of(
        st.text(),
        st.recursive(
            st.none() | st.booleans() | st.text(),
            lambda x: st.dictionaries(st.sampled_from(["s", "msg", "level", "t", "attr", "time"]), x),
        ).map(lambda v: orjson.dumps(v).decode()),
    )
)
def test_no_line_is_too_odd(text):
    line = parse(container_line(text))
    assert line.text == text
    assert line.level in LEVELS


def test_lines_of_all_pods_are_merged_by_time():
    target = Recorded(
        service_line("third", time="2026-11-23T05:00:03Z", pod="service-a-x-y"),
        service_line("first", time="2026-11-23T05:00:01Z", pod="service-b-x-y"),
        service_line("second", time="2026-11-23T05:00:02Z", pod="service-c-x-y"),
    )
    assert [line.msg for line in Logs(target).lines()] == ["first", "second", "third"]


def test_selection():
    target = Recorded(
        service_line("a", level="error", time="2026-11-23T05:00:01Z"),
        service_line("b", level="info", time="2026-11-23T05:00:02Z"),
        service_line("c", level="panic", time="2026-11-23T05:00:03Z", pod="service-b-x-y"),
    )
    logs = Logs(target)
    assert [line.msg for line in logs.lines(level="error")] == ["a", "c"]
    assert [line.msg for line in logs.lines(workload="service-a")] == ["a", "b"]
    assert [line.msg for line in logs.lines(pod="service-b-x-y")] == ["c"]
    assert [line.msg for line in logs.lines(contains='"msg":"b"')] == ["b"]
    assert [line.msg for line in logs.lines(since=datetime(2026, 11, 23, 5, 0, 2, tzinfo=UTC))] == ["b", "c"]


def test_line_that_was_received_long_before_is_passed_over_unread():
    line = replace(service_line("late", time="2026-11-23T06:00:00Z"), time="2026-11-23T04:58:59.999999999Z")
    since = datetime(2026, 11, 23, 5, tzinfo=UTC)
    assert Logs(Recorded(line)).lines(since=since) == []
    assert len(Logs(Recorded(replace(line, time="2026-11-23T04:59:00.5Z"))).lines(since=since)) == 1
    # In another zone than UTC it cannot be compared as a text.
    assert len(Logs(Recorded(replace(line, time="2026-11-23T04:00:00.5+00:00"))).lines(since=since)) == 1


def test_unknown_level_names_the_seven():
    with pytest.raises(ValueError, match="trace, debug, info, warning, error, fatal, panic"):
        Logs(Recorded()).lines(level="loud")


def test_follow_orders_what_came_together():
    target = Recorded(
        service_line("2", time="2026-11-23T05:00:02Z"),
        service_line("1", time="2026-11-23T05:00:01Z"),
        None,
        service_line("3", time="2026-11-23T05:00:03Z"),
        None,
    )
    assert [line.msg for line in Logs(target).follow()] == ["1", "2", "3"]


def test_frame_has_a_column_a_field():
    frame = Logs(Recorded(service_line("served", duration_ms=1.5), service_line("failed", code="UNAVAILABLE"))).frame()
    assert list(frame.columns) == ["time", "level", "workload", "pod", "msg", "duration_ms", "code"]
    assert str(frame["time"].dt.tz) == "UTC"


def test_frame_of_nothing_has_its_columns():
    frame = Logs(Recorded()).frame()
    assert list(frame.columns) == ["time", "level", "workload", "pod", "msg"]
    assert frame.empty


REQUEST = {
    "start_time": "2026-11-23T05:00:00.5Z",
    "method": "POST",
    "path": "/greeting.v3.GreetingService/Greeting",
    "response_code": 200,
    "grpc_status": "OK",
    "upstream_cluster": "outbound|service-b.dev.svc.cluster.local",
    "downstream_peer": None,
}


def sidecar_line(pod="service-a-x-y", **fields):
    line = container_line(orjson.dumps(REQUEST | fields).decode(), pod=pod)
    return replace(line, container="istio-proxy")


@pytest.mark.parametrize(
    ("fields", "level"),
    [({}, "info"), ({"response_code": 503}, "error"), ({"grpc_status": "Unavailable"}, "error")],
)
def test_line_of_a_sidecar(fields, level):
    line = parse(sidecar_line(**fields))
    assert line.level == level
    assert line.msg == f"POST /greeting.v3.GreetingService/Greeting {fields.get('response_code', 200)}"
    assert "downstream_peer" not in line.fields


def test_line_of_a_connection_that_ended():
    text = orjson.dumps({"upstream_cluster": "outbound|mongodb", "bytes_sent": 3, "start_time": "x"}).decode()
    line = parse(replace(container_line(text), container="istio-proxy"))
    assert (line.level, line.msg) == ("info", "connection to outbound|mongodb ended")


def test_lines_of_sidecars_are_shown_when_asked_for():
    ingress = sidecar_line(pod="istio-ingressgateway-x-y")
    logs = Logs(Recorded(service_line("own"), sidecar_line(), ingress))

    def containers(**selection):
        return sorted((line.workload, line.container) for line in logs.lines(**selection))

    own, sidecar = ("service-a", "service-a"), ("service-a", "istio-proxy")
    edge = ("istio-ingressgateway", "istio-proxy")
    assert containers() == [edge, own]
    assert containers(container="istio-proxy") == [edge, sidecar]
    assert containers(container="*") == sorted([edge, own, sidecar])
    assert containers(container="service-a") == [own]
