from io import StringIO

import numpy as np
import pandas as pd
import pytest

from refapp.draw import load
from refapp.exercise.load import LoadReport

LIGHT = LoadReport(requests=101, duration=2.0, latencies=tuple(np.linspace(5, 10, 101)), errors={})
HEAVY = LoadReport(requests=103, duration=0.5, latencies=tuple(np.linspace(40, 90, 101)), errors={"503": 2})


def svg(figure):
    out = StringIO()
    figure.savefig(out, format="svg")
    return out.getvalue()


def legend(figure):
    (entries,) = figure.legends
    return [text.get_text() for text in entries.get_texts()]


def bars(axes):
    """The heights of the bars by series, in the order of the legend."""
    return [[bar.get_height() for bar in series] for series in axes.containers]


def test_latencies_mark_the_quantiles_of_each_load():
    figure = load.latencies({"1 user": LIGHT, "15 users": HEAVY})
    (axes,) = figure.axes
    marks = [tuple(points.get_offsets().data[0]) for points in axes.collections]
    expected = [(report.quantile(q), q) for report in (LIGHT, HEAVY) for q in (0.5, 0.9, 0.99)]
    assert marks == [pytest.approx(mark) for mark in expected]
    assert [text.get_text() for text in axes.texts] == [
        "p50  7.5",
        "p90  9.5",
        "p99  9.95",
        "p50  65",
        "p90  85",
        "p99  89.5",
    ]
    assert svg(figure)


def test_latencies_are_cumulative():
    (axes,) = load.latencies({"1 user": LIGHT}).axes
    (line,) = axes.lines
    assert line.get_ydata()[-1] == 1
    assert line.get_xdata()[-1] == 10


def test_latencies_name_rate_and_failures():
    figure = load.latencies({"1 user": LIGHT, "15 users": HEAVY})
    assert legend(figure) == ["1 user: 50 requests/s, 0 failed", "15 users: 206 requests/s, 2 failed"]


def test_latencies_of_a_load_without_an_answer_have_no_curve():
    nothing = LoadReport(requests=3, duration=1.0, latencies=(), errors={"503": 3})
    (axes,) = load.latencies({"nothing": nothing, "1 user": LIGHT}).axes
    assert len(axes.lines) == 1


def test_answers_are_counted_by_tenths_of_a_second():
    frame = pd.DataFrame({"seconds": [0.01, 0.05, 0.15, 0.25, 0.26], "status": [200, 503, 503, 200, 200]})
    figure = load.answers(frame, {})
    assert bars(figure.axes[0]) == [[1, 0, 2], [1, 1, 0]]
    assert legend(figure) == ["answered with 200: 3", "failed: 2"]
    assert svg(figure)


def test_failures_stand_on_the_answers_of_the_same_moment():
    frame = pd.DataFrame({"seconds": [0.01, 0.02, 0.03], "status": [200, 200, 504]})
    served, failed = load.answers(frame, {}).axes[0].containers
    assert failed[0].get_y() == served[0].get_height() == 2


def test_answers_show_moments_by_name():
    frame = pd.DataFrame({"seconds": [0.0, 1.0], "status": [200, 200]})
    (axes,) = load.answers(frame, {"killed": 0.25, "ready again": 0.75}).axes
    assert [line.get_xdata()[0] for line in axes.lines] == [0.25, 0.75]
    assert [text.get_text() for text in axes.texts] == ["killed", "ready again"]


def test_one_answer_makes_a_figure():
    assert svg(load.answers(pd.DataFrame({"seconds": [0.0], "status": [200]}), {}))
