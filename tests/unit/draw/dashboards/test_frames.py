import numpy as np

from refapp.draw.dashboards.frames import Frame, Kind, empty, numbers, series, texts, times


def test_a_series_has_its_times_and_its_values_by_its_title():
    frame = series({"a": "1"}, np.array([1.0, 2.0]), np.array([3.0, 4.0]), title="x")
    assert (len(frame), frame.name, frame.time.name) == (2, "x", "Time")
    assert frame.column("x") is frame.column("Value")
    assert frame.of(Kind.NUMBER)[0].labels == {"a": "1"}


def test_a_title_is_looked_for_before_a_name():
    frame = Frame(columns=(numbers("a", [1], title="b"), numbers("b", [2])))
    assert frame.column("b").name == "a"
    assert frame.column("c") is None


def test_rows_are_taken():
    frame = Frame(columns=(times([1, 2, 3]), texts("t", ["x", None, "z"]))).take(np.array([2, 0]))
    assert [list(column.values) for column in frame.columns] == [[3, 1], ["z", "x"]]


def test_nothing_is_written_by_kind():
    assert empty(texts("t", [])) is None
    assert np.isnan(empty(numbers("n", [])))
    assert len(Frame(columns=())) == 0
