import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from refapp.draw.dashboards import joins
from refapp.draw.dashboards.frames import Frame, numbers, texts, times


def table(frame):
    return {column.called: [None if value != value else value for value in column.values] for column in frame.columns}  # noqa: PLR0124


def test_rows_that_agree_become_one():
    one = Frame(columns=(texts("app", ["a", "b"]), texts("ns", ["dev", "dev"]), numbers("Value #A", [1, 2])), ref="A")
    other = Frame(columns=(texts("app", ["b", "c"]), numbers("Value #B", [3, 4])), ref="B")
    (found,) = joins.merged([one, other])
    assert table(found) == {
        "app": ["a", "b", "c"],
        "ns": ["dev", "dev", None],
        "Value #A": [1, 2, None],
        "Value #B": [None, 3, 4],
    }


def test_rows_of_one_frame_stay_apart():
    one = Frame(columns=(texts("app", ["a", "a"]), numbers("Value", [1, 2])))
    (found,) = joins.merged([one])
    assert table(found) == {"app": ["a", "a"], "Value": [1, 2]}
    assert joins.merged([]) == []


def test_a_row_for_each_time():
    frames = [
        Frame(columns=(times([1, 2]), numbers("Value", [1, 2], title="a"))),
        Frame(columns=(times([2, 3]), numbers("Value", [3, 4], title="b"))),
    ]
    (found,) = joins.by_field(frames, "", "outer")
    assert table(found) == {"Time": [1, 2, 3], "a": [1, 2, None], "b": [None, 3, 4]}
    (inner,) = joins.by_field(frames, "Time", "inner")
    assert table(inner) == {"Time": [2], "a": [2], "b": [3]}


def test_a_row_for_each_label():
    frames = [
        Frame(columns=(texts("app", ["b", "a"]), numbers("x", [1, 2]))),
        Frame(columns=(texts("app", ["a"]), numbers("y", [3]))),
    ]
    (found,) = joins.by_field(frames, "app", "outer")
    assert table(found) == {"app": ["b", "a"], "x": [1, 2], "y": [None, 3]}
    assert joins.by_field(frames, "nothing", "outer") == frames


def test_groups():
    frame = Frame(columns=(texts("app", ["a", "b", "a"]), numbers("x", [1, 2, 5])))
    assert table(joins.grouped(frame, ["app"], {"x": ["sum", "max"]})) == {
        "app": ["a", "b"],
        "x (sum)": [6, 2],
        "x (max)": [5, 2],
    }
    assert joins.grouped(frame, ["gone"], {}) is frame


FRAMES = st.lists(
    st.tuples(st.lists(st.sampled_from("ab"), max_size=4), st.sampled_from("AB")).map(
        lambda one: Frame(columns=(texts("app", one[0]), numbers(f"Value #{one[1]}", range(len(one[0])))), ref=one[1])
    ),
    max_size=3,
)


@given(FRAMES)
def test_merging_loses_no_value(frames):
    found = joins.merged(frames)
    kept = [value for frame in found for column in frame.columns[1:] for value in column.values if not np.isnan(value)]
    assert {value for frame in frames for value in frame.columns[1].values} <= set(kept)
    assert len({len(column) for frame in found for column in frame.columns}) <= 1
