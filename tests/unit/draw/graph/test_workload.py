from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from refapp.draw.graph.workload import metrics
from refapp.query.mesh.workload import COLUMNS, WorkloadDetail

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def frame(*rows):
    moments = [NOW - timedelta(seconds=10 * number) for number in range(5)]
    return pd.DataFrame([(moment, *row) for moment in moments for row in rows], columns=list(COLUMNS))


@pytest.fixture
def detail():
    rates = [
        ("requests", peer, code, "rate", value)
        for peer, code, value in (("b", "0", 3.0), ("b", "14", 0.5), ("c", "0", 2.0))
    ]
    times = [("duration", "", "", stat, 10.0 * n) for n, stat in enumerate(("average", "p50", "p95", "p99"), 1)]
    tcp = [("tcp sent", "mongodb", "", "rate", 5000.0)]
    return WorkloadDetail(name="a", namespace="dev", inbound=frame(*rates, *times), outbound=frame(*tcp))


def panels(figure):
    return {axes.get_title(loc="left"): axes for axes in figure.axes if axes.get_title(loc="left")}


def test_a_panel_for_each_metric_that_there_is(detail):
    assert set(panels(metrics(detail))) == {"Request volume", "Request duration"}
    assert set(panels(metrics(detail, "outbound"))) == {"TCP sent"}


def test_requests_have_a_line_for_each_other_end_and_show_failures(detail):
    axes = panels(metrics(detail))["Request volume"]
    lines = {line.get_label(): line.get_ydata() for line in axes.lines}
    assert {name: list(values) for name, values in lines.items()} == {"b": [3.5] * 5, "c": [2.0] * 5}
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["b", "c", "failed"]


def test_durations_have_four_lines_that_differ_in_more_than_colour(detail):
    lines = panels(metrics(detail))["Request duration"].lines
    assert [line.get_ydata()[0] for line in lines] == [10.0, 20.0, 30.0, 40.0]
    assert len({line.get_linestyle() for line in lines}) == 4


def test_time_is_in_seconds_before_the_end(detail):
    assert list(panels(metrics(detail, "outbound"))["TCP sent"].lines[0].get_xdata()) == [-40, -30, -20, -10, 0]


def test_nothing_is_cut_off(detail):
    for direction in ("inbound", "outbound"):
        for axes in panels(metrics(detail, direction)).values():
            highest = max(line.get_ydata().max() for line in axes.lines)
            assert axes.get_ylim()[0] == 0
            assert axes.get_ylim()[1] > highest


def test_figures_are_on_the_page(detail, off_page):
    assert off_page(metrics(detail)) == []


def test_wrong_arguments_are_refused(detail):
    with pytest.raises(ValueError, match="not 'sideways'"):
        metrics(detail, "sideways")
    empty = WorkloadDetail(name="a", namespace="dev", inbound=frame(), outbound=frame())
    with pytest.raises(ValueError, match="a has no inbound traffic"):
        metrics(empty)
