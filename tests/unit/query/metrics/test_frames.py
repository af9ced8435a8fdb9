import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.query.metrics import frames
from refapp.query.metrics.frames import Result

START = datetime(2026, 11, 23, 5, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LABELS = st.dictionaries(st.sampled_from(["__name__", "a", "b", "c", "d"]), st.sampled_from(["", "x", "y"]))


def vector(*items):
    return Result("vector", [{"metric": labels, "value": [START.timestamp(), value]} for labels, value in items])


def matrix(*items):
    """Series of labels and values, one each second; None where there is none."""
    moments = [START.timestamp() + number for number in range(100)]
    return Result(
        "matrix",
        [
            {"metric": labels, "values": [[t, v] for t, v in zip(moments, values, strict=False) if v is not None]}
            for labels, values in items
        ],
    )


def test_a_row_a_series():
    frame = frames.instant(
        vector(({"__name__": "up", "pod": "b", "job": "j"}, "1"), ({"__name__": "up", "pod": "a"}, "0"))
    )
    assert frame.to_dict("list") == {
        "__name__": ["up", "up"],
        "job": ["j", ""],
        "pod": ["b", "a"],
        "value": [1.0, 0.0],
    }


def test_odd_numbers():
    values = frames.instant(vector(*(({"n": text}, text) for text in ("NaN", "+Inf", "-Inf"))))["value"]
    assert math.isnan(values[0])
    assert list(values[1:]) == [math.inf, -math.inf]


def test_nothing():
    frame = frames.instant(vector())
    assert (list(frame.columns), len(frame), frame["value"].dtype) == (["value"], 0, np.float64)


@pytest.mark.parametrize(("kind", "value", "expected"), [("scalar", "1.5", 1.5), ("string", "text", "text")])
def test_no_vector(kind, value, expected):
    assert frames.instant(Result(kind, [START.timestamp(), value])).to_dict("list") == {"value": [expected]}


def test_a_range_vector_has_a_row_a_sample():
    frame = frames.instant(matrix(({"pod": "a"}, ["1", "2"]), ({"pod": "b"}, ["3"])))
    assert list(frame["pod"]) == ["a", "a", "b"]
    assert list(frame["time"]) == [pd.Timestamp(START), pd.Timestamp(START + SECOND), pd.Timestamp(START)]


def test_a_label_hides_nothing():
    frame = frames.samples(vector(({"time": "t", "value": "v"}, "1")))
    assert list(frame.columns) == ["exported_time", "exported_value", "time", "value"]
    assert frame["value"].tolist() == [1.0]


def test_a_column_a_series():
    result = matrix(({"pod": "a"}, ["1", None, "3"]), ({"pod": "b"}, ["4", "NaN", "+Inf"]))
    frame = frames.over_time(result, START, START + 2 * SECOND, SECOND, expr="x")
    assert list(frame.columns) == ["a", "b"]
    assert (frame.columns.name, frame.index.name, str(frame.index.tz)) == ("pod", "time", "UTC")
    assert list(frame.index) == [pd.Timestamp(START + number * SECOND) for number in range(3)]
    assert frame["a"].isna().tolist() == [False, True, False]
    assert frame["b"].tolist()[2] == math.inf
    assert frame.attrs == {"expr": "x", "step": 1.0, "series": [{"pod": "a"}, {"pod": "b"}]}


def test_no_series_over_time():
    frame = frames.over_time(matrix(), START, START + SECOND, SECOND)
    assert frame.shape == (2, 0)


def test_it_can_be_drawn_and_kept():
    frame = frames.over_time(matrix(({"pod": "a"}, ["1", "2"])), START, START + SECOND, SECOND)
    assert frame.copy().attrs == frame.attrs
    assert frame.rolling(2).mean()["a"].iloc[-1] == 1.5


@pytest.mark.parametrize(
    ("series", "names"),
    [
        ([{}], ["sum(x)"]),
        ([{"__name__": "up", "a": "1", "b": "2"}], ["up"]),
        ([{"a": "1", "b": "2"}], ["sum(x)"]),
        ([{"pod": "p"}], ["p"]),
        ([{"pod": "p"}, {"pod": "q"}, {}], ["p", "q", "(none)"]),
        ([{"ns": "dev", "pod": "p"}, {"ns": "dev", "pod": "q"}], ["p", "q"]),
        ([{"a": "1", "b": "1"}, {"a": "1", "b": "2"}, {"a": "2", "b": "1"}], ["a=1, b=1", "a=1, b=2", "a=2, b=1"]),
        ([{"__name__": "x"}, {"__name__": "y"}], ["x", "y"]),
        # Of many labels only as many as are needed.
        (
            [{"a": "1", "b": "1", "c": "1", "d": "1"}, {"a": "2", "b": "2", "c": "2", "d": "2"}],
            ["1", "2"],
        ),
        (
            [{"a": n, "b": n, "c": c, "d": ""} for n in "12" for c in "34"],
            ["a=1, c=3", "a=1, c=4", "a=2, c=3", "a=2, c=4"],
        ),
    ],
)
def test_names(series, names):
    assert frames.names(series, "sum(x)") == names


@given(st.lists(LABELS, min_size=2, unique_by=lambda labels: tuple(sorted((k, v) for k, v in labels.items() if v))))
def test_names_tell_series_apart(series):
    assert len(set(frames.names(series))) == len(series)


@given(st.lists(LABELS))
def test_labels_are_all_there(series):
    frame = frames.labels_frame(series)
    assert frame.to_dict("records") == [{name: labels.get(name, "") for name in frame} for labels in series]


def test_moments():
    assert frames.moment("2026-11-23T06:00:00.123456789+01:00") == START.replace(microsecond=123456)
    assert frames.moment("0001-01-01T00:00:00Z") is None
    assert frames.moment("") is None
