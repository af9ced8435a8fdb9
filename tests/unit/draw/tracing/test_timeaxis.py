import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refapp.draw.sheet import sheet
from refapp.draw.tracing.timeaxis import Place, time_axes

PLACE = Place(left=2, top=0.5, row=0.2, end=0.6)


def axes_of(duration):
    figure, _ = sheet(0.5 + 0.2 * 5 + 0.1)
    return figure, time_axes(figure, duration, 5, PLACE)


def test_a_row_and_the_end_of_the_trace_are_where_they_belong():
    figure, axes = axes_of(8000)
    x, y = axes.transData.transform((8000, 2)) / figure.dpi
    assert (x, figure.get_figheight() - y) == pytest.approx((6.0, 0.5 + 2.5 * 0.2))


def test_ticks_are_in_the_unit_of_the_duration():
    _, axes = axes_of(8124)
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0", "2 ms", "4 ms", "6 ms", "8 ms"]
    assert list(axes.get_xticks()) == [0, 2000, 4000, 6000, 8000]


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**10))
def test_there_are_a_few_ticks_within_the_trace(duration):
    _, axes = axes_of(duration)
    assert 2 <= len(axes.get_xticks()) <= 7
    assert max(axes.get_xticks()) <= max(duration, 1)
