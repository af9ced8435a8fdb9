import numpy as np
import pytest

from refapp.draw.dashboards.fields import Field
from refapp.draw.dashboards.stacking import stacked
from refapp.draw.dashboards.strokes import Stroke


def stroke(values, mode="normal", **custom):
    field = Field(custom={"stacking": {"mode": mode}, **custom})
    return Stroke(
        name="x",
        times=np.arange(len(values), dtype=float),
        values=np.array(values, dtype=float),
        field=field,
        colour="#000",
    )


def tops(strokes):
    return [None if one.top is None else one.top.tolist() for one in strokes]


def test_each_stands_on_those_before_it_and_a_gap_counts_as_nothing():
    found = stacked([stroke([1, 2]), stroke([3, np.nan])])
    assert tops(found) == [[1, 2], [4, 2]]
    assert found[1].base.tolist() == [1, 2]


def test_what_is_negative_goes_down():
    assert tops(stacked([stroke([1, 1]), stroke([-1, -2]), stroke([2, 2]), stroke([-1, -1])])) == [
        [1, 1],
        [-1, -2],
        [3, 3],
        [-2, -3],
    ]


def test_shares_of_the_sum():
    found = stacked([stroke([1, 0], "percent"), stroke([3, 0], "percent")])
    assert tops(found) == [[0.25, 0], [1, 0]]
    assert all(one.percent for one in found)


def test_only_those_of_a_group_are_stacked():
    found = stacked([stroke([1]), stroke([2], "none"), stroke([3], axisPlacement="right"), stroke([4])])
    assert tops(found) == [[1], None, [3], [5]]
    assert stacked([]) == []


def test_series_of_other_lengths_are_left_aside():
    assert tops(stacked([stroke([1, 1]), stroke([1])])) == [[1, 1], None]


def test_values_stay_those_of_the_series():
    assert stacked([stroke([1]), stroke([3])])[1].values == pytest.approx([3])
