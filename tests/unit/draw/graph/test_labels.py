from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refapp.draw.graph.labels import Text, amount, milliseconds, percent, places, text_of
from refapp.draw.routes import Box
from refapp.query.mesh.graph import Edge, ResponseTimes

EDGE = Edge(
    source="a",
    target="b",
    protocol="grpc",
    rate=3.02,
    errors=0.151,
    share=0.5,
    times=ResponseTimes(p95=23.6),
    throughput=1560.0,
    mtls=1.0,
)
TCP = Edge(source="a", target="b", protocol="tcp", rate=4775.3)


@pytest.mark.parametrize(
    ("edge", "labels", "lines"),
    [
        (EDGE, ["rate"], ("3.02", "5%")),
        (replace(EDGE, errors=0.0), ["rate"], ("3.02",)),
        (replace(EDGE, rate=3.0, errors=1.0), ["rate"], ("3.00", "33%")),
        (replace(EDGE, rate=3.0, errors=0.296), ["rate"], ("3.00", "9.9%")),
        (EDGE, ["share"], ("50%",)),
        (EDGE, ["response time"], ("24ms",)),
        (replace(EDGE, times=ResponseTimes(average=0.4)), ["response time"], ("<1ms",)),
        (replace(EDGE, times=ResponseTimes()), ["response time"], ()),
        (EDGE, ["throughput"], ("1.56k", "B/s")),
        (EDGE, ["share", "rate"], ("50%", "3.02", "5%")),
        (TCP, ["rate"], ("4.78k", "B/s")),
        (TCP, ["throughput"], ("4.78k", "B/s")),
        (TCP, ["rate", "throughput"], ("4.78k", "B/s")),
        (TCP, ["share"], ()),
        (replace(EDGE, rate=0.0, errors=0.0), ["rate", "share"], ()),
        (EDGE, [], ()),
    ],
)
def test_what_is_written(edge, labels, lines):
    assert text_of(edge, labels).lines == lines


def test_units_are_beside_their_numbers_where_there_is_room():
    assert text_of(EDGE, ["response time", "throughput"], wide=True).lines == ("24ms", "1.56k B/s")


@pytest.mark.parametrize(
    ("mtls", "lock", "lines"),
    [(1.0, True, ()), (0.996, True, ()), (0.8, False, ("80%",)), (0.0, None, ()), (None, None, ())],
)
def test_a_padlock_tells_mutual_tls(mtls, lock, lines):
    edge = replace(EDGE, mtls=mtls)
    assert text_of(edge, [], security=True) == Text(lines, lock)
    assert text_of(edge, []).lock is None


@pytest.mark.parametrize(
    ("write", "value", "text"),
    [
        (amount, 0.123, "0.12"),
        (amount, 12.34, "12.3"),
        (amount, 999.0, "999"),
        (amount, 4775.3, "4.78k"),
        (amount, 2.5e6, "2.5M"),
        (amount, 3e9, "3G"),
        (percent, 0.333, "33.3%"),
        (percent, 1.0, "100%"),
        (percent, 0.0, "0%"),
        (percent, 0.0002, "<0.1%"),
        (milliseconds, 1234.0, "1.23s"),
        (milliseconds, 12.4, "12ms"),
    ],
)
def test_numbers(write, value, text):
    assert write(value) == text


def test_a_label_stands_at_the_middle_of_its_line():
    line = np.column_stack((np.linspace(0, 4, 50), np.full(50, 1.0)))
    found, more = places({"e": line}, {"e": Text(("1.00",))}, [], Box((2, 1), 4, 2))
    assert found["e"].centre == pytest.approx((2, 1), abs=0.05)
    assert more == 0


COORDINATE = st.floats(0.2, 3.8)
LINES = st.lists(st.tuples(COORDINATE, COORDINATE, COORDINATE, COORDINATE), min_size=1, max_size=14)


@settings(deadline=None, max_examples=40)
@given(LINES, st.lists(st.tuples(COORDINATE, COORDINATE), max_size=8))
def test_labels_never_touch_each_other_or_an_obstacle(ends, obstacles):
    t = np.linspace(0, 1, 30)[:, None]
    lines = {str(n): (1 - t) * np.array(end[:2]) + t * np.array(end[2:]) for n, end in enumerate(ends)}
    boxes = [Box(at, 0.5, 0.5) for at in obstacles]
    texts = dict.fromkeys(lines, Text(("12.34", "5.6%"), lock=True))
    found, more = places(lines, texts, boxes, Box((2, 2), 4, 4))
    assert set(found) == set(lines)
    placed = [*boxes, *found.values()]
    for number, one in enumerate(placed):
        for other in placed[:number]:
            if one in found.values() or other in found.values():
                assert one.overlap(other) < 1e-6
    for box in found.values():
        assert box.centre[1] + box.height / 2 <= 4 + more + 1e-9
