from io import StringIO

import pandas as pd
import pytest

from refapp.draw import wire
from refapp.exercise.wire import FASTER_RECEIVING, FASTER_SENDING


def svg(figure):
    out = StringIO()
    figure.savefig(out, format="svg")
    return out.getvalue()


@pytest.fixture
def sizes():
    rows = [("a", "Protocol Buffers", 10, 30), ("a", "JSON", 20, 25), ("a", "XML", 4000, 27)]
    return pd.DataFrame(rows + [("b", *row[1:]) for row in rows], columns=["payload", "format", "bytes", "gzip"])


@pytest.fixture
def times():
    rows = [
        (payload, codec, direction, 1e-6 * number, 2e-6 * number, 3e-6 * number)
        for number, codec in enumerate(["protobuf", "xml.etree"], 1)
        for payload in ("a", "b", "c")
        for direction in ("encode", "decode")
    ]
    return pd.DataFrame(rows, columns=["payload", "codec", "direction", "low", "median", "high"])


def test_sizes_have_a_bar_for_each_format_and_say_how_long_it_is(sizes):
    figure = wire.sizes(sizes)
    for axes in figure.axes:
        assert [bar.get_width() for bar in axes.patches] == [10, 20, 4000]
        assert [text.get_text() for text in axes.texts] == ["10", "20", "4,000"]
    assert [axes.get_title(loc="left") or axes.get_title() for axes in figure.axes] == ["a", "b"]
    assert svg(figure)


def test_times_are_drawn_in_microseconds(times):
    figure = wire.times(times)
    assert len(figure.axes) == 6
    for axes in figure.axes:
        (dots,) = [drawn for drawn in axes.collections if hasattr(drawn, "get_sizes") and len(drawn.get_sizes())]
        assert dots.get_offsets()[:, 0].tolist() == pytest.approx([2, 4])
    assert figure.axes[-1].get_xlabel() == "µs"
    assert svg(figure)


def test_roundtrips_show_each_claim_beside_its_direction(times):
    ratios = times[times["codec"] == "protobuf"].drop(columns="codec")
    ratios["direction"] = ratios["direction"].map({"encode": "send", "decode": "receive"})
    figure = wire.roundtrips(ratios, {"send": FASTER_SENDING, "receive": FASTER_RECEIVING})
    for axes, claim in zip(figure.axes, (FASTER_SENDING, FASTER_RECEIVING), strict=True):
        (band,) = axes.patches
        assert band.get_extents().intervalx[0] < band.get_extents().intervalx[1]
        assert (band.get_x(), band.get_x() + band.get_width()) == pytest.approx((claim.low, claim.high))
    assert svg(figure)
