from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refapp.query.cloudwatch.frames import events, moments, results


def rows(*found):
    return [[{"field": name, "value": value} for name, value in row.items()] for row in found]


def test_times_numbers_and_texts_have_their_types():
    row = {
        "@timestamp": "2026-03-01 12:00:00.123",
        "bin(5m)": "2026-03-01 12:00:00.000",
        "count(*)": "12",
        "avg(x)": "1.5",
        "name": "service-a",
        "@ptr": "12",
    }
    frame = results(rows(row))
    assert list(frame.columns) == list(row)
    assert frame["@timestamp"].iloc[0] == datetime(2026, 3, 1, 12, 0, 0, 123_000, UTC)
    assert frame["bin(5m)"].iloc[0] == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert (frame["count(*)"].dtype, frame["count(*)"].iloc[0]) == (np.int64, 12)
    assert (frame["avg(x)"].dtype, frame["avg(x)"].iloc[0]) == (np.float64, 1.5)
    assert list(frame[["name", "@ptr"]].iloc[0]) == ["service-a", "12"]


@pytest.mark.parametrize(
    "text", ["007", "1234567890123456789", "0x1f", "1,5", "", "NaN", "1.", "2026-03-01", "+1", "1e5x"]
)
def test_what_only_looks_like_a_number_or_a_time_stays_a_text(text):
    assert results(rows({"a": text}))["a"].tolist() == [text]


def test_messages_stay_texts_whatever_they_look_like():
    frame = results(rows({"@message": "12", "@logStream": "3", "@log": "4"}))
    assert frame.iloc[0].tolist() == ["12", "3", "4"]


def test_one_text_among_numbers_makes_all_of_them_texts():
    assert results(rows({"a": "1"}, {"a": "x"}))["a"].tolist() == ["1", "x"]


def test_whole_numbers_and_others_are_numbers_together():
    assert results(rows({"a": "1"}, {"a": "2.5E-1"}, {"a": "-3"}))["a"].tolist() == [1, 0.25, -3]


def test_what_a_row_lacks_is_missing_in_the_way_of_its_column():
    frame = results(
        rows({"t": "2026-03-01 12:00:00.000", "n": "1", "x": "0.5", "s": "a"}, {"k": "1"}, {"n": "9007199254740993"})
    )
    assert frame["t"].isna().tolist() == [False, True, True]
    assert frame["n"].tolist()[0::2] == [1, 9007199254740993]
    assert pd.isna(frame["n"][1])
    assert np.isnan(frame["x"][1])
    assert pd.isna(frame["s"][1])


def test_a_column_that_a_row_lacks_keeps_its_place():
    frame = results(
        rows({"a": "1", "c": "1", "@ptr": "p"}, {"a": "1", "b": "1", "c": "1", "@ptr": "p"}, {"z": "1", "a": "1"})
    )
    assert list(frame.columns) == ["z", "a", "b", "c", "@ptr"]


def test_no_rows_make_an_empty_frame():
    assert results([]).shape == (0, 0)


@given(
    st.lists(st.dictionaries(st.sampled_from("abcd"), st.sampled_from(["1", "x", "0.5", "2026-03-01 12:00:00.000"])))
)
def test_every_value_is_where_it_belongs(found):
    frame = results(rows(*found))
    assert len(frame) == len(found)
    for place, row in enumerate(found):
        for name in frame.columns:
            value = frame[name].iloc[place]
            assert pd.isna(value) == (name not in row)
            if name in row:
                wanted = row[name]
                assert str(value) in (wanted, f"{wanted}.0", "2026-03-01 12:00:00+00:00") or float(value) == float(
                    wanted
                )


def test_times_may_be_missing():
    found = moments([0, None, 1500])
    assert found.isna().tolist() == [False, True, False]
    assert found.iloc[2] == datetime(1970, 1, 1, 0, 0, 1, 500_000, UTC)
    assert str(moments([]).dtype.tz) == "UTC"


def test_events_have_a_row_each():
    event = {"timestamp": 1000, "message": "m", "ingestionTime": 2000, "logStreamName": "s", "eventId": "e"}
    frame = events([event])
    assert list(frame.columns) == ["timestamp", "stream", "message", "ingestion", "id"]
    assert frame.iloc[0].tolist() == [
        pd.Timestamp(1, unit="s", tz="UTC"),
        "s",
        "m",
        pd.Timestamp(2, unit="s", tz="UTC"),
        "e",
    ]


def test_events_of_one_stream_are_told_without_its_name():
    frame = events([{"timestamp": 1000, "message": "m", "ingestionTime": 2000}], "s")
    assert list(frame.columns) == ["timestamp", "stream", "message", "ingestion"]
    assert frame["stream"].tolist() == ["s"]


@pytest.mark.parametrize("stream", [None, "s"])
def test_no_events_make_a_frame_with_columns(stream):
    frame = events([], stream)
    assert str(frame["timestamp"].dtype.tz) == "UTC"
    assert {"timestamp", "stream", "message", "ingestion"} <= set(frame.columns)
